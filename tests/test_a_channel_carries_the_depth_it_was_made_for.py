"""Channels whose bed is computed from a chosen depth carry that depth, with Manning friction and with rain.

Equation, steady: dq/dx = R and d(q^2/h + g h^2/2)/dx = -g h dz/dx - g h n^2 q^2 / h^(10/3); rain brings mass and no
momentum. Writing out the derivative, 2 q R / h - q^2/h^2 dh/dx + g h dh/dx, gives the bed
dz/dx = (q^2/(g h^3) - 1) dh/dx - 2 q R/(g h^2) - n^2 q^2/h^(10/3). MacDonald et al. (1997),
doi:10.1061/(ASCE)0733-9429(1997)123:11(1041); profiles of SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741,
3.2 and 3.3: 1 km, Froude number 0.54 to 0.99 (subcritical) and 1.25 to 2.06 (supercritical), rain 1 mm/s; 200 cells.

Tolerances. Order: at least 0.9, because the velocity carried along is of first order (1.06 to 1.18 measured). Largest
error of depth: velocities come from upstream, so the profile may lie half a cell off, max |dh/dx| dx / 2; a level
border acts one cell beyond the last centre, half a cell too far, which at a Froude number of 0.99 is a fall of the
surface of half a friction slope per cell. Discharge: 1e-4; float32 keeps it to 1e-6. L1: a third above what was
measured (0.00098, 0.00041, 0.00088, 0.00044), so that a change of the scheme is seen. Without the dilution of momentum
by rain the cases with rain stayed at 0.016 and 0.004 however fine the grid.

A supercritical channel has a lead of 200 m in which the prescribed depth passes through critical: the border with a
given discharge lets water in at critical depth at the shallowest, which is what a discharge alone fixes.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.kernels.constants import G
from flood_sim.verify import steady_flow


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", steady_flow.CHANNELS)
def test_made_channel(name, dtype):
    check = steady_flow.made_channel(*steady_flow.CHANNELS[name], dtype=dtype)
    assert check.passed, (check.figures, check.limits)


@dataclass(frozen=True)
class Rougher(cases.MadeChannel):
    def domain(self, cells):
        right = super().domain(cells)
        object.__setattr__(right, "manning", right.manning * 1.02)
        return right


def test_a_wrong_roughness_is_caught():
    """The check can fail: n 2 % too high."""
    fast = steady_flow.FAST
    wrong = Rougher(fast.swell, fast.sharpness, fast.discharge, fast.n, fast=True)
    assert not steady_flow.made_channel(wrong, 0.00055).passed


@pytest.mark.parametrize("case", [case for case, _ in steady_flow.CHANNELS.values()], ids=list(steady_flow.CHANNELS))
def test_the_bed_solves_the_momentum_equation(case):
    """The reference is checked too, by differences of the momentum itself, not of the formula for the bed."""
    x = np.linspace(-case.lead, case.length, 100_001)
    h, q, z = case.depth(x), case.flow(x), case.bed(x)
    momentum = np.gradient(q**2 / h + G * h**2 / 2, x)
    weight = -G * h * (np.gradient(z, x) + case.friction_slope(x))
    inner = slice(10, -10)
    assert np.abs(momentum - weight)[inner].max() < 1e-3 * np.abs(G * h * case.friction_slope(x)).max()
