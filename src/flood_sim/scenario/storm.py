"""The rain over time and space."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from flood_sim.scenario.parts import Frozen, InputFile, refuse_unordered, seconds

DEPTH: JsonDict = {"hint": "Give the depth of the rain in mm (1 mm = 1 l/m²)"}
Depth = Annotated[float, Field(gt=0, le=2000, json_schema_extra=DEPTH)]
Duration = Annotated[float, Field(gt=0, le=10080)]


EULER_STEP_MIN = 5.0
"""Step of a model rain of type Euler II (DWA-A 118)."""


class NoRain(Frozen):
    kind: Literal["none"] = "none"


class _Design(Frozen):
    """A storm that somebody designed.

    `surcharge_percent` is added to every depth (climate). `label` is the name
    under which the storm was published, kept as it is; `statistics` names where
    the depths come from, and `return_period_a` belongs to those statistics.
    """

    surcharge_percent: float = Field(default=0.0, ge=-50, le=300)
    label: str | None = Field(default=None, max_length=200)
    statistics: str | None = Field(default=None, max_length=200)
    return_period_a: float | None = Field(default=None, gt=0, le=10000)

    @property
    def factor(self) -> float:
        """What every depth is multiplied by."""
        return 1.0 + self.surcharge_percent / 100.0


def _lasts(duration_min: float) -> None:
    if seconds((duration_min,)) == (0.0,):
        raise ValueError("duration_min is shorter than a microsecond, so no rain would fall")


class BlockRain(_Design):
    """Constant intensity: depth spread evenly over the duration."""

    kind: Literal["block"] = "block"
    depth_mm: Depth
    duration_min: Duration

    @model_validator(mode="after")
    def _lasts(self) -> BlockRain:
        _lasts(self.duration_min)
        return self


class TableRain(_Design):
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


class EulerII(_Design):
    """Modellregen Euler Typ II (DWA-A 118) in 5-minute steps.

    From a depth-duration `curve` (pairs of duration_min and depth_mm, the first of at most 5 min), or from
    the sum `depth_mm` alone, which scales the shipped curve
    (`flood_sim.rain.curves.SHIPPED`) and is labelled so.
    """

    kind: Literal["euler_ii"] = "euler_ii"
    duration_min: float = Field(gt=0, le=10080, multiple_of=5)
    depth_mm: Depth | None = None
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
            if d[0] > EULER_STEP_MIN:
                raise ValueError(
                    f"the curve begins at {d[0]:g} min, so the rain of its first {EULER_STEP_MIN:g} min, the peak of the "
                    f"storm, is not known; give the depth for {EULER_STEP_MIN:g} min, or depth_mm instead of curve: then "
                    "the shipped curve is scaled"
                )
            if d[-1] < self.duration_min:
                raise ValueError(f"curve ends at {d[-1]:g} min, before duration_min = {self.duration_min:g}")
        return self


class RunOff(Frozen):
    """Abflusswert: surface run-off from which losses are already taken, spread evenly over the duration.

    With it neither infiltration nor initial loss nor sewer act, and it has no return period.
    """

    kind: Literal["runoff"] = "runoff"
    depth_mm: Depth
    duration_min: Duration
    label: str | None = Field(default=None, max_length=200)

    @model_validator(mode="after")
    def _lasts(self) -> RunOff:
        _lasts(self.duration_min)
        return self


class _Observed(Frozen):
    """A storm that was measured; it can be shifted over the city."""

    shift_east_m: float = Field(default=0.0, ge=-500_000, le=500_000)
    shift_north_m: float = Field(default=0.0, ge=-500_000, le=500_000)
    label: str | None = Field(default=None, max_length=200)


class GaugeRain(_Observed):
    """Series of rain gauges, interpolated between them; a single gauge holds for the whole model.

    begin_min: minutes after the first reading at which the run begins.
    """

    kind: Literal["gauges"] = "gauges"
    file: InputFile
    interpolation: Literal["inverse_distance", "nearest"] = "inverse_distance"
    allowed_gap_min: float = Field(default=0.0, ge=0, le=1440)
    begin_min: float = Field(default=0.0, ge=0)
    duration_min: Duration


class FieldRain(_Observed):
    """A rain field over time and space, as `flood_sim.rain.field` writes it (radar, own fields)."""

    kind: Literal["field"] = "field"
    file: InputFile
    begin_min: float = Field(default=0.0, ge=0)
    duration_min: Duration


Storm = Annotated[
    NoRain | BlockRain | TableRain | EulerII | RunOff | GaugeRain | FieldRain, Field(discriminator="kind")
]


def storm_end_min(storm: Storm) -> float:
    """When the rain stops, in minutes after the start of the run."""
    match storm:
        case NoRain():
            return 0.0
        case TableRain():
            return storm.edges_min[-1]
        case _:
            return storm.duration_min
