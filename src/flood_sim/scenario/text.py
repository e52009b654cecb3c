"""A scenario as text: reading it from a file, and putting faults into words."""

from __future__ import annotations

import json
import reprlib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from flood_sim.errors import ScenarioError

MOST_FAULTS = 10


def read(path: Path) -> dict[str, Any]:
    """The table of keys in a YAML or JSON file; ScenarioError for anything else, a key given twice included."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a UTF-8 text file"
        raise ScenarioError(f"cannot be read: {reason}", where=str(path)) from None
    try:
        is_json = path.suffix == ".json"
        data = json.loads(text, object_pairs_hook=_table) if is_json else yaml.load(text, _Loader)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise ScenarioError(
            f"not valid {path.suffix or 'YAML'}: {' '.join(str(error).split())}", where=str(path)
        ) from None
    if not isinstance(data, dict):
        raise ScenarioError("holds no scenario (a table of keys is expected)", where=str(path))
    return data


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)} is given twice")
    return table


class _Loader(yaml.SafeLoader):
    """Plain YAML, but a key given twice is an error: the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def explain(error: ValidationError) -> str:
    """The first faults, each with its place and the value given, in one line."""
    lines = []
    faults = error.errors(include_url=False)
    for e in faults[:MOST_FAULTS]:
        place = ".".join(str(p) for p in e["loc"]) or "scenario"
        message = e["msg"].removeprefix("Value error, ")
        if e["type"] == "extra_forbidden":
            message = "unknown key"
        value = e.get("input")
        shown = (
            f" (got {reprlib.repr(value)})" if isinstance(value, str | int | float) and message != "unknown key" else ""
        )
        lines.append(f"{place}: {message}{shown}")
    if len(faults) > MOST_FAULTS:
        lines.append(f"and {len(faults) - MOST_FAULTS} more faults")
    return "; ".join(lines)
