"""Runs one solver to the end of the storm and says what it took: `python -m benchmarks.peers.worker`.

Usage: worker MODULE PROBLEM.npz DEPTH.npy SECONDS [JSON settings]. Prints one
line of JSON. A short run on a small piece of the terrain comes first, so that
compiling and importing are not timed. SECONDS is all the time the loop may take;
a solver that needs longer is stopped, and how far it came is said.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.problem import Prepared, Problem

PIECES = 20
"""The storm is computed in so many pieces, so that a long run can be stopped and its course seen."""
SMALL = 32
SAY = "RESULT "


def timed(ready: Prepared, problem: Problem, seconds: float) -> dict[str, Any]:
    """The loop's processor and wall time, steps, and where it ended."""
    wall, cpu = time.perf_counter(), time.process_time()
    end, failure, course = 0.0, None, []
    for piece in range(1, PIECES + 1):
        target = problem.storm_s * piece / PIECES
        try:
            ready.advance(target)
        except Exception as error:  # whatever a foreign solver raises: it is the answer
            failure = f"{type(error).__name__}: {error}"
            break
        end = target
        course.append([target, time.process_time() - cpu, ready.steps()])
        if time.perf_counter() - wall > seconds:
            break
    return {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "steps": ready.steps(),
        "reached_s": end,
        "failure": failure,
        "course": course,
    }


def main(arguments: list[str]) -> int:
    name, problem_file, depth_file, seconds, *rest = arguments
    settings = json.loads(rest[0]) if rest else {}
    solver = importlib.import_module(name)
    problem = Problem.load(Path(problem_file))
    small = replace(problem, ground=problem.ground[:SMALL, :SMALL].copy(), storm_s=2.0)
    solver.prepare(small, **settings).advance(2.0)
    began = time.process_time()
    ready: Prepared = solver.prepare(problem, **settings)
    prepared = time.process_time() - began
    found = timed(ready, problem, float(seconds))
    np.save(depth_file, ready.depth())
    found.update(
        cells=ready.cells,
        settings=ready.settings,
        recorded=ready.recorded,
        prepare_cpu_s=prepared,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    print(SAY + json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
