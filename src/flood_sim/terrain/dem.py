"""The ground: a DEM of any projected metric CRS, read, checked and repaired."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_sim.terrain.findings import Findings, refusals_as_errors
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.holes import Holes
from flood_sim.terrain.inspection import inspect
from flood_sim.terrain.source import checksum, find_file

SYNTHETIC_TAG = "FLOOD_SIM_SYNTHETIC"


@dataclass(frozen=True)
class Dem:
    """Heights of the ground on a grid.

    `height` is float64 (rows, cols) in m, NaN outside the model, row 0 in the
    north. `checksum` is the SHA-256 of the file, `notes` say in plain words what
    was repaired or is doubtful, `synthetic` that the terrain is invented.
    """

    grid: Grid
    height: np.ndarray
    name: str
    checksum: str
    notes: tuple[str, ...] = ()
    synthetic: bool = False


def read_dem(
    path: str | os.PathLike[str], *, crs: str | None = None, holes: Holes = "fill", cell_m: float | None = None,
    beside: int = 0,
) -> Dem:  # fmt: skip
    """Read a GeoTIFF or ESRI ASCII grid as terrain.

    `crs` is for files that name none (ESRI ASCII); a file's own CRS may not be
    contradicted. `holes` says what happens to cells without a height inside the
    terrain; what reaches the edge of the raster is outside the model. `cell_m`
    (m), a whole multiple of the file's cell, averages the heights; a coarse cell
    is outside if fewer than half of its fine cells have a height. `beside`: bytes
    a cell that the run will need beside what every run needs.

    Raises TerrainError that says what is wrong, where, and what to do.
    """
    findings = Findings(collect=False)
    with refusals_as_errors(path):
        found = inspect(path, crs=crs, holes=holes, cell_m=cell_m, findings=findings, facts={}, beside=beside)
        assert found is not None  # every finding that leaves no grid is an error and was raised
        grid, height, header = found
        file = find_file(path)
        synthetic = header.tags.get(SYNTHETIC_TAG) == "1"
        name = header.tags.get("TIFFTAG_IMAGEDESCRIPTION", "") if synthetic else ""
        return Dem(grid, height, name or Path(path).stem, checksum(file), findings.notes(), synthetic)
