"""Kinds of registered files, and which of them a scenario names at which place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args

from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario

Kind = Literal["dem", "raster", "buildings", "places", "vector", "table", "cover_table", "rain"]

ID = re.compile(rf"({'|'.join(get_args(Kind))})-[0-9a-f]{{12}}")
SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "dem": (".tif", ".tiff", ".asc"),
    "raster": (".tif", ".tiff", ".asc"),
    "buildings": (".gpkg", ".geojson", ".json"),
    "places": (".gpkg",),
    "vector": (".gpkg", ".geojson", ".json"),
    "table": (".csv", ".txt"),
    "cover_table": (".yaml", ".yml"),
    "rain": (".csv", ".txt", ".tif", ".tiff"),
}
MEANING: dict[Kind, str] = {
    "dem": "terrain",
    "raster": "land cover, roughness or depth at the start",
    "buildings": "footprints of buildings",
    "places": "places and streets that the page draws",
    "vector": "walls and other lines with heights, or areas (of a sewer, of a river)",
    "table": "inlets, or manholes with their hydrographs",
    "cover_table": "an edited land-cover table",
    "rain": "readings of gauges, or a rain field",
}
_KINDS: dict[str, Kind] = {
    "terrain.dem": "dem",
    "terrain.buildings.file": "buildings",
    "terrain.lines": "vector",
    "surface.land_cover.table": "cover_table",
    "surface.sewer.file": "table",
    "surface.sewer.areas.file": "vector",
    "surface.manholes.file": "table",
    "surface.river.file": "vector",
    "storm.file": "rain",
}
_FORMS = {
    "terrain.lines": "lines",
    "surface.sewer.file": "inlets",
    "surface.sewer.areas.file": "areas",
    "surface.manholes.file": "manholes",
    "surface.river.file": "areas",
}
"""What a file of its kind must hold at a place: `facts["form"]` of its description."""


def kind_at(place: str) -> Kind:
    """The kind of file that a scenario names at this place."""
    return _KINDS.get(place, "raster")


def form_at(place: str, scenario: Scenario) -> str | None:
    """What the file must hold there; None where its kind says it."""
    return scenario.storm.kind if place == "storm.file" else _FORMS.get(place)


def kind_of(path: str | Path) -> Kind:
    """The one kind that a file of this name can only be; ScenarioError names those to choose from."""
    suffix = Path(path).suffix.lower()
    fitting = [kind for kind, suffixes in SUFFIXES.items() if suffix in suffixes]
    if len(fitting) == 1:
        return fitting[0]
    raise ScenarioError(
        "what is this file?" if fitting else "no kind of file ends like this", where=Path(path).name,
        allowed="; ".join(f"{kind} ({MEANING[kind]})" for kind in fitting or SUFFIXES), hint="Say so with --kind",
    )  # fmt: skip
