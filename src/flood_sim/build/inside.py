"""What of a scenario belongs to the part of a terrain that is computed, and what lies elsewhere and is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from rasterio.features import rasterize

from flood_sim import placing
from flood_sim.errors import ScenarioError
from flood_sim.measures.reading import FreshSite
from flood_sim.measures.shape import drawn, named
from flood_sim.scenario import Areas, CapacitySewer, FlatSewer, FreeOutflow, Inlets, NoSewer, Scenario, Wall
from flood_sim.surface.point_file import Points, read_hydrographs, read_points
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.line_file import read_lines
from flood_sim.terrain.lines import line_cells

ENLARGE = "Enlarge terrain.area so that it lies inside, or take it out of the scenario"


def only_inside(scenario: Scenario, fresh: FreshSite, grid: Grid, mask: np.ndarray) -> tuple[Scenario, list[str]]:
    """The scenario without what describes the terrain elsewhere, and what was left out, in plain words.

    grid: of the whole terrain. mask: bool (rows, cols), cells that are computed. Left out are corrections, culverts,
    lines, buildings, a river and a sewer that lie wholly outside: a city keeps one scenario and computes parts of it.
    ScenarioError for what somebody asked for and would not get: a measure, a gauge, one end of a culvert, water at an
    edge of the terrain, which is none of its part.
    """
    notes = _refuse_outside(scenario, grid, mask)
    terrain: dict[str, Any] = {}
    surface: dict[str, Any] = {}
    cuts = tuple(c for c in scenario.terrain.corrections if _passes(c.line, grid, mask))
    culverts = tuple(c for c in scenario.surface.culverts if _ends_inside(c.id, c.line, grid, mask))
    for where, name, kept, all_of_them in (
        (terrain, "corrections", cuts, scenario.terrain.corrections),
        (surface, "culverts", culverts, scenario.surface.culverts),
    ):
        if len(kept) < len(all_of_them):
            where[name] = kept
            notes.append(f"{len(all_of_them) - len(kept)} of {len(all_of_them)} {name} lie outside the computed area")
    if fresh.footprints is not None and not (fresh.site.labels[mask] > 0).any():
        terrain["buildings"] = None
        notes.append("no building lies in the computed area")
    if scenario.terrain.lines is not None:
        lines = read_lines(scenario.terrain.lines, grid).lines
        if not any(_passes(line.points, grid, mask) for line in lines):
            terrain["lines"] = None
            notes.append("none of terrain.lines lies in the computed area")
    _drainage(scenario, grid, mask, surface, notes)
    return scenario.model_copy(
        update={
            "terrain": scenario.terrain.model_copy(update=terrain),
            "surface": scenario.surface.model_copy(update=surface),
        }
    ), notes


def _drainage(scenario: Scenario, grid: Grid, mask: np.ndarray, changed: dict[str, Any], notes: list[str]) -> None:
    """Take the river, the sewer and the manholes that lie outside out of the surface."""
    surface = scenario.surface
    if surface.river is not None and not _meets(surface.river, grid, mask, "surface.river"):
        changed["river"] = None
        notes.append("surface.river lies outside the computed area and takes no water")
    sewer = surface.sewer
    match sewer:
        case FlatSewer(areas=Areas() as areas) | CapacitySewer(areas=Areas() as areas):
            there = _meets(areas, grid, mask, "surface.sewer.areas")
        case Inlets():
            there = _any_on(read_points(sewer.file), grid, mask)
        case _:
            there = True
    if not there:
        changed["sewer"] = NoSewer()
        notes.append("surface.sewer lies outside the computed area and takes no water")
    if surface.manholes is not None:
        found = read_hydrographs(surface.manholes.file)
        if not _any_on(found.points, grid, mask):
            changed["manholes"] = None
            notes.append(
                f"all manholes lie outside the computed area; {float(found.volume.sum()):.1f} m³ come up there and are left out"
            )


def _refuse_outside(scenario: Scenario, grid: Grid, mask: np.ndarray) -> list[str]:
    """ScenarioError for what lies outside; what lies partly outside, in plain words."""
    for k, boundary in enumerate(scenario.boundaries):
        edge = boundary.where.edge
        if edge is not None and not isinstance(boundary, FreeOutflow | Wall):
            raise ScenarioError(
                "means an edge of the whole terrain, and terrain.area computes a part of it",
                where=f"boundaries.{k} ({boundary.kind})", value=f"edge {edge}", allowed="a line or polygon",
                hint="Draw where it acts, or take it out of the scenario",
            )  # fmt: skip
    notes = []
    asked = [(named(m), drawn(m)) for m in scenario.measures]
    asked += [(f"gauge {g.id}", shapely.Point(g.x, g.y)) for g in scenario.gauges]
    for name, shape in asked:
        if shape is None:
            continue
        cells = _touched(shape, grid)
        inside = int((cells & mask).sum())
        if not inside:
            rows, cols = (np.flatnonzero(mask.any(axis=k)) for k in (1, 0))
            west, north = grid.west + cols[0] * grid.cell, grid.north - rows[0] * grid.cell
            east, south = grid.west + (cols[-1] + 1) * grid.cell, grid.north - (rows[-1] + 1) * grid.cell
            x, y = shape.centroid.x, shape.centroid.y
            raise ScenarioError(
                "lies outside the area that is computed", where=name, value=f"x {x:.12g}, y {y:.12g}",
                allowed=f"within x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}, where it drains into the drawn area",
                hint=ENLARGE,
            )  # fmt: skip
        if inside < cells.sum():
            notes.append(f"{name} lies partly outside the computed area and acts only inside")
    return notes


def _touched(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    """Cells that a drawing touches, bool (rows, cols)."""
    burnt = rasterize([(shape, 1)], out_shape=grid.shape, transform=grid.transform, all_touched=True, dtype="uint8")
    return np.asarray(burnt, bool)


def _passes(points: Any, grid: Grid, mask: np.ndarray) -> bool:
    cells = line_cells(points, grid)
    return bool(mask[cells.rows, cells.cols].any())


def _ends_inside(name: str, line: Any, grid: Grid, mask: np.ndarray) -> bool:
    """Whether both ends are computed; ScenarioError where only one is."""
    cells = [grid.index(*line[k]) for k in (0, -1)]
    inside = [cell is not None and bool(mask[cell]) for cell in cells]
    if inside[0] != inside[1]:
        k = inside.index(False)
        raise ScenarioError(
            f"its {'downstream' if k else 'upstream'} end lies outside the area that is computed",
            where=f"culvert {name}", value="x {:.12g}, y {:.12g}".format(*line[-k]), allowed="both ends inside",
            hint=ENLARGE,
        )  # fmt: skip
    return inside[0]


def _meets(areas: Areas, grid: Grid, mask: np.ndarray, where: str) -> bool:
    return bool(placing.area_mask(areas, grid, where)[mask].any())


def _any_on(points: Points, grid: Grid, mask: np.ndarray) -> bool:
    cells = (grid.index(x, y) for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True))
    return any(cell is not None and mask[cell] for cell in cells)
