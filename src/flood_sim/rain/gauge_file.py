"""Readings of rain gauges from a CSV file.

One line for each reading, one file for all stations; comma or semicolon (then a
decimal comma is read too), lines that begin with # are left out:

    station,x,y,time,depth_mm
    barmen,374500,5681200,2018-05-29T14:05Z,0.4

`x`, `y`: in the CRS of the model, or `lon`, `lat` in degrees (WGS 84); once for
each station is enough. `time`: ISO 8601, the END of the interval that the depth
fell in; with a zone (Z, +02:00) on every line or on none, then UTC. Instead
`minute`: a number. `interval_min` (optional): how long the interval was; without
it a depth fell since the reading before, see `flood_sim.rain.gauges`.
An empty depth, or NaN, is a reading that failed: a gap.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from flood_sim.csv_lines import CsvLine, read_csv_lines, refuse_missing
from flood_sim.errors import ScenarioError
from flood_sim.rain.field import MOST_MM

MISSING = {"", "nan", "na", "null", "none", "-"}
LAYOUT = "station,x,y,time,depth_mm (or lon,lat for x,y; minute for time; interval_min beside)"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Reading:
    """end_s: end of its interval, s (after 1970 UTC, or after minute 0); lasting_s: its length, None where not given.

    depth_mm: None where the reading failed. line: in the file.
    """

    end_s: float
    depth_mm: float | None
    lasting_s: float | None
    line: int


@dataclass(frozen=True)
class Station:
    """Readings in their order at a place, m in the CRS of the model."""

    id: str
    x: float
    y: float
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Readings:
    """All stations of a file. dated: whether times count from 1970 UTC (else from an unknown start)."""

    stations: tuple[Station, ...]
    dated: bool

    def time(self, seconds: float) -> str:
        """A time in words."""
        if self.dated:
            return f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC".replace(":00 UTC", " UTC")
        return f"minute {seconds / 60:g}"


def read_gauges(path: str | os.PathLike[str], crs: CRS) -> Readings:
    """Stations of a CSV file, placed in `crs`; ScenarioError names line and column of what is wrong."""
    file = os.fspath(path)
    columns, rows = read_csv_lines(file, what="readings of gauges", layout=LAYOUT)
    refuse_missing(file, columns, _needed(columns), LAYOUT)
    dated = "time" in columns
    places: dict[str, tuple[float, float]] = {}
    readings: dict[str, list[Reading]] = {}
    zoned: bool | None = None
    for row in rows:
        name = row.text("station")
        if not name or len(name) > 80:
            raise row.refuse("names no station", "station", "1 to 80 characters")
        place = _place(row, columns)
        if place is not None and places.setdefault(name, place) != place:
            raise row.refuse(
                f"station {name} stands at another place here than before", "x" if "x" in columns else "lon"
            )
        if dated:
            end, has_zone = _time(row)
            if zoned is not None and has_zone != zoned:
                raise row.refuse(
                    "some times name a time zone and some do not", "time", hint="Write Z or +02:00 on every line, or on none (then UTC)",
                )  # fmt: skip
            zoned = has_zone
        else:
            end = round(60.0 * row.number_in("minute"), 6)
        reading = Reading(end, _depth(row), _lasting(row, columns), row.number)
        before = readings.setdefault(name, [])
        if before and not end > before[-1].end_s:
            again = "twice" if end == before[-1].end_s else f"after that of line {before[-1].line}, which is later"
            raise row.refuse(f"the time of station {name} comes {again}", "time" if dated else "minute",
                             "times that rise within a station")  # fmt: skip
        before.append(reading)
    if not readings:
        raise ScenarioError("holds no reading", where=file, hint=f"Columns: {LAYOUT}")
    for name in readings:
        if name not in places:
            raise ScenarioError(f"says nowhere where station {name} stands", where=file, hint=f"Columns: {LAYOUT}")
    stations = (
        Station(name, *_placed(file, name, places[name], columns, crs), tuple(r)) for name, r in readings.items()
    )
    return Readings(tuple(stations), dated)


def _needed(columns: list[str]) -> tuple[str, ...]:
    place = ("lon", "lat") if "lon" in columns else ("x", "y")
    return ("station", "depth_mm", "time" if "time" in columns else "minute", *place)


def _time(row: CsvLine) -> tuple[float, bool]:
    """Seconds after 1970 UTC, and whether a zone was named."""
    text = row.text("time")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise row.refuse("is no time", "time", "ISO 8601: 2018-05-29T14:05Z or 2018-05-29 16:05+02:00") from None
    named = found.tzinfo is not None
    return ((found if named else found.replace(tzinfo=UTC)) - EPOCH).total_seconds(), named


def _depth(row: CsvLine) -> float | None:
    if row.text("depth_mm").lower() in MISSING:
        return None
    depth = row.number_in("depth_mm")
    if not 0.0 <= depth <= MOST_MM:
        hint = "A reading that failed is left empty" if depth < 0 else None
        raise row.refuse("the depth is out of range", "depth_mm", f"0 to {MOST_MM:g} mm", hint)
    return depth


def _lasting(row: CsvLine, columns: list[str]) -> float | None:
    if "interval_min" not in columns:
        return None
    minutes = row.number_in("interval_min")
    if not 0.0 < minutes <= 1440.0:
        raise row.refuse("the interval is out of range", "interval_min", "above 0, at most 1440 min")
    return round(60.0 * minutes, 6)


def _place(row: CsvLine, columns: list[str]) -> tuple[float, float] | None:
    pair = ("lon", "lat") if "lon" in columns else ("x", "y")
    if not any(row.text(name) for name in pair):
        return None
    return row.number_in(pair[0]), row.number_in(pair[1])


def _placed(file: str, name: str, place: tuple[float, float], columns: list[str], crs: CRS) -> tuple[float, float]:
    if "lon" not in columns:
        return place
    lon, lat = place
    try:
        x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat, errcheck=True)
    except ProjError:
        x = y = float("inf")
    if not (abs(lon) <= 180 and abs(lat) <= 90 and abs(x) < 1e9 and abs(y) < 1e9):
        raise ScenarioError(f"station {name} lies nowhere on the map", where=file, value=f"lon {lon:g}, lat {lat:g}")
    return float(x), float(y)
