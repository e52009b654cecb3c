"""Ids in a scenario: which registered files it names, and whether each can stand where it stands."""

from __future__ import annotations

from pathlib import Path

from flood_sim.errors import ScenarioError
from flood_sim.registry.kinds import ID, form_at, kind_at
from flood_sim.registry.store import FileMeta, get
from flood_sim.scenario import Scenario


def check_ids(data: Path, scenario: Scenario) -> dict[str, FileMeta]:
    """Every file that a scenario names, by place; refuses paths and ids that do not fit.

    Raises ScenarioError for anything that is not an id, an id of the wrong kind,
    or a file that holds something else than is needed there; NotFound for an id that nobody registered.
    """
    found: dict[str, FileMeta] = {}
    for place, value in scenario.files().items():
        wanted = kind_at(place)
        if not ID.fullmatch(value):
            raise ScenarioError(
                "a path instead of an id: files are named by the id they were registered under",
                where=place,
                value=value[:60],
                allowed=f"{wanted}-… followed by 12 hex digits",
                hint="Register the file with `flood-sim files add`",
            )
        if not value.startswith(f"{wanted}-"):
            raise ScenarioError("names a file of another kind", where=place, value=value, allowed=f"{wanted}-…")
        meta = get(data, value)
        form, held = form_at(place, scenario), meta.facts.get("form")
        if form is not None and held is not None and held != form:
            raise ScenarioError(f"{meta.name} holds {held}", where=place, value=value, allowed=form)
        found[place] = meta
    return found
