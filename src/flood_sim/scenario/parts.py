"""What every part of a scenario is made of: frozen models, coordinates, names of files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flood_sim.errors import ScenarioError
from flood_sim.scenario import text

Point = tuple[float, float]
Line = Annotated[tuple[Point, ...], Field(min_length=2)]
Ring = Annotated[tuple[Point, ...], Field(min_length=3)]
InputFile = Annotated[str, Field(min_length=1, json_schema_extra={"input_file": True})]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class Frozen(BaseModel):
    """Immutable, refuses unknown keys and values that are not finite.

    Made in Python with a wrong value it raises a ScenarioError, as reading a file does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    if not TYPE_CHECKING:  # type checkers know the fields, and must not see this signature

        def __init__(self, /, **data: Any) -> None:
            try:
                super().__init__(**data)
            except ValidationError as error:
                model = type(self)
                raise ScenarioError(text.explain(error, data, model), where=model.__name__) from None

        # models inside a model are made by pydantic as ever, so that every fault of the whole is named at once
        __init__.__pydantic_base_init__ = True


def seconds(minutes: Sequence[float]) -> tuple[float, ...]:
    """To the microsecond, as all times of a run, so that equal times meet in one step."""
    return tuple(round(60.0 * m, 6) for m in minutes)


def refuse_unordered(name: str, minutes: Sequence[float]) -> None:
    """ValueError unless times increase by at least what a run tells apart."""
    for (a, b), (first, then) in zip(pairwise(seconds(minutes)), pairwise(minutes), strict=True):
        if b <= a:
            raise ValueError(f"{name} must increase, by a microsecond at least (got {first:g}, then {then:g})")
