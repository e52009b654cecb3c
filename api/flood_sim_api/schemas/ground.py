"""Registered files, land cover, and the worklist of the terrain doctor."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from flood_sim.registry import Kind
from flood_sim_api.schemas.answers import GeoJson
from flood_sim_api.schemas.core import Reply

Decided = Literal["open", "checked", "accepted", "rejected"]


class RegisteredOut(Reply):
    """A registered file: its id is what a scenario names."""

    id: str = Field(examples=["rain-0123456789ab"])
    kind: Kind
    name: str
    bytes: int
    created: str
    synthetic: bool
    facts: dict[str, Any] = Field(description="what was found in it; `form` says what a table or a rain file holds")

    @field_validator("facts")
    @classmethod
    def _short(cls, facts: dict[str, Any]) -> dict[str, Any]:
        """Without the CRS in full, which no reader of a reply wants."""
        return {key: value for key, value in facts.items() if key != "crs_wkt"}


class ProposalOut(Reply):
    """A suggestion, to be checked on site."""

    kind: Literal["culvert", "cut"]
    entry: dict[str, Any] = Field(description="for `surface.culverts` or `terrain.corrections` of a scenario")
    geometry: GeoJson = Field(description="LineString in EPSG:4326")


class FaultOut(Reply):
    """A place where the terrain model is probably wrong, and what was decided about it."""

    number: int
    rank: int = Field(description="1 holds back most water; 0: not found any more")
    found: bool
    kind: str
    label_de: str
    label_en: str
    sentence_de: str
    sentence_en: str
    water_held_m3: float
    size_m: float
    ridge_width_m: float | None
    crossed_by: list[str]
    evidence: float = Field(description="0 to 1, how much speaks for a fault")
    state: Decided
    state_de: str
    who: str
    note: str
    date: str
    lon: float
    lat: float
    geometry: GeoJson | None = Field(description="the water held back, or the outline, in EPSG:4326")
    proposal: ProposalOut | None


class FaultsOut(Reply):
    """Prüfliste Gelände."""

    examined: bool = Field(description="false: nobody looked yet, so an empty list says nothing")
    faults: list[FaultOut] = Field(description="most water first")
    corrections: list[dict[str, Any]] = Field(description="accepted cuts, for `terrain.corrections` of a scenario")
    culverts: list[dict[str, Any]] = Field(description="accepted culverts, for `surface.culverts` of a scenario")
    per_km2: float | None
    notes: list[str] = Field(description="what was not or could not be looked for")
    suggestion_de: str
    suggestion_en: str


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Decided
    who: str = Field(min_length=1, max_length=100, description="who decides")
    note: str | None = Field(None, max_length=1000, description="null keeps the old note")
    width_m: float | None = Field(None, gt=0, le=50, description="measured width or diameter of the opening")


class ExamineIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    year: int | None = Field(None, ge=1900, le=2200, description="of the survey, to find newer buildings")


class LandCoverClassOut(Reply):
    code: int
    key: str
    label_de: str
    label_en: str
    n: float
    n_shallow: float
    sealed: float
    initial_loss_mm: float
    constant_mm_h: float
    horton: tuple[float, float, float] = Field(description="f0 and fc in mm/h, k per hour")
    green_ampt: tuple[float, float, float] = Field(description="conductivity in mm/h, suction in mm, moisture deficit")
    cn: float
    marks: dict[str, str] = Field(description="where each group of numbers comes from: a key of `marks`")


class LandCoverOut(Reply):
    """The land-cover table: what each class does to water, and how well each number is founded."""

    classes: list[LandCoverClassOut]
    marks: dict[str, str]
    groups: list[str]
