"""The border of the model: parts, the faces each owns, and inflows inside."""

from __future__ import annotations

import numpy as np

from flood_sim import placing
from flood_sim.errors import ScenarioError
from flood_sim.scenario import FixedLevel, FreeOutflow, Inflow, LevelSeries, Scenario, Wall, seconds
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, WALL, Faces, Part, border_faces
from flood_sim.solver.border_checks import check_border
from flood_sim.solver.domain import AreaInflow
from flood_sim.solver.series import Linear
from flood_sim.terrain.grid import Grid


def boundaries(
    scenario: Scenario, grid: Grid, ground: np.ndarray, active: np.ndarray, outside: np.ndarray, notes: list[str],
    levels: np.ndarray | None = None,
) -> tuple[list[Part], np.ndarray, list[AreaInflow]]:  # fmt: skip
    """Parts of the border, which of them owns each border face, and inflows inside the model.

    Later boundaries take faces from earlier ones. levels: m (rows + 2, cols + 2), of the model and the cells around it;
    free outflow does not lead to where it is not lower.
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
    if levels is not None:
        notes += _close_uphill(faces, owner, parts, levels, grid.cell)
    notes += check_border(faces, owner, parts, ground)
    return parts, owner, inflows


def _close_uphill(faces: Faces, owner: np.ndarray, parts: list[Part], levels: np.ndarray, cell: float) -> list[str]:
    """Make walls of free faces towards ground from which water comes: what is fed in there would leave at once."""
    across = faces.axis == 0
    row = faces.cell_row + np.where(across, 0, faces.side)
    col = faces.cell_col + np.where(across, faces.side, 0)
    free = np.array([*(p.kind == NORMAL for p in parts), False])  # the last one for walls, -1
    closed = free[owner] & (levels[row, col] >= levels[faces.cell_row, faces.cell_col])
    owner[closed] = WALL
    if not closed.any():
        return []
    return [f"{int(closed.sum()) * cell:g} m of the border are closed: the ground beyond drains into the computed area"]


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
