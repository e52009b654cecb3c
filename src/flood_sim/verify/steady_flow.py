"""Steady flow: over a bump without friction, and in channels made for a given depth."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.kernels.constants import G
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

BUMP_TEST = "tests/test_flow_over_a_bump_keeps_its_energy.py"
CHANNEL_TEST = "tests/test_a_channel_carries_the_depth_it_was_made_for.py"
LEAST_ORDER = 0.9
SETTLED = 2000.0
"""s: the slowest wave has crossed a channel of 1 km several times, and friction has worn it out."""


def order(errors: list[float]) -> float:
    """Observed order of convergence over the halvings of the cell; NaN, which no limit admits, of what is no error."""
    if min(errors) <= 0:
        return math.nan
    return math.log2(errors[0] / errors[-1]) / (len(errors) - 1)


def discharge(sim: Simulation, faces: int) -> np.ndarray:
    """Discharge through the first `faces` + 1 cross-faces of the middle row, m2/s."""
    return sim.state.qx[2, : faces + 1].astype(float)


def flow_over_bump(case: cases.FlowOverBump, l1_limit: float, dtype: type = np.float32, cells: int = 200) -> Check:
    """Depth, discharge, head upstream and, where there is one, place of the jump in steady flow.

    Advection at a face lies between it and the velocity one cell upstream, so the
    head may be off by half of what the velocity head changes in one cell before the crest.
    """
    errors = []
    for n in (cells // 2, cells):
        sim = Simulation(case.domain(n), dtype=dtype, record=False)
        sim.advance(case.settled)
        x = cases.bump_centres(n)
        h, exact = sim.depth[1, :n].astype(float), case.depth(x)
        errors.append(float(np.abs(h - exact).sum() / exact.sum()))
    q = discharge(sim, cells)
    cell = x[1] - x[0]
    before = x <= cases.CREST
    steepest = float(np.abs(np.diff(case.discharge**2 / (2 * G * exact[before] ** 2))).max())
    figures = {
        "l1": errors[-1],
        "order": order(errors),
        "discharge_error": float(np.abs(q / case.discharge - 1).max()),
        "head_upstream_error_m": abs(float(h[0] + case.discharge**2 / (2 * G * h[0] ** 2)) - case.head()),
    }
    limits = {"l1": l1_limit, "order": LEAST_ORDER, "discharge_error": 1e-4, "head_upstream_error_m": steepest / 2}
    jump = case.jump()
    if jump is not None:
        figures["jump_cells_off"] = abs(jump_place(case, jump, x, h) - jump) / cell
        limits["jump_cells_off"] = 1.0
    return Check(figures, limits, BUMP_TEST, frozenset({"order"}))


def jump_place(case: cases.FlowOverBump, jump: float, x: np.ndarray, h: np.ndarray) -> float:
    """Where the depth behind the crest rises through the mean of the depths on both sides of the exact `jump`, m."""
    half = case.depth(np.array([jump - 1e-6, jump + 1e-6])).mean()
    k = int(np.flatnonzero((x > cases.CREST) & (h < half)).max())
    return float(np.interp(half, h[k : k + 2], x[k : k + 2]))


def made_channel(case: cases.MadeChannel, l1_limit: float, dtype: type = np.float32, cells: int = 200) -> Check:
    """Depth and discharge of steady flow with Manning friction; with rain the discharge grows along the channel."""
    errors = []
    for n in (cells // 2, cells):
        sim = Simulation(case.domain(n), dtype=dtype, record=False)
        sim.advance(SETTLED)
        x = case.x(n)
        there = x > 0
        exact = case.depth(x)[there]
        error = np.abs(sim.depth[1].astype(float)[there] - exact)
        errors.append(float(error.sum() / exact.sum()))
    cell = case.length / cells
    # velocities come from upstream: half a cell; a level acts one cell beyond the last centre, half a cell too far
    slack = float((np.abs(case.depth_slope(x[there])) / exact).max()) * cell / 2
    if not case.fast:
        slack += float(case.friction_slope(x[-1:])[0] / exact[-1]) * cell / 2
    faces = np.append(x - cell / 2, case.length)
    q = discharge(sim, x.size)
    return Check(
        {
            "l1": errors[-1],
            "order": order(errors),
            "largest_depth_error": float((error / exact).max()),
            "discharge_error": float(np.abs(q / case.flow(faces) - 1).max()),
        },
        {"l1": l1_limit, "order": LEAST_ORDER, "largest_depth_error": slack, "discharge_error": 1e-4},
        CHANNEL_TEST,
        frozenset({"order"}),
    )


SUBCRITICAL = cases.FlowOverBump(4.42, 2.0, 2.0, settled=180.0)
TRANSCRITICAL = cases.FlowOverBump(1.53, None, 0.66, settled=100.0)
JUMP = cases.FlowOverBump(0.18, 0.33, 0.33, settled=300.0)
SLOW = cases.MadeChannel(0.5, 16.0, 2.0, 0.033)
FAST = cases.MadeChannel(-0.2, 36.0, 2.5, 0.04, fast=True)
SLOW_RAIN = cases.MadeChannel(0.5, 16.0, 1.0, 0.033, rain=1e-3)
FAST_RAIN = cases.MadeChannel(-0.2, 36.0, 2.5, 0.04, rain=1e-3, fast=True)
BUMPS = {
    "flow over a bump, subcritical": (SUBCRITICAL, 0.0009),
    "flow over a bump, transcritical": (TRANSCRITICAL, 0.015),
    "flow over a bump, with a jump": (JUMP, 0.007),
}
CHANNELS = {
    "made channel, subcritical": (SLOW, 0.0013),
    "made channel, supercritical": (FAST, 0.00055),
    "made channel, subcritical, with rain": (SLOW_RAIN, 0.0012),
    "made channel, supercritical, with rain": (FAST_RAIN, 0.0006),
}
CHECKS: Checks = {
    **{name: partial(flow_over_bump, *case) for name, case in BUMPS.items()},
    **{name: partial(made_channel, *case) for name, case in CHANNELS.items()},
}
