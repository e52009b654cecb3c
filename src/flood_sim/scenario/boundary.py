"""What happens on the border of the model, and where water is let in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from flood_sim.scenario.parts import Frozen, Line, Ring, refuse_unordered

LEVEL: JsonDict = {
    "hint": "Give a height of the same zero as the terrain (in Germany m above NHN, DHHN2016), not a depth"
}
DISCHARGE: JsonDict = {"hint": "Give the discharge into the model in m³/s; 1000 l/s are 1 m³/s"}


class Where(Frozen):
    """A part of the model border: one side, or what a line or polygon touches."""

    edge: Literal["north", "east", "south", "west", "all"] | None = None
    line: Line | None = None
    polygon: Ring | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Where:
        if sum(x is not None for x in (self.edge, self.line, self.polygon)) != 1:
            raise ValueError("give exactly one of edge, line, polygon")
        return self


class Wall(Frozen):
    kind: Literal["wall"] = "wall"
    where: Where


class FreeOutflow(Frozen):
    """Normal flow out of the model; without `energy_slope` the local bed slope, at least 0.5 %."""

    kind: Literal["free"] = "free"
    where: Where
    energy_slope: float | None = Field(default=None, gt=0, le=1)


class FixedLevel(Frozen):
    kind: Literal["level"] = "level"
    where: Where
    level_m: float = Field(json_schema_extra=LEVEL)


class _Series(Frozen):
    times_min: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)

    def _check(self, values: tuple[float, ...], name: str) -> None:
        if len(values) != len(self.times_min):
            raise ValueError(f"times_min has {len(self.times_min)} values, {name} has {len(values)}")
        refuse_unordered("times_min", self.times_min)


class LevelSeries(_Series):
    """Water level over time, linear between the given times, constant outside them."""

    kind: Literal["level_series"] = "level_series"
    where: Where
    levels_m: tuple[float, ...] = Field(min_length=1, json_schema_extra=LEVEL)

    @model_validator(mode="after")
    def _fits(self) -> LevelSeries:
        self._check(self.levels_m, "levels_m")
        return self


class Inflow(_Series):
    """Discharge over time, linear between the given times, zero outside them.

    Along a border (edge, or a line that lies on it) it enters as flow; over a
    polygon, or a line inside the model, it enters evenly as volume.
    """

    kind: Literal["inflow"] = "inflow"
    where: Where
    times_min: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2)
    discharge_m3s: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2, json_schema_extra=DISCHARGE)

    @model_validator(mode="after")
    def _fits(self) -> Inflow:
        self._check(self.discharge_m3s, "discharge_m3s")
        return self


Boundary = Annotated[Wall | FreeOutflow | FixedLevel | LevelSeries | Inflow, Field(discriminator="kind")]
