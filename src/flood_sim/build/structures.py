"""Culverts, inlets, manholes and storages of a scenario on the cells of a model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from flood_sim import placing
from flood_sim.errors import ScenarioError
from flood_sim.measures.site import PlacedStorage
from flood_sim.scenario import structures as described
from flood_sim.scenario.surface import Inlets as DescribedInlets
from flood_sim.scenario.surface import Manholes as DescribedManholes
from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.points import Inlets, Manholes, Storage, Storages
from flood_sim.surface.point_file import Points, read_hydrographs, read_points
from flood_sim.terrain.grid import Grid

NEAR_CELLS = 3
"""A point in a building, or without a height, belongs to the nearest open cell within so many."""
PERCHED_M = 0.1
"""A bottom higher than this above the ground at its end is said: water below it stays."""
ENDS = ("upstream", "downstream")


def culverts_law(
    culverts: Sequence[described.Culvert], grid: Grid, ground: np.ndarray, active: np.ndarray
) -> tuple[Culverts | None, list[str]]:
    """Culverts on their cells, and what was assumed of them.

    ground: m (rows, cols). Each end takes the cell that contains it and, across the culvert, as many on either side
    as its openings are wide, as long as they are open and their ground lies below
    the crown. An invert that is not given is the lowest ground of these cells.
    """
    notes: list[str] = []
    links = tuple(_link(c, grid, ground, active, notes) for c in culverts)
    return (Culverts(links) if links else None), notes


def _link(c: described.Culvert, grid: Grid, ground: np.ndarray, active: np.ndarray, notes: list[str]) -> Culvert:
    where = f"culvert {c.id}"
    height = c.width_m if c.height_m is None else c.height_m
    points = (c.line[0], c.line[-1])
    cells = [placing.cell_of(*p, grid, active, f"{where}, {end} end") for p, end in zip(points, ENDS, strict=True)]
    if cells[0] == cells[1]:
        raise ScenarioError(
            "both ends lie in one cell, so it would carry nothing", where=where,
            value=f"x {points[0][0]:.12g}, y {points[0][1]:.12g}", allowed=f"ends at least {grid.cell:g} m apart",
            hint="Draw it from the inlet to the outlet, or compute on smaller cells",
        )  # fmt: skip
    mouths: list[Mouth] = []
    for k, (cell, beyond) in enumerate(zip(cells, (c.line[1], c.line[-2]), strict=True)):
        invert = None if c.inverts_m is None else c.inverts_m[k]
        crown = (float(ground[cell]) if invert is None else invert) + height
        taken = {cells[1]} if k == 0 else set(zip(mouths[0].rows.tolist(), mouths[0].cols.tolist(), strict=True))
        along_x = abs(beyond[0] - points[k][0]) >= abs(beyond[1] - points[k][1])
        rows, cols = _mouth(cell, c.barrels * c.width_m, crown, along_x, grid, ground, active, taken)
        low = float(ground[rows, cols].min())
        if invert is not None and invert > low + PERCHED_M:
            notes.append(
                f"{where}, {ENDS[k]} end: its bottom lies {invert - low:.2f} m above the ground; water below it stays"
            )
        if crown < low:
            notes.append(
                f"{where}, {ENDS[k]} end: its crown lies {low - crown:.2f} m below the ground of the terrain; "
                "water reaches it from above, as through a shaft"
            )
        mouths.append(Mouth(rows, cols, low if invert is None else invert))
    drawn = sum(math.dist(a, b) for a, b in pairwise(c.line))
    return Culvert(
        c.id, (mouths[0], mouths[1]), c.shape, c.width_m, height, drawn if c.length_m is None else c.length_m,
        c.roughness_n, c.entrance, c.barrels, c.blockage,
    )  # fmt: skip


def _mouth(
    cell: tuple[int, int], width: float, crown: float, along_x: bool, grid: Grid, ground: np.ndarray,
    active: np.ndarray, taken: set[tuple[int, int]],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Rows and columns of the cells of one end, which leaves alone what the other has taken."""
    aside = max(math.ceil(width / (2 * grid.cell) - 0.5 - 1e-9), 0)
    step = (1, 0) if along_x else (0, 1)
    found = [cell]
    for sign in (-1, 1):
        for k in range(1, aside + 1):
            row, col = cell[0] + sign * k * step[0], cell[1] + sign * k * step[1]
            inside = 0 <= row < grid.rows and 0 <= col < grid.cols
            if not inside or not active[row, col] or ground[row, col] >= crown or (row, col) in taken:
                break
            found.append((row, col))
    rows, cols = np.array(sorted(found), np.int64).T
    return rows, cols


def inlets_law(inlets: DescribedInlets, grid: Grid, active: np.ndarray) -> tuple[Inlets, list[str]]:
    """Inlets of a file on their cells; those outside the model take nothing, and the note says how many."""
    points = read_points(inlets.file)
    rows, cols, used, notes = _on_cells(points, grid, active, inlets.file, "inlets", "take no water")
    depths = np.array(inlets.depths_mm) / 1000
    rates = np.array(inlets.capacity_l_s) / 1000
    return Inlets(rows[used], cols[used], depths, rates, 1.0 - inlets.blocked_share), notes


def manholes_law(manholes: DescribedManholes, grid: Grid, active: np.ndarray) -> tuple[Manholes, list[str]]:
    """Manholes of a file on their cells; those outside the model bring nothing, and the note says how much is left out."""
    found = read_hydrographs(manholes.file)
    rows, cols, used, notes = _on_cells(found.points, grid, active, manholes.file, "manholes", "bring no water")
    left = float(found.volume[~used].sum())
    if left > 0:
        notes.append(f"{manholes.file}: {left:.1f} m³ come up at manholes outside the model and are left out")
    return Manholes(rows[used], cols[used], found.times, np.ascontiguousarray(found.discharge[:, :, used])), notes


def _on_cells(
    points: Points, grid: Grid, active: np.ndarray, file: str, what: str, effect: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Row and column of every point, and which of them lie on an open cell, or near one."""
    rows = np.floor((grid.north - points.y) / grid.cell).astype(np.int64)
    cols = np.floor((points.x - grid.west) / grid.cell).astype(np.int64)
    used = (rows >= 0) & (rows < grid.rows) & (cols >= 0) & (cols < grid.cols)
    if not used.any():
        west, south, east, north = grid.bounds
        raise ScenarioError(
            f"all {what} lie outside the terrain", where=file, value=f"x {points.x[0]:.12g}, y {points.y[0]:.12g}",
            allowed=f"x {west:.12g} to {east:.12g}, y {south:.12g} to {north:.12g}",
            hint="Give the coordinates in the CRS of the terrain",
        )  # fmt: skip
    beyond, moved = int((~used).sum()), 0
    for k in np.flatnonzero(used):
        if not active[rows[k], cols[k]]:
            near = _nearest(rows[k], cols[k], active)
            used[k] = near is not None
            if near is not None:
                (rows[k], cols[k]), moved = near, moved + 1
    closed = int((~used).sum()) - beyond
    notes = [] if not beyond else [f"{file}: {beyond} of {used.size} {what} lie outside the terrain and {effect}"]
    notes += [] if not closed else [f"{file}: {closed} {what} lie inside buildings, or without ground, and {effect}"]
    notes += [] if not moved else [f"{file}: {moved} {what} at the edge of buildings stand on the next open cell"]
    if not used.any():
        raise ScenarioError(f"none of the {what} stands on open ground", where=file, value=f"{used.size} {what}")
    return rows, cols, used, notes


def _nearest(row: int, col: int, active: np.ndarray) -> tuple[int, int] | None:
    """The nearest open cell within reach, the first by row and column among equals."""
    top, left = max(row - NEAR_CELLS, 0), max(col - NEAR_CELLS, 0)
    r, c = np.nonzero(active[top : row + NEAR_CELLS + 1, left : col + NEAR_CELLS + 1])
    far = (r + top - row) ** 2 + (c + left - col) ** 2
    if not far.size or far.min() > NEAR_CELLS**2:
        return None
    k = int(far.argmin())
    return int(r[k]) + top, int(c[k]) + left


def storages_law(placed: Iterable[PlacedStorage]) -> Storages | None:
    """The storages that measures put down."""
    found = tuple(Storage(p.id, p.rows, p.cols, p.volume_m3, p.inflow_capacity_m3s) for p in placed)
    return Storages(found) if found else None
