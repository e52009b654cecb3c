"""The site of a scenario, read from its files: what measures act on, before they do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_sim.errors import TerrainError
from flood_sim.measures.geojson import read_measures
from flood_sim.measures.site import Site
from flood_sim.scenario import Scenario
from flood_sim.surface.land_cover import LandCoverTable, class_codes, load_table, read_table
from flood_sim.terrain.acting import Acting
from flood_sim.terrain.buildings import Footprints, read_buildings
from flood_sim.terrain.crs import horizontal, parse_crs
from flood_sim.terrain.cuts import burn_cut
from flood_sim.terrain.dem import read_dem
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.line_file import burn_lines, read_lines
from flood_sim.terrain.raster import open_raster, read_aligned


@dataclass(frozen=True)
class FreshSite:
    """A site without its measures. `table` explains the codes of its land cover; notes in plain words."""

    site: Site
    footprints: Footprints | None
    table: LandCoverTable
    notes: tuple[str, ...]


def with_measures(scenario: Scenario, path: str | Path, *, crs: str | None = None) -> Scenario:
    """The scenario with the measures of a GeoJSON file added to its own; `crs` is for a file that names none."""
    terrain = scenario.terrain
    with refusals_as_errors(terrain.dem):
        named = open_raster(terrain.dem).header.crs
    if named is None and terrain.crs is None:
        raise TerrainError(
            "names no coordinate reference system", where=terrain.dem, hint="Give terrain.crs, for example EPSG:25832"
        )
    drawn = read_measures(path, horizontal(named or parse_crs(str(terrain.crs))), crs=crs)
    return Scenario.checked(scenario.model_copy(update={"measures": (*scenario.measures, *drawn)}))


def read_site(scenario: Scenario) -> Site:
    """The site of a scenario without its measures: what the linter needs, without building a run."""
    terrain = scenario.terrain
    dem = read_dem(terrain.dem, crs=terrain.crs, holes=terrain.holes, cell_m=terrain.cell_m)
    outside = np.isnan(dem.height)
    return site_on(scenario, dem.grid, np.where(outside, 0.0, dem.height), outside).site


def site_on(scenario: Scenario, grid: Grid, ground: np.ndarray, outside: np.ndarray) -> FreshSite:
    """The site of a scenario on the ground of its DEM, m (rows, cols), which is changed in place.

    Corrections of the DEM come first, then the layer of walls, kerbs and break lines.
    """
    terrain, cover = scenario.terrain, scenario.surface.land_cover
    notes: list[str] = []
    for cut in terrain.corrections:
        where = f"terrain.corrections {cut.id}"
        lowered = burn_cut(ground, grid, cut.line, cut.width_m, cut.bottom_m, outside=outside, where=where)
        if lowered.cells == 0:
            notes.append(f"correction {cut.id} lowers nothing: the ground already lies at or below its bottom")
    if terrain.lines is not None:
        layer = read_lines(terrain.lines, grid)
        notes += [*layer.notes, *burn_lines(layer, ground, grid, outside)]
    footprints = None
    if terrain.buildings is not None:
        b = terrain.buildings
        default = Acting(b.mode, b.raise_m, b.threshold_m, b.roof, b.green_storage_mm)
        footprints = read_buildings(b.file, grid, default)
        notes += footprints.notes
    table = load_table() if cover is None or cover.table is None else read_table(cover.table)
    codes = None
    if cover is not None:
        values = read_aligned(cover.file, grid, resampling="nearest", what="land cover")
        codes = class_codes(values, table, scheme=cover.scheme, outside=outside, where=cover.file)
    site = Site.of(
        grid, ground, outside, footprints, land_cover=codes, surfaces=table.codes if cover is not None else None,
        culverts=scenario.surface.culverts,
    )  # fmt: skip
    return FreshSite(site, footprints, table, tuple(notes))
