"""Culverts against a published example, a closed form and a calculation by hand."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from flood_sim import cases
from flood_sim.kernels import culvert
from flood_sim.solver.entrances import ENTRANCES
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

PUBLISHED = "tests/test_culverts_carry_what_hds5_says.py"
JOINED = "tests/test_a_culvert_joins_two_waters.py"
CURVE = ((11.327, 32.96, 0.793), (16.990, 33.93, 0.945), (22.654, 35.52, 1.158))
"""HDS-5 (2001), chapter III, problem 4: discharge (m3/s), level (m) and tailwater (m), of which all three are given."""


class Barrel(NamedTuple):
    """As kernels.culvert reads it."""

    shape: int
    width: float
    height: float
    length: float
    manning: float
    form: int
    k: float
    m: float
    c: float
    y: float
    ks: float
    ke: float


def published_example() -> Check:
    """Box of 2.134 m, square edges, 60.96 m at 5 %, inlet at 30.480 m: largest deviation of the headwater, as a share."""
    e = ENTRANCES["box", "square_edge"]
    box = Barrel(culvert.BOX, 2.134, 2.134, 60.96, 0.012, e.form, e.k, e.m, e.c, e.y, e.ks, e.ke)
    fall = 0.05 * box.length
    worst = 0.0
    for q, level, tailwater in CURVE:
        needed = max(culvert.headwater_of_inlet(box, q, fall), culvert.headwater_of_barrel(box, q, tailwater, fall))
        worst = max(worst, abs(needed / (level - 30.480) - 1))
    return Check({"headwater_error": worst}, {"headwater_error": 0.03}, PUBLISHED)


def ponds_come_together() -> Check:
    """Time in which two ponds joined by a pipe come from 1.5 m to 0.3 m of difference, against its closed form; mass."""
    case = cases.LinkedPonds()
    sim = Simulation(case.domain(), max_step=20.0, dtype=np.float64)
    found = []
    for goal in (1.5, 0.3):
        now, then, before = 10.0, 0.0, 10.0
        while now > goal:
            before, then = now, sim.t
            sim.advance(sim.t + 20.0)
            now = float(sim.depth[1, 1] - sim.depth[1, 3])
        found.append(then + (before - goal) / (before - now) * (sim.t - then))
    error = abs((found[1] - found[0]) / case.time_between(1.5, 0.3) - 1)
    figures = {"time_error": error, "mass_error": sim.balance().relative_error}
    return Check(figures, {"time_error": 5e-4, "mass_error": 1e-12}, JOINED)


def dam_ponds(discharge: float, headwater: float) -> Check:
    """A road dam with a box 2.0 x 1.5 m: how much higher the pond stands than by hand, as a share."""
    sim = Simulation(cases.dam(discharge))
    sim.advance(1200.0)
    ground = sim.domain.ground
    pond = float((ground + sim.depth)[7, 15]) - float(ground[7, 29])
    return Check({"too_high": abs(pond / headwater - 1)}, {"too_high": 0.03}, JOINED)


CHECKS: Checks = {
    "culvert of HDS-5, problem III-4": published_example,
    "two ponds joined by a pipe": ponds_come_together,
    "road dam, box culvert, 3 m³/s": partial(dam_ponds, 3.0, 1.0510),
    "road dam, box culvert, 9 m³/s": partial(dam_ponds, 9.0, 2.3732),
}
