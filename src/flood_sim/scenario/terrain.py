"""The ground: DEM and buildings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flood_sim.scenario.parts import Frozen, InputFile, Ring
from flood_sim.scenario.structures import Cut


class Buildings(Frozen):
    """Footprints and how they act, unless the file says otherwise of a single one.

    blocked: no water inside, rain on the roof goes where `roof` says. raised:
    the ground is lifted by `raise_m`. threshold: water enters above
    `threshold_m` over the highest ground at the wall. passable: as if it were
    not there (gateways, stilts, overbuilt streets).

    roof: `ground` sheds evenly onto the open cells around that footprint;
    `sewer` leaves the model; `green` holds `green_storage_mm` first.
    """

    file: InputFile
    mode: Literal["blocked", "raised", "threshold", "passable"] = "blocked"
    raise_m: float = Field(default=8.0, gt=0, le=100)
    threshold_m: float = Field(default=0.15, gt=0, le=5)
    roof: Literal["ground", "sewer", "green"] = "ground"
    green_storage_mm: float = Field(default=30.0, ge=0, le=500)


class Area(Frozen):
    """A part of the terrain to compute.

    extend: `catchment` adds the ground that drains into it and `margin_m`
    around, up to `largest_ha`; what lies beyond is fed in at the edge, and the
    result says so. `none` takes the polygon as it is.
    """

    polygon: Ring
    extend: Literal["catchment", "none"] = "catchment"
    margin_m: float = Field(default=100.0, ge=0, le=5000)
    largest_ha: float = Field(default=2000.0, gt=0, le=1_000_000)


class Terrain(Frozen):
    """The ground: a DEM, an optional coarser cell size, corrections, and what stands on it.

    `crs` is needed for ESRI ASCII only. `holes` says what happens to cells
    without a height that are enclosed by terrain: interpolated (fill), taken
    out of the computation (mask) or an error (refuse). Cells without a height
    that reach the edge of the raster are always outside the model. `lines` is a
    layer of walls, kerbs and break lines with heights, `corrections` are cuts
    through what stands in the way only in the DEM.
    """

    dem: InputFile
    crs: str | None = None
    cell_m: float | None = Field(
        default=None, gt=0, description="coarser cell size, a whole multiple of the DEM's",
        json_schema_extra={"hint": "Leave it out to compute on the cells of the DEM"},
    )  # fmt: skip
    holes: Literal["fill", "mask", "refuse"] = "fill"
    area: Area | None = None
    buildings: Buildings | None = None
    lines: InputFile | None = None
    corrections: tuple[Cut, ...] = Field(default=(), max_length=10_000)
