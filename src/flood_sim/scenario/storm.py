"""The rain over time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from flood_sim.scenario.parts import Frozen, refuse_unordered, seconds

DEPTH: JsonDict = {"hint": "Give the depth of the rain in mm (1 mm = 1 l/m²)"}


class NoRain(Frozen):
    kind: Literal["none"] = "none"


class BlockRain(Frozen):
    """Constant intensity: depth spread evenly over the duration."""

    kind: Literal["block"] = "block"
    depth_mm: float = Field(gt=0, le=2000, json_schema_extra=DEPTH)
    duration_min: float = Field(gt=0, le=10080)

    @model_validator(mode="after")
    def _lasts(self) -> BlockRain:
        if seconds((self.duration_min,)) == (0.0,):
            raise ValueError("duration_min is shorter than a microsecond, so no rain would fall")
        return self


class TableRain(Frozen):
    """Any hyetograph: n+1 edges of n intervals and the depth that falls in each."""

    kind: Literal["table"] = "table"
    edges_min: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2)
    depths_mm: tuple[Annotated[float, Field(ge=0, le=2000)], ...] = Field(min_length=1, json_schema_extra=DEPTH)

    @model_validator(mode="after")
    def _fits(self) -> TableRain:
        if len(self.edges_min) != len(self.depths_mm) + 1:
            raise ValueError(
                f"edges_min has {len(self.edges_min)} values and depths_mm {len(self.depths_mm)}; "
                "n intervals need n+1 edges"
            )
        refuse_unordered("edges_min", self.edges_min)
        return self


class EulerII(Frozen):
    """Modellregen Euler Typ II (DWA-A 118) in 5-minute steps.

    From a depth-duration `curve` (pairs of duration_min and depth_mm), or from
    the sum `depth_mm` alone, which scales the shipped curve
    (`flood_sim.rain.curves.SHIPPED`) and is labelled so.
    """

    kind: Literal["euler_ii"] = "euler_ii"
    duration_min: float = Field(gt=0, le=10080, multiple_of=5)
    depth_mm: float | None = Field(default=None, gt=0, le=2000, json_schema_extra=DEPTH)
    curve: tuple[tuple[float, float], ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_source(self) -> EulerII:
        if (self.depth_mm is None) == (self.curve is None):
            raise ValueError("give either depth_mm (scales the shipped curve) or curve, not both and not neither")
        if self.curve is not None:
            d = [c[0] for c in self.curve]
            h = [c[1] for c in self.curve]
            if any(b <= a for a, b in zip(d, d[1:], strict=False)) or d[0] <= 0:
                raise ValueError("curve: durations must be positive and increase")
            if any(b < a for a, b in zip(h, h[1:], strict=False)) or h[0] <= 0:
                raise ValueError("curve: depths must be positive and must not decrease")
            if d[-1] < self.duration_min:
                raise ValueError(f"curve ends at {d[-1]:g} min, before duration_min = {self.duration_min:g}")
        return self


Storm = Annotated[NoRain | BlockRain | TableRain | EulerII, Field(discriminator="kind")]


def storm_end_min(storm: NoRain | BlockRain | TableRain | EulerII) -> float:
    """When the rain stops, in minutes after the start of the run."""
    match storm:
        case NoRain():
            return 0.0
        case TableRain():
            return storm.edges_min[-1]
        case _:
            return storm.duration_min
