"""The range that a field of a scenario allows, in words, and what to do when a value lies outside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo


def limits(model: Any, loc: Sequence[int | str]) -> tuple[str | None, str | None]:
    """What is allowed at a place within a model, and the hint given there; None for what nothing says.

    loc: keys, positions in a list and names of kinds, as pydantic reports the place of a fault.
    """
    steps = _steps(model, loc)
    if steps is None:
        return None, None
    hints = [hint for _, _, hint in steps if hint]
    return _words(steps[-1][1] if steps else []), hints[-1] if hints else None


def keys_at(model: Any, loc: Sequence[int | str]) -> list[str]:
    """The keys that a place within a model knows; none where that is no table of keys."""
    steps = _steps(model, loc)
    if steps is None:
        return []
    here = steps[-1][0] if steps else model
    tables = [c for c in _alternatives(here) if isinstance(c, type) and issubclass(c, BaseModel)]
    return list(tables[0].model_fields) if len(tables) == 1 else []


def _steps(model: Any, loc: Sequence[int | str]) -> list[tuple[Any, list[Any], str | None]] | None:
    """What `_step` finds at each part of a place; None for a place that the model does not have."""
    found: list[tuple[Any, list[Any], str | None]] = []
    for part in loc:
        step = _step(found[-1][0] if found else model, part)
        if step is None:
            return None
        found.append(step)
    return found


def _step(annotation: Any, part: int | str) -> tuple[Any, list[Any], str | None] | None:
    """One key, position or kind further: the annotation there, its constraints and its hint."""
    for candidate in _alternatives(annotation):
        if isinstance(part, int):
            inner = getattr(candidate, "__args__", ())
            if inner:
                item = inner[min(part, len(inner) - 1)] if inner[-1] is not Ellipsis else inner[0]
                return item, _constraints(getattr(item, "__metadata__", ())), None
        elif isinstance(candidate, type) and issubclass(candidate, BaseModel):
            fields = candidate.model_fields
            if "kind" in fields and fields["kind"].default == part:
                return candidate, [], None
            if part in fields:
                field = fields[part]
                optional = [m for member in _members(field.annotation) for m in getattr(member, "__metadata__", ())]
                return field.annotation, _constraints([*field.metadata, *optional]), _hint([field, *optional])
    return None


def _alternatives(annotation: Any) -> Iterator[Any]:
    """What a value may be: the members of a union, else the annotation itself."""
    if hasattr(annotation, "__metadata__"):  # Annotated
        yield from _alternatives(annotation.__origin__)
    elif getattr(annotation, "__origin__", None) is None and hasattr(annotation, "__args__"):  # X | Y
        for member in annotation.__args__:
            yield from _alternatives(member)
    else:
        yield annotation


def _members(annotation: Any) -> Sequence[Any]:
    """The members of a union: what limits one of them, as in `Height | None`, limits the field."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()


def _hint(metadata: Iterable[Any]) -> str | None:
    """The first hint that a field or what stands beside its type gives."""
    for entry in metadata:
        extra = entry.json_schema_extra if isinstance(entry, FieldInfo) else None
        hint = extra.get("hint") if isinstance(extra, dict) else None
        if isinstance(hint, str):
            return hint
    return None


def _constraints(metadata: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for entry in metadata:
        found += entry.metadata if isinstance(entry, FieldInfo) else [entry]
    return found


def _words(metadata: list[Any]) -> str | None:
    parts = []
    for constraint in metadata:
        match constraint:
            case Gt(gt=value):
                parts.append(f"above {value:g}")
            case Ge(ge=value):
                parts.append(f"{value:g} or more")
            case Lt(lt=value):
                parts.append(f"below {value:g}")
            case Le(le=value):
                parts.append(f"at most {value:g}")
            case MultipleOf(multiple_of=value):
                parts.append(f"a multiple of {value:g}")
    return ", ".join(parts) or None
