"""Cell updates per second of the time loop, beside what the machine can do at best.

The terrain is the gorge of benchmarks/valley.py: 23 % slopes and blocks 8 m high, 2 m
cells, 1 cm of water everywhere and 90 mm/h of rain falling: no cell is dry, no cell is still.
What is timed is `Simulation.advance`, with everything it does per step. The best
of many short stretches counts, because other programs may use the machine; for
the same reason the rate per second of processor time stands beside it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import count, limits, machine, valley
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation

SIZES = (512, 1024, 4096)
LARGE = 2048
"""From this size on fewer simulated seconds of warm-up, and one thread only: a step takes a tenth of a second."""
THREADS = (1, 2)
WARM_UP_S = 30.0
"""Simulated seconds before the clock runs: by then water moves everywhere."""


def gorge(size: int) -> Domain:
    """size x size cells of the gorge with 1 cm of water and 90 mm/h of rain, free all around."""
    active = np.ones((size, size), bool)
    return Domain(
        valley.gorge(size), active, valley.CELL_M, manning=np.full(active.shape, valley.MANNING),
        depth=np.full(active.shape, 0.01), rain=Steps((0.0, 1e9), (valley.RAIN_M_S,)),
        parts=(Part("free", NORMAL, valley.GORGE_FALL),),
    )  # fmt: skip


def rate(domain: Domain, *, threads: int, record: bool, seconds: float, steps: int = 10) -> dict[str, float]:
    """Mcell/s of stretches of about so many steps, repeated for so many seconds: the best and the middle one.

    mcell_cpu_s: per second of processor time, all threads together, best stretch.
    """
    sim = Simulation(domain, threads=threads, record=record)
    sim.advance(WARM_UP_S if domain.ground.shape[0] < LARGE else WARM_UP_S / 10)
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


def measure(
    sizes: Iterable[int] = SIZES, threads: Iterable[int] = THREADS, *, seconds: float = 8.0,
    triad_elements: int = 32 * 2**20,
) -> dict[str, Any]:  # fmt: skip
    """All figures as plain data: limits of the machine, work per cell, rates."""
    threads = [n for n in threads if n <= _available()]
    loads = [machine.load()]
    best = {n: limits.measure(n, elements=triad_elements, seconds=seconds / 2) for n in threads}
    rows = []
    for size in sizes:
        domain = gorge(size)
        for record in (False, True):
            work, moved = count.operations(record_maxima=record), count.bytes_moved(record_maxima=record)
            for n in threads if size < LARGE else threads[:1]:
                found = rate(domain, threads=n, record=record, seconds=seconds)
                cells = found["mcell_s"] * 1e6
                rows.append(
                    {
                        "cells": size * size, "shape": [size, size], "maxima": record, "threads": n, **found,
                        "gflop_s": cells * work / 1e9, "share_of_fma": cells * work / 1e9 / best[n]["fma_gflop_s"],
                        "gb_s": cells * moved / 1e9, "share_of_triad": cells * moved / 1e9 / best[n]["triad_gb_s"],
                        # what arithmetic or memory alone would allow, whichever is less
                        "share_of_roofline": cells / min(best[n]["fma_gflop_s"] * 1e9 / work, best[n]["triad_gb_s"] * 1e9 / moved),
                    }
                )  # fmt: skip
    loads.append(machine.load())
    return {
        "load": loads,
        "limits": {str(n): values for n, values in best.items()},
        "work_per_cell_and_step": {
            name: {"operations": count.operations(record_maxima=r), "bytes": count.bytes_moved(record_maxima=r)}
            for name, r in (("flow", False), ("flow_and_maxima", True))
        },
        "rates": rows,
        "how": " ".join((__doc__ or "").split()),
    }


def _available() -> int:
    import numba

    return int(numba.config.NUMBA_NUM_THREADS)


def show(figures: dict[str, Any], console: Console) -> None:
    about = figures["machine"]
    console.print(f"{about['cpu']}, {about['cores']} cores; {about['system']}; Python {about['python']}, "
                  f"Numba {about['libraries']['numba']}; commit {about['commit']}")  # fmt: skip
    for n, limit in figures["limits"].items():
        console.print(f"{n} thread(s) at best: triad {limit['triad_gb_s']:.1f} GB/s, "
                      f"multiply-add {limit['fma_gflop_s']:.0f} Gflop/s (float32)")  # fmt: skip
    for name, work in figures["work_per_cell_and_step"].items():
        console.print(
            f"per cell and step, {name.replace('_', ' ')}: {work['operations']} operations, {work['bytes']} bytes"
        )
    columns = (
        "grid",
        "maxima",
        "threads",
        "Mcell/s",
        "median",
        "per CPU s",
        "of m.-add",
        "of triad",
        "of roofline",
        "B/cell",
    )
    title = "Time loop: best stretch; its share of the multiply-add rate, of the bandwidth, of the lesser (roofline)"
    table = Table(*columns, title=title, title_justify="left")
    for row in figures["rates"]:
        table.add_row(
            " x ".join(map(str, row["shape"])), "yes" if row["maxima"] else "no", str(row["threads"]),
            f"{row['mcell_s']:.0f}", f"{row['mcell_s_median']:.0f}", f"{row['mcell_cpu_s']:.0f}", f"{row['share_of_fma']:.0%}",
            f"{row['share_of_triad']:.0%}", f"{row['share_of_roofline']:.0%}", f"{row['bytes_per_cell']:.1f}",
        )  # fmt: skip
    console.print(table)
