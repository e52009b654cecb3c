"""Comparisons: two runs of the same storm on the same terrain, with measures and without."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from flood_sim.errors import NotFound, ResultError, ScenarioError
from flood_sim.scenario import Scenario
from flood_sim_api.db.models import ACTIVE, RunRow
from flood_sim_api.services.service import Service, without_measures

ID = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16})")
FILES = {
    "difference.tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    "buildings.csv": "text/csv; charset=utf-8",
    "comparison.json": "application/json",
}
TOLD, LISTS = "comparison.json", "lists.json"
ORDER = ("failed", "cancelled", "queued", "starting", "running", "finishing", "done")
"""The first of these that one of both runs has is the state of the comparison."""
MOST_KEPT = 200

Pair = tuple[RunRow, RunRow]


def start(service: Service, scenario: Scenario) -> tuple[Pair, bool]:
    """Both runs of a scenario with measures, started or found; second value: is one of them new.

    ScenarioError for a scenario without measures.
    """
    if not scenario.measures:
        raise ScenarioError(
            "has no measures, so there is nothing to compare", where="measures",
            hint="Add a measure, or POST it to /runs",
        )  # fmt: skip
    without, new = service.start(without_measures(scenario))
    with_them, also_new = service.start(scenario)
    return (without, with_them), new or also_new


def id_of(pair: Pair) -> str:
    """Made of both contents, so that equal questions have one comparison."""
    return f"{pair[0].content_id}-{pair[1].content_id}"


def find(service: Service, comparison_id: str) -> Pair:
    """Both runs of a comparison; NotFound where one was never started."""
    match = ID.fullmatch(comparison_id)
    rows = [service.runs.newest_with_content(content) for content in match.groups()] if match else [None]
    if len(rows) != 2 or rows[0] is None or rows[1] is None:
        raise NotFound("no such comparison", value=comparison_id[:60], hint="Start it with POST /comparisons")
    return service.get(rows[0].id), service.get(rows[1].id)


def state(pair: Pair) -> str:
    return min((row.state for row in pair), key=ORDER.index)


def folder(service: Service, pair: Pair) -> Path:
    """The folder of a finished comparison, written now or found; ResultError as long as one run is not done."""
    if state(pair) != "done":
        behind = next(row for row in pair if row.state == state(pair))
        raise ResultError(
            "is not done", where=f"run {behind.id}", value=f"state {behind.state}", allowed="state done",
            hint="Follow both runs" if behind.state in ACTIVE else "Start the comparison again",
        )  # fmt: skip
    place = service.folder.path / "comparisons" / id_of(pair)
    if not (place / LISTS).exists():
        with service.comparing.at(place.name):
            if not (place / LISTS).exists():
                sources = (str(service.folder.run(row.id)) for row in pair)
                service.chores.ask("flood_sim_api.services.chores:compare", *sources, str(place))
                _forget_old(place.parent)
    return place


def told(place: Path) -> dict[str, Any]:
    """Figures, sentences and lists of a written comparison."""
    return {**_json(place / TOLD), **_json(place / LISTS)}


def file(place: Path, name: str) -> Path:
    """A file for download, from the list of what there is."""
    if name not in FILES or not (place / name).exists():
        raise NotFound("no such file in this comparison", value=name[:60], allowed=", ".join(FILES))
    return place / name


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _forget_old(comparisons: Path) -> None:
    """They are made again from their runs when somebody asks."""
    places = sorted(comparisons.glob("[!.]*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for place in places[MOST_KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
