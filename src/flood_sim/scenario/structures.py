"""Structures in the ground: pipes through it, and cuts that correct it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from flood_sim.scenario.parts import Frozen, Identifier, Line, Point

HEIGHT: JsonDict = {
    "hint": "Give a height of the same zero as the terrain (in Germany m above NHN, DHHN2016), not a depth"
}
Blockage = Annotated[float, Field(ge=0, le=1, description="share of the opening that is blocked (Verlegung)")]


class Culvert(Frozen):
    """Durchlass, pipe or underpass: carries water between two places, in both directions.

    `line` runs from the upstream to the downstream end; its first and last point
    are the two places. `inverts_m` are the levels of the bottom at both ends
    (without them the ground there), `length_m` the length (without it that of
    the line). `height_m` is needed for a box, and is the diameter of a circle.
    `entrance`: as HDS-5 of FHWA tells them apart; `groove_end` is the socket of a
    concrete pipe, `projecting` a pipe that stands out of the fill, `mitred` one cut to the slope.
    """

    id: Identifier
    title: str = Field("", max_length=200)
    line: Line
    shape: Literal["circular", "box"] = "circular"
    width_m: float = Field(gt=0, le=50)
    height_m: float | None = Field(default=None, gt=0, le=20)
    barrels: int = Field(default=1, ge=1, le=20)
    inverts_m: Point | None = Field(default=None, json_schema_extra=HEIGHT)
    length_m: float | None = Field(default=None, gt=0, le=10_000)
    roughness_n: float = Field(default=0.013, gt=0, le=0.1)
    entrance: Literal["square_edge", "groove_end", "bevelled", "wingwalls", "projecting", "mitred"] = "square_edge"
    blockage: Blockage = 0.0

    @model_validator(mode="after")
    def _shape(self) -> Culvert:
        if self.shape == "box" and self.height_m is None:
            raise ValueError("a box needs height_m")
        if self.shape == "circular" and self.height_m not in (None, self.width_m):
            raise ValueError(f"a circle is as high as wide: height_m = {self.height_m:g}, width_m = {self.width_m:g}")
        if self.shape == "box" and self.entrance in ("groove_end", "mitred"):
            raise ValueError(
                f"HDS-5 has no box with the entrance {self.entrance}; "
                "a box can have square_edge, bevelled, wingwalls or projecting"
            )
        return self


class Cut(Frozen):
    """A correction of the ground: along the line it is lowered to a bottom that runs straight between both ends.

    Ground that already lies lower stays as it is.
    """

    id: Identifier
    note: str = Field("", max_length=500)
    line: Line
    width_m: float = Field(gt=0, le=100)
    bottom_m: Point = Field(json_schema_extra=HEIGHT)
