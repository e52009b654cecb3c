"""The ground: DEM and buildings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flood_sim.scenario.parts import Frozen, InputFile


class Buildings(Frozen):
    """Footprints and how they act.

    blocked: no water inside, rain on the roof goes evenly to the open cells
    around that footprint. raised: the ground is lifted by `raise_m` and rain
    runs off it like off any other ground.
    """

    file: InputFile
    mode: Literal["blocked", "raised"] = "blocked"
    raise_m: float = Field(default=8.0, gt=0, le=100)


class Terrain(Frozen):
    """The ground: a DEM, an optional coarser cell size, and buildings.

    `crs` is needed for ESRI ASCII only. `holes` says what happens to cells
    without a height that are enclosed by terrain: interpolated (fill), taken
    out of the computation (mask) or an error (refuse). Cells without a height
    that reach the edge of the raster are always outside the model.
    """

    dem: InputFile
    crs: str | None = None
    cell_m: float | None = Field(
        default=None, gt=0, description="coarser cell size, a whole multiple of the DEM's",
        json_schema_extra={"hint": "Leave it out to compute on the cells of the DEM"},
    )  # fmt: skip
    holes: Literal["fill", "mask", "refuse"] = "fill"
    buildings: Buildings | None = None
