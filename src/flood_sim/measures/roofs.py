"""Measures at buildings: which they mean, what a green roof holds, where a threshold stands."""

from __future__ import annotations

import difflib

import numpy as np
import shapely

from flood_sim.measures.fault import MeasureError
from flood_sim.measures.shape import named
from flood_sim.measures.site import PlacedGreenRoof, PlacedThreshold, Site
from flood_sim.scenario.measures import GreenRoof, Threshold


def green_roof_volume_m3(area_m2: float, storage_mm: float) -> float:
    """What a green roof holds: 2000 m² with 30 mm hold 60 m³."""
    return area_m2 * storage_mm / 1000.0


def meant(measure: GreenRoof | Threshold, site: Site) -> list[int]:
    """Labels of the buildings that a measure means, ascending; ScenarioError for an unknown id or where there is none."""
    if not site.building_polygons:
        raise MeasureError(
            "the scenario has no buildings",
            where=named(measure),
            hint="Give terrain.buildings",
            code="no_buildings",
            de="Das Szenario hat keine Gebäude.",
        )
    if measure.buildings:
        known = {name: k for k, name in enumerate(site.building_ids, start=1)}
        for name in measure.buildings:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {close[0]}?" if close else "Ids are those of the footprints"
                raise MeasureError(
                    "there is no such building",
                    where=named(measure),
                    value=name,
                    hint=hint,
                    code="unknown_building",
                    de=f"Es gibt kein Gebäude {name}.",
                )
        return sorted(known[name] for name in measure.buildings)
    shape = shapely.Polygon(measure.polygon) if measure.polygon is not None else shapely.Point(measure.point)
    touched = shapely.STRtree(site.building_polygons).query(shape, predicate="intersects")
    if not touched.size:
        raise MeasureError(
            "touches no building", where=named(measure), value=f"{shape.geom_type.lower()} at "
            f"x {shape.centroid.x:.1f}, y {shape.centroid.y:.1f}", hint="Draw it onto the building, or name it in `buildings`", code="no_building_here",
            xy=(float(shape.centroid.x), float(shape.centroid.y)), de="Die Maßnahme liegt an keinem Gebäude.",
        )  # fmt: skip
    return sorted(int(k) + 1 for k in touched)


def roof_areas_m2(labels: list[int], site: Site) -> np.ndarray:
    """Areas of the footprints, float64 (n,)."""
    return np.array([site.building_polygons[k - 1].area for k in labels])


def place_green_roof(measure: GreenRoof, site: Site) -> None:
    """Green area in proportion to the roofs; never more than a roof has."""
    labels = meant(measure, site)
    areas = roof_areas_m2(labels, site)
    share = 1.0 if measure.area_m2 is None else min(measure.area_m2 / float(areas.sum()), 1.0)
    for label, area in zip(labels, areas, strict=True):
        depth = measure.storage_mm * share
        site.green_roofs.append(PlacedGreenRoof(measure.id, label, depth, green_roof_volume_m3(float(area), depth)))


def place_threshold(measure: Threshold, site: Site) -> None:
    site.thresholds += [PlacedThreshold(measure.id, label, measure.threshold_m) for label in meant(measure, site)]
