"""The part of a terrain that is computed: a drawn area with its catchment, and what enters where that is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from flood_sim import geojson
from flood_sim.build.rain import rain
from flood_sim.errors import ScenarioError
from flood_sim.measures.reading import site_on
from flood_sim.scenario import Culvert, Scenario
from flood_sim.solver.domain import AreaInflow
from flood_sim.solver.series import Linear
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.flow import Culvert as FlowCulvert
from flood_sim.terrain.flow import hierarchy_of, make_land
from flood_sim.terrain.flow.cutout import Cutout, cut_out
from flood_sim.terrain.flow.travel import METHOD_DE, METHOD_EN, Feed, feeds
from flood_sim.terrain.grid import Grid


@dataclass(frozen=True)
class Extent:
    """What is computed of a terrain. entering: inflows at the edge; told: for the manifest, None where all is computed."""

    dem: Dem
    entering: tuple[AreaInflow, ...] = ()
    told: dict[str, Any] | None = None
    notes: tuple[str, ...] = field(default=())


def cut_to_area(scenario: Scenario, dem: Dem) -> Extent:
    """The terrain cut to `terrain.area` and, if it is to be extended, the ground that drains into it."""
    area = scenario.terrain.area
    if area is None:
        return Extent(dem)
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
    found = cut_out(
        hierarchy,
        dem.grid,
        drawn,
        margin_m=area.margin_m,
        largest_ha=area.largest_ha,
        extend=area.extend == "catchment",
    )
    part = _bounds(found.mask & ~outside)
    inside = replace(dem, grid=_window(dem.grid, part), height=np.where(found.mask[part], dem.height[part], np.nan))
    storm, _ = rain(scenario, dem.grid, fresh.site.active, [])
    entering = feeds(hierarchy, found, storm.edges_s, storm.rates_m_s) if found.entries else ()
    inflows = tuple(_inflow(feed, k, part) for k, feed in enumerate(entering))
    notes = (found.sentence_en, *((METHOD_EN,) if inflows else ()))
    return Extent(inside, inflows, _told(found, dem.grid, entering), notes)


def flow_culverts(culverts: Sequence[Culvert], grid: Grid, active: np.ndarray) -> list[FlowCulvert]:
    """Culverts from cell to cell; ends in one cell or off open ground are left to the run, which refuses them."""
    found = []
    for pipe in culverts:
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
        "whole_catchment": found.whole,
        "reaches_end_of_terrain": found.open_ended,
        "fed_m3": sum(feed.volume for feed in entering),
        "sentence_de": f"{found.sentence_de} {METHOD_DE}." if entering else found.sentence_de,
        "sentence_en": f"{found.sentence_en} {METHOD_EN}." if entering else found.sentence_en,
        "outline": outline[0]["geometry"] if outline else None,
    }
