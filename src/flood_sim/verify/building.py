"""A dam break against a building, as measured in a flume."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from flood_sim import cases
from flood_sim.cases.building import ARRIVAL, GAUGES, MEAN_DEPTH, MEAN_TIMES, BuildingInFlume
from flood_sim.solver.domain import Domain
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

PROBE = 0.0225
"""Depth of the first readings, m: the probes end about 2 cm above the bed."""


@dataclass
class Record:
    """Depths (m) at the gauges: every 0.5 s from 0.5 s to 29.5 s, and when each first reached the probe, s."""

    times: np.ndarray
    depth: dict[str, np.ndarray]
    arrival: dict[str, float] = field(default_factory=dict)
    mass_error: float = 0.0


def record(case: BuildingInFlume, domain: Domain | None = None) -> Record:
    """Compute 29.5 s of the experiment, at any scale, and give times and depths in the flume's own."""
    sim = Simulation(domain or case.domain(), max_step=1.0)
    times = np.arange(1, 591) * 0.05
    rows = np.empty((times.size, len(GAUGES)))
    for k, t in enumerate(times):
        sim.advance(float(t) * case.scale**0.5)
        rows[k] = [case.at(sim.depth, gauge) / case.scale for gauge in GAUGES]
    arrival = {g: float(times[np.argmax(rows[:, k] >= PROBE)]) for k, g in enumerate(GAUGES) if g in ARRIVAL}
    depth = {g: rows[9::10, k] for k, g in enumerate(GAUGES)}
    return Record(times[9::10], depth, arrival, sim.balance().relative_error)


def mean_depth_error(run: Record, gauge: str) -> float:
    """Mean depth from 5 s to 29.5 s over the measured mean, minus one."""
    late = run.times >= MEAN_TIMES[0] - 1e-6
    return float(run.depth[gauge][late].mean()) / MEAN_DEPTH[gauge] - 1


def dam_break_at_a_building(case: BuildingInFlume = cases.BuildingInFlume(cell=0.05)) -> Check:
    """Mean depths around the building and in the reservoir, and the times between the arrivals, against the flume."""
    run = record(case)
    lag = {g: (run.arrival[g] - run.arrival["G2"]) - (ARRIVAL[g] - ARRIVAL["G2"]) for g in ARRIVAL}
    return Check(
        {
            "around_building": max(abs(mean_depth_error(run, g)) for g in ("G1", "G3", "G4", "G5")),
            "reservoir": abs(mean_depth_error(run, "G6")),
            "arrival_lag_s": max(map(abs, lag.values())),
        },
        {"around_building": 0.2, "reservoir": 0.03, "arrival_lag_s": 0.3},
        "tests/test_flow_around_a_building_matches_the_laboratory.py",
    )


CHECKS: Checks = {"dam break at a building, flume, 5 cm": dam_break_at_a_building}
