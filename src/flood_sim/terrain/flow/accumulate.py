"""What runs past every cell, and what runs to one: sums down and up the directions."""

from __future__ import annotations

import numpy as np
from numba import njit

from flood_sim.terrain.flow.cells import NONE, receiver


@njit(cache=True, nogil=True)
def accumulate(code, off, link_from, link_to, total):
    """Add to every cell of `total` (any unit, in place) what all cells above it have.

    Each cell is visited once, when all that flow into it are done.
    """
    waiting = np.zeros(code.size, np.uint16)  # many culverts may end in one cell
    for c in range(code.size):
        if code[c] != NONE:
            r = receiver(c, code, off, link_from, link_to)
            if r >= 0:
                waiting[r] += 1
    done = np.uint16(65535)
    for start in range(code.size):
        if waiting[start] != 0 or code[start] == NONE:
            continue
        c = start
        while True:
            waiting[c] = done
            r = receiver(c, code, off, link_from, link_to)
            if r < 0:
                break
            total[r] += total[c]
            waiting[r] -= 1
            if waiting[r] != 0:
                break
            c = r


@njit(cache=True, nogil=True)
def upstream(code, off, link_from, link_to, inside):
    """Mark in `inside` (bool, in place) every cell whose water passes a cell that is marked already."""
    state = np.zeros(code.size, np.uint8)  # 1 runs in, 2 does not
    for c in range(code.size):
        if inside[c]:
            state[c] = 1
        elif code[c] == NONE:
            state[c] = 2
    for start in range(code.size):
        if state[start] != 0:
            continue
        c, found = start, np.uint8(2)
        while c >= 0:
            if state[c] != 0:
                found = state[c]
                break
            c = receiver(c, code, off, link_from, link_to)
        c = start
        while c >= 0 and state[c] == 0:
            state[c] = found
            c = receiver(c, code, off, link_from, link_to)
    for c in range(code.size):
        inside[c] = state[c] == 1
