"""Culverts and storages: what a measure adds beside the ground."""

from __future__ import annotations

import difflib

import numpy as np

from flood_sim.measures.fault import MeasureError
from flood_sim.measures.shape import Cells, drawn, inside, named, outside_or_small
from flood_sim.measures.site import PlacedStorage, Site
from flood_sim.scenario.measures import CulvertMeasure, Storage
from flood_sim.scenario.structures import Culvert


def plain_culvert(measure: CulvertMeasure) -> Culvert:
    """The culvert as the scenario's own are described; it keeps the id of the one that it replaces."""
    data = {name: getattr(measure, name) for name in Culvert.model_fields}
    return Culvert(**{**data, "id": measure.replaces or measure.id})


def place_culvert(measure: CulvertMeasure, site: Site) -> None:
    """Add a culvert, or put it in place of another; ScenarioError for an unknown one or both ends in one cell."""
    ends = [site.grid.index(*measure.line[k]) for k in (0, -1)]
    for end, place, name in zip(ends, (measure.line[0], measure.line[-1]), ("upstream", "downstream"), strict=True):
        if end is None:
            west, south, east, north = site.grid.bounds
            raise MeasureError(
                f"its {name} end lies outside the terrain", where=named(measure), value=f"x {place[0]:.12g}, y {place[1]:.12g}",
                allowed=f"x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}",
                code="outside_terrain", xy=place, de="Ein Ende des Durchlasses liegt außerhalb des Geländes.",
            )  # fmt: skip
    if ends[0] == ends[1]:
        raise MeasureError(
            "both ends lie in one cell, so it would carry nothing", where=named(measure),
            allowed=f"ends at least {site.grid.cell:g} m apart", hint="Draw it from the inlet to the outlet", code="one_cell", xy=measure.line[0],
            de=f"Beide Enden des Durchlasses liegen in derselben Rechenzelle ({site.grid.cell:g} m); er würde nichts ableiten.",
        )  # fmt: skip
    ids = [c.id for c in site.culverts]
    new = plain_culvert(measure)
    if measure.replaces is None:
        if measure.id in ids:
            raise MeasureError(
                "the scenario has a culvert of this id", where=named(measure), value=measure.id,
                hint=f"Give replaces: {measure.id} for a larger one in its place, or another id", code="id_twice",
                de=f"Einen Durchlass {measure.id} gibt es schon.",
            )  # fmt: skip
        site.culverts.append(new)
        return
    if measure.replaces not in ids:
        close = difflib.get_close_matches(measure.replaces, ids, n=1)
        hint = f"Did you mean {close[0]}?" if close else "Leave `replaces` out for a new culvert"
        raise MeasureError(
            "there is no culvert to replace", where=f"{named(measure)}, replaces", value=measure.replaces,
            allowed=", ".join(ids) or None, hint=hint, code="nothing_to_replace",
            de=f"Einen Durchlass {measure.replaces} gibt es nicht.",
        )  # fmt: skip
    site.culverts[ids.index(measure.replaces)] = new


def storage_cells(measure: Storage, site: Site) -> Cells:
    """Open cells from which a storage takes water."""
    shape = drawn(measure)
    assert shape is not None  # the model asks for a point or a polygon
    if measure.point is not None:
        cell = site.grid.index(*measure.point)
        cells = Cells(*(np.array([k] if cell else [], np.int64) for k in (cell or (0, 0))))
    else:
        cells = inside(shape, site.grid)
    if not cells.size:
        raise outside_or_small(measure, shape, site.grid)
    cells = cells.take(site.active[cells.rows, cells.cols])
    if not cells.size:
        raise MeasureError(
            "lies in a building or where the terrain has no height, so no water reaches it", where=named(measure),
            hint="Draw it onto open ground, where its inlets are", code="no_open_cell", xy=(float(shape.centroid.x), float(shape.centroid.y)),
            de="Der Speicher liegt in einem Gebäude oder außerhalb des Geländes; kein Wasser erreicht ihn.",
        )  # fmt: skip
    return cells


def place_storage(measure: Storage, site: Site) -> None:
    cells = storage_cells(measure, site)
    site.storages.append(
        PlacedStorage(measure.id, cells.rows, cells.cols, measure.volume_m3, measure.inflow_capacity_m3s)
    )
