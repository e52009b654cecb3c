"""Water at rest, ripples, and drizzle on deep water."""

from __future__ import annotations

from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.kernels.constants import G
from flood_sim.solver.domain import Domain
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks


def lake_at_rest(dtype: type = np.float32, domain: Domain | None = None, duration: float = 600.0) -> Check:
    """Water at rest: over rough ground with emerged buildings where no domain is given; discharge and wetted cells too."""
    sim = Simulation(cases.lake() if domain is None else domain, dtype=dtype)
    before = sim.depth.copy()
    sim.advance(duration)
    # the level of still water is a float: one rounding of it drives at most u = sqrt(2 g eps h),
    # and a seiche of that speed has the amplitude u sqrt(h / g)
    deepest = float(before.max())
    speed = (2 * G * float(np.finfo(dtype).eps) * deepest) ** 0.5
    return Check(
        {
            "speed_m_s": float(max(np.abs(sim.state.u).max(), np.abs(sim.state.v).max())),
            "depth_change_m": float(np.abs(sim.depth - before).max()),
            "wetted_cells": float(((before == 0) & (sim.depth > 0)).sum()),
        },
        {"speed_m_s": speed, "depth_change_m": speed * (deepest / G) ** 0.5, "wetted_cells": 0.0},
        "tests/test_a_lake_at_rest_stays_at_rest.py",
    )


def bump_at_rest(level: float, dtype: type = np.float32) -> Check:
    """Water at rest over the bump of SWASHES, immersed or emerged, 100 s without friction."""
    return lake_at_rest(dtype, cases.bump_at_rest(level), 100.0)


LEVELS = {"immersed": 0.5, "emerged": 0.1}
"""m; the bump is 0.2 m high."""


def rippled_pool() -> Check:
    """Energy of a frictionless pool after 30 min, relative to the energy it began with."""
    sim = Simulation(cases.rippled_pool())
    energies = [energy(sim)]
    for t in (60.0, 300.0, 1800.0):
        sim.advance(t)
        energies.append(energy(sim))
    growth = max(b / a for a, b in zip(energies, energies[1:], strict=False))
    return Check(
        {"largest_growth": growth, "left_after_30_min": energies[-1] / energies[0]},
        {"largest_growth": 1.0, "left_after_30_min": 1.0},
        "tests/test_ripples_do_not_grow.py",
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


def energy(sim: Simulation) -> float:
    s = sim.state
    return cases.flow_energy(sim.depth.astype(float), s.u[1:-1, :-1].astype(float), s.v[:-1, 1:-1].astype(float))


CHECKS: Checks = {
    "lake at rest, float32": lake_at_rest,
    "lake at rest, float64": partial(lake_at_rest, np.float64),
    **{
        f"bump at rest, {name}, {kind.__name__}": partial(bump_at_rest, level, kind)
        for name, level in LEVELS.items()
        for kind in (np.float32, np.float64)
    },
    "rippled frictionless pool": rippled_pool,
    "drizzle on deep water": drizzle_on_deep_water,
}
