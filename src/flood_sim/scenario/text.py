"""A scenario as text: reading it from a file, and putting faults into words."""

from __future__ import annotations

import difflib
import json
import reprlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flood_sim.errors import ScenarioError
from flood_sim.scenario.fields import every_key
from flood_sim.scenario.limits import keys_at, limits

MOST_FAULTS = 10
OUT_OF_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of"}


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
        raise ScenarioError(f"not valid {path.suffix or 'YAML'}: {_fault(error)}", where=str(path)) from None
    if not isinstance(data, dict):
        raise ScenarioError("holds no scenario (a table of keys is expected)", where=str(path))
    return data


def to_yaml(data: dict[str, Any]) -> str:
    """YAML that `read` gives back unchanged, in the order of the keys."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def _fault(error: Exception) -> str:
    """What the parser met, and in which line; without its excerpt, which makes no sense in one line."""
    mark = getattr(error, "problem_mark", None)
    if not isinstance(error, yaml.MarkedYAMLError) or mark is None:
        return " ".join(str(error).split())
    return f"{error.problem} (line {mark.line + 1}, column {mark.column + 1})"


class _Dumper(yaml.SafeDumper):
    """Quotes what is not printable: plain or in single quotes, PyYAML folds U+0085 and its like into a space."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if data.isprintable() else '"')


_Dumper.add_representer(str, _Dumper.represent_str)


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


def explain(error: ValidationError, data: Any, model: type[BaseModel]) -> str:
    """The first faults of `data`, which is no `model`, each with its place, the value given and what is allowed."""
    faults = error.errors(include_url=False)
    lines = [": ".join(filter(None, (".".join(place(f, data)), words(f, model)))) for f in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        lines.append(f"and {len(faults) - MOST_FAULTS} more faults")
    return "; ".join(lines)


def place(fault: ErrorDetails, node: Any) -> list[str]:
    """Where the fault is, by the keys of the data: pydantic also names the kind it has chosen."""
    found = []
    for part in fault["loc"]:
        if isinstance(node, dict) and part not in node and part == node.get("kind"):
            continue
        found.append(str(part))
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
    return found


def words(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong, with the start of the value given, what is allowed, and what to do; for an unknown key the one meant."""
    text = _what(fault, model)
    if fault["type"] not in {*OUT_OF_RANGE, "missing"} and not isinstance(fault.get("input"), str | int | float):
        return text
    allowed, hint = limits(model, fault["loc"])
    if allowed is not None:
        text += f"; allowed: {allowed}"
    return f"{text}. {hint}" if hint is not None else text


@cache
def _keys(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(every_key(model))


def _what(fault: ErrorDetails, model: type[BaseModel]) -> str:
    value, context = fault.get("input"), fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            known = keys_at(model, fault["loc"][:-1])
            close = difflib.get_close_matches(str(fault["loc"][-1]), known or _keys(model), n=1, cutoff=0.75)
            if close and close[0] != fault["loc"][-1]:
                return f"unknown key, did you mean {close[0]}?"
            return "unknown key" + (f"; known here: {', '.join(known)}" if known else "")
        case "missing":
            return "is missing"
        case "invalid_key":
            return f"the key {value!r:.40} is not a text; decimals are written with a point, not a comma"
        case "union_tag_not_found":
            return "kind is missing"
        case "union_tag_invalid":
            kinds = [kind.strip("' ") for kind in context["expected_tags"].split(",")]
            close = difflib.get_close_matches(str(context["tag"]), kinds, n=1)
            text = f"unknown kind {context['tag']!r:.40}; allowed: {context['expected_tags']}"
            return text + (f". Did you mean {close[0]}?" if close else "")
        case "model_type" | "model_attributes_type" | "dict_type":
            message = "a table of keys is expected"
        case "string_pattern_mismatch":
            message = f"must match {context['pattern']}: plain letters, digits, _ and - only"
        case kind if kind in OUT_OF_RANGE:
            message = "is out of range"
        case "finite_number":
            message = "is not a finite number"
        case _:
            message = fault["msg"].removeprefix("Value error, ")
    return message + (f" (got {reprlib.repr(value)})" if isinstance(value, str | int | float) else "")
