"""May two results be compared? As with and without measures, or as two runs of the same ones; else a difference says nothing."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from flood_sim.errors import ResultError
from flood_sim.results.dataset import Result

BESIDES = ("terrain", "surface", "boundaries", "initial")
"""Parts of a scenario that decide on the answer besides rain and measures."""
LENGTH, NAMES = ("numerics.duration_min",), ("storm.label",)
"""How long the rain was followed; what changes nothing of it."""

Difference = tuple[str, Any, Any]
"""A place of the scenario, and what both results have there."""


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
    if differ := differences(a, b):
        raise _refused(
            "the two results differ in more than their measures, so their difference is not the doing of the measures",
            differ[0], "Compute both from one scenario, as `flood-sim compare` does",
        )  # fmt: skip


def _same_storm(a: Result, b: Result) -> None:
    """Else the difference is that of the rain, or of a run that stopped earlier, and no measure had a part in it."""
    differ = [d for d in _all_differences(a, b) if d[0] in LENGTH or _part(d[0]) == "storm" and d[0] not in NAMES]
    if differ:
        raise _refused(
            "the two results answer different rain, so their difference says nothing of the measures",
            differ[0], "Compute both with the same storm and the same length, as `flood-sim compare` does",
        )  # fmt: skip


def _refused(what: str, difference: Difference, hint: str) -> ResultError:
    where, one, other = difference
    return ResultError(what, where=where, value=str(other)[:60], allowed=str(one)[:60], hint=hint)


def differences(a: Result, b: Result) -> list[Difference]:
    """Places of the scenario in which the results differ besides rain and measures."""
    return [d for d in _all_differences(a, b) if _part(d[0]) in BESIDES]


def _part(where: str) -> str:
    return where.split(".", 1)[0]


def _all_differences(a: Result, b: Result) -> list[Difference]:
    one, other = _by_content(a), _by_content(b)
    return [d for part in {**one, **other} for d in _differ(part, one.get(part), other.get(part))]


def _differ(where: str, one: Any, other: Any) -> list[Difference]:
    if isinstance(one, dict) and isinstance(other, dict):
        return [d for key in {**one, **other} for d in _differ(f"{where}.{key}", one.get(key), other.get(key))]
    return [] if one == other else [(where, one, other)]


@dataclass(frozen=True)
class _File:
    """An input file: known by its checksum, whatever its name."""

    name: str = field(compare=False)
    sha256: str

    def __str__(self) -> str:
        return f"SHA-256 {self.sha256[:8]} ({self.name})"


def _by_content(result: Result) -> dict[str, Any]:
    """The scenario with its input files in place of their names."""
    scenario: dict[str, Any] = copy.deepcopy(result.manifest["scenario"])
    for source in result.manifest.get("inputs") or []:
        *path, key = source["place"].split(".")
        node = scenario
        for step in path:
            node = node.get(step) or {}
        if key in node:
            node[key] = _File(source["name"], source["sha256"])
    return scenario
