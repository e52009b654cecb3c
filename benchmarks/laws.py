"""What the laws of a scenario cost: everything switched on against rain alone.

The town valley of 1024 x 1024 cells under 90 mm/h, one thread, maxima at every
step in both. Bare: even rain between walls. All: rain in five-minute blocks with
roof weights, eight inflows over areas with a hydrograph each, free, level and
discharge borders with series, four cross sections. Ground: every loss of the
ground and roughness that follows the depth, on the same town with cells of 1 m
after 10 min, at rates so small that the flow stays that of the bare one: every
loop runs on every cell in every pass, and both take the same steps. Processor
time per step, because the laws change the flow and with it the number of steps; in turns.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks import valley
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, Faces, Part, border_faces
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.ground import Ground, Zones
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation

INFLOWS = 8
SECTIONS = 4
PATCH = 8
"""Cells along an edge of a patch of one kind of ground."""
LEAST = 1e-15
"""A rate, m/s, at which a storm loses less than a rounding of its depth."""


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"bare_ms_step", "all_ms_step", "ratio", "ground_ratio", ...}."""
    size, rounds, seconds = (48, 1, 2.0) if tiny else (1024, 6, 4.0)
    ground = valley.town(size)
    bare = Simulation(_bare(ground), threads=1)
    full = Simulation(_everything(ground), threads=1, sections=_sections(size))
    best = _raced({"bare": bare, "all": full}, 1.0 if tiny else 20.0, rounds, seconds)
    fine = replace(_bare(ground), cell=1.0)
    sims = {"bare": Simulation(fine, threads=1), "ground": Simulation(replace(fine, laws=(_losses(size),)), threads=1)}
    lost = _raced(sims, 1.0 if tiny else 600.0, rounds, seconds)
    return {
        "cells": ground.size, "bare_ms_step": best["bare"], "all_ms_step": best["all"], "ratio": best["all"] / best["bare"],
        "ground_bare_ms_step": lost["bare"], "ground_ms_step": lost["ground"], "ground_ratio": lost["ground"] / lost["bare"],
        "ground_step_s": sims["ground"].dt_before, "how": " ".join((__doc__ or "").split()),
    }  # fmt: skip


def _raced(sims: dict[str, Simulation], begin: float, rounds: int, seconds: float) -> dict[str, float]:
    """Best processor time per step of each, ms, over stretches of so many seconds in turns, from `begin` on."""
    best = dict.fromkeys(sims, np.inf)
    for sim in sims.values():
        sim.advance(begin)
    for _ in range(rounds):
        for name, sim in sims.items():
            before, began = sim.steps, time.process_time()
            sim.advance(sim.t + seconds)
            best[name] = min(best[name], (time.process_time() - began) / (sim.steps - before) * 1e3)
    return best


def _losses(size: int) -> Ground:
    """Eight kinds of ground in patches, whose losses are too small to change the flow; the same roughness everywhere."""
    rng = np.random.default_rng(1)
    patches = rng.integers(0, 8, (size // PATCH, size // PATCH), np.uint8)
    zones = Zones.of(
        8, wetting=np.linspace(0.0, 1e-4, 8), unsealed=np.linspace(0.0, 1.0, 8), a=2 * LEAST, b=LEAST, c=2 / 3600,
        flat=LEAST, capacity=LEAST, threshold=0.0, shallow=valley.MANNING, deep=valley.MANNING,
    )  # fmt: skip
    return Ground(np.repeat(np.repeat(patches, PATCH, 0), PATCH, 1), zones, "horton", True)


def _bare(ground: np.ndarray) -> Domain:
    return Domain(
        ground, np.ones(ground.shape, bool), valley.CELL_M, manning=np.full(ground.shape, valley.MANNING),
        rain=Steps((0.0, 1e6), (valley.RAIN_M_S,)),
    )  # fmt: skip


def _everything(ground: np.ndarray) -> Domain:
    size = ground.shape[0]
    active = np.ones(ground.shape, bool)
    faces = border_faces(active, ~active)
    # part 0: free in the west, 1: level in the south, 2: discharge on the floor in the north, 3: free in the east
    south, north = (faces.axis == 1) & (faces.side == 1), (faces.axis == 1) & (faces.side == -1)
    floor = np.abs(faces.col - size / 2) < size / 16
    owner = np.full(faces.size, -1)
    owner[(faces.axis == 0) & (faces.side == -1)] = 0
    owner[(faces.axis == 0) & (faces.side == 1)] = 3
    owner[south] = 1
    owner[north & floor] = 2
    low = float(ground[-1].min())
    weight = np.ones(ground.shape)
    rng = np.random.default_rng(5)
    weight[rng.random(ground.shape) < 0.05] = 3.0
    minutes = tuple(float(t) for t in np.arange(0, 7201, 300))
    rain = tuple(valley.RAIN_M_S * (0.5 + (k % 5) / 4) for k in range(len(minutes) - 1))
    times = (0.0, 1800.0, 7200.0)
    inflows = []
    for k in range(INFLOWS):
        r, c = (np.mgrid[0:3, 0:3] + np.array([[[(k + 1) * size // (INFLOWS + 2)]], [[size // 2]]])).reshape(2, -1)
        inflows.append(AreaInflow(f"spring {k}", r, c, Linear(times, (0.2, 1.0, 0.1))))
    parts = (
        Part("west", NORMAL),
        Part("south", LEVEL, series=Linear(times, (low + 0.1, low + 0.5, low + 0.2))),
        Part("river", DISCHARGE, series=Linear(times, (1.0, 5.0, 1.0))),
        Part("east", NORMAL, 0.03),
    )
    return Domain(
        ground, active, valley.CELL_M, manning=np.full(ground.shape, valley.MANNING), rain_weight=weight,
        rain=Steps(minutes, rain), parts=parts, owner=owner, inflows=tuple(inflows),
    )  # fmt: skip


def _sections(size: int) -> tuple[Faces, ...]:
    """Lines across the whole valley, from west to east."""
    found = []
    for k in range(1, SECTIONS + 1):
        row = np.full(size, k * size // (SECTIONS + 1) + 1)
        col = np.arange(1, size + 1)
        found.append(Faces(np.ones(size, np.int64), row, col, np.ones(size, np.int64), row, col))
    return tuple(found)


def show(figures: dict[str, Any], console: Console) -> None:
    console.print(
        "losses of the ground: {ground_ms_step:.2f} ms per step, bare {ground_bare_ms_step:.2f}: ratio {ground_ratio:.2f}".format(
            **figures
        )
    )
    console.print(
        "all laws switched on: {all_ms_step:.2f} ms per step, bare {bare_ms_step:.2f}: ratio {ratio:.2f}".format(
            **figures
        )
    )
