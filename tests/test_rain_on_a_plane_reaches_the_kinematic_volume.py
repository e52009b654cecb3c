"""Rain on a plane follows the kinematic wave: rising limb, equilibrium and recession, 0.5 to 50 % slope.

dh/dt + dq/dx = i, q = sqrt(S)/n h^(5/3). At the foot q = alpha (i t)^(5/3) until
t_e, then i L; after the rain L = q/i + (5/3) alpha^(3/5) q^(2/5) t. Source:
Henderson and Wooding (1964), doi:10.1029/JZ069i008p01531.

Steady volume: within 1 % of the discrete solution (each cell at the depth of the
discharge at its downstream face) and 3 % of the continuous one on 50 cells
(1.6/(2 * 50) = 1.6 % is the sum against the integral), wherever the full
equations themselves stay within 1 % of the kinematic volume; and within 0.2 % of
the steady profile of the FULL equations, which explains what is left: the
acceleration of rain 2 q i / (g h^2), pressure and inertia, all of the order of 1/k and
h/(S L); both stand in every failure message.

Limbs: first-order upwinding smears the kink at t_e by the variance 1.8/N (N cells;
derived in cases.plane, Courant number zero, the worst), pressure by 0.27 h/(S L).
A kink smeared by s^2 loses (5/3)(8/3)/4 s^2 = 1.1 s^2 of the rising volume: 2/N +
0.3 h/(S L); the recession has no kink: half the grid's part. The same smearing
bounds the time at which the foot reaches 95 %. All of it vanishes with the cell:
the error of the rising limb falls by more than 2^0.7 with each halving.
"""

from dataclasses import replace

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import rain

SLOPES = [0.005, 0.02, 0.1, 0.25, 0.5]
ROUGHNESS = [0.015, 0.03, 0.1]
CELLS = [1.0, 2.0, 5.0]


def explained(case, check):
    return {"k": case.kinematic_number(), "h/(S L)": case.depth_number(), **check.figures}, check.limits


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("n", ROUGHNESS)
@pytest.mark.parametrize("cell", CELLS)
def test_volume_and_both_limbs(slope, n, cell):
    case = cases.RainOnPlane(slope=slope, n=n, cell=cell, length=50 * cell)
    check = rain.rain_on_plane(case)
    assert check.passed, explained(case, check)


def test_only_the_mildest_and_roughest_planes_are_not_kinematic():
    """0.5 %, n 0.1, 50 and 100 m long: h/(S L) of 6 and 5 %; pressure alone adds 1.6 and 1.2 % of water."""
    planes = [
        cases.RainOnPlane(slope=slope, n=n, cell=cell, length=50 * cell)
        for slope in SLOPES for n in ROUGHNESS for cell in CELLS
    ]  # fmt: skip
    deep = [(p.slope, p.n, p.length) for p in planes if not p.is_kinematic()]
    assert deep == [(0.005, 0.1, 50.0), (0.005, 0.1, 100.0)]
    assert min(p.kinematic_number() for p in planes) > 100


def test_the_limbs_converge_to_the_characteristics():
    """Order 0.7 at least: the kink at t_e holds a first-order scheme below 1."""
    plane = cases.RainOnPlane(slope=0.1, n=0.03, length=100.0)
    checks = [rain.rain_on_plane(replace(plane, cell=cell)) for cell in (2.0, 1.0, 0.5)]
    for figure in ("rising_limb_l1", "falling_limb_l1", "time_to_95_percent"):
        coarse, _, fine = (c.figures[figure] for c in checks)
        assert np.log2(coarse / fine) / 2 > 0.7, (figure, [c.figures for c in checks])


def test_what_does_not_converge_to_the_kinematic_wave_is_physics():
    """0.5 %, n 0.015: at an eighth of the cell the volume stays 0.9 % above the kinematic wave, as it must."""
    case = cases.RainOnPlane(slope=0.005, n=0.015, cell=0.125, length=50.0)
    figures = rain.rain_on_plane(case).figures
    assert 0.007 < figures["against_discrete"] < 0.01
    assert figures["against_full_equations"] < 2e-4


def test_a_roughness_wrong_by_three_percent_is_caught(monkeypatch):
    rough = cases.RainOnPlane.domain
    monkeypatch.setattr(
        cases.RainOnPlane, "domain", lambda case: replace(rough(case), manning=rough(case).manning * 1.03)
    )
    check = rain.rain_on_plane(cases.RainOnPlane(slope=0.1, n=0.03))
    assert not check.passed
    assert check.figures["against_discrete"] > check.limits["against_discrete"]


def test_steps_of_the_bed_far_higher_than_the_water():
    case = cases.RainOnPlane(slope=1.0, n=0.015, cell=1.0, length=50.0, rain=10e-3 / 3600)
    deepest = case.depth(np.array([case.length]))[0]
    assert case.slope * case.cell > 500 * deepest
    check = rain.rain_on_plane(case)
    assert check.passed, explained(case, check)


def test_what_falls_flows_off_in_equilibrium():
    case = cases.RainOnPlane()
    sim = Simulation(case.domain())
    sim.advance(4 * case.time_to_equilibrium())
    q = sim.state.qx[2, 1 : case.cells + 1]
    expected = case.rain * (np.arange(case.cells) + 1) * case.cell
    # every face carries what falls above it
    assert np.abs(q / expected - 1).max() < 1e-3
