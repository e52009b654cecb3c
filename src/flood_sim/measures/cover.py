"""Unsealing and greening: another land cover, and what the ground then keeps."""

from __future__ import annotations

import difflib
import math

from flood_sim.measures.fault import MeasureError
from flood_sim.measures.shape import Cells, named, polygon_cells
from flood_sim.measures.site import Site
from flood_sim.scenario.measures import Greening, Unsealing


def change_cover(measure: Unsealing | Greening, site: Site) -> Cells:
    """Give the open cells of the polygon another land cover in place; roofs stay roofs."""
    code = code_of(measure, site)
    cells = polygon_cells(measure, measure.polygon, site.grid, site.terrain)
    cells = cells.take(site.labels[cells.rows, cells.cols] == 0)
    assert site.land_cover is not None  # code_of has looked
    site.land_cover[cells.rows, cells.cols] = code
    return cells


def code_of(measure: Unsealing | Greening, site: Site) -> int:
    """The code of the new land cover; ScenarioError for a key that the table does not have, or without land cover."""
    if site.land_cover is None:
        raise MeasureError(
            "changes the land cover, but the scenario has none, so it would do nothing", where=named(measure),
            hint="Give surface.land_cover, and roughness and infiltration of kind land_cover", code="no_land_cover",
            de="Das Szenario hat keine Oberflächen (land_cover); die Maßnahme hätte keine Wirkung.",
        )  # fmt: skip
    if measure.surface not in site.surfaces:
        close = difflib.get_close_matches(measure.surface, site.surfaces, n=1)
        raise MeasureError(
            "there is no such land cover", where=f"{named(measure)}, surface", value=measure.surface,
            allowed=", ".join(site.surfaces), hint=f"Did you mean {close[0]}?" if close else None, code="unknown_surface",
            de=f"Die Oberfläche {measure.surface} gibt es nicht; möglich sind {', '.join(site.surfaces)}.",
        )  # fmt: skip
    return site.surfaces[measure.surface]


def horton_mm(minutes: float, f0_mm_h: float, fc_mm_h: float, k_per_h: float) -> float:
    """What soil takes in this time while water stands on it [mm]: fc t + (f0 - fc) (1 - exp(-k t)) / k (Horton 1941)."""
    t = minutes / 60.0
    return fc_mm_h * t + (f0_mm_h - fc_mm_h) * -math.expm1(-k_per_h * t) / k_per_h


def unsealing_keeps_m3(
    area_m2: float, rain_mm: float, duration_min: float, *, f0_mm_h: float, fc_mm_h: float, k_per_h: float,
    initial_loss_mm: float, initial_loss_before_mm: float = 0.0,
) -> float:  # fmt: skip
    """What unsealing this area keeps of a storm, m³: infiltration and initial loss that sealed ground does not have.

    An upper bound, since soil takes its most only while water is offered; never
    more than the rain.
    """
    after = min(rain_mm, initial_loss_mm + horton_mm(duration_min, f0_mm_h, fc_mm_h, k_per_h))
    return area_m2 / 1000.0 * max(after - min(rain_mm, initial_loss_before_mm), 0.0)
