"""Drainage as vectors: areas as polygons, flow paths as lines."""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from numba import njit
from rasterio.features import shapes
from scipy import ndimage

from flood_sim.terrain.flow.cells import receiver
from flood_sim.terrain.flow.hierarchy import Hierarchy
from flood_sim.terrain.grid import Grid


def area_polygon(mask: np.ndarray, grid: Grid, active: np.ndarray) -> shapely.MultiPolygon:
    """The outline of the cells in `mask` (ny, nx), bool; buildings that stand wholly within count as part of it."""
    if not mask.any():
        return shapely.MultiPolygon()
    rows, cols = (np.flatnonzero(mask.any(axis=a)) for a in (1, 0))
    window = np.s_[max(rows[0] - 1, 0) : rows[-1] + 2, max(cols[0] - 1, 0) : cols[-1] + 2]
    inside = mask[window] | _enclosed(mask[window], active[window])
    origin = grid.transform * Affine.translation(window[1].start, window[0].start)
    found = shapes(inside.astype(np.uint8), mask=inside, connectivity=4, transform=origin)
    parts = [shapely.Polygon(s["coordinates"][0], s["coordinates"][1:]) for s, _ in found]
    whole = shapely.union_all(parts)
    return whole if isinstance(whole, shapely.MultiPolygon) else shapely.MultiPolygon([whole])


def _enclosed(mask: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Groups of cells that take no water and touch no open cell beside those of the mask, nor the edge of the window."""
    group, number = ndimage.label(~active)
    if not number:
        return np.zeros(mask.shape, bool)
    other = np.pad(active & ~mask, 1)
    touched = other[:-2, 1:-1] | other[2:, 1:-1] | other[1:-1, :-2] | other[1:-1, 2:]
    bad = np.zeros(number + 1, bool)
    bad[group[touched]] = True
    for side in (group[0], group[-1], group[:, 0], group[:, -1]):
        bad[side] = True
    bad[0] = True
    return np.asarray(~bad[group])


def flow_paths(hierarchy: Hierarchy, grid: Grid, *, at_least_m2: float) -> tuple[list[shapely.LineString], np.ndarray]:
    """Lines along which more than `at_least_m2` drain, in the direction of flow, cut where they meet.

    Beside the lines the flat padded index of the last cell of each that is its own (before it meets another).
    """
    h = hierarchy
    least = max(int(np.ceil(at_least_m2 / h.area)), 1)
    cells, start, last = _trace(h.drained, h.offsets, h.link_from, h.link_to, h.cells_above, least)
    if not last.size:
        return [], last
    row, col = h.row_col(cells)
    xy = np.column_stack((grid.west + (col + 0.5) * grid.cell, grid.north - (row + 0.5) * grid.cell))
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(last.size), np.diff(start)))
    return list(lines), last


@njit(cache=True, nogil=True)
def _trace(code, off, link_from, link_to, above, least):
    """Cells of all lines after one another, where each begins, and the last own cell of each."""
    joins = np.zeros(code.size, np.uint8)
    length = 0
    for c in range(code.size):
        if above[c] >= least:
            length += 1
            r = receiver(c, code, off, link_from, link_to)
            if r >= 0:
                joins[r] = min(joins[r] + 1, 2)
    cells, start, last = np.empty(2 * length + 1, np.int64), np.zeros(length + 1, np.int64), np.empty(length, np.int64)
    at, lines = 0, 0
    for c in range(code.size):
        if above[c] < least or joins[c] == 1:
            continue
        first, d = at, c
        while True:
            cells[at] = d
            at += 1
            r = receiver(d, code, off, link_from, link_to)
            if r < 0 or joins[r] > 1:
                break
            d = r
        if r >= 0:
            cells[at] = r
            at += 1
        if at - first < 2:
            at = first
            continue
        last[lines] = d
        lines += 1
        start[lines] = at
    return cells[:at].copy(), start[: lines + 1].copy(), last[:lines].copy()
