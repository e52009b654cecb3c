"""Dam breaks."""

from __future__ import annotations

from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks


def dam_break(case: cases.DamBreak, l1_limit: float, cells: int = 400) -> Check:
    """L1 error at `cells`, observed order over two halvings, and for a wet bed the speed of the shock."""
    errors = []
    for n in (cells // 4, cells // 2, cells):
        sim = Simulation(case.domain(n))
        sim.advance(case.time)
        exact = case.depth(case.centres(n))
        errors.append(float(np.abs(sim.depth[1] - exact).sum() / exact.sum()))
    figures = {"l1": errors[-1], "order": float(np.log2(errors[0] / errors[-1]) / 2)}
    limits = {"l1": l1_limit, "order": 0.65}
    if case.right > 0:
        half = (case.middle_depth() + case.right) / 2
        front = case.centres(cells)[sim.depth[1] > half].max() + case.length / cells / 2
        figures["shock_speed_error"] = float(abs((front - case.dam) / case.time / case.shock_speed() - 1))
        limits["shock_speed_error"] = case.length / cells / (case.shock_speed() * case.time) * 2
    return Check(figures, limits, "tests/test_dam_breaks_converge.py", frozenset({"order"}))


RITTER = cases.DamBreak()
STOKER = cases.DamBreak(right=0.5)
CHECKS: Checks = {
    "Ritter dam break": partial(dam_break, RITTER, 0.01),
    "Stoker dam break": partial(dam_break, STOKER, 0.006),
}
