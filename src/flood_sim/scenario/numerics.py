"""What to record and how to compute."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flood_sim.scenario.parts import Frozen, Identifier, Line


class Gauge(Frozen):
    """A point; the series of the cell that contains it is recorded."""

    id: Identifier
    x: float
    y: float


class Section(Frozen):
    """A line; discharge is positive from its left to its right hand, looking along it."""

    id: Identifier
    line: Line


class Outputs(Frozen):
    every_min: float = Field(default=5.0, gt=0)
    series_every_s: float = Field(default=60.0, gt=0)
    threshold_cm: float = Field(default=10.0, gt=0, le=1000, description="depth for arrival time and duration")


class Numerics(Frozen):
    """How to compute. `threads` does not change the answer, `device` only within rounding."""

    duration_min: float = Field(gt=0, le=43200)
    courant: float = Field(
        default=0.6, gt=0, le=0.6, json_schema_extra={"hint": "Leave it out: 0.6 is stable on any terrain"}
    )
    max_step_s: float = Field(default=5.0, gt=0, le=60)
    threads: int | None = Field(default=None, ge=1, le=1024)
    device: Literal["auto", "cpu", "cuda"] = "auto"
