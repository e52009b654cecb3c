"""Measures onto a site, in one fixed order that does not depend on the order of the list.

1. ground (raised, lowered)
2. basins, then swales and emergency flow paths: dug into the ground of step 1
3. walls, embankments, mobile barriers, kerbs: stand on the ground of step 2
4. unsealing, then greening: the land cover
5. green roofs, thresholds: the buildings
6. culverts, storages: beside the ground

Within a kind the order of the list counts. A wall across a basin therefore stands
on the bottom of the basin, and a basin is never dug through a wall. The depths of
swales and flow paths count from the ground of step 1: crossing ones leave no pit,
one that leads into a basin does not dig its bottom deeper, and one that crosses a
dam cuts through it. A lowered kerb opens no wall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from flood_sim.errors import ScenarioError
from flood_sim.measures.basin import BasinDesign, design
from flood_sim.measures.built import as_built
from flood_sim.measures.channel import Strip, dig, kerbs, strip_of
from flood_sim.measures.cover import change_cover
from flood_sim.measures.roofs import place_green_roof, place_threshold
from flood_sim.measures.shape import Cells, outside_or_small, polygon_cells, without_heights
from flood_sim.measures.site import Site
from flood_sim.measures.walls import Crest, build_wall, change_kerb
from flood_sim.measures.water import place_culvert, place_storage
from flood_sim.scenario.measures import (
    Basin,
    CulvertMeasure,
    Embankment,
    EmergencyFlowPath,
    FloodWall,
    Greening,
    GreenRoof,
    GroundChange,
    Kerb,
    Measure,
    MobileBarrier,
    Storage,
    Swale,
    Threshold,
    Unsealing,
)
from flood_sim.terrain.lines import line_cells

ORDER = (
    "ground", "basin", "swale", "emergency_flow_path", "wall", "embankment", "mobile_barrier", "kerb",
    "unsealing", "greening", "green_roof", "threshold", "culvert", "storage",
)  # fmt: skip
STANDING = (FloodWall, Embankment, MobileBarrier, Kerb, EmergencyFlowPath)


@dataclass
class Works:
    """The site while measures are applied, and what became of each of them, by id.

    base: the ground on which walls stand, m (rows, cols): a copy taken after all digging. cells: those of ground and
    cover measures; changes: of the ground there, m.
    """

    site: Site
    base: np.ndarray
    notes: list[str] = field(default_factory=list)
    basins: dict[str, BasinDesign] = field(default_factory=dict)
    strips: dict[str, Strip] = field(default_factory=dict)
    crests: dict[str, Crest] = field(default_factory=dict)
    cells: dict[str, Cells] = field(default_factory=dict)
    changes: dict[str, np.ndarray] = field(default_factory=dict)


Act = Callable[[Measure, Works], None]


def apply(measures: Sequence[Measure], site: Site) -> tuple[str, ...]:
    """Change the site in place; gives in plain words what was assumed.

    ScenarioError names the measure that cannot be, and what to do.
    """
    check_ids(measures)
    works = Works(site, site.ground)
    for act, measure in plan(measures, works):
        act(measure, works)
    for name in works.basins:
        if (built := as_built(works.basins[name], site)) is not None:
            works.notes.append(
                f"measure {name} (basin): other measures change it; it holds {built.volume_m3:.0f} m³ below {built.level_m:.2f} m"
            )
    return tuple(works.notes)


def check_ids(measures: Sequence[Measure]) -> None:
    """ScenarioError for an id that two measures share."""
    ids = [m.id for m in measures]
    for twice in (i for i in ids if ids.count(i) > 1):
        kinds = " and ".join(m.kind for m in measures if m.id == twice)
        raise ScenarioError(f"the id {twice} is used twice ({kinds})", where="measures", hint="Give each its own id")


def in_order(measures: Sequence[Measure]) -> list[Measure]:
    """As they act."""
    return sorted(measures, key=lambda m: ORDER.index(m.kind))


def plan(measures: Sequence[Measure], works: Works) -> Iterator[tuple[Act, Measure]]:
    """Each act and its measure, in order; between digging and building the ground is kept for walls and thresholds."""
    ordered = in_order(measures)
    yield from ((_grade, m) for m in ordered)
    yield from ((_dig, m) for m in ordered)
    if any(isinstance(m, STANDING) for m in ordered):
        works.base = works.site.base = works.site.ground.copy()
    yield from ((_build, m) for m in ordered)
    yield from ((_add, m) for m in ordered)


def _grade(measure: Measure, works: Works) -> None:
    """Step 1, and the floors of swales and flow paths, which count from its ground."""
    site = works.site
    match measure:
        case GroundChange():
            works.cells[measure.id], works.changes[measure.id] = _change_ground(measure, site)
        case Swale() | EmergencyFlowPath():
            _check_line(measure, site)
            works.strips[measure.id] = strip_of(measure, site.ground, site.terrain, site.grid)


def _dig(measure: Measure, works: Works) -> None:
    """Step 2."""
    site = works.site
    match measure:
        case Basin():
            made = design(measure, site.ground, site.active, site.labels, site.grid)
            works.basins[measure.id] = made
            site.ground[made.cells.rows, made.cells.cols] = made.ground
            site.ground[made.dam.rows, made.dam.cols] = made.full_m
            works.notes.append(
                f"measure {measure.id} (basin): bottom {made.bottom_m:.2f} m, {made.depth_m:.2f} m deep when full, "
                f"holds {made.volume_m3:.0f} m³ below {made.full_m:.2f} m, {made.dug_m3:.0f} m³ dug out"
            )
        case Swale() | EmergencyFlowPath():
            dig(works.strips[measure.id], site.ground)


def _build(measure: Measure, works: Works) -> None:
    """Step 3."""
    site = works.site
    match measure:
        case FloodWall() | Embankment() | MobileBarrier():
            _check_line(measure, site)
            works.crests[measure.id] = build_wall(measure, works.base, site.ground, site.terrain, site.grid)
            if isinstance(measure, MobileBarrier):
                works.notes.append(f"measure {measure.id} (mobile_barrier): it stands from the start of the run")
        case Kerb():
            _check_line(measure, site)
            change_kerb(measure, works.base, site.ground, site.terrain, site.grid)
        case EmergencyFlowPath():
            kerbs(measure, works.strips, works.base, site.ground, site.terrain, site.grid)


def _add(measure: Measure, works: Works) -> None:
    """Steps 4 to 6."""
    match measure:
        case Unsealing() | Greening():
            works.cells[measure.id] = change_cover(measure, works.site)
        case GreenRoof():
            place_green_roof(measure, works.site)
        case Threshold():
            place_threshold(measure, works.site)
        case CulvertMeasure():
            place_culvert(measure, works.site)
        case Storage():
            place_storage(measure, works.site)


def _change_ground(measure: GroundChange, site: Site) -> tuple[Cells, np.ndarray]:
    """The cells of the polygon, and by how much each was changed, m (n,)."""
    cells = polygon_cells(measure, measure.polygon, site.grid, site.terrain)
    here = site.ground[cells.rows, cells.cols]
    if measure.change_m is not None:
        new = here + measure.change_m
    else:
        assert measure.level_m is not None  # the model asks for one of both
        new = np.full(here.shape, measure.level_m)
        if measure.only is not None:
            new = np.maximum(here, new) if measure.only == "raise" else np.minimum(here, new)
    site.ground[cells.rows, cells.cols] = new
    return cells, new - here


def _check_line(measure: FloodWall | Embankment | MobileBarrier | Kerb | Swale | EmergencyFlowPath, site: Site) -> None:
    chain, line = line_cells(measure.line, site.grid), shapely.LineString(measure.line)
    if not chain.size:
        raise outside_or_small(measure, line, site.grid)
    if not site.terrain[chain.rows, chain.cols].any():
        raise without_heights(measure, line)
