"""For the tests of restarts: a small flow in which everything moves, runs that die on the way, results compared bit by bit.

    python -m tools.restarts SCENARIO DIR EVERY_S THREADS

computes with checkpoints so frequent that a test can kill it between two of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pytest import MonkeyPatch

from flood_sim.checkpoint import Checkpoints, Schedule
from flood_sim.results.dataset import Result, open_result
from flood_sim.runner import run
from flood_sim.scenario import Scenario

ALWAYS = Schedule(every_s=0.0, share=float("inf"))
OF_THE_ATTEMPT = {"run_id", "created", "resumed", "performance"}
"""What a manifest says of who computed when; the rest must not depend on it."""


class Killed(BaseException):
    """The process is gone: nothing in the program catches this."""


def terrain() -> np.ndarray:
    """100 x 60 cells of 2 m: a valley that falls to the south, bumpy, with a hollow and a corner outside.

    Three blocks of rows, so that two threads have something to share.
    """
    rng = np.random.default_rng(7)
    row, col = np.mgrid[:100, :60]
    ground = 50.0 - 0.03 * row * 2 + 0.02 * np.abs(col - 30) * 2 + rng.uniform(0, 0.2, row.shape)
    ground[20:30, 25:35] -= 1.0
    ground[:8, :8] = np.nan
    return ground


def scenario(dem: str, houses: str, west: float, north: float, **changes: Any) -> dict[str, Any]:
    """Rain that changes, a flood wave over an area, a level that rises, buildings, gauges, a section: 3 min."""

    def at(col: float, row: float) -> list[float]:
        return [west + 2 * col + 1, north - 2 * row - 1]

    ring = [at(10, 30), at(14, 30), at(14, 34), at(10, 34), at(10, 30)]
    return {
        "terrain": {"dem": dem, "buildings": {"file": houses}},
        "storm": {"kind": "table", "edges_min": [0, 0.5, 1.3, 2], "depths_mm": [4, 12, 2]},
        "boundaries": [
            {"kind": "free", "where": {"edge": "south"}},
            {
                "kind": "level_series", "where": {"edge": "north"}, "times_min": [0, 1.5, 3],
                "levels_m": [50.3, 50.9, 50.2],
            },
            {"kind": "inflow", "where": {"polygon": ring}, "times_min": [0.3, 0.6, 2], "discharge_m3s": [0, 0.8, 0.1]},
        ],
        "gauges": [{"id": "hollow", "x": at(30, 25)[0], "y": at(30, 25)[1]}],
        "sections": [{"id": "outlet", "line": [at(10, 80), at(50, 80)]}],
        "outputs": {"every_min": 0.75, "series_every_s": 5},
        "numerics": {"duration_min": 3},
        **changes,
    }  # fmt: skip


def with_threads(asked: Scenario, threads: int) -> Scenario:
    return asked.model_copy(update={"numerics": asked.numerics.model_copy(update={"threads": threads})})


def attempt(
    asked: Scenario, target: Path, monkeypatch: MonkeyPatch, *, checkpoints_at: Iterable[int] = (),
    dies_at: float = float("inf"), say: Callable[[str], None] = lambda text: None, **options: Any,
) -> Result | None:  # fmt: skip
    """Run once, counting steps from this start: checkpoints after some, death after another (None then)."""
    wanted, steps = set(checkpoints_at), 0

    def due(self: Checkpoints) -> bool:
        nonlocal steps
        steps += 1
        if steps > dies_at:
            raise Killed
        return steps in wanted

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "due", due)  # asked after every step
        try:
            return run(asked, target, checkpoints=ALWAYS, say=say, **options)
        except Killed:
            return None


def differences(one: Path, other: Path) -> list[str]:
    """Where two results differ in any bit, but for run id, times of day and speed."""
    a, b = open_result(one), open_result(other)
    found = list(_files(one) ^ _files(other))
    for key in set(a.dataset.variables) | set(b.dataset.variables):
        va, vb = a.dataset.variables[key], b.dataset.variables[key]
        if va.values.tobytes() != vb.values.tobytes() or va.dtype != vb.dtype or str(va.attrs) != str(vb.attrs):
            found.append(key)
    for name in sorted(p.name for p in one.glob("*.tif")):
        with rasterio.open(one / name) as ra, rasterio.open(other / name) as rb:
            if ra.read().tobytes() != rb.read().tobytes() or ra.tags() != rb.tags() or ra.profile != rb.profile:
                found.append(name)
    for path in (p for p in one.iterdir() if p.suffix in (".csv", ".geojson")):
        if path.read_bytes() != (other / path.name).read_bytes():
            found.append(path.name)
    told, told_other = _what(a), _what(b)
    return found + [key for key in told.keys() | told_other.keys() if told.get(key) != told_other.get(key)]


def _what(result: Result) -> dict[str, Any]:
    """The manifest without what belongs to the attempt; threads do not change the answer."""
    told = {key: value for key, value in result.manifest.items() if key not in OF_THE_ATTEMPT}
    numerics = {key: value for key, value in told["scenario"]["numerics"].items() if key != "threads"}
    return told | {"scenario": told["scenario"] | {"numerics": numerics}}


def _files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


if __name__ == "__main__":
    path, folder, every, threads = sys.argv[1:]
    run(with_threads(Scenario.load(path), int(threads)), folder, checkpoints=Schedule(float(every), 1.0), say=print)
