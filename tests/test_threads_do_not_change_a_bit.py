"""One thread equals many, bit by bit.

Blocks of rows are static and their shared faces are computed from the old state
before any block starts, so the order of threads cannot matter: exact equality.
"""

import numba
import numpy as np
import pytest

from flood_sim import cases
from flood_sim.solver.domain import Domain
from flood_sim.solver.simulation import Simulation


@pytest.mark.parametrize(
    ("rows", "losses"), [(2, False), (33, False), (64, False), (65, False), (200, False), (200, True)]
)
def test_same_bits_for_any_number_of_threads(rows, losses):
    """losses: the ground takes water in every way, by sums over the blocks."""
    sims = []
    for threads in {1, 2, numba.config.NUMBA_NUM_THREADS}:
        make = cases.lossy_valley if losses else cases.valley
        domain = make(rows=max(rows, 50)) if rows >= 50 else _strip(rows)
        sim = Simulation(domain, threads=threads)
        sim.advance(200.0)
        sims.append(sim)
    for other in sims[1:]:
        for name in sims[0].state._fields:
            assert np.array_equal(getattr(sims[0].state, name), getattr(other.state, name)), name
        for name in sims[0].maxima._fields:
            assert np.array_equal(getattr(sims[0].maxima, name), getattr(other.maxima, name)), name
        assert sims[0].balance() == other.balance()


def test_blocks_do_not_change_the_answer():
    """Many blocks or a single one: the same flow but for the rounding of vector tails."""
    from flood_sim.backends import layout

    kept = layout.ROWS_PER_BLOCK
    try:
        depths = []
        for rows_per_block in (4, 7, 1000):
            layout.ROWS_PER_BLOCK = rows_per_block
            sim = Simulation(cases.valley(rows=120))
            sim.advance(300.0)
            depths.append(sim.depth.copy())
    finally:
        layout.ROWS_PER_BLOCK = kept
    assert np.abs(depths[0] - depths[2]).max() < 1e-6
    assert np.abs(depths[1] - depths[2]).max() < 1e-6


def _strip(rows):
    domain = cases.valley()
    return Domain(
        domain.ground[:rows], domain.active[:rows], domain.cell, outside=domain.outside[:rows],
        manning=domain.manning[:rows], rain=domain.rain, parts=domain.parts,
    )  # fmt: skip
