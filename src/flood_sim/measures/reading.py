"""The site of a scenario, read from its files: what the linter needs, without building a run."""

from __future__ import annotations

import numpy as np

from flood_sim.measures.site import Site
from flood_sim.scenario import Scenario
from flood_sim.surface.land_cover import class_codes, load_table, read_table
from flood_sim.terrain.acting import Acting
from flood_sim.terrain.buildings import read_buildings
from flood_sim.terrain.dem import read_dem
from flood_sim.terrain.line_file import burn_lines, read_lines
from flood_sim.terrain.raster import read_aligned


def read_site(scenario: Scenario) -> Site:
    """Ground with its wall layer, buildings, land cover and culverts of a scenario, without its measures."""
    terrain, surface = scenario.terrain, scenario.surface
    dem = read_dem(terrain.dem, crs=terrain.crs, holes=terrain.holes, cell_m=terrain.cell_m)
    outside = np.isnan(dem.height)
    ground = np.where(outside, 0.0, dem.height)
    footprints = None
    if terrain.buildings is not None:
        b = terrain.buildings
        default = Acting(b.mode, b.raise_m, b.threshold_m, b.roof, b.green_storage_mm)
        footprints = read_buildings(b.file, dem.grid, default)
    if terrain.lines is not None:
        burn_lines(read_lines(terrain.lines, dem.grid), ground, dem.grid, outside)
    cover, codes = None, {}
    if surface.land_cover is not None:
        table = load_table() if surface.land_cover.table is None else read_table(surface.land_cover.table)
        values = read_aligned(surface.land_cover.file, dem.grid, resampling="nearest", what="land cover")
        where = surface.land_cover.file
        cover = class_codes(values, table, scheme=surface.land_cover.scheme, outside=outside, where=where)
        codes = table.codes
    return Site.of(dem.grid, ground, outside, footprints, land_cover=cover, surfaces=codes, culverts=surface.culverts)
