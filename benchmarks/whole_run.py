"""A whole run from files to files: the shipped town under the demo storm.

Reading the terrain, the time loop with maxima, gauges and outputs, and writing
the Result. The wall time depends on what else the machine does.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from flood_sim import Scenario, run
from flood_sim.terrain.shipped import town_scenario


def measure(minutes: float | None = None, cell_m: float | None = None, threads: int | None = None) -> dict[str, Any]:
    """Wall times in s and rates of one run; `minutes` and `cell_m` shorten and coarsen it."""
    data = Scenario.load(town_scenario()).model_dump(mode="json")
    data["numerics"]["threads"] = threads
    if cell_m is not None:
        data["terrain"]["cell_m"] = cell_m
        data["gauges"] = data["sections"] = []  # placed for the cells of the demo
    if minutes is not None:
        data["numerics"]["duration_min"] = minutes
        data["storm"] = {"kind": "block", "depth_mm": 1.5 * minutes, "duration_min": minutes}
    scenario = Scenario.parse(data)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        manifest = run(scenario, Path(folder) / "result").manifest
        total = time.perf_counter() - began
    return {
        "title": manifest["title"],
        "cell_m": manifest["grid"]["cell_m"],
        "simulated_min": scenario.numerics.duration_min,
        "total_s": total,
        **{f"loop_{key}" if key == "wall_s" else key: value for key, value in manifest["performance"].items()},
        "mass_error": manifest["ledger"]["relative_error"],
    }


def show(figures: dict[str, Any], console: Console) -> None:
    console.print(
        f"{figures['title']}: {figures['cells']} cells of {figures['cell_m']:g} m, {figures['simulated_min']:g} min in "
        f"{figures['total_s']:.1f} s (loop {figures['loop_wall_s']:.1f} s, {figures['mcell_per_s']:.0f} Mcell/s with outputs on "
        f"{figures['threads']} threads, {figures['steps']} steps, mass error {figures['mass_error']:.0e}, peak {figures['peak_mib']:.0f} MiB)"
    )
