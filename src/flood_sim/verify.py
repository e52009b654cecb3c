"""The exact cases, computed here and now: what `flood-sim verify` prints and the tests assert.

Each check computes a case of `flood_sim.cases` and compares figures with
limits; why a limit is what it is stands in the test file it names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation


@dataclass(frozen=True)
class Check:
    """Figures of one case and the largest (or, for names in `at_least`, least) values allowed."""

    figures: dict[str, float]
    limits: dict[str, float]
    test: str
    at_least: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        def met(name: str, limit: float) -> bool:
            value = self.figures[name]
            return value >= limit if name in self.at_least else value <= limit

        return all(met(name, limit) for name, limit in self.limits.items())


def lake_at_rest(dtype: type = np.float32) -> Check:
    """Water at rest over rough ground with emerged buildings, 600 s."""
    domain = cases.lake()
    sim = Simulation(domain, dtype=dtype)
    before = sim.depth.copy()
    sim.advance(600.0)
    # the level of still water is a float: one rounding of it drives at most u = sqrt(2 g eps h),
    # and a seiche of that speed has the amplitude u sqrt(h / g)
    deepest = float(before.max())
    speed = (2 * 9.81 * float(np.finfo(dtype).eps) * deepest) ** 0.5
    return Check(
        {
            "speed_m_s": float(max(np.abs(sim.state.u).max(), np.abs(sim.state.v).max())),
            "depth_change_m": float(np.abs(sim.depth - before).max()),
        },
        {"speed_m_s": speed, "depth_change_m": speed * (deepest / 9.81) ** 0.5},
        "tests/test_a_lake_at_rest_stays_at_rest.py",
    )


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


def rain_on_plane(case: cases.RainOnPlane) -> Check:
    """Water on the plane in equilibrium against the discrete and the continuous kinematic wave."""
    sim = Simulation(case.domain())
    sim.advance(3 * case.time_to_equilibrium())
    volume = float(sim.depth[1].sum(dtype=float)) * case.cell
    return Check(
        {
            "against_discrete": abs(volume / case.discrete_volume() - 1),
            "against_continuous": abs(volume / case.continuous_volume() - 1),
        },
        {"against_discrete": 0.01, "against_continuous": 0.03},
        "tests/test_rain_on_a_plane_reaches_the_kinematic_volume.py",
    )


def rippled_pool() -> Check:
    """Energy of a frictionless pool after 30 min, relative to the energy it began with."""
    sim = Simulation(cases.rippled_pool())
    energies = [_energy(sim)]
    for t in (60.0, 300.0, 1800.0):
        sim.advance(t)
        energies.append(_energy(sim))
    growth = max(b / a for a, b in zip(energies, energies[1:], strict=False))
    return Check(
        {"largest_growth": growth, "left_after_30_min": energies[-1] / energies[0]},
        {"largest_growth": 1.0, "left_after_30_min": 1.0},
        "tests/test_ripples_do_not_grow.py",
    )


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


def drizzle_on_deep_water() -> Check:
    """Water lost of 10 mm/h that fell for 1 h on ponds metres deep, relative to the rain."""
    domain = cases.drizzled_lake()
    sim = Simulation(domain)
    sim.advance(3600.0)
    balance = sim.balance()
    return Check(
        {"lost_share_of_rain": abs(balance.residual_m3) / balance.rain_m3},
        {"lost_share_of_rain": 1e-6},
        "tests/test_mass_closes_and_depth_stays_positive.py",
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


RITTER = cases.DamBreak()
STOKER = cases.DamBreak(right=0.5)
PLANES = (
    cases.RainOnPlane(slope=0.005, n=0.015, cell=1.0, length=50.0),
    cases.RainOnPlane(slope=0.05, n=0.03, cell=2.0, length=100.0),
    cases.RainOnPlane(slope=0.25, n=0.02, cell=2.0, length=100.0),
    cases.RainOnPlane(slope=0.5, n=0.1, cell=5.0, length=250.0),
)
CHECKS: dict[str, Callable[[], Check]] = {
    "lake at rest, float32": lake_at_rest,
    "lake at rest, float64": partial(lake_at_rest, np.float64),
    "Ritter dam break": partial(dam_break, RITTER, 0.01),
    "Stoker dam break": partial(dam_break, STOKER, 0.006),
    **{
        f"rain on a plane, slope {100 * p.slope:g} %, n {p.n:g}, {p.cell:g} m": partial(rain_on_plane, p)
        for p in PLANES
    },
    "rippled frictionless pool": rippled_pool,
    **{f"steep valley {turn}": partial(turned_valley, turn) for turn in cases.TURNS},
    "drizzle on deep water": drizzle_on_deep_water,
    "one thread equals many": threads_agree,
}


def verify() -> dict[str, dict[str, Any]]:
    """Compute every case: its name to its figures and `pass`."""
    return {name: {**(check := make()).figures, "pass": check.passed} for name, make in CHECKS.items()}


def _energy(sim: Simulation) -> float:
    s = sim.state
    return cases.flow_energy(sim.depth.astype(float), s.u[1:-1, :-1].astype(float), s.v[:-1, 1:-1].astype(float))
