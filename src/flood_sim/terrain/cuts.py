"""Cuts: where the DEM dams what is open in truth (a bridge, a pipe, a passage), the ground is lowered along a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flood_sim.errors import TerrainError
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.lines import line_cells

Point = tuple[float, float]
DEEPEST_M = 50.0
"""No cut lies deeper below its ground; more is a slip: a depth taken for a level (own proposal)."""


@dataclass(frozen=True)
class Lowered:
    """What a cut did: number of cells made lower, and the earth taken out, in m³."""

    cells: int
    volume_m3: float


def burn_cut(
    ground: np.ndarray, grid: Grid, line: Sequence[Point], width_m: float, bottom_m: Point, *,
    outside: np.ndarray | None = None, where: str = "cut", deepest_m: float = DEEPEST_M,
) -> Lowered:  # fmt: skip
    """Lower the ground, m (rows, cols), in place along a line, to a bottom that runs straight between both ends.

    line: (x, y) from one end to the other. width_m: cells whose centre lies within
    half of it beside the line are lowered; the cells that the line passes always are, so
    that even a narrow cut leads through. bottom_m: level at the first and at the
    last point; in between it is linear along the line. Ground that already lies
    lower stays. outside: cells outside the model, left as they are.
    Raises TerrainError where the line lies off the terrain or is a point, or the bottom lies more than `deepest_m` below the ground.
    """
    xy = np.asarray(line, float)
    path = shapely.LineString(xy)
    if not path.length > 0:
        raise TerrainError("both ends of the cut are the same point", where=where, hint="Draw it through the obstacle")
    chain = line_cells(line, grid)
    if not chain.size:
        raise TerrainError(
            "the cut lies off the terrain", where=where, value=f"x {xy[0, 0]:.1f}, y {xy[0, 1]:.1f}",
            hint="Coordinates must be in the terrain's CRS",
        )  # fmt: skip
    rows, cols = _beside(path, grid, width_m)
    rows, cols = np.concatenate([rows, chain.rows]), np.concatenate([cols, chain.cols])
    flat = np.unique(rows * grid.cols + cols)
    if outside is not None:
        flat = flat[~outside.ravel()[flat]]
    rows, cols = np.divmod(flat, grid.cols)
    centres = shapely.points(grid.west + (cols + 0.5) * grid.cell, grid.north - (rows + 0.5) * grid.cell)
    share = shapely.line_locate_point(path, centres, normalized=True)
    bottom = bottom_m[0] + (bottom_m[1] - bottom_m[0]) * share
    gone = np.maximum(ground[rows, cols] - bottom, 0.0)
    if gone.size and gone.max() > deepest_m:
        k = int(gone.argmax())
        raise TerrainError(
            "the bottom of the cut lies absurdly deep", where=where,
            value=f"{bottom[k]:.2f} m where the ground lies at {ground[rows[k], cols[k]]:.2f} m",
            allowed=f"up to {deepest_m:g} m below the ground",
            hint="bottom_m are levels of the same zero as the terrain, not depths",
        )  # fmt: skip
    ground[rows, cols] = np.minimum(ground[rows, cols], bottom)
    return Lowered(int(np.count_nonzero(gone)), float(gone.sum()) * grid.cell**2)


def _beside(path: shapely.LineString, grid: Grid, width_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells whose centre lies within half the width of the line, cut off square at its ends."""
    strip = path.buffer(width_m / 2, cap_style="flat")
    west, south, east, north = strip.bounds
    c0, c1 = (int(np.clip(np.floor((x - grid.west) / grid.cell), 0, grid.cols)) for x in (west, east + grid.cell))
    r0, r1 = (int(np.clip(np.floor((grid.north - y) / grid.cell), 0, grid.rows)) for y in (north, south - grid.cell))
    x, y = np.meshgrid(grid.x_centres()[c0:c1], grid.y_centres()[r0:r1])
    rows, cols = np.nonzero(shapely.contains_xy(strip, x, y))
    return rows + r0, cols + c0
