"""A model rain Euler type II has its peak after 0.3 D and keeps the depth of its curve.

Source: DWA-A 118; KOSTRA-DWD-2010R cell 51011 (Wuppertal), T = 100 a. The two
vectors below were computed by hand from that curve and are printed to 0.01 mm,
hence the tolerance of half a unit of the last place. Two more were printed,
with the tables they are made from, by the public packages kostra2010R and
kostra2020. The sum of increments is the curve's own depth up to rounding in
float64 (1e-12 relative).
"""

import math

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.rain.curves import SHIPPED
from flood_sim.rain.shipped import shipped_cell
from flood_sim.rain.storms import euler_ii, hyetograph
from flood_sim.scenario import BlockRain, EulerII, GaugeRain, NoRain, RunOff, Scenario, TableRain

CURVE = tuple(zip(SHIPPED.durations_min, SHIPPED.depths_mm, strict=True))
VECTORS = {
    60.0: [3.60, 4.70, 6.90, 19.10, 2.65, 2.65, 1.83, 1.83, 1.83, 1.37, 1.37, 1.37],
    120.0: [1.83, 1.83, 2.65, 2.65, 3.60, 4.70, 6.90, 19.10, 1.83, 1.37, 1.37, 1.37, *[0.58] * 6, *[0.43] * 6],
}
SUMS = {60.0: 49.2, 120.0: 55.3}
PRINTED = {  # depths at 5, 10, 15, 20, 30, 45, 60 min and the storm that the package prints for them
    "kostra2010R, 49011, T 100": (
        [14.4, 21.6, 26.8, 30.9, 37.5, 45.0, 51.0],
        [4.1, 5.2, 7.2, 14.4, 3.3, 3.3, 2.5, 2.5, 2.5, 2.0, 2.0, 2.0],
    ),
    "kostra2020, 49125, T 100": (
        [16.9, 21.8, 24.9, 27.3, 30.8, 34.7, 37.7],
        [2.4, 3.1, 4.9, 16.9, 1.75, 1.75, 1.3, 1.3, 1.3, 1.0, 1.0, 1.0],
    ),
}


def depths_mm(hyeto):
    return np.array(hyeto.rates_m_s) * np.diff(hyeto.edges_s) * 1000


@pytest.mark.parametrize("duration", [60.0, 120.0])
def test_both_published_vectors(duration):
    got = hyetograph(EulerII(duration_min=duration, curve=CURVE))
    assert depths_mm(got) == pytest.approx(VECTORS[duration], abs=0.005)
    assert math.isclose(got.total_m * 1000, SUMS[duration], rel_tol=1e-12)
    assert got.edges_s == tuple(300.0 * i for i in range(int(duration / 5) + 1))


@pytest.mark.parametrize("name", PRINTED)
def test_storms_printed_by_public_packages(name):
    depths, storm = PRINTED[name]
    curve = tuple(zip([5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0], depths, strict=True))
    assert depths_mm(hyetograph(EulerII(duration_min=60, curve=curve))) == pytest.approx(storm, abs=1e-9)


def test_any_multiple_of_five_minutes_peaks_at_three_tenths_and_loses_nothing():
    for duration in np.arange(5.0, 1445.0, 5.0):
        steps = depths_mm(hyetograph(EulerII(duration_min=duration, curve=CURVE)))
        peak = int(np.argmax(steps))
        assert peak == int(3 * duration) // 50  # whole 5-minute steps in 0.3 D
        assert np.all(np.diff(steps[: peak + 1]) >= -1e-12) and np.all(np.diff(steps[peak:]) <= 1e-12)
        assert np.sort(steps) == pytest.approx(np.sort(SHIPPED.increments_mm(duration)), rel=1e-12)


def test_the_shipped_curve_is_that_of_the_shipped_statistics():
    curve = shipped_cell(51011).curve(100)
    assert curve.durations_min == SHIPPED.durations_min
    assert curve.depths_mm == pytest.approx(SHIPPED.depths_mm, abs=0.005)


@pytest.mark.parametrize("duration", [60.0, 120.0])
def test_rain_statistics_make_the_storm_of_both_vectors(duration):
    got = hyetograph(EulerII(**shipped_cell(51011).euler_ii(duration, 100)))
    assert depths_mm(got) == pytest.approx(VECTORS[duration], abs=0.005)
    assert got.label.endswith("T 100 nach KOSTRA-DWD-2010R Zelle 51011")


def test_order_is_that_of_the_definition():
    assert euler_ii(np.arange(10.0, 0.0, -1.0)).tolist() == [7, 8, 9, 10, 6, 5, 4, 3, 2, 1]


def test_a_sum_scales_the_shipped_curve_and_says_so():
    got = hyetograph(EulerII(duration_min=120, depth_mm=42))
    assert math.isclose(got.total_m, 0.042, rel_tol=1e-12)
    assert depths_mm(got) == pytest.approx(np.array(VECTORS[120.0]) * 42 / 55.3, abs=0.005)
    assert "Verlauf skaliert nach KOSTRA-DWD-2010R Zelle 51011, T 100" in got.label
    own = hyetograph(EulerII(duration_min=120, curve=((5, 10.0), (60, 30.0), (120, 40.0))))
    assert "KOSTRA" not in own.label and math.isclose(own.total_m, 0.04, rel_tol=1e-12)


@pytest.mark.parametrize("curve", [[[60, 49.2]], [[15, 30.7], [60, 49.2]]])
def test_a_curve_without_the_peak_is_refused(curve):
    """From 60 min alone 12 equal steps would come, from 15 min a peak of 10.2 mm in 5 min where it is 19.1 mm."""
    data = {"terrain": {"dem": "a.tif"}, "numerics": {"duration_min": 60}}
    storm = {"kind": "euler_ii", "duration_min": 60, "curve": curve}
    with pytest.raises(ScenarioError, match=rf"storm.*begins at {curve[0][0]} min.*depth_mm instead of curve"):
        Scenario.parse({**data, "storm": storm})
    assert Scenario.parse({**data, "storm": {**storm, "curve": [[5, 19.1], *curve]}}).storm.curve


def test_a_sum_longer_than_the_shipped_curve_is_refused():
    with pytest.raises(ScenarioError, match=r"1500 min.*up to 1440 min.*own curve"):
        hyetograph(EulerII(duration_min=1500, depth_mm=60))


@pytest.mark.parametrize(
    "storm",
    [
        {"kind": "block", "depth_mm": 40, "duration_min": 60},
        {"kind": "euler_ii", "depth_mm": 40, "duration_min": 60},
        {"kind": "euler_ii", "curve": ((5, 10.0), (60, 40.0)), "duration_min": 60},
        {"kind": "table", "edges_min": (10, 20, 60), "depths_mm": (15, 25)},
    ],
)
def test_a_climate_surcharge_multiplies_every_depth_and_is_named(storm):
    made = {"block": BlockRain, "euler_ii": EulerII, "table": TableRain}[storm["kind"]]
    plain, more = (hyetograph(made(**storm, surcharge_percent=p)) for p in (0, 20))
    assert depths_mm(more) == pytest.approx(1.2 * depths_mm(plain), rel=1e-12)
    assert math.isclose(more.total_m, 0.048, rel_tol=1e-12)
    assert "mit Klimazuschlag +20\u202f%" in more.label and "climate surcharge +20 %" in more.label_en
    assert more.label.startswith("48\u202fl/m²") and plain.label.startswith("40\u202fl/m²")
    assert "Klimazuschlag" not in plain.label


def test_the_published_label_comes_first_and_statistics_are_named():
    storm = BlockRain(
        depth_mm=42, duration_min=120, label="Wuppertal: SRI 7", statistics="Messstelle X", return_period_a=100
    )
    assert (
        hyetograph(storm).label == "Wuppertal: SRI 7, 42\u202fl/m² in 120\u202fmin, Blockregen, T 100 nach Messstelle X"
    )
    assert hyetograph(storm).label_en == "Wuppertal: SRI 7, 42 mm in 120 min, block rain, T 100 by Messstelle X"
    assert hyetograph(BlockRain(depth_mm=42, duration_min=120, statistics="X")).label.endswith("Blockregen, nach X")


def test_a_run_off_value_says_what_is_taken_off_and_has_no_return_period():
    got = hyetograph(RunOff(depth_mm=128, duration_min=60))
    assert math.isclose(got.total_m, 0.128, rel_tol=1e-12) and got.end_s == 3600
    assert "Abflusswert" in got.label and "T " not in got.label


def test_a_measured_storm_is_no_single_hyetograph():
    with pytest.raises(ScenarioError, match="kind gauges"):
        hyetograph(GaugeRain(file="a.csv", duration_min=60))


def test_rate_comes_with_the_time_of_its_next_change():
    block = hyetograph(BlockRain(depth_mm=90, duration_min=60))
    assert block.rate_until(0.0) == (pytest.approx(0.09 / 3600), 3600.0)
    assert block.rate_until(3599.9)[1] == 3600.0
    assert block.rate_until(3600.0) == (0.0, math.inf)
    assert block.rate_at(1800.0) == pytest.approx(2.5e-5)
    late = hyetograph(TableRain(edges_min=(10, 20, 40), depths_mm=(5, 0)))
    assert late.rate_until(0.0) == (0.0, 600.0)
    assert late.rate_until(600.0) == (pytest.approx(0.005 / 600), 1200.0)
    assert math.isclose(late.total_m, 0.005, rel_tol=1e-12)
    dry = hyetograph(NoRain())
    assert dry.rate_until(0.0) == (0.0, math.inf) and dry.total_m == 0.0
