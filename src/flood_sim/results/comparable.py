"""May two results be compared? As with and without measures, or as two runs of the same ones; else a difference says nothing."""

from __future__ import annotations

import copy
from typing import Any

from flood_sim.errors import ResultError
from flood_sim.results.dataset import Result

BESIDES = ("terrain", "surface", "boundaries", "initial")
"""Parts of a scenario that decide on the answer besides rain and measures."""


def check_comparable(a: Result, b: Result) -> None:
    """ResultError where the results differ in cells, in rain, in length, or in their measures and in anything else."""
    _same_cells(a, b)
    _same_storm(a, b)
    if a.manifest["scenario"].get("measures") != b.manifest["scenario"].get("measures"):
        _same_rung(a, b)
        _same_besides(a, b)


def rung_of(result: Result) -> tuple[str, str]:
    """How a result was computed, in German and English."""
    if result.manifest.get("rung", "full") == "full":
        return "volle Rechnung", "full run"
    factor = result.manifest["preview"]["factor"]
    return f"Schnellrechnung auf {factor}-mal so breiten Zellen", f"quick answer on cells {factor} times as wide"


def _same_cells(a: Result, b: Result) -> None:
    for key in ("west", "north", "cell_m", "rows", "cols", "crs_wkt"):
        one, other = a.manifest["grid"][key], b.manifest["grid"][key]
        if one != other:
            raise ResultError(
                "the two results lie on different cells and cannot be compared", where=key, value=str(other)[:60],
                allowed=str(one)[:60], hint="Compute both on the same terrain with the same cell size",
            )  # fmt: skip


def _same_rung(a: Result, b: Result) -> None:
    """A quick answer is off by more than most measures do, and otherwise on cells of another size."""
    one, other = rung_of(a), rung_of(b)
    if one != other:
        raise ResultError(
            "the two results were computed in different ways, so their difference says nothing of the measures",
            where="rung", value=other[1], allowed=one[1], hint="Compute both as full runs, or both as equal quick answers",
        )  # fmt: skip


def _same_besides(a: Result, b: Result) -> None:
    differ = differences(a, b)
    if differ:
        where, one, other = differ[0]
        raise ResultError(
            "the two results differ in more than their measures, so their difference is not the doing of the measures",
            where=where, value=str(other)[:60], allowed=str(one)[:60],
            hint="Compute both from one scenario, as `flood-sim compare` does",
        )  # fmt: skip


def differences(a: Result, b: Result) -> list[tuple[str, Any, Any]]:
    """Places of the scenario in which the results differ besides rain and measures, each with what both have there.

    A file is known by its checksum, whatever its name.
    """
    one, other = _by_content(a), _by_content(b)
    return [d for part in BESIDES for d in _differ(part, one.get(part), other.get(part))]


def _differ(where: str, one: Any, other: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        return [d for key in {**one, **other} for d in _differ(f"{where}.{key}", one.get(key), other.get(key))]
    return [] if one == other else [(where, one, other)]


def _by_content(result: Result) -> dict[str, Any]:
    """The scenario with the checksum of each input file in place of its name."""
    scenario: dict[str, Any] = copy.deepcopy(result.manifest["scenario"])
    for source in result.manifest.get("inputs") or []:
        *path, key = source["place"].split(".")
        node = scenario
        for step in path:
            node = node.get(step) or {}
        if key in node:
            node[key] = f"SHA-256 {source['sha256'][:16]}"
    return scenario


def _same_storm(a: Result, b: Result) -> None:
    """Else the difference is that of the rain, or of a run that stopped earlier, and no measure had a part in it.

    A file of rain is known by its checksum, whatever its name.
    """
    for where, names in (("storm", None), ("numerics", ("duration_min",))):
        one, other = (
            {k: v for k, v in _scenario_part(r, where).items() if names is None or k in names} for r in (a, b)
        )
        differ = [k for k in {**one, **other} if k not in ("label", "file") and one.get(k) != other.get(k)]
        if differ:
            raise _other_rain(f"{where}.{differ[0]}", one.get(differ[0]), other.get(differ[0]))
    ours, theirs = _storm_files(a), _storm_files(b)
    for place in {**ours, **theirs}:
        (name, checksum), (other_name, other_checksum) = (files.get(place, (None, None)) for files in (ours, theirs))
        if checksum != other_checksum:
            same = name == other_name
            raise _other_rain(
                place, f"{name}, SHA-256 {str(checksum)[:8]}" if same else name,
                f"{other_name}, SHA-256 {str(other_checksum)[:8]}" if same else other_name,
            )  # fmt: skip


def _other_rain(where: str, one: Any, other: Any) -> ResultError:
    return ResultError(
        "the two results answer different rain, so their difference says nothing of the measures",
        where=where, value=str(other)[:60], allowed=str(one)[:60],
        hint="Compute both with the same storm and the same length, as `flood-sim compare` does",
    )  # fmt: skip


def _storm_files(result: Result) -> dict[str, tuple[str, str]]:
    """Name and checksum of the files of the storm, by their place in the scenario."""
    inputs = result.manifest.get("inputs") or []
    return {i["place"]: (i["name"], i["sha256"]) for i in inputs if i["place"].split(".")[0] == "storm"}


def _scenario_part(result: Result, name: str) -> dict[str, Any]:
    part = result.manifest["scenario"].get(name)
    return part if isinstance(part, dict) else {}
