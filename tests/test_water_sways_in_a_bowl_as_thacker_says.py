"""Water swaying in parabolic bowls without friction keeps time, and loses a stated share of its swing.

Equation: exact solutions of the shallow-water equations with a moving shore, Thacker (1981), J. Fluid Mech. 107,
doi:10.1017/S0022112081001882, as in SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741, 4.2: a body of
water that moves as one in a trough (5 periods, 400 cells of 1 cm) and in a round bowl along a line askew to the
grid (3 periods, 200 x 200 cells of 2 cm), and a pulsing one (3 periods). Judged by the place of the water's centre (or its
mean square distance from the middle), which is exactly harmonic: amplitude and phase of each period.

Tolerances. Depth and ground are of second order, the velocity carried along and the shore of first; where all water moves as
one (trough, rocking) its velocity has no gradient to lose. So the decay falls at least as dx^0.9 over two halvings (measured
0.96, 1.3, 1.8) and the L1 error after a period as dx^1.0 (1.08, 1.36, 1.45). Limits of decay, period and L1 lie a
third above what was measured, so that a change of the scheme is seen: the decay is 0.20, 0.45 and 0.98 % of the amplitude per period
(six to eight times less than with depths of first order), the period off by 0.004, 0.025 and 0.10 %.
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
    """The check can fail: a frequency 3 % too high. Seen by that clock, the swing even grows, and no order can be told."""
    check = oscillations.oscillation(Hurried(), *oscillations.TROUGH[1:])
    assert check.figures["period_error"] > check.limits["period_error"]
    assert not check.passed


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
