"""What lies in the folder, where it came from, under which licence, and of which day."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from flood_sim.scenario import Scenario
from flood_sim.scenario.text import to_yaml
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.open_data.cache import Kept
from flood_sim.terrain.open_data.features import Features
from flood_sim.terrain.open_data.plan import Plan
from flood_sim.terrain.open_data.provider import Collection
from flood_sim.terrain.source import checksum

FORMAT = "flood-sim open data"
FORMAT_VERSION = 1
ACCESS = "open"
LISTED = 1000


def tiles_said(plan: Plan, kept: dict[str, Kept]) -> list[dict[str, Any]]:
    """Every tile that the DEM is made of; `year` is that of its survey, as its name says."""
    size = plan.provider.tile_m
    return [
        {
            "name": t.name, "year": t.year, "dated": t.dated, "url": t.url,
            "bounds": [t.west, t.south, t.west + size, t.south + size], "from_cache": t.name in plan.kept,
            **{k: getattr(kept[t.name], k) for k in ("sha256", "bytes", "heights", "fetched", "modified")},
        }
        for t in plan.tiles if t.name in kept
    ]  # fmt: skip


def layer_said(collection: Collection, found: Features, licence: str | None) -> dict[str, Any]:
    """What was read of a layer, and what was repaired or left out (ids, at most so many)."""
    return {
        "url": collection.url, "licence_stated": licence, "features": len(found.shapes), "announced": found.matched,
        "pages": found.pages, "met_twice": found.twice, "repaired": found.repaired[:LISTED], "repaired_count": len(found.repaired),
        "left_out": found.left_out[:LISTED], "left_out_count": len(found.left_out),
        "dates": {k: list(v) for k, v in found.table.dates().items()}, "attributes": list(found.table.columns),
    }  # fmt: skip


def manifest(
    plan: Plan, grid: Grid, kept: dict[str, Kept], missing: list[str], layers: dict[str, dict[str, Any]],
    files: dict[str, tuple[Path, list[str]]], notes: list[str],
) -> dict[str, Any]:  # fmt: skip
    """The whole of it as plain data. files: path and keys of the sources, by the name in the folder."""
    used = {key for _, keys in files.values() for key in keys}
    years: dict[str, int] = {}
    tiles = tiles_said(plan, kept)
    for tile in tiles:
        years[str(tile["year"])] = years.get(str(tile["year"]), 0) + 1
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_by": f"flood-sim {_version()}",
        "provider": {"key": plan.provider.key, "name": plan.provider.name},
        "access_class": ACCESS,
        "crs": plan.provider.crs,
        "height_system": plan.provider.height_system,
        "bbox_asked": list(astuple(plan.bbox)),
        "bounds": list(grid.bounds),
        "cell_m": grid.cell,
        "sources": [asdict(s) for s in plan.provider.sources if s.key in used],
        "attribution": "; ".join(s.attribution for s in plan.provider.sources if s.key in used),
        "index": {"url": plan.index.url, **plan.index.facts},
        "years": dict(sorted(years.items())),
        "tiles": tiles,
        "missing_tiles": missing,
        "layers": layers,
        "files": {
            name: {"sha256": checksum(path), "bytes": path.stat().st_size, "sources": keys, "access_class": ACCESS}
            for name, (path, keys) in files.items()
        },
        "notes": notes,
    }


def write_manifest(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_scenario(path: Path, title: str, crs: str, buildings: str | None, gaps: bool, attribution: str) -> None:
    """A Scenario that runs at once: the extreme storm of the NRW guideline (90 mm block in 1 h), then 1 h of run-off.

    gaps: squares of the area have no tile; they must not be filled by interpolation.
    """
    terrain: dict[str, Any] = {"dem": "dem.tif"}
    if gaps:
        terrain["holes"] = "mask"
    if buildings is not None:
        terrain["buildings"] = {"file": buildings}
    data = {
        "title": title[:200],
        "crs": crs,
        "terrain": terrain,
        "storm": {"kind": "block", "depth_mm": 90, "duration_min": 60},
        "numerics": {"duration_min": 120},
    }
    Scenario.parse(data)
    head = f"# Made by flood-sim dem fetch. Data: {attribution}. Whence, when and of which year: manifest.json\n"
    path.write_text(head + to_yaml(data), encoding="utf-8")


def _version() -> str:
    try:
        return version("flood-sim")
    except PackageNotFoundError:
        return "(not installed)"
