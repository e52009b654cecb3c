"""Water that seeps in equals the closed form of its law: Horton, Green-Ampt, curve number, a constant rate.

- Horton: F = fc t + (f0 - fc)(1 - exp(-k t))/k while soil is covered (EPA/600/R-15/162A, 4.2). A pass integrates
  it exactly; what is left is rounding of the float32 that soil remembers, some 1e-7, and allowed is 1e-5. Where supply is
  short a pass follows the chord of F, whose middle lies (k dt)^2/8 below it: k dt <= 0.003, allowed is 1e-3 of what
  was worn off.
- Green-Ampt: F - S ln(1 + F/S) = K t (Green and Ampt 1911), the trapezoidal rule of a pass is of second order and
  exact for suction alone: 1.2e-4 after the first minute, when K t/F is largest, and falling; allowed are 2e-4.
  Rain i > K: F = i t up to t_p = K S/(i (i - K)), then F - Fp - S ln((S + F)/(S + Fp)) = K (t - t_p)
  (Mein and Larson 1973, doi:10.1029/WR009i002p00384): 1e-5.
- Curve number: Q = (P - Ia)^2/(P - Ia + S) (USDA 1986, TR-55): the table has two decimals, half of the last and a rounding.

Losses are taken in passes, so they are compared at the time up to which they are booked.
Chow, Maidment and Mays (1988) and the values of TR-55's table are quoted from memory; they follow from the closed forms to the last digit.
"""

import numpy as np
import pytest

from flood_sim.cases import losses as cases
from flood_sim.cases.losses import MM_H
from flood_sim.kernels import infiltration
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Zones
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import losses
from flood_sim.verify.losses import DEFAULT, SILT_LOAM, taken


@pytest.mark.parametrize("name", [n for n in losses.CHECKS if "soil" in n])
def test_closed_forms_and_the_published_table(name):
    check = losses.CHECKS[name]()
    assert check.passed, check.figures


def test_the_default_of_the_product_takes_10_mm_in_one_hour_and_14_in_two():
    assert cases.horton(3600.0, *DEFAULT) == pytest.approx(10.35e-3, abs=5e-6)
    assert cases.horton(7200.0, *DEFAULT) == pytest.approx(14.34e-3, abs=5e-6)


def test_the_closed_form_of_green_ampt_gives_the_examples_of_a_textbook():
    """Chow, Maidment and Mays (1988): ponded 3.17 cm in 1 h (4.3.1); 5 cm/h stands after 0.17 h (4.4.1), 3.02 cm (4.4.2)."""
    conductivity, suction = SILT_LOAM
    assert cases.green_ampt(3600.0, *SILT_LOAM) == pytest.approx(3.17e-2, abs=5e-5)
    rain = 5e-2 / 3600
    t_p = cases.ponding_time(rain, conductivity, suction)
    assert t_p / 3600 == pytest.approx(0.17, abs=0.005)
    assert cases.green_ampt(3600.0 - t_p, conductivity, suction, rain * t_p) == pytest.approx(3.02e-2, abs=5e-5)


def test_a_constant_rate():
    law = cases.even(Zones.of(1, unsealed=1.0, a=20 * MM_H, b=20 * MM_H), "horton")
    ((t, depth),) = taken(cases.level_ground(law, depth=0.3), 1800.0)
    assert depth == pytest.approx(20 * MM_H * t, rel=1e-6)


def test_only_the_unsealed_share_takes_water():
    f0, fc, k = DEFAULT
    for kind, values, exact, tolerance in (
        ("horton", {"a": f0, "b": fc, "c": k}, lambda t: cases.horton(t, *DEFAULT), 1e-5),
        ("green_ampt", {"a": SILT_LOAM[0], "b": SILT_LOAM[1]}, lambda t: cases.green_ampt(t, *SILT_LOAM), 2e-4),
    ):
        law = cases.even(Zones.of(1, unsealed=0.3, **values), kind)
        ((t, depth),) = taken(cases.level_ground(law, depth=0.3), 1800.0)
        assert depth == pytest.approx(0.3 * exact(t), rel=tolerance)


def test_rain_below_capacity_does_not_run_off():
    """15 mm/h on a slope of 2 % with an open foot: what leaves is what creeps away before a pass, 1e-4 at most."""
    x = np.arange(40.0)
    ground = np.broadcast_to(0.02 * x, (3, 40)).copy()
    law = cases.even(Zones.of(1, unsealed=1.0, a=20 * MM_H, b=18 * MM_H, c=2 / 3600), "horton", shape=(3, 40))
    sim = Simulation(
        Domain(
            ground,
            ground >= 0,
            1.0,
            manning=np.full((3, 40), 0.05),
            rain=Steps((0.0, 3600.0), (15 * MM_H,)),
            parts=(Part("foot", NORMAL),),
            laws=(law,),
        )  # fmt: skip
    )
    sim.advance(3610.0)
    balance = sim.balance()
    assert balance.outflow_m3 <= 1e-4 * balance.rain_m3
    assert balance.infiltration_m3 == pytest.approx(balance.rain_m3, rel=1e-4)


@pytest.mark.parametrize("weak", [2 * MM_H, 6 * MM_H, 0.0])
def test_capacity_falls_with_what_came_in_and_not_with_the_clock(weak):
    """An hour of weak rain, then an hour under water: the capacity begins where it had taken as much."""
    f0, fc, k = DEFAULT
    law = cases.even(Zones.of(1, unsealed=1.0, a=f0, b=fc, c=k), "horton")
    rain = Steps((0.0, 3600.0, 7200.0), (weak, 300 * MM_H))
    (_, first), (t, whole) = taken(cases.level_ground(law, rain=rain), 3610.0, 7200.0)
    times = np.linspace(0.0, 7200.0, 200_001)
    before = np.interp(3600 * weak, [cases.horton(x, f0, fc, k) for x in times], times)
    exact = cases.horton(before + t - 3600.0, f0, fc, k)
    assert whole == pytest.approx(exact, rel=1e-3)
    if weak:  # the clock would say less by far
        assert exact > 1.1 * (3600 * weak + cases.horton(t, f0, fc, k) - cases.horton(3600.0, f0, fc, k))


def test_half_the_time_step_changes_little():
    """Passes follow steps; rain that ponds on the way: 1e-5 of what seeped in, as far as rounding goes."""
    conductivity, suction = SILT_LOAM
    law = cases.even(Zones.of(1, unsealed=1.0, a=conductivity, b=suction), "green_ampt")
    domain = cases.level_ground(law, rain=Steps((0.0, 1800.0), (5e-2 / 3600,)))
    found = []
    for courant in (0.6, 0.3):
        sim = Simulation(domain, courant=courant)
        sim.advance(1800.0)
        acting = sim.laws.acting[0]
        passed = sim.balance().infiltration_m3 / (domain.cells * domain.cell**2)
        t_p = cases.ponding_time(5e-2 / 3600, conductivity, suction)
        found.append(passed / cases.green_ampt(acting.until - t_p, conductivity, suction, 5e-2 / 3600 * t_p))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_formulas_are_plain_functions():
    """Without compilation, in float64, against the equations they stand for."""
    taken_before, steady, suction = 0.01, 2e-6, 0.05
    more = float(infiltration.green_ampt_intake.py_func(taken_before, steady, suction))
    after = taken_before + more
    assert after**2 - taken_before**2 == pytest.approx(steady * (after + taken_before) + 2 * steady * suction, rel=1e-6)
    loss = [float(infiltration.curve_number_loss.py_func(*pair, 0.06, 0.012)) for pair in ((0.0, 0.03), (0.03, 0.08))]
    assert sum(loss) == pytest.approx(0.08 - (0.08 - 0.012) ** 2 / (0.08 - 0.012 + 0.06), rel=1e-6)
    assert infiltration.curve_number_loss.py_func(0.0, 0.01, 0.0, 0.0) == pytest.approx(0.0, abs=1e-12)
    assert infiltration.horton_state.py_func(0.5, 0.01, 1.0) == pytest.approx(0.495)
    assert infiltration.share_of.py_func(0.0, 0.0) == 0.0
