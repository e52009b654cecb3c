"""What a city could do: walls, basins, flow paths, surfaces, roofs, pipes, storages.

Each measure has an id, one drawn geometry and plain attributes, so that it reads
and writes as one GeoJSON feature. The order in which they act is fixed
(`flood_sim.measures.apply`), not that of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import shapely
from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict

from flood_sim.scenario.boundary import LEVEL
from flood_sim.scenario.parts import Frozen, Identifier, Line, Point, Ring
from flood_sim.scenario.structures import Culvert

METRES: JsonDict = {"hint": "Give it in m; 30 cm are 0.3"}
Height = Annotated[float, Field(gt=0, le=20, json_schema_extra=METRES)]
Level = Annotated[float, Field(ge=-500, le=9000, json_schema_extra=LEVEL)]
Width = Annotated[float, Field(gt=0, le=200, json_schema_extra=METRES)]
Slope = Annotated[float, Field(ge=0, le=20, json_schema_extra={"hint": "1 : 2 is 2, a vertical side is 0"})]


def _outline(points: Sequence[Point]) -> Sequence[Point]:
    """Refuse what encloses no area, and what crosses itself, with the place."""
    shape = shapely.Polygon(points)
    if shape.area == 0.0 and shapely.is_simple(shapely.LineString(points)):
        raise ValueError("the polygon encloses no area; draw at least three corners that do not lie on one line")
    if not shape.is_valid:
        reason, _, place = shapely.is_valid_reason(shape).partition("[")
        x, _, y = place.rstrip("]").partition(" ")
        what = (
            "the polygon crosses or touches itself" if "ntersection" in reason else f"the polygon is broken: {reason}"
        )
        raise ValueError(f"{what} at x {float(x):.2f}, y {float(y):.2f}" if y else what)
    return points


def _drawn(points: Sequence[Point]) -> Sequence[Point]:
    if shapely.LineString(points).length == 0.0:
        raise ValueError(f"the line has no length: all its points lie at x {points[0][0]:.2f}, y {points[0][1]:.2f}")
    return points


Axis = Annotated[Line, AfterValidator(_drawn)]
Outline = Annotated[Ring, AfterValidator(_outline)]


class _Measure(Frozen):
    id: Identifier
    title: str = Field("", max_length=200)


def _exactly_one(measure: _Measure, *names: str) -> None:
    given = [name for name in names if getattr(measure, name) not in (None, ())]
    if len(given) != 1:
        said = f"got {' and '.join(given)}" if given else "got none of them"
        raise ValueError(f"{measure.id}: give exactly one of {', '.join(names)} ({said})")


class _Crest(_Measure):
    """A chain of cells raised to a crest: `height_m` above the ground along the line, or the level `crest_m`."""

    line: Axis
    height_m: Height | None = None
    crest_m: Level | None = None

    @model_validator(mode="after")
    def _one_height(self) -> _Crest:
        _exactly_one(self, "height_m", "crest_m")
        return self


class FloodWall(_Crest):
    """Mauer: one cell wide."""

    kind: Literal["wall"] = "wall"


class Embankment(_Crest):
    """Verwallung: a crest of some width, with sides 1 : `side_slope` (0: vertical)."""

    kind: Literal["embankment"] = "embankment"
    crest_width_m: Width = 1.0
    side_slope: Slope = 0.0


class MobileBarrier(_Crest):
    """Mobiler Schutz: like a wall; it stands from the start of the rain."""

    kind: Literal["mobile_barrier"] = "mobile_barrier"


class Basin(_Measure):
    """Rückhaltebecken: a level bottom dug into the ground.

    One of `volume_m3`, `depth_m` (of the water when it is full) and `bottom_m`
    decides; two of them also need a dam where the lowest rim lies below the
    level of the full basin, and get it with `dam`. The volume counts below the
    lowest place of the rim, or below the crest of the dam.
    """

    kind: Literal["basin"] = "basin"
    polygon: Outline
    volume_m3: float | None = Field(default=None, gt=0, le=1e7)
    depth_m: Height | None = None
    bottom_m: Level | None = None
    side_slope: Slope = 0.0
    dam: bool = False

    @model_validator(mode="after")
    def _decided(self) -> Basin:
        given = [n for n in ("volume_m3", "depth_m", "bottom_m") if getattr(self, n) is not None]
        if len(given) not in (1, 2):
            raise ValueError(
                f"{self.id}: give one or two of volume_m3, depth_m, bottom_m (got {' and '.join(given) or 'none'})"
            )
        if self.dam and len(given) == 1:
            raise ValueError(f"{self.id}: with a dam give two of volume_m3, depth_m, bottom_m (got {given[0]})")
        return self


class Swale(_Measure):
    """Mulde: dug along a line, level across, `depth_m` below the ground at the line."""

    kind: Literal["swale"] = "swale"
    line: Axis
    width_m: Width
    depth_m: Height
    side_slope: Slope = 0.0
    graded: bool = Field(default=False, description="dug deeper where the ground rises, so that it never rises")


class EmergencyFlowPath(_Measure):
    """Notwasserweg: a street that leads water away, from the first to the last point of the line.

    Lowered by `depth_m` over `width_m`, with kerbs of `kerb_height_m` along both sides.
    """

    kind: Literal["emergency_flow_path"] = "emergency_flow_path"
    line: Axis
    width_m: Width
    depth_m: float = Field(default=0.0, ge=0, le=20, json_schema_extra=METRES)
    kerb_height_m: float = Field(default=0.0, ge=0, le=2, json_schema_extra=METRES)
    graded: bool = Field(default=False, description="dug deeper where the ground rises, so that it never rises")


class Kerb(_Measure):
    """Bordstein: raised (above 0) or lowered (below 0) against the ground along a drawn line."""

    kind: Literal["kerb"] = "kerb"
    line: Axis
    height_m: float = Field(ge=-1, le=1, json_schema_extra=METRES)

    @model_validator(mode="after")
    def _changes(self) -> Kerb:
        if self.height_m == 0.0:
            raise ValueError(f"{self.id}: height_m is 0, which changes nothing; above 0 raises, below 0 lowers")
        return self


class GroundChange(_Measure):
    """Gelände: brought to a level, or changed by an amount; `only` spares what already lies higher or lower."""

    kind: Literal["ground"] = "ground"
    polygon: Outline
    level_m: Level | None = None
    change_m: float | None = Field(default=None, ge=-50, le=50, json_schema_extra=METRES)
    only: Literal["raise", "lower"] | None = None

    @model_validator(mode="after")
    def _one_change(self) -> GroundChange:
        _exactly_one(self, "level_m", "change_m")
        if self.change_m is not None and self.only is not None:
            raise ValueError(f"{self.id}: `only` belongs to level_m; the sign of change_m says up or down")
        return self


class _Cover(_Measure):
    polygon: Outline


class Unsealing(_Cover):
    """Entsiegelung: the land cover becomes `surface`, a key of the land-cover table."""

    kind: Literal["unsealing"] = "unsealing"
    surface: str = Field("garden", max_length=40)


class Greening(_Cover):
    """Begrünung: the land cover becomes `surface`, a key of the land-cover table."""

    kind: Literal["greening"] = "greening"
    surface: str = Field("meadow", max_length=40)


class _AtBuildings(_Measure):
    """Meant are buildings by id, or all that a polygon or a point touches."""

    buildings: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    polygon: Outline | None = None
    point: Point | None = None

    @model_validator(mode="after")
    def _which(self) -> _AtBuildings:
        _exactly_one(self, "buildings", "polygon", "point")
        return self


class GreenRoof(_AtBuildings):
    """Dachbegrünung: holds `storage_mm` on `area_m2` (without it the whole roof) before the roof sheds water."""

    kind: Literal["green_roof"] = "green_roof"
    storage_mm: float = Field(gt=0, le=500, json_schema_extra={"hint": "30 mm on 1 m² hold 30 litres"})
    area_m2: float | None = Field(default=None, gt=0, le=1e7)


class Threshold(_AtBuildings):
    """Schwelle am Gebäude: water enters only above `threshold_m` over the highest ground at its wall."""

    kind: Literal["threshold"] = "threshold"
    threshold_m: Annotated[float, Field(gt=0, le=3, json_schema_extra=METRES)]


class CulvertMeasure(Culvert):
    """Durchlass: a new one, or a larger one in place of the scenario's culvert `replaces`."""

    kind: Literal["culvert"] = "culvert"
    line: Axis
    replaces: Identifier | None = None


class Storage(_Measure):
    """Speicher (Zisterne, Stauraum): takes water from its cells, up to its inflow capacity, until it is full."""

    kind: Literal["storage"] = "storage"
    point: Point | None = None
    polygon: Outline | None = None
    volume_m3: float = Field(gt=0, le=1e7)
    inflow_capacity_m3s: float = Field(gt=0, le=1000, json_schema_extra={"hint": "1000 l/s are 1 m³/s"})

    @model_validator(mode="after")
    def _where(self) -> Storage:
        _exactly_one(self, "point", "polygon")
        return self


Measure = Annotated[
    FloodWall | Embankment | MobileBarrier | Basin | Swale | EmergencyFlowPath | Kerb | GroundChange | Unsealing | Greening
    | GreenRoof | Threshold | CulvertMeasure | Storage,
    Field(discriminator="kind"),
]  # fmt: skip
Measures = tuple[Measure, ...]
