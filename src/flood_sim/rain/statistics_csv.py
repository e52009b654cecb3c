"""Rain statistics as a CSV file: what a city has of its own gauge, or one cell of KOSTRA taken along.

    # name: Messstelle Musterstadt
    # source: Gutachten 2024, Reihe 1961-2020
    # licence: Stadt Musterstadt
    duration_min;T2;T30;T100;U2;U30;U100
    5;7,4;15,5;19,1;10;15;20
    60;21,3;40,6;49,2;10;15;20

First column: duration in minutes. A column T<years> holds the depth in mm for
that return period, a column U<years> (may be left out) its tolerance in
percent. DWD's own column names (HN_100A, UC_100A) are understood too. The
columns are parted by semicolons, tabs or commas; with the first two a decimal
comma is understood. Name and source are needed: a number is never shown
without them. They stand in the first lines or are given when reading.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from pathlib import Path

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.rain.statistics import RainStatistics

LARGEST_BYTES = 1 << 20
FACTS = ("name", "source", "licence", "mark")
_DURATION = ("duration_min", "d_min", "dauer_min", "dauerstufe_min")
_DEPTH = re.compile(r"^(?:T|HN_)0*(\d+(?:\.\d+)?)A?_?$", re.IGNORECASE)
_TOLERANCE = re.compile(r"^(?:U|UC_)0*(\d+(?:\.\d+)?)A?_?$", re.IGNORECASE)


def read_statistics(
    path: str | os.PathLike[str], *, name: str | None = None, source: str | None = None
) -> RainStatistics:
    """Rain statistics from a CSV file as described above; ScenarioError names the line that cannot be used."""
    where = Path(path).name
    facts, lines = _facts(_text(Path(path)))
    facts |= {k: v for k, v in (("name", name), ("source", source)) if v}
    for key in ("name", "source"):
        if not facts.get(key):
            raise ScenarioError(
                f"the rain statistics have no {key}",
                where=where,
                hint=f"Write a first line `# {key}: ...` or give it when reading: every result names its statistics",
            )
    if not lines:
        raise ScenarioError("the file holds no table", where=where, hint=_FORM)
    mark = next((m for m in ("\t", ";", ",") if m in lines[0][1]), ";")
    header = [c.strip() for c in _cells(*lines[0], mark, where)]
    depths, tolerances = _columns(header, where)
    rows = [_row(text, number, header, mark, where) for number, text in lines[1:]]
    if not rows:
        raise ScenarioError("the table has no rows", where=where, hint=_FORM)
    years = sorted(depths)
    table = np.array([[row[depths[t]] for t in years] for row in rows])
    spread = np.array([[row[tolerances[t]] if t in tolerances else math.nan for t in years] for row in rows])
    return RainStatistics(
        facts["name"],
        tuple(row[0] for row in rows),
        tuple(years),
        table,
        facts["source"],
        facts.get("licence", "not stated"),
        spread,
        facts.get("mark"),
    )


def statistics_as_csv(statistics: RainStatistics) -> str:
    """The table as text that `read_statistics` reads again."""
    years = [f"{t:g}" for t in statistics.return_periods_a]
    facts = {k: getattr(statistics, k) for k in FACTS}
    lines = [f"# {k}: {' '.join(str(v).split())}" for k, v in facts.items() if v]
    tolerance = np.asarray(statistics.tolerance_percent)
    stated = not np.isnan(tolerance).any()
    lines.append(";".join(["duration_min", *(f"T{t}" for t in years), *(f"U{t}" for t in years if stated)]))
    for duration, depths, spread in zip(statistics.durations_min, statistics.depths_mm, tolerance, strict=True):
        values = [duration, *(round(float(h), 3) for h in depths), *(spread if stated else ())]
        lines.append(";".join(f"{v:g}" for v in values))
    return "\n".join(lines) + "\n"


_FORM = "A first line duration_min;T2;T30;T100 and then one line a duration, depths in mm"


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise ScenarioError(
                "the file is too large for a table of rain statistics",
                where=path.name,
                value=f"{size:,} bytes",
                allowed=f"up to {LARGEST_BYTES:,} bytes",
            )
        data = path.read_bytes()
    except OSError as error:
        raise ScenarioError("the file cannot be read", where=path.name, value=error.strerror) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _facts(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """What stands in the lines that begin with #, and the other lines with their numbers."""
    facts: dict[str, str] = {}
    lines = []
    for number, line in enumerate(io.StringIO(text), start=1):
        line = line.strip()
        if line.startswith("#"):
            key, colon, value = line[1:].partition(":")
            if colon and key.strip().lower() in FACTS:
                facts[key.strip().lower()] = value.strip()
        elif line.strip(";,\t "):
            lines.append((number, line))
    return facts, lines


def _columns(header: list[str], where: str) -> tuple[dict[float, int], dict[float, int]]:
    """Which column holds the depth, and which the tolerance, of a return period."""
    if header[0].lower() not in _DURATION:
        raise ScenarioError(
            "the first column must be the duration in minutes",
            where=f"{where}, first line",
            value=header[0][:40] or "nothing",
            allowed=_DURATION[0],
            hint=_FORM,
        )
    depths: dict[float, int] = {}
    tolerances: dict[float, int] = {}
    for k, title in enumerate(header[1:], start=1):
        for pattern, found in ((_DEPTH, depths), (_TOLERANCE, tolerances)):
            match = pattern.match(title)
            if match and float(match[1]) not in found:
                found[float(match[1])] = k
                break
        else:
            raise ScenarioError(
                "this column cannot be read, or stands twice",
                where=f"{where}, first line, column {k + 1}",
                value=title[:40] or "nothing",
                allowed="T<years> for a depth in mm, U<years> for a tolerance in percent",
                hint=_FORM,
            )
    if not depths:
        raise ScenarioError("the table has no depths", where=where, hint=_FORM)
    if set(tolerances) - set(depths):
        years = ", ".join(f"U{t:g}" for t in sorted(set(tolerances) - set(depths)))
        raise ScenarioError("a tolerance without its depth", where=f"{where}, first line", value=years)
    return depths, tolerances


def _cells(number: int, text: str, mark: str, where: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=mark))
    except csv.Error as error:
        raise ScenarioError(f"this is no line of a table ({error})", where=f"{where}, line {number}") from None


def _row(text: str, number: int, header: list[str], mark: str, where: str) -> list[float]:
    cells = _cells(number, text, mark, where)
    if len(cells) != len(header):
        raise ScenarioError(
            "this line has another number of columns than the first",
            where=f"{where}, line {number}",
            value=len(cells),
            allowed=str(len(header)),
            hint="With decimal commas the columns must be parted by semicolons" if mark == "," else None,
        )
    values = []
    for title, cell in zip(header, cells, strict=True):
        written = cell.strip().replace(",", ".") if mark != "," else cell.strip()
        try:
            value = float(written)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ScenarioError(
                "not a number", where=f"{where}, line {number}, column {title}", value=cell.strip()[:40] or "nothing"
            )
        values.append(value)
    return values
