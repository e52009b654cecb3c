"""The shapes of replies, as they stand in the OpenAPI description."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["queued", "starting", "running", "finishing", "done", "failed", "cancelled"]


class Reply(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Status(Reply):
    status: Literal["live", "ready"]


class About(Reply):
    name: Annotated[str, Field(description="says that this is the service of this program")] = "flood_sim"
    version: str
    instance: str = Field(description="a new value at every start; also in service.json of the data folder")


class TerrainOut(Reply):
    """A registered DEM and what a run on it can start from."""

    id: str = Field(examples=["dem-0123456789ab"])
    name: str = Field(examples=["Musterstadt (erfunden)"])
    synthetic: bool = Field(description="true for invented terrain")
    bounds_wgs84: tuple[float, float, float, float] = Field(description="west, south, east, north in degrees")
    cell_m: float
    rows: int
    cols: int
    epsg: int | None
    buildings: str | None = Field(description="id of the registered footprints")
    land_cover: str | None = Field(description="id of the registered land-cover raster")
    land_cover_table: str | None = Field(description="id of the edited land-cover table, null for the shipped one")
    lines: str | None = Field(description="id of the registered walls, kerbs and break lines")
    scenario: dict[str, Any] | None = Field(description="a Scenario to start from; change it and POST it to /runs")


class PresetOut(Reply):
    key: str
    label_de: str
    label_en: str
    storm: dict[str, Any] = Field(description="the `storm` of a Scenario")
    duration_min: float = Field(description="suggested length of the run (numerics.duration_min)")
    source: str
    note_de: str
    note_en: str
    published: str = Field(description="label under which the storm was published, as text")
    statistics: str | None = Field(description="whose depth it is; null where the depth itself was published")
    return_period_a: float | None = Field(description="by these statistics; null for an extreme")


class NotOfferedOut(Reply):
    key: str
    label_de: str
    label_en: str
    why_de: str
    why_en: str


class RainIndexOut(Reply):
    index: int = Field(description="Starkregenindex after Schmitt 2018, 1 to 12; 0 below it")
    word_de: str
    word_en: str
    text_de: str
    text_en: str
    statistics: str
    return_period_a: float | None = Field(description="null above T = 100 a: an extreme is given none")
    factor: float | None = Field(description="depth over the depth of T = 100 a")
    mark: str | None = Field(description="what about the statistics is not verified")


class LegendOut(Reply):
    """One class [lower, upper) of a map; upper is null in the last one."""

    lower: float
    upper: float | None
    colour: str
    label_de: str
    label_en: str


class Legends(Reply):
    max_depth: list[LegendOut] = Field(description="maximum water depth in m")
    max_speed: list[LegendOut] = Field(description="maximum speed in m/s")
    max_unit_discharge: list[LegendOut] = Field(description="maximum depth times speed in m2/s")
    arrival_time: list[LegendOut] = Field(description="time after the start of the run in s")
    duration: list[LegendOut] = Field(description="time under water in s")
    difference: list[LegendOut] = Field(description="maximum water depth with measures minus without in m")
    not_shown_de: str = Field(description="belongs beside every map")
    not_shown_en: str


class RunOut(Reply):
    """One attempt at a scenario, as the table of runs knows it."""

    id: str
    content_id: str = Field(description="equal ids mean equal results")
    title: str
    state: State
    origin: str = Field(description="service: started here; found: result of another command in the data folder")
    created: str
    started: str | None
    finished: str | None
    terrain: str | None = Field(description="id of the terrain, null when it is not registered")
    terrain_name: str
    storm_label: str
    storm_label_en: str
    synthetic: bool
    cancel_requested: bool
    progress: float = Field(ge=0, le=1)
    simulated_s: float
    duration_s: float
    steps: int
    wall_s: float
    eta_s: float | None
    mass_error: float | None
    max_depth_m: float | None
    mcell_per_s: float | None
    comparison: str | None = Field(description="id of its comparison with the state without measures; null without any")
    message: str | None = Field(description="German sentence on what happens or why it failed")
    message_en: str | None
    links: dict[str, str]


class ManifestOut(Reply):
    """The parts of manifest.json that a page needs; the whole file is among the files of the run."""

    bounds_wgs84: tuple[float, float, float, float] = Field(description="west, south, east, north in degrees")
    version: str | None
    created: str | None
    synthetic: bool
    grid: dict[str, Any]
    storm: dict[str, Any]
    terrain: dict[str, Any]
    ledger: dict[str, float | None] = Field(description="volumes in m3, a line for each way in and out")
    area: dict[str, Any] | None = Field(description="what was computed of a drawn area; null for the whole terrain")
    borders: list[dict[str, Any]] = Field(description="what passed each open part of the border, m3")
    measures: list[str] = Field(description="ids of the measures; their shapes at links.measures of the run")
    performance: dict[str, Any]
    extremes: dict[str, Any]
    notes: list[str]
    output_times_s: list[float]
    threshold_m: float | None


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(examples=["urn:flood-sim:problem:not-found"])
    title: str
    status: int
    detail: str
    instance: str
    errors: Annotated[list[dict[str, Any]] | None, Field(description="one entry per fault of the request")] = None
    allowed: str | None = None
    hint: str | None = None


class RunDetail(RunOut):
    scenario: dict[str, Any]
    manifest: ManifestOut | None = Field(description="null until the run is done")
    problem: Problem | None = Field(description="why the run failed, where the engine could say it")


class FileOut(Reply):
    name: str
    bytes: int
    media_type: str


class Length(Reply):
    """A model value: rounded text for people, number for programs, null where there is none."""

    value_m: float | None
    text_de: str
    text_en: str


class Speed(Reply):
    value_m_s: float | None
    text_de: str
    text_en: str


class Duration(Reply):
    value_s: float | None
    text_de: str
    text_en: str


class ValueOut(Reply):
    """What the run found at a point."""

    inside: bool = Field(description="false outside the model")
    blocked: bool = Field(description="true inside a building, where the model computes no water")
    max_depth: Length | None = None
    max_speed: Speed | None = None
    time_of_max_depth: Duration | None = None
    arrival_time: Duration | None = None
    duration: Duration | None = None
