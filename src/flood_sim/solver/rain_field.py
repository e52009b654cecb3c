"""Rain that varies in space and time: a coarse field for each interval, taken onto the cells row by row.

No array of the model's size is kept: each interval holds its coarse field, and
each row and column of the model knows the coarse row and column it lies in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.series import LARGEST, Steps

ROWS = 64
"""Rows of the model that are laid at a time."""


class Between(NamedTuple):
    """For each row (or column) of the model the coarse one it takes from, and the share of the one after it.

    value = a[first] + share (a[then] - a[first]); share is 0 where the nearest is taken.
    """

    first: np.ndarray
    then: np.ndarray
    share: np.ndarray

    @staticmethod
    def nearest(index: np.ndarray) -> Between:
        """Each takes the value of one coarse row or column."""
        index = np.asarray(index, np.int64)
        return Between(index, index, np.zeros(index.size))

    @staticmethod
    def linear(position: np.ndarray, size: int) -> Between:
        """position: in coarse rows (or columns), 0 at the centre of the first of `size`; constant beyond the centres."""
        inside = np.clip(np.asarray(position, np.float64), 0.0, size - 1.0)
        first = np.floor(inside).astype(np.int64)
        return Between(first, np.minimum(first + 1, size - 1), inside - first)


class Fall(NamedTuple):
    """What now falls on all cells together, and the largest on one cell.

    rain: sum of the rates over the bare ground, roofs: what roof water adds to it, heaviest: all m/s.
    """

    rain: float
    roofs: float
    heaviest: float


class Falling(Protocol):
    """Rain that stays as it is for a while."""

    def lay(self, weight: np.ndarray, bare: np.ndarray, out: np.ndarray) -> Fall:
        """Write rate times weight of every cell, m/s, into `out` (ny, nx); bare: share of it that is under no roof."""
        ...

    def at(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray | float:
        """Rate at some cells, m/s."""
        ...


class Even:
    """The same rate, m/s, everywhere."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def lay(self, weight: np.ndarray, bare: np.ndarray, out: np.ndarray) -> Fall:
        # in float64 and rounded once, without an array of that size
        np.multiply(weight, self._rate, out=out, dtype=np.float64, casting="unsafe")
        cells = float(bare.sum(dtype=np.float64))
        roofs = float(weight.sum(dtype=np.float64)) - cells
        return Fall(self._rate * cells, self._rate * roofs, self._rate * float(weight.max()))

    def at(self, rows: np.ndarray, cols: np.ndarray) -> float:
        return self._rate


class Varied:
    """A coarse field (rows, cols) of rates, m/s, seen by a model through the places of its rows and columns.

    Differences first, so that an even field gives the very rates of `Even`. Roof
    water falls at the rate of the cell that it runs to.
    """

    def __init__(self, field: np.ndarray, rows: Between, cols: Between) -> None:
        self._rows = rows
        a = field[:, cols.first].astype(np.float64)
        self._across = a + cols.share * (field[:, cols.then] - a)

    def lay(self, weight: np.ndarray, bare: np.ndarray, out: np.ndarray) -> Fall:
        rain = given = heaviest = 0.0
        for start in range(0, out.shape[0], ROWS):
            part = slice(start, start + ROWS)
            rates = self._strip(part)
            rain += float((rates * bare[part]).sum())
            rates *= weight[part]
            out[part] = rates
            given += float(rates.sum())
            heaviest = max(heaviest, float(rates.max()))
        return Fall(rain, given - rain, heaviest)

    def at(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        first, then, share = (a[rows] for a in self._rows)
        a = self._across[first, cols]
        return np.asarray(a + share * (self._across[then, cols] - a))

    def _strip(self, part: slice) -> np.ndarray:
        first, then, share = (a[part] for a in self._rows)
        a = self._across[first]
        return np.asarray(a + share[:, None] * (self._across[then] - a))


DRY = Even(0.0)


@dataclass(frozen=True)
class RainOnGrid:
    """Rain of n intervals on a coarse grid, m/s; dry before the first edge and after the last.

    edges: n+1 times, s. rates (n, rows, cols): a coarse field for each interval.
    rows, cols: where each row and column of the model lies in the fields.
    """

    edges: tuple[float, ...]
    rates: np.ndarray
    rows: Between
    cols: Between

    def __post_init__(self) -> None:
        where = "RainOnGrid"
        if self.rates.ndim != 3 or len(self.edges) != self.rates.shape[0] + 1:
            raise ScenarioError(
                "n fields need n+1 edges", where=where, value=f"{len(self.edges)} edges, fields {self.rates.shape}",
                allowed="fields (n, rows, cols)",
            )  # fmt: skip
        Steps(self.edges, (0.0,) * (len(self.edges) - 1))  # looks at the times
        bad = ~((self.rates >= 0.0) & (self.rates <= LARGEST))
        if bad.any():
            k, row, col = (int(i[0]) for i in np.nonzero(bad))
            raise ScenarioError(
                f"the rate is out of range in interval {k + 1}, row {row}, column {col} of the field", where=where,
                value=f"{self.rates[k, row, col]} m/s", allowed="0 or more, finite",
            )  # fmt: skip
        for name, places, size in zip(("rows", "cols"), (self.rows, self.cols), self.rates.shape[1:], strict=True):
            if any(((a < 0) | (a >= size)).any() for a in (places.first, places.then)):
                raise ScenarioError("leaves the field", where=f"{where}.{name}", allowed=f"0 to {size - 1}")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the model it is for."""
        return self.rows.first.size, self.cols.first.size

    @cached_property
    def _changes(self) -> Steps:
        return Steps(self.edges, tuple(float(k + 1) for k in range(len(self.edges) - 1)))

    def valid_until(self, t: float) -> float:
        """The next time after t, s, at which another field holds; infinity after the last edge."""
        return self._changes.valid_until(t)

    def interval(self, t: float) -> int | None:
        """Number of the interval that holds from t on; None where it is dry."""
        k = int(self._changes.at(t))
        return k - 1 if k else None


def falling(rain: Steps | RainOnGrid, t: float) -> Falling:
    """What falls from t on, until the rain is next valid to."""
    if isinstance(rain, Steps):
        return Even(rain.at(t))
    k = rain.interval(t)
    return DRY if k is None else Varied(rain.rates[k], rain.rows, rain.cols)


def check_rain(rain: Steps | RainOnGrid, shape: tuple[int, ...]) -> None:
    """ScenarioError for rain below zero, or laid out for a model of another shape (rows, columns)."""
    if isinstance(rain, RainOnGrid):
        if rain.shape != shape:
            raise ScenarioError(
                "is laid out for another grid than the mask of active cells", where="Domain.rain", value=rain.shape,
                allowed=str(shape),
            )  # fmt: skip
    elif rain.values and min(rain.values) < 0.0:
        raise ScenarioError(
            "it cannot rain less than nothing", where="Domain.rain", value=f"{min(rain.values)} m/s",
            allowed="0 or more",
        )  # fmt: skip
