"""DWD's published archives of KOSTRA-DWD, one zip for each duration, read without unpacking them to the disk.

KOSTRA-DWD-2020: ESRI ASCII grids Hn_ (depth in mm) and UC_ (tolerance in
percent) for each of nine return periods; the Rn_ grids beside them hold the
same depths as rates and are not read. KOSTRA-DWD-2010R: one CSV with a line a
cell, `INDEX_RC;HN_001A;...`, -99.9 where there is no value; the KOG tables
beside it (upper limit of the class) are not read.

A zip comes from somewhere else: every size is checked before anything is read
and again while reading, names in it are only compared, never used as paths.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.rain.kostra.edition import EDITIONS, KOSTRA_2020, YEARS, Edition, edition_named

LARGEST_ARCHIVE = 64 << 20
LARGEST_MEMBER = 8 << 20
MOST_MEMBERS = 200
LARGEST_DEPTH_MM = 5000.0

_DURATION = re.compile(r"_D0*(\d+)[._]", re.IGNORECASE)
_GRID = re.compile(r"(?:^|/)(Hn|UC)_KOSTRA-DWD-2020_D0*(\d+)_T0*(\d+)a?\.asc$", re.IGNORECASE)
_TABLE = re.compile(r"(?:^|/)StatRR_KOSTRA-DWD-2010R_D0*(\d+)\.csv$", re.IGNORECASE)
_HEIGHT = re.compile(r"^HN_0*(\d+)A_?$", re.IGNORECASE)
_HEADER = 6


@dataclass(frozen=True, eq=False)
class Sheet:
    """One duration of an edition: only the cells with values.

    index_rc: rising, shape (n,). depths_mm and tolerance_percent: shape
    (n, return periods), the latter None where the edition states it otherwise, nan
    where it states none.
    """

    edition: Edition
    duration_min: int
    index_rc: np.ndarray
    depths_mm: np.ndarray
    tolerance_percent: np.ndarray | None


def read_archive(path: str | os.PathLike[str]) -> Sheet:
    """The values of one archive as DWD publishes it; ScenarioError says in what another file differs."""
    path = Path(path)
    edition = edition_named(path.name)
    try:
        size = path.stat().st_size
        if size > LARGEST_ARCHIVE:
            raise _other(path, "the archive is too large", f"{size:,} bytes", f"up to {LARGEST_ARCHIVE:,} bytes")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise _other(path, "the archive holds too many files", f"{len(members)}", f"up to {MOST_MEMBERS}")
            edition = edition or next((e for e in map(edition_named, archive.namelist()) if e), None)
            if edition is None:
                raise _other(path, "no file in it is one of KOSTRA-DWD-2020 or 2010R", _names(members))
            read = _read_2020 if edition is KOSTRA_2020 else _read_2010r
            return read(path, archive, members)
    except OSError as error:
        raise ScenarioError("the archive cannot be read", where=path.name, value=error.strerror) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise _other(path, "this is not a zip archive that can be read", str(error)[:100]) from None


def _read_2020(path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Sheet:
    grids: dict[tuple[str, int], zipfile.ZipInfo] = {}
    durations = set()
    for member in members:
        match = _GRID.search(member.filename)
        if match:
            grids[match[1].upper(), int(match[3])] = member
            durations.add(int(match[2]))
    duration = _one_duration(path, durations, KOSTRA_2020)
    missing = [f"{kind.capitalize()} T {t}" for kind in ("HN", "UC") for t in YEARS if (kind, t) not in grids]
    if missing:
        raise _other(path, "grids are missing in it", ", ".join(missing[:6]), "Hn and UC for T " + _list(YEARS))
    depth = np.stack([_grid(path, archive, grids["HN", t]) for t in YEARS], axis=-1)
    spread = np.stack([_grid(path, archive, grids["UC", t]) for t in YEARS], axis=-1)
    filled = np.isfinite(depth).all(axis=-1)
    row, col = np.nonzero(filled)
    return _checked(path, KOSTRA_2020, duration, 1000 * row + col, depth[filled], spread[filled])


def _read_2010r(path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Sheet:
    edition = EDITIONS["2010R"]
    tables = {int(m[1]): member for member in members if (m := _TABLE.search(member.filename))}
    duration = _one_duration(path, set(tables), edition)
    lines = _text(path, archive, tables[duration]).splitlines()
    header = [c.strip().strip('"') for c in lines[0].split(";")] if lines else [""]
    columns = {int(m[1]): k for k, title in enumerate(header) if (m := _HEIGHT.match(title))}
    if header[0].upper() != "INDEX_RC" or set(YEARS) - set(columns):
        raise _other(
            path, "its table has other columns", ";".join(header)[:100], "INDEX_RC;HN_001A;...;HN_100A"
        )  # fmt: skip
    used = (0, *(columns[t] for t in YEARS))
    try:
        values = np.loadtxt(io.StringIO("\n".join(lines[1:])), delimiter=";", usecols=used, ndmin=2)
    except ValueError as error:
        raise _other(path, "its table cannot be read", str(error)[:100], "numbers, parted by semicolons") from None
    index = values[:, 0].astype(np.int64)
    row, col = np.divmod(index, 1000)
    if np.any(index != values[:, 0]) or np.any((row >= edition.rows) | (col >= edition.cols) | (index < 0)):
        raise _other(path, "it numbers its cells otherwise", None, f"{edition.rows} rows, {edition.cols} columns")
    depths = values[:, 1:]
    filled = (depths > 0).all(axis=1)
    order = np.argsort(index[filled], kind="stable")
    return _checked(path, edition, duration, index[filled][order], depths[filled][order], None)


def _grid(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """One ASCII grid of KOSTRA-DWD-2020, nan where it has no value, row 0 in the north."""
    text = _text(path, archive, member)
    lines = text.split("\n", _HEADER)
    try:
        header = {key.lower(): float(value) for key, value in (line.split() for line in lines[:_HEADER])}
        values = np.array(lines[_HEADER].split(), dtype=np.float64)
    except (ValueError, IndexError):
        raise _other(path, f"{_base(member)} is no ESRI ASCII grid", lines[0][:60]) from None
    edition = KOSTRA_2020
    corner = 0.5 * edition.width
    west = header.get("xllcorner", header.get("xllcenter", np.nan) - corner)
    south = header.get("yllcorner", header.get("yllcenter", np.nan) - corner)
    expected = (edition.cols, edition.rows, edition.width, edition.west, edition.north - edition.rows * edition.height)
    got = (header.get("ncols"), header.get("nrows"), header.get("cellsize"), west, south)
    near = all(g is not None and abs(g - e) <= 0.1 * corner for g, e in zip(got[2:], expected[2:], strict=True))
    if got[:2] != expected[:2] or not near or values.size != edition.rows * edition.cols:
        raise _other(
            path,
            f"{_base(member)} is another grid (columns, rows, cell, west, south)",
            _list([v if v is not None else np.nan for v in got]) + f", {values.size} values",
            _list(expected),
        )
    values[(values == header.get("nodata_value")) | (values < 0)] = np.nan
    return values.reshape(edition.rows, edition.cols)


def _checked(
    path: Path, edition: Edition, duration: int, index: np.ndarray, depths: np.ndarray, spread: np.ndarray | None
) -> Sheet:
    if len(index) == 0:
        raise _other(path, "no cell of it has values", None)
    if len(np.unique(index)) != len(index):
        raise _other(path, "a cell stands in it twice", None)
    if np.any(depths <= 0) or np.any(depths > LARGEST_DEPTH_MM) or np.any(np.diff(depths, axis=1) < 0):
        raise _other(path, "its depths fall with the return period or are out of range", None, "0 to 5000 mm, rising")
    if spread is not None and np.any(spread >= 100):  # nan: not stated for this cell
        raise _other(path, "its tolerances are no percentages", None, "0 up to 100 %")
    small = None if spread is None else spread.astype(np.float32)
    return Sheet(edition, duration, index.astype(np.int32), depths.astype(np.float32), small)


def _one_duration(path: Path, found: set[int], edition: Edition) -> int:
    named = _DURATION.search(path.name)
    if named and found and found != {int(named[1])}:
        raise _other(path, "it holds another duration than its name says", f"{_list(sorted(found))} min", named[1])
    if len(found) != 1 or found - set(edition.durations_min):
        raise _other(
            path, f"it must hold one duration of {edition.name}", f"{_list(sorted(found)) or 'none'} min",
            _list(edition.durations_min) + " min",
        )  # fmt: skip
    return found.pop()


def _text(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    """What a member holds; its size is believed no more than it is read."""
    if member.file_size <= LARGEST_MEMBER:
        with archive.open(member) as file:
            data = file.read(LARGEST_MEMBER + 1)
        if len(data) <= LARGEST_MEMBER:
            return data.decode("latin-1").replace("\r\n", "\n")
    raise _other(path, f"{_base(member)} is too large", f"{member.file_size:,} bytes", f"up to {LARGEST_MEMBER:,}")


def _base(member: zipfile.ZipInfo) -> str:
    return member.filename.rsplit("/", 1)[-1][:80]


def _names(members: list[zipfile.ZipInfo]) -> str:
    return ", ".join(_base(m) for m in members[:3]) or "an empty archive"


def _list(values: Iterable[float]) -> str:
    return ", ".join(f"{v:.10g}" for v in values)


def _other(path: Path, what: str, value: str | None, allowed: str | None = None) -> ScenarioError:
    return ScenarioError(
        f"not an archive of KOSTRA-DWD as DWD publishes it: {what}",
        where=path.name,
        value=value,
        allowed=allowed,
        hint="Download StatRR_KOSTRA-DWD-2020_D00060_ASC.zip (or 2010R: StatRR_KOSTRA-DWD-2010R_D0060.csv.zip), "
        "one for each duration, and leave it packed",
    )
