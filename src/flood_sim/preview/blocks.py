"""Compiled loops over blocks of fine cells: what a coarse cell is, and how high its way to the next one leads.

A block is factor x factor cells; blocks at the eastern and southern edge may be smaller. Every loop works on rows of
blocks [first, last), so that several threads can share the work, and never looks at a cell outside the grid.

Nothing compiled is imported here, so Numba sees every edit by itself.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BEHIND = np.inf
"""Height of a way that there is not."""


@njit(cache=True, nogil=True)
def gather(z, active, outside, manning, weight, factor, first, last, low, open_, beyond, rough, rain):
    """Per block: lowest open ground (inf: none), number of open and of outside cells, means of n and of rain weights.

    The mean of n is over the open cells, that of the weights over the area of a whole block.
    """
    rows, cols = z.shape
    for i in range(first, last):
        for j in range(low.shape[1]):
            lowest, n, out, r, w = np.inf, 0, 0, 0.0, 0.0
            for row in range(i * factor, min((i + 1) * factor, rows)):
                for col in range(j * factor, min((j + 1) * factor, cols)):
                    if active[row, col]:
                        lowest = min(lowest, z[row, col])
                        n += 1
                        r += manning[row, col]
                    out += outside[row, col]
                    w += weight[row, col]
            low[i, j] = lowest
            open_[i, j] = n
            beyond[i, j] = out
            rough[i, j] = r / n if n > 0 else 0.0
            rain[i, j] = w / (factor * factor)


@njit(cache=True, nogil=True)
def _push(heap_z, heap_k, n, height, k):
    p = n
    while p > 0:
        above = (p - 1) // 2
        if heap_z[above] <= height:
            break
        heap_z[p] = heap_z[above]
        heap_k[p] = heap_k[above]
        p = above
    heap_z[p] = height
    heap_k[p] = k


@njit(cache=True, nogil=True)
def _drop(heap_z, heap_k, n):
    """Take the lowest off a heap of n; the rest are n - 1."""
    height, k = heap_z[n - 1], heap_k[n - 1]
    p = 0
    while True:
        child = 2 * p + 1
        if child >= n - 1:
            break
        if child + 1 < n - 1 and heap_z[child + 1] < heap_z[child]:
            child += 1
        if heap_z[child] >= height:
            break
        heap_z[p] = heap_z[child]
        heap_k[p] = heap_k[child]
        p = child
    heap_z[p] = height
    heap_k[p] = k


@njit(cache=True, nogil=True)
def crossings(z, active, factor, south, first, last, crest):
    """Height of the lowest way over open cells between the lowest cells of a block and of the next, m, inside these two.

    south: the next block is the southern one, else the eastern one. crest stays BEHIND where no way leads.
    """
    rows, cols = z.shape
    most = 2 * factor * factor
    heap_z, heap_k = np.empty(most, np.float64), np.empty(most, np.int64)
    seen = np.empty(most, np.bool_)
    for i in range(first, min(last, crest.shape[0] - (1 if south else 0))):
        for j in range(crest.shape[1] - (0 if south else 1)):
            top, left = i * factor, j * factor
            height = min(rows - top, 2 * factor if south else factor)
            width = min(cols - left, factor if south else 2 * factor)
            one, other = -1, -1
            z_one, z_other = np.inf, np.inf
            for r in range(height):
                for c in range(width):
                    k = r * width + c
                    seen[k] = not active[top + r, left + c]
                    if seen[k]:
                        continue
                    here = z[top + r, left + c]
                    if (r if south else c) >= factor:
                        if here < z_other:
                            z_other, other = here, k
                    elif here < z_one:
                        z_one, one = here, k
            if one < 0 or other < 0:
                continue
            # from the higher of both: the way to the lower is mostly downhill, and few cells are looked at
            start, goal = (one, other) if z_one >= z_other else (other, one)
            seen[start] = True
            level = max(z_one, z_other)
            _push(heap_z, heap_k, 0, level, start)
            n = 1
            while n > 0:
                k, reached = heap_k[0], heap_z[0]
                _drop(heap_z, heap_k, n)
                n -= 1
                level = max(level, reached)
                if k == goal:
                    crest[i, j] = level
                    break
                r, c = k // width, k % width
                for side in range(4):
                    rr = r + (side == 0) - (side == 1)
                    cc = c + (side == 2) - (side == 3)
                    if 0 <= rr < height and 0 <= cc < width and not seen[rr * width + cc]:
                        seen[rr * width + cc] = True
                        _push(heap_z, heap_k, n, np.float64(z[top + rr, left + cc]), rr * width + cc)
                        n += 1


@njit(cache=True, nogil=True)
def filled(z, active, factor, block_row, block_col, level, depth):
    """Mean depth (m over the area of a whole block) of the block's open cells filled flat up to a level each, m."""
    rows, cols = z.shape
    for k in range(level.size):
        water = 0.0
        for row in range(block_row[k] * factor, min((block_row[k] + 1) * factor, rows)):
            for col in range(block_col[k] * factor, min((block_col[k] + 1) * factor, cols)):
                if active[row, col]:
                    water += max(level[k] - z[row, col], 0.0)
        depth[k] = water / (factor * factor)
