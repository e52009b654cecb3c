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

CODE = (
    "from flood_sim import cases\nfrom flood_sim.solver.simulation import Simulation\n"
    "Simulation(cases.valley()).advance(1.0)\nimport time\nprint(time.time())"
)
STARTS = 5


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"compile_s", "cached_start_s"}; tiny: nothing is compiled anew, the cache there is serves."""
    if tiny:
        return {"compile_s": None, "cached_start_s": once(None)}
    with tempfile.TemporaryDirectory() as folder:
        return {"compile_s": once(folder), "cached_start_s": min(once(folder) for _ in range(STARTS))}


def once(cache: str | None) -> float:
    """Seconds from before the process until after its first step."""
    environment = os.environ if cache is None else {**os.environ, "NUMBA_CACHE_DIR": cache}
    began = time.time()
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"a fresh start failed:\n{done.stderr}")
    return float(done.stdout) - began


def show(figures: dict[str, Any], console: Console) -> None:
    if figures["compile_s"] is not None:
        console.print(
            "process start to first step: {compile_s:.1f} s (compiles), later {cached_start_s:.2f} s".format(**figures)
        )
