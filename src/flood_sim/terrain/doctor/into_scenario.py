"""Accepted corrections written into a scenario's file."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from flood_sim.errors import ScenarioError, StorageError
from flood_sim.scenario import Scenario, text
from flood_sim.scenario.fields import file_fields
from flood_sim.terrain.doctor.worklist import PREFIX, Worklist, accepted


def write_into(worklist: Worklist, scenario: str | Path, out: str | Path) -> tuple[int, int]:
    """Write a scenario with the accepted cuts and culverts of a list; gives how many of each.

    Those that an earlier call wrote (their ids begin with `pruefliste-`) are replaced, all others
    stay. out may be the scenario itself; comments of a YAML file are lost then. Relative names of
    files keep their meaning. Raises ScenarioError if the outcome is no valid scenario; nothing is written then.
    """
    source, target = Path(scenario), Path(out)
    data = text.read(source)
    cuts, culverts = accepted(worklist)
    _replace(data, "terrain", "corrections", cuts, str(source))
    _replace(data, "surface", "culverts", culverts, str(source))
    Scenario.parse(data, str(target))
    if target.absolute().parent != source.absolute().parent:
        _move(data, source.absolute().parent, target.absolute().parent)
    is_json = target.suffix == ".json"
    content = Scenario.parse(data).to_json() if is_json else text.to_yaml(data)
    _write(target, content)
    return len(cuts), len(culverts)


def _replace(data: dict[str, Any], part: str, key: str, new: list[dict[str, Any]], where: str) -> None:
    table = data.get(part)
    if table is None:
        table = data[part] = {}
    if not isinstance(table, dict) or not isinstance(table.get(key) or [], list):
        raise ScenarioError("a list is expected", where=f"{where}: {part}.{key}")
    kept = [c for c in table.get(key) or [] if not (isinstance(c, dict) and str(c.get("id", "")).startswith(PREFIX))]
    if kept or new:
        table[key] = [*kept, *new]
    else:
        table.pop(key, None)
        if not table:
            data.pop(part)


def _move(data: dict[str, Any], source: Path, target: Path) -> None:
    """Relative names of files, which count from the scenario's folder, written for another folder."""
    for _, node, key in file_fields(data, Scenario):
        if not os.path.isabs(node[key]):
            node[key] = os.path.relpath(source / node[key], target)


def _write(target: Path, content: str) -> None:
    work = None
    try:
        handle, work = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.absolute().parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(work, target.stat().st_mode if target.exists() else 0o644)
        os.replace(work, target)
    except OSError as error:
        if work is not None:
            with suppress(OSError):
                os.unlink(work)
        raise StorageError(f"the scenario cannot be written: {error.strerror}", where=str(target)) from error
