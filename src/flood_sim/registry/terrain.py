"""A registered DEM with its companions, ready to be drawn and to start a run from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flood_sim.errors import ScenarioError
from flood_sim.registry import drawing
from flood_sim.registry.fit import check_fit
from flood_sim.registry.kinds import Kind, kind_at
from flood_sim.registry.store import FileMeta, add_file, get, undone_on_error, update
from flood_sim.scenario import Scenario

COMPANIONS: dict[str, Kind] = {
    "buildings": "buildings", "land_cover": "raster", "land_cover_table": "cover_table", "lines": "vector",
    "places": "places",
}  # fmt: skip
"""What a registered DEM names beside itself, and of which kind it is."""

TOWN = ("musterstadt.yaml", "musterstadt_places.gpkg")
"""The scenario and the places of the shipped town; the scenario names the other files."""


def add_terrain(
    data: Path,
    dem: str | Path,
    *,
    name: str | None = None,
    crs: str | None = None,
    buildings: str | Path | None = None,
    land_cover: str | Path | None = None,
    land_cover_table: str | Path | None = None,
    lines: str | Path | None = None,
    places: str | Path | None = None,
    scenario: Scenario | None = None,
) -> FileMeta:
    """Register a DEM and what belongs to it; gives the DEM's FileMeta.

    `scenario` is the template a user starts from, with paths; its files are
    registered and replaced by ids. Without it the template is the NRW extreme
    storm (90 mm in 1 h, then 1 h of run-off) on this terrain. What the page
    draws is written once, beside the DEM (`drawing`).
    """
    data = Path(data)
    with undone_on_error(data) as added:
        meta = add_file(data, dem, "dem", name, crs=crs)
        added.add(meta.id)
        ids = {key: getattr(meta, key) for key in COMPANIONS}
        given = {"buildings": buildings, "land_cover": land_cover, "land_cover_table": land_cover_table, "lines": lines,
                 "places": places}  # fmt: skip
        for key, path in given.items():
            if path is not None:
                kind = COMPANIONS[key]
                file_id = add_file(data, path, kind, crs=crs if kind == "raster" else None).id
                ids[key] = file_id
                added.add(file_id)
        if scenario is not None:
            template = with_ids(data, scenario)
            added.update(template.files().values())
        else:
            template = default_scenario(meta, ids)
        _check_fit(data, meta, ids)
        drawing.draw(data, meta, buildings=ids["buildings"], places=ids["places"])
        changes = {**ids, "scenario": template.model_dump(mode="json", exclude_none=True)}
        return update(data, meta.id, **changes, **({"name": name} if name else {}))


def register_town(data: Path, folder: str | Path) -> FileMeta:
    """Register the shipped town from its folder (`data/dem`), or find it registered."""
    recipe, places = (Path(folder) / part for part in TOWN)
    scenario = Scenario.load(recipe)
    files = scenario.files()
    return add_terrain(
        data,
        scenario.terrain.dem,
        crs=scenario.terrain.crs,
        buildings=scenario.terrain.buildings.file if scenario.terrain.buildings else None,
        land_cover=files.get("surface.land_cover.file"),
        land_cover_table=files.get("surface.land_cover.table"),
        lines=files.get("terrain.lines"),
        places=places if places.exists() else None,
        scenario=scenario,
    )


def default_scenario(meta: FileMeta, ids: dict[str, str | None]) -> Scenario:
    """The NRW extreme storm on a registered terrain, as far as its companions (by their ids) go."""
    terrain: dict[str, Any] = {"dem": meta.id, "crs": meta.crs, "lines": ids.get("lines")}
    if ids.get("buildings"):
        terrain["buildings"] = {"file": ids["buildings"]}
    surface: dict[str, Any] = {}
    if ids.get("land_cover"):
        cover = {"file": ids["land_cover"], "table": ids.get("land_cover_table")}
        surface = {"land_cover": cover, "roughness": {"kind": "land_cover"}}
    elif ids.get("land_cover_table"):
        raise ScenarioError("explains a land-cover raster, and there is none", where="land_cover_table")
    return Scenario.parse(
        {
            "title": meta.name[:200],
            "terrain": terrain,
            "storm": {"kind": "block", "depth_mm": 90, "duration_min": 60},
            "surface": surface,
            "numerics": {"duration_min": 120},
        }
    )


def with_ids(data: Path, scenario: Scenario) -> Scenario:
    """Register every file that a scenario names by path; the same scenario with ids."""
    ids = {
        path: add_file(data, path, kind, crs=scenario.terrain.crs if kind in ("dem", "raster") else None).id
        for place, path in scenario.files().items()
        for kind in (kind_at(place),)
    }
    return scenario.with_files(ids.__getitem__)


def _check_fit(data: Path, meta: FileMeta, ids: dict[str, str | None]) -> None:
    """Companions must lie on the terrain and in its CRS: better said now than when a run starts."""
    for key in ("buildings", "land_cover", "lines"):
        file_id = ids[key]
        if file_id is not None:
            check_fit(data, meta, get(data, file_id))
