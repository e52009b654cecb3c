"""The part of a terrain that is computed: a drawn area with its catchment, and what enters where that is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from scipy import ndimage

from flood_sim import geojson
from flood_sim.build.inside import only_inside
from flood_sim.build.rain import rain
from flood_sim.build.switches import plain_roofs
from flood_sim.errors import ScenarioError
from flood_sim.measures.reading import FreshSite, site_on
from flood_sim.scenario import Culvert, FieldRain, GaugeRain, Scenario
from flood_sim.solver.domain import AreaInflow
from flood_sim.solver.series import Linear
from flood_sim.terrain.buildings import act
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.flow import Culvert as FlowCulvert
from flood_sim.terrain.flow import hierarchy_of, make_land
from flood_sim.terrain.flow.accumulate import upstream
from flood_sim.terrain.flow.cells import OUT
from flood_sim.terrain.flow.cutout import Cutout, cut_out, outside_only
from flood_sim.terrain.flow.hierarchy import Hierarchy
from flood_sim.terrain.flow.travel import METHOD_DE, METHOD_EN, Feed, feeds
from flood_sim.terrain.grid import Grid


@dataclass(frozen=True)
class Extent:
    """What is computed of a terrain, and the scenario without what lies elsewhere.

    entering: inflows at the edge. levels: m (rows + 2, cols + 2), by which the border is closed (`border.boundaries`).
    told: for the manifest. All None or empty where all is computed.
    """

    scenario: Scenario
    dem: Dem
    entering: tuple[AreaInflow, ...] = ()
    levels: np.ndarray | None = None
    told: dict[str, Any] | None = None
    notes: tuple[str, ...] = field(default=())


def cut_to_area(scenario: Scenario, dem: Dem) -> Extent:
    """The terrain cut to `terrain.area` and, if it is to be extended, the ground that drains into it."""
    area = scenario.terrain.area
    if area is None:
        return Extent(scenario, dem)
    drawn = shapely.Polygon(area.polygon)
    if not drawn.is_valid or drawn.area == 0:
        raise ScenarioError(
            "the polygon crosses itself or is flat", where="terrain.area.polygon", value=shapely.is_valid_reason(drawn),
            hint="Draw its outline once round",
        )  # fmt: skip
    outside = np.isnan(dem.height)
    fresh = site_on(scenario, dem.grid, np.where(outside, 0.0, dem.height), outside)
    ground = np.where(outside, np.nan, fresh.site.ground)
    culverts = flow_culverts(fresh.site.culverts, dem.grid, fresh.site.active)
    hierarchy = hierarchy_of(make_land(ground, dem.grid.cell, active=fresh.site.active, culverts=culverts))
    closed = _closed(fresh) & ~outside
    nearest = _nearest_open(closed, fresh.site.active)
    found = cut_out(
        hierarchy, dem.grid, drawn, margin_m=area.margin_m, largest_ha=area.largest_ha,
        extend=area.extend == "catchment", weight=_with_houses(nearest, dem.grid.shape),
    )  # fmt: skip
    mask = found.mask & ~outside
    # with houses whose nearest open cell is inside: a hole would be an edge over which water leaves, its roofs without rain
    mask[closed] = (mask & fresh.site.active).ravel()[nearest]
    part = _bounds(mask)
    height = np.where(mask[part], dem.height[part], np.nan)
    inside = replace(dem, grid=_window(dem.grid, part), height=height)
    here, left_out = only_inside(scenario, fresh, dem.grid, mask)
    entering: Sequence[Feed] = ()
    notes = [found.sentence_en, *left_out]
    if found.entries:
        entering = _entering(scenario, fresh, hierarchy, found, dem.grid, mask, outside)
    if entering:
        notes.append(METHOD_EN)
        if isinstance(scenario.storm, GaugeRain | FieldRain):
            notes.append("the inflow at the edge is made of the mean of the measured rain over the ground outside")
    inflows = tuple(_inflow(feed, k, part) for k, feed in enumerate(entering))
    told = _told(found, dem.grid, entering)
    return Extent(here, inside, inflows, _levels(hierarchy, mask, closed, part), told, tuple(notes))


def _levels(h: Hierarchy, mask: np.ndarray, closed: np.ndarray, part: tuple[slice, slice]) -> np.ndarray:
    """What decides where the border of the cut-out is closed, m (rows + 2, cols + 2): filled ground inside, inf where its water
    leaves; filled ground outside whose water runs in, -inf elsewhere, inf under closed buildings."""
    inside = mask & (h.on_grid(h.basin) >= 0)
    reaching = np.zeros(h.z.size, bool)
    h.on_grid(reaching)[:] = inside
    upstream(h.drained, h.offsets, h.link_from, h.link_to, reaching)
    leaving = h.on_grid(outside_only(h, ~mask)[0]) == OUT
    filled = h.on_grid(np.where(h.basin > 0, np.maximum(h.z, h.crest[np.maximum(h.basin, 0)]), h.z))
    level = np.where(h.on_grid(reaching), filled, -np.inf)
    level[(inside & leaving) | closed] = np.inf
    around = np.pad(level, 1, constant_values=-np.inf)
    return around[part[0].start : part[0].stop + 2, part[1].start : part[1].stop + 2]


def _nearest_open(closed: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Flat index of the open cell that is nearest to each closed one, int64 (n,)."""
    if not closed.any():
        return np.empty(0, np.int64)
    row, col = ndimage.distance_transform_edt(~active, return_distances=False, return_indices=True)
    return np.asarray(row[closed], np.int64) * active.shape[1] + col[closed]


def _with_houses(nearest: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Cells that belong to each cell: itself and the closed ones to which it is the nearest, float64."""
    return 1.0 + np.bincount(nearest, minlength=shape[0] * shape[1]).reshape(shape)


def _closed(fresh: FreshSite) -> np.ndarray:
    """Cells of closed buildings, bool (rows, cols)."""
    return (fresh.site.labels > 0) & ~fresh.site.active


def _entering(
    scenario: Scenario, fresh: FreshSite, hierarchy: Hierarchy, found: Cutout, grid: Grid, mask: np.ndarray,
    outside: np.ndarray,
) -> Sequence[Feed]:  # fmt: skip
    """What the ground outside sends in, with the rain of its roofs; nothing without rain."""
    storm, _ = rain(scenario, grid, fresh.site.active & ~mask, [])
    if not storm.total_m > 0.0:
        return ()
    share = None
    if fresh.footprints is not None:
        acts = act(plain_roofs(scenario, fresh.footprints, []), fresh.site.ground, outside | mask)
        share = acts.rain_weight
        for roof in acts.green:  # as if full: on the side of too much water, as the rest of the method
            share.ravel()[roof.cells] += roof.weight
    return feeds(hierarchy, found, storm.edges_s, storm.rates_m_s, share=share)


def flow_culverts(culverts: Sequence[Culvert], grid: Grid, active: np.ndarray) -> list[FlowCulvert]:
    """Culverts from cell to cell; ends in one cell or off open ground are left to the run, which refuses them."""
    found = []
    for pipe in culverts:
        if pipe.blockage == 1.0:
            continue
        one, other = (grid.index(*pipe.line[k]) for k in (0, -1))
        if one is not None and other is not None and one != other and active[one] and active[other]:
            inverts = pipe.inverts_m or (None, None)
            found.append(FlowCulvert(one, other, inverts[0], inverts[1]))
    return found


def _bounds(mask: np.ndarray) -> tuple[slice, slice]:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)


def _window(grid: Grid, part: tuple[slice, slice]) -> Grid:
    rows, cols = part
    return replace(
        grid, west=grid.west + cols.start * grid.cell, north=grid.north - rows.start * grid.cell,
        rows=rows.stop - rows.start, cols=cols.stop - cols.start,
    )  # fmt: skip


def _inflow(feed: Feed, number: int, part: tuple[slice, slice]) -> AreaInflow:
    row, col = feed.entry.row - part[0].start, feed.entry.col - part[1].start
    series = Linear(tuple(feed.times.tolist()), tuple(feed.discharge.tolist()), zero_outside=True)
    return AreaInflow(f"terrain.area, entry {number}", np.array([row]), np.array([col]), series)


def _told(found: Cutout, grid: Grid, entering: Sequence[Feed]) -> dict[str, Any]:
    outline = geojson.collection([found.polygon], [{}], grid.crs)["features"]
    return {
        "drawn_ha": found.drawn_ha,
        "catchment_ha": found.catchment_ha,
        "computed_ha": found.area_ha,
        "whole_catchment": bool(found.whole),
        "reaches_end_of_terrain": found.open_ended,
        "fed_m3": sum(feed.volume for feed in entering),
        "sentence_de": f"{found.sentence_de} {METHOD_DE}." if entering else found.sentence_de,
        "sentence_en": f"{found.sentence_en} {METHOD_EN}." if entering else found.sentence_en,
        "outline": outline[0]["geometry"] if outline else None,
    }
