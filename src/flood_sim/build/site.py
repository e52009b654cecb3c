"""The ground with all that stands on it and all that was changed: corrections, lines, measures, buildings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flood_sim.build.roofs import sewer_roofs_law
from flood_sim.build.switches import plain_roofs, refuse_two_credits
from flood_sim.errors import TerrainError
from flood_sim.measures.apply import apply
from flood_sim.measures.reading import site_on
from flood_sim.measures.site import Site
from flood_sim.scenario import Scenario
from flood_sim.solver.roofs import SewerRoofs
from flood_sim.surface.land_cover import LandCoverTable
from flood_sim.terrain.buildings import Footprints, GreenRoofs, act
from flood_sim.terrain.footprint_file import Shapes
from flood_sim.terrain.grid import Grid


@dataclass(frozen=True)
class LaidOut:
    """A terrain as it will be computed.

    ground: m (rows, cols), changed in place. active, outside: masks. rain_weight,
    sewer_roofs and green: where the rain on roofs goes. bare: mask of the cells under no roof, None where they are the
    active ones. site: what measures
    left, with its land cover as codes of `table` (None without land cover).
    footprints: of the buildings, None without. floors: flat indices, int64 (n,), of the cells
    of raised buildings and of those with a threshold.
    """

    ground: np.ndarray
    active: np.ndarray
    outside: np.ndarray
    rain_weight: np.ndarray
    bare: np.ndarray | None
    sewer_roofs: SewerRoofs | None
    green: tuple[GreenRoofs, ...]
    site: Site
    table: LandCoverTable
    footprints: Shapes | None
    floors: np.ndarray


def lay_out(scenario: Scenario, grid: Grid, ground: np.ndarray, outside: np.ndarray, notes: list[str]) -> LaidOut:
    """Corrections of the DEM first, then lines, then measures, then what the buildings do; `ground` is changed in place."""
    fresh = site_on(scenario, grid, ground, outside)
    notes += fresh.notes
    site, footprints = fresh.site, fresh.footprints
    notes += apply(scenario.measures, site)
    base, site.base = site.base, None  # of a whole city there is no room for a second ground
    if footprints is None:
        # one array for both: rain falls on all open ground
        active = site.active
        return LaidOut(ground, active, outside, active, None, None, (), site, fresh.table, None, np.zeros(0, np.int64))
    refuse_two_credits(scenario, footprints)
    footprints = plain_roofs(scenario, _measured(footprints, site), notes)
    if not site.active.any():
        assert scenario.terrain.buildings is not None
        raise TerrainError("the buildings cover the whole terrain", where=scenario.terrain.buildings.file)
    acts = act(footprints, ground, outside, base)
    del base
    ground.ravel()[acts.lifted] = acts.floor_m
    active = ~(outside | acts.blocked)
    # water may stand below the roofs of all buildings but blocked ones, or on them
    bare = active & (footprints.labels == 0) if acts.lifted.size or acts.passable.any() else None
    shapes = Shapes(footprints.ids, footprints.polygons, list(footprints.notes))
    return LaidOut(
        ground,
        active,
        outside,
        acts.rain_weight,
        bare,
        sewer_roofs_law(footprints, outside),
        acts.green,
        site,
        fresh.table,
        shapes,
        acts.lifted,
    )


def _measured(footprints: Footprints, site: Site) -> Footprints:
    """The buildings with the thresholds and green roofs that measures gave them."""
    acting = list(footprints.acting)
    for threshold in site.thresholds:
        k = threshold.label - 1
        acting[k] = replace(acting[k], mode="threshold", threshold_m=threshold.threshold_m)
    for roof in site.green_roofs:
        k = roof.label - 1
        acting[k] = replace(acting[k], roof="green", green_storage_mm=roof.storage_mm)
    return replace(footprints, acting=tuple(acting))
