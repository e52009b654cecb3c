"""Storms to choose from, and how maps are coloured."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from flood_sim.errors import ScenarioError
from flood_sim.rain import kostra
from flood_sim.rain.presets import NOT_OFFERED, presets
from flood_sim.rain.starkregenindex import index_of
from flood_sim.rain.statistics import RainStatistics
from flood_sim.results.legend import ALL
from flood_sim.variables import NOT_SHOWN_DE, NOT_SHOWN_EN
from flood_sim_api.schemas import LegendOut, Legends, NotOfferedOut, PresetOut, RainIndexOut

router = APIRouter()


def statistics_here(
    x: Annotated[float | None, Query(description="easting or longitude of the place")] = None,
    y: Annotated[float | None, Query(description="northing or latitude")] = None,
    crs: Annotated[str, Query(description="CRS of x and y", max_length=40)] = "EPSG:4326",
) -> RainStatistics | None:
    """Rain statistics of a place, from what this machine holds; None where no place was given."""
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise ScenarioError("a place needs both x and y", where="query", value=f"x = {x}, y = {y}")
    return kostra.statistics_at(x, y, crs)


Here = Annotated[RainStatistics | None, Depends(statistics_here)]


@router.get("/storms", tags=["storms"], summary="Published storms")
def storms(here: Here) -> list[PresetOut]:
    """Each keeps the label under which it was published; put its `storm` into a Scenario.

    With a place, storms that are defined by a return period have the depth of its rain statistics.
    """
    return [PresetOut.model_validate(preset) for preset in presets(here)]


@router.get("/storms/not-offered", tags=["storms"], summary="Published storms that need a file")
def not_offered() -> list[NotOfferedOut]:
    """Known, but not shipped: what the user has to load first."""
    return [NotOfferedOut.model_validate(event) for event in NOT_OFFERED]


@router.get("/storms/index", tags=["storms"], summary="Starkregenindex of a depth of rain")
def rain_index(
    here: Here,
    depth_mm: Annotated[float, Query(ge=0, le=2000, description="depth of the rain in mm")],
    duration_min: Annotated[float, Query(gt=0, le=10080, description="duration of the rain in min")],
) -> RainIndexOut:
    """After Schmitt 2018, by the rain statistics of the place, which the answer names."""
    if here is None:
        raise ScenarioError(
            "a Starkregenindex means nothing without rain statistics",
            where="query",
            hint="Give the place as x, y and crs",
        )
    return RainIndexOut.model_validate(index_of(depth_mm, duration_min, here))


@router.get("/legend", tags=["maps"], summary="Classes and colours of the maps")
def legend() -> Legends:
    """Classes are half-open, [lower, upper): values are never rounded before they are classed."""
    return Legends(
        **{key: [LegendOut.model_validate(c) for c in classes] for key, classes in ALL.items()},
        not_shown_de=NOT_SHOWN_DE,
        not_shown_en=NOT_SHOWN_EN,
    )
