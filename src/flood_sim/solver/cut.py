"""A window of a Domain, with everything that lies in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.border import WALL, Faces, Part, border_faces
from flood_sim.solver.domain import ByClass, Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.laws import Law
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.relocate import moved, moved_inflow
from flood_sim.solver.sills import Sills


def cut(domain: Domain, rows: slice, cols: slice, edge: Part | None = None) -> tuple[Domain, tuple[str, ...]]:
    """The rows and columns [start, stop) of a domain as a Domain, and the names of what reaches over its edge and is left out.

    edge: what happens where it is cut off from the rest; None for a wall. Borders of the domain itself stay what they are.
    Raises ScenarioError for a window that leaves the grid.
    """
    ny, nx = domain.active.shape
    if not (0 <= rows.start < rows.stop <= ny and 0 <= cols.start < cols.stop <= nx):
        raise ScenarioError(
            "the window leaves the grid", where="cut", value=f"rows {rows.start} to {rows.stop}, columns {cols.start} to {cols.stop}",
            allowed=f"rows 0 to {ny}, columns 0 to {nx}",
        )  # fmt: skip
    part = rows, cols
    active, outside = domain.active[part], domain.outside[part]
    shape = active.shape
    parts = domain.parts if edge is None else (*domain.parts, edge)

    def move(r: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        r, c = np.asarray(r) - rows.start, np.asarray(c) - cols.start
        return r, c, (r >= 0) & (r < shape[0]) & (c >= 0) & (c < shape[1])

    laws: list[Law] = []
    lost: list[str] = []
    for law in domain.laws:
        if isinstance(law, Ground):
            laws.append(replace(law, zone=law.zone[part]))
            continue
        found, gone = moved(law, move, shape)
        lost += gone
        laws += [] if found is None else [found]
    inflows = [moved_inflow(inflow, move, shape) for inflow in domain.inflows]
    rain = domain.rain
    if isinstance(rain, RainOnGrid):
        rain = RainOnGrid(rain.edges, rain.rates, _thin(rain.rows, rows), _thin(rain.cols, cols))
    manning = domain.manning
    cut_out = Domain(
        ground=domain.ground[part],
        active=active,
        outside=outside,
        cell=domain.cell,
        manning=manning.cut(part) if isinstance(manning, ByClass) else manning[part],
        rain_weight=domain.rain_weight[part],
        depth=None if domain.depth is None else domain.depth[part],
        rain=rain,
        parts=parts,
        owner=_owner(domain, active, outside, rows, cols, WALL if edge is None else len(domain.parts)),
        inflows=tuple(inflow for inflow in inflows if inflow is not None),
        laws=tuple(laws),
        sills=None if domain.sills is None else _sills(domain.sills, rows, cols),
        place=lambda r, c: domain.place(r + rows.start, c + cols.start),
    )
    return cut_out, tuple(lost)


def _owner(
    domain: Domain, active: np.ndarray, outside: np.ndarray, rows: slice, cols: slice, at_cut: int
) -> np.ndarray:  # fmt: skip
    """Owner of each border face of the window: as in the domain where it was one there."""
    faces = border_faces(active, outside)
    if not domain.parts and at_cut == WALL:
        return np.full(faces.size, WALL)
    old = border_faces(domain.active, domain.outside)
    owners = domain.owner if domain.parts else np.full(old.size, WALL)
    nx = domain.active.shape[1] + 2

    def key(f: Faces, row: int, col: int) -> np.ndarray:
        return ((f.cell_row + row) * nx + f.cell_col + col) * 4 + f.axis * 2 + (f.side > 0)

    theirs, mine = key(old, 0, 0), key(faces, rows.start, cols.start)
    order = np.argsort(theirs)
    at = np.minimum(np.searchsorted(theirs[order], mine), max(theirs.size - 1, 0))
    if not theirs.size:
        return np.full(faces.size, at_cut)
    found = order[at]
    return np.where(theirs[found] == mine, owners[found], at_cut)


def _thin(places: Between, part: slice) -> Between:
    return Between(places.first[part], places.then[part], places.share[part])


def _sills(sills: Sills, rows: slice, cols: slice) -> Sills | None:
    row, col = sills.row - rows.start, sills.col - cols.start
    south, east = sills.axis == 1, sills.axis == 0
    height, width = rows.stop - rows.start, cols.stop - cols.start
    here = (row >= 0) & (col >= 0) & (row + south < height) & (col + east < width)
    if not here.any():
        return None
    return Sills(sills.axis[here], row[here], col[here], sills.low[here], sills.high[here])
