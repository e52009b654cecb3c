"""The worklist for the site visit: a table, points for a phone, a map and a sheet for each fault."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
from pathlib import Path

import shapely

from flood_sim import geojson
from flood_sim.errors import StorageError, TerrainError
from flood_sim.terrain.crs import same_crs
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.doctor import sheets
from flood_sim.terrain.doctor.fault import LABELS_DE
from flood_sim.terrain.doctor.proposal import CulvertProposal
from flood_sim.terrain.doctor.worklist import STATE_DE, Entry, Worklist

TABLE, POINTS, MAP, SHEETS = "pruefliste.csv", "pruefliste.geojson", "pruefliste_karte.png", "pruefliste_blaetter.pdf"
MOST_SHEETS = 200


def export(worklist: Worklist, folder: str | Path, dem: Dem | None = None) -> list[Path]:
    """Write the list into a folder: CSV (semicolon, decimal comma, for a German office), GeoJSON in EPSG:4326,
    and, with the DEM, a map as PNG and a PDF with a sheet for each open or checked fault.

    Every file is written beside and moved in when all are complete. Raises
    TerrainError without matplotlib or with a DEM in another CRS, StorageError where the folder cannot be written.
    """
    if dem is not None and not same_crs(dem.grid.crs, worklist.crs):
        raise TerrainError("the DEM is not in the CRS of the worklist", where=dem.name)
    target = Path(folder)
    work = None
    try:
        target.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".partial-", dir=target))
        (work / TABLE).write_text(table(worklist), encoding="utf-8-sig", newline="")
        (work / POINTS).write_text(json.dumps(points(worklist), ensure_ascii=False), encoding="utf-8")
        if dem is not None:
            sheets.draw_map(dem, worklist, work / MAP)
            asked = [e for e in worklist.entries if e.state in ("open", "checked") and e.found][:MOST_SHEETS]
            if asked:
                sheets.draw_sheets(dem, asked, work / SHEETS)
        written = sorted(p.name for p in work.iterdir())
        for name in written:
            os.replace(work / name, target / name)
    except OSError as error:
        raise StorageError(f"the export cannot be written: {error.strerror or error}", where=str(target)) from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
    return [target / name for name in written]


def table(worklist: Worklist) -> str:
    """The list as CSV text with German headings."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([
        "Nr", "Rang", "Art", "Stand", "wer", "Datum", "Notiz", "Ost_m", "Nord_m", "Wasser_m3", "Tiefe_oder_Höhe_m",
        "Rücken_m", "quert", "Vorschlag", "Breite_m", "Sohle_oben_m", "Sohle_unten_m", "Befund",
    ])  # fmt: skip
    for entry in worklist.entries:
        writer.writerow([_cell(value) for value in _row(entry)])
    return out.getvalue()


def points(worklist: Worklist) -> dict:
    """Points and proposals as a FeatureCollection in EPSG:4326."""
    shapes: list[shapely.Geometry] = []
    values = []
    for entry in worklist.entries:
        fault = entry.fault
        about = {"number": entry.number, "rank": entry.rank, "kind": fault.kind, "state": entry.state}
        text = {
            "label": LABELS_DE[fault.kind], "text_de": fault.sentence_de, "text_en": fault.sentence_en,
            "water_m3": round(fault.water_held_m3, 1), "who": entry.who, "note": entry.note,
        }  # fmt: skip
        shapes.append(shapely.Point(fault.x, fault.y))
        values.append({**about, "role": "fault", **text})
        if fault.proposal is not None:
            shapes.append(shapely.LineString(fault.proposal.line))
            values.append({**about, "role": "proposal"})
    return geojson.collection(shapes, values, worklist.crs)


def _row(entry: Entry) -> list[object]:
    fault, proposal = entry.fault, entry.fault.proposal
    drawn: list[object] = ["", None, None, None]
    if proposal is not None:
        pipe = isinstance(proposal, CulvertProposal)
        bottom = proposal.inverts_m if isinstance(proposal, CulvertProposal) else proposal.bottom_m
        drawn = ["Durchlass" if pipe else "Durchstich", proposal.width_m, *bottom]
    return [
        entry.number, entry.rank, LABELS_DE[fault.kind], STATE_DE[entry.state], entry.who, entry.date, entry.note,
        round(fault.x, 1), round(fault.y, 1), round(fault.water_held_m3, 1), round(fault.size_m, 2),
        None if fault.ridge_width_m is None else round(fault.ridge_width_m, 1), "; ".join(fault.crossed_by), *drawn,
        fault.sentence_de,
    ]  # fmt: skip


def _cell(value: object) -> str:
    """Numbers with a decimal comma; text that a spreadsheet would take for a formula is defused."""
    if value is None:
        return ""
    if isinstance(value, float):
        return (
            f"{value:g}".replace(".", ",")
            if abs(value) < 1e5
            else f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        )
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
