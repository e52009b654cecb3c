"""What a person should know of drawn measures before a run: plain sentences, figures, places to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from flood_sim.measures.apply import Act, Works, in_order, plan
from flood_sim.measures.fault import MeasureError
from flood_sim.measures.lint_lines import channel_remarks, kerb_remarks, wall_remarks
from flood_sim.measures.lint_places import (
    cover_remarks,
    green_roof_remarks,
    ground_remarks,
    outside_remarks,
    over_building_remarks,
    overlap_remarks,
    threshold_remarks,
)
from flood_sim.measures.lint_water import basin_remarks, culvert_remarks, storage_remarks
from flood_sim.measures.remark import Remark
from flood_sim.measures.shape import drawn
from flood_sim.measures.site import Site
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

SEVERITIES = ("error", "warning", "note")


def check(
    measures: Sequence[Measure], site: Site, *, flow: np.ndarray | None = None, storm_mm: float | None = None
) -> tuple[Remark, ...]:
    """Remarks on measures that are not applied yet; errors first, then in the order in which measures act.

    site: without the measures; it is not changed. flow: contributing area of
    each cell, m² (rows, cols), and storm_mm: rain of the storm; with both,
    storages are compared with what flows to them.
    """
    works = Works(site.copy(), site.ground)
    found = list(_twice(measures))
    once = [m for k, m in enumerate(measures) if m.id not in {n.id for n in measures[:k]}]
    failed: set[str] = set()
    for act, measure in plan(once, works):
        if measure.id not in failed and (fault := _tried(act, measure, works)) is not None:
            failed.add(measure.id)
            found.append(fault)
    for measure in in_order(once):
        found += outside_remarks(measure, site)
        found += over_building_remarks(measure, site)
        found += _own(measure, site, works, flow, storm_mm)
    found += overlap_remarks(once, site)
    return tuple(sorted(found, key=lambda r: SEVERITIES.index(r.severity)))


def _tried(act: Act, measure: Measure, works: Works) -> Remark | None:
    try:
        act(measure, works)
    except MeasureError as error:
        shape = drawn(measure)
        return Remark(measure.id, error.code, "error", error.de, str(error), error.xy, shape)
    return None


def _twice(measures: Sequence[Measure]) -> Iterator[Remark]:
    for k, measure in enumerate(measures):
        if measure.id in {m.id for m in measures[:k]}:
            text_de = f"Die Kennung {measure.id} ist doppelt vergeben; jede Maßnahme braucht ihre eigene."
            yield Remark(measure.id, "id_twice", "error", text_de, f"the id {measure.id} is used twice; give each measure its own.")  # fmt: skip


def _own(
    measure: Measure, site: Site, works: Works, flow: np.ndarray | None, storm_mm: float | None
) -> Iterator[Remark]:
    """What the kind of measure asks for."""
    match measure:
        case FloodWall() | Embankment() | MobileBarrier():
            yield from wall_remarks(measure, works)
        case Swale() | EmergencyFlowPath():
            yield from channel_remarks(measure, works)
        case Kerb():
            yield from kerb_remarks(measure)
        case Basin():
            yield from basin_remarks(measure, works, flow, storm_mm)
        case Storage():
            yield from storage_remarks(measure, works, flow, storm_mm)
        case CulvertMeasure():
            yield from culvert_remarks(measure, works.site)
        case GreenRoof():
            yield from green_roof_remarks(measure, site)
        case Threshold():
            yield from threshold_remarks(measure, site)
        case Unsealing() | Greening():
            yield from cover_remarks(measure, site, works)
        case GroundChange():
            yield from ground_remarks(measure, site, works)
