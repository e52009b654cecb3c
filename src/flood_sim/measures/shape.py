"""From drawn geometry to cells: those of a polygon, those of a strip along a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flood_sim.measures.fault import MeasureError
from flood_sim.scenario.measures import Measure
from flood_sim.terrain.crs import describe
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.lines import LineCells, line_cells

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Cells:
    """Cells of a grid: rows, cols int64 (n,)."""

    rows: np.ndarray
    cols: np.ndarray

    @property
    def size(self) -> int:
        return self.rows.size

    def take(self, keep: np.ndarray) -> Cells:
        return Cells(self.rows[keep], self.cols[keep])

    def xy(self, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the centres."""
        return grid.west + (self.cols + 0.5) * grid.cell, grid.north - (self.rows + 0.5) * grid.cell


def named(measure: Measure) -> str:
    """How messages name a measure."""
    return f"measure {measure.id} ({measure.kind})"


def drawn(measure: Measure) -> shapely.Geometry | None:
    """The geometry of a measure as drawn; None where it names buildings instead."""
    for name, kind in (("line", shapely.LineString), ("polygon", shapely.Polygon), ("point", shapely.Point)):
        points = getattr(measure, name, None)
        if points is not None:
            return kind(points)
    return None


def inside(shape: shapely.Geometry, grid: Grid) -> Cells:
    """Cells whose centres lie in a polygon."""
    west, south, east, north = shape.bounds
    cell = grid.cell
    first_col, last_col = _span(west - grid.west, east - grid.west, cell, grid.cols)
    first_row, last_row = _span(grid.north - north, grid.north - south, cell, grid.rows)
    rows, cols = np.mgrid[first_row:last_row, first_col:last_col]
    x, y = grid.west + (cols + 0.5) * cell, grid.north - (rows + 0.5) * cell
    shapely.prepare(shape)
    meant = shapely.contains_xy(shape, x, y)
    return Cells(rows[meant], cols[meant])


def _span(low: float, high: float, cell: float, size: int) -> tuple[int, int]:
    """First index and one past the last of cells that may have their centre between two places on an axis."""
    first = min(max(int(np.floor(low / cell)), 0), size)
    return first, max(min(int(np.ceil(high / cell)), size), first)


def cells_on(points: Points, grid: Grid, terrain: np.ndarray) -> LineCells:
    """The cells of a line that have a height (`terrain`, bool); none where it leaves the grid or the terrain on it."""
    chain = line_cells(points, grid)
    on = terrain[chain.rows, chain.cols]
    return LineCells(chain.rows[on], chain.cols[on], chain.along_m[on])


def polygon_cells(measure: Measure, points: Points, grid: Grid, terrain: np.ndarray) -> Cells:
    """Cells of a measure's polygon that have a height (`terrain`, bool); ScenarioError when there is none."""
    shape = shapely.Polygon(points)
    cells = inside(shape, grid)
    if not cells.size:
        raise outside_or_small(measure, shape, grid)
    cells = cells.take(terrain[cells.rows, cells.cols])
    if not cells.size:
        raise without_heights(measure, shape)
    return cells


def without_heights(measure: Measure, shape: shapely.Geometry) -> MeasureError:
    """Why a geometry on the grid has no cell: a terrain may end before its rectangle does."""
    x, y = float(shape.centroid.x), float(shape.centroid.y)
    return MeasureError(
        "lies where the terrain has no heights", where=named(measure), value=f"around x {x:.12g}, y {y:.12g}",
        hint="Draw it onto the terrain, or take a larger piece of terrain", code="outside_terrain", xy=(x, y),
        de="Die Maßnahme liegt außerhalb des Geländes: Dort sind keine Höhen bekannt.",
    )  # fmt: skip


def outside_or_small(measure: Measure, shape: shapely.Geometry, grid: Grid) -> MeasureError:
    """Why a geometry has no cell."""
    west, south, east, north = grid.bounds
    place = (float(shape.centroid.x), float(shape.centroid.y))
    if shapely.intersects(shape, shapely.box(west, south, east, north)):
        return MeasureError(
            "is so small that it covers the middle of no cell", where=named(measure),
            value=f"{shape.area:.3g} m²", allowed=f"about a cell, {grid.cell**2:g} m², or more", hint="Draw it larger, or compute on finer cells", code="too_small", xy=place,
            de=f"Die Fläche ist kleiner als eine Rechenzelle ({grid.cell:g} m).",
        )  # fmt: skip
    w, s, e, n = shape.bounds
    degrees = abs(w) <= 180 and abs(e) <= 180 and abs(s) <= 90 and abs(n) <= 90
    hint = f"Coordinates must be in the terrain's CRS, {describe(grid.crs)}"
    return MeasureError(
        "lies outside the terrain", where=named(measure),
        value=f"x {w:.12g} to {e:.12g}, y {s:.12g} to {n:.12g}",
        allowed=f"x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}",
        hint=f"These look like degrees; {hint[0].lower()}{hint[1:]}" if degrees else hint,
        code="outside_terrain", xy=place, de="Die Maßnahme liegt außerhalb des Geländes.",
    )  # fmt: skip
