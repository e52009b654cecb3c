"""What a process of its own computes once and keeps: the look of the terrain doctor, and comparisons."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyogrio
from pyproj import Transformer

from flood_sim.errors import TerrainError
from flood_sim.results.at_walls import footprints
from flood_sim.results.comparison import Building, Comparison
from flood_sim.results.dataset import open_result
from flood_sim.results.manifest import write_json
from flood_sim.terrain.dem import read_dem
from flood_sim.terrain.doctor import Worklist, examine, merged, read_network, read_worklist, write_worklist
from flood_sim.terrain.doctor.evidence import Network, What

NETWORKS: dict[str, What] = {
    "streets": "road", "roads": "road", "railways": "railway", "streams": "stream",
}  # fmt: skip
"""Layers of a terrain's places that the doctor takes as evidence."""
LISTS = "lists.json"


def look(dem: str, crs: str | None, buildings: str | None, places: str | None, year: int | None, worklist: str) -> None:
    """Examine a terrain and bring its worklist up to date; beside it what was not looked for."""
    terrain = read_dem(dem, crs=crs)
    file = Path(worklist)
    networks, notes = _networks(places, terrain)
    found = examine(terrain, networks=networks, buildings=buildings, surveyed=year)
    old = read_worklist(file, terrain.grid.crs) if file.exists() else Worklist(terrain.grid.crs)
    write_worklist(file, merged(old, found.faults))
    about = {
        "per_km2": round(found.per_km2, 3), "notes": [*found.notes, *notes], "year": year,
        "examined": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    part = file.with_name(f".{file.stem}.json.part")
    write_json(part, about)
    os.replace(part, file.with_suffix(".json"))


def _networks(places: str | None, terrain: Any) -> tuple[tuple[Network, ...], list[str]]:
    found, notes = [], []
    layers = [str(name) for name, _ in pyogrio.list_layers(places)] if places else []
    for layer, what in NETWORKS.items():
        if places is not None and layer in layers:
            try:
                found.append(read_network(places, terrain.grid, what, layer))
            except TerrainError as error:
                notes.append(f"{layer}: {error.what}")
    return tuple(found), notes


def compare(without: str, with_measures: str, target: str) -> None:
    """Write the comparison of two result folders as the folder `target`; it appears whole."""
    place = Path(target)
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    try:
        comparison = Comparison(open_result(without), open_result(with_measures))
        comparison.write(work)
        at = _places(comparison)
        lists = {"worse": comparison.worse, "better": comparison.better}
        write_json(work / LISTS, {key: [_row(b, at) for b in found] for key, found in lists.items()})
        shutil.rmtree(place, ignore_errors=True)  # what was only half removed
        os.replace(work, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _places(comparison: Comparison) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of a point on each building."""
    ids, shapes = footprints(comparison.without)
    turn = Transformer.from_crs(comparison.without.grid.crs, 4326, always_xy=True).transform
    points = [shape.representative_point() for shape in shapes]
    return {name: turn(point.x, point.y) for name, point in zip(ids, points, strict=True)}


def _row(building: Building, at: dict[str, tuple[float, float]]) -> dict[str, Any]:
    lon, lat = at[building.id]
    return {
        "id": building.id,
        "without_cm": round(100 * building.without_m, 1),
        "with_cm": round(100 * building.with_m, 1),
        "difference_cm": round(100 * building.difference_m, 1),
        "lon": round(lon, 7),
        "lat": round(lat, 7),
    }
