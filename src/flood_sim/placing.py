"""Where on the grid the points, lines and polygons of a scenario lie."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.features import rasterize

from flood_sim.errors import ScenarioError
from flood_sim.scenario import Areas, Point, Where
from flood_sim.solver.border import Faces
from flood_sim.solver.rain_field import Between
from flood_sim.terrain.crs import describe, same_crs
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.footprint_file import read_shapes
from flood_sim.terrain.grid import Grid, positions

REACH_CELLS = 0.75
"""A border face belongs to a line if its middle lies this near, in cells."""


def check_crs(stated: str | None, grid: Grid) -> None:
    """ScenarioError if the scenario names another CRS than the terrain's."""
    if stated is None:
        return
    try:
        crs = CRS.from_user_input(stated)
    except CRSError:
        raise ScenarioError("unknown CRS", where="crs", value=stated, allowed="for example EPSG:25832") from None
    if not same_crs(crs, grid.crs):
        raise ScenarioError(
            f"the coordinates are in {describe(crs)}, the terrain in {describe(grid.crs)}",
            where="crs", hint="Project the coordinates to the terrain's CRS",
        )  # fmt: skip


def between(coarse: Grid, grid: Grid, sampling: str) -> tuple[Between, Between]:
    """How the rows and the columns of a model take from a coarse grid that covers it: "nearest" or "linear"."""
    sizes = zip(positions(coarse, grid), coarse.shape, strict=True)
    if sampling == "linear":
        rows, cols = (Between.linear(at - 0.5, size) for at, size in sizes)
    else:
        rows, cols = (Between.nearest(np.clip(np.floor(at), 0, size - 1)) for at, size in sizes)
    return rows, cols


def cell_of(x: float, y: float, grid: Grid, active: np.ndarray, where: str) -> tuple[int, int]:
    """Row and column of the active cell that contains a point; ScenarioError outside the model."""
    cell = grid.index(x, y)
    if cell is None:
        raise _outside("the point lies outside the terrain", f"x {x:.12g}, y {y:.12g}", [(x, y)], grid, where)
    if not active[cell]:
        raise ScenarioError(
            "the point lies in a building or where the terrain has no height",
            where=where, value=f"x {x:.12g}, y {y:.12g}", hint="Move it to open ground",
        )  # fmt: skip
    return cell


def line_faces(line: Sequence[Point], grid: Grid, active: np.ndarray, where: str) -> Faces:
    """The staircase of cell faces nearest to a line, as a section.

    side is such that positive discharge flows from the left to the right hand
    of somebody who walks along the line. Faces with a wall on one side carry nothing.
    """
    _check_reach(line, grid, where)
    _check_not_far(line, grid, where)
    nodes = [_node(p, grid) for p in line]
    rows, cols, axes, sides = [], [], [], []
    for a, b in zip(nodes, nodes[1:], strict=False):
        for (r0, c0), (r1, c1) in _staircase(a, b):
            if r0 == r1:  # along a row: a y-face, walking east has the south on the right
                axes.append(1)
                rows.append(r0)
                cols.append(min(c0, c1) + 1)
                sides.append(1 if c1 > c0 else -1)
            else:  # along a column: an x-face, walking north has the east on the right
                axes.append(0)
                rows.append(min(r0, r1) + 1)
                cols.append(c0)
                sides.append(1 if r1 < r0 else -1)
    axis, row, col, side = (np.array(v, np.int64) for v in (axes, rows, cols, sides))
    ny, nx = active.shape
    inside = np.where(axis == 0, (row >= 1) & (row <= ny) & (col <= nx), (col >= 1) & (col <= nx) & (row <= ny))
    if not inside.any():
        raise ScenarioError(
            "is shorter than a cell", where=where, allowed=f"at least {grid.cell:g} m", hint="Draw a longer line"
        )
    faces = Faces(axis, row, col, side, row, col)
    return faces.take(inside)


def border_mask(where: Where, faces: Faces, grid: Grid, name: str) -> np.ndarray:
    """Which of the border's faces a part of a scenario means."""
    if where.edge is not None:
        sides = {"west": (0, -1), "east": (0, 1), "north": (1, -1), "south": (1, 1)}
        if where.edge == "all":
            return np.ones(faces.size, bool)
        axis, side = sides[where.edge]
        return (faces.axis == axis) & (faces.side == side)
    points = where.line if where.line is not None else where.polygon
    assert points is not None
    _check_reach(points, grid, name)
    x, y = face_middles(faces, grid)
    if where.polygon is not None:
        return shapely.contains_xy(_polygon(points, name), x, y)
    shape = shapely.LineString(points).buffer(REACH_CELLS * grid.cell, cap_style="flat")
    return shapely.contains_xy(shape, x, y)


def cells_of(where: Where, grid: Grid, active: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Rows and columns of the active cells whose centres lie in a polygon, or which a line touches.

    The third value counts what would be meant if no cell were closed.
    """
    points = where.polygon if where.polygon is not None else where.line
    assert points is not None
    _check_reach(points, grid, name)
    if where.polygon is not None:
        x, y = np.meshgrid(grid.x_centres(), grid.y_centres())
        meant = shapely.contains_xy(_polygon(points, name), x, y)
    else:
        meant = _touched(shapely.LineString(points), grid)
    rows, cols = np.nonzero(active & meant)
    count = int(meant.sum())
    if not rows.size:
        raise ScenarioError(
            "covers no open cell of the terrain", where=name, value=f"{count} cells, all in buildings or without a height",
            allowed="at least one open cell", hint="Draw it larger, or away from buildings",
        )  # fmt: skip
    return rows, cols, count


def _touched(line: shapely.LineString, grid: Grid) -> np.ndarray:
    """Cells that a line touches, (rows, cols); along an edge between cells those on both sides."""
    west, south, east, north = line.bounds
    first_row, first_col = _containing(west, north, grid)
    last_row, last_col = _containing(east, south, grid)
    rows, cols = np.mgrid[first_row : last_row + 2, first_col : last_col + 2]
    # one more on each low side: a line on an edge also touches the cell before it
    rows, cols = rows - 1, cols - 1
    x, y = grid.west + cols * grid.cell, grid.north - rows * grid.cell
    touched = shapely.intersects(line, shapely.box(x, y - grid.cell, x + grid.cell, y))
    inside = touched & (rows >= 0) & (rows < grid.rows) & (cols >= 0) & (cols < grid.cols)
    mask = np.zeros(grid.shape, bool)
    mask[rows[inside], cols[inside]] = True
    return mask


def _containing(x: float, y: float, grid: Grid) -> tuple[int, int]:
    """Row and column of the cell around a point, clipped to one cell beyond the grid."""
    row = math.floor((grid.north - y) / grid.cell)
    col = math.floor((x - grid.west) / grid.cell)
    return min(max(row, -1), grid.rows), min(max(col, -1), grid.cols)


def face_middles(faces: Faces, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the middle of each face."""
    along_x = faces.axis == 0
    x = grid.west + np.where(along_x, faces.col, faces.col - 0.5) * grid.cell
    y = grid.north - np.where(along_x, faces.row - 0.5, faces.row) * grid.cell
    return x, y


def _polygon(points: Sequence[Point], where: str) -> shapely.Polygon:
    shape = shapely.Polygon(points)
    if not shape.is_valid:
        raise ScenarioError(
            f"the polygon is not valid: {shapely.is_valid_reason(shape)}",
            where=where,
            hint="Draw its outline once round",
        )
    return shape


def _node(point: Point, grid: Grid) -> tuple[int, int]:
    """Row and column of the corner of cells nearest to a point."""
    return round((grid.north - point[1]) / grid.cell), round((point[0] - grid.west) / grid.cell)


def _staircase(a: tuple[int, int], b: tuple[int, int]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Unit steps along cell edges from corner a to corner b, never further than a cell from the straight line.

    There and back are the same path, so that neighbouring polygons share their sides.
    """
    if b < a:
        yield from ((end, start) for start, end in reversed(list(_staircase(b, a))))
        return
    (r, c), (rb, cb) = a, b
    dr, dc = abs(rb - r), abs(cb - c)
    sr, sc = (1 if rb > r else -1), (1 if cb > c else -1)
    gone_r = gone_c = 0
    while gone_r < dr or gone_c < dc:
        before = r, c
        # take the direction that lags behind the straight line
        if (gone_c + 0.5) * dr <= (gone_r + 0.5) * dc and gone_c < dc or gone_r == dr:
            c += sc
            gone_c += 1
        else:
            r += sr
            gone_r += 1
        yield before, (r, c)


def _check_reach(points: Sequence[Point], grid: Grid, where: str) -> None:
    west, south, east, north = grid.bounds
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    if max(xs) < west or min(xs) > east or max(ys) < south or min(ys) > north:
        value = f"x {min(xs):.12g} to {max(xs):.12g}, y {min(ys):.12g} to {max(ys):.12g}"
        raise _outside("lies outside the terrain", value, points, grid, where)


def _check_not_far(points: Sequence[Point], grid: Grid, where: str) -> None:
    """A section may overshoot the terrain, but not by more than the terrain is long: that is a slip of the pen."""
    west, south, east, north = grid.bounds
    reach = max(east - west, north - south)
    for x, y in points:
        if not (west - reach <= x <= east + reach and south - reach <= y <= north + reach):
            raise _outside(
                "a point of the line lies far outside the terrain", f"x {x:.12g}, y {y:.12g}", [(x, y)], grid, where
            )


def _outside(what: str, value: str, points: Sequence[Point], grid: Grid, where: str) -> ScenarioError:
    west, south, east, north = grid.bounds
    degrees = all(abs(x) <= 180 and abs(y) <= 90 for x, y in points)
    hint = f"Coordinates must be in the terrain's CRS, {describe(grid.crs)}"
    if degrees:
        hint = f"These look like degrees of longitude and latitude; project them to {describe(grid.crs)}"
    allowed = f"x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}"
    return ScenarioError(what, where=where, value=value, allowed=allowed, hint=hint)


def area_mask(areas: Areas, grid: Grid, where: str) -> np.ndarray:
    """bool (rows, cols): cells whose centre lies in one of the polygons; ScenarioError for a crossing one or none on the terrain."""
    if areas.file is not None:
        with refusals_as_errors(areas.file):
            shapes = list(read_shapes(areas.file, grid).polygons)
    else:
        shapes = [_polygon(ring, f"{where}.polygons.{k}") for k, ring in enumerate(areas.polygons or ())]
    inside = (
        rasterize(shapes, out_shape=grid.shape, transform=grid.transform, fill=0, default_value=1, dtype="uint8") > 0
    )
    if not inside.any():
        west, south, east, north = grid.bounds
        raise ScenarioError(
            "covers no cell of the terrain", where=where,
            allowed=f"x {west:.0f} to {east:.0f}, y {south:.0f} to {north:.0f}", hint="Coordinates must be in the terrain's CRS",
        )  # fmt: skip
    return np.asarray(inside)
