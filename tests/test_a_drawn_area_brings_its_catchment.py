"""A drawn area is computed with the ground that drains into it; where that is too much, its water is fed in at the edge.

A plane of 400 m x 100 m falls 2 % to the west. Whatever is drawn at its western end
drains from a strip to the far eastern end. Sources: areas by counting cells; the
volume fed in is rain times the ground outside (no losses), known exactly.
"""

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
