"""Rain on a plane comes to the equilibrium of the kinematic wave, q = i x, h = (n q / sqrt S)^(3/5).

Source: Henderson and Wooding (1964), doi:10.1029/JZ069i008p01531. Steady volume
within 1 % of the discrete solution (each cell at the depth of the discharge at
its downstream face; what is left is the pressure gradient that the kinematic
wave neglects, largest on the mildest plane) and within 3 % of the continuous
one from 50 cells on (1.6/(2 * 50) = 1.6 % is the sum against the integral).
"""

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import rain


@pytest.mark.parametrize("slope", [0.005, 0.02, 0.1, 0.25, 0.5])
@pytest.mark.parametrize(("n", "cell"), [(0.015, 1.0), (0.03, 2.0), (0.1, 5.0)])
def test_steady_volume(slope, n, cell):
    check = rain.rain_on_plane(cases.RainOnPlane(slope=slope, n=n, cell=cell, length=50 * cell))
    assert check.passed, (check.figures, check.limits)


def test_steps_of_the_bed_far_higher_than_the_water():
    case = cases.RainOnPlane(slope=1.0, n=0.015, cell=1.0, length=50.0, rain=10e-3 / 3600)
    deepest = case.depth(np.array([case.length]))[0]
    assert case.slope * case.cell > 500 * deepest
    check = rain.rain_on_plane(case)
    assert check.passed, (check.figures, check.limits)


def test_what_falls_flows_off_in_equilibrium():
    case = cases.RainOnPlane()
    sim = Simulation(case.domain())
    sim.advance(4 * case.time_to_equilibrium())
    q = sim.state.qx[2, 1 : case.cells + 1]
    expected = case.rain * (np.arange(case.cells) + 1) * case.cell
    # every face carries what falls above it
    assert np.abs(q / expected - 1).max() < 1e-3


def test_equilibrium_comes_when_the_characteristic_arrives():
    """The foot reaches 97 % of i L at t_e within 5 %: the numerical wave is neither late nor early."""
    case = cases.RainOnPlane(slope=0.05, n=0.03, cell=1.0, length=100.0)
    sim = Simulation(case.domain())
    t_e = case.time_to_equilibrium()
    foot = lambda: float(sim.state.qx[2, case.cells]) / (case.rain * case.length)  # noqa: E731
    sim.advance(0.9 * t_e)
    # rising limb at the foot: q = alpha (i t)^(5/3), exact until t_e
    assert foot() == pytest.approx(0.9 ** (5 / 3), rel=0.03)
    sim.advance(1.05 * t_e)
    assert foot() > 0.97
