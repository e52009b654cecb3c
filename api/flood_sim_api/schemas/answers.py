"""Questions that are answered in seconds, before a run: previews, where water comes from, extents, measures."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from flood_sim.scenario import Scenario
from flood_sim_api.schemas.core import Reply

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="degrees east (WGS 84)")]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="degrees north (WGS 84)")]
GeoJson = dict[str, Any]


class Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scenario: Scenario = Field(description="as for POST /runs: files are ids of registered files")


class PreviewAsk(Ask):
    rung: Literal["sinks", "quick"] = Field("sinks", description="sinks and flow paths, or a quick computation")


class PreviewOut(Reply):
    """A first answer. It says what it is and what it leaves out: show these sentences beside it."""

    id: str
    rung: str
    label_de: str
    label_en: str
    shows_de: str
    shows_en: str
    leaves_out_de: str
    leaves_out_en: str
    distance_de: str = Field(description="how far this rung was from full runs, as measured")
    distance_en: str
    figures: dict[str, float | None] = Field(description="volumes in m3: rain, taken by the surface, standing, left")
    title: str
    synthetic: bool
    notes: list[str]
    bounds_wgs84: tuple[float, float, float, float] = Field(description="west, south, east, north in degrees")
    cell_m: float
    rows: int
    cols: int
    seconds: float = Field(description="what it took to compute")
    layers: list[str] = Field(description="vector layers that this rung gives")
    links: dict[str, str]


class OriginAsk(BaseModel):
    """A place as `lon`, `lat`, or as `x`, `y` in the CRS of the terrain; on a scenario, or on a terrain alone."""

    model_config = ConfigDict(extra="forbid")

    scenario: Scenario | None = None
    terrain: str | None = Field(None, description="id of a terrain, instead of a scenario: its own scenario is taken")
    rain_mm: float | None = Field(None, gt=0, le=2000, description="depth of rain instead of the scenario's storm")
    lon: Longitude | None = None
    lat: Latitude | None = None
    x: float | None = Field(None, allow_inf_nan=False)
    y: float | None = Field(None, allow_inf_nan=False)


class OriginOut(Reply):
    """Woher kommt das Wasser hier? The ground from which rain runs to a place, sinks on the way counted as full."""

    polygon: GeoJson = Field(description="GeoJSON geometry in EPSG:4326")
    lon: float = Field(description="the place that was taken: the largest flow path within 3 m")
    lat: float
    area_ha: float
    volume_m3: float = Field(description="rain of the storm on it, before losses")
    rain_mm: float
    in_sink: bool
    reaches_end: bool = Field(description="the area reaches the end of the terrain; what lies beyond is not known")
    text_de: str
    text_en: str


class ExtentAsk(Ask):
    drawn: GeoJson | None = Field(
        None, description="a GeoJSON Polygon in EPSG:4326, to be taken as terrain.area.polygon of the scenario"
    )


class ExtentOut(Reply):
    """What a run with this drawn area would compute."""

    drawn_ha: float
    catchment_ha: float
    computed_ha: float
    whole_catchment: bool
    reaches_end_of_terrain: bool
    fed_m3: float = Field(description="water that is given at the edge, where the catchment is larger")
    sentence_de: str
    sentence_en: str
    outline: GeoJson | None = Field(description="GeoJSON geometry in EPSG:4326")
    area: dict[str, Any] = Field(description="`terrain.area` for the scenario, in the CRS of the terrain")


class MeasuresAsk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    terrain: str = Field(description="id of the terrain on which they are drawn")
    geojson: GeoJson = Field(description="FeatureCollection in EPSG:4326, or with a crs member")


class MeasuresOut(Reply):
    measures: list[dict[str, Any]] = Field(description="`measures` for a scenario, in the CRS of the terrain")
    features: GeoJson = Field(description="the same for a map: FeatureCollection in EPSG:4326 with labels")


class RemarkOut(Reply):
    measure: str = Field(description="id of the measure")
    code: str
    severity: Literal["error", "warning", "note"]
    text_de: str
    text_en: str
    x: float | None = Field(description="where, in the CRS of the terrain")
    y: float | None
    figures: dict[str, float] = Field(description="the numbers of the sentences, units in their names")


class MeasureOut(Reply):
    id: str
    kind: str
    label_de: str
    label_en: str
    title: str
    figures: dict[str, float] = Field(description="what was found of it: volume, depth, lengths, units in their names")


class MeasuresChecked(Reply):
    possible: bool = Field(description="false when a measure cannot be as it is drawn")
    remarks: list[RemarkOut] = Field(description="errors first")
    features: GeoJson = Field(description="places of the remarks: FeatureCollection in EPSG:4326")
    measures: list[MeasureOut]
    storm_mm: float | None = Field(description="rain that storages were compared with")
