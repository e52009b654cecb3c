"""Walls, kerbs and break lines: a layer of lines with heights, read and laid on the ground.

A DGM1 has no kerbs and no garden walls; where they steer the water they are
drawn and given here. Columns: `kind` (wall, kerb, break_line) and one height:
`height_m` above the ground beside it, `top_m` (with `top_end_m` at the other end)
as a level, or the third coordinate of the points.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import shapely

from flood_sim.terrain.findings import Refusal, refusals_as_errors, refuse
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.lines import LineCells, line_cells, raise_along
from flood_sim.terrain.vector_file import LINES, Features, no_overlap, read_features

Kind = Literal["wall", "kerb", "break_line"]

TALLEST_M = 30.0
"""Nothing of this layer stands higher above its ground, or lies deeper below; more is a slip: a height taken for a level."""
_COLUMNS = ("kind", "height_m", "top_m", "top_end_m")
_HEIGHTS = "height_m (above the ground), top_m (level), or points with a third coordinate"


@dataclass(frozen=True)
class TerrainLine:
    """One line: points (n, 2) in the CRS of the grid, and its height.

    above_m: height above the ground of each cell it passes, None where
    top_m says the level at each point, (n,) in m.
    """

    id: str
    kind: Kind
    points: np.ndarray
    above_m: float | None
    top_m: np.ndarray | None


@dataclass(frozen=True)
class TerrainLines:
    """Lines of a layer, in the order of the file; `notes` say what was left out. `where` names the file."""

    lines: tuple[TerrainLine, ...]
    notes: tuple[str, ...]
    where: str


def read_lines(path: str | os.PathLike[str], grid: Grid) -> TerrainLines:
    """The line layer of a GeoPackage or GeoJSON; a line of several parts becomes several.

    Raises TerrainError for another CRS, a line without height or of an unknown
    kind (named by its id), and for a file that holds no line on the terrain.
    """
    with refusals_as_errors(path):
        features = read_features(path, grid, LINES, _COLUMNS, heights=True)
        return _lines(features, grid, os.fspath(path))


def burn_lines(
    layer: TerrainLines, ground: np.ndarray, grid: Grid, outside: np.ndarray | None = None
) -> tuple[str, ...]:
    """Lay the lines on the ground, m (rows, cols), in place; notes say what has no effect.

    Break lines first: their cells take the height of the line, interpolated along it. Then walls
    and kerbs raise what is lower, `height_m` counted from the ground as the break lines left it, so
    that crossing walls do not add up. Each line takes an unbroken chain of cells that
    share sides: water passes it neither straight nor over a corner. outside: cells
    outside the model, left as they are. Raises TerrainError where a level lies
    further from the ground than any wall is high.
    """
    notes: list[str] = []
    with refusals_as_errors(layer.where):
        _burn([line for line in layer.lines if line.kind == "break_line"], ground, grid, outside, notes)
        _burn([line for line in layer.lines if line.kind != "break_line"], ground, grid, outside, notes)
    return tuple(notes)


def _burn(
    lines: Sequence[TerrainLine], ground: np.ndarray, grid: Grid, outside: np.ndarray | None, notes: list[str]
) -> None:
    placed = [(line, _inside(line_cells(line.points, grid), outside)) for line in lines]  # type: ignore[arg-type]
    tops = [_tops(line, cells, ground) for line, cells in placed]  # all from the ground as it is now
    for (line, cells), top in zip(placed, tops, strict=True):
        if line.kind == "break_line":
            ground[cells.rows, cells.cols] = top
            continue
        if cells.size and not (top > ground[cells.rows, cells.cols]).any():
            notes.append(f"{_called(line)} lies nowhere above the ground and does nothing")
        raise_along(ground, cells, top)


def _inside(cells: LineCells, outside: np.ndarray | None) -> LineCells:
    if outside is None:
        return cells
    keep = ~outside[cells.rows, cells.cols]
    return LineCells(cells.rows[keep], cells.cols[keep], cells.along_m[keep])


def _tops(line: TerrainLine, cells: LineCells, ground: np.ndarray) -> np.ndarray:
    """Height of the line over each of its cells, m."""
    below = ground[cells.rows, cells.cols].astype(np.float64)
    if line.top_m is None:
        return below + (line.above_m or 0.0)
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line.points, axis=0).T))])
    top = np.interp(cells.along_m, reach, line.top_m)
    off = np.abs(top - below)
    if off.size and off.max() > TALLEST_M:
        worst = int(off.argmax())
        raise refuse(
            "line_level",
            f"{_called(line)} has its top at {top[worst]:g} m where the ground lies at {below[worst]:.2f} m; "
            f"allowed: at most {TALLEST_M:g} m apart",
            "A height above the ground belongs into height_m; levels count from the zero of the terrain",
        )
    return top


def _lines(features: Features, grid: Grid, where: str) -> TerrainLines:
    notes: list[str] = []
    shapes = features.geometries
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & np.isin(
        shapely.get_type_id(shapes), LINES.types
    )
    if (~present).any():
        notes.append(f"{int((~present).sum()):,} features that are no lines left out")
    on_grid = present & shapely.intersects(shapely.force_2d(shapes), shapely.box(*grid.bounds))
    if not on_grid.any():
        raise refuse("no_overlap", no_overlap(features, grid, LINES), "Are these the lines of this terrain?")
    left_out = features.total - len(shapes) + int((present & ~on_grid).sum())
    if left_out:
        notes.append(f"{left_out:,} of {features.total:,} lines do not lie on the terrain and are left out")
    lines = []
    for k in np.flatnonzero(on_grid):
        values = {name: column[k] for name, column in features.table.items()}
        for part in shapely.get_parts(shapes[k]):
            lines.append(_line(features.ids[k], part, values))
    return TerrainLines(tuple(lines), tuple(notes), where)


def _line(name: str, shape: shapely.LineString, values: Mapping[str, Any]) -> TerrainLine:
    kind = str(values.get("kind") or "").strip().lower()
    if kind not in get_args(Kind):
        said = f"unknown kind {values.get('kind')!r:.40}" if kind else "no kind"
        raise _bad(f"line {name}: {said}", ", ".join(get_args(Kind)), "Set the column kind")
    xyz = shapely.get_coordinates(shape, include_z=True)
    points, z = xyz[:, :2], xyz[:, 2]
    above, top, end = (_number(name, values, c) for c in ("height_m", "top_m", "top_end_m"))
    if above is not None and top is not None:
        raise _bad(f"line {name} ({kind}) has both height_m and top_m", "one of them", "Leave the other one empty")
    if above is not None:
        lowest = -TALLEST_M if kind == "break_line" else 0.0
        if not (lowest <= above <= TALLEST_M and above != 0.0):
            allowed = f"{'at least' if kind == 'break_line' else 'above'} {lowest:g}, at most {TALLEST_M:g} m, not 0"
            hint = "A level above the zero of the terrain belongs into top_m"
            raise _bad(f"line {name} ({kind}): height_m is {above:g}", allowed, hint)
        return TerrainLine(name, kind, points, above, None)  # type: ignore[arg-type]
    if top is not None:
        reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        levels = top + ((top if end is None else end) - top) * reach / max(reach[-1], 1e-9)
        return TerrainLine(name, kind, points, None, levels)  # type: ignore[arg-type]
    if np.isfinite(z).all():
        return TerrainLine(name, kind, points, None, z)  # type: ignore[arg-type]
    raise _bad(f"line {name} ({kind}) has no height", _HEIGHTS, "Fill in one of the columns for every line")


def _number(name: str, values: Mapping[str, Any], column: str) -> float | None:
    value = values.get(column)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise _bad(f"line {name}: {column} is not a number: {value!r:.40}", "a number in m", "Decimals take a point")
    return number


def _bad(what: str, allowed: str, hint: str) -> Refusal:
    return refuse("line_value", f"{what}; allowed: {allowed}", hint)


def _called(line: TerrainLine) -> str:
    return f"line {line.id} ({line.kind})"
