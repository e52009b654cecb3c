"""The tables of docs/scenario.md, made from the pydantic models: a key without a sentence here is an error."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tools.scenario_words import WORDS

from flood_sim.scenario import Scenario

UNITS = (
    ("_m2", "m²"), ("_m3", "m³"),
    ("_m3s", "m³/s"), ("_l_s", "l/s"), ("_mm", "mm"), ("_min", "min"), ("_cm", "cm"), ("_m", "m"), ("_s", "s"), ("_slope", "m/m"), ("_mm_h", "mm/h"), ("_per_h", "1/h"),
    ("_percent", "%"), ("_ha", "ha"), ("_a", "a"),
)  # fmt: skip
UNIT_OF = {
    "n": "s/m^(1/3)",
    "roughness_n": "s/m^(1/3)",
    "x": "m",
    "y": "m",
    "line": "m",
    "polygon": "m",
    "curve": "min, mm",
}


def tables() -> str:
    """One section with a table for each model that a scenario can hold, in the order in which they are named."""
    return "\n\n".join(_section(model, place) for model, place in models(Scenario, "").items())


def models(model: type[BaseModel], place: str, seen: dict[type[BaseModel], str] | None = None) -> dict:
    """The model and all below it, each with the place where it is first named."""
    seen = {} if seen is None else seen
    if model not in seen:
        seen[model] = place
        for name, field in model.model_fields.items():
            for child in _children(field.annotation):
                models(child, f"{place}.{name}".strip("."), seen)
    return seen


def _children(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        if not isinstance(inner, FieldInfo):
            yield from _children(inner)


def _section(model: type[BaseModel], place: str) -> str:
    kind = model.model_fields.get("kind")
    title = f"`{place}`" if place else "The whole"
    if kind:
        title += f" of kind `{kind.default}`"
    if place == "boundaries.where":
        title = "`where` of a boundary: exactly one of these"
    rows = [
        f"| `{name}` | {_type(field)} | {_unit(name)} | {_default(field)} | {WORDS[f'{model.__name__}.{name}']} |"
        for name, field in model.model_fields.items()
        if name != "kind"
    ]
    text = f"### {title}\n"
    if "kind" in model.model_fields and not rows:
        return f"{text}\nNo further key."
    head = "| key | what | unit | default | meaning |\n|---|---|---|---|---|"
    return "\n".join((text, head, *rows))


def _unit(name: str) -> str:
    for end, unit in UNITS:
        if name.endswith((end, f"{end}s")):
            return unit
    if name.startswith(("times_", "depths_", "levels_", "edges_")):
        raise KeyError(f"{name}: no unit")
    return UNIT_OF.get(name, "–")


def _type(field: FieldInfo) -> str:
    return _named(field.annotation) + _limits(field.metadata, _of_text(field.annotation))


def _of_text(annotation: Any) -> bool:
    return annotation is str or str in get_args(annotation)


def _named(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        parts = [a for a in inner if a is not type(None)]
        if all(isinstance(p, type) and issubclass(p, BaseModel) and "kind" in p.model_fields for p in parts):
            return "one `kind` of " + ", ".join(f"`{p.model_fields['kind'].default}`" for p in parts)
        return " or ".join(_named(p) for p in parts)
    if origin is tuple:
        item = inner[0]
        if len(inner) == 2 and inner[1] is not Ellipsis:
            return "pair"
        return f"list: {_named(item)}" if get_origin(item) is not tuple else "list of pairs"
    if hasattr(annotation, "__metadata__"):  # Annotated
        limits = [m for part in annotation.__metadata__ for m in getattr(part, "metadata", (part,))]
        return _named(annotation.__origin__) + _limits(limits, _of_text(annotation.__origin__))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table below"
    return {str: "text", float: "number", int: "whole number", bool: "`true`, `false`"}[annotation]


def _limits(metadata: list[Any], text: bool = False) -> str:
    parts = []
    for m in metadata:
        match m:
            case Gt(gt=v):
                parts.append(f"> {v}")
            case Ge(ge=v):
                parts.append(f"≥ {v}")
            case Lt(lt=v):
                parts.append(f"< {v}")
            case Le(le=v):
                parts.append(f"≤ {v}")
            case MultipleOf(multiple_of=v):
                parts.append(f"multiple of {v}")
            case MinLen(min_length=v) if v > 1:
                parts.append(f"at least {v}")
            case MaxLen(max_length=v):
                parts.append(f"at most {v}" + (" characters" if text else ""))
            case _ if (pattern := getattr(m, "pattern", None)) is not None:
                parts.append(f"`{pattern}`")
    return " " + ", ".join(parts) if parts else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.default
    if value is None:
        return "–"
    if isinstance(value, BaseModel):
        kind = getattr(value, "kind", None)
        return f"`{kind}`" if kind else "its defaults"
    if isinstance(value, tuple):
        return "free outflow all round" if value else "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "empty"
