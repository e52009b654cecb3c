"""Lays the water of coarse cells back onto the fine terrain: a volume-conserving fill under a tilted level.

A flat level is wrong by decimetres on a slope, and so is one drawn through the levels of neighbours. Here each coarse cell
keeps its own water: it is filled flat first, the levels found so give the slope of the water (the smaller of the two
differences to the neighbours, 0 where they disagree, where one is dry or behind a wall: minmod, Roe 1986,
doi:10.1146/annurev.fl.18.010186.002005), and it is filled again under a plane of that slope, shifted until the
volume is exact.

Nothing compiled is imported here, so Numba sees every edit by itself.
"""

from __future__ import annotations

import numpy as np
from numba import njit

DRY_M = 1e-3
"""Mean depth of a coarse cell below which its level says nothing about a slope of the water."""


@njit(cache=True, nogil=True)
def fill(z, active, factor, depth, slope_x, slope_y, first, last, level, out):
    """Fill blocks of the rows [first, last): `out` (rows, cols) m, `level` of the plane in the middle of each block, m.

    depth: mean of each block over factor x factor cells, m; slopes: m per fine cell, to the east and to the south. The cells sorted by
    their height under the plane are filled from the lowest on until the volume is met: exact, without a search.
    """
    rows, cols = z.shape
    middle = 0.5 * (factor - 1)
    under = np.empty(factor * factor)
    for i in range(first, last):
        for j in range(depth.shape[1]):
            top, left = i * factor, j * factor
            bottom, right = min(top + factor, rows), min(left + factor, cols)
            n = 0
            for row in range(top, bottom):
                for col in range(left, right):
                    out[row, col] = 0.0
                    if not active[row, col]:
                        continue
                    plane = slope_x[i, j] * (col - left - middle) + slope_y[i, j] * (row - top - middle)
                    here = np.float64(z[row, col]) - plane
                    p = n
                    while p > 0 and under[p - 1] > here:
                        under[p] = under[p - 1]
                        p -= 1
                    under[p] = here
                    n += 1
            if n == 0:
                continue
            water = np.float64(depth[i, j]) * factor * factor
            level[i, j] = under[0]
            if water <= 0.0:
                continue
            total = 0.0
            for k in range(n):
                total += under[k]
                level[i, j] = (water + total) / (k + 1)
                if k + 1 == n or level[i, j] <= under[k + 1]:
                    break
            for row in range(top, bottom):
                for col in range(left, right):
                    if active[row, col]:
                        plane = slope_x[i, j] * (col - left - middle) + slope_y[i, j] * (row - top - middle)
                        out[row, col] = max(level[i, j] - (np.float64(z[row, col]) - plane), 0.0)


def water_slopes(
    level: np.ndarray, wet: np.ndarray, wall_east: np.ndarray, wall_south: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Limited slopes (m per coarse cell) to the east and to the south of levels (m).

    wall_east, wall_south: whether a wall stands between a cell and the one east or south of it; last column, row: no matter.
    """
    return _slope(level, wet, wall_east), _slope(level.T, wet.T, wall_south.T).T


def _slope(level: np.ndarray, wet: np.ndarray, wall: np.ndarray) -> np.ndarray:
    known = wet[:, :-1] & wet[:, 1:] & ~wall[:, :-1]
    step = np.where(known, level[:, 1:] - level[:, :-1], 0.0)
    edge = np.zeros((level.shape[0], 1))
    before, after = np.hstack([edge, step]), np.hstack([step, edge])
    smaller = np.where(np.abs(before) < np.abs(after), before, after)
    return np.where(before * after > 0.0, smaller, 0.0)
