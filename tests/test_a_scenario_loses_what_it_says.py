"""What a scenario says of losses is what the water balance shows: rates in mm/h times hours times the area they act on.

Sources: hand calculation on a closed box; practice 2.2 and rule 3 (a run-off value has its losses taken already), rule 4
(no rain on a roof disappears), rule 5 (one credit for the sewer). Tolerance 0.2 % of the expected volume: losses are
taken in passes of at most 5 s, and the last one is still due when the hour ends: 5 s of 3600 s are 0.14 %.
"""

from pathlib import Path

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario

SIZE = 20
AREA_M2 = float(SIZE * SIZE)
HOUSE = (5, -15, 15, -5)  # 100 m²
RAIN_MM = 36.0
RUN_OFF = {"kind": "runoff", "depth_mm": RAIN_MM, "duration_min": 60}
ASPHALT, MEADOW, WATER, WETLAND = 1, 4, 7, 11


@pytest.fixture
def ledger(write_raster):
    """Computes a closed, flat box of 20 m x 20 m for the hour in which 36 mm fall: its ledger and notes."""

    def compute(*, cover=None, storm=None, terrain=None, **surface):
        data = {
            "terrain": {"dem": write_raster(np.full((SIZE, SIZE), 10.0)), **(terrain or {})},
            "storm": storm or {"kind": "block", "depth_mm": RAIN_MM, "duration_min": 60},
            "surface": surface,
            "boundaries": [{"kind": "wall", "where": {"edge": "all"}}],
            "numerics": {"duration_min": 60, "threads": 1},
        }
        if cover is not None:
            data["surface"]["land_cover"] = {
                "file": write_raster(np.full((SIZE, SIZE), float(cover)), name="cover.tif")
            }
        made = build(Scenario.parse(data))
        simulation = made.simulation()
        simulation.advance(3600.0)
        return simulation.balance(), " | ".join(made.notes)

    return compute


def m3(mm, area=AREA_M2):
    return pytest.approx(mm * area / 1000, rel=2e-3)


def test_a_flat_sewer_takes_its_rate_of_the_sealed_ground(ledger):
    found, _ = ledger(cover=ASPHALT, sewer={"kind": "flat", "rate_mm_h": 18})
    assert found.sewer_flat_m3 == m3(18)


@pytest.mark.parametrize("cover", [WATER, WETLAND])
@pytest.mark.parametrize("kind", ["flat", "capacity"])
def test_no_sewer_drains_a_lake(ledger, cover, kind):
    """Nothing seeps through its bottom, but it is no street: sealed_only leaves it out."""
    found, _ = ledger(cover=cover, sewer={"kind": kind, "rate_mm_h": 18})
    assert found.sewer_flat_m3 == found.sewer_capacity_m3 == 0.0


@pytest.mark.parametrize("kind", ["flat", "capacity"])
def test_a_sewer_of_sealed_ground_without_land_cover_is_refused_as_it_would_take_nothing(ledger, kind):
    with pytest.raises(ScenarioError, match="land_cover is missing.*sealed_only: false"):
        ledger(sewer={"kind": kind, "rate_mm_h": 18})
    found, _ = ledger(sewer={"kind": kind, "rate_mm_h": 18, "sealed_only": False})
    assert found.sewer_flat_m3 + found.sewer_capacity_m3 == pytest.approx(18 * AREA_M2 / 1000, rel=0.15)


@pytest.mark.parametrize("mode", ["raised", "threshold"])
def test_nothing_seeps_through_the_floor_of_a_building(ledger, write_footprints, mode):
    houses = write_footprints(HOUSE)
    terrain = {"buildings": {"file": houses, "mode": mode}}
    found, _ = ledger(terrain=terrain, infiltration={"kind": "constant", "rate_mm_h": 10})
    assert found.infiltration_m3 == m3(10, AREA_M2 - 100)
    found, _ = ledger(terrain=terrain, cover=MEADOW, infiltration={"kind": "constant", "rate_mm_h": 10})
    assert found.infiltration_m3 == m3(10, AREA_M2 - 100)


def test_under_a_passable_building_the_ground_is_as_it_is(ledger, write_footprints):
    terrain = {"buildings": {"file": write_footprints(HOUSE), "mode": "passable"}}
    found, _ = ledger(terrain=terrain, infiltration={"kind": "constant", "rate_mm_h": 10})
    assert found.infiltration_m3 == pytest.approx(
        10 * AREA_M2 / 1000, rel=0.05
    )  # its ground is wetted from beside only


@pytest.mark.parametrize("roof", ["sewer", "green"])
def test_a_run_off_value_loses_nothing_on_roofs(ledger, write_footprints, roof):
    terrain = {"buildings": {"file": write_footprints(HOUSE), "roof": roof}}
    found, notes = ledger(terrain=terrain, storm=RUN_OFF)
    assert found.stored_m3 == pytest.approx(RAIN_MM * AREA_M2 / 1000, rel=1e-6) and "1 roofs" in notes
    found, _ = ledger(terrain=terrain)
    assert found.stored_m3 < RAIN_MM * AREA_M2 / 1000 - 2.9


def test_a_run_off_value_loses_nothing_to_inlets(ledger, tmp_path):
    points = tmp_path / "inlets.csv"
    points.write_text("id,x,y\na,360003.5,6039996.5\n")
    inlets = {"kind": "inlets", "file": str(points), "depths_mm": [0, 10], "capacity_l_s": [0, 10]}
    found, notes = ledger(storm=RUN_OFF, sewer=inlets)
    assert found.sewer_inlets_m3 == 0.0 and "sewer switched off" in notes
    assert ledger(sewer=inlets)[0].sewer_inlets_m3 > 1.0


def test_roofs_that_the_file_gives_to_the_sewer_are_no_second_credit(ledger, tmp_path, write_footprints):
    file = tmp_path / "roofs.geojson"
    file.write_text(Path(write_footprints(HOUSE)).read_text().replace('"id": "h0"', '"id": "h0", "roof": "sewer"'))
    terrain = {"buildings": {"file": str(file)}}
    with pytest.raises(ScenarioError, match=r"roofs\.geojson: roofs drain into the sewer.*got h0"):
        ledger(terrain=terrain, sewer={"kind": "flat", "rate_mm_h": 18, "sealed_only": False})
    assert ledger(terrain=terrain)[0].sewer_roofs_m3 == m3(RAIN_MM, 100)


def test_a_curve_number_says_what_it_is_made_for_and_counts_wetting_once(ledger):
    both = {"infiltration": {"kind": "curve_number", "cn": 80}, "initial_loss": {"kind": "constant", "depth_mm": 3}}
    assert "24-h-Verfahren" in ledger(**both)[1] and "twice" in ledger(**both)[1]
    assert "twice" not in ledger(infiltration=both["infiltration"])[1]
