"""What a building does to ground and rain is its own mode and roof, and no rain is lost on the way.

With the cells of the model (open and roofs) N,
    sum(rain_weight) + sewer_cells + sum of all green roof_cells = N,
    sum of the weights of a green roof = its roof_cells,
whatever the modes and roofs. Only the order of additions differs: 1e-12 relative.
Floors follow the definition: raised = ground + raise_m, threshold = highest ground of the
footprint and of the cells around it + threshold_m, exact in float64.
"""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from flood_sim.errors import TerrainError
from flood_sim.terrain.buildings import Acting, Footprints, act, read_buildings, roof_weights
from flood_sim.terrain.grid import Grid

GRID = Grid(360_000.0, 5_680_000.0, 1.0, 20, 30, CRS.from_epsg(25832))


def town(*rows, acting):
    """Footprints from a drawing: '.' open, '#' outside, digits footprints."""
    cells = np.array([list(r) for r in rows])
    labels = np.where(np.char.isdigit(cells), cells, "0").astype(np.int32)
    ids = [f"h{k}" for k in range(1, len(acting) + 1)]
    return Footprints(labels, ids, [], (), tuple(acting)), cells == "#"


def rain_is_whole(acts, outside):
    total = acts.rain_weight.sum() + acts.sewer_cells + sum(g.roof_cells for g in acts.green)
    assert total == pytest.approx(np.count_nonzero(~outside), rel=1e-12)
    for roof in acts.green:
        assert roof.weight.sum() == pytest.approx(roof.roof_cells, rel=1e-12)
        assert not acts.blocked.ravel()[roof.cells].any()


def test_each_mode_does_to_the_ground_what_its_name_says():
    acting = [
        Acting("blocked"),
        Acting("raised", raise_m=6.0),
        Acting("threshold", threshold_m=0.2),
        Acting("passable"),
    ]
    plan, outside = town("............", ".11.22.33.44", ".11.22.33.44", "............", acting=acting)
    ground = 100 + np.add.outer(np.arange(4.0), 0.1 * np.arange(12.0))
    acts = act(plan, ground, outside)
    assert np.array_equal(acts.blocked, plan.labels == 1)
    assert np.array_equal(acts.passable, plan.labels == 4)
    floor = ground.copy()
    floor.ravel()[acts.lifted] = acts.floor_m
    assert np.array_equal(floor[plan.labels == 2], ground[plan.labels == 2] + 6.0)
    # the cells around house 3 reach down to row 3 and over to column 9
    assert np.array_equal(floor[plan.labels == 3], np.full(4, ground[3, 9] + 0.2))
    changed = (plan.labels == 2) | (plan.labels == 3)
    assert np.array_equal(floor[~changed], ground[~changed])
    rain_is_whole(acts, outside)
    assert (acts.rain_weight[plan.labels == 2] >= 1).all(), "rain runs off a raised building where it falls"
    assert not acts.rain_weight[(plan.labels == 3) | (plan.labels == 4)].any(), "no rain falls below a roof"


def test_the_highest_ground_at_a_wall_is_not_that_of_a_neighbour():
    acting = [Acting("threshold", threshold_m=0.1), Acting("blocked")]
    plan, outside = town("....", ".12.", "....", acting=acting)
    ground = np.zeros((3, 4))
    ground[1, 2] = 9.0
    assert act(plan, ground, outside).floor_m.tolist() == [0.1]


def test_roofs_go_to_the_ground_the_sewer_and_what_is_green():
    acting = [Acting(roof="ground"), Acting(roof="sewer"), Acting(roof="green", green_storage_mm=40)]
    plan, outside = town(".........", ".11.22.3.", ".........", acting=acting)
    acts = act(plan, np.zeros((3, 9)), outside)
    expected = (plan.labels == 0).astype(float)
    expected[:, :4] += (plan.labels == 0)[:, :4] * 2 / 10
    np.testing.assert_allclose(acts.rain_weight, expected, rtol=1e-14)
    assert acts.sewer_cells == 2
    (green,) = acts.green
    ring = [(r, c) for r in range(3) for c in (6, 7, 8) if (r, c) != (1, 7)]
    assert green.storage_m == 0.04 and green.roof_cells == 1
    assert sorted(green.cells.tolist()) == sorted(r * 9 + c for r, c in ring)
    np.testing.assert_allclose(green.weight, 1 / 8, rtol=1e-14)
    rain_is_whole(acts, outside)


def test_a_green_house_inside_a_block_uses_the_ring_of_the_houses_around_it():
    acting = [Acting(), Acting(), Acting(roof="green")]
    plan, outside = town("......", ".1122.", ".1322.", ".1122.", "......", acting=acting)
    acts = act(plan, np.zeros((5, 6)), outside)
    assert acts.green[0].cells.size == 18
    rain_is_whole(acts, outside)


MODES, ROOFS = ("blocked", "raised", "threshold", "passable"), ("ground", "sewer", "green")


@given(
    arrays(np.int32, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 5)),
    st.lists(
        st.tuples(st.sampled_from(MODES), st.sampled_from(ROOFS), st.sampled_from((0.0, 30.0))), min_size=5, max_size=5
    ),
    st.integers(0, 2**32 - 1),
)
def test_no_rain_is_lost_whatever_the_modes(labels, kinds, seed):
    outside = np.random.default_rng(seed).random(labels.shape) < 0.2
    acting = tuple(Acting(mode=m, roof=r, green_storage_mm=s) for m, r, s in kinds)
    plan = Footprints(labels, [f"h{k}" for k in range(5)], [], (), acting)
    sheds = np.array([False, *(a.mode != "raised" or a.roof != "ground" for a in acting)])
    if not (~sheds[labels] & ~outside).any():
        return
    acts = act(plan, np.zeros(labels.shape), outside)
    rain_is_whole(acts, outside)
    assert not acts.rain_weight[outside].any() and not acts.rain_weight[acts.blocked].any()


def test_all_blocked_is_what_it_always_was():
    labels = np.random.default_rng(5).integers(0, 4, (30, 30)).astype(np.int32)
    outside = np.zeros(labels.shape, bool)
    acts = act(Footprints(labels, ["a", "b", "c"], [], (), (Acting(),) * 3), np.zeros(labels.shape), outside)
    assert np.array_equal(acts.rain_weight, roof_weights(labels, labels == 0).weight)


def houses(folder, *rows):
    """GeoJSON of squares 4 m wide, one below the other; each row gives their properties."""
    features = []
    for k, values in enumerate(rows):
        x, y = GRID.west + 5, GRID.north - 4 * k
        ring = [[x, y], [x + 4, y], [x + 4, y - 4], [x, y - 4], [x, y]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": values, "geometry": shape})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    path = folder / "houses.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


def test_the_file_says_how_a_single_building_acts(tmp_path):
    default = Acting(mode="raised", raise_m=5.0)
    path = houses(
        tmp_path,
        {"id": "a", "Mode": None, "roof": "green", "green_storage_mm": 50},
        {"id": "b", "Mode": "Passable", "roof": None, "green_storage_mm": None},
        {"id": "c", "Mode": "", "roof": "", "green_storage_mm": None},
    )
    found = read_buildings(path, GRID, default)
    assert found.acting == (
        Acting("raised", 5.0, roof="green", green_storage_mm=50.0), Acting("passable", 5.0), default,
    )  # fmt: skip
    assert read_buildings(houses(tmp_path, {"id": "a"}), GRID).acting == (Acting(),)


def test_a_gateway_wins_over_the_house_around_it(tmp_path):
    path = houses(tmp_path, {"id": "house"}, {"id": "gate", "mode": "passable"})
    content = json.loads(path.read_text())
    content["features"][1]["geometry"]["coordinates"] = [
        [[360_006, 5_680_000], [360_007, 5_680_000], [360_007, 5_679_996], [360_006, 5_679_996], [360_006, 5_680_000]]
    ]
    path.write_text(json.dumps(content))
    labels = read_buildings(path, GRID).labels
    assert (labels[0:4, 6] == 2).all() and (labels[0:4, [5, 7, 8]] == 1).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mode": "bridge"}, ["building w7: unknown mode 'bridge'", "blocked, raised, threshold, passable"]),
        ({"roof": "gutter"}, ["building w7: unknown roof 'gutter'", "ground, sewer, green"]),
        ({"threshold_m": "15 cm"}, ["building w7: threshold_m is not a number: '15 cm'"]),
        ({"threshold_m": 15.0}, ["building w7: threshold_m is 15", "at most 5"]),
        ({"green_storage_mm": -1.0}, ["building w7: green_storage_mm is -1", "at most 500"]),
        ({"raise_m": 0.0}, ["building w7: raise_m is 0", "above 0"]),
    ],
)
def test_a_wrong_value_names_the_building(values, words, tmp_path):
    path = houses(tmp_path, {"id": "w7", **values})
    with pytest.raises(TerrainError) as caught:
        read_buildings(path, GRID)
    assert str(caught.value).startswith(f"{path}: ") and caught.value.hint
    for word in words:
        assert word in str(caught.value)
