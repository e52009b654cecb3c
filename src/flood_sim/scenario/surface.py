"""What the ground is covered with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flood_sim.scenario.parts import Frozen, InputFile


class ConstantRoughness(Frozen):
    kind: Literal["constant"] = "constant"
    n: float = Field(
        default=0.03, gt=0, le=1, description="Manning's n in s/m^(1/3)",
        json_schema_extra={"hint": "Manning's n is about 0.02 on asphalt and 0.05 on lawn; it is 1 / kSt (Strickler)"},
    )  # fmt: skip


class RasterRoughness(Frozen):
    """Manning's n from a raster on the terrain's CRS."""

    kind: Literal["raster"] = "raster"
    file: InputFile


class LandCoverRoughness(Frozen):
    """Manning's n from a land-cover raster through the shipped table of classes."""

    kind: Literal["land_cover"] = "land_cover"
    file: InputFile


Roughness = Annotated[ConstantRoughness | RasterRoughness | LandCoverRoughness, Field(discriminator="kind")]


class Surface(Frozen):
    roughness: Roughness = ConstantRoughness()
