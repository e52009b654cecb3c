"""The energy of a still, frictionless pool with a rippled surface never grows.

Energy (potential of the surface + kinetic) has no source there. Above the
Courant limit 1/sqrt(2) of the 2-D forward-backward step, 1 cm ripples grow to
metres per second; one-dimensional tests never show it. Each reading must not
exceed the one before.
"""

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import still_water


def test_energy_of_a_frictionless_pool_falls():
    check = still_water.rippled_pool()
    assert check.passed, check.figures


def test_this_test_can_fail():
    """Beyond the stability limit the same pool does blow up: the check sees it."""
    sim = Simulation(cases.rippled_pool(size=32))
    sim._courant = 0.8  # refused where a user says so
    start = still_water.energy(sim)
    for t in range(20, 400, 20):
        sim.advance(float(t))
        if still_water.energy(sim) > 10 * start:
            break
    assert still_water.energy(sim) > 10 * start


def test_speeds_stay_below_the_ripples_own():
    sim = Simulation(cases.rippled_pool())
    sim.advance(600.0)
    assert np.abs(sim.state.u).max() < 0.01 * np.sqrt(9.81 / 1.0)
