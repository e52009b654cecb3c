"""The same problem in another orientation, height or place, or on another number of threads."""

from __future__ import annotations

from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.solver.domain import Domain
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

TEST = "tests/test_a_turned_problem_gives_the_turned_answer.py"
FRAME = (37, 5, 70, 29)
"""Rows and columns of nothing to the north, west, south and east of the valley."""


def lifted_valley(by: float) -> Check:
    """Cells whose depth differs in any bit after 10 min when all ground stands `by` metres higher."""
    domain = cases.valley()
    return _same_bits(domain, cases.lifted(domain, by), slice(None))


def framed_valley() -> Check:
    """Cells whose depth differs in any bit after 10 min when the valley lies elsewhere in a larger grid."""
    domain = cases.valley()
    north, west = FRAME[:2]
    rows, cols = domain.active.shape
    return _same_bits(domain, cases.framed(domain, *FRAME), (slice(north, north + rows), slice(west, west + cols)))


def _same_bits(one: Domain, other: Domain, window: slice | tuple[slice, slice]) -> Check:
    sims = Simulation(one), Simulation(other)
    for sim in sims:
        sim.advance(600.0)
    different = float((sims[0].depth != sims[1].depth[window]).sum())
    return Check({"different_cells": different}, {"different_cells": 0.0}, TEST)


def turned_valley(turn: str) -> Check:
    """Largest difference of depth between a valley and its turned copy after 15 min, m."""
    domain = cases.valley()
    one, other = Simulation(domain), Simulation(cases.turned(domain, turn))
    one.advance(900.0)
    other.advance(900.0)
    difference = float(np.abs(cases.TURNS[turn](one.depth) - other.depth).max())
    return Check({"difference_m": difference}, {"difference_m": 1e-6}, TEST)


def threads_agree() -> Check:
    """Cells whose depth differs in any bit between one thread and all."""
    domain = cases.valley(rows=200)
    sims = [Simulation(domain, threads=n) for n in (1, None)]
    for sim in sims:
        sim.advance(300.0)
    return Check(
        {"different_cells": float((sims[0].depth != sims[1].depth).sum())}, {"different_cells": 0.0},
        "tests/test_threads_do_not_change_a_bit.py",
    )  # fmt: skip


CHECKS: Checks = {
    **{f"steep valley {turn}": partial(turned_valley, turn) for turn in cases.TURNS},
    "steep valley lifted by 1,000 m": partial(lifted_valley, 1000.0),
    "steep valley elsewhere in a larger grid": framed_valley,
    "one thread equals many": threads_agree,
}
