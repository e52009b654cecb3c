"""A tiny made-up result on disk, computed by nobody: for tests and for trying out readers.

41 x 67 cells of 2 m in the North Sea, three output times, one masked corner
and one blocked building; every number is random with a fixed seed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS

from flood_sim.results.dataset import Result
from flood_sim.results.series import Series
from flood_sim.results.writer import ResultWriter
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES

GRID = Grid(west=360000.0, north=6040000.0, cell=2.0, rows=41, cols=67, crs=CRS.from_epsg(25832))
TIMES = (0.0, 300.0, 607.5)


def masked() -> np.ndarray:
    """True outside the model and inside the building, (rows, cols)."""
    mask = np.zeros(GRID.shape, bool)
    mask[:3, :3] = mask[20:25, 30:36] = True
    return mask


def snapshot(k: int) -> dict[str, np.ndarray]:
    """Depth [m] and velocity [m/s] of output time k, (rows, cols) float32, NaN where masked."""
    rng = np.random.default_rng(k)
    depth = rng.uniform(0, 3, GRID.shape) * (rng.uniform(size=GRID.shape) < 0.5)
    speed = rng.uniform(-4, 4, (2, *GRID.shape))
    return {
        key: np.where(masked(), np.nan, values).astype(np.float32)
        for key, values in (("depth", depth), ("velocity_x", speed[0]), ("velocity_y", speed[1]))
    }


def fields() -> dict[str, np.ndarray]:
    """Every variable without time, (rows, cols) float32; water never arrives in ten rows."""
    rng = np.random.default_rng(99)
    made = {
        key: np.where(masked(), np.nan, rng.uniform(0, 5, GRID.shape)).astype(np.float32)
        for key, variable in VARIABLES.items()
        if not variable.over_time
    }
    made["arrival_time"][5:15] = np.nan
    return made


def manifest() -> dict[str, Any]:
    """The least that a manifest holds, and what the maps take from it."""
    grid = {"west": GRID.west, "north": GRID.north, "cell_m": GRID.cell, "rows": GRID.rows, "cols": GRID.cols}
    return {
        "content_id": "0123456789abcdef",
        "run_id": "sample",
        "title": "Prüfstadt",
        "scenario": {"terrain": {"dem": "sample.tif"}},
        "created": "2000-01-01T00:00:00Z",
        "synthetic": True,
        "threshold_m": 0.1,
        "output_times_s": TIMES,
        "grid": grid | {"crs_wkt": GRID.crs.to_wkt(), "epsg": 25832, "active_cells": int((~masked()).sum())},
        "extremes": {"max_depth_m": float(np.nanmax(fields()["max_depth"]))},
    }


def write_sample(path: Path, *, overwrite: bool = False, **changes: Any) -> Result:
    """Write the sample to `path`; `changes` replace entries of its manifest."""
    gauges = Series("time_s", [0.0, 60.0], {"school depth_m": [float("nan"), 0.25]})
    with ResultWriter(path, GRID, TIMES, {"institution": "Prüfamt"}, overwrite=overwrite) as writer:
        for k in range(len(TIMES)):
            writer.snapshot(k, snapshot(k))
        return writer.finish(fields(), gauges, Series(), manifest() | changes)
