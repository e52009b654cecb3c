"""A whole city at 1 m, 168 million cells, in 16 GB: a few steps, in a process of its own.

Terrain: the town valley repeated, float32 heights; all maxima recorded. What
counts is the largest memory of the process from its start, interpreter and
libraries included, building the arrays included.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console

from benchmarks import valley

ROOT = Path(__file__).resolve().parent.parent
SHAPE = (13_000, 12_923)
TINY = (60, 70)
LIMIT_GB = 16.0
STEPS_S = 2.0
PATTERN = 1000


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"cells", "peak_gb", "peak_bytes_per_cell", "steps", …}, or {"skipped": why}."""
    shape = TINY if tiny else SHAPE
    free = psutil.virtual_memory().available / 1e9
    if not tiny and free < LIMIT_GB + 1:
        return {"skipped": f"{free:.1f} GB of memory are free, {LIMIT_GB + 1:g} are needed"}
    command = [sys.executable, "-m", "benchmarks.city", *map(str, shape)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "how": " ".join((__doc__ or "").split())}


def _ground(rows: int, cols: int) -> np.ndarray:
    """The town valley side by side and one below the other, without a step between them."""
    pattern = valley.town(min(PATTERN, rows), min(PATTERN, cols))
    heights = np.empty((rows, cols), np.float32)
    for r in range(0, rows, pattern.shape[0]):
        for c in range(0, cols, pattern.shape[1]):
            part = heights[r : r + pattern.shape[0], c : c + pattern.shape[1]]
            part[:] = pattern[: part.shape[0], : part.shape[1]] - valley.TOWN_FALL * valley.CELL_M * r
    return heights


def _here(rows: int, cols: int) -> dict[str, Any]:
    from flood_sim.solver.border import NORMAL, Part
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.series import Steps
    from flood_sim.solver.simulation import Simulation

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    Simulation(Domain(np.zeros((8, 8)), np.ones((8, 8), bool), 1.0, manning=np.full((8, 8), 0.03)), threads=1)
    before = peak()
    began = time.perf_counter()
    domain = Domain(
        _ground(rows, cols), np.ones((rows, cols), bool), 1.0, manning=np.full((rows, cols), valley.MANNING, np.float32),
        rain=Steps((0.0, 1e9), (valley.RAIN_M_S,)), parts=(Part("free", NORMAL, valley.TOWN_FALL),),
    )  # fmt: skip
    after_domain = peak()
    sim = Simulation(domain)
    built, built_s = peak(), time.perf_counter() - began
    began = time.perf_counter()
    while sim.steps < 4:
        sim.advance(sim.t + STEPS_S)
    stepping = time.perf_counter() - began
    error = sim.balance().relative_error
    cells = rows * cols
    return {
        "shape": [rows, cols], "cells": cells, "steps": sim.steps, "built_s": built_s, "steps_wall_s": stepping,
        "mcell_s": cells * sim.steps / stepping / 1e6, "mass_error": error, "solver_bytes_per_cell": sim.engine.bytes_per_cell,
        "peak_gb": peak() / 1e9, "libraries_gb": before / 1e9, "peak_bytes_per_cell": (peak() - before) / cells,
        "peak_bytes_per_cell_of_inputs": (after_domain - before) / cells, "peak_bytes_per_cell_built": (built - before) / cells,
    }  # fmt: skip


def show(figures: dict[str, Any], console: Console) -> None:
    if "skipped" in figures:
        console.print(f"city of {SHAPE[0]} x {SHAPE[1]} cells: not run, {figures['skipped']}")
        return
    console.print(
        f"city of {figures['cells'] / 1e6:.0f} million cells: {figures['steps']} steps, {figures['mcell_s']:.0f} Mcell/s, peak memory "
        f"{figures['peak_gb']:.1f} GB ({figures['peak_bytes_per_cell']:.0f} bytes per cell), mass error {figures['mass_error']:.0e}"
    )


if __name__ == "__main__":
    print(json.dumps(_here(int(sys.argv[1]), int(sys.argv[2]))))
