"""How long from the start of the process to the first step: first compiling everything, later from the cache.

Wall time of a fresh interpreter, imports included. The cache lies in a folder
that is empty before the first start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from rich.console import Console

CODE = """
import numpy as np
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation
size = (60, 80)
domain = Domain(np.zeros(size), np.ones(size, bool), 1.0, manning=np.full(size, 0.03), rain=Steps((0.0, 9.0), (1e-5,)))
sim = Simulation(domain)
while sim.steps == 0:
    sim.advance(sim.t + 0.1)
import time
print(time.time(), time.process_time())
"""
STARTS = 5


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"compile_s", "cached_start_s", "cached_start_cpu_s"}; tiny: nothing is compiled anew, the cache there is serves."""
    if tiny:
        wall, cpu = once(None)
        return {"compile_s": None, "cached_start_s": wall, "cached_start_cpu_s": cpu}
    with tempfile.TemporaryDirectory() as folder:
        compiling, _ = once(folder)
        starts = [once(folder) for _ in range(STARTS)]
    return {
        "compile_s": compiling,
        "cached_start_s": min(wall for wall, _ in starts),
        "cached_start_cpu_s": min(cpu for _, cpu in starts),
    }


def once(cache: str | None) -> tuple[float, float]:
    """Seconds from before the process until after its first step, wall and processor time."""
    environment = os.environ if cache is None else {**os.environ, "NUMBA_CACHE_DIR": cache}
    began = time.time()
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"a fresh start failed:\n{done.stderr}")
    end, cpu = done.stdout.split()
    return float(end) - began, float(cpu)


def show(figures: dict[str, Any], console: Console) -> None:
    if figures["compile_s"] is not None:
        console.print(
            "process start to first step: {compile_s:.1f} s (compiles), later {cached_start_s:.2f} s ({cached_start_cpu_s:.2f} s CPU)".format(
                **figures
            )
        )
