"""The same problem in another orientation or on another number of threads."""

from __future__ import annotations

from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks


def turned_valley(turn: str) -> Check:
    """Largest difference of depth between a valley and its turned copy after 15 min, m."""
    domain = cases.valley()
    one, other = Simulation(domain), Simulation(cases.turned(domain, turn))
    one.advance(900.0)
    other.advance(900.0)
    difference = float(np.abs(cases.TURNS[turn](one.depth) - other.depth).max())
    return Check(
        {"difference_m": difference}, {"difference_m": 1e-6}, "tests/test_a_turned_problem_gives_the_turned_answer.py"
    )


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
    "one thread equals many": threads_agree,
}
