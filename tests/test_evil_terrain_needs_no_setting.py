"""Cliffs, needles, noise, roofs, cascades and torrents are computed with default settings, without friction too.

Each case of `cases.EVIL`, at every step:
- speed: u^2 <= 2 g H, H = largest z + 2h ever less the lowest bed. A fall H of the
  ground gives sqrt(2 g H) (Torricelli, Bernoulli); depth counts twice, because the
  front of a dam break runs at 2 sqrt(g h) (Ritter 1892). What a border forces in is
  added (`verify.watch`). Allowed is 0.1 % more, for roundings of float32. No cap on
  velocity makes this true: water gains at each face what the fall there holds.
- depth >= 0, mass to 1e-6 as everywhere.
- the step never collapses: speed and depth being bounded, so is the Courant limit;
  steps are made equal up to the next event, which halves them at most.
"""

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.kernels.constants import G
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import evil
from flood_sim.verify.watch import Watch


@pytest.mark.parametrize("name", cases.EVIL)
def test_evil_terrain(name):
    check = evil.survives(name)
    assert check.passed, check.figures


def energy(sim):
    """Energy above still water of the same volume, all ground under water, J/(kg/m3)."""
    h, s = sim.depth.astype(float), sim.state
    level = h + sim.domain.ground
    mass_x, mass_y = (h[:, 1:] + h[:, :-1]) / 2, (h[1:] + h[:-1]) / 2
    kinetic = (mass_x * s.u[1:-1, 1:-2] ** 2).sum() + (mass_y * s.v[1:-2, 1:-1] ** 2).sum()
    return float((G * (level - level.mean()) ** 2).sum() + kinetic) / 2


def test_ripples_over_steps_of_the_bed_do_not_grow():
    """No friction, no rain, steps of 90 % of the depth: the energy of 1 cm ripples can only fall."""
    make, duration = cases.EVIL["still pool over steps"]
    sim = Simulation(make())
    energies = [energy(sim)]
    for t in np.linspace(0, duration, 11)[1:]:
        sim.advance(t)
        energies.append(energy(sim))
    assert max(energies[1:]) <= energies[0]
    assert energies[-1] < 0.5 * energies[0]


def test_a_lake_at_the_border_enters_at_the_speed_of_its_own_head():
    """2 m above the crest give sqrt(2 g 2 m) = 6.3 m/s at most; a face that only accelerates had 25 m/s."""
    make, duration = cases.EVIL["lake level above a slope"]
    sim = Simulation(make())
    sim.advance(duration)
    rim = sim.state.u[1:-1, -2]
    assert rim.max() <= 0 and np.abs(rim).max() > 1.0
    assert np.abs(rim).max() <= np.sqrt(2 * G * 2.0)


def test_the_watch_sees_a_speed_beyond_the_head():
    """The bound is tight enough to catch a fault: 20 % more speed on a plain cliff is beyond it."""
    make, duration = cases.EVIL["lake over a cliff of 100 m"]
    sim = Simulation(make())
    watch = Watch(sim)
    sim.advance(duration, watch)
    assert watch.share > 1 / 1.2
