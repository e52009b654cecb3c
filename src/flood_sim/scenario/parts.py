"""What every part of a scenario is made of: frozen models, coordinates, names of files."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Point = tuple[float, float]
Line = Annotated[tuple[Point, ...], Field(min_length=2)]
Ring = Annotated[tuple[Point, ...], Field(min_length=3)]
InputFile = Annotated[str, Field(min_length=1, json_schema_extra={"input_file": True})]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class Frozen(BaseModel):
    """Immutable, refuses unknown keys and values that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
