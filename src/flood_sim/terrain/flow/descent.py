"""Directions of steepest descent on the bare ground, across flats to their way out, and the pits they end in."""

from __future__ import annotations

import numpy as np
from numba import njit

from flood_sim.terrain.flow.cells import DIAGONAL, NONE, OUT, PIT, UNKNOWN, corner_open


@njit(cache=True, nogil=True)
def steepest(z, width, code):
    """Write the direction of steepest descent (O'Callaghan and Mark 1984, D8, corners closed) of every cell.

    z: padded heights, m, +inf where no cell is. code: uint8, same size; UNKNOWN where no neighbour is lower.
    """
    rows = z.size // width
    code[:] = NONE
    for j in range(1, rows - 1):
        for c in range(j * width + 1, j * width + width - 1):
            here = z[c]
            if here == np.inf:
                continue
            e, s, w, n = z[c + 1], z[c + width], z[c - 1], z[c - width]
            best, k = np.float32(0.0), UNKNOWN
            if here - e > best:
                best, k = here - e, 1
            if here - s > best:
                best, k = here - s, 3
            if here - w > best:
                best, k = here - w, 5
            if here - n > best:
                best, k = here - n, 7
            if best > 0.0:
                d = (here - z[c + width + 1]) * DIAGONAL
                if d > best and min(e, s) <= here:
                    best, k = d, 2
                d = (here - z[c + width - 1]) * DIAGONAL
                if d > best and min(w, s) <= here:
                    best, k = d, 4
                d = (here - z[c - width - 1]) * DIAGONAL
                if d > best and min(w, n) <= here:
                    best, k = d, 6
                d = (here - z[c - width + 1]) * DIAGONAL
                if d > best and min(e, n) <= here:
                    best, k = d, 8
            code[c] = k


@njit(cache=True, nogil=True)
def leave(z, code, edge_cell, edge_level):
    """Cells at an open edge without a lower neighbour give their water to the outside, unless it stands higher there."""
    for i in range(edge_cell.size):
        c = edge_cell[i]
        if code[c] == UNKNOWN and edge_level[i] <= z[c]:
            code[c] = OUT


@njit(cache=True, nogil=True)
def cross_flats(z, code, off):
    """Give the cells of flats the shortest way to a cell that drains; the rest are pits. Returns their flat indices.

    A flat without a way out is one sink: one of its cells becomes PIT, the others lead to it.
    """
    unknown = np.flatnonzero(code == UNKNOWN)
    queue = np.empty(unknown.size, np.int64)
    found = np.empty(unknown.size, np.uint8)
    head, tail = 0, 0
    for c in unknown:
        k = _way(z, code, c, off)
        if k > 0:
            queue[tail] = c
            found[tail] = k
            tail += 1
    for i in range(tail):
        code[queue[i]] = found[i]
    tail = _spread(z, code, off, queue, head, tail)
    pits = np.empty(unknown.size - tail, np.int64)
    number = 0
    for c in unknown:
        if code[c] == UNKNOWN:
            code[c] = PIT
            pits[number] = c
            number += 1
            head, tail = 0, 1
            queue[0] = c
            _spread(z, code, off, queue, head, tail)
    return pits[:number].copy()


@njit(cache=True, nogil=True)
def _way(z, code, c, off):
    """Direction to a neighbour of the same height that drains, sides before corners; 0 for none."""
    for first in (1, 2):
        for k in range(first, 9, 2):
            d = c + off[k]
            if z[d] == z[c] and code[d] != UNKNOWN and (first == 1 or corner_open(z, c, k, off)):
                return k
    return 0


@njit(cache=True, nogil=True)
def _spread(z, code, off, queue, head, tail):
    """Lead the cells of the same height to those in the queue, nearest first. Returns the end of the queue."""
    while head < tail:
        c = queue[head]
        head += 1
        for first in (1, 2):
            for k in range(first, 9, 2):
                d = c + off[k]
                if z[d] == z[c] and code[d] == UNKNOWN and (first == 1 or corner_open(z, d, (k + 3) % 8 + 1, off)):
                    code[d] = (k + 3) % 8 + 1
                    queue[tail] = d
                    tail += 1
    return tail


@njit(cache=True, nogil=True)
def label_basins(code, off, pits, label):
    """Write for every cell which pit its water runs to: 1 and up as in `pits`, 0 out of the model, -1 not a cell."""
    for c in range(code.size):
        label[c] = -2
        if code[c] == NONE:
            label[c] = -1
        elif code[c] == OUT:
            label[c] = 0
    for i in range(pits.size):
        label[pits[i]] = i + 1
    for c in range(code.size):
        if label[c] != -2:
            continue
        d = c
        while label[d] == -2:
            d += off[code[d]]
        found = label[d]
        d = c
        while label[d] == -2:
            label[d] = found
            d += off[code[d]]
