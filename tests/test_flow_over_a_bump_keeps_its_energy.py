"""Steady flow over a bump without friction: depth, discharge, upstream head, and the jump in its place.

Equation: z + h + q^2 / (2 g h^2) is constant but for a jump, across which q^2/h + g h^2/2 is; where the
head downstream does not lift the flow over the crest, the crest is critical. Goutal and Maurel (1997),
EDF HE-43/97/016/B; SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741, 3.1.3 (q = 4.42 m2/s, level 2 m),
3.1.4 (q = 1.53 m2/s, fast outflow) and 3.1.5 (q = 0.18 m2/s, level 0.33 m); 200 cells of 12.5 cm.

Tolerances. Order: the depth is of second order, but the velocity carried along is of first, and a jump too, so at
least 0.9 when 100 cells become 200 (50 leave eight on the bump: too few to be in the range where the order shows).
Discharge: 1e-4, the wave that still runs when the case is stopped; the scheme itself keeps it to rounding. Head: a
face takes u du/dx from itself and the face upstream, half a cell before its pressure, so the head over the crest may
be off by half of what u^2/2g changes in one cell. Jump: one cell. L1: 25 to 28 % above what was measured (0.0007,
0.0118, 0.0055), so that a change of the scheme is seen; the transcritical figure is the head error of 8 mm carried
up the whole flume.
"""

from dataclasses import replace

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.kernels.constants import G
from flood_sim.verify import steady_flow


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", steady_flow.BUMPS)
def test_steady_flow_over_a_bump(name, dtype):
    check = steady_flow.flow_over_bump(*steady_flow.BUMPS[name], dtype=dtype)
    assert check.passed, (check.figures, check.limits)


def test_another_discharge_is_caught():
    """The check can fail: 2 % more water than the exact solution reckons with."""
    case = steady_flow.TRANSCRITICAL
    more = replace(case, discharge=1.02 * case.discharge)

    class Wrong(cases.FlowOverBump):
        def domain(self, cells):
            return more.domain(cells)

    wrong = Wrong(case.discharge, case.level, case.start_level, case.settled)
    assert not steady_flow.flow_over_bump(wrong, 0.03, cells=100).passed


@pytest.mark.parametrize("case", [case for case, _ in steady_flow.BUMPS.values()], ids=list(steady_flow.BUMPS))
def test_the_exact_solution_obeys_its_equations(case):
    """The reference is checked too: head constant on each side of the jump, momentum across it, critical crest."""
    x = cases.bump_centres(2000)
    h = case.depth(x)
    head = cases.bump(x) + h + case.discharge**2 / (2 * G * h**2)
    jump = case.jump()
    before = x < (30.0 if jump is None else jump)
    assert np.ptp(head[before]) < 1e-9
    if jump is not None:
        assert jump == pytest.approx(11.6655, abs=1e-3)  # this solution itself: so that it does not drift unseen
        assert np.ptp(head[~before]) < 1e-9
        assert head[~before].max() < head[before].min()
        low, high = case.depth(np.array([jump - 1e-9, jump + 1e-9]))
        momentum = [case.discharge**2 / d + G * d**2 / 2 for d in (low, high)]
        assert momentum[0] == pytest.approx(momentum[1], rel=1e-6)
    if case.controlled():
        assert case.depth(np.array([cases.CREST]))[0] == pytest.approx(case.critical)
