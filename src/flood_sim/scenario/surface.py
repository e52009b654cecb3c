"""What covers the ground, what it takes from the water, and what lies below it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from flood_sim.scenario.parts import Frozen, InputFile, Ring
from flood_sim.scenario.structures import Culvert


class LandCover(Frozen):
    """A raster of land-cover codes, in the terrain's CRS.

    `scheme` says whose codes they are; `table` replaces the shipped table of
    classes (`flood_sim/surface/land_cover.yaml`) by an edited copy.
    """

    file: InputFile
    scheme: Literal["flood_sim", "worldcover"] = "flood_sim"
    table: InputFile | None = None


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
    """Manning's n of each class of `surface.land_cover`; in shallow water that of the shallow column."""

    kind: Literal["land_cover"] = "land_cover"
    depth_dependent: bool = True


Roughness = Annotated[ConstantRoughness | RasterRoughness | LandCoverRoughness, Field(discriminator="kind")]


class NoInfiltration(Frozen):
    kind: Literal["none"] = "none"


RATE: JsonDict = {"hint": "Give the rate in mm/h; 1e-6 m/s are 3.6 mm/h"}


class ConstantInfiltration(Frozen):
    """The same rate always. Without a value, that of each land-cover class."""

    kind: Literal["constant"] = "constant"
    rate_mm_h: float | None = Field(default=None, ge=0, le=1000, json_schema_extra=RATE)


class Horton(Frozen):
    """Horton (1941): f = fc + (f0 - fc) exp(-k t), t counted while the soil takes all it can."""

    kind: Literal["horton"] = "horton"
    f0_mm_h: float | None = Field(default=None, ge=0, le=1000, json_schema_extra=RATE)
    fc_mm_h: float | None = Field(default=None, ge=0, le=1000, json_schema_extra=RATE)
    k_per_h: float | None = Field(default=None, gt=0, le=100)

    @model_validator(mode="after")
    def _all_or_none(self) -> Horton:
        given = [v is not None for v in (self.f0_mm_h, self.fc_mm_h, self.k_per_h)]
        if any(given) and not all(given):
            raise ValueError("give f0_mm_h, fc_mm_h and k_per_h, or none of them (then the land-cover table counts)")
        if self.f0_mm_h is not None and self.fc_mm_h is not None and self.f0_mm_h < self.fc_mm_h:
            raise ValueError(
                f"f0_mm_h = {self.f0_mm_h:g} is below fc_mm_h = {self.fc_mm_h:g}; the capacity falls with time"
            )
        return self


class GreenAmpt(Frozen):
    """Green and Ampt (1911): f = K (1 + psi d_theta / F)."""

    kind: Literal["green_ampt"] = "green_ampt"
    conductivity_mm_h: float | None = Field(default=None, gt=0, le=1000, json_schema_extra=RATE)
    suction_mm: float | None = Field(default=None, ge=0, le=2000)
    moisture_deficit: float | None = Field(default=None, ge=0, le=0.6)

    @model_validator(mode="after")
    def _all_or_none(self) -> GreenAmpt:
        given = [v is not None for v in (self.conductivity_mm_h, self.suction_mm, self.moisture_deficit)]
        if any(given) and not all(given):
            raise ValueError(
                "give conductivity_mm_h, suction_mm and moisture_deficit, or none of them (then the land-cover table counts)"
            )
        return self


class CurveNumber(Frozen):
    """SCS curve number of the unsealed part; made for the rain of a day (24-h-Verfahren): for experts."""

    kind: Literal["curve_number"] = "curve_number"
    cn: float | None = Field(default=None, ge=30, le=100)
    initial_abstraction_ratio: float = Field(default=0.2, ge=0, le=0.5)


Infiltration = Annotated[
    NoInfiltration | ConstantInfiltration | Horton | GreenAmpt | CurveNumber, Field(discriminator="kind")
]


class NoInitialLoss(Frozen):
    kind: Literal["none"] = "none"


class ConstantInitialLoss(Frozen):
    """The same wetting and small hollows everywhere."""

    kind: Literal["constant"] = "constant"
    depth_mm: float = Field(ge=0, le=50)


class LandCoverInitialLoss(Frozen):
    """The initial loss of each class of `surface.land_cover`."""

    kind: Literal["land_cover"] = "land_cover"


InitialLoss = Annotated[NoInitialLoss | ConstantInitialLoss | LandCoverInitialLoss, Field(discriminator="kind")]


class Areas(Frozen):
    """Polygons, drawn here or from a file (GeoPackage, GeoJSON) in the terrain's CRS."""

    polygons: tuple[Ring, ...] | None = Field(default=None, min_length=1)
    file: InputFile | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Areas:
        if (self.polygons is None) == (self.file is None):
            raise ValueError("give either polygons or file")
        return self


class NoSewer(Frozen):
    kind: Literal["none"] = "none"


class FlatSewer(Frozen):
    """Pauschal abgezogen: so much of the rain never reaches the ground, while it rains."""

    kind: Literal["flat"] = "flat"
    rate_mm_h: float = Field(gt=0, le=1000, json_schema_extra=RATE)
    sealed_only: bool = True
    areas: Areas | None = None


class CapacitySewer(Frozen):
    """Begrenzt aufnahmefähig: a sink of so many mm/h wherever water stands deeper than the threshold."""

    kind: Literal["capacity"] = "capacity"
    rate_mm_h: float = Field(gt=0, le=1000, json_schema_extra=RATE)
    threshold_mm: float = Field(default=2.0, ge=0, le=1000)
    sealed_only: bool = True
    areas: Areas | None = None


class Inlets(Frozen):
    """Straßenabläufe: points (CSV: id, x, y) that each swallow by depth; linear in the curve, constant above it."""

    kind: Literal["inlets"] = "inlets"
    file: InputFile
    depths_mm: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=2)
    capacity_l_s: tuple[Annotated[float, Field(ge=0, le=10_000)], ...] = Field(min_length=2)
    blocked_share: float = Field(default=0.0, ge=0, le=1)

    @model_validator(mode="after")
    def _curve(self) -> Inlets:
        if len(self.depths_mm) != len(self.capacity_l_s):
            raise ValueError(
                f"depths_mm has {len(self.depths_mm)} values and capacity_l_s {len(self.capacity_l_s)}; each depth needs a capacity"
            )
        if self.depths_mm[0] != 0 or self.capacity_l_s[0] != 0:
            raise ValueError("the curve begins with 0 mm and 0 l/s")
        if any(b <= a for a, b in zip(self.depths_mm, self.depths_mm[1:], strict=False)):
            raise ValueError("depths_mm must increase")
        if any(b < a for a, b in zip(self.capacity_l_s, self.capacity_l_s[1:], strict=False)):
            raise ValueError("capacity_l_s must not decrease")
        return self


Sewer = Annotated[NoSewer | FlatSewer | CapacitySewer | Inlets, Field(discriminator="kind")]


class Manholes(Frozen):
    """Water that comes up from the sewer: hydrographs at manholes (CSV: id, x, y, time_min, discharge_m3s)."""

    file: InputFile


class Surface(Frozen):
    """Cover, losses and drainage of the ground.

    `sewer` is one exclusive choice. `river`: areas of unlimited capacity, what
    reaches them is gone. `manholes` bring water up, `culverts` carry it through.
    """

    land_cover: LandCover | None = None
    roughness: Roughness = ConstantRoughness()
    infiltration: Infiltration = NoInfiltration()
    initial_loss: InitialLoss = NoInitialLoss()
    sewer: Sewer = NoSewer()
    manholes: Manholes | None = None
    river: Areas | None = None
    culverts: tuple[Culvert, ...] = Field(default=(), max_length=5000)

    @model_validator(mode="after")
    def _consistent(self) -> Surface:
        if self.land_cover is None:
            self._without_table()
        ids = [c.id for c in self.culverts]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"culverts: id used twice: {', '.join(twice)}")
        return self

    def _without_table(self) -> None:
        infiltration, needs = self.infiltration, []
        match infiltration:
            case (
                ConstantInfiltration(rate_mm_h=None)
                | Horton(f0_mm_h=None)
                | GreenAmpt(suction_mm=None)
                | CurveNumber(cn=None)
            ):
                needs.append(f"infiltration of kind {infiltration.kind} without values")
            case _:
                pass
        if isinstance(self.roughness, LandCoverRoughness):
            needs.append("roughness of kind land_cover")
        if isinstance(self.initial_loss, LandCoverInitialLoss):
            needs.append("initial_loss of kind land_cover")
        sewer = self.sewer
        if isinstance(sewer, FlatSewer | CapacitySewer) and sewer.sealed_only:
            needs.append(
                f"sewer of kind {sewer.kind}, which takes from sealed ground only (else give sealed_only: false)"
            )
        if needs:
            raise ValueError(f"land_cover is missing; it is needed for {', '.join(needs)}")
