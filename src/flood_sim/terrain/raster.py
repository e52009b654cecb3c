"""Guarded opening of rasters, and values of a raster laid onto the terrain's grid."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Literal

import numpy as np

from flood_sim.errors import TerrainError
from flood_sim.terrain import hints
from flood_sim.terrain.ascii_grid import AsciiGrid
from flood_sim.terrain.crs import describe, same_crs
from flood_sim.terrain.findings import Refusal, refuse
from flood_sim.terrain.geotiff import GeoTiff
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.header import Header, Raster
from flood_sim.terrain.header_checks import check_bomb, check_pixels, check_strips
from flood_sim.terrain.source import find_file, kind_of_raster, read_head

Resampling = Literal["nearest", "average"]


def open_raster(path: str | os.PathLike[str]) -> Raster:
    """A local GeoTIFF or ESRI ASCII grid, told by its content; Refusal for everything else."""
    file = find_file(path)
    return GeoTiff(file) if kind_of_raster(read_head(file)) == "GTiff" else AsciiGrid(file)


def read_aligned(
    path: str | os.PathLike[str], grid: Grid, *, resampling: Resampling = "nearest", what: str
) -> np.ndarray:
    """Values of a raster on the cells of `grid`: float64 (rows, cols), NaN where it has no data.

    The raster may have other cells than the grid, but must have its CRS and
    cover it (an ESRI ASCII grid carries no CRS and is taken to be in the grid's).
    "nearest" takes the value at each cell's centre (classes); "average" the mean
    of all values whose centres lie in the cell, so that volumes are kept, and
    the nearest where none does. `what` names the raster in errors
    ("land cover"). Raises TerrainError.
    """
    try:
        raster = open_raster(path)
        header = raster.header
        _check(header, grid)
        rows, cols = _nearest(header, grid)
        if resampling == "nearest":
            return _pick(raster, rows, cols)
        return _mean(raster, grid, rows, cols)
    except Refusal as refusal:
        found = refusal.finding
        raise TerrainError(f"{what}: {found.text}", where=os.fspath(path), hint=found.hint) from None


def _check(header: Header, grid: Grid) -> None:
    if header.bands != 1 or header.images != 1:
        raise refuse("bands", f"holds {header.bands} bands; one is expected", hints.one_band())
    if np.dtype(header.dtype).kind not in "iuf":
        raise refuse("dtype", f"holds values of type {header.dtype}, not real numbers")
    if header.crs is None and header.driver == "GTiff":
        hint = f"Write the terrain's CRS into it: rio edit-info FILE --crs {describe(grid.crs).split(' ')[0]}"
        raise refuse("no_crs", "the file names no coordinate reference system (CRS)", hint)
    if header.crs is not None and not same_crs(header.crs, grid.crs):
        text = f"is in {describe(header.crs)}, the terrain in {describe(grid.crs)}"
        raise refuse("crs_differs", text, hints.project(header, describe(grid.crs).split(" ")[0]))
    for finding in check_bomb(header) + check_strips(header) + check_pixels(header):
        raise Refusal(finding)
    _check_cover(header, grid)


def _check_cover(header: Header, grid: Grid) -> None:
    """The raster must reach every side of the grid (half a cell of slack)."""
    t = header.transform
    if t is None:
        return
    west, north = t.c, t.f
    east, south = west + header.cols * header.cell, north - header.rows * header.cell
    gw, gs, ge, gn = grid.bounds
    gaps = {"west": west - gw, "south": south - gs, "east": ge - east, "north": gn - north}
    slack = 0.5 * min(header.cell, grid.cell) + 1e-6
    missing = [f"{gap:.1f} m in the {side}" for side, gap in gaps.items() if gap > slack]
    if missing:
        text = (
            f"does not cover the terrain: {', '.join(missing)} missing (it spans E {west:.1f} to {east:.1f}, "
            f"N {south:.1f} to {north:.1f}; the terrain E {gw:.1f} to {ge:.1f}, N {gs:.1f} to {gn:.1f})"
        )
        raise refuse("not_covered", text, "Use a raster of the whole terrain, or cut the terrain")


def _nearest(header: Header, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Row of the raster for each row of the grid, and the same for columns."""
    t = header.transform
    west, north = (t.c, t.f) if t is not None else (0.0, 0.0)
    # a hair to the inside: a centre on an edge between two cells falls to the same side everywhere
    rows = np.floor((north - grid.y_centres()) / header.cell + 1e-9).astype(np.int64)
    cols = np.floor((grid.x_centres() - west) / header.cell + 1e-9).astype(np.int64)
    return np.clip(rows, 0, header.rows - 1), np.clip(cols, 0, header.cols - 1)


def _pick(raster: Raster, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    out = np.full((rows.size, cols.size), np.nan)
    first, stop = int(rows.min()), int(rows.max()) + 1
    with closing(raster.strips(raster.header.strip_rows(), first, stop)) as strips:
        for start, values in strips:
            here = (rows >= start) & (rows < start + len(values))
            out[here] = values[np.ix_(rows[here] - start, cols)]
    return out


def _mean(raster: Raster, grid: Grid, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    header, t = raster.header, raster.header.transform
    west, north = (t.c, t.f) if t is not None else (0.0, 0.0)
    to_row = np.floor((grid.north - north + (np.arange(header.rows) + 0.5) * header.cell) / grid.cell + 1e-9)
    to_col = np.floor((west - grid.west + (np.arange(header.cols) + 0.5) * header.cell) / grid.cell + 1e-9)
    inside_rows = np.flatnonzero((to_row >= 0) & (to_row < grid.rows))
    inside_cols = np.flatnonzero((to_col >= 0) & (to_col < grid.cols))
    total, count = np.zeros(grid.rows * grid.cols), np.zeros(grid.rows * grid.cols)
    first, stop = int(inside_rows[0]), int(inside_rows[-1]) + 1
    with closing(raster.strips(header.strip_rows(), first, stop)) as strips:
        for start, values in strips:
            part = values[:, inside_cols]
            at = to_row[start : start + len(values), None] * grid.cols + to_col[None, inside_cols]
            valid = np.isfinite(part)
            cells = at[valid].astype(np.int64)
            if not cells.size:
                continue
            low = int(cells.min())
            counts = np.bincount(cells - low)
            total[low : low + counts.size] += np.bincount(cells - low, weights=part[valid])
            count[low : low + counts.size] += counts
    with np.errstate(invalid="ignore"):
        mean = (total / np.where(count == 0, np.nan, count)).reshape(grid.shape)
    if header.cell > grid.cell:  # coarser than the grid: many cells hold no centre
        mean = np.where(np.isnan(mean), _pick(raster, rows, cols), mean)
    return mean
