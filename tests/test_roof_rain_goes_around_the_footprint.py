"""Rain on a blocked roof goes evenly to the open cells around that footprint, and none is lost.

With A_k roof cells of footprint k and R_k open cells in its ring (the open cells
that share a side or a corner with it), the rain of an open cell is
    w = 1 + sum over footprints k whose ring holds the cell of A_k / R_k
times the depth of rain, so that sum(w) = open cells + roof cells. Only the order
of additions differs from the exact sum: 1e-12 relative.
"""

import json
import sqlite3

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS

from flood_sim.errors import TerrainError
from flood_sim.terrain.buildings import read_buildings, roof_weights
from flood_sim.terrain.grid import Grid

GRID = Grid(360000, 5680000, 2.0, 20, 30, CRS.from_epsg(25832))


def plan(*rows):
    """Labels and open cells from a drawing: '.' open, '#' outside the model, digits footprints."""
    cells = np.array([list(r) for r in rows])
    labels = np.where(np.char.isdigit(cells), np.char.replace(np.char.replace(cells, ".", "0"), "#", "0"), "0")
    return labels.astype(np.int32), cells == "."


def test_one_house():
    labels, is_open = plan("......", ".11...", ".11...", "......")
    rain = roof_weights(labels, is_open)
    expected = np.ones((4, 6))
    expected[0:4, 0:4] += 4 / 12
    expected[1:3, 1:3] = 0
    np.testing.assert_allclose(rain.weight, expected, rtol=1e-15)
    assert rain.roof_share == pytest.approx(4 / 24, rel=1e-15)


def test_each_house_keeps_to_its_own_ring():
    """Between two houses the rain of both arrives; the large one's rain does not go to the small one's far side."""
    labels, is_open = plan("...##", ".1.2#", "...##")
    rain = roof_weights(labels, is_open)
    expected = np.array([[1 + 1 / 8, 1 + 1 / 8, 1 + 1 / 8 + 1 / 3], [1 + 1 / 8, 0, 1 + 1 / 8 + 1 / 3]])
    expected = np.vstack([expected, expected[0]])
    np.testing.assert_allclose(rain.weight[:, :3], expected, rtol=1e-14)
    assert not rain.weight[:, 3:].any()


def test_a_house_inside_a_block_uses_the_ring_of_the_houses_it_touches():
    labels, is_open = plan("........", ".111222.", ".134522.", ".111222.", "........")
    rain = roof_weights(labels, is_open)
    # 3, 4 touch each other (one group) and both houses 1 and 2 through 4, 5; 5 belongs to the group too
    ring_1 = np.zeros((5, 8), bool)
    ring_1[0, :5] = ring_1[4, :5] = ring_1[:, 0] = True
    ring_2 = np.zeros((5, 8), bool)
    ring_2[0, 3:] = ring_2[4, 3:] = ring_2[:, 7] = True
    both = (ring_1 | ring_2) & is_open
    expected = is_open + ring_1 * 7 / ring_1.sum() + ring_2 * 8 / ring_2.sum() + both * 3 / both.sum()
    np.testing.assert_allclose(rain.weight, expected, rtol=1e-14)


def test_a_house_cut_off_by_the_model_border_sheds_to_the_nearest_open_cell():
    labels, is_open = plan("####...", "#11##..", "####...")
    rain = roof_weights(labels, is_open)
    assert rain.weight.sum() == pytest.approx(10, rel=1e-12)
    assert rain.weight[1, 5] == 1 and rain.weight[0, 4] + rain.weight[2, 4] == pytest.approx(4)


def test_no_house_no_change():
    labels, is_open = plan("..#", "...")
    rain = roof_weights(labels, is_open)
    assert np.array_equal(rain.weight, is_open) and rain.roof_share == 0.0


def test_nothing_open_is_an_error():
    with pytest.raises(TerrainError, match="whole terrain.*raised"):
        roof_weights(*plan("12", "11"))


def slow(labels, is_open):
    """The rule written out with sets, one footprint after the other."""
    rows, cols = labels.shape

    def around(r, c):
        return [
            (i, j)
            for i in range(max(r - 1, 0), min(r + 2, rows))
            for j in range(max(c - 1, 0), min(c + 2, cols))
            if (i, j) != (r, c)
        ]

    cells = {k: [tuple(x) for x in np.argwhere((labels == k) & ~is_open)] for k in np.unique(labels[labels > 0])}
    cells = {k: v for k, v in cells.items() if v}
    beside = {k: {n for x in v for n in around(*x)} for k, v in cells.items()}
    rings = {k: {n for n in v if is_open[n]} for k, v in beside.items()}
    touch = {k: {int(labels[n]) for n in v if labels[n] > 0 and not is_open[n]} - {k} for k, v in beside.items()}
    weight = is_open.astype(float)
    done = set()
    for k in cells:
        if rings[k]:
            group, ring = {k}, rings[k]
        elif k in done:
            continue
        else:
            group, new = set(), {k}
            while new:
                group |= new
                new = {n for g in new for n in touch[g] if not rings[n]} - group
            ring = set().union(*(rings[n] for g in group for n in touch[g]))
        done |= group
        if not ring:
            return None  # sheds to the nearest open cell: only the sum is checked
        for n in ring:
            weight[n] += sum(len(cells[g]) for g in group) / len(ring)
    return weight


@given(
    arrays(np.int32, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 5)),
    st.integers(0, 2**32 - 1),
)
def test_sum_and_rule_hold_for_any_plan(labels, seed):
    """Against the slow rule, for random footprints (also in pieces) and random cells outside the model."""
    outside = np.random.default_rng(seed).random(labels.shape) < 0.2
    labels = np.where(outside, 0, labels)
    is_open = (labels == 0) & ~outside
    if not is_open.any():
        return
    rain = roof_weights(labels, is_open)
    active = np.count_nonzero(~outside)
    assert rain.weight.sum() == pytest.approx(active, rel=1e-12)
    assert rain.roof_share * active == pytest.approx(np.count_nonzero(labels), abs=1e-9)
    assert not rain.weight[~is_open].any()
    expected = slow(labels, is_open)
    if expected is not None:
        np.testing.assert_allclose(rain.weight, expected, rtol=1e-12)


# --- footprints from files ----------------------------------------------------

HOUSE = shapely.box(360010, 5679980, 360020, 5679990)


def gpkg(folder, shapes, ids=None, crs="EPSG:25832", layer="buildings", name="b.gpkg", kind="Unknown"):
    columns = [np.array(ids, dtype=float if None in ids else object)] if ids else []
    pyogrio.raw.write(
        folder / name, np.array(shapely.to_wkb(shapes), dtype=object), columns, ["id"] if ids else [],
        geometry_type=kind, crs=crs, layer=layer, driver="GPKG", append=(folder / name).exists(),
    )  # fmt: skip
    return folder / name


def geojson(folder, shapes, crs=25832):
    features = [
        {"type": "Feature", "properties": {"id": f"h{n}"}, "geometry": json.loads(shapely.to_geojson(s))}
        for n, s in enumerate(shapes)
    ]
    data = {"type": "FeatureCollection", "features": features}
    if crs:
        data["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    (folder / "b.geojson").write_text(json.dumps(data))
    return folder / "b.geojson"


@pytest.mark.parametrize("write", [gpkg, geojson])
def test_a_footprint_owns_the_cells_whose_centres_it_covers(write, tmp_path):
    found = read_buildings(write(tmp_path, [HOUSE]), GRID)
    expected = np.zeros(GRID.shape, dtype=np.int32)
    expected[5:10, 5:10] = 1
    assert np.array_equal(found.labels, expected) and found.labels.dtype == np.int32
    assert found.ids == (["h0"] if write is geojson else ["1"]) and found.notes == ()
    assert found.polygons[0].equals(HOUSE)
    assert len(list(tmp_path.iterdir())) == 1, "nothing is left beside the file"


def test_the_first_footprint_owns_a_shared_cell(tmp_path):
    other = shapely.box(360016, 5679980, 360030, 5679990)
    labels = read_buildings(gpkg(tmp_path, [HOUSE, other], ids=["a", "b"]), GRID).labels
    assert (labels[5:10, 5:10] == 1).all() and (labels[5:10, 10:15] == 2).all()


def test_what_is_repaired_or_left_out_is_noted(tmp_path):
    bow = shapely.Polygon([(360030, 5679970), (360040, 5679980), (360040, 5679970), (360030, 5679980)])
    shed = shapely.box(360050.2, 5679980.2, 360050.8, 5679980.8)
    away = shapely.box(390000, 5679980, 390010, 5679990)
    two = shapely.MultiPolygon(
        [shapely.box(360002, 5679962, 360006, 5679966), shapely.box(360002, 5679972, 360006, 5679976)]
    )
    shapes = [HOUSE, bow, shed, away, two, shapely.Point(360044, 5679984)]
    found = read_buildings(gpkg(tmp_path, shapes, ids=["house", "bow", "shed", "away", "two", "tree"]), GRID)
    assert found.ids == ["house", "bow", "shed", "two"]
    assert np.bincount(found.labels.ravel())[1:].tolist()[0] == 25 and (found.labels == 3).sum() == 0
    assert (found.labels == 4).sum() == 8, "both parts of a multipolygon are one footprint"
    assert found.polygons[1].is_valid and found.polygons[1].area == pytest.approx(50)
    notes = "; ".join(found.notes)
    assert "1 footprints with crossing or touching edges repaired: bow" in notes
    assert "1 footprints cover no cell centre of their own and do not act: shed" in notes
    assert "1 features without an area" in notes and "1 of 6 features do not lie on the terrain" in notes


def test_numbers_as_ids_stay_whole_and_a_missing_id_gets_the_row_number(tmp_path):
    path = gpkg(tmp_path, [HOUSE, shapely.box(360030, 5679980, 360040, 5679990)], ids=[4711.0, None])
    assert read_buildings(path, GRID).ids == ["4711", "#2"]


def test_a_huge_geojson_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("flood_sim.terrain.vector_file.LARGEST_JSON", 100)
    with pytest.raises(TerrainError, match="too large for GeoJSON.*at most 100.*GeoPackage"):
        read_buildings(geojson(tmp_path, [HOUSE]), GRID)


def database(folder):
    with sqlite3.connect(folder / "b.gpkg") as file:
        file.execute("create table t (x)")
    return folder / "b.gpkg"


def two_layers(folder):
    gpkg(folder, [HOUSE], layer="houses")
    return gpkg(folder, [HOUSE], layer="garages")


def truncated(folder):
    path = gpkg(folder, [HOUSE])
    path.write_bytes(path.read_bytes()[:5000])
    return path


def text(folder, content, name="b.geojson"):
    (folder / name).write_text(content)
    return folder / name


AWAY = shapely.box(390000, 5679980, 390010, 5679990)
WRONG = {
    "another crs": (lambda f: gpkg(f, [HOUSE], crs="EPSG:25833"), ["EPSG:25833", "EPSG:25832"]),
    "geojson by the standard": (lambda f: geojson(f, [HOUSE], crs=None), ["EPSG:4326", "EPSG:25832", "crs member"]),
    "no crs": (lambda f: gpkg(f, [HOUSE], crs=None), ["no CRS", "EPSG:25832"]),
    "elsewhere": (lambda f: gpkg(f, [AWAY]), ["no footprint lies on the terrain", "E 390000 to 390010", "E 360000"]),
    "empty": (lambda f: geojson(f, []), ["no footprint lies on the terrain", "empty"]),
    "points": (lambda f: gpkg(f, [shapely.Point(360010, 5679990)], kind="Point"), ["no layer of polygons", "Point"]),
    "points in geojson": (lambda f: geojson(f, [shapely.Point(360010, 5679990)]), ["no layer of polygons"]),
    "two layers": (two_layers, ["houses, garages", "'buildings'"]),
    "truncated": (truncated, ["damaged or truncated"]),
    "broken json": (lambda f: text(f, '{"type": "FeatureCollection", "fea'), ["not valid JSON"]),
    "other json": (lambda f: text(f, '{"type": "Topology", "objects": {}}'), ["not GeoJSON", "'Topology'"]),
    "sqlite": (database, ["SQLite database, but not a GeoPackage"]),
    "vrt": (lambda f: text(f, "<OGRVRTDataSource/>", "b.gpkg"), ["neither GeoPackage nor GeoJSON"]),
    "missing": (lambda f: f / "b.gpkg", ["no such file"]),
    "folder": (lambda f: f, ["is a folder"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_footprints_are_explained(name, tmp_path, capfd):
    make, words = WRONG[name]
    path = make(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(TerrainError) as caught:
        read_buildings(path, GRID)
    assert str(caught.value).startswith(f"{path}: ") and caught.value.hint
    for word in words:
        assert word in str(caught.value)
    assert capfd.readouterr() == ("", "")
    assert sorted(tmp_path.iterdir()) == before
