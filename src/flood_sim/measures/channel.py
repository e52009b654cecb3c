"""Swales and emergency flow paths: a strip along a line, dug level across."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from flood_sim.measures.shape import Cells, cells_on, inside
from flood_sim.scenario.measures import EmergencyFlowPath, Swale
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.lines import LineCells, line_cells


@dataclass(frozen=True)
class Strip:
    """Cells of a strip, and the level to which each is dug [m] (n,); inf where nothing is."""

    cells: Cells
    floor_m: np.ndarray


def strip_cells(line: shapely.LineString, width_m: float, grid: Grid, terrain: np.ndarray) -> Cells:
    """Cells with a height whose centres lie within half the width of a line, and those that the line passes through."""
    wide = inside(line.buffer(width_m / 2, cap_style="flat"), grid)
    chain = line_cells(list(line.coords), grid)
    flat = np.union1d(wide.rows * grid.cols + wide.cols, chain.rows * grid.cols + chain.cols)
    cells = Cells(*np.divmod(flat, grid.cols))
    return cells.take(terrain[cells.rows, cells.cols])


def bottom_along(chain: LineCells, ground: np.ndarray, depth_m: float, *, graded: bool) -> np.ndarray:
    """Level of the bottom at each cell of the line, m; `graded` never rises from the first to the last."""
    bottom = ground[chain.rows, chain.cols] - depth_m
    return np.minimum.accumulate(bottom) if graded else bottom


def strip_of(measure: Swale | EmergencyFlowPath, ground: np.ndarray, terrain: np.ndarray, grid: Grid) -> Strip:
    """The strip, and how deep it is dug into `ground` [m] (rows, cols), with the sides of a swale sloping up to its edges.

    Nothing is changed: where two strips cross, both depths count from the ground before either, so that no pit is left.
    """
    line = shapely.LineString(measure.line)
    cells, chain = strip_cells(line, measure.width_m, grid, terrain), cells_on(measure.line, grid, terrain)
    if not chain.size or not (measure.depth_m or measure.graded):
        return Strip(cells, np.full(cells.size, np.inf))
    points = shapely.points(*cells.xy(grid))
    along = shapely.line_locate_point(line, points)
    bottom = bottom_along(chain, ground, measure.depth_m, graded=measure.graded)
    floor = np.interp(along, chain.along_m, bottom)
    if isinstance(measure, Swale) and measure.side_slope > 0.0:
        top = np.interp(along, chain.along_m, ground[chain.rows, chain.cols])
        to_edge = np.maximum(measure.width_m / 2 - shapely.distance(line, points), 0.0)
        floor = np.maximum(floor, top - to_edge / measure.side_slope)
    return Strip(cells, floor)


def dig(strip: Strip, ground: np.ndarray) -> None:
    """Lower the strip in place to its floor, where it is higher; kerbs come after."""
    rows, cols = strip.cells.rows, strip.cells.cols
    ground[rows, cols] = np.minimum(ground[rows, cols], strip.floor_m)


def kerbs(
    measure: EmergencyFlowPath, strips: Mapping[str, Strip], base: np.ndarray, ground: np.ndarray, terrain: np.ndarray,
    grid: Grid,
) -> Cells | None:  # fmt: skip
    """Raise both sides of a flow path in place, against the ground `base` before any wall; its ends stay open.

    The cells that touch the strip over a side or a corner, so that no water passes between it and its kerb; none in
    one of the `strips` (by id), where it would be a sill across the way of the water.
    """
    strip = strips[measure.id].cells
    if not measure.kerb_height_m or not strip.size:
        return None
    line = shapely.LineString(measure.line)
    top, left = max(strip.rows.min() - 1, 0), max(strip.cols.min() - 1, 0)
    window = np.s_[top : strip.rows.max() + 2, left : strip.cols.max() + 2]
    member = np.zeros(ground[window].shape, bool)
    member[strip.rows - top, strip.cols - left] = True
    free = terrain[window].copy()
    for other in strips.values():
        rows, cols = other.cells.rows - top, other.cells.cols - left
        here = (rows >= 0) & (rows < free.shape[0]) & (cols >= 0) & (cols < free.shape[1])
        free[rows[here], cols[here]] = False
    rows, cols = np.nonzero(ndimage.binary_dilation(member, np.ones((3, 3), bool)) & free)
    around = Cells(rows + top, cols + left)
    along = shapely.line_locate_point(line, shapely.points(*around.xy(grid)))
    sides = around.take((along > 0.0) & (along < line.length))
    level = base[sides.rows, sides.cols] + measure.kerb_height_m
    ground[sides.rows, sides.cols] = np.maximum(ground[sides.rows, sides.cols], level)
    return sides
