"""The model's border: which faces are open, and what happens there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from flood_sim.backends.layout import Border, Meter
from flood_sim.kernels.boundary import DISCHARGE, LEVEL, NORMAL
from flood_sim.solver.series import Linear
from flood_sim.solver.sills import Sills, sill_arrays

MIN_BED_SLOPE = 0.005
"""Least energy slope at a free border without a stated one (practice default 0.5 %)."""
MAX_BED_SLOPE = 0.3
SLOPE_CELLS = 3
WALL = -1


class Faces(NamedTuple):
    """Faces by position in the padded arrays; `side` +1 where outward is the positive direction.

    axis 0: x-face [row, col] between cells col and col+1 of the row; axis 1:
    y-face between rows row and row+1 in column col. cell_row and
    cell_col are the active cell, padded.
    """

    axis: np.ndarray
    row: np.ndarray
    col: np.ndarray
    side: np.ndarray
    cell_row: np.ndarray
    cell_col: np.ndarray

    def take(self, where: np.ndarray) -> Faces:
        return Faces(*(a[where] for a in self))

    @property
    def size(self) -> int:
        return int(self.axis.size)


def border_faces(active: np.ndarray, outside: np.ndarray) -> Faces:
    """Every face between an active cell and the outside; both masks (ny, nx).

    Beyond the array is outside. Cells that are neither active nor outside
    (blocked buildings) have walls.
    """
    pad_active = np.pad(active, 1)
    pad_outside = np.pad(outside, 1, constant_values=True)
    found = []
    for axis, side, dr, dc in ((0, -1, 0, -1), (0, 1, 0, 1), (1, -1, -1, 0), (1, 1, 1, 0)):
        neighbour = np.roll(pad_outside, (-dr, -dc), axis=(0, 1))
        r, c = np.nonzero(pad_active & neighbour)
        row = r + min(dr, 0)
        index = c + min(dc, 0)
        found.append(Faces(np.full(r.size, axis), row, index, np.full(r.size, side), r, c))
    return Faces(*(np.concatenate(parts).astype(np.int64) for parts in zip(*found, strict=True)))


def bed_slopes(faces: Faces, ground: np.ndarray, active: np.ndarray, cell: float) -> np.ndarray:
    """Fall of the ground towards each face over the last cells, within sensible limits.

    The mean over SLOPE_CELLS cells, because a kerb or a wall in the last cell
    would otherwise make an absurd energy slope.
    """
    slopes = np.full(faces.size, MIN_BED_SLOPE)
    inward = -faces.side
    dr = np.where(faces.axis == 1, inward, 0)
    dc = np.where(faces.axis == 0, inward, 0)
    r, c = faces.cell_row - 1, faces.cell_col - 1
    here = ground[r, c].astype(np.float64)
    for k in range(1, SLOPE_CELLS + 1):
        rk, ck = r + k * dr, c + k * dc
        inside = (rk >= 0) & (rk < active.shape[0]) & (ck >= 0) & (ck < active.shape[1])
        inside[inside] &= active[rk[inside], ck[inside]]
        slopes[inside] = (ground[rk[inside], ck[inside]] - here[inside]) / (k * cell)
    return np.clip(slopes, MIN_BED_SLOPE, MAX_BED_SLOPE)


@dataclass(frozen=True)
class Part:
    """One boundary of the scenario.

    value: energy slope (NORMAL, None for the bed slope) or a fixed water level
    in m (LEVEL). series: what changes with time, level in m or, for the whole
    part, discharge in m3/s (DISCHARGE).
    """

    name: str
    kind: int
    value: float | None = None
    series: Linear | None = None


class OpenBorder:
    """Border arrays for the backend, the law that sets their values, and their meter groups."""

    def __init__(
        self, faces: Faces, owner: np.ndarray, parts: list[Part], slopes: np.ndarray, cell: float,
        active: np.ndarray, datum: float, dtype: type, sills: Sills | None = None,
    ) -> None:  # fmt: skip
        """owner: for each face the index of its part, WALL where closed; slopes: bed slope at each face.

        Levels are handed to the kernel above `datum`, as it counts the ground.
        """
        self.parts = parts
        self.faces = faces.take(owner >= 0)
        self.owner = owner[owner >= 0]
        self._count = np.bincount(self.owner, minlength=len(parts))
        self._cell = cell
        self._datum = datum
        value = np.zeros(self.faces.size)
        kind = np.array([p.kind for p in parts], np.int64)[self.owner] if parts else np.empty(0, np.int64)
        own_slope = slopes[owner >= 0]
        for k, part in enumerate(parts):
            mine = self.owner == k
            if part.kind == NORMAL:
                value[mine] = own_slope[mine] if part.value is None else part.value
            elif part.value is not None:
                value[mine] = part.value - datum if part.kind == LEVEL else part.value
        self.arrays, orders = _arrays(self.faces, kind, value, active.shape[0], dtype, sills)
        # where in x_value and y_value the faces of each part stand
        self._slots = [[np.flatnonzero(self.owner[order] == k) for k in range(len(parts))] for order in orders]
        self.changing = [(k, p, p.series) for k, p in enumerate(parts) if p.series is not None and self._count[k]]

    def set_values(self, a: float, b: float) -> None:
        """Values for a step from a to b, s."""
        for k, part, series in self.changing:
            if part.kind == DISCHARGE:
                v = series.mean(a, b) / (self._count[k] * self._cell)
            else:
                v = series.at((a + b) / 2) - self._datum
            for array, slots in zip((self.arrays.x_value, self.arrays.y_value), self._slots, strict=True):
                array[slots[k]] = v

    def width_of(self, part: int) -> float:
        """Length of the faces of a part, m."""
        return float(self._count[part] * self._cell)

    def ends(self, a: float, b: float) -> np.ndarray:
        """Value of each face, x-faces first, just after a and just before b, where no series has a kink between."""
        values = np.repeat(np.concatenate([self.arrays.x_value, self.arrays.y_value])[:, None], 2, axis=1).astype(float)
        x_faces = self.arrays.x_value.size
        for k, part, series in self.changing:
            found = np.array(series.ends(a, b))
            found = found / self.width_of(k) if part.kind == DISCHARGE else found - self._datum
            for offset, slots in zip((0, x_faces), self._slots, strict=True):
                values[offset + slots[k]] = found
        return values

    def entering(self, a: float, b: float) -> float:
        """Largest discharge per metre that enters through a border between a and b, m2/s."""
        found = [series.mean(a, b) / self.width_of(k) for k, part, series in self.changing if part.kind == DISCHARGE]
        return max(found, default=0.0)

    def valid_until(self, t: float) -> float:
        return min((series.valid_until(t) for _, _, series in self.changing), default=np.inf)


def _arrays(
    faces: Faces, kind: np.ndarray, value: np.ndarray, rows: int, dtype: type, sills: Sills | None
) -> tuple[Border, list[np.ndarray]]:
    """Faces sorted by row for x and for y, and the order in which they now stand."""
    columns: list[np.ndarray] = []
    orders: list[np.ndarray] = []
    for axis in (0, 1):
        mine = np.flatnonzero(faces.axis == axis)
        mine = mine[np.lexsort((faces.col[mine], faces.row[mine]))]
        start = np.searchsorted(faces.row[mine], np.arange(rows + 3))
        columns += [start.astype(np.int64), faces.col[mine], faces.side[mine].astype(dtype), kind[mine],
                    value[mine].astype(dtype)]  # fmt: skip
        orders.append(mine)
    # inactive neighbours of open faces: beyond the face, seen from the cell
    r = faces.cell_row + np.where(faces.axis == 1, faces.side, 0)
    c = faces.cell_col + np.where(faces.axis == 0, faces.side, 0)
    drains = np.unique(np.stack([r, c]), axis=1) if r.size else np.empty((2, 0), np.int64)
    start = np.searchsorted(drains[0], np.arange(rows + 3))
    drains_at = [start.astype(np.int64), np.ascontiguousarray(drains[1])]
    return Border._make([*columns, *drains_at, *sill_arrays(sills, rows, dtype)]), orders


def meter_of(faces_by_group: list[Faces], dtype: type) -> Meter:
    """One meter over several groups of faces."""
    sizes = [f.size for f in faces_by_group]
    joined = [np.concatenate([getattr(f, name) for f in faces_by_group] or [np.empty(0, np.int64)])
              for name in ("axis", "row", "col", "side")]  # fmt: skip
    return Meter(
        joined[0], joined[1], joined[2], joined[3].astype(dtype),
        np.repeat(np.arange(len(sizes)), sizes), np.zeros((max(len(sizes), 1), 2)),
    )  # fmt: skip


__all__ = [
    "DISCHARGE",
    "LEVEL",
    "NORMAL",
    "WALL",
    "Faces",
    "OpenBorder",
    "Part",
    "bed_slopes",
    "border_faces",
    "meter_of",
]
