"""Which cells a step must look at: tiles of the grid in which water can move within the next steps.

A tile stirs where a cell holds more than a film, moved in the last step or is
supplied. Water crosses at most one face a step, so for as many steps as a tile is
wide nothing can move beyond the tiles next to those that stir: they are awake, all
others sleep. A face between sleeping cells would come out as the zero it already
is, so skipping it changes no bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numba import njit, prange

from flood_sim.backends.cpu.rows import FAST
from flood_sim.backends.layout import Border
from flood_sim.kernels.boundary import NORMAL
from flood_sim.kernels.constants import DEPTH_DRY, HALF, ZERO

TILE = 8
"""Rows of a tile, and steps between two looks."""
WIDE = 16
"""Columns of a tile: what a vector instruction takes at once."""
WAKE_TILES = 4096
"""Tiles up to which one thread looks: to wake the others and wait for them takes some 60 µs."""
JOIN = 96
"""Sleeping cells between two spans of a row that cost as much to compute as a second span to begin, about 1 µs."""


class Tiles(NamedTuple):
    """Awake tiles, and as spans of columns [first, last): list 2T+1 for the rows of tile row T (0 in the north),
    list 2T for the faces between tile rows T-1 and T, where either is awake."""

    spring: np.ndarray  # (ty, tx) bool: water may enter from outside at any time
    stirs: np.ndarray
    awake: np.ndarray
    n_spans: np.ndarray  # (2 ty + 1,) int64
    spans: np.ndarray  # (2 ty + 1, most, 2) int64, columns of the padded arrays


def make_tiles(ny: int, nx: int, border: Border, areas: Iterable[tuple[np.ndarray, np.ndarray]]) -> Tiles:
    """Tiles of an (ny, nx) model, all awake. areas: rows and columns of padded cells that inflows pour into."""
    shape = (-(-ny // TILE), -(-nx // WIDE))
    spring = np.zeros(shape, bool)

    def mark(rows: np.ndarray, cols: np.ndarray) -> None:
        spring[(np.clip(rows, 1, ny) - 1) // TILE, (np.clip(cols, 1, nx) - 1) // WIDE] = True

    for rows, cols in areas:
        mark(rows, cols)
    for start, index, side, kind, down in (
        (border.x_start, border.x_index, border.x_side, border.x_kind, False),
        (border.y_start, border.y_index, border.y_side, border.y_kind, True),
    ):
        enters = kind != NORMAL
        rows = np.repeat(np.arange(start.size - 1), np.diff(start))[enters]
        beyond = (side < 0)[enters].astype(int)  # the cell is the one after its face
        mark(rows + beyond * down, index[enters] + beyond * (not down))
    most = nx // (JOIN + WIDE) + 1
    count: np.ndarray = np.zeros(2 * shape[0] + 1, np.int64)
    return Tiles(spring, spring.copy(), np.ones(shape, bool), count, np.zeros((count.size, most, 2), np.int64))


@njit(**FAST)
def row_list(j):
    """List of the cells of row j."""
    return 2 * ((j - 1) // TILE) + 1


@njit(**FAST)
def face_list(j, ny):
    """List of the faces between rows j and j+1; of ny rows."""
    if j == 0:
        return 0
    if j % TILE == 0 or j == ny:
        return row_list(j) + 1
    return row_list(j)


@njit(**FAST)
def slope_list(j, ny):
    """List of the cells of row j beside its northern and its southern faces."""
    if (j - 1) % TILE == 0:
        return row_list(j) - 1
    return face_list(j, ny)


@njit(**{**FAST, "forceinline": True})
def span(t, n, k, low, high):
    """Columns [first, last) of span k of list n within [low, high); none where first >= last."""
    return max(t.spans[n, k, 0], low), min(t.spans[n, k, 1], high)


@njit(**FAST)
def _stirred(s, a, b, c, d):
    """Whether water can move out of rows [a, b), columns [c, d), by itself or by what the last step left.

    The faces north of the first row and west of the first column belong to no other tile.
    """
    # the depth at a face may exceed the one in the cell by half: see kernels.slope
    film = HALF * DEPTH_DRY
    for j in range(a, b):
        for i in range(c, d):
            if s.h[j, i] > film:
                return True
    for j in range(a - (a == 1), b):
        for i in range(c - (c == 1), d):
            if (
                s.source[j, i] != ZERO
                or s.qx[j, i] != ZERO
                or s.qy[j, i] != ZERO
                or s.u[j, i] != ZERO
                or s.v[j, i] != ZERO
            ):
                return True
    return False


@njit(**FAST)
def _spans(one, other, spans):
    """Spans of the columns awake in either of two rows of tiles; how many."""
    n = 0
    for x in range(one.size):
        if not (one[x] or other[x]):
            continue
        first, last = 1 + x * WIDE, 1 + (x + 1) * WIDE
        if n > 0 and first - spans[n - 1, 1] < JOIN:
            spans[n - 1, 1] = last
        else:
            spans[n, 0], spans[n, 1] = first, last
            n += 1
    return n


@njit(**FAST)
def _look_along(s, t, y, everywhere):
    """Which tiles of row y stir."""
    a = 1 + y * TILE
    b = min(a + TILE, s.h.shape[0] - 1)
    for x in range(t.stirs.shape[1]):
        c = 1 + x * WIDE
        d = min(c + WIDE, s.h.shape[1] - 1)
        asked = everywhere or t.awake[y, x]
        t.stirs[y, x] = t.spring[y, x] or (asked and _stirred(s, a, b, c, d))


@njit(**FAST)
def _wake(t):
    """Wake the tiles that stir or lie beside one that does; write the spans."""
    ty, tx = t.awake.shape
    for y in range(ty):
        for x in range(tx):
            near = False
            for k in range(max(y - 1, 0), min(y + 2, ty)):
                for i in range(max(x - 1, 0), min(x + 2, tx)):
                    near = near or t.stirs[k, i]
            t.awake[y, x] = near
    for y in range(ty + 1):
        t.n_spans[2 * y] = _spans(t.awake[max(y - 1, 0)], t.awake[min(y, ty - 1)], t.spans[2 * y])
    for y in range(ty):
        t.n_spans[2 * y + 1] = _spans(t.awake[y], t.awake[y], t.spans[2 * y + 1])


@njit(parallel=True, **{**FAST, "_nrt": True})
def look(s, t, everywhere):
    """Find the tiles awake for the next TILE steps; everywhere: sleeping ones may stir, too."""
    if t.awake.size <= WAKE_TILES:
        for y in range(t.awake.shape[0]):
            _look_along(s, t, y, everywhere)
    else:
        for y in prange(t.awake.shape[0]):
            # the index of prange is unsigned: less one it would be a float
            _look_along(s, t, np.int64(y), everywhere)
    # not a second prange: the compiler may join it with the first, though it needs all of that
    _wake(t)
