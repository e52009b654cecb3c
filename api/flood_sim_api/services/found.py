"""What is found on disk: results of other commands, and rows that an ended service left behind."""

from __future__ import annotations

import logging
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flood_sim import registry
from flood_sim.errors import FloodSimError, NotFound
from flood_sim.results.dataset import open_result
from flood_sim.results.manifest import MANIFEST_NAME, read_manifest
from flood_sim_api.services.folder import RUN_ID, DataFolder
from flood_sim_api.services.runs import Runs
from flood_sim_api.services.worker import Outcome

log = logging.getLogger(__name__)


def settle(runs: Runs, folder: DataFolder) -> None:
    """Rows that still seem to run: done if their result is complete, else failed."""
    for row in runs.active():
        place = folder.run(row.id)
        if not (place / MANIFEST_NAME).exists():
            folder.remove_partial(row.id)
            runs.finish(row.id, Outcome("failed", "stopped"))
            continue
        try:
            runs.finish(row.id, Outcome("done"), **figures(place))
        except FloodSimError as error:
            runs.finish(row.id, Outcome("failed", error.slug, str(error)))


def adopt(runs: Runs, folder: DataFolder) -> None:
    """A row for every complete result below runs/ that has none; a row without its result says so."""
    known = runs.states()
    for run_id in (run_id for run_id, state in known.items() if state == "done"):
        if not (folder.run(run_id) / MANIFEST_NAME).exists():
            runs.lose(run_id)
    for place in sorted(folder.runs.iterdir()):
        if place.name in known or not RUN_ID.fullmatch(place.name) or not (place / MANIFEST_NAME).exists():
            continue
        try:
            fields = _row_of(place, folder)
        except (FloodSimError, AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("runs/%s is left alone: %s", place.name, error)
            continue
        if not runs.adopt(id=place.name, **fields):
            log.info("runs/%s repeats a result that is known already", place.name)


def figures(place: Path) -> dict[str, Any]:
    """The columns of a row that the manifest of a finished run, in the folder `place`, knows best."""
    found = read_manifest(place)
    performance, extremes, ledger = (found.get(k) or {} for k in ("performance", "extremes", "ledger"))
    values = {
        "wall_s": performance.get("wall_s"),
        "steps": performance.get("steps"),
        "mcell_per_s": performance.get("mcell_per_s"),
        "mass_error": ledger.get("relative_error"),
        "max_depth_m": extremes.get("max_depth_m"),
    }
    return {k: v for k, v in values.items() if v is not None}


def _row_of(place: Path, folder: DataFolder) -> dict[str, Any]:
    manifest = open_result(place).manifest
    storm, terrain = manifest.get("storm") or {}, manifest.get("terrain") or {}
    ids = _registered(manifest, folder)
    scenario = _with_ids(manifest["scenario"], ids)
    duration = float(scenario["numerics"]["duration_min"]) * 60.0
    created = str(manifest.get("created") or datetime.now(UTC).isoformat(timespec="seconds"))
    return {
        "content_id": str(manifest["content_id"]),
        "title": str(manifest.get("title") or scenario.get("title") or place.name)[:200],
        "origin": "found",
        "created": created,
        "started": None,
        "finished": created,
        "scenario": scenario,
        "terrain": ids.get("terrain.dem"),
        "terrain_name": str(terrain.get("name") or "")[:200],
        "storm_label": str(storm.get("label") or ""),
        "storm_label_en": str(storm.get("label_en") or storm.get("label") or ""),
        "synthetic": bool(manifest.get("synthetic")),
        "simulated_s": duration,
        "duration_s": duration,
        **figures(place),
    }


def _registered(manifest: dict[str, Any], folder: DataFolder) -> dict[str, str]:
    """The ids of those input files that are registered here, by place: known by their checksums."""
    ids = {}
    for entry in manifest.get("inputs") or []:
        file_id = f"{registry.kind_at(entry['place'])}-{str(entry['sha256'])[:12]}"
        try:
            ids[entry["place"]] = registry.get(folder.path, file_id).id
        except NotFound:
            continue
    return ids


def _with_ids(scenario: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """A copy of the scenario that can be posted again: file names replaced by ids."""
    scenario = deepcopy(scenario)
    for place, file_id in ids.items():
        *path, key = place.split(".")
        node = scenario
        for part in path:
            node = node[part]
        node[key] = file_id
    return scenario
