"""Water swaying in parabolic bowls without friction keeps time, and loses a stated share of its swing.

Equation: exact solutions of the shallow-water equations with a moving shore, Thacker (1981), J. Fluid Mech. 107,
doi:10.1017/S0022112081001882, as in SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741, 4.2: a body of
water that moves as one in a trough (5 periods, 400 cells of 1 cm) and in a round bowl along a line askew to the
grid (3 periods, 200 x 200 cells of 2 cm), and a pulsing one (3 periods). Judged by the place of the water's centre (or its
mean square distance from the middle), which is exactly harmonic: amplitude and phase of each period.

Tolerances. The scheme is of first order, so the decay falls at least as dx^0.9 (over two halvings) and the L1 error after a
period as dx^0.75: on 50 cells the error of a phase (quadratic at the turning point) and of the shore still mix; from 200 to
400 cells the order of the pulsing case is 0.93. Limits: 2, 4 and 7 % of the amplitude per period, measured 1.7, 3.6
and 6.1 % (half at half the cell); the period is slow by less than that, 0.4, 0.8 and 1.9 %.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import oscillations

OSCILLATIONS = {"trough": oscillations.TROUGH, "rocking": oscillations.ROCKING, "pulsing": oscillations.PULSING}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OSCILLATIONS)
def test_oscillation(name, dtype):
    check = oscillations.oscillation(*OSCILLATIONS[name], dtype=dtype)
    assert check.passed, (check.figures, check.limits)


@dataclass(frozen=True)
class Hurried(cases.SwayInTrough):
    @property
    def frequency(self):
        return super().frequency * 1.03


def test_a_wrong_clock_is_caught():
    """The check can fail: a frequency 3 % too high."""
    check = oscillations.oscillation(Hurried(), *oscillations.TROUGH[1:])
    assert check.figures["period_error"] > check.limits["period_error"]


@pytest.mark.parametrize("case", [cases.SwayInBowl(), cases.PulsingBowl()], ids=["rocking", "pulsing"])
def test_the_exact_solution_conserves_water_and_its_state_is_harmonic(case):
    """The reference is checked too: volume and the measured state, over a period on a fine grid."""
    xy = case.centres(1000)
    times = case.period * np.arange(4) / 4
    depths = [case.depth(xy, t) for t in times]
    volumes = [d.sum() for d in depths]
    assert np.ptp(volumes) < 1e-4 * volumes[0]
    turn = [case.state(xy, d) for d in depths]
    assert (turn[0] + turn[2]) / 2 == pytest.approx((turn[1] + turn[3]) / 2, abs=1e-4)


def test_no_water_is_lost_over_the_moving_shore():
    sim = Simulation(cases.SwayInBowl().domain(100))
    sim.advance(2 * cases.SwayInBowl().period)
    assert sim.depth.min() >= 0
    assert sim.balance().relative_error <= 1e-6
