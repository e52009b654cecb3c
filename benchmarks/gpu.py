"""What the CUDA backend does on a real card, beside what the card can do at best.

The terrain is the gorge of `kernel_rate`: every cell wet, rain falling, all maxima
recorded at every step. The card's own best is the rate at which it copies.

    python -m benchmarks gpu            every figure, 10 to 15 minutes on a large card
    python -m benchmarks gpu --tiny     a look whether everything works

Without a card it says so; where the compilers of the extra `cuda` are there, it
still shows what they make of the kernels.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import gpu_code, valley
from benchmarks.kernel_rate import gorge
from flood_sim.backends.cuda import device
from flood_sim.errors import DeviceError
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation

SIZES = (4096, 12288)
CITY = 12968
"""Cells along one side: 168 million at 1 m, a whole city."""
STORM_S = AFTER_S = 3600.0
COPY_BYTES = 2**30
WARM_UP_S = 30.0

BYTES = {"faces": 4 * (8 + 4), "cells": 4 * (7 + 4)}
"""Arrays that a step must read and write, each once per kernel and cell, 4 bytes each: h u v qx qy z gn2 source
-> u v raw_x raw_y, and h u v raw_x raw_y residual source -> h residual qx qy."""
BYTES_MAXIMA = 4 * 4
"""Largest depth, speed and both discharges are read; what rises is written too, but that is not counted."""


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """Figures of the card; without one `card` says why, and `code` what the compilers make of the kernels."""
    sizes, city, steps = ((64,), 64, 20) if tiny else (SIZES, CITY, 200)
    figures: dict[str, Any] = {"code": gpu_code.measure()}
    try:
        card = device.find_card()
    except DeviceError as error:
        return {**figures, "card": None, "why": str(error)}
    figures |= {"card": card.name, "free_gib": card.free_bytes / 2**30, "copy_gb_s": copy_rate()}
    figures["rates"] = [rate(size, steps, figures["copy_gb_s"]) for size in sizes]
    return {**figures, "city": whole_city(city)}


def copy_rate() -> float:
    """Bytes read and written per second when the card copies 1 GiB to itself, GB/s; the best of ten."""
    from numba import cuda

    a, b = (cuda.device_array(COPY_BYTES // 4, "float32") for _ in range(2))
    best = 0.0
    for _ in range(11):
        begin, end = cuda.event(), cuda.event()
        begin.record()
        b.copy_to_device(a)
        end.record()
        end.synchronize()
        best = max(best, 2 * COPY_BYTES / (cuda.event_elapsed_time(begin, end) / 1000) / 1e9)
    return best


def rate(size: int, steps: int, copy_gb_s: float) -> dict[str, Any]:
    """Cell updates per second over about so many steps, useful bytes per second and their share of a copy's."""
    sim = Simulation(gorge(size), device="cuda")
    began = time.perf_counter()
    sim.advance(1.0)
    compiled = time.perf_counter() - began
    sim.advance(WARM_UP_S)
    before, began = sim.steps, time.perf_counter()
    sim.advance(sim.t + steps * sim.shortest_step)
    seconds, made = time.perf_counter() - began, sim.steps - before
    profile = kernel_times(sim, min(steps, 50))
    cells = sim.domain.cells * made / seconds
    useful = cells * (sum(BYTES.values()) + BYTES_MAXIMA) / 1e9
    return {
        "size": size, "steps": made, "gcell_s": cells / 1e9, "ms_per_step": 1000 * seconds / made,
        "useful_gb_s": useful, "share_of_copy": useful / copy_gb_s, "kernels_ms": profile,
        "first_second_s": compiled, "wet_share": float((sim.depth > 0).mean()),
        "bytes_per_cell": sim.engine.bytes_per_cell,
    }  # fmt: skip


def kernel_times(sim: Simulation, steps: int) -> dict[str, float]:
    """Milliseconds of each kernel in a step, between events of the card."""
    from numba import cuda

    marks: dict[str, list[tuple[Any, Any]]] = {}

    def marked(name: str, launch: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            begin, end = cuda.event(), cuda.event()
            begin.record(sim.engine.stream)
            launch()
            end.record(sim.engine.stream)
            marks.setdefault(name, []).append((begin, end))

        return run

    plain, before = dict(sim.engine.step_kernels), sim.steps
    sim.engine.step_kernels = {name: marked(name, launch) for name, launch in plain.items()}
    sim.advance(sim.t + steps * sim.shortest_step)
    sim.engine.step_kernels = plain
    cuda.synchronize()
    # launches beyond the end of the stretch do nothing; the steps made are what counts
    return {name: sum(cuda.event_elapsed_time(a, b) for a, b in pairs) / (sim.steps - before)
            for name, pairs in marks.items()}  # fmt: skip


def whole_city(size: int) -> dict[str, Any]:
    """One hour of storm and one hour after on a city of 1 m cells, with an output every ten minutes copied out."""
    model = gorge(size)
    storm = Steps((0.0, STORM_S), (valley.RAIN_M_S,))
    # half as wide and half as high: the same slopes
    domain = replace(model, ground=model.ground / 2, cell=model.cell / 2, rain=storm)
    sim = Simulation(domain, device="cuda")
    began = time.perf_counter()
    outputs_s = 0.0
    late = None
    for k in range(1, 13):
        sim.advance(k * (STORM_S + AFTER_S) / 12)
        paused = time.perf_counter()
        if late is not None:
            late.arrays()
        late = sim.freeze()
        outputs_s += time.perf_counter() - paused
    seconds = time.perf_counter() - began
    balance = sim.balance()
    return {
        "cells": domain.cells, "simulated_s": sim.t, "steps": sim.steps, "seconds": seconds, "outputs_s": outputs_s,
        "gcell_s": domain.cells * sim.steps / seconds / 1e9, "mass_error": balance.relative_error,
        "shortest_step_s": sim.shortest_step,
    }  # fmt: skip


def show(figures: dict[str, Any], console: Console) -> None:
    """The figures in words and one table."""
    for compute, kernels in (figures["code"] or {}).items():
        said = ", ".join(f"{k} {v['registers']} registers, {v['spilled_bytes']} B spilled" for k, v in kernels.items())
        console.print(f"machine code {compute}: {said}")
    if figures["card"] is None:
        console.print(f"no card: {figures['why']}")
        return
    console.print(f"{figures['card']}: copies {figures['copy_gb_s']:.0f} GB/s (read and written)")
    table = Table("grid", "Gcell/s", "ms/step", "useful GB/s", "of copy", "kernels, ms", "B/cell")
    for row in figures["rates"]:
        kernels = ", ".join(f"{name} {ms:.3f}" for name, ms in row["kernels_ms"].items())
        table.add_row(
            f"{row['size']}²", f"{row['gcell_s']:.1f}", f"{row['ms_per_step']:.3f}", f"{row['useful_gb_s']:.0f}",
            f"{row['share_of_copy']:.0%}", kernels, f"{row['bytes_per_cell']:.0f}",
        )  # fmt: skip
    console.print(table)
    city = figures["city"]
    console.print(
        f"city of {city['cells'] / 1e6:.0f} million cells, {city['simulated_s'] / 3600:.0f} h: {city['steps']} steps in "
        f"{city['seconds']:.0f} s, {city['gcell_s']:.1f} Gcell/s, mass error {city['mass_error']:.1e}"
    )
