"""The worklist as a GeoPackage that people open in QGIS: faults as points, proposals as lines, water as areas.

Written whole or not at all: into a copy beside it, read back, then moved into
place. Other layers and columns that people added stay in it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from flood_sim.errors import StorageError
from flood_sim.terrain.crs import describe, same_crs
from flood_sim.terrain.doctor.fault import (
    LABELS_DE,
    SUGGESTION_DE,
    Kind,
)
from flood_sim.terrain.doctor.proposal import CulvertProposal, CutProposal, Proposal
from flood_sim.terrain.doctor.worklist import STATE_DE, Entry, State, Worklist, restored
from flood_sim.terrain.findings import refusals_as_errors, refuse
from flood_sim.terrain.source import find_file, read_head

FAULTS, PROPOSALS, AREAS = "faults", "proposals", "areas"
LAST_NUMBER = "FLOOD_SIM_LAST_NUMBER"
"""In the metadata of the layer of faults: the highest number that was ever given."""
_OWN = {
    "number": int, "rank": int, "kind": str, "label": str, "state": str, "who": str, "note": str, "date": str,
    "water_m3": float, "size_m": float, "ridge_width_m": float, "crossed_by": str, "evidence": float, "found": int,
    "text_de": str, "text_en": str,
}  # fmt: skip
_PROPOSED = {
    "number": int, "kind": str, "shape": str, "width_m": float, "height_m": float, "up_m": float, "down_m": float,
    "blockage": float, "roughness_n": float, "hint": str,
}  # fmt: skip
_STATES = {german: state for state, german in STATE_DE.items()}


def read_worklist(path: str | os.PathLike[str], crs: CRS | None = None) -> Worklist:
    """A worklist as people left it; TerrainError that names the number of the entry that cannot be understood.

    crs: that of the terrain, which must be the list's.
    """
    with refusals_as_errors(path):
        file = find_file(path)
        if not read_head(file).startswith(b"SQLite format 3\x00"):
            raise refuse("not_worklist", "is no GeoPackage, so no worklist", "Name the .gpkg that the doctor wrote")
        if Path(f"{file}-wal").exists() and Path(f"{file}-wal").stat().st_size:
            raise refuse(
                "in_use",
                "is open in another program (QGIS?), with changes not yet written into it",
                "Close it there first",
            )
        try:
            return _read(file, crs)
        except (DataSourceError, DataLayerError, shapely.GEOSException) as error:
            text = f"the worklist is damaged ({' '.join(str(error).split())[:120]}); nothing was changed"
            raise refuse("damaged", text, "Put back a copy of it, or write a new list under another name") from None


def write_worklist(path: str | os.PathLike[str], worklist: Worklist) -> None:
    """Write the list whole or leave the old one standing; layers that are not the doctor's stay. StorageError."""
    target = Path(path)
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.absolute().parent))
        work = folder / "list.gpkg"
        if target.exists():
            shutil.copyfile(target, work)
        _write(work, worklist)
        if len(_read(work, None).entries) != len(worklist.entries):
            raise OSError("the copy does not hold what was written")
        os.replace(work, target)
    except (OSError, DataSourceError, DataLayerError) as error:
        raise StorageError(f"the worklist cannot be written: {error}", where=str(target)) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _write(file: Path, worklist: Worklist) -> None:
    entries = worklist.entries
    crs = worklist.crs.to_wkt()
    rows = [_row(e) for e in entries]
    kinds: dict[str, type] = {**_OWN}
    for name in worklist.columns:
        values = [e.extra.get(name) for e in entries]
        kinds[name] = float if all(v is None or isinstance(v, int | float) for v in values) else str
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    _layer(file, FAULTS, [shapely.Point(e.fault.x, e.fault.y) for e in entries], rows, kinds, "Point", crs,
           {LAST_NUMBER: str(worklist.last_number)})  # fmt: skip
    drawn = [(e, e.fault.proposal) for e in entries if e.fault.proposal is not None]
    lines = [shapely.LineString(p.line) for _, p in drawn]
    _layer(file, PROPOSALS, lines, [_proposed(e.number, p) for e, p in drawn], _PROPOSED, "LineString", crs)
    areas = [shapely.MultiPolygon(_polygons(e.fault.geometry)) for e in entries]
    _layer(file, AREAS, areas, [{"number": e.number} for e in entries], {"number": int}, "MultiPolygon", crs)


def _layer(
    file: Path, name: str, shapes: Sequence[shapely.Geometry], rows: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, type], geometry: str, crs: str, about: dict[str, str] | None = None,
) -> None:  # fmt: skip
    columns = [_column([row.get(key) for row in rows], kind) for key, kind in kinds.items()]
    pyogrio.raw.write(
        file, shapely.to_wkb(np.array(shapes, object)), columns, list(kinds), layer=name, driver="GPKG",
        geometry_type=geometry, crs=crs, layer_metadata=about,
    )  # fmt: skip


def _column(values: Sequence[Any], kind: type) -> np.ndarray:
    if kind is int:
        return np.array(values, np.int64)
    if kind is float:
        return np.array([np.nan if v is None else v for v in values], np.float64)
    return np.array([None if v is None else str(v) for v in values], object)


def _row(entry: Entry) -> dict[str, Any]:
    fault = entry.fault
    return {
        "number": entry.number, "rank": entry.rank, "kind": fault.kind, "label": LABELS_DE[fault.kind],
        "state": STATE_DE[entry.state], "who": entry.who, "note": entry.note, "date": entry.date,
        "water_m3": round(fault.water_held_m3, 1), "size_m": round(fault.size_m, 2),
        "ridge_width_m": fault.ridge_width_m, "crossed_by": "; ".join(fault.crossed_by),
        "evidence": round(fault.evidence, 3), "found": int(entry.found), "text_de": fault.sentence_de,
        "text_en": fault.sentence_en,
    }  # fmt: skip


def _proposed(number: int, proposal: Proposal) -> dict[str, Any]:
    row: dict[str, Any] = {"number": number, "width_m": proposal.width_m, "hint": SUGGESTION_DE}
    if isinstance(proposal, CutProposal):
        up, down = proposal.bottom_m
        return {**row, "kind": "cut", "up_m": up, "down_m": down}
    up, down = proposal.inverts_m
    height = proposal.width_m if proposal.height_m is None else proposal.height_m
    return {
        **row, "kind": "culvert", "shape": proposal.shape, "height_m": height, "up_m": up, "down_m": down,
        "blockage": proposal.blockage, "roughness_n": proposal.roughness_n,
    }  # fmt: skip


def _read(file: Path, crs: CRS | None) -> Worklist:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        there = {str(name) for name, _ in pyogrio.list_layers(file)}
        missing = [name for name in (FAULTS, PROPOSALS, AREAS) if name not in there]
        if missing:
            raise refuse("not_worklist", f"is no worklist: it has no layer {', '.join(missing)}", "Name another file")
        rows, points, found_crs = _rows(file, FAULTS, _OWN)
        drawn, lines, _ = _rows(file, PROPOSALS, _PROPOSED)
        numbers, areas, _ = _rows(file, AREAS, {"number": int})
        about = pyogrio.read_info(file, layer=FAULTS)["layer_metadata"] or {}
    if crs is not None and not same_crs(found_crs, crs):
        text = f"the worklist is in {describe(found_crs)}, the terrain in {describe(crs)}"
        raise refuse("crs_differs", text, "Start a new list for this terrain")
    proposals = {_number(row, PROPOSALS): _proposal(row, line) for row, line in zip(drawn, lines, strict=True)}
    water = {_number(row, AREAS): area for row, area in zip(numbers, areas, strict=True)}
    extra = tuple(name for name in (rows[0] if rows else {}) if name not in _OWN)
    entries = [_entry(row, point, proposals, water, extra) for row, point in zip(rows, points, strict=True)]
    twice = {e.number for e in entries if sum(o.number == e.number for o in entries) > 1} if entries else set()
    if twice:
        text = f"the numbers {sorted(twice)} stand in the layer {FAULTS} more than once"
        raise refuse("damaged", text, "Delete the copies, or give them numbers of their own")
    entries.sort(key=lambda e: (e.rank == 0, e.rank, e.number))
    given = str(about.get(LAST_NUMBER, ""))
    last = max((int(given) if given.isdecimal() else 0, *(e.number for e in entries)))
    return Worklist(found_crs, tuple(entries), extra, last)


def _rows(file: Path, layer: str, needed: Mapping[str, type]) -> tuple[list[dict[str, Any]], np.ndarray, CRS]:
    meta, _, wkb, columns = pyogrio.raw.read(file, layer=layer, force_2d=True, datetime_as_string=True)
    names = [str(name) for name in meta["fields"]]
    missing = [name for name in needed if name not in names]
    if missing:
        raise refuse(
            "damaged", f"the layer {layer} has lost the column {', '.join(missing)}", "Put back a copy of the list"
        )
    rows = [
        {name: _plain(value) for name, value in zip(names, values, strict=True)}
        for values in zip(*columns, strict=True)
    ]
    return rows, shapely.from_wkb(wkb), CRS.from_user_input(meta["crs"])


def _entry(
    row: dict[str, Any], point: shapely.Geometry, proposals: Mapping[int, Proposal], water: Mapping[int, shapely.Geometry],
    extra: Sequence[str],
) -> Entry:  # fmt: skip
    number = _number(row, FAULTS)
    word = str(row["state"] or "").strip()
    state: State | None = _STATES.get(word)
    if state is None:
        text = f"number {number} has an unknown state {word!r}; allowed: {', '.join(_STATES)}"
        raise refuse("state", text, "Correct it in the layer faults")
    if row["kind"] not in get_args(Kind):
        raise refuse("kind", f"number {number} has an unknown kind {row['kind']!r}", "Put back a copy of the list")
    if not isinstance(point, shapely.Point) or point.is_empty:
        raise refuse("damaged", f"number {number} has no point", "Draw it again, or put back a copy of the list")
    fault = restored(row["kind"], point, water.get(number, shapely.MultiPolygon()), proposals.get(number), row)
    return Entry(
        number, int(row["rank"] or 0), fault, state, row["who"] or "", row["note"] or "", row["date"] or "",
        bool(row["found"]), {name: row[name] for name in extra},
    )  # fmt: skip


def _proposal(row: dict[str, Any], line: shapely.Geometry) -> Proposal:
    number = _number(row, PROPOSALS)
    if not isinstance(line, shapely.LineString) or line.is_empty:
        raise refuse("damaged", f"the proposal of number {number} is no line", "Draw it from upstream to downstream")
    missing = [name for name in ("width_m", "up_m", "down_m") if row[name] is None]
    if missing:
        raise refuse("proposal", f"the proposal of number {number} has no {', '.join(missing)}", "Fill it in")
    ends = line.coords[0][:2], line.coords[-1][:2]
    levels = float(row["up_m"]), float(row["down_m"])
    if row["kind"] == "cut":
        return CutProposal(ends, float(row["width_m"]), levels)
    if row["kind"] != "culvert" or row["shape"] not in ("circular", "box"):
        text = f"the proposal of number {number} is a {row['kind']!r} ({row['shape']!r})"
        raise refuse("proposal", text, "kind is culvert or cut; the shape of a culvert circular or box")
    height = row["height_m"]
    return CulvertProposal(
        ends, float(row["width_m"]), levels, row["shape"], None if height is None else float(height),
        float(row["blockage"] or 0.0), float(row["roughness_n"] or 0.013),
    )  # fmt: skip


def _number(row: Mapping[str, Any], layer: str) -> int:
    if row["number"] is None:
        raise refuse("damaged", f"a feature of the layer {layer} has no number", "Give it one, or delete it")
    return int(row["number"])


def _polygons(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(geometry) if isinstance(part, shapely.Polygon)]


def _plain(value: object) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
