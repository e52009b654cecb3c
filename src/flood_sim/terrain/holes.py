"""Cells without a height: outside the model, or holes inside the terrain.

What is connected (over sides and corners) with the edge of the raster is
outside. The rest are holes, which the user has filled, masked or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import ndimage
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import cKDTree

Holes = Literal["fill", "mask", "refuse"]
_AROUND = np.ones((3, 3), dtype=bool)


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
        points, values = np.argwhere(rim).astype(np.float64), near[rim]
        at = np.argwhere(own).astype(np.float64)
        filled = LinearNDInterpolator(points, values)(at)
        lost = np.isnan(filled)  # rounding put a cell outside every triangle
        if lost.any():
            filled[lost] = values[cKDTree(points).query(at[lost])[1]]
        near[own] = filled
