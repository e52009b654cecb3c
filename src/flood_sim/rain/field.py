"""A storm that varies in space and time: depths on a coarse regular grid, interval by interval."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pyproj import CRS

from flood_sim.errors import ScenarioError
from flood_sim.rain.overlap import overlap
from flood_sim.terrain.crs import describe, same_crs
from flood_sim.terrain.grid import Grid, positions

if TYPE_CHECKING:
    import xarray as xr

Sampling = Literal["nearest", "linear"]
MOST_MM = 2000.0
"""mm in one interval; more is a slip of the unit."""


@dataclass(frozen=True)
class RainField:
    """Depth of rain, mm, in each of n intervals on the cells of `grid` (its own, coarse; row 0 in the north).

    edges_s: n+1 edges, s after the start, the first is 0. depth_mm (n, rows, cols), NaN where nothing was measured.
    start: UTC, None where unknown. sampling: how a model takes its rain, "nearest" (a cell of the field is a mean
    over its area, as of a radar; each keeps its volume) or "linear" between the centres (a smooth field).
    label, label_en: in words, German and English. notes: what was repaired or assumed.
    """

    grid: Grid
    edges_s: tuple[float, ...]
    depth_mm: np.ndarray
    start: datetime | None = None
    sampling: Sampling = "nearest"
    source: str = ""
    licence: str = ""
    label: str = ""
    label_en: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.edges_s) - 1, *self.grid.shape)
        if self.depth_mm.shape != shape or shape[0] < 1:
            raise ScenarioError(
                "the depths do not fit the edges and the grid", where="rain field", value=self.depth_mm.shape,
                allowed=f"(intervals, rows, columns) = {shape}",
            )  # fmt: skip
        if self.edges_s[0] != 0.0 or any(not b > a for a, b in pairwise(self.edges_s)):
            raise ScenarioError("edges must begin with 0 and increase", where="rain field", value=self.edges_s[:3])
        if self.start is not None and self.start.tzinfo is None:
            raise ScenarioError("the start needs a time zone (UTC)", where="rain field", value=self.start)
        bad = ~(np.isnan(self.depth_mm) | ((self.depth_mm >= 0.0) & (self.depth_mm <= MOST_MM)))
        if bad.any():
            k, row, col = (int(i[0]) for i in np.nonzero(bad))
            raise ScenarioError(
                f"a depth is out of range, first in interval {k + 1} ({self.when(k)}), row {row + 1}, column {col + 1}",
                where="rain field", value=f"{self.depth_mm[k, row, col]:g} mm", allowed=f"0 to {MOST_MM:g} mm",
            )  # fmt: skip

    @property
    def intervals(self) -> int:
        return len(self.edges_s) - 1

    @cached_property
    def rates_m_s(self) -> np.ndarray:
        """Rate in each interval (n, rows, cols), m/s, float32."""
        lasting = np.diff(np.asarray(self.edges_s)) * 1000.0
        return (self.depth_mm / lasting[:, None, None]).astype(np.float32)

    def total_mm(self) -> np.ndarray:
        """Depth of the whole storm (rows, cols), mm; NaN where an interval was not measured."""
        return np.asarray(self.depth_mm.sum(axis=0, dtype=np.float64))

    def when(self, interval: int) -> str:
        """An interval in words: its time in UTC, or minutes after the start."""
        a, b = self.edges_s[interval : interval + 2]
        if self.start is None:
            return f"minute {a / 60:g} to {b / 60:g}"
        one, two = (self.start + timedelta(seconds=s) for s in (a, b))
        return f"{one:%Y-%m-%d %H:%M} to {two:%H:%M} UTC"

    # -- another place or time --------------------------------------------------

    def shifted(self, east_m: float, north_m: float) -> RainField:
        """The same storm, so many metres further east and north in the CRS of its grid."""
        return replace(self, grid=replace(self.grid, west=self.grid.west + east_m, north=self.grid.north + north_m))

    def between(self, begin_s: float, end_s: float) -> RainField:
        """The part from begin to end, s after the start; of a cut interval the share of its depth, as if it fell evenly.

        ScenarioError where the field does not reach that far.
        """
        if not 0.0 <= begin_s < end_s <= self.edges_s[-1] + 1e-6:
            raise ScenarioError(
                "the time asked for is not all in the rain field", where="storm",
                value=f"minute {begin_s / 60:g} to {end_s / 60:g}", allowed=f"minute 0 to {self.edges_s[-1] / 60:g}",
                hint="Change begin_min and duration_min, or make a longer field",
            )  # fmt: skip
        inside = [s for s in self.edges_s if begin_s < s < end_s]
        edges = np.array([begin_s, *inside, end_s])
        first = int(np.searchsorted(self.edges_s, begin_s, side="right")) - 1
        whole = np.diff(np.asarray(self.edges_s))[first : first + edges.size - 1]
        depth = self.depth_mm[first : first + edges.size - 1] * (np.diff(edges) / whole)[:, None, None]
        start = None if self.start is None else self.start + timedelta(seconds=begin_s)
        times = tuple(round(float(s), 6) for s in edges - begin_s)
        return replace(self, edges_s=times, depth_mm=depth.astype(np.float32), start=start)

    def on(self, target: Grid) -> RainField:
        """The storm on another grid, in any CRS: each cell the mean of the field over it (`flood_sim.rain.overlap`).

        NaN where a part of a cell has no data or lies outside.
        """
        shares = overlap(self.grid, target)
        outside = shares.sum(axis=1) < 1.0 - 1e-9
        depth = np.empty((self.intervals, *target.shape), np.float32)
        for k in range(self.intervals):
            values = self.depth_mm[k].reshape(-1).astype(np.float64)
            missing = np.isnan(values)
            there = shares @ np.where(missing, 0.0, values)
            there[outside | ((shares @ missing.astype(np.float64)) > 0.0)] = np.nan
            depth[k] = there.reshape(target.shape)
        return replace(self, grid=target, depth_mm=depth)

    def over(self, model: Grid) -> RainField:
        """The part that lies over a model, in the CRS of the model.

        ScenarioError where the storm does not cover the model or has no data over it.
        """
        field = self
        if not same_crs(self.grid.crs, model.crs):
            field = self.on(around(model.bounds, model.crs, self.grid.cell / 4, self.grid.cell))
        _refuse_uncovered(field.grid, model)
        cut, rows, cols = _window(field.grid, model)
        depth = field.depth_mm[:, rows, cols]
        missing = np.isnan(depth).any(axis=(1, 2))
        if missing.any():
            k = int(np.flatnonzero(missing)[0])
            raise ScenarioError(
                f"has no data over a part of the model in {int(missing.sum())} of {field.intervals} intervals, "
                f"first {field.when(k)}", where="rain field",
                hint="Nothing was measured there and then: take another time or shift, or make the field with "
                "missing values as dry (flood-sim rain radar --missing dry)",
            )  # fmt: skip
        return replace(field, grid=cut, depth_mm=depth)

    def mean_mm(self, model: Grid, mask: np.ndarray | None = None) -> np.ndarray:
        """Depth in each interval (n,), mm, as mean over the cells of a model (of `mask`), as they take it."""
        rows, cols = (
            self._taken(at, size) for at, size in zip(positions(self.grid, model), self.grid.shape, strict=True)
        )
        share = np.zeros(self.grid.shape)
        for k in range(model.rows):
            here = slice(None) if mask is None else mask[k]
            along = sum(np.bincount(index[here], part[here], self.grid.cols) for index, part in cols)
            for index, part in rows:
                share[index[k]] += part[k] * along
        used = share > 0
        return np.asarray((self.depth_mm[:, used].astype(np.float64) @ share[used]) / share.sum())

    def _taken(self, at: np.ndarray, size: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """From which cells along an axis points take, and their shares; at: in cells from the first edge."""
        if self.sampling == "nearest":
            return ((np.clip(np.floor(at), 0, size - 1).astype(np.int64), np.ones(at.size)),)
        inside = np.clip(at - 0.5, 0.0, size - 1.0)
        first = np.floor(inside).astype(np.int64)
        share = inside - first
        return (first, 1.0 - share), (np.minimum(first + 1, size - 1), share)

    # -- in other forms ---------------------------------------------------------------

    def write(self, path: str | os.PathLike[str]) -> None:
        """As one GeoTIFF, a band for each interval (`flood_sim.rain.field_file`)."""
        from flood_sim.rain.field_file import write

        write(self, path)

    @staticmethod
    def read(path: str | os.PathLike[str]) -> RainField:
        """What `write` wrote; ScenarioError for anything else."""
        from flood_sim.rain.field_file import read

        return read(path)

    def to_dataarray(self) -> xr.DataArray:
        """For xarray: depth in mm, dims (interval, y, x)."""
        from flood_sim.rain.field_array import to_dataarray

        return to_dataarray(self)

    @staticmethod
    def from_dataarray(depths: xr.DataArray, **more: Any) -> RainField:
        """From depths in mm, dims (interval, y, x): see `flood_sim.rain.field_array.from_dataarray`."""
        from flood_sim.rain.field_array import from_dataarray

        return from_dataarray(depths, **more)


def around(bounds: Sequence[float], crs: CRS, cell_m: float, margin_m: float = 0.0) -> Grid:
    """A grid of cells of `cell_m` that covers west, south, east, north and a margin, on whole multiples of its cell."""
    west, south, east, north = bounds
    w, s = math.floor((west - margin_m) / cell_m), math.floor((south - margin_m) / cell_m)
    e, n = math.ceil((east + margin_m) / cell_m), math.ceil((north + margin_m) / cell_m)
    return Grid(w * cell_m, n * cell_m, cell_m, n - s, e - w, crs)


def _refuse_uncovered(field: Grid, model: Grid) -> None:
    (fw, fs, fe, fn), (mw, ms, me, mn) = field.bounds, model.bounds
    gaps = {"west": fw - mw, "south": fs - ms, "east": me - fe, "north": mn - fn}
    missing = [f"{gap:.0f} m in the {side}" for side, gap in gaps.items() if gap > 1e-6]
    if missing:
        raise ScenarioError(
            f"the storm does not cover the model: it ends {', '.join(missing)} inside of it", where="rain field",
            value=f"E {fw:.0f} to {fe:.0f}, N {fs:.0f} to {fn:.0f} ({describe(field.crs)})",
            allowed=f"at least E {mw:.0f} to {me:.0f}, N {ms:.0f} to {mn:.0f}",
            hint="Change shift_east_m and shift_north_m, or make the field with a wider margin",
        )  # fmt: skip


def _window(field: Grid, model: Grid) -> tuple[Grid, slice, slice]:
    """The cells that a model can take from, one more on each side where there is one."""
    west, south, east, north = model.bounds
    r0 = max(math.floor((field.north - north) / field.cell) - 1, 0)
    r1 = min(math.ceil((field.north - south) / field.cell) + 1, field.rows)
    c0 = max(math.floor((west - field.west) / field.cell) - 1, 0)
    c1 = min(math.ceil((east - field.west) / field.cell) + 1, field.cols)
    cut = replace(
        field, west=field.west + c0 * field.cell, north=field.north - r0 * field.cell, rows=r1 - r0, cols=c1 - c0
    )
    return cut, slice(r0, r1), slice(c0, c1)
