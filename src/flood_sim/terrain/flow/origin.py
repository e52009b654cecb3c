"""Woher kommt das Wasser hier? The contributing area of a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow.accumulate import upstream
from flood_sim.terrain.flow.cells import padded_index
from flood_sim.terrain.flow.hierarchy import Hierarchy
from flood_sim.terrain.flow.shapes import area_polygon
from flood_sim.terrain.flow.tree import smallest_sink
from flood_sim.terrain.grid import Grid

REACH_M = 3.0
"""A person points at a street, not at the cell of its lowest line: the largest flow path so near is meant."""


@dataclass(frozen=True)
class Origin:
    """Where the water of a place comes from, on the filled ground: sinks on the way count as full.

    polygon: in the CRS of the grid. mask: (ny, nx), bool. area_ha: of it, roofs that shed into it included.
    volume_m3: rain on it, before losses. x, y: centre of the cell that was taken. in_sink: it lies in a sink, and the
    area is that of all water which can rise to it there.
    """

    polygon: shapely.MultiPolygon
    mask: np.ndarray
    area_ha: float
    volume_m3: float
    x: float
    y: float
    in_sink: bool


def origin(
    hierarchy: Hierarchy, grid: Grid, x: float, y: float, rain_mm: float, *, weight: np.ndarray | None = None,
    reach_m: float = REACH_M,
) -> Origin:  # fmt: skip
    """The contributing area of a place given in the CRS of the grid.

    rain_mm: depth of the storm. weight: (ny, nx), rain of each cell in multiples of the depth (roofs shed onto the
    cells around), 1 without it. reach_m: the cell with the largest contributing area so near is taken; 0 takes the
    cell itself. Raises TerrainError for a place off the terrain.
    """
    h = hierarchy
    cell = _cell_near(h, grid, x, y, reach_m)
    inside = np.zeros(h.z.size, bool)
    leaf = int(h.basin[cell])
    sink = _sink_at(leaf, float(h.z[cell]), h.parent, h.spill) if leaf > 0 else 0
    if sink > 0:
        _mark_sink(inside, h.z, h.basin, _below(sink, h.parent), h.spill[sink])
    inside[cell] = True
    upstream(h.drained, h.offsets, h.link_from, h.link_to, inside)
    mask = h.on_grid(inside)
    active = h.on_grid(h.basin) >= 0
    area = float(mask.sum() if weight is None else weight[mask].sum(dtype=float)) * h.area
    row, col = h.row_col(np.array(cell))
    return Origin(
        area_polygon(mask, grid, active), mask.copy(), area / 1e4, area * rain_mm / 1e3,
        grid.west + (int(col) + 0.5) * grid.cell, grid.north - (int(row) + 0.5) * grid.cell, sink > 0,
    )  # fmt: skip


def _cell_near(h: Hierarchy, grid: Grid, x: float, y: float, reach_m: float) -> int:
    place = grid.index(x, y)
    if place is None:
        west, south, east, north = grid.bounds
        raise TerrainError(
            "the place lies off the terrain", value=f"x {x:g}, y {y:g}",
            allowed=f"x {west:.0f} to {east:.0f}, y {south:.0f} to {north:.0f}",
        )  # fmt: skip
    reach = max(int(reach_m / grid.cell), 0)
    rows = np.arange(max(place[0] - reach, 0), min(place[0] + reach, grid.rows - 1) + 1)
    cols = np.arange(max(place[1] - reach, 0), min(place[1] + reach, grid.cols - 1) + 1)
    around = padded_index(rows[:, None], cols[None, :], grid.cols)
    near = (rows[:, None] - place[0]) ** 2 + (cols[None, :] - place[1]) ** 2 <= reach**2
    most = np.where(near & (h.basin[around] >= 0), h.cells_above[around], 0)
    if not most.any():
        raise TerrainError(
            "there is no open ground at this place",
            value=f"x {x:g}, y {y:g}",
            hint="Choose a place beside the building",
        )
    return int(around.ravel()[most.argmax()])


@njit(cache=True, nogil=True)
def _sink_at(leaf, height, parent, spill):
    return smallest_sink(leaf, height, parent, parent, spill)


@njit(cache=True, nogil=True)
def _below(sink, parent):
    """For every node whether it is `sink` or a part of it."""
    inside = np.zeros(parent.size, np.bool_)
    inside[sink] = True
    for v in range(sink - 1, 0, -1):
        inside[v] = inside[parent[v]]
    return inside


@njit(cache=True, nogil=True)
def _mark_sink(inside, z, basin, part, level):
    """Cells that the sink puts under water when full."""
    for c in range(z.size):
        if basin[c] > 0 and part[basin[c]] and z[c] < level:
            inside[c] = True
