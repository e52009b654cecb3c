"""A whole city at 1 m, 168 million cells, in 16 GB: a run from its file to its published Result, in a process of its own.

Terrain: the town valley repeated, a GeoTIFF of float32 heights. The run reads
and checks it, takes a few steps with all maxima, writes an output before the
first and after the last step, and every map. What counts is the largest memory
of the process from its start, interpreter and libraries included.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import rasterio
from rich.console import Console

from benchmarks import valley
from flood_sim.peak_memory import peak_bytes

ROOT = Path(__file__).resolve().parent.parent
SHAPE = (12_968, 12_968)
TINY = (60, 70)
LIMIT_GB = 16.0
DISK_GB = 20.0
"""Terrain, result, what its maps are made of, and a checkpoint."""
MINUTES = 0.1
PATTERN = 1000
HIGHEST_M = 300.0


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"cells", "peak_gb", "peak_bytes_per_cell", "steps", …}, or {"skipped": why}."""
    shape = TINY if tiny else SHAPE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        free, disk = psutil.virtual_memory().available / 1e9, psutil.disk_usage(name).free / 1e9
        if not tiny and (free < LIMIT_GB + 1 or disk < DISK_GB):
            needed = f"{LIMIT_GB + 1:g} and {DISK_GB:g} are needed"
            return {"skipped": f"{free:.1f} GB of memory and {disk:.1f} GB of disk are free, {needed}"}
        _write_terrain(folder / "city.tif", *shape)
        _write_terrain(folder / "small.tif", *TINY)
        command = [sys.executable, "-m", "benchmarks.city", name]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "how": " ".join((__doc__ or "").split())}


def _write_terrain(path: Path, rows: int, cols: int) -> None:
    """The town valley side by side and one below the other, without a step between them."""
    pattern = valley.town(min(PATTERN, rows), min(PATTERN, cols))
    place = rasterio.Affine(1.0, 0.0, 360_000.0, 0.0, -1.0, 5_700_000.0)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=1, height=rows, width=cols, crs="EPSG:25832", transform=place,
        nodata=-9999.0, tiled=True, BIGTIFF="IF_SAFER",
    ) as file:  # fmt: skip
        for r in range(0, rows, pattern.shape[0]):
            part = np.tile(pattern[: rows - r], (1, -(-cols // pattern.shape[1])))[:, :cols]
            part += HIGHEST_M - valley.TOWN_FALL * valley.CELL_M * r
            file.write(part.astype(np.float32), 1, window=((r, r + part.shape[0]), (0, cols)))


def _here(folder: Path) -> dict[str, Any]:
    """Run the small and then the large terrain in this process."""
    from flood_sim import Scenario, run
    from flood_sim.results.dataset import Result
    from flood_sim.runner import Progress

    marks: dict[str, tuple[int, float]] = {}
    began = time.perf_counter()

    def tell(progress: Progress) -> None:
        first_step = progress.phase == "running" and progress.steps == 0
        marks.setdefault("steps begin" if first_step else progress.phase, (peak_bytes(), time.perf_counter() - began))

    def computed(name: str) -> Result:
        scenario = Scenario.parse({
            "terrain": {"dem": str(folder / f"{name}.tif")},
            "storm": {"kind": "block", "depth_mm": valley.RAIN_M_S * MINUTES * 60e3, "duration_min": MINUTES},
            "surface": {"roughness": {"kind": "constant", "n": valley.MANNING}},
            "boundaries": [{"kind": "free", "where": {"edge": "all"}}],
            "outputs": {"every_min": MINUTES},
            "numerics": {"duration_min": MINUTES, "max_step_s": 2.0, "device": "cpu"},
        })  # fmt: skip
        return run(scenario, folder / f"result-{name}", progress=tell)

    computed("small")  # imports, and compiles where nothing is kept
    before = psutil.Process().memory_info().rss
    marks.clear()
    began = time.perf_counter()
    result = computed("city")
    wall_s, told = time.perf_counter() - began, result.manifest
    cells = told["grid"]["rows"] * told["grid"]["cols"]
    return {
        "shape": [told["grid"]["rows"], told["grid"]["cols"]], "cells": cells, "steps": told["performance"]["steps"],
        "outputs": len(told["output_times_s"]), "mass_error": told["ledger"]["relative_error"],
        "peak_gb": peak_bytes() / 1e9, "libraries_gb": before / 1e9, "peak_bytes_per_cell": (peak_bytes() - before) / cells,
        "peak_bytes_per_cell_until": {name: (peak - before) / cells for name, (peak, _) in marks.items()},
        "seconds_until": {name: seconds for name, (_, seconds) in marks.items()}, "wall_s": wall_s,
        "result_gb": sum(f.stat().st_size for f in result.path.rglob("*") if f.is_file()) / 1e9,
    }  # fmt: skip


def show(figures: dict[str, Any], console: Console) -> None:
    if "skipped" in figures:
        console.print(f"city of {SHAPE[0]} x {SHAPE[1]} cells: not run, {figures['skipped']}")
        return
    console.print(
        f"city of {figures['cells'] / 1e6:.0f} million cells: {figures['steps']} steps, {figures['outputs']} outputs and all maps in "
        f"{figures['wall_s'] / 60:.1f} min, peak memory {figures['peak_gb']:.1f} GB ({figures['peak_bytes_per_cell']:.0f} bytes per cell), "
        f"mass error {figures['mass_error']:.0e}"
    )


if __name__ == "__main__":
    print(json.dumps(_here(Path(sys.argv[1]))))
