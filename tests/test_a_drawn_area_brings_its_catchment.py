"""A drawn area is computed with the ground that drains into it; where that is too much, its water is fed in at the edge.

A plane of 400 m x 100 m falls 2 % to the west. Whatever is drawn at its western end
drains from a strip to the far eastern end. Sources: areas by counting cells; the
volume fed in is rain times the ground outside (no losses), known exactly.
"""

import json

import numpy as np
import pytest
import rasterio

from flood_sim.build import build
from flood_sim.errors import ScenarioError, TerrainError
from flood_sim.runner import run
from flood_sim.scenario import Scenario

CELL, ROWS, COLS = 5.0, 20, 80
WEST, NORTH = 360000.0, 6040000.0


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    """A valley: the plane falls to the west, its middle row lies lowest, so that all ways meet there."""
    path = tmp_path_factory.mktemp("area") / "dem.tif"
    x = (np.arange(COLS) + 0.5) * CELL
    y = np.abs(np.arange(ROWS) - ROWS / 2) * CELL
    with rasterio.open(
        path, "w", driver="GTiff", width=COLS, height=ROWS, count=1, dtype="float64", crs="EPSG:25832",
        transform=rasterio.transform.from_origin(WEST, NORTH, CELL, CELL),
    ) as file:  # fmt: skip
        file.write(100 + 0.02 * x + 0.05 * y[:, None], 1)
    return str(path)


def scenario(dem, **area):
    corners = [(5, -5), (45, -5), (45, -95), (5, -95)]
    polygon = [[WEST + x, NORTH + y] for x, y in corners]
    return Scenario.parse(
        {
            "terrain": {"dem": dem, "area": {"polygon": polygon, "margin_m": 0, **area}},
            "storm": {"kind": "block", "depth_mm": 30, "duration_min": 10},
            "numerics": {"duration_min": 40, "threads": 1},
        }
    )


def test_the_catchment_is_computed_with_the_area(dem):
    built = build(scenario(dem))
    assert built.area["whole_catchment"] and built.area["drawn_ha"] == pytest.approx(0.36, abs=0.05)
    # all ground east of its western end drains through it: all columns but the first
    assert built.area["computed_ha"] == pytest.approx((COLS - 1) * ROWS * CELL**2 / 1e4)
    assert built.domain.cells * CELL**2 / 1e4 == pytest.approx(built.area["computed_ha"])
    assert any("with its catchment" in note for note in built.notes)


def test_as_drawn_is_as_drawn_but_fed(dem):
    built = build(scenario(dem, extend="none"))
    assert not built.area["whole_catchment"]
    assert built.area["computed_ha"] < 0.5 and built.dem.grid.cols < 12
    assert built.domain.inflows
    fed = sum(i.discharge.mean(0, 1e5) * 1e5 for i in built.domain.inflows)
    assert fed == pytest.approx(built.area["fed_m3"], rel=1e-9)
    outside = built.area["catchment_ha"] - built.area["drawn_ha"]
    assert fed <= outside * 1e4 * 0.03 * (1 + 1e-9) and fed > 0.6 * outside * 1e4 * 0.03


def test_too_large_a_catchment_is_fed_at_the_edge_and_the_result_says_so(dem, tmp_path):
    result = run(scenario(dem, largest_ha=1.0), tmp_path / "r")
    told = result.manifest["area"]
    assert not told["whole_catchment"] and "TR-55" in told["sentence_de"] and "am Rand" in told["sentence_de"]
    assert "ohne Verluste durch Versickerung" in told["sentence_de"] and "without losses" in told["sentence_en"]
    ledger = result.manifest["ledger"]
    assert ledger["inflow_m3"] == pytest.approx(told["fed_m3"], rel=0.02) and ledger["relative_error"] < 1e-5
    assert any("fed in at" in note for note in result.manifest["notes"])


def test_water_that_leaves_over_the_border_is_said(dem, tmp_path):
    result = run(scenario(dem), tmp_path / "r")
    out = sum(part["outflow_m3"] for part in result.manifest["borders"])
    assert out == pytest.approx(result.manifest["ledger"]["outflow_m3"], rel=1e-6) and out > 0
    assert any("left over the open border" in note for note in result.manifest["notes"])


def test_a_polygon_that_crosses_itself_or_misses_is_refused(dem):
    crossing = [[WEST, NORTH], [WEST + 50, NORTH - 50], [WEST + 50, NORTH], [WEST, NORTH - 50]]
    with pytest.raises(ScenarioError, match=r"terrain\.area\.polygon: the polygon crosses itself"):
        build(scenario(dem, polygon=crossing))
    away = [[0, 0], [50, 0], [50, 50]]
    with pytest.raises(TerrainError, match="covers no open cell of the terrain.*allowed: x 360000 to 360400"):
        build(scenario(dem, polygon=away))


def boxes(path, *corners):
    """Footprints: boxes (west, south, east, north) from (WEST, NORTH)."""
    rings = [[[WEST + x, NORTH + y] for x, y in ((w, s), (e, s), (e, n), (w, n), (w, s))] for w, s, e, n in corners]
    features = [
        {"type": "Feature", "properties": {"id": f"h{k}"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for k, ring in enumerate(rings)
    ]
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": named, "features": features}))
    return str(path)


def changed(dem, *, terrain=None, **more):
    """The scenario that is computed as drawn, with more in it."""
    data = scenario(dem, extend="none").model_dump(mode="json", exclude_none=True)
    data["terrain"] |= terrain or {}
    return Scenario.parse(data | more)


def test_what_is_fed_in_does_not_leave_over_the_edge_it_came_from(dem):
    """All of it must pass the western edge, the lowest: of the others the ground beyond drains into the area. In 30 min
    after the rain all but 0.5 % of 1140 m³ has left; not one m³ of that to the north, east or south."""
    sides = [{"kind": "free", "where": {"edge": e}} for e in ("north", "east", "south", "west")]
    built = build(changed(dem, boundaries=sides))
    simulation = built.simulation()
    simulation.advance(2400.0)
    out = np.asarray(simulation.border_volumes())[:, 0]
    assert out[:3].tolist() == [0.0, 0.0, 0.0]
    assert out[3] == pytest.approx(built.area["fed_m3"] + 0.36e4 * 0.03, rel=5e-3)
    assert any("m of the border are closed" in note for note in built.notes)


def test_a_building_in_the_area_is_part_of_it_and_its_roof_rains(dem, tmp_path):
    """Without a margin too: a hole would be an edge, over which water leaves at the wall."""
    houses = boxes(tmp_path / "h.geojson", (10, -30, 30, -10))
    built = build(changed(dem, terrain={"buildings": {"file": houses}}))
    assert built.area["computed_ha"] == pytest.approx(0.36)
    # the house lies in what is said of the catchment too, and its sentence has the same figures as the map
    assert built.area["drawn_ha"] == pytest.approx(0.36) and "(0,4 ha)" in built.area["sentence_de"]
    bare = build(changed(dem))
    assert built.area["catchment_ha"] == pytest.approx(bare.area["catchment_ha"], rel=0.02)
    assert built.domain.rain_weight.sum() * CELL**2 == pytest.approx(3600.0)
    assert not built.domain.outside[built.domain.rain_weight.shape[0] // 4, 2]


def test_the_rain_of_roofs_outside_is_fed_in_too(dem, tmp_path):
    """A house upstream closes a strip of the valley; its rain runs around it. Fed as without it, to rounding."""
    houses = boxes(tmp_path / "h.geojson", (200, -45, 300, -20))
    bare = build(scenario(dem, extend="none")).area["fed_m3"]
    assert build(changed(dem, terrain={"buildings": {"file": houses}})).area["fed_m3"] == pytest.approx(bare, rel=1e-9)


def test_one_scenario_of_a_city_computes_each_of_its_quarters(dem, tmp_path):
    """What describes the terrain elsewhere is left out and said; it neither stops the run nor changes it."""
    far = [[WEST + 300, NORTH - 20], [WEST + 320, NORTH - 30]]
    ring = [*far, [WEST + 320, NORTH - 20]]
    (tmp_path / "m.csv").write_text(f"id,x,y,time_min,discharge_m3s\na,{WEST + 303},{NORTH - 23},0,0\na,,,10,1\n")
    whole = changed(
        dem,
        terrain={
            "buildings": {"file": boxes(tmp_path / "h.geojson", (300, -50, 340, -20)), "mode": "passable"},
            "corrections": [{"id": "c", "line": far, "width_m": 1, "bottom_m": [110, 109]}],
        },
        surface={
            "culverts": [{"id": "k", "line": far, "width_m": 0.5}],
            "river": {"polygons": [ring]},
            "sewer": {"kind": "flat", "rate_mm_h": 10, "sealed_only": False, "areas": {"polygons": [ring]}},
            "manholes": {"file": str(tmp_path / "m.csv")},
        },
    )
    built = build(whole)
    said = " | ".join(built.notes)
    for words in ("1 of 1 corrections", "1 of 1 culverts", "no building", "surface.river", "surface.sewer", "300.0 m³"):
        assert words in said
    assert built.scenario == whole and not built.domain.laws


def test_without_rain_nothing_is_fed(dem):
    built = build(changed(dem, storm={"kind": "none"}))
    assert built.area["fed_m3"] == 0 and not built.domain.inflows


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"gauges": [{"id": "g", "x": WEST + 300, "y": NORTH - 20}]}, "gauge g: lies outside the area that is computed"),
        (
            {"boundaries": [{"kind": "free", "where": {"edge": "all"}},
                            {"kind": "inflow", "where": {"edge": "east"}, "times_min": [0, 9], "discharge_m3s": [5, 5]}]},
            r"boundaries\.1 \(inflow\): means an edge of the whole terrain.*Draw where it acts",
        ),
        (
            {"measures": [{"id": "m", "kind": "wall", "height_m": 1, "line": [[WEST + 300, NORTH - 20], [WEST + 300, NORTH - 50]]}]},
            r"measure m \(wall\): lies outside the area.*Enlarge terrain.area",
        ),
        (
            {"surface": {"culverts": [{"id": "k", "width_m": 1, "line": [[WEST + 40, NORTH - 50], [WEST + 300, NORTH - 50]]}]}},
            "culvert k: its downstream end lies outside the area",
        ),
    ],
)  # fmt: skip
def test_what_somebody_asked_for_and_would_not_get_is_refused(dem, more, says):
    with pytest.raises(ScenarioError, match=says):
        build(changed(dem, **more))


def test_a_measure_beside_a_slanting_area_is_refused_and_one_across_its_edge_said(dem):
    """A triangle: half of its box is not computed, and a measure there would change nothing."""
    corners = [[WEST + 5, NORTH - 5], [WEST + 395, NORTH - 5], [WEST + 5, NORTH - 95]]
    area = {"area": {"polygon": corners, "margin_m": 0, "extend": "none"}, "dem": dem}
    wall = {"id": "m", "kind": "wall", "height_m": 1, "line": [[WEST + 380, NORTH - 60], [WEST + 380, NORTH - 90]]}
    with pytest.raises(ScenarioError, match=r"measure m \(wall\): lies outside the area"):
        build(changed(dem, terrain=area, measures=[wall]))
    across = wall | {"line": [[WEST + 100, NORTH - 20], [WEST + 380, NORTH - 90]]}
    notes = build(changed(dem, terrain=area, measures=[across])).notes
    assert "measure m (wall) lies partly outside the computed area and acts only inside" in notes


def test_a_way_that_leaves_the_area_and_comes_back_is_not_dammed(tmp_path):
    """A ditch of 1 m crosses the north of the area, runs outside and comes back: where it leaves the border stays open, although the
    ground beyond drains into the area. Nothing may stand deeper than the ditch."""
    x = (np.arange(COLS) + 0.5) * CELL
    ground = np.tile(100 + 0.02 * x, (ROWS, 1))
    ditch = np.zeros((ROWS, COLS), bool)
    ditch[10, 0:15] = ditch[10, 44:] = ditch[2, 14:45] = ditch[2:11, 14] = ditch[2:11, 44] = True
    along = np.where(np.arange(COLS) < 30, 14.0, 44.0) * CELL
    ground[ditch] -= 1.0
    ground[3:10, 14] = 99.0 + 0.02 * along[0] + 0.02 * np.arange(7, 0, -1)  # falls from outside back to row 10
    ground[2:10, 44] = 99.0 + 0.02 * along[-1] - 0.02 * np.arange(8, 0, -1)  # falls from row 10 out to row 2
    ground[2, 14:45] = np.minimum(ground[2, 14:45], ground[2, 44])
    ground[2, 14:45] = np.linspace(ground[3, 14] + 0.02, ground[3, 44] - 0.02, 31)
    path = tmp_path / "ditch.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=COLS, height=ROWS, count=1, dtype="float64", crs="EPSG:25832",
        transform=rasterio.transform.from_origin(WEST, NORTH, CELL, CELL),
    ) as file:  # fmt: skip
        file.write(ground, 1)
    corners = [(5, -27), (295, -27), (295, -73), (5, -73)]  # rows 5 to 14, columns 1 to 58
    area = {"polygon": [[WEST + x, NORTH + y] for x, y in corners], "margin_m": 0, "extend": "none"}
    sides = [{"kind": "free", "where": {"edge": e}} for e in ("north", "east", "south", "west")]
    built = build(
        Scenario.parse(
            {
                "terrain": {"dem": str(path), "area": area}, "boundaries": sides,
                "storm": {"kind": "block", "depth_mm": 30, "duration_min": 10}, "numerics": {"duration_min": 40, "threads": 1},
            }
        )
    )  # fmt: skip
    simulation = built.simulation()
    simulation.advance(2400.0)
    assert np.asarray(simulation.border_volumes())[0, 0] > 20.0
    assert simulation.depth.max() < 0.5
