"""Starts the workers one after the other and compares time and answers.

What counts is the processor time of the time loop on one thread to the end of
the storm; compiling, importing and preparing stand apart. A solver whose water
balance does not close, or that stops itself, has no time.

Settings of a peer: the longest steps at which halving them changes its depth at
the end of ten minutes by less than 1 mm (root mean square; ours: 0.3 mm). A
second line, "longest steps", has those with which it merely comes to the end.
Answers are compared cell by cell with ours: two codes may differ in physics, so
no difference is called an error; it shows whether both computed the same flood.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.problem import Problem, steep_valley
from benchmarks.peers.worker import SAY

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
INSTALL = "pip install .[bench]"
DEEP_M = 0.05
RIM_CELLS = 15
"""Rows in the south that are not compared: there each solver has its own kind of open border."""
TOO_MUCH = 1.02
"""More water on the terrain than this share of the rain: it was made from nothing."""


LONG_S = 60.0
"""A time loop of more processor time is not repeated: a busy second no longer matters."""


@dataclass(frozen=True)
class Entrant:
    """One line of the table: a solver and its settings."""

    name: str
    module: str
    package: str
    settings: dict[str, Any] = field(default_factory=dict)
    longest_storm_s: float = float("inf")


OURS = Entrant("flood_sim", "benchmarks.peers.ours", "flood_sim")
ENTRANTS = (
    OURS,
    Entrant("flood_sim, all maxima", "benchmarks.peers.ours", "flood_sim", {"maxima": True}),
    Entrant("itzi", "benchmarks.peers.itzi", "itzi_core"),
    Entrant("itzi, longest steps", "benchmarks.peers.itzi", "itzi_core", {"theta": 0.9, "dtmax": 0.75}),
    Entrant("landlab", "benchmarks.peers.landlab", "landlab"),
    Entrant("landlab, longest steps", "benchmarks.peers.landlab", "landlab", {"longest_step_s": 5.0}),
    Entrant("anuga", "benchmarks.peers.anuga", "anuga", longest_storm_s=600.0),
)


def measure(
    size: int = 512, storms_s: tuple[float, ...] = (600.0, 7200.0), *, python: str | None = None,
    limit_s: float = 2400.0, repeats: int = 2,
) -> dict[str, Any]:  # fmt: skip
    """Every entrant through every storm: {"storms": [{"storm_s", "rain_m3", "entrants": [...]}]}.

    python: interpreter that has the peers (default: this one). limit_s: the
    longest that a time loop may take. repeats: of storms up to ten minutes, the
    least processor time counts, because other programs may use the machine.
    """
    return {
        "terrain": f"town valley {size} x {size}, 2 m, 23 % slopes, 8 m buildings, 90 mm/h, one thread each",
        "storms": [_storm(size, storm, python or sys.executable, limit_s, repeats if storm <= 600.0 else 1)
                   for storm in storms_s],
        "how": " ".join((__doc__ or "").split()),
    }  # fmt: skip


def _storm(size: int, storm_s: float, python: str, limit_s: float, repeats: int) -> dict[str, Any]:
    problem = steep_valley(size, storm_s)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem.npz"
        problem.save(file)
        found: dict[str, dict[str, Any]] = {}
        depths: dict[str, np.ndarray] = {}
        # in turns, so that a busy minute of the machine does not hit one of them alone
        for _ in range(repeats):
            for entrant in ENTRANTS:
                if storm_s > entrant.longest_storm_s:
                    found[entrant.name] = {"status": f"not run beyond {entrant.longest_storm_s:g} s"}
                    continue
                if found.get(entrant.name, {}).get("cpu_s", 0.0) > LONG_S:
                    continue
                result, depth = _run(entrant, file, Path(folder), python, limit_s)
                before = found.get(entrant.name)
                if before is None or result.get("cpu_s", np.inf) < before.get("cpu_s", np.inf):
                    found[entrant.name] = result
                if depth is not None:
                    depths[entrant.name] = depth
    reference = depths.get(OURS.name)
    for name, result in found.items():
        if name in depths:
            result.update(judged(result, depths[name], problem, reference))
    base = found[OURS.name]
    for result in found.values():
        if result["status"] == "ok" and base["status"] == "ok":
            result["times_ours"] = result["cpu_s"] / base["cpu_s"]
    return {"storm_s": storm_s, "rain_m3": problem.rain_m3, "repeats": repeats,
            "entrants": [{"name": name, **result} for name, result in found.items()]}  # fmt: skip


def _run(
    entrant: Entrant, file: Path, folder: Path, python: str, limit_s: float
) -> tuple[dict[str, Any], np.ndarray | None]:
    ours = entrant.package == "flood_sim"
    interpreter = sys.executable if ours else python
    if not ours and not _installed(interpreter, entrant.package):
        return {"status": "not installed", "install": INSTALL}, None
    depth_file = folder / "depth.npy"
    command = [interpreter, "-m", "benchmarks.peers.worker", entrant.module, str(file), str(depth_file), str(limit_s)]
    done = subprocess.run(
        [*command, json.dumps(entrant.settings)], cwd=ROOT, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith(SAY)]
    if done.returncode or not lines:
        tail = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return {"status": f"failed: {tail}"}, None
    return {"status": "ok", **json.loads(lines[-1].removeprefix(SAY))}, np.load(depth_file)


def judged(result: dict[str, Any], depth: np.ndarray, problem: Problem, reference: np.ndarray | None) -> dict[str, Any]:
    """Status, rate and what the answer looks like: volume, largest depth, differences from ours in m."""
    volume = float(np.sum(depth)) * problem.cell**2
    found: dict[str, Any] = {
        "mcell_cpu_s": result["steps"] * result["cells"] / max(result["cpu_s"], 1e-9) / 1e6,
        "volume_m3": volume,
        "volume_of_rain": volume / problem.rain_m3,
        "max_depth_m": float(np.max(depth)),
        "rms_from_ours_m": None,
        "rms_deep_from_ours_m": None,
    }
    if result["failure"]:
        found["status"] = f"stopped itself after {result['reached_s']:g} s: {result['failure'][:160]}"
    elif result["reached_s"] < problem.storm_s:
        found["status"] = f"too slow: {result['reached_s']:g} s in the time allowed"
    elif not np.isfinite(depth).all() or volume > TOO_MUCH * problem.rain_m3:
        found["status"] = "blew up: more water than rain, or not finite"
    elif reference is not None:
        rim = min(RIM_CELLS, depth.shape[0] // 4)
        a, b = depth[:-rim], reference[:-rim]
        deep = b >= DEEP_M
        found["rms_from_ours_m"] = float(np.sqrt(np.mean((a - b) ** 2)))
        if deep.any():
            found["rms_deep_from_ours_m"] = float(np.sqrt(np.mean((a[deep] - b[deep]) ** 2)))
    return found


def _installed(python: str, package: str) -> bool:
    if python == sys.executable:
        return find_spec(package) is not None
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0
