"""How a building acts on water: its mode and its roof, by default or as the file says of a single one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from flood_sim.terrain.findings import Refusal, refuse

Mode = Literal["blocked", "raised", "threshold", "passable"]
Roof = Literal["ground", "sewer", "green"]

HIGHEST = {"raise_m": 100.0, "threshold_m": 5.0, "green_storage_mm": 500.0}
"""Above 0 and at most; more is a slip of the unit."""
COLUMNS = ("mode", "roof", *HIGHEST)
_WORDS = {"mode": get_args(Mode), "roof": get_args(Roof)}


@dataclass(frozen=True)
class Acting:
    """How one building acts.

    mode: blocked (no water inside), raised (its ground is lifted by `raise_m`),
    threshold (water enters above `threshold_m` over the highest ground at the
    wall) or passable (the ground is as if it were not there: gateways, stilts,
    overbuilt streets). roof: where its rain goes: `ground` around it, `sewer`,
    or `green`, which holds `green_storage_mm` before it sheds to the ground around.
    """

    mode: Mode = "blocked"
    raise_m: float = 8.0
    threshold_m: float = 0.15
    roof: Roof = "ground"
    green_storage_mm: float = 30.0


def acting_of(table: Mapping[str, Sequence[Any]], ids: Sequence[str], default: Acting) -> tuple[Acting, ...]:
    """How each building acts: the columns `COLUMNS` of the file where it has a value, the default elsewhere.

    Refusal names the building whose value is not allowed.
    """
    columns = [name for name in COLUMNS if name in table]
    if not columns:
        return (default,) * len(ids)
    return tuple(_one(name, {c: table[c][k] for c in columns}, default) for k, name in enumerate(ids))


def _one(building: str, values: Mapping[str, Any], default: Acting) -> Acting:
    given: dict[str, Any] = {}
    for column, value in values.items():
        if value is None or value == "":
            continue
        if column in _WORDS:
            word = str(value).strip().lower()
            if word not in _WORDS[column]:
                raise _bad(building, f"unknown {column} {value!r:.40}", ", ".join(_WORDS[column]))
            given[column] = word
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise _bad(
                building, f"{column} is not a number: {value!r:.40}", f"above 0, at most {HIGHEST[column]:g}"
            ) from None
        lowest_ok = number > 0 or (column == "green_storage_mm" and number == 0)
        if not (lowest_ok and number <= HIGHEST[column]):
            raise _bad(building, f"{column} is {number:g}", f"above 0, at most {HIGHEST[column]:g}")
        given[column] = number
    return replace(default, **given) if given else default


def _bad(building: str, what: str, allowed: str) -> Refusal:
    hint = "Correct it in the file, or leave the value empty to use the scenario's"
    return refuse("building_value", f"building {building}: {what}; allowed: {allowed}", hint)
