"""A registered DEM with its companions, ready to be drawn and to start a run from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyproj import CRS

from flood_sim.errors import TerrainError
from flood_sim.registry import drawing
from flood_sim.registry.store import FileMeta, Kind, add_file, get, kind_at, placed, resolve, undone_on_error, update
from flood_sim.scenario import Scenario
from flood_sim.terrain.buildings import read_buildings
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.raster import read_aligned

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
        ids = {"buildings": meta.buildings, "land_cover": meta.land_cover, "places": meta.places}
        given: dict[str, tuple[str | Path | None, Kind]] = {
            "buildings": (buildings, "buildings"), "land_cover": (land_cover, "raster"), "places": (places, "places"),
        }  # fmt: skip
        for key, (path, kind) in given.items():
            if path is not None:
                file_id = add_file(data, path, kind, crs=crs if kind == "raster" else None).id
                ids[key] = file_id
                added.add(file_id)
        if scenario is not None:
            template = with_ids(data, scenario)
            added.update(template.files().values())
        else:
            template = default_scenario(meta, ids["buildings"], ids["land_cover"])
        _check_fit(data, meta, ids)
        drawing.draw(data, meta, buildings=ids["buildings"], places=ids["places"])
        changes = {**ids, "scenario": template.model_dump(mode="json", exclude_none=True)}
        return update(data, meta.id, **changes, **({"name": name} if name else {}))


def register_town(data: Path, folder: str | Path) -> FileMeta:
    """Register the shipped town from its folder (`data/dem`), or find it registered."""
    recipe, places = (Path(folder) / part for part in TOWN)
    scenario = Scenario.load(recipe)
    cover = scenario.files().get("surface.land_cover.file")
    return add_terrain(
        data,
        scenario.terrain.dem,
        crs=scenario.terrain.crs,
        buildings=scenario.terrain.buildings.file if scenario.terrain.buildings else None,
        land_cover=cover,
        places=places if places.exists() else None,
        scenario=scenario,
    )


def default_scenario(meta: FileMeta, buildings: str | None, land_cover: str | None) -> Scenario:
    """The NRW extreme storm on a registered terrain, as far as its companions go."""
    terrain: dict[str, Any] = {"dem": meta.id, "crs": meta.crs}
    if buildings:
        terrain["buildings"] = {"file": buildings}
    surface = {"land_cover": {"file": land_cover}, "roughness": {"kind": "land_cover"}} if land_cover else {}
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
        path: add_file(data, path, kind_at(place), crs=scenario.terrain.crs).id
        for place, path in scenario.files().items()
    }
    return scenario.with_files(ids.__getitem__)


def _check_fit(data: Path, meta: FileMeta, ids: dict[str, str | None]) -> None:
    """Companions must lie on the terrain and in its CRS: better said now than when a run starts."""
    facts = meta.facts
    west, _, _, north = facts["bounds"]
    grid = Grid(west, north, facts["cell_m"], facts["rows"], facts["cols"], CRS.from_wkt(facts["crs_wkt"]))
    checks: dict[str | None, Callable[[Path], Any]] = {
        ids["buildings"]: lambda path: read_buildings(path, grid),
        ids["land_cover"]: lambda path: read_aligned(path, grid, what="land cover"),
    }
    for file_id, check in checks.items():
        if file_id is not None:
            try:
                check(resolve(data, file_id))
            except TerrainError as error:
                raise placed(error, get(data, file_id).name) from None
