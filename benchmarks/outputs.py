"""What a run costs beside its time loop, and how much memory outputs need.

The shipped town under the demo storm through `flood_sim.run`, each run in a
process of its own: with few outputs, with the demo's, with a hundred; and the
time loop alone (same arrays, maxima at every step, nothing taken down). Outputs
and diagnostics: processor time from the first step to the published Result,
less that of the loop alone. Memory: the process's peak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
MINUTES, CELL_M = 60.0, 4.0
RUNS = {"2 outputs": 1, "13 outputs, as the demo": 12, "101 outputs": 100}


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"loop": {...}, "runs": [{"outputs", "loop_cpu_s", "peak_mib", "share_beside_loop"}]}."""
    minutes, cell, repeats = (1.0, 20.0, 1) if tiny else (MINUTES, CELL_M, 2)
    alone = min((_once(0, minutes, cell) for _ in range(repeats)), key=lambda r: r["cpu_s"])
    rows = []
    for name, intervals in RUNS.items():
        found = min((_once(intervals, minutes, cell) for _ in range(repeats)), key=lambda r: r["cpu_s"])
        rows.append({"run": name, **found, "share_beside_loop": 1 - alone["cpu_s"] / found["cpu_s"]})
    return {"minutes": minutes, "loop": alone, "runs": rows, "how": " ".join((__doc__ or "").split())}


def _once(intervals: int, minutes: float, cell_m: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.outputs", str(intervals), str(minutes), str(cell_m)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NUMBA_NUM_THREADS": "1"}
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _here(intervals: int, minutes: float, cell_m: float) -> dict[str, Any]:
    """One run in this process; 0 intervals: the loop alone."""
    from flood_sim import Scenario, run
    from flood_sim.build import build
    from flood_sim.peak_memory import peak_bytes
    from flood_sim.runner import Progress
    from flood_sim.terrain.shipped import town_scenario

    data = Scenario.load(town_scenario()).model_dump(mode="json")
    data["terrain"]["cell_m"] = cell_m
    if cell_m != CELL_M:
        data["gauges"] = data["sections"] = []  # placed for the cells of the demo
    data["numerics"].update(duration_min=minutes, threads=1)
    data["storm"] = {"kind": "block", "depth_mm": 1.5 * minutes, "duration_min": minutes}
    data["outputs"]["every_min"] = minutes / max(intervals, 1)
    scenario = Scenario.parse(data)
    if not intervals:
        sim = build(scenario).simulation()
        began = time.process_time()
        sim.advance(minutes * 60)
        spent, steps = time.process_time() - began, sim.steps
    else:
        first: list[float] = []

        def tell(progress: Progress) -> None:
            if progress.phase == "running" or progress.simulated_s > 0:
                return
            first[:] = [time.process_time()]  # the last word before the first step

        with tempfile.TemporaryDirectory() as folder:
            result = run(scenario, Path(folder) / "result", progress=tell)
            spent, steps = time.process_time() - first[0], result.manifest["performance"]["steps"]
    return {"cpu_s": spent, "steps": steps, "peak_mib": peak_bytes() / 2**20}


def show(figures: dict[str, Any], console: Console) -> None:
    loop = figures["loop"]
    console.print(
        f"run of {figures['minutes']:g} min: loop alone {loop['cpu_s']:.1f} s CPU, {loop['steps']} steps, peak {loop['peak_mib']:.0f} MiB"
    )
    for row in figures["runs"]:
        console.print(
            f"  {row['run']}: {row['cpu_s']:.1f} s CPU, {row['steps']} steps, {row['share_beside_loop']:.0%} of it beside the loop; "
            f"peak {row['peak_mib']:.0f} MiB"
        )


if __name__ == "__main__":
    print(json.dumps(_here(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))))
