"""Still water outside fills dry ground inside up to its level, not above, however long the first step is.

Exact: water let loose from a lake of depth H over dry level ground runs off as a
fan in which no depth exceeds H (Ritter 1892); until the front, no faster than
2 sqrt(g H), has reached the far wall nothing can come back. Tolerance 0.1 % of H:
rounding, and the last step before the level is reached. A step of 5 s, which dry
ground allows, once brought 50 times the depth.
"""

import math

import numpy as np
import pytest

from flood_sim.solver.border import LEVEL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.simulation import Simulation


def beside_a_lake(level: float, cell: float) -> Domain:
    """Dry level ground of 3 x 200 cells, water `level` m deep beyond its western edge, walls elsewhere."""
    shape = (3, 200)
    active, outside = np.ones(shape, bool), np.zeros(shape, bool)
    faces = border_faces(active, outside)
    owner = np.where((faces.axis == 0) & (faces.side < 0), 0, -1)
    return Domain(
        np.zeros(shape), active, cell, manning=np.full(shape, 0.02), outside=outside,
        parts=(Part("lake", LEVEL, level),), owner=owner,
    )  # fmt: skip


@pytest.mark.parametrize("max_step", [0.05, 5.0, 60.0])
@pytest.mark.parametrize("cell", [0.5, 1.0, 10.0])
@pytest.mark.parametrize("level", [0.3, 2.0, 5.0])
def test_no_depth_exceeds_the_level_outside(level, cell, max_step):
    sim = Simulation(beside_a_lake(level, cell), max_step=max_step)
    until = 0.9 * 200 * cell / (2 * math.sqrt(9.81 * level))
    sim.advance(until)
    assert 0.3 * level < float(sim.maxima.h.max()) <= level * 1.001
