"""Directions on the filled ground: through every sink along its lowest line and out over its saddle.

In the basin of a sink the steps from its saddle down to its pit are turned
round, so that water runs down to the pit, along the same line up to the saddle
and on into the next basin: a way that never rises on the filled ground, takes no
short cut over a lake, and needs no second search (Cordonnier, Bovy and Braun
2019, doi:10.5194/esurf-7-549-2019).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from flood_sim.terrain.flow.cells import LINK, OUT, PIT
from flood_sim.terrain.flow.tree import NOWHERE


@njit(cache=True, nogil=True)
def carve(code, off, near, far):
    """Turn the steps of every basin between its pit and its saddle, in place. Returns the culverts that are used.

    code: directions on the bare ground. near, far: for each basin the saddle on its way out. Returns start and end
    cell of each culvert; a pit without a way out (closed model) stays a PIT.
    """
    link_from, link_to = np.empty(near.size, np.int64), np.empty(near.size, np.int64)
    links = 0
    for basin in range(1, near.size):
        if near[basin] == NOWHERE:
            continue
        c = int(near[basin])
        new = OUT
        if far[basin] >= 0:
            new = LINK
            for k in (1, 3, 5, 7):
                if c + off[k] == far[basin]:
                    new = k
            if new == LINK:
                link_from[links], link_to[links] = c, far[basin]
                links += 1
        while True:
            old = int(code[c])
            code[c] = new
            if old == PIT:
                break
            c += off[old]
            new = (old + 3) % 8 + 1
    return link_from[:links].copy(), link_to[:links].copy()
