"""Swales and emergency flow paths: a strip along a line, dug level across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage

from flood_sim.measures.shape import Cells, inside
from flood_sim.scenario.measures import EmergencyFlowPath, Swale
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.lines import LineCells, line_cells


@dataclass(frozen=True)
class Strip:
    """Cells of a strip: how far along the line each lies [m], and how far from the line [m]; all (n,)."""

    cells: Cells
    along_m: np.ndarray
    off_m: np.ndarray


def strip_of(line: shapely.LineString, width_m: float, grid: Grid) -> Strip:
    """Cells whose centres lie within half the width of a line, and those that the line passes through."""
    wide = inside(line.buffer(width_m / 2, cap_style="flat"), grid)
    chain = line_cells(list(line.coords), grid)
    flat = np.union1d(wide.rows * grid.cols + wide.cols, chain.rows * grid.cols + chain.cols)
    cells = Cells(*np.divmod(flat, grid.cols))
    points = shapely.points(*cells.xy(grid))
    return Strip(cells, shapely.line_locate_point(line, points), shapely.distance(line, points))


def bottom_along(chain: LineCells, ground: np.ndarray, depth_m: float, *, graded: bool) -> np.ndarray:
    """Level of the bottom at each cell of the line, m; `graded` never rises from the first to the last."""
    bottom = ground[chain.rows, chain.cols] - depth_m
    return np.minimum.accumulate(bottom) if graded else bottom


def dig(measure: Swale | EmergencyFlowPath, ground: np.ndarray, terrain: np.ndarray, grid: Grid) -> Strip:
    """Lower the strip in place to its bottom, with the sides of a swale sloping up to its edges; kerbs come after."""
    line = shapely.LineString(measure.line)
    strip, chain = strip_of(line, measure.width_m, grid), line_cells(measure.line, grid)
    if not chain.size or not (measure.depth_m or measure.graded):
        return strip
    bottom = bottom_along(chain, ground, measure.depth_m, graded=measure.graded)
    floor = np.interp(strip.along_m, chain.along_m, bottom)
    if isinstance(measure, Swale) and measure.side_slope > 0.0:
        top = np.interp(strip.along_m, chain.along_m, ground[chain.rows, chain.cols])
        to_edge = np.maximum(measure.width_m / 2 - strip.off_m, 0.0)
        floor = np.maximum(floor, top - to_edge / measure.side_slope)
    rows, cols = strip.cells.rows, strip.cells.cols
    new = np.minimum(ground[rows, cols], floor)
    ground[rows, cols] = np.where(terrain[rows, cols], new, ground[rows, cols])
    return strip


def kerbs(
    measure: EmergencyFlowPath, base: np.ndarray, ground: np.ndarray, terrain: np.ndarray, grid: Grid
) -> Cells | None:
    """Raise both sides of a flow path in place, against the ground `base` before any wall; its ends stay open.

    The cells that touch the strip over a side or a corner, so that no water passes between it and its kerb.
    """
    if not measure.kerb_height_m:
        return None
    line = shapely.LineString(measure.line)
    strip = strip_of(line, measure.width_m, grid).cells
    if not strip.size:
        return None
    top, left = max(strip.rows.min() - 1, 0), max(strip.cols.min() - 1, 0)
    window = np.s_[top : strip.rows.max() + 2, left : strip.cols.max() + 2]
    member = np.zeros(ground[window].shape, bool)
    member[strip.rows - top, strip.cols - left] = True
    rows, cols = np.nonzero(ndimage.binary_dilation(member, np.ones((3, 3), bool)) & ~member & terrain[window])
    around = Cells(rows + top, cols + left)
    along = shapely.line_locate_point(line, shapely.points(*around.xy(grid)))
    sides = around.take((along > 0.0) & (along < line.length))
    level = base[sides.rows, sides.cols] + measure.kerb_height_m
    ground[sides.rows, sides.cols] = np.maximum(ground[sides.rows, sides.cols], level)
    return sides
