"""Radar composites of the German weather service (DWD) as a rain field.

RADOLAN RW (hourly sums, adjusted to gauges), RY (5 minutes, not adjusted) and
RADKLIM YW (5 minutes, reprocessed and adjusted), binary, on the 900 x 900, 1100 x
900 and DE1200 grids, on the sphere or (format version 5 and above) on WGS 84.

The time in a composite is the end of its interval (for RW so published; for RY
and YW from memory, unverified: `time_is` turns it round). Values are depths on the
ground, mm: the projection's scale (5 % at 51 degrees north) touches the area of a
cell, not its depth.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from pyproj import Transformer

from flood_sim.errors import ScenarioError
from flood_sim.rain.field import RainField
from flood_sim.rain.radar_composite import Head, depths_of, head_of, native_grid
from flood_sim.rain.radar_files import composites
from flood_sim.terrain.grid import Grid

MEANINGS = {
    "RW": "an den Stationen angeeicht",
    "RY": "nicht an Stationen angeeicht",
    "YW": "an den Stationen angeeicht",
}
MEANINGS_EN = {"RW": "adjusted to gauges", "RY": "not adjusted to gauges", "YW": "adjusted to gauges"}
LICENCE = "Datenbasis: Deutscher Wetterdienst (name it as the source; licence as DWD states it for the data set)"


def read_radar(
    paths: Iterable[str | os.PathLike[str]], target: Grid, *, begin: datetime | None = None,
    end: datetime | None = None, allowed_gap_min: float = 0.0, missing: Literal["keep", "dry"] = "keep",
    time_is: Literal["end", "begin"] = "end",
) -> RainField:  # fmt: skip
    """The rain of all composites on the cells of `target`, from begin to end (UTC; by default all there is).

    Cells without a measurement stay NaN, or are dry where `missing` says so. Missing time steps count as dry, each
    named in the notes, up to allowed_gap_min on end. ScenarioError: two products or grids, a time step twice or
    missing, bytes that are no composite, a target outside the radar's reach.
    """
    names = [os.fspath(path) for path in paths]
    for limit in (begin, end):
        if limit is not None and limit.tzinfo is None:
            raise ScenarioError(
                "a time needs a zone", where="radar", value=limit, hint="Write it like 2018-05-29T14:00Z"
            )
    first: Head | None = None
    window: tuple[Grid, slice, slice] | None = None
    steps: dict[datetime, tuple[Head, np.ndarray]] = {}
    for name, data in composites(names, begin, end):
        head = head_of(name, data)
        if first is None:
            first = head
        _refuse_another(first, head)
        stop = head.time if time_is == "end" else head.time + timedelta(seconds=head.seconds)
        since = stop - timedelta(seconds=head.seconds)
        if (begin is not None and stop <= begin) or (end is not None and since >= end):
            continue
        if since in steps:
            raise ScenarioError(
                f"{head.product} of {head.time:%Y-%m-%d %H:%M} UTC comes twice", where=name,
                value=steps[since][0].name, hint="Leave one of them out",
            )  # fmt: skip
        if window is None:
            window = _window(native_grid(head.rows, head.cols, wgs84=head.grid[2]), target)
        steps[since] = (head, depths_of(name, data)[window[1], window[2]].astype(np.float32))
    if first is None or window is None:
        what = "no composite found" if first is None else "no composite of the time asked for"
        raise ScenarioError(what, where=", ".join(names)[:200] or "radar", hint="Name files of RW, RY or YW")
    edges, depth, notes = _joined(steps, first, begin, end, allowed_gap_min)
    empty = np.isnan(depth)
    if empty.any():
        count = int(empty.any(axis=(1, 2)).sum())
        notes.append(f"no measurement on a part of the area in {count} of {len(depth)} time steps"
                     + (": taken as dry" if missing == "dry" else ""))  # fmt: skip
        depth = np.where(empty, np.float32(0.0), depth) if missing == "dry" else depth
    series = f"RADKLIM {first.product}" if first.reanalysis else f"RADOLAN {first.product}"
    version = f", Version {first.reanalysis}" if first.reanalysis else ""
    field = RainField(
        window[0], tuple((e - edges[0]).total_seconds() for e in edges), depth, start=edges[0],
        source=f"Deutscher Wetterdienst (DWD), {series}{version}", licence=LICENCE,
        label=f"Radar {series} ({MEANINGS[first.product]})",
        label_en=f"radar {series} ({MEANINGS_EN[first.product]})", notes=tuple(notes),
    )  # fmt: skip
    field = field.on(target)
    if begin is None and end is None:
        return field
    a = 0.0 if begin is None else max((begin - edges[0]).total_seconds(), 0.0)
    b = field.edges_s[-1] if end is None else min((end - edges[0]).total_seconds(), field.edges_s[-1])
    return field.between(a, b)


def _refuse_another(first: Head, head: Head) -> None:
    """All composites must be of one product on one grid."""
    if (head.product, bool(head.reanalysis)) != (first.product, bool(first.reanalysis)):
        raise ScenarioError(
            "the files are of two products", where=head.name, value=f"{_told(head)} beside {_told(first)} ({first.name})",
            allowed="one product", hint="Read each by itself",
        )  # fmt: skip
    if head.grid != first.grid:
        raise ScenarioError(
            "the files lie on two grids", where=head.name,
            value=f"{head.rows} x {head.cols}, format {head.version} beside {first.rows} x {first.cols}, format {first.version}",
            allowed="one grid", hint="Read each by itself",
        )  # fmt: skip


def _told(head: Head) -> str:
    return f"{'RADKLIM' if head.reanalysis else 'RADOLAN'} {head.product}"


def _window(native: Grid, target: Grid) -> tuple[Grid, slice, slice]:
    """The part of the composite that the target lies in, two cells more on each side."""
    west, south, east, north = target.bounds
    along = np.linspace(0.0, 1.0, 41)
    xs = np.concatenate(
        [west + (east - west) * along, west + (east - west) * along, 0 * along + west, 0 * along + east]
    )
    ys = np.concatenate([0 * along + south, 0 * along + north, *[south + (north - south) * along] * 2])
    x, y = Transformer.from_crs(target.crs, native.crs, always_xy=True).transform(xs, ys)
    with np.errstate(invalid="ignore"):
        rows, cols = (native.north - np.asarray(y)) / native.cell, (np.asarray(x) - native.west) / native.cell
    inside = np.isfinite(rows).all() and rows.min() >= 0 and cols.min() >= 0
    if not inside or rows.max() > native.rows or cols.max() > native.cols:
        raise ScenarioError(
            "the model does not lie within the composite of the radar", where="radar",
            value=f"E {west:.0f} to {east:.0f}, N {south:.0f} to {north:.0f}", allowed="Germany and its surroundings",
        )  # fmt: skip
    r0, r1 = max(int(rows.min()) - 2, 0), min(int(rows.max()) + 3, native.rows)
    c0, c1 = max(int(cols.min()) - 2, 0), min(int(cols.max()) + 3, native.cols)
    grid = Grid(
        native.west + c0 * native.cell, native.north - r0 * native.cell, native.cell, r1 - r0, c1 - c0, native.crs
    )
    return grid, slice(r0, r1), slice(c0, c1)


def _joined(
    steps: dict[datetime, tuple[Head, np.ndarray]], first: Head, begin: datetime | None, end: datetime | None,
    allowed_gap_min: float,
) -> tuple[list[datetime], np.ndarray, list[str]]:  # fmt: skip
    """Edges, depths and notes over a time axis without holes."""
    lasting = timedelta(seconds=first.seconds)
    times = sorted(steps)
    edges, depths, notes = [times[0]], [], []
    if begin is not None and times[0] > begin:
        edges[0] -= lasting * -(-(times[0] - begin) // lasting)
    zero = np.zeros_like(steps[times[0]][1])
    last = times[-1] + lasting
    stops: Sequence[datetime] = [
        *times,
        last if end is None or end <= last else last + lasting * -(-(end - last) // lasting),
    ]
    for time in stops:
        gap = time - edges[-1]
        if gap % lasting:
            raise ScenarioError(
                f"the time steps of {first.product} do not follow each other", where="radar",
                value=f"{edges[-1]:%H:%M} and {time:%H:%M} UTC", allowed=f"steps of {first.seconds // 60} min",
            )  # fmt: skip
        if gap > timedelta(0):
            words = f"{gap // lasting} time steps of {first.product} are missing from {edges[-1]:%Y-%m-%d %H:%M} to {time:%H:%M} UTC"
            if gap > timedelta(minutes=allowed_gap_min):
                raise ScenarioError(
                    words, where="radar", allowed=f"gaps up to {allowed_gap_min:g} min",
                    hint="Download them, take another time, or let them count as dry (--allowed-gap-min)",
                )  # fmt: skip
            notes.append(f"{words}: taken as dry")
            for _ in range(gap // lasting):
                depths.append(zero)
                edges.append(edges[-1] + lasting)
        if time in steps:
            depths.append(steps[time][1])
            edges.append(time + lasting)
    return edges, np.stack(depths), notes
