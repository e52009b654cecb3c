"""The largest speed of a dry front is that of its water, whatever the time step.

Exact bound: where water of depth H is let loose over dry ground no speed exceeds
2 sqrt(g H) (Ritter 1892). A cell that fills from dry holds what one step brought, so
discharge / depth would be dx / 2 dt there. Beyond a wall, ponds of 0, 10 and 50 m
shorten the step fourfold: the largest speed at the front may differ by 2 %, as the
first-order time step lets it, not by a factor (before: 5.2, 8.3 and 18.5 m/s).
"""

import math

import numpy as np
import pytest

from flood_sim.solver.domain import Domain
from flood_sim.solver.simulation import Simulation

LAKE_M = 2.0


def largest_speed(pond: float) -> tuple[float, int]:
    """Largest speed recorded in a dam break over 5 s, and steps; a pond stands beyond a wall."""
    ground, depth = np.zeros((40, 120)), np.zeros((40, 120))
    ground[20] = 60.0
    depth[:20, :40], depth[21:] = LAKE_M, pond
    sim = Simulation(Domain(ground, np.ones(ground.shape, bool), 1.0, manning=np.full(ground.shape, 0.03), depth=depth))
    sim.advance(5.0)
    return float(np.sqrt(sim.maxima.speed2[1:21].max())), sim.steps


@pytest.mark.parametrize("pond", [10.0, 50.0])
def test_a_pond_elsewhere_does_not_make_a_front_faster(pond):
    (alone, few), (beside, many) = largest_speed(0.0), largest_speed(pond)
    assert many > 1.5 * few
    assert beside == pytest.approx(alone, rel=0.02)
    assert alone < 2 * math.sqrt(9.81 * LAKE_M)
