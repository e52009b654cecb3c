"""KOSTRA-DWD at hand: archives once added are kept compact in a folder, and every place is answered from there, offline.

One file a duration, replaced only as a whole: a failed import leaves what was
there. The folder is the user's cache unless another is given.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from platformdirs import user_cache_path
from pyproj import CRS

from flood_sim.errors import NoStatistics, ScenarioError, StorageError
from flood_sim.rain.kostra.archive import Sheet, read_archive
from flood_sim.rain.kostra.edition import EDITIONS, KOSTRA_2010R, YEARS, Edition, outside
from flood_sim.rain.shipped import shipped_cells
from flood_sim.rain.statistics import RainStatistics

FORMAT = 1


@dataclass(frozen=True)
class Added:
    """One archive taken in."""

    edition: str
    duration_min: int
    cells: int


def default_folder() -> Path:
    """Where added archives are kept unless a folder is given."""
    return user_cache_path("flood_sim") / "kostra"


def add(paths: Iterable[str | os.PathLike[str]], *, folder: str | os.PathLike[str] | None = None) -> list[Added]:
    """Take in archives as downloaded from DWD; every one is read and checked before the first is kept.

    ScenarioError names the archive that is none; StorageError if the folder cannot be written.
    """
    sheets = [read_archive(path) for path in paths]
    for sheet in sheets:
        _keep(sheet, _file(sheet.edition, sheet.duration_min, folder))
    return [Added(s.edition.key, s.duration_min, len(s.index_rc)) for s in sheets]


def held(edition: str = "2020", *, folder: str | os.PathLike[str] | None = None) -> tuple[int, ...]:
    """Durations [min] of an edition that were added."""
    chosen = edition_of(edition)
    return tuple(d for d in chosen.durations_min if _file(chosen, d, folder).is_file())


def statistics_at(
    x: float,
    y: float,
    crs: str | int | CRS,
    *,
    edition: str | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> RainStatistics:
    """Rain statistics of the KOSTRA cell in which a point lies.

    x: easting or longitude, y: northing or latitude in `crs`. The newest
    edition that was added answers; of KOSTRA-DWD-2010R the cells of Wuppertal
    ship. NoStatistics outside Germany, or where nothing was added yet.
    """
    asked = list(EDITIONS.values()) if edition is None else [edition_of(edition)]
    for one in asked:
        index = one.cell(x, y, crs)
        durations = held(one.key, folder=folder)
        if durations:
            return _at(one, index, durations, x, y, folder)
        if one is KOSTRA_2010R and index in shipped_cells():
            return shipped_cells()[index]
    raise NoStatistics(
        "no rain statistics at hand for this place",
        where=" or ".join(e.name for e in asked),
        value=f"{x:.10g}, {y:.10g}",
        hint="Get DWD's archives with `flood-sim rain kostra fetch` (without network: `kostra urls` lists them, `kostra add "
        "FILES` takes them in), or give a table of your own (CSV)",
    )


def _at(
    edition: Edition, index: int, durations: tuple[int, ...], x: float, y: float, folder: str | os.PathLike[str] | None
) -> RainStatistics:
    depths, spreads = [], []
    for duration in durations:
        sheet = _kept(edition, duration, folder)
        place = int(np.searchsorted(sheet.index_rc, index))
        if place == len(sheet.index_rc) or sheet.index_rc[place] != index:
            raise outside(x, y, edition)
        depths.append(np.round(sheet.depths_mm[place].astype(float), 2))
        if sheet.tolerance_percent is not None:
            spreads.append(np.round(sheet.tolerance_percent[place].astype(float), 2))
    stated = edition.tolerance_percent(YEARS)
    return RainStatistics(
        f"{edition.name} Zelle {index}",
        tuple(float(d) for d in durations),
        tuple(float(t) for t in YEARS),
        np.array(depths),
        edition.source,
        edition.licence,
        np.array(spreads) if stated is None else np.array(stated),
        _mark(edition, durations),
        f"{edition.name} cell {index}",
    )


def _mark(edition: Edition, durations: tuple[int, ...]) -> str | None:
    """What about the values is not as it should be: also that they may be interpolated over durations that are missing."""
    inside = [d for d in edition.durations_min if durations[0] < d < durations[-1] and d not in durations]
    if not inside:
        return edition.mark
    gaps = f"interpolated over durations that were not taken in: {', '.join(map(str, inside))} min"
    return gaps if edition.mark is None else f"{edition.mark}. {gaps[0].upper()}{gaps[1:]}"


def edition_of(key: str) -> Edition:
    """The edition "2020" or "2010R"; ScenarioError for another."""
    if key not in EDITIONS:
        raise ScenarioError("no such edition of KOSTRA-DWD", value=key, allowed=", ".join(EDITIONS))
    return EDITIONS[key]


def _file(edition: Edition, duration_min: int, folder: str | os.PathLike[str] | None) -> Path:
    base = default_folder() if folder is None else Path(folder)
    return base / edition.key / f"D{duration_min:05d}.npz"


def _keep(sheet: Sheet, path: Path) -> None:
    """Write beside the place, then put there in one step."""
    arrays = {"format": np.int32(FORMAT), "index_rc": sheet.index_rc, "depths_mm": sheet.depths_mm}
    if sheet.tolerance_percent is not None:
        arrays["tolerance_percent"] = sheet.tolerance_percent
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError("the rain statistics cannot be kept", where=str(path.parent), value=error.strerror) from None


def _kept(edition: Edition, duration_min: int, folder: str | os.PathLike[str] | None) -> Sheet:
    path = _file(edition, duration_min, folder)
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        index, depths = arrays["index_rc"], arrays["depths_mm"]
        spread = arrays.get("tolerance_percent")
        fits = all(a.shape == (len(index), len(YEARS)) for a in (depths, *([] if spread is None else [spread])))
        if int(arrays["format"]) != FORMAT or not fits:
            raise ValueError("another form")
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile) as error:
        raise ScenarioError(
            "kept rain statistics are damaged",
            where=str(path),
            value=type(error).__name__,
            hint=f"Add the archive of {edition.name} for {duration_min} min again: `flood-sim rain kostra add FILE`",
        ) from None
    return Sheet(edition, duration_min, index, depths, spread)
