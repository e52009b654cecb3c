"""Cells without a height: outside the model, or holes inside the terrain.

What is connected (over sides and corners) with the edge of the raster is
outside. The rest are holes, which the user has filled, masked or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import ndimage
from scipy.spatial import Delaunay, cKDTree

Holes = Literal["fill", "mask", "refuse"]
_AROUND = np.ones((3, 3), dtype=bool)
_ROWS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class HolesFound:
    """`labels`: int (rows, cols), k > 0 in the cells of hole k; `largest_at` a cell (row, col) of the largest one."""

    labels: np.ndarray
    count: int
    total: int
    largest: int
    largest_at: tuple[int, int]


def find_holes(missing: np.ndarray) -> HolesFound | None:
    """The holes among the `missing` cells (boolean, rows x cols), None if there is none."""
    if not missing.any():
        return None
    labels, number = ndimage.label(missing, structure=_AROUND)
    sizes = np.bincount(labels.ravel(), minlength=number + 1)
    sizes[0] = 0
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        sizes[edge] = 0
    if not sizes.any():
        return None
    largest = int(sizes.argmax())
    at = int((labels == largest).argmax())
    labels *= (sizes > 0)[labels]
    where = at // labels.shape[1], at % labels.shape[1]
    return HolesFound(labels, int(np.count_nonzero(sizes)), int(sizes.sum()), int(sizes[largest]), where)


def fill_holes(height: np.ndarray, labels: np.ndarray) -> None:
    """Give the cells with `labels` > 0 a height (m), linear over the Delaunay triangles of each hole's rim.

    A plane is restored exactly and no value leaves the range of its rim.
    Changes `height` (float64, rows x cols) in place.
    """
    for hole, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        # a hole never touches the edge of the raster, so its box has a margin of one cell
        wide = tuple(slice(side.start - 1, side.stop + 1) for side in box)
        own = labels[wide] == hole
        rim = ndimage.binary_dilation(own, structure=_AROUND) & ~own
        near = height[wide]
        filled = over_triangles(np.argwhere(rim), near[rim], own.shape)
        lost = own & np.isnan(filled)  # no triangle with an area covers the cell
        if lost.any():
            filled[lost] = near[rim][cKDTree(np.argwhere(rim)).query(np.argwhere(lost))[1]]
        near[own] = filled[own]


def over_triangles(points: np.ndarray, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Linear interpolation between `points` (int, n x 2: row, column) on all cells of their hull, NaN outside.

    Triangle by triangle, row by row, all at once. scipy's LinearNDInterpolator
    gives the same, but solves its 2 x 2 systems through a threaded BLAS, which
    made it 20 times slower on a busy machine.
    """
    out = np.full(shape, np.nan)
    corners = Delaunay(points).simplices
    rows = np.ptp(points[corners, 0], axis=1) + 1
    # pieces of about a million rows of triangles bound the memory of a large lake
    cuts = np.searchsorted(np.cumsum(rows), np.arange(_ROWS_AT_ONCE, rows.sum(), _ROWS_AT_ONCE))
    for part in np.split(corners, cuts):
        _paint(out, points[part].astype(np.float64), values[part])
    return out


def _paint(out: np.ndarray, p: np.ndarray, z: np.ndarray) -> None:
    """Write the planes of triangles `p` (n x 3 corners x (row, column)) with heights `z` (n x 3) into `out`."""
    (r0, c0), (r1, c1), (r2, c2) = (p[:, k].T for k in range(3))
    twice_area = (r1 - r0) * (c2 - c0) - (r2 - r0) * (c1 - c0)
    solid = twice_area != 0
    with np.errstate(divide="ignore", invalid="ignore"):
        down = ((z[:, 1] - z[:, 0]) * (c2 - c0) - (z[:, 2] - z[:, 0]) * (c1 - c0)) / twice_area
        across = ((z[:, 2] - z[:, 0]) * (r1 - r0) - (z[:, 1] - z[:, 0]) * (r2 - r0)) / twice_area
    top = p[:, :, 0].min(axis=1)
    triangle, step = _count_up(np.where(solid, np.ptp(p[:, :, 0], axis=1) + 1, 0).astype(np.int64))
    row = top[triangle] + step
    left, right = np.full(row.size, np.inf), np.full(row.size, -np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        (ra, ca), (rb, cb) = p[triangle, a].T, p[triangle, b].T
        crosses = (ra != rb) & (row >= np.minimum(ra, rb)) & (row <= np.maximum(ra, rb))
        with np.errstate(divide="ignore", invalid="ignore"):
            col = ca + (row - ra) * (cb - ca) / (rb - ra)
        left = np.where(crosses, np.minimum(left, col), left)
        right = np.where(crosses, np.maximum(right, col), right)
    first = np.ceil(left - 1e-9)
    line, step = _count_up(np.maximum(np.floor(right + 1e-9) - first + 1, 0).astype(np.int64))
    triangle, row, col = triangle[line], row[line], first[line] + step
    plane = z[triangle, 0] + down[triangle] * (row - r0[triangle]) + across[triangle] * (col - c0[triangle])
    out[row.astype(np.int64), col.astype(np.int64)] = plane


def _count_up(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For counts (2, 3): owners (0, 0, 1, 1, 1) and steps (0, 1, 0, 1, 2)."""
    owner = np.repeat(np.arange(counts.size), counts)
    return owner, np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
