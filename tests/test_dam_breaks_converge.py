"""Dam breaks on dry (Ritter 1892), wet (Stoker 1957) and rough bed (Dressler 1952) converge to the exact solution.

Exact solutions: SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741. The velocity
carried along is of first order, so L1 converges with an order below 1 across the
kinks of the fan (2/3 to 1) and across a shock (up to 1); 0.7 is the least that is
accepted (0.78 measured in all three). L1 limits at 400 cells lie 27 to 31 % above what
was measured, 0.0063 (Ritter) and 0.0033 (Stoker), so that a change of the scheme is
seen; with depths of first order they were 0.0079 and 0.0040, a Godunov HLLC scheme
gave 0.0074 and 0.0067. The shock may be two cells off.

Dressler (1952; see `cases.rough_dam_break`) solves weak friction to first order in n^2 t, behind the tip of the wave; with
Manning's friction instead of Chezy's by the same way. So friction is judged by what it changes: the
difference of two runs with and without it, from the foot of the wave to the tip, misses at most 3 % of Dressler's change.
Measured with h0 = 6 m, n = 0.02, t = 20 s: 4.0, 2.1, 1.6 and 1.7 % at 500, 1000, 2000 and 4000 cells; what then
remains grows with n^2 t (n = 0.03: 1.8, 3.7 and 6.1 % at 10, 20 and 40 s), as the second order that Dressler leaves out must.
In the tip there is no exact answer; its front must lie between the tip's beginning and Ritter's front. L1 of the whole wave: not
more than a tenth above that of the same wave without friction.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.cases.flume import ROWS
from flood_sim.cases.rough_dam_break import at, first_correction
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import dam_breaks

BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@BOTH
def test_ritter_dry_bed(dtype):
    check = dam_breaks.dam_break(dam_breaks.RITTER, 0.008, dtype=dtype)
    assert check.passed, (check.figures, check.limits)


@BOTH
def test_stoker_wet_bed_with_the_right_shock_speed(dtype):
    check = dam_breaks.dam_break(dam_breaks.STOKER, 0.0043, dtype=dtype)
    assert check.passed, (check.figures, check.limits)


@BOTH
def test_dressler_rough_bed(dtype):
    check = dam_breaks.rough_dam_break(dam_breaks.DRESSLER, 0.03, dtype=dtype)
    assert check.passed, (check.figures, check.limits)


@dataclass(frozen=True)
class Rougher(cases.RoughDamBreak):
    def domain(self, cells):
        return replace(super().domain(cells), manning=np.full((ROWS, cells), 1.05 * self.n))


def test_a_wrong_roughness_is_caught():
    """The check can fail: n 5 % too high changes friction by 10 %."""
    check = dam_breaks.rough_dam_break(Rougher(), 0.03)
    assert check.figures["friction_effect_missed"] > 0.03


def test_the_way_of_solving_gives_dressler_s_own_functions_for_chezy_friction():
    """u_1 = (g/C)^2 t F1, c_1 = (g/C)^2 t F2 with F1, F2 as printed in SWASHES 4.1.3; g h_1 = 2 c_R c_1."""
    s = np.linspace(0.2, 3.0, 50)
    velocity, depth = first_correction({-2.0: 36.0, -1.0: -24.0, 0.0: 4.0})
    f1 = -108 / (7 * s**2) + 12 / s - 8 / 3 + 8 * np.sqrt(3) / 189 * s**1.5
    f2 = 6 / (5 * s) - 2 / 3 + 4 * np.sqrt(3) / 135 * s**1.5
    np.testing.assert_allclose(at(velocity, s), f1, atol=1e-10)
    np.testing.assert_allclose(at(depth, s), 2 / 3 * s * f2, atol=1e-10)


def test_friction_begins_at_the_foot_of_the_wave_and_slows_it():
    case = dam_breaks.DRESSLER
    foot = case.dam - case.celerity * case.time
    assert case.depth(np.array([foot]))[0] == pytest.approx(case.height)
    assert case.velocity(np.array([foot]))[0] == pytest.approx(0.0, abs=1e-12)
    assert case.velocity(np.array([case.dam]))[0] < case.celerity * 2 / 3


def test_exact_solution_conserves_the_water():
    """The reference is checked too: its integral is the initial volume."""
    for case in (dam_breaks.RITTER, dam_breaks.STOKER):
        x = case.centres(200_000)
        exact = case.depth(x).sum() * case.length / x.size
        assert abs(exact / (case.left * case.dam + case.right * (case.length - case.dam)) - 1) < 1e-4


def test_the_front_runs_no_faster_than_the_exact_one():
    case = cases.DamBreak()
    sim = Simulation(case.domain(400))
    sim.advance(case.time)
    front = case.dam + 2 * np.sqrt(9.81 * case.left) * case.time
    assert case.centres(400)[sim.depth[1] > 1e-3].max() <= front
    assert np.abs(sim.state.u).max() <= 2 * np.sqrt(9.81 * case.left) * 1.001
