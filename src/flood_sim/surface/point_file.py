"""Inlets and manholes from CSV files, as drainage offices and sewer models export them.

Comma, tab or semicolon (then a decimal comma is read too); lines that begin with # are left out.
Coordinates are in the CRS of the terrain. Columns in any order, further ones are ignored:

    id;x;y                                        inlets (Straßenabläufe)
    SA-0815;374512,5;5681244,0

    id,x,y,time_min,discharge_m3s                 manholes (Schächte): a hydrograph each
    S12,374512.5,5681244.0,0,0
    S12,,,10,0.35

x and y of a manhole once are enough. Between its times the discharge is linear, before the first and after
the last it is zero.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flood_sim.csv_lines import CsvLine, read_csv_lines, refuse_missing
from flood_sim.errors import ScenarioError

LARGEST_IN_MEMORY = 2**30
MOST_M3S = 1000.0
"""m3/s out of a single manhole; more is a slip of the unit."""
LONGEST_ID = 80


@dataclass(frozen=True)
class Points:
    """n points: their names, x and y in m, float64 (n,)."""

    ids: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Hydrographs:
    """What comes up at n points.

    times: s (m + 1,), all times of all of them. discharge: m3/s (m, 2, n), at the begin and the end of each interval
    between the times, linear in between. volume: m3 (n,).
    """

    points: Points
    times: np.ndarray
    discharge: np.ndarray

    @property
    def volume(self) -> np.ndarray:
        return np.asarray((np.diff(self.times)[:, None] * self.discharge.mean(axis=1)).sum(axis=0))


def read_points(path: str | os.PathLike[str]) -> Points:
    """Inlets of a CSV file; ScenarioError names line and column of what is wrong."""
    file = os.fspath(path)
    found: dict[str, tuple[float, float]] = {}
    lines: dict[str, int] = {}
    for line in _lines(file, ("id", "x", "y")):
        name = _name(line)
        if name in found:
            raise line.refuse(f"stands in line {lines[name]} already", "id", "each id once")
        found[name], lines[name] = (line.number_in("x"), line.number_in("y")), line.number
    if not found:
        raise ScenarioError("holds no point", where=file, hint="Columns: id,x,y")
    return _points(found)


def read_hydrographs(path: str | os.PathLike[str]) -> Hydrographs:
    """Manholes of a CSV file with what comes up there; ScenarioError names line and column of what is wrong."""
    file = os.fspath(path)
    places: dict[str, tuple[float, float]] = {}
    series: dict[str, list[tuple[float, float]]] = {}
    for line in _lines(file, ("id", "x", "y", "time_min", "discharge_m3s")):
        name = _name(line)
        if line.text("x") or line.text("y"):
            place = line.number_in("x"), line.number_in("y")
            if places.setdefault(name, place) != place:
                raise line.refuse(f"manhole {name} stands at another place here than before", "x")
        time, discharge = round(60.0 * line.number_in("time_min"), 6), line.number_in("discharge_m3s")
        if not 0.0 <= discharge <= MOST_M3S:
            hint = "What a manhole swallows is an inlet" if discharge < 0 else "Give m³/s; 1 l/s is 0.001"
            raise line.refuse("the discharge is out of range", "discharge_m3s", f"0 to {MOST_M3S:g} m³/s", hint)
        before = series.setdefault(name, [])
        if before and not time > before[-1][0]:
            raise line.refuse(
                f"the times of manhole {name} do not rise", "time_min", f"more than {before[-1][0] / 60:g}"
            )
        before.append((time, discharge))
    if not series:
        raise ScenarioError("holds no manhole", where=file, hint="Columns: id,x,y,time_min,discharge_m3s")
    for name, values in series.items():
        if name not in places:
            raise ScenarioError(f"says nowhere where manhole {name} stands", where=file, hint="Give its x and y once")
        if len(values) < 2:
            raise ScenarioError(
                f"has one time only for manhole {name}", where=file, allowed="at least two",
                hint="Between two times the discharge is linear, before and after it is zero",
            )  # fmt: skip
    return _hydrographs(file, {name: places[name] for name in series}, series)


def _points(found: dict[str, tuple[float, float]]) -> Points:
    return Points(tuple(found), *(np.array([place[k] for place in found.values()]) for k in (0, 1)))


def _hydrographs(
    file: str, places: dict[str, tuple[float, float]], series: dict[str, list[tuple[float, float]]]
) -> Hydrographs:
    """All series on the times of all: jumps at the begin and the end of each stay jumps."""
    times = np.unique([time for values in series.values() for time, _ in values])
    if 16 * times.size * len(series) > LARGEST_IN_MEMORY:
        raise ScenarioError(
            "its manholes have so many different times that they do not fit into memory", where=file,
            value=f"{times.size:,} times of {len(series):,} manholes",
            allowed=f"{LARGEST_IN_MEMORY // 16 // len(series):,} times",
            hint="Export all hydrographs at the same times, for example every minute",
        )  # fmt: skip
    discharge = np.zeros((times.size - 1, 2, len(series)))
    for k, values in enumerate(series.values()):
        own, flow = np.array(values).T
        first, last = np.searchsorted(times, own[[0, -1]])
        inside = np.interp(times[first : last + 1], own, flow)
        discharge[first:last, 0, k], discharge[first:last, 1, k] = inside[:-1], inside[1:]
    return Hydrographs(_points(places), times, discharge)


def _lines(file: str, columns: tuple[str, ...]) -> Iterator[CsvLine]:
    layout = ",".join(columns)
    titles, lines = read_csv_lines(file, what="a list of points", layout=layout)
    refuse_missing(file, titles, columns, layout)
    return lines


def _name(line: CsvLine) -> str:
    if not 0 < len(line.text("id")) <= LONGEST_ID:
        raise line.refuse("is no id", "id", f"1 to {LONGEST_ID} characters")
    return line.text("id")
