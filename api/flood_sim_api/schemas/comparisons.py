"""With measures minus without."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from flood_sim_api.schemas.core import LegendOut, Reply, State


class BuildingOut(Reply):
    """Water at the wall of one building."""

    id: str
    without_cm: float
    with_cm: float
    difference_cm: float = Field(description="with minus without: above 0 is worse")
    lon: float
    lat: float


class Sentences(Reply):
    de: list[str]
    en: list[str]


class ComparisonOut(Reply):
    """Two runs, and when both are done what the measures change: disadvantages first."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: str
    state: State = Field(description="done when both runs are; the state of the one that is behind else")
    progress: float = Field(ge=0, le=1)
    without: str = Field(description="id of the run without measures")
    with_: str = Field(alias="with", description="id of the run with measures")
    figures: dict[str, Any] | None = Field(description="areas in ha, buildings in numbers; null until both are done")
    sentences: Sentences | None
    worse: list[BuildingOut] = Field(description="at least 5 cm more water at the wall, the most affected first")
    better: list[BuildingOut] = Field(description="at least 5 cm less, the most relieved first")
    legend: list[LegendOut] = Field(description="classes of the difference in m")
    links: dict[str, str]
