"""Walls, embankments, mobile barriers and kerbs: chains of cells raised or lowered, tight to the flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from flood_sim.measures.shape import Cells, cells_on, inside
from flood_sim.scenario.measures import Embankment, FloodWall, Kerb, MobileBarrier
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.lines import LineCells, line_cells, raise_along

Crested = FloodWall | Embankment | MobileBarrier


@dataclass(frozen=True)
class Crest:
    """The chain of cells of a wall that have a height, the level of its crest at each, and the ground under it before, m (n,).

    `body`: all cells that it takes, those of sloping sides included.
    """

    chain: LineCells
    top_m: np.ndarray
    ground_m: np.ndarray
    body: Cells

    @property
    def protects_to_m(self) -> float:
        """The lowest place of the crest: higher water passes over it."""
        return float(self.top_m.min())


def crest_of(measure: Crested, base: np.ndarray, terrain: np.ndarray, grid: Grid) -> Crest:
    """Where a wall stands and how high, on the ground `base` (rows, cols) under it; `terrain` (bool): has a height."""
    chain = cells_on(measure.line, grid, terrain)
    under = base[chain.rows, chain.cols]
    if measure.crest_m is not None:
        top = np.full(under.shape, measure.crest_m)
    else:
        assert measure.height_m is not None  # the model asks for one of both
        top = under + measure.height_m
    body = Cells(chain.rows, chain.cols)
    if isinstance(measure, Embankment) and top.size:
        body = _body(measure, top, under, grid)
    return Crest(chain, top, under, body)


def build_wall(measure: Crested, base: np.ndarray, ground: np.ndarray, terrain: np.ndarray, grid: Grid) -> Crest:
    """Raise the ground in place to the crest, where it is lower."""
    crest = crest_of(measure, base, terrain, grid)
    raise_along(ground, crest.chain, crest.top_m)
    if isinstance(measure, Embankment) and crest.chain.size:
        rows, cols = crest.body.rows, crest.body.cols
        side = _side_levels(measure, crest.chain, crest.top_m, crest.body, grid)
        ground[rows, cols] = np.where(terrain[rows, cols], np.maximum(ground[rows, cols], side), ground[rows, cols])
    return crest


def change_kerb(measure: Kerb, base: np.ndarray, ground: np.ndarray, terrain: np.ndarray, grid: Grid) -> LineCells:
    """Raise or lower the cells along a kerb in place, against the ground `base` before any wall or kerb.

    A lowered kerb opens no wall: cells that something stands on stay as they are.
    """
    chain = cells_on(measure.line, grid, terrain)
    rows, cols = chain.rows, chain.cols
    level = base[rows, cols] + measure.height_m
    if measure.height_m > 0.0:
        raise_along(ground, chain, level)
    else:
        free = ground[rows, cols] <= base[rows, cols]
        np.minimum.at(ground, (rows[free], cols[free]), level[free])
    return chain


def height_needed(
    line: tuple[tuple[float, float], ...], level_m: float, ground: np.ndarray, grid: Grid, *, freeboard_m: float = 0.0
) -> tuple[float, float]:
    """How high must a wall along this line be, to hold water of this level? Its greatest height and its length, m.

    ground: float64 (rows, cols), m, NaN where there is none; level_m above the zero of the terrain. The
    length counts only where the ground lies below the crest.
    """
    chain = line_cells(line, grid)
    under = ground[chain.rows, chain.cols]
    height = np.where(np.isfinite(under), level_m + freeboard_m - under, 0.0)
    share = float((height > 0.0).mean()) if chain.size else 0.0
    return max(float(height.max(initial=0.0)), 0.0), share * shapely.LineString(line).length


def _body(measure: Embankment, top: np.ndarray, under: np.ndarray, grid: Grid) -> Cells:
    highest = float(np.maximum(top - under, 0.0).max())
    reach = measure.crest_width_m / 2 + 2.0 * highest * measure.side_slope  # falling ground makes a side longer
    return inside(shapely.LineString(measure.line).buffer(max(reach, 1e-9), cap_style="flat"), grid)


def _side_levels(measure: Embankment, chain: LineCells, top: np.ndarray, body: Cells, grid: Grid) -> np.ndarray:
    """Level of crest and sides at each cell of the body, m."""
    line = shapely.LineString(measure.line)
    points = shapely.points(*body.xy(grid))
    crest = np.interp(shapely.line_locate_point(line, points), chain.along_m, top)
    beyond = np.maximum(shapely.distance(line, points) - measure.crest_width_m / 2, 0.0)
    fall = beyond / measure.side_slope if measure.side_slope > 0.0 else np.where(beyond > 0.0, np.inf, 0.0)
    return crest - fall
