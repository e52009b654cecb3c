"""Walking through the fields of a scenario: which name input files, which keys there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def file_fields(data: dict, model: type[BaseModel], place: str = "") -> Iterator[tuple[str, dict, str]]:
    """Yield (place, dict that holds it, key) for every field marked `input_file`."""
    for name, field in model.model_fields.items():
        value = data.get(name)
        here = f"{place}{name}"
        if value is not None and names_file(field):
            yield here, data, name
        elif isinstance(value, dict):
            child = _model_of(field.annotation, value)
            if child is not None:
                yield from file_fields(value, child, f"{here}.")


def names_file(field: FieldInfo) -> bool:
    """Whether a field is marked `input_file`; where it may be left out, pydantic keeps the mark inside of its type."""
    inside = (mark for part in get_args(field.annotation) for mark in getattr(part, "__metadata__", ()))
    extras = (getattr(mark, "json_schema_extra", None) for mark in (field, *inside))
    return any(isinstance(extra, dict) and bool(extra.get("input_file")) for extra in extras)


def _model_of(annotation: Any, value: dict) -> type[BaseModel] | None:
    """The model among the alternatives of an annotation that wrote `value`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [m for m in (_model_of(a, value) for a in getattr(annotation, "__args__", ())) if m is not None]
    for model in found:
        kind = model.model_fields.get("kind")
        if kind is None or kind.default == value.get("kind"):
            return model
    return None


def every_key(annotation: Any) -> set[str]:
    """The keys of every model below an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        return set(fields).union(*(every_key(field.annotation) for field in fields.values()))
    return set[str]().union(*(every_key(part) for part in getattr(annotation, "__args__", ())))
