"""From a Scenario to a Simulation: the only place that turns descriptions into arrays and laws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from flood_sim import placing
from flood_sim.backends.cuda.device import choose
from flood_sim.errors import ScenarioError, TerrainError
from flood_sim.rain.observed import observed
from flood_sim.rain.storms import Hyetograph, hyetograph
from flood_sim.scenario import (
    ConstantRoughness,
    Dry,
    FieldRain,
    FixedLevel,
    FreeOutflow,
    GaugeRain,
    Inflow,
    InitialDepth,
    InitialLevel,
    LandCoverRoughness,
    LevelSeries,
    Scenario,
    Wall,
    seconds,
)
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, WALL, Faces, Part, border_faces
from flood_sim.solver.border_checks import check_border
from flood_sim.solver.domain import AreaInflow, ByClass, Domain
from flood_sim.solver.rain_field import RainOnGrid
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation
from flood_sim.surface.land_cover import classes_of
from flood_sim.terrain import memory
from flood_sim.terrain.buildings import read_buildings, roof_weights
from flood_sim.terrain.dem import Dem, read_dem
from flood_sim.terrain.footprint_file import Shapes
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.raster import read_aligned

DEEPEST = 1000.0
"""m of water at the start; more is a slip of the unit."""
HEIGHTS = "Heights count from the zero of the terrain (in Germany m above NHN, DHHN2016)"


@dataclass(frozen=True)
class Build:
    """A scenario with everything read and placed, ready to be computed.

    dem: what was read; its heights are now the ground of the domain. gauges: row and column of each gauge. sections: faces of each section.
    notes: what was repaired or assumed, in plain words. device: "cpu" or "cuda".
    """

    scenario: Scenario
    dem: Dem
    domain: Domain
    storm: Hyetograph
    footprints: Shapes | None
    gauges: tuple[tuple[int, int], ...]
    sections: tuple[Faces, ...]
    notes: tuple[str, ...]
    device: str

    def simulation(self) -> Simulation:
        numerics = self.scenario.numerics
        return Simulation(
            self.domain, courant=numerics.courant, max_step=numerics.max_step_s, threads=numerics.threads, device=self.device,
            threshold=self.scenario.outputs.threshold_cm / 100, sections=self.sections,
        )  # fmt: skip


def build(scenario: Scenario) -> Build:
    """Read the inputs, check that they fit together, place everything on the grid, and choose the device."""
    scenario = Scenario.checked(scenario)
    terrain = scenario.terrain
    dem = read_dem(
        terrain.dem, crs=terrain.crs, holes=terrain.holes, cell_m=terrain.cell_m, beside=_bytes_beside(scenario)
    )
    grid = dem.grid
    placing.check_crs(scenario.crs, grid)
    notes = list(dem.notes)
    outside = np.isnan(dem.height)
    ground = dem.height  # changed in place: of a whole city there is no room for a second one
    ground[outside] = 0.0
    active, weight, footprints = _place_buildings(scenario, grid, ground, outside, notes)
    storm, rain = _rain(scenario, grid, active, notes)
    parts, owner, inflows = _boundaries(scenario, grid, ground, active, outside, notes)
    depth = _initial_depth(scenario, grid, ground, active)
    domain = Domain(
        ground=_compact(ground),
        active=active,
        outside=outside,
        cell=grid.cell,
        manning=_manning(scenario, grid, active),
        rain_weight=weight,
        depth=None if depth is None else depth.astype(np.float32),  # as the state will hold it
        rain=rain,
        parts=tuple(parts),
        owner=owner,
        inflows=tuple(inflows),
        place=lambda row, col: _place(grid, row, col),
    )
    if storm.total_m == 0 and domain.depth is None and not inflows and all(p.kind == NORMAL for p in parts):
        notes.append("no rain, no inflow and no water at the start: the run stays dry")
    gauges = tuple(placing.cell_of(g.x, g.y, grid, active, f"gauge {g.id}") for g in scenario.gauges)
    sections = tuple(placing.line_faces(s.line, grid, active, f"section {s.id}") for s in scenario.sections)
    device, word = choose(scenario.numerics.device, active.size)
    notes += [word] if word is not None else []
    dem = replace(dem, height=domain.ground)
    return Build(scenario, dem, domain, storm, footprints, gauges, sections, tuple(notes), device)


def _rain(
    scenario: Scenario, grid: Grid, active: np.ndarray, notes: list[str]
) -> tuple[Hyetograph, Steps | RainOnGrid]:
    """The storm as mean over the model, and what falls where."""
    storm = scenario.storm
    if isinstance(storm, GaugeRain | FieldRain):
        found = observed(storm, grid, active)
        notes += found.notes
        even, field = found.hyetograph, found.field
        if field is not None:
            return even, RainOnGrid(field.edges_s, field.rates_m_s, *placing.between(field.grid, grid, field.sampling))
    else:
        even = hyetograph(storm)
    return even, Steps(tuple(round(t, 6) for t in even.edges_s), even.rates_m_s)


def _bytes_beside(scenario: Scenario) -> int:
    """Bytes a cell that the arrays of this scenario take beside those that every run has."""
    buildings, roughness = scenario.terrain.buildings, scenario.surface.roughness
    roofs = memory.ROOFS if buildings is not None and buildings.mode == "blocked" else 0
    water = 0 if isinstance(scenario.initial, Dry) else memory.WATER
    match roughness:
        case ConstantRoughness():
            return roofs + water
        case LandCoverRoughness():
            return roofs + water + memory.LAND_COVER
        case _:
            return roofs + water + memory.ROUGHNESS


def _compact(values: np.ndarray) -> np.ndarray:
    """In float32 if that holds every one of them as it is, as it does those of most files."""
    small = values.astype(np.float32)
    return small if np.array_equal(small, values) else values


def _place(grid: Grid, row: int, col: int) -> str:
    x, y = grid.west + (col + 0.5) * grid.cell, grid.north - (row + 0.5) * grid.cell
    return f"x {x:.1f}, y {y:.1f} (row {row}, column {col})"


def _place_buildings(
    scenario: Scenario, grid: Grid, ground: np.ndarray, outside: np.ndarray, notes: list[str]
) -> tuple[np.ndarray, np.ndarray, Shapes | None]:
    """Active cells, rain weights and footprints; raises the ground in place where asked."""
    active = ~outside
    buildings = scenario.terrain.buildings
    if buildings is None:
        return active, active, None
    footprints = read_buildings(buildings.file, grid)
    notes += footprints.notes
    shapes = Shapes(footprints.ids, footprints.polygons, list(footprints.notes))
    inside = (footprints.labels > 0) & active
    if buildings.mode == "raised":
        ground[inside] += buildings.raise_m
        return active, active, shapes
    active &= ~inside
    if not active.any():
        raise TerrainError("the buildings cover the whole terrain", where=buildings.file)
    labels = np.where(outside, 0, footprints.labels)
    return active, roof_weights(labels, active).weight, shapes


def _manning(scenario: Scenario, grid: Grid, active: np.ndarray) -> np.ndarray | ByClass:
    roughness = scenario.surface.roughness
    if isinstance(roughness, ConstantRoughness):
        return np.broadcast_to(np.float64(roughness.n), grid.shape)
    if isinstance(roughness, LandCoverRoughness):
        cover = scenario.surface.land_cover
        assert cover is not None  # the Surface refuses it else
        classes = read_aligned(cover.file, grid, resampling="nearest", what="land cover")
        return ByClass(*classes_of(classes, outside=~active, where=cover.file))
    n = read_aligned(roughness.file, grid, resampling="average", what="roughness")
    _check_values(n, active & ~((n > 0.0) & (n <= 1.0)), "above 0, at most 1", "Manning's n", roughness.file, grid)
    return _compact(np.where(active, n, 0.0))


def _initial_depth(scenario: Scenario, grid: Grid, ground: np.ndarray, active: np.ndarray) -> np.ndarray | None:
    match scenario.initial:
        case Dry():
            return None
        case InitialLevel(level_m=level):
            depth = np.where(active, np.maximum(level - ground, 0.0), 0.0)
            deepest = float(depth.max())
            if not 0.0 < deepest <= DEEPEST:
                low = float(ground[active].min())
                fault = "below the whole terrain" if deepest == 0.0 else f"more than {DEEPEST:g} m above the terrain"
                raise ScenarioError(
                    f"the level lies {fault}", where="initial.level_m", value=f"{level:g} m",
                    allowed=f"above {low:.2f} m, the lowest ground, at most {low + DEEPEST:.2f} m", hint=HEIGHTS,
                )  # fmt: skip
            return depth
        case InitialDepth(file=file):
            depth = read_aligned(file, grid, resampling="average", what="initial depth")
            depth = np.where(np.isnan(depth) & active, 0.0, depth)
            bad = active & ~((depth >= 0.0) & (depth <= DEEPEST))
            _check_values(depth, bad, f"0 or more, at most {DEEPEST:g} m", "initial depth", file, grid)
            return depth


def _check_values(values: np.ndarray, bad: np.ndarray, allowed: str, what: str, file: str, grid: Grid) -> None:
    if bad.any():
        row, col = (int(k[0]) for k in np.nonzero(bad))
        raise TerrainError(
            f"{what} is out of range on {int(bad.sum())} cells, first at {_place(grid, row, col)}",
            where=file, value=f"{values[row, col]:g}", allowed=allowed,
        )  # fmt: skip


def _boundaries(
    scenario: Scenario, grid: Grid, ground: np.ndarray, active: np.ndarray, outside: np.ndarray, notes: list[str]
) -> tuple[list[Part], np.ndarray, list[AreaInflow]]:
    """Parts of the border, which of them owns each border face, and inflows inside the model.

    Later boundaries take faces from earlier ones.
    """
    faces = border_faces(active, outside)
    walls = border_faces(~(active | outside), outside)
    owner = np.full(faces.size, WALL)
    parts: list[Part] = []
    inflows: list[AreaInflow] = []
    for k, boundary in enumerate(scenario.boundaries):
        name = f"boundaries.{k} ({boundary.kind})"
        if isinstance(boundary, Inflow):
            series = Linear(seconds(boundary.times_min), boundary.discharge_m3s, zero_outside=True)
            inside = boundary.where.polygon is not None
            mask = np.zeros(0, bool) if inside else placing.border_mask(boundary.where, faces, grid, name)
            if inside or (boundary.where.line is not None and not mask.any()):
                rows, cols, meant = placing.cells_of(boundary.where, grid, active, name)
                inflows.append(AreaInflow(name, rows, cols, series))
                notes += _narrowed(name, meant, rows.size, "cells")
                continue
            part = Part(name, DISCHARGE, series=series)
        else:
            mask = placing.border_mask(boundary.where, faces, grid, name)
            part = _part(boundary, name)
        closed = int(placing.border_mask(boundary.where, walls, grid, name).sum())
        if not mask.any() and closed and not isinstance(boundary, Wall):
            raise ScenarioError(
                "buildings stand along all of this border, and no water passes a wall", where=name,
                value=f"{closed} faces, all of buildings", allowed="at least one open cell",
                hint="Move it to open ground, or take those buildings out",
            )  # fmt: skip
        if not mask.any() and not closed:
            raise ScenarioError("touches no border of the model", where=name, hint="Draw it along the border")
        if isinstance(boundary, Inflow):
            notes += _narrowed(name, closed + int(mask.sum()), int(mask.sum()), "faces of the border")
        owner[mask] = WALL if isinstance(boundary, Wall) else len(parts)
        if not isinstance(boundary, Wall):
            parts.append(part)
    for k, part in enumerate(parts):
        if part.kind == DISCHARGE and not (owner == k).any():
            raise ScenarioError(
                "a later boundary takes every face of this inflow, so no water would enter",
                where=part.name, hint="List the inflow after it",
            )  # fmt: skip
    notes += check_border(faces, owner, parts, ground)
    return parts, owner, inflows


def _narrowed(name: str, meant: int, left: int, of: str) -> list[str]:
    """A note where a part of an inflow is closed: all of it enters through the rest."""
    if left == meant:
        return []
    closed = f"{meant - left} of {meant} {of} are closed (buildings, or no height)"
    return [f"{name}: {closed}; the whole discharge enters through the other {left}"]


def _part(boundary: Wall | FreeOutflow | FixedLevel | LevelSeries, name: str) -> Part:
    match boundary:
        case FreeOutflow():
            return Part(name, NORMAL, boundary.energy_slope)
        case FixedLevel():
            return Part(name, LEVEL, boundary.level_m)
        case LevelSeries():
            return Part(name, LEVEL, series=Linear(seconds(boundary.times_min), boundary.levels_m))
        case _:
            return Part(name, NORMAL)
