"""Whether a registered file lies on a terrain: better said now than when a run starts."""

from __future__ import annotations

from pathlib import Path

from pyproj import CRS

from flood_sim.errors import FloodSimError, ScenarioError
from flood_sim.rain import field_file
from flood_sim.registry.store import FileMeta, placed, resolve
from flood_sim.surface.point_file import read_hydrographs, read_points
from flood_sim.terrain.buildings import read_buildings
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.footprint_file import read_shapes
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.line_file import read_lines
from flood_sim.terrain.raster import read_aligned


def grid_of(terrain: FileMeta) -> Grid:
    """The grid of a registered DEM."""
    facts = terrain.facts
    west, _, _, north = facts["bounds"]
    return Grid(west, north, facts["cell_m"], facts["rows"], facts["cols"], CRS.from_wkt(facts["crs_wkt"]))


def check_fit(data: Path, terrain: FileMeta, meta: FileMeta) -> None:
    """Read a registered file as a run on this terrain would; what is wrong is told with the name of the file.

    Readings of gauges and tables belong to any terrain. Raises TerrainError or ScenarioError.
    """
    try:
        _read(resolve(data, meta.id), meta, grid_of(terrain))
    except FloodSimError as error:
        raise placed(error, meta.name, resolve(data, meta.id)) from None


def _read(path: Path, meta: FileMeta, grid: Grid) -> None:
    match meta.kind, meta.facts.get("form"):
        case "buildings", _:
            read_buildings(path, grid)
        case "raster", _:
            read_aligned(path, grid, what="land cover")
        case "vector", "lines":
            read_lines(path, grid)
        case "vector", "areas":
            with refusals_as_errors(path):
                read_shapes(path, grid)
        case "rain", "field":
            field_file.read(path).over(grid)
        case "table", form:
            points = read_hydrographs(path).points if form == "manholes" else read_points(path)
            west, south, east, north = grid.bounds
            if not ((points.x >= west) & (points.x <= east) & (points.y >= south) & (points.y <= north)).any():
                raise ScenarioError(
                    "no point lies on the terrain", value=f"x {points.x[0]:.12g}, y {points.y[0]:.12g}",
                    allowed=f"x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}",
                    hint="Give the coordinates in the CRS of the terrain",
                )  # fmt: skip
