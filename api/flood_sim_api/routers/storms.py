"""Storms to choose from, and how maps are coloured."""

from __future__ import annotations

from fastapi import APIRouter

from flood_sim.rain.presets import PRESETS
from flood_sim.variables import LEGENDS, NOT_SHOWN_DE, NOT_SHOWN_EN
from flood_sim_api.schemas import LegendOut, Legends, PresetOut

router = APIRouter()


@router.get("/storms", tags=["storms"], summary="Published storms")
def storms() -> list[PresetOut]:
    """Each keeps the label under which it was published; put its `storm` into a Scenario."""
    return [PresetOut.model_validate(preset) for preset in PRESETS]


@router.get("/legend", tags=["maps"], summary="Classes and colours of the maps")
def legend() -> Legends:
    """Classes are half-open, [lower, upper): values are never rounded before they are classed."""
    return Legends(
        **{key: [LegendOut.model_validate(c) for c in classes] for key, classes in LEGENDS.items()},
        not_shown_de=NOT_SHOWN_DE,
        not_shown_en=NOT_SHOWN_EN,
    )
