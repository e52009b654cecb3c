"""Lines on the grid: the cells that a wall, a kerb or a break line takes, without a gap.

A cell is taken when the line passes through it, so that each taken cell shares a
side with the next one: no water passes such a chain, neither over the sides of
the cells (the engine) nor over their corners (flow directions to eight neighbours).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flood_sim.terrain.grid import Grid


@dataclass(frozen=True)
class LineCells:
    """Cells along a line in its order, int64 (n,), and how far along the line each lies, in m (n,).

    A line that crosses itself names a cell twice.
    """

    rows: np.ndarray
    cols: np.ndarray
    along_m: np.ndarray

    @property
    def size(self) -> int:
        return self.rows.size


def line_cells(points: Sequence[tuple[float, float]], grid: Grid) -> LineCells:
    """The chain of cells of `grid` that a line passes through; parts outside the grid are left out.

    points: (x, y) in the CRS of the grid. There and back take the same cells.
    Where the line passes exactly through a corner, the northern of the two cells beside it belongs to it.
    """
    xy = np.asarray(points, float)
    uv = np.column_stack([(xy[:, 0] - grid.west) / grid.cell, (grid.north - xy[:, 1]) / grid.cell])
    rows, cols, along = [], [], []
    gone = 0.0
    for a, b in zip(uv, uv[1:], strict=False):
        length = float(np.hypot(*(b - a)))
        t = _crossings(a, b, grid)
        if t.size:
            middle = 0.5 * (t[1:] + t[:-1])
            place = a + middle[:, None] * (b - a)
            rows.append(np.floor(place[:, 1]).astype(np.int64))
            cols.append(np.floor(place[:, 0]).astype(np.int64))
            along.append((gone + middle * length) * grid.cell)
        gone += length
    if not rows:
        none = np.zeros(0, np.int64)
        return LineCells(none, none, np.zeros(0))
    return _chain(np.concatenate(rows), np.concatenate(cols), np.concatenate(along), grid)


def raise_along(ground: np.ndarray, cells: LineCells, top_m: np.ndarray | float) -> None:
    """Raise the ground in place to `top_m` (one value, or one for each cell) where it is lower."""
    np.maximum.at(ground, (cells.rows, cells.cols), top_m)


def _crossings(a: np.ndarray, b: np.ndarray, grid: Grid) -> np.ndarray:
    """Where, from 0 at a to 1 at b, a line on the grid passes from cell to cell, its ends included; empty outside."""
    delta = b - a
    first, last = 0.0, 1.0
    for k, size in enumerate((grid.cols, grid.rows)):
        if delta[k] == 0.0:
            if not 0.0 <= a[k] < size:
                return np.zeros(0)
            continue
        low, high = sorted(((0.0 - a[k]) / delta[k], (size - a[k]) / delta[k]))
        first, last = max(first, low), min(last, high)
    if first >= last:
        return np.zeros(0)
    found = [np.array([first, last])]
    for k in (0, 1):
        if delta[k] != 0.0:
            ends = np.sort([a[k] + first * delta[k], a[k] + last * delta[k]])
            edges = np.arange(np.ceil(ends[0]), np.floor(ends[1]) + 1)
            found.append((edges - a[k]) / delta[k])
    return np.unique(np.clip(np.concatenate(found), first, last))


def _chain(rows: np.ndarray, cols: np.ndarray, along: np.ndarray, grid: Grid) -> LineCells:
    """Without repeats in a row, inside the grid, and with a cell between two that share only a corner."""
    inside = (rows >= 0) & (rows < grid.rows) & (cols >= 0) & (cols < grid.cols)
    rows, cols, along = rows[inside], cols[inside], along[inside]
    new = np.ones(rows.size, bool)
    new[1:] = (np.diff(rows) != 0) | (np.diff(cols) != 0)
    rows, cols, along = rows[new], cols[new], along[new]
    corner = np.flatnonzero((np.abs(np.diff(rows)) == 1) & (np.abs(np.diff(cols)) == 1))
    north = np.where(rows[corner] < rows[corner + 1], corner, corner + 1)  # the row of one end, the column of the other
    south = 2 * corner + 1 - north
    return LineCells(
        np.insert(rows, corner + 1, rows[north]),
        np.insert(cols, corner + 1, cols[south]),
        np.insert(along, corner + 1, 0.5 * (along[corner] + along[corner + 1])),
    )
