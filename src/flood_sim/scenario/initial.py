"""The water that is there at the start."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flood_sim.scenario.parts import Frozen, InputFile


class Dry(Frozen):
    kind: Literal["dry"] = "dry"


class InitialLevel(Frozen):
    """Everything below this height stands under water."""

    kind: Literal["level"] = "level"
    level_m: float


class InitialDepth(Frozen):
    kind: Literal["depth"] = "depth"
    file: InputFile


Initial = Annotated[Dry | InitialLevel | InitialDepth, Field(discriminator="kind")]
