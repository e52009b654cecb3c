"""Cell updates per second of the time loop, beside what the machine can do at best.

The terrain is a valley with 23 % slopes and blocks 8 m high, 2 m cells, 1 cm of
water everywhere and 90 mm/h of rain falling: no cell is dry, no cell is still.
What is timed is `Simulation.advance`, with everything it does per step. The best
of many short stretches counts, because other programs may use the machine; for
the same reason the rate per second of processor time stands beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks import count, limits, machine
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation

SIZES = (512, 1024)
THREADS = (1, 2)
WARM_UP_S = 30.0
"""Simulated seconds before the clock runs: by then water moves everywhere."""


def valley(size: int) -> Domain:
    """size x size cells of 2 m: two slopes of 23 % to a channel falling 3 %, blocks of 6 x 5 cells 8 m high."""
    cell = 2.0
    y, x = np.mgrid[0:size, 0:size] * cell
    rng = np.random.default_rng(11)
    ground = 0.23 * np.abs(x - size * cell / 2) - 0.03 * y + 0.1 * rng.random((size, size))
    for _ in range(size * size // 2600):
        r, c = rng.integers(0, size - 6), rng.integers(0, size - 5)
        ground[r : r + 6, c : c + 5] += 8.0
    active = np.ones((size, size), bool)
    return Domain(
        ground, active, cell, manning=np.full(ground.shape, 0.03), depth=np.full(ground.shape, 0.01),
        rain=Steps((0.0, 1e9), (90e-3 / 3600,)), parts=(Part("free", NORMAL, 0.03),),
    )  # fmt: skip


def rate(domain: Domain, *, threads: int, record: bool, seconds: float, steps: int = 10) -> dict[str, float]:
    """Mcell/s of stretches of about so many steps, repeated for so many seconds: the best and the middle one.

    mcell_cpu_s: per second of processor time, all threads together, best stretch.
    """
    sim = Simulation(domain, threads=threads, record=record)
    sim.advance(WARM_UP_S)
    rates: list[float] = []
    per_cpu: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(rates) < 2:
        before, began, began_cpu = sim.steps, time.perf_counter(), time.process_time()
        sim.advance(sim.t + steps * sim.shortest_step)
        updates = (sim.steps - before) * domain.cells / 1e6
        rates.append(updates / (time.perf_counter() - began))
        per_cpu.append(updates / (time.process_time() - began_cpu))
    return {
        "mcell_s": max(rates),
        "mcell_s_median": float(np.median(rates)),
        "mcell_cpu_s": max(per_cpu),
        "stretches": len(rates),
        "threads_used": sim.engine.threads,
        "bytes_per_cell": sim.engine.bytes_per_cell,
        "wet_share": float((sim.depth > 0).mean()),
    }


def start_seconds() -> dict[str, float]:
    """Time until the first step is ready: compiling everything, and with the compiled kernels on disk."""
    code = (
        "import time; began = time.perf_counter()\n"
        "from flood_sim import cases\nfrom flood_sim.solver.simulation import Simulation\n"
        "Simulation(cases.valley()).advance(1.0)\nprint(time.perf_counter() - began)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}

        def once() -> float:
            done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"a fresh start failed:\n{done.stderr}")
            return float(done.stdout)

        return {"compile_s": once(), "cached_start_s": min(once() for _ in range(2))}


def measure(
    sizes: Iterable[int] = SIZES, threads: Iterable[int] = THREADS, *, seconds: float = 8.0,
    triad_elements: int = 32 * 2**20, compile_time: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """All figures as plain data: machine, its limits, work per cell, rates, start."""
    threads = [n for n in threads if n <= _available()]
    loads = [machine.load()]
    best = {n: limits.measure(n, elements=triad_elements, seconds=seconds / 2) for n in threads}
    rows = []
    for size in sizes:
        domain = valley(size)
        for record in (False, True):
            work, moved = count.operations(record_maxima=record), count.bytes_moved(record_maxima=record)
            for n in threads:
                found = rate(domain, threads=n, record=record, seconds=seconds)
                cells = found["mcell_s"] * 1e6
                rows.append(
                    {
                        "cells": size * size, "shape": [size, size], "maxima": record, "threads": n, **found,
                        "gflop_s": cells * work / 1e9, "share_of_fma": cells * work / 1e9 / best[n]["fma_gflop_s"],
                        "gb_s": cells * moved / 1e9, "share_of_triad": cells * moved / 1e9 / best[n]["triad_gb_s"],
                    }
                )  # fmt: skip
    loads.append(machine.load())
    return {
        "machine": machine.describe(),
        "load": loads,
        "limits": {str(n): values for n, values in best.items()},
        "work_per_cell_and_step": {
            name: {"operations": count.operations(record_maxima=r), "bytes": count.bytes_moved(record_maxima=r)}
            for name, r in (("flow", False), ("flow_and_maxima", True))
        },
        "rates": rows,
        "start": start_seconds() if compile_time else None,
        "how": " ".join((__doc__ or "").split()),
    }


def _available() -> int:
    import numba

    return int(numba.config.NUMBA_NUM_THREADS)
