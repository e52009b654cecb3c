"""Evil terrain with default settings."""

from __future__ import annotations

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks
from flood_sim.verify.watch import Watch


def survives(name: str) -> Check:
    """Speed against the head there is, mass, sign of depth, shortest step against the one that speed needs."""
    make, duration = cases.EVIL[name]
    sim = Simulation(make())
    watch = Watch(sim)
    sim.advance(duration, watch)
    finite = all(np.isfinite(a).all() for a in sim.state)
    return Check(
        {
            "speed_of_allowed": watch.share,
            "relative_mass_error": sim.balance().relative_error,
            "lowest_depth_m": watch.lowest_depth if finite else -np.inf,
            "shortest_step_of_needed": sim.shortest_step / watch.shortest_needed,
        },
        {
            "speed_of_allowed": 1.001,
            "relative_mass_error": 1e-6,
            "lowest_depth_m": 0.0,
            "shortest_step_of_needed": 1.0,
        },
        "tests/test_evil_terrain_needs_no_setting.py",
        frozenset({"lowest_depth_m", "shortest_step_of_needed"}),
    )


def worst() -> Check:
    """The worst figure of all evil terrains."""
    checks = [survives(name) for name in cases.EVIL]
    first = checks[0]
    figures = {
        figure: (min if figure in first.at_least else max)(c.figures[figure] for c in checks) for figure in first.limits
    }
    return Check(figures, first.limits, first.test, first.at_least)


CHECKS: Checks = {f"worst of {len(cases.EVIL)} evil terrains": worst}
