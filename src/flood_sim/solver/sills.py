"""Sills between cells: walls, kerbs and rows of houses that are narrower than a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.series import LARGEST

if TYPE_CHECKING:
    from flood_sim.solver.domain import Domain

HIGHEST = 1.0e4
"""m: no water comes over it."""


@dataclass(frozen=True)
class Sills:
    """n sills; over those of HIGHEST no water runs.

    axis (int64): 0 between the cell (row, col) and the one east of it, 1 the one south of it. low, high: how far the
    sill rises over the ground of the first and of the second cell, m. They may differ by another value than the
    ground does: where a cell stands for rough ground, the depth at which it runs over counts.
    """

    axis: np.ndarray
    row: np.ndarray
    col: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def name(self) -> str:
        return "sills between cells"

    def check(self, domain: Domain) -> None:
        """ScenarioError for a sill that is not between two active cells, or stands twice."""
        where = "Domain.sills"
        if len({a.shape for a in (self.axis, self.row, self.col, self.low, self.high)}) > 1:
            raise ScenarioError("every sill needs an axis, a row, a column and two heights", where=where)
        if not np.isin(self.axis, (0, 1)).all():
            raise ScenarioError("is no axis", where=where, allowed="0 or 1")
        ny, nx = domain.active.shape
        row, col = self.row + (self.axis == 1), self.col + (self.axis == 0)
        beyond = (self.row < 0) | (self.col < 0) | (row >= ny) | (col >= nx)
        if beyond.any():
            k = int(np.flatnonzero(beyond)[0])
            raise ScenarioError(
                "lies beyond the grid", where=where, value=f"row {self.row[k]}, column {self.col[k]}",
                allowed=f"{ny} rows, {nx} columns",
            )  # fmt: skip
        closed = ~(domain.active[self.row, self.col] & domain.active[row, col])
        if closed.any():
            k = int(np.flatnonzero(closed)[0])
            raise ScenarioError(
                "has a cell beside it that takes no water", where=where,
                value=domain.place(int(self.row[k]), int(self.col[k])),
            )  # fmt: skip
        if np.unique((self.row * nx + self.col) * 2 + self.axis).size < self.row.size:
            raise ScenarioError("a face has two sills", where=where)
        for name in ("low", "high"):
            values = getattr(self, name)
            bad = ~((values >= 0.0) & (values <= LARGEST))
            if bad.any():
                raise ScenarioError(
                    "the height is out of range", where=f"{where}.{name}", value=float(values[bad][0]),
                    allowed="0 or more, finite",
                )  # fmt: skip

    def numbers(self) -> Iterator[np.ndarray]:
        """What they do; part of the identity of a checkpoint."""
        yield from (np.asarray(a, np.float64) for a in (self.axis, self.row, self.col, self.low, self.high))


def sill_arrays(sills: Sills | None, rows: int, dtype: type) -> list[np.ndarray]:
    """The last eight arrays of a Border, for a model of so many rows."""
    found: list[np.ndarray] = []
    for axis in (0, 1):
        if sills is None:
            none: np.ndarray = np.empty(0, dtype)
            found += [np.zeros(rows + 3, np.int64), np.empty(0, np.int64), none, none]
            continue
        mine = np.flatnonzero(sills.axis == axis)
        mine = mine[np.lexsort((sills.col[mine], sills.row[mine]))]
        start = np.searchsorted(sills.row[mine] + 1, np.arange(rows + 3))
        found += [start.astype(np.int64), sills.col[mine].astype(np.int64) + 1]
        found += [np.minimum(height[mine], HIGHEST).astype(dtype) for height in (sills.low, sills.high)]
    return found
