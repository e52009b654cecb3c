"""A window of a Domain, with everything that lies in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.border import DISCHARGE, WALL, Faces, Part, border_faces
from flood_sim.solver.domain import ByClass, Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.laws import Law
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.relocate import left_out, moved, moved_inflow
from flood_sim.solver.sills import Sills


def cut(domain: Domain, rows: slice, cols: slice, edge: Part | None = None) -> tuple[Domain, tuple[str, ...]]:
    """The rows and columns [start, stop) of a domain as a Domain, and the names of what reaches over its edge and is left
    out, all of it or a part: of inflows and storages the window has the share of the faces or cells that lie in it.

    edge: what happens where it is cut off from water beyond; None for a wall. Borders and walls of the domain itself stay
    what they are. Raises ScenarioError for a window that leaves the grid.
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
    parts, owner, gone = _border(domain, active, outside, rows, cols, edge)
    lost += gone
    for inflow in domain.inflows:
        lost += left_out(f"inflow {inflow.name}", move(inflow.rows, inflow.cols)[2])
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
        bare=None if domain.bare is None else domain.bare[part],
        depth=None if domain.depth is None else domain.depth[part],
        rain=rain,
        parts=parts,
        owner=owner,
        inflows=tuple(inflow for inflow in inflows if inflow is not None),
        laws=tuple(laws),
        sills=None if domain.sills is None else _sills(domain.sills, rows, cols),
        place=lambda r, c: domain.place(r + rows.start, c + cols.start),
    )
    return cut_out, tuple(lost)


def _border(
    domain: Domain, active: np.ndarray, outside: np.ndarray, rows: slice, cols: slice, edge: Part | None
) -> tuple[tuple[Part, ...], np.ndarray, list[str]]:
    """Parts of the window's border, the owner of each of its faces, and the names of what enters beyond it.

    A discharge spreads evenly over the faces of its part: the window gets that of the faces in it.
    """
    size = len(domain.parts)
    owner = _owner(domain, active, outside, rows, cols, WALL if edge is None else size)
    whole, here = (np.bincount(o[o >= 0], minlength=size) for o in (domain.owner, owner))
    parts: list[Part] = []
    lost: list[str] = []
    number = np.full(size + 2, WALL)  # its last entry is that of WALL
    for k, part in enumerate(domain.parts):
        if part.kind == DISCHARGE and here[k] < whole[k]:
            lost += left_out(f"inflow {part.name}", np.arange(whole[k]) < here[k], "faces")
            if not here[k]:
                continue
            if part.series is not None:
                part = replace(part, series=part.series.times_of(here[k] / whole[k]))
        number[k] = len(parts)
        parts.append(part)
    if edge is not None:
        number[size] = len(parts)
        parts.append(edge)
    return tuple(parts), number[owner], lost


def _owner(
    domain: Domain, active: np.ndarray, outside: np.ndarray, rows: slice, cols: slice, at_cut: int
) -> np.ndarray:  # fmt: skip
    """Index in the domain of the part that owns each border face of the window; `at_cut` where it is cut off from water.

    Where a cell of the edge stood at a wall (a house beyond the edge) it keeps it.
    """
    faces = border_faces(active, outside)
    pad = np.pad(domain.active, 1)
    beyond_row = faces.cell_row + rows.start + np.where(faces.axis == 1, faces.side, 0)
    beyond_col = faces.cell_col + cols.start + np.where(faces.axis == 0, faces.side, 0)
    fresh = np.where(pad[beyond_row, beyond_col], at_cut, WALL)
    old = border_faces(domain.active, domain.outside)
    if not domain.parts or not old.size:
        return fresh
    nx = domain.active.shape[1] + 2

    def key(f: Faces, row: int, col: int) -> np.ndarray:
        return ((f.cell_row + row) * nx + f.cell_col + col) * 4 + f.axis * 2 + (f.side > 0)

    theirs, mine = key(old, 0, 0), key(faces, rows.start, cols.start)
    order = np.argsort(theirs)
    found = order[np.minimum(np.searchsorted(theirs[order], mine), theirs.size - 1)]
    return np.where(theirs[found] == mine, domain.owner[found], fresh)


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
