"""Dam breaks."""

from __future__ import annotations

from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

LEAST_ORDER = 0.7


def dam_break(case: cases.DamBreak, l1_limit: float, cells: int = 400, dtype: type = np.float32) -> Check:
    """L1 error at `cells`, observed order over two halvings, and for a wet bed the speed of the shock."""
    errors = []
    for n in (cells // 4, cells // 2, cells):
        sim = Simulation(case.domain(n), dtype=dtype)
        sim.advance(case.time)
        exact = case.depth(case.centres(n))
        errors.append(float(np.abs(sim.depth[1] - exact).sum() / exact.sum()))
    figures = {"l1": errors[-1], "order": float(np.log2(errors[0] / errors[-1]) / 2)}
    limits = {"l1": l1_limit, "order": LEAST_ORDER}
    if case.right > 0:
        half = (case.middle_depth() + case.right) / 2
        front = case.centres(cells)[sim.depth[1] > half].max() + case.length / cells / 2
        figures["shock_speed_error"] = float(abs((front - case.dam) / case.time / case.shock_speed() - 1))
        limits["shock_speed_error"] = case.length / cells / (case.shock_speed() * case.time) * 2
    return Check(figures, limits, "tests/test_dam_breaks_converge.py", frozenset({"order"}))


def rough_dam_break(case: cases.RoughDamBreak, missed: float, cells: int = 1000, dtype: type = np.float32) -> Check:
    """What friction changes of a dam break, computed with and without it on the same grid, against Dressler.

    The difference of two runs, so that the error of the wave without friction,
    which `dam_break` judges, drops out. Compared from the foot of the wave to the tip.
    """
    smooth = case.without_friction()
    errors = []
    for n in (cells // 4, cells // 2, cells):
        sims = [Simulation(c.domain(n), dtype=dtype, record=False) for c in (case, smooth)]
        for sim in sims:
            sim.advance(case.time)
        x = case.centres(n)
        wave = (x > case.dam - case.celerity * case.time) & (x < case.tip())
        h, h_smooth = (sim.depth[1].astype(float) for sim in sims)
        exact = case.depth(x)
        errors.append(float(np.abs(h - exact)[wave].sum() / exact[wave].sum()))
    ritter = smooth.depth(x)
    l1_smooth = float(np.abs(h_smooth - ritter)[wave].sum() / ritter[wave].sum())
    changed = (exact - ritter)[wave]
    found = (h - h_smooth)[wave]
    reach = float(x[h > 1e-3].max()) - case.dam
    figures = {
        "l1": errors[-1],
        "order": float(np.log2(errors[0] / errors[-1]) / 2),
        "friction_effect_missed": float(np.abs(found - changed).sum() / np.abs(changed).sum()),
        "front_past_tip_m": reach - (case.tip() - case.dam),
        "front_of_ritter": reach / (2 * case.celerity * case.time),
    }
    limits = {"l1": 1.1 * l1_smooth, "order": LEAST_ORDER, "friction_effect_missed": missed, "front_past_tip_m": 0.0,
              "front_of_ritter": 1.0}  # fmt: skip
    return Check(figures, limits, "tests/test_dam_breaks_converge.py", frozenset({"order", "front_past_tip_m"}))


RITTER = cases.DamBreak()
STOKER = cases.DamBreak(right=0.5)
DRESSLER = cases.RoughDamBreak()
CHECKS: Checks = {
    "Ritter dam break": partial(dam_break, RITTER, 0.008),
    "Stoker dam break": partial(dam_break, STOKER, 0.0043),
    "Dressler dam break": partial(rough_dam_break, DRESSLER, 0.03),
}
