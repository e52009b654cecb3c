"""Rain gauges: from readings to series without gaps, and between the stations.

When a depth fell: in the `interval_min` before its time where the file says it,
else since the reading before. A pause of more than PAUSE times the usual step of
the station (its median) is a gap: the depth after it is taken to have fallen in
the last usual step. So is a reading that failed. What one station missed is
interpolated from the others; where none measured it is dry. Both only up to
the length that the user allows, and said.

Between stations: inverse distance, r(x) = sum(r_i / d_i^2) / sum(1 / d_i^2)
(Shepard 1968, doi:10.1145/800186.810616), or the nearest station (Thiessen 1911).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.rain.field import RainField, around
from flood_sim.rain.gauge_file import EPOCH, Readings, Station
from flood_sim.terrain.grid import Grid

Interpolation = Literal["inverse_distance", "nearest"]
PAUSE = 3.0
LARGEST_BYTES = 2**30
"""Of depths in memory: readings to the second, of many stations, are refused before they fill it."""
CELLS = 64
"""A model is this many cells of the interpolated field wide or high, whichever is more."""


@dataclass(frozen=True)
class Series:
    """depth_mm (stations, n) in n intervals, NaN in gaps; edges_s (n+1), s after the first interval of any station begins.

    begin: of edges_s[0], in the time of the file. where: names the file. notes: gaps that were allowed, in words.
    """

    readings: Readings
    edges_s: np.ndarray
    depth_mm: np.ndarray
    begin: float
    where: str = "gauges"
    notes: tuple[str, ...] = ()

    @property
    def stations(self) -> tuple[Station, ...]:
        return self.readings.stations

    @property
    def start(self) -> datetime | None:
        """UTC at which the first interval begins; None where the file counts minutes only."""
        return EPOCH + timedelta(seconds=self.begin) if self.readings.dated else None

    def between(self, begin_s: float, end_s: float) -> Series:
        """The part from begin to end, s after the first; of a cut interval the share of its depth, as if it fell evenly.

        ScenarioError where no station measured that long.
        """
        last = float(self.edges_s[-1])
        if not 0.0 <= begin_s < end_s <= last + 1e-6:
            raise ScenarioError(
                "the time asked for is not all in the readings", where=self.where,
                value=f"minute {begin_s / 60:g} to {end_s / 60:g}", allowed=f"minute 0 to {last / 60:g}",
                hint="Change begin_min and duration_min",
            )  # fmt: skip
        inside = self.edges_s[(self.edges_s > begin_s) & (self.edges_s < end_s)]
        first = int(np.searchsorted(self.edges_s, begin_s, side="right")) - 1
        edges = np.concatenate([[begin_s], inside, [end_s]])
        part = slice(first, first + edges.size - 1)
        share = np.diff(edges) / np.diff(self.edges_s)[part]
        return replace(
            self, edges_s=np.round(edges - begin_s, 6), depth_mm=self.depth_mm[:, part] * share,
            begin=self.begin + begin_s,
        )  # fmt: skip

    def gaps(self) -> list[tuple[Station, float, float]]:
        """Station, begin and end (s, as edges_s) of every time without a reading."""
        found = []
        for station, depths in zip(self.stations, self.depth_mm, strict=True):
            turns = np.flatnonzero(np.diff(np.concatenate([[False], np.isnan(depths), [False]]).astype(int)))
            found += [
                (station, float(self.edges_s[i]), float(self.edges_s[j]))
                for i, j in zip(turns[::2], turns[1::2], strict=True)
            ]
        return found

    def allowing(self, gap_min: float) -> Series:
        """The same with its gaps in the notes; ScenarioError for one that is longer than allowed."""
        notes = []
        for station, a, b in self.gaps():
            time = self.readings.time
            words = f"station {station.id} measured nothing from {time(self.begin + a)} to {time(self.begin + b)}"
            if b - a > 60.0 * gap_min + 1e-6:
                raise ScenarioError(
                    words, where=self.where, value=f"a gap of {(b - a) / 60:g} min",
                    allowed=f"gaps up to {gap_min:g} min",
                    hint="Allow it (allowed_gap_min: the other stations fill it, and it is dry where none measured), "
                    "take another time, or leave the station out",
                )  # fmt: skip
            notes.append(f"{words} ({(b - a) / 60:g} min): filled from the other stations, dry where none measured")
        return replace(self, notes=tuple(notes))


def series(readings: Readings, where: str = "gauges") -> Series:
    """Readings of all stations over one time axis: the union of their edges."""
    spans = [_spans(station, where) for station in readings.stations]
    edges = np.unique(np.concatenate([span[:, :2].ravel() for span in spans]))
    _refuse_large(where, edges.size - 1, 8 * len(spans))
    depth = np.full((len(spans), edges.size - 1), np.nan)
    for k, span in enumerate(spans):
        starts, stops = np.searchsorted(edges, span[:, 0]), np.searchsorted(edges, span[:, 1])
        for i, j, (a, b, fell) in zip(starts, stops, span, strict=True):
            depth[k, i:j] = fell * (np.diff(edges[i : j + 1]) / (b - a))
    return Series(readings, edges - edges[0], depth, float(edges[0]), where)


def _refuse_large(where: str, intervals: int, bytes_each: int) -> None:
    if intervals * bytes_each > LARGEST_BYTES:
        raise ScenarioError(
            "its times are so many and so different that they do not fit into memory", where=where,
            value=f"{intervals:,} intervals", allowed=f"{LARGEST_BYTES // bytes_each:,}",
            hint="Sum the readings up to steps of 1 or 5 minutes that all stations share, or take a shorter time",
        )  # fmt: skip


def _spans(station: Station, where: str) -> np.ndarray:
    """Begin, end, depth (NaN where it failed) of each reading (n, 3); begins never before the end of the one before."""
    ends = np.array([r.end_s for r in station.readings])
    depths = np.array([np.nan if r.depth_mm is None else r.depth_mm for r in station.readings])
    given = station.readings[0].lasting_s is not None
    if given:
        begins = ends - np.array([r.lasting_s for r in station.readings])
        overlap = begins[1:] < ends[:-1] - 1e-6
        if overlap.any():
            k = int(np.flatnonzero(overlap)[0]) + 1
            raise ScenarioError(
                f"the interval of line {station.readings[k].line} begins before the one before it has ended",
                where=f"{where}, station {station.id}", hint="Check interval_min; time is the end of the interval",
            )  # fmt: skip
    elif ends.size == 1:
        raise ScenarioError(
            "one reading does not say how long it rained", where=f"{where}, station {station.id}",
            hint="Give a column interval_min",
        )  # fmt: skip
    else:
        usual = float(np.median(np.diff(ends)))
        before = np.concatenate([[ends[0] - usual], ends[:-1]])
        begins = np.where(ends - before > PAUSE * usual, ends - usual, before)
    # to the millisecond, so that the edges of several stations meet
    return np.stack([np.round(begins, 3), np.round(ends, 3), depths], axis=1)


def weights(x: np.ndarray, y: np.ndarray, stations: tuple[Station, ...], how: Interpolation) -> np.ndarray:
    """Weight of each station at points of any shape: (stations, *shape); at a station only that one counts."""
    d2 = np.stack([(x - s.x) ** 2 + (y - s.y) ** 2 for s in stations])
    here = d2 <= 1e-12
    if how == "nearest":
        return np.asarray(np.arange(len(stations)).reshape(-1, *[1] * x.ndim) == d2.argmin(axis=0), float)
    with np.errstate(divide="ignore"):
        inverse = np.where(here.any(axis=0), here, 1.0 / d2)
    return np.asarray(inverse / inverse.sum(axis=0))


def interpolate(
    found: Series, model: Grid, how: Interpolation = "inverse_distance", *, shift_east_m: float = 0.0,
    shift_north_m: float = 0.0,
) -> RainField:  # fmt: skip
    """A field over a model from several stations, each moved by the shift; gaps are filled from those that measured."""
    west, south, east, north = model.bounds
    cell = max(model.cell, (max(east - west, north - south)) / CELLS)
    grid = around(model.bounds, model.crs, cell, cell)
    moved = tuple(Station(s.id, s.x + shift_east_m, s.y + shift_north_m, ()) for s in found.stations)
    depths = found.depth_mm
    _refuse_large(found.where, depths.shape[1], 4 * grid.rows * grid.cols)
    x, y = np.meshgrid(grid.x_centres(), grid.y_centres())
    out = np.empty((depths.shape[1], *grid.shape), np.float32)
    known: dict[bytes, np.ndarray] = {}
    for k in range(depths.shape[1]):
        there = ~np.isnan(depths[:, k])
        if not there.any():
            out[k] = 0.0
            continue
        if there.tobytes() not in known:
            known[there.tobytes()] = weights(x, y, tuple(s for s, t in zip(moved, there, strict=True) if t), how)
        out[k] = np.tensordot(depths[there, k], known[there.tobytes()], axes=1)
    return RainField(
        grid, tuple(float(s) for s in found.edges_s), out, start=found.start,
        sampling="linear" if how == "inverse_distance" else "nearest", notes=found.notes,
    )  # fmt: skip
