"""A model rain Euler type II has its peak after 0.3 D and keeps the depth of its curve.

Source: DWA-A 118; KOSTRA-DWD-2010R cell 51011 (Wuppertal), T = 100 a. The two
vectors below were computed by hand from that curve and are printed to 0.01 mm,
hence the tolerance of half a unit of the last place. The sum of increments is
the curve's own depth up to rounding in float64 (1e-12 relative).
"""

import math

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.rain.curves import SHIPPED
from flood_sim.rain.presets import PRESETS
from flood_sim.rain.storms import euler_ii, hyetograph
from flood_sim.scenario import BlockRain, EulerII, NoRain, Scenario, TableRain, storm_end_min

CURVE = tuple(zip(SHIPPED.durations_min, SHIPPED.depths_mm, strict=True))
VECTORS = {
    60.0: [3.60, 4.70, 6.90, 19.10, 2.65, 2.65, 1.83, 1.83, 1.83, 1.37, 1.37, 1.37],
    120.0: [1.83, 1.83, 2.65, 2.65, 3.60, 4.70, 6.90, 19.10, 1.83, 1.37, 1.37, 1.37, *[0.58] * 6, *[0.43] * 6],
}
SUMS = {60.0: 49.2, 120.0: 55.3}


def depths_mm(hyeto):
    return np.array(hyeto.rates_m_s) * np.diff(hyeto.edges_s) * 1000


@pytest.mark.parametrize("duration", [60.0, 120.0])
def test_both_published_vectors(duration):
    got = hyetograph(EulerII(duration_min=duration, curve=CURVE))
    assert depths_mm(got) == pytest.approx(VECTORS[duration], abs=0.005)
    assert math.isclose(got.total_m * 1000, SUMS[duration], rel_tol=1e-12)
    assert got.edges_s == tuple(300.0 * i for i in range(int(duration / 5) + 1))


@pytest.mark.parametrize("duration", [5.0, 10.0, 15.0, 25.0, 50.0, 75.0, 100.0, 120.0])
def test_peak_sits_at_three_tenths_and_nothing_is_lost(duration):
    steps = depths_mm(hyetograph(EulerII(duration_min=duration, curve=CURVE)))
    peak = int(np.argmax(steps))
    assert peak == math.floor(0.3 * duration / 5 + 1e-9)
    assert np.all(np.diff(steps[: peak + 1]) >= -1e-12) and np.all(np.diff(steps[peak:]) <= 1e-12)
    assert np.sort(steps) == pytest.approx(np.sort(SHIPPED.increments_mm(duration)), rel=1e-12)


def test_order_is_that_of_the_definition():
    assert euler_ii(np.arange(10.0, 0.0, -1.0)).tolist() == [7, 8, 9, 10, 6, 5, 4, 3, 2, 1]


def test_a_sum_scales_the_shipped_curve_and_says_so():
    got = hyetograph(EulerII(duration_min=120, depth_mm=42))
    assert math.isclose(got.total_m, 0.042, rel_tol=1e-12)
    assert depths_mm(got) == pytest.approx(np.array(VECTORS[120.0]) * 42 / 55.3, abs=0.005)
    assert "Verlauf skaliert nach KOSTRA-DWD-2010R Zelle 51011, T 100" in got.label
    own = hyetograph(EulerII(duration_min=120, curve=((60, 30.0), (120, 40.0))))
    assert "KOSTRA" not in own.label and math.isclose(own.total_m, 0.04, rel_tol=1e-12)


def test_a_sum_longer_than_the_shipped_curve_is_refused():
    with pytest.raises(ScenarioError, match=r"180 min.*up to 120 min"):
        hyetograph(EulerII(duration_min=180, depth_mm=60))


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


def test_presets_are_storms_with_source_and_run_off():
    assert len({p.key for p in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        scenario = Scenario.parse(
            {"terrain": {"dem": "a"}, "storm": preset.storm, "numerics": {"duration_min": preset.duration_min}}
        )
        assert preset.duration_min == storm_end_min(scenario.storm) + 60
        assert preset.source and preset.note_de and set(preset.as_dict()) >= {"key", "label_de", "storm", "note_de"}
    depths = {p.key: hyetograph_total_mm(p.storm) for p in PRESETS}
    assert depths["wuppertal-sri-6"] == pytest.approx(38.5) and depths["nrw-100a"] == pytest.approx(49.2)


def hyetograph_total_mm(storm: dict) -> float:
    parsed = Scenario.parse({"terrain": {"dem": "a"}, "storm": storm, "numerics": {"duration_min": 600}})
    return hyetograph(parsed.storm).total_m * 1000
