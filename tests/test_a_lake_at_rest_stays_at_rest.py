"""Still water over rough ground with 8 m buildings emerging, and over a bump under or above it, stays still.

Equation: u = 0 and h + z constant is a solution (well-balanced property,
Audusse et al. 2004, doi:10.1137/S1064827503431090). Tolerance: depth and ground
are rounded numbers, so neighbouring levels may differ by one rounding eps*h of
the deepest water; that head drives at most u = sqrt(2 g eps h), and a seiche of
that speed has the amplitude u sqrt(h/g). Nothing above that is allowed, and no
dry cell may become wet. The bump is that of SWASHES, Delestre et al. (2013),
doi:10.1002/fld.3741, 3.1.1 (level 0.5 m, immersed) and 3.1.2 (0.1 m, emerged).
"""

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import still_water


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_immersed_and_emerged_ground(dtype):
    check = still_water.lake_at_rest(dtype)
    assert check.passed, (check.figures, check.limits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", still_water.LEVELS)
def test_a_bump_immersed_or_emerged(name, dtype):
    check = still_water.bump_at_rest(still_water.LEVELS[name], dtype)
    assert check.passed, (check.figures, check.limits)


def test_a_tilted_surface_is_caught():
    """The check can fail: a level that differs by 1 mm from end to end moves."""
    domain = cases.bump_at_rest(0.5)
    domain.depth[:, :100] += 1e-3
    assert not still_water.lake_at_rest(np.float32, domain, 10.0).passed


def test_dry_ground_stays_dry():
    domain = cases.lake()
    sim = Simulation(domain)
    dry = sim.depth == 0
    assert dry.sum() > 100
    sim.advance(600.0)
    assert (sim.depth[dry] == 0).all()


def test_a_lake_high_above_the_sea_is_as_still():
    """Heights enter as differences: 1,000 m higher, the same bits."""
    low, high = cases.lake(), cases.lake()
    object.__setattr__(high, "ground", high.ground + 1024.0)  # a power of two adds no rounding of its own
    sims = [Simulation(low), Simulation(high)]
    for sim in sims:
        sim.advance(60.0)
    assert np.abs(sims[0].depth - sims[1].depth).max() <= 1e-6
