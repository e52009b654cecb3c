"""Remarks on where measures lie: outside the terrain, over buildings, over one another; and on roofs and covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations

import numpy as np
import shapely
import shapely.geometry
from affine import Affine
from rasterio.features import shapes

from flood_sim.measures.apply import Works, in_order
from flood_sim.measures.fault import MeasureError
from flood_sim.measures.remark import Remark, remark
from flood_sim.measures.roofs import green_roof_volume_m3, meant, roof_areas_m2
from flood_sim.measures.shape import drawn
from flood_sim.measures.site import Site
from flood_sim.measures.words import LABELS, de, en
from flood_sim.scenario.measures import (
    Basin,
    CulvertMeasure,
    EmergencyFlowPath,
    Greening,
    GreenRoof,
    GroundChange,
    Measure,
    Swale,
    Threshold,
    Unsealing,
)

TOUCH_M2 = 1.0
"""Outlines that share less than this only touch."""


def outside_remarks(measure: Measure, site: Site) -> Iterator[Remark]:
    """A part outside the grid, or where it has no heights; what lies wholly outside is an error of its own."""
    shape = drawn(measure)
    if shape is None or isinstance(measure, CulvertMeasure):  # of a pipe the ends count, which are looked at elsewhere
        return
    inside = shapely.intersection(shape, shapely.box(*site.grid.bounds))
    inside = shapely.difference(inside, _void(inside, site))
    whole, left = (shape.area, inside.area) if shape.area else (shape.length, inside.length)
    if not inside.is_empty and left < whole * (1 - 1e-9):
        name_de, name_en = LABELS[measure.kind]
        share = 1 - left / whole
        percent_de, percent_en = (f(max(100 * share, 1.0)) for f in (de, en))
        yield remark(
            measure, "partly_outside", "warning", f"{name_de}: {percent_de} % liegen außerhalb des Geländes und wirken nicht.",
            f"{name_en}: {percent_en} % lie outside the terrain and do nothing.", at=shapely.difference(shape, inside),
            share_outside=share,
        )  # fmt: skip


def _void(shape: shapely.Geometry, site: Site) -> shapely.Geometry:
    """The cells without height around a shape, as polygons."""
    if shape.is_empty:
        return shapely.Polygon()
    grid = site.grid
    west, south, east, north = shape.bounds
    top, left = int((grid.north - north) / grid.cell), int((west - grid.west) / grid.cell)
    bottom, right = int((grid.north - south) / grid.cell) + 1, int((east - grid.west) / grid.cell) + 1
    void = ~site.terrain[max(top, 0) : bottom, max(left, 0) : right]
    if not void.any():
        return shapely.Polygon()
    place = grid.transform * Affine.translation(max(left, 0), max(top, 0))
    found = shapes(void.view(np.uint8), mask=void, transform=place)
    return shapely.union_all([shapely.geometry.shape(part) for part, _ in found])


def over_building_remarks(measure: Measure, site: Site) -> Iterator[Remark]:
    """What is dug cannot stand on the same place as a house."""
    match measure:
        case Basin() | GroundChange():
            shape = shapely.Polygon(measure.polygon)
        case Swale() | EmergencyFlowPath():
            shape = shapely.LineString(measure.line).buffer(measure.width_m / 2, cap_style="flat")
        case _:
            return
    if not site.building_polygons:
        return
    hit = shapely.STRtree(site.building_polygons).query(shape, predicate="intersects")
    parts = [shapely.intersection(shape, site.building_polygons[k]) for k in hit]
    over = [(k, part) for k, part in zip(hit, parts, strict=True) if part.area >= TOUCH_M2]
    if not over:
        return
    name_de, name_en = LABELS[measure.kind]
    area = sum(part.area for _, part in over)
    ids = ", ".join(site.building_ids[k] for k, _ in over[:5])
    yield remark(
        measure, "over_building", "error" if isinstance(measure, Basin) else "warning",
        f"{name_de} liegt mit {de(area)} m² unter {len(over)} Gebäude{'n' if len(over) > 1 else ''} ({ids}).",
        f"{name_en} lies with {en(area)} m² under {len(over)} building{'s' if len(over) > 1 else ''} ({ids}).",
        at=shapely.union_all([part for _, part in over]), area_m2=area, buildings=len(over),
    )  # fmt: skip


def green_roof_remarks(measure: GreenRoof, site: Site) -> Iterator[Remark]:
    try:
        labels = meant(measure, site)
    except MeasureError:
        return  # said already
    roof = float(roof_areas_m2(labels, site).sum())
    green = roof if measure.area_m2 is None else measure.area_m2
    at = shapely.union_all([site.building_polygons[k - 1] for k in labels])
    if green > roof * 1.001:
        yield remark(
            measure, "larger_than_roof", "error", f"Dachbegrünung: {de(green)} m² sind mehr als {'das Dach hat' if len(labels) == 1 else 'die Dächer haben'} ({de(roof)} m²).",
            f"green roof: {en(green)} m² are more than the roof{' has' if len(labels) == 1 else 's have'} ({en(roof)} m²).", at=at, area_m2=green, roof_m2=roof,
        )  # fmt: skip
        return
    held = green_roof_volume_m3(green, measure.storage_mm)
    yield remark(
        measure, "holds", "note", f"Dachbegrünung: {de(green)} m² mit {de(measure.storage_mm)} mm halten {de(held, 1)} m³.",
        f"green roof: {en(green)} m² with {en(measure.storage_mm)} mm hold {en(held, 1)} m³.", at=at, area_m2=green, volume_m3=held,
        roof_m2=roof,
    )  # fmt: skip


def threshold_remarks(measure: Threshold, site: Site) -> Iterator[Remark]:
    try:
        labels = meant(measure, site)
    except MeasureError:
        return  # said already
    closed = [k for k in labels if not site.active[site.labels == k].any()]
    if closed:
        ids = ", ".join(site.building_ids[k - 1] for k in closed[:5])
        yield remark(
            measure, "closed_without_it", "warning",
            f"Schwelle: Ohne die Maßnahme ist das Gebäude ganz geschlossen gerechnet ({ids}); mit ihr kann Wasser ab {de(100 * measure.threshold_m)} cm "
            "hinein. Zum Vergleich das Gebäude auch im Bestand mit einer Schwelle rechnen (mode: threshold).",
            f"threshold: without the measure the building is computed closed ({ids}); with it water enters from {en(100 * measure.threshold_m)} cm. "
            "To compare, give the building mode: threshold in both.",
            at=shapely.union_all([site.building_polygons[k - 1] for k in closed]), threshold_m=measure.threshold_m,
        )  # fmt: skip


def cover_remarks(measure: Unsealing | Greening, before: Site, works: Works) -> Iterator[Remark]:
    """How much of the area really changes."""
    cells = works.cells.get(measure.id)
    if cells is None or before.land_cover is None or works.site.land_cover is None:
        return
    name_de, name_en = LABELS[measure.kind]
    same = before.land_cover[cells.rows, cells.cols] == before.surfaces[measure.surface]
    share = float(same.mean()) if cells.size else 1.0
    area = cells.size * before.grid.cell**2
    at = shapely.Polygon(measure.polygon)
    if share > 0.5:
        yield remark(
            measure, "is_so_already", "warning", f"{name_de}: {de(100 * share)} % der Fläche sind schon heute „{measure.surface}“.",
            f"{name_en}: {en(100 * share)} % of the area are {measure.surface} already.", at=at, share_unchanged=share,
        )  # fmt: skip
    yield remark(
        measure, "area", "note", f"{name_de}: {de(area * (1 - share))} m² ändern sich.",
        f"{name_en}: {en(area * (1 - share))} m² change.", at=at, area_m2=area * (1 - share),
    )  # fmt: skip


def ground_remarks(measure: GroundChange, before: Site, works: Works) -> Iterator[Remark]:
    change = works.changes.get(measure.id)
    if change is None:
        return
    area = before.grid.cell**2
    raised, lowered = area * float(change.clip(min=0).sum()), area * float(abs(change.clip(max=0).sum()))
    at = shapely.Polygon(measure.polygon)
    if not np.any(change):
        yield remark(
            measure, "changes_nothing", "warning", "Gelände: Die Maßnahme ändert keine Höhe.", "ground: the measure changes no height.", at=at
        )  # fmt: skip
        return
    yield remark(
        measure, "earthworks", "note", f"Gelände: {de(raised)} m³ Auftrag, {de(lowered)} m³ Abtrag.",
        f"ground: {en(raised)} m³ filled, {en(lowered)} m³ dug out.", at=at, filled_m3=raised, dug_m3=lowered,
    )  # fmt: skip


def overlap_remarks(measures: Sequence[Measure], site: Site) -> Iterator[Remark]:
    """Two that shape the same ground, or mean the same building: the later in the fixed order counts."""
    yield from _same_building(measures, site)
    shaping = [m for m in in_order(measures) if isinstance(m, Basin | GroundChange | Unsealing | Greening)]
    for one, other in combinations(shaping, 2):
        if isinstance(one, Basin | GroundChange) != isinstance(other, Basin | GroundChange):
            continue
        shared = shapely.intersection(shapely.Polygon(one.polygon), shapely.Polygon(other.polygon))
        if shared.area >= TOUCH_M2:
            yield remark(
                other, "overlap", "warning",
                f"{LABELS[other.kind][0]} überlagert {one.id} auf {de(shared.area)} m²; dort wirkt zuletzt {other.id}.",
                f"{LABELS[other.kind][1]} overlaps {one.id} on {en(shared.area)} m²; there {other.id} acts last.", at=shared, area_m2=shared.area,
            )  # fmt: skip


def _same_building(measures: Sequence[Measure], site: Site) -> Iterator[Remark]:
    at_buildings = [m for m in in_order(measures) if isinstance(m, GreenRoof | Threshold)]
    for one, other in combinations(at_buildings, 2):
        if one.kind != other.kind:
            continue
        with suppress(MeasureError):  # said already
            shared = sorted({*meant(one, site)} & {*meant(other, site)})
            if shared:
                names = ", ".join(site.building_ids[k - 1] for k in shared[:3]) + (" …" if len(shared) > 3 else "")
                yield remark(
                    other, "overlap", "warning",
                    f"{LABELS[other.kind][0]} meint dasselbe Gebäude wie {one.id} ({names}); dort wirkt nur {other.id}.",
                    f"{LABELS[other.kind][1]} means the same building as {one.id} ({names}); there only {other.id} acts.",
                    at=shapely.union_all([site.building_polygons[k - 1] for k in shared]), buildings=len(shared),
                )  # fmt: skip
