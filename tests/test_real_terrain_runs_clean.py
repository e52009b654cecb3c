"""The main job on real LiDAR terrain, and the published series of EA 2D benchmark test 4.

Newcastle: 2 m LiDAR with buildings, OGL v3.0. Minnesota: 1 m LiDAR of a pothole
prairie. EA test 4 (Néelz and Pender 2013, SC120002): depths at six points against
LISFLOOD-FP's full shallow-water solver at 5 m (Shaw et al. 2021,
doi:10.5281/zenodo.4066824): RMSE <= 0.01 m, arrival of 1 cm within 90 s at P1
and P2 and 180 s at the others, as the case file asks. The data are not part of
this repository; without them these tests are skipped.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from flood_sim import Scenario, run

CASES = Path(os.environ.get("FLOOD_SIM_CASES", Path(__file__).parents[2] / "shared" / "cases"))
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="real terrain is not there (set FLOOD_SIM_CASES)")
CLOSED = [{"kind": "wall", "where": {"edge": "all"}}]


def test_newcastle_city_centre(tmp_path):
    scenario = Scenario.parse({
        "terrain": {"dem": str(CASES / "newcastle_rain" / "dem_2m.tif")},
        "storm": {"kind": "block", "depth_mm": 29.0, "duration_min": 30},
        "surface": {"roughness": {"kind": "constant", "n": 0.03}},
        "boundaries": CLOSED,
        "numerics": {"duration_min": 30},
    })  # fmt: skip
    manifest = run(scenario, tmp_path / "r").manifest
    assert manifest["ledger"]["rain_m3"] == pytest.approx(7736.04, rel=1e-6)
    assert manifest["ledger"]["relative_error"] <= 1e-6
    assert manifest["extremes"]["shortest_step_s"] > 0.1
    # nothing can fall further than the relief of 39 m; 30 min of rain reaches a few m/s
    assert manifest["extremes"]["max_speed_m_s"] < 6.0


@pytest.mark.parametrize("minutes", [20, pytest.param(180, marks=pytest.mark.prove)])
def test_minnesota_potholes_keep_all_the_rain(tmp_path, record_property, minutes):
    """50 mm/h for an hour, watched for 180 minutes by `make prove`, for the first 20 by `make test`."""
    rain_min = min(minutes, 60)
    scenario = Scenario.parse({
        "terrain": {"dem": str(CASES / "lidar_minnesota" / "dem_1m.tif")},
        "storm": {"kind": "block", "depth_mm": 50 * rain_min / 60, "duration_min": rain_min},
        "surface": {"roughness": {"kind": "constant", "n": 0.05}},
        "boundaries": CLOSED,
        "numerics": {"duration_min": minutes},
    })  # fmt: skip
    result = run(scenario, tmp_path / "r")
    assert result.manifest["ledger"]["relative_error"] <= 1e-6
    assert float(result.dataset["depth"].min()) >= 0.0
    for name in ("wall_s", "steps", "mcell_per_s"):
        record_property(name, result.manifest["performance"][name])
    record_property("relative_error", result.manifest["ledger"]["relative_error"])


def test_ea_test_4_agrees_with_the_published_series(tmp_path):
    folder = CASES / "ea_test4"
    inflow, points = _table(folder / "inflow.csv"), _table(folder / "points.csv")
    scenario = Scenario.parse({
        "terrain": {"dem": str(folder / "dem_5m.tif"), "crs": "EPSG:25832"},
        "surface": {"roughness": {"kind": "constant", "n": 0.05}},
        "boundaries": [
            {"kind": "free", "where": {"edge": "all"}},
            {"kind": "wall", "where": {"edge": "west"}},
            {
                "kind": "inflow", "where": {"line": [[0, 990], [0, 1010]]},
                "times_min": [float(r["time_s"]) / 60 for r in inflow],
                "discharge_m3s": [float(r["Q_m3s"]) for r in inflow],
            },
        ],
        "gauges": [{"id": p["id"], "x": float(p["x"]), "y": float(p["y"])} for p in points],
        "outputs": {"every_min": 60, "series_every_s": 20},
        "numerics": {"duration_min": 300},
    })  # fmt: skip
    result = run(scenario, tmp_path / "r")
    assert result.manifest["ledger"]["relative_error"] <= 1e-6
    expected = _table(folder / "expected_depth_lisflood_dg2_5m.csv")
    t = np.array([float(r["time_s"]) for r in expected])
    for point in (p["id"] for p in points):
        reference = np.array([float(r[point]) for r in expected])
        model = np.array(result.gauges[f"{point} depth_m"])
        at_reference = np.interp(t, result.gauges.times, model)
        assert np.sqrt(np.mean((at_reference - reference) ** 2)) <= 0.01, point
        late = np.array(result.gauges.times)[np.argmax(model >= 0.01)] - t[np.argmax(reference >= 0.01)]
        assert abs(late) <= (90 if point in ("P1", "P2") else 180), (point, late)


def _table(path):
    with path.open() as lines:
        return list(csv.DictReader(lines))
