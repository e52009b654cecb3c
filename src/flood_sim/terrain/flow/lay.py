"""Water laid back onto the ground: the level of each sink from the volume in it, exactly."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def levels(z, basin, lake, total, full, spill, leaves, area):
    """Level (m) of the water in every sink, -inf where there is none.

    lake, total: sink of each node and its volume, m3. A full one stands at its saddle; of the others the cells below
    their saddle are gathered and the level found at which they hold the volume.
    """
    size = lake.size
    level = np.full(size, -np.inf)
    start = np.zeros(size + 1, np.int64)
    for v in range(1, size):
        if lake[v] == v and full[v]:
            level[v] = spill[v]
    for c in range(z.size):
        if basin[c] > 0:
            v = lake[basin[c]]
            if not full[v] and total[v] > 0.0 and z[c] < spill[v]:
                start[v + 1] += 1
    start = np.cumsum(start)
    at, heights = start[:-1].copy(), np.empty(start[-1], np.float32)
    for c in range(z.size):
        if basin[c] > 0:
            v = lake[basin[c]]
            if not full[v] and total[v] > 0.0 and z[c] < spill[v]:
                heights[at[v]] = z[c]
                at[v] += 1
    for v in range(1, size):
        if lake[v] == v and not full[v] and total[v] > 0.0:
            level[v] = level_of(heights[start[v] : start[v + 1]], total[v] / area)
    return level


@njit(cache=True, nogil=True)
def level_of(heights, wanted):
    """The level at which the sum of max(level - height, 0) is `wanted` (m, above 0); the heights are reordered.

    Halves the cells that may lie at the level, as a quick-select does: time grows with their number.
    """
    base = np.float64(heights[0])
    lo, hi = 0, heights.size
    known, total = 0, 0.0  # cells that are surely under water, and the sum of their heights over base
    while lo < hi:
        pivot = heights[(lo + hi) // 2]
        lower, i, upper, below = lo, lo, hi, 0.0
        while i < upper:  # three parts: below the pivot, at it, above it
            x = heights[i]
            if x < pivot:
                below += np.float64(x) - base
                heights[i] = heights[lower]
                heights[lower] = x
                lower += 1
                i += 1
            elif x > pivot:
                upper -= 1
                heights[i] = heights[upper]
                heights[upper] = x
            else:
                i += 1
        at = np.float64(pivot) - base
        if at * (known + lower - lo) - (total + below) >= wanted:
            hi = lower
        else:
            known += upper - lo
            total += below + at * (upper - lower)
            lo = upper
    return base + (wanted + total) / known


@njit(cache=True, nogil=True)
def depths(z, basin, lake, level, width, depth):
    """Write the depth (ny, nx), m, NaN where no cell is. Returns the sum of the depths (m), added in float64."""
    rows, cols = depth.shape
    total = 0.0
    for r in range(rows):
        of_row = 0.0
        for k in range(cols):
            c = (r + 1) * width + k + 1
            leaf = basin[c]
            h = 0.0 if leaf >= 0 else np.nan
            if leaf > 0:
                h = max(level[lake[leaf]] - z[c], 0.0)
                of_row += h
            depth[r, k] = h
        total += of_row
    return total
