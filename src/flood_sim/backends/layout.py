"""The arrays a backend works on.

Cells carry a ring of ghosts: an (ny, nx) model lives in arrays of (ny+2, nx+2),
cell (row, col) of the model at [row+1, col+1], row 0 of the model in the north.
The x-face between cells i and i+1 is stored at i, the y-face between rows j and
j+1 at j. Inside, u and qx are positive towards east, v and qy towards SOUTH
(rising row); results turn v round.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

BARRIER_M = 1.0e4
"""Height above the highest ground given to cells that take no water: walls without a branch."""

ROWS_PER_BLOCK = 64

PAGE = 4096
"""Bytes of a memory page, and of one way of the first-level cache."""
STAGGER = 7 * 64
"""Seven cache lines: an odd number, so that no two of up to 64 arrays begin in the same set."""


class State(NamedTuple):
    """Everything that changes from step to step, and what it runs over; (ny+2, nx+2) each."""

    h: np.ndarray  # depth, m
    residual: np.ndarray  # Kahan residual of h, m
    z: np.ndarray  # ground above the model's lowest cell, m
    gn2: np.ndarray  # g n^2, m^(1/3)
    u: np.ndarray  # velocity at x-faces, m/s
    v: np.ndarray  # velocity at y-faces, m/s
    qx: np.ndarray  # limited discharge at x-faces, m2/s
    qy: np.ndarray  # limited discharge at y-faces, m2/s
    source: np.ndarray  # water supplied to each cell, m/s


class Maxima(NamedTuple):
    """Largest values over every time step; (ny+2, nx+2) each.

    `wet_s` holds the sum of (end - begin) over wet spells; while a cell is wet
    its current spell counts with begin only, so add the time now.
    """

    h: np.ndarray  # largest depth, m
    time_h: np.ndarray  # when, s
    speed2: np.ndarray  # largest speed squared, m2/s2
    qx: np.ndarray  # mean cell discharge when it was largest, m2/s
    qy: np.ndarray
    arrival: np.ndarray  # first time at or above the threshold, s; inf where never
    wet_s: np.ndarray  # time at or above the threshold, s


class Spans(NamedTuple):
    """Which part of each row is computed: cells [first, last) and faces to the row south of it."""

    first: np.ndarray  # (ny+2,) int64
    last: np.ndarray
    face_first: np.ndarray
    face_last: np.ndarray
    block: np.ndarray  # (n_blocks+1,) int64, first row of each static block of rows


class Border(NamedTuple):
    """Open faces between an active cell and the outside, sorted by face row.

    x-faces of row j are entries x_start[j]:x_start[j+1]; y-faces likewise.
    side is +1 where outward is the positive direction, -1 otherwise. value holds
    slope, level above the datum of z, or inward discharge per metre: see
    kernels.boundary. drains are inactive cells inside a span that open faces
    spill into; they are emptied after every step.

    Sills are faces inside the model, sorted the same way: over the ground of the cell on the low-index side
    they rise by low, over that of the other by high, m.
    """

    x_start: np.ndarray
    x_index: np.ndarray
    x_side: np.ndarray
    x_kind: np.ndarray
    x_value: np.ndarray
    y_start: np.ndarray
    y_index: np.ndarray
    y_side: np.ndarray
    y_kind: np.ndarray
    y_value: np.ndarray
    drain_start: np.ndarray
    drain_index: np.ndarray
    xsill_start: np.ndarray
    xsill_index: np.ndarray
    xsill_low: np.ndarray
    xsill_high: np.ndarray
    ysill_start: np.ndarray
    ysill_index: np.ndarray
    ysill_low: np.ndarray
    ysill_high: np.ndarray


class Meter(NamedTuple):
    """Faces whose discharge is summed each step, by group: borders and cross sections.

    axis 0: x-face at [row, col], 1: y-face. side +1 counts positive discharge
    as forward. volume[group] = (forward, backward), both >= 0, m3.
    """

    axis: np.ndarray
    row: np.ndarray
    col: np.ndarray
    side: np.ndarray
    group: np.ndarray
    volume: np.ndarray  # (groups, 2) float64


class Pace(NamedTuple):
    """One time step as the formulas need it; scalars of the type of the state."""

    dx: float  # m
    dt: float  # s
    gdtdx: float  # g dt / dx, 1/s
    dtdx: float  # dt / dx, s/m
    dt_before: float  # the step in which the stored discharges moved the mass
    dtdx_before: float


def _zeros(count: int, ny: int, nx: int, dtype: type, before: int = 0) -> Iterator[np.ndarray]:
    """Arrays of zeros that have been written: a masked store to a page nobody wrote yet costs hundreds of cycles,
    and where it stays dry the maxima would pay them in every step (measured: 56 ns per cell).

    They share one piece of memory, which the system can give in large pages. Each
    begins STAGGER bytes further into a page than the one before: the same cell of
    sixteen arrays at the same place of a page would compete for one set of the
    first-level cache, which holds eight lines. before: arrays already placed.
    """
    size = np.dtype(dtype).itemsize
    cells = (ny + 2) * (nx + 2)
    apart = (-(-cells * size // PAGE) * PAGE + STAGGER) // size
    room: np.ndarray = np.full(count * apart + PAGE // size, 0, dtype)
    begin = (before * STAGGER - room.ctypes.data) % PAGE // size
    for k in range(count):
        yield room[begin + k * apart :][:cells].reshape(ny + 2, nx + 2)


def allocate_state(ny: int, nx: int, dtype: type = np.float32) -> State:
    return State(*_zeros(len(State._fields), ny, nx, dtype))


def allocate_maxima(ny: int, nx: int, dtype: type = np.float32) -> Maxima:
    maxima = Maxima(*_zeros(len(Maxima._fields), ny, nx, dtype, before=len(State._fields)))
    maxima.arrival[:] = np.inf
    return maxima


def make_spans(active: np.ndarray) -> Spans:
    """Spans and static blocks for a padded mask (ny+2, nx+2) of active cells.

    Blocks depend on the mask alone, never on the number of threads: that is
    what makes the answer the same bit by bit for any number of threads.
    """
    rows, cols = active.shape
    any_active = active.any(axis=1)
    first = np.where(any_active, active.argmax(axis=1), 1)
    last = np.where(any_active, cols - active[:, ::-1].argmax(axis=1), 1)
    face_first, face_last = first.copy(), last.copy()
    for j in range(rows - 1):
        spans = [(first[k], last[k]) for k in (j, j + 1) if last[k] > first[k]]
        face_first[j] = min((s[0] for s in spans), default=1)
        face_last[j] = max((s[1] for s in spans), default=1)
    work = np.cumsum((last - first)[1:-1] + 1)
    n_blocks = max(1, (rows - 2) // ROWS_PER_BLOCK)
    n_blocks += n_blocks > 1 and n_blocks % 2  # an odd one would leave one of two cores waiting
    goals = work[-1] * np.arange(1, n_blocks) / n_blocks
    cuts = np.unique(np.searchsorted(work, goals) + 2) if n_blocks > 1 else np.empty(0, np.int64)
    # a block needs two rows: its first and its last are computed with different neighbours
    kept: list[int] = [1]
    for cut in cuts:
        if cut - kept[-1] >= 2 and rows - 1 - cut >= 2:
            kept.append(int(cut))
    block = np.array([*kept, rows - 1], np.int64)
    return Spans(*(np.ascontiguousarray(a, np.int64) for a in (first, last, face_first, face_last, block)))


class Segment(NamedTuple):
    """What drives the flow between two times, everything linear between them.

    faces (border faces, 2): values as in Border, x-faces first. rates (inflows, 2): depth that each area inflow
    adds to its cells, m/s. discharge (1, 2): of all area inflows together, m3/s.
    entering (parts, 2): through each border with a given discharge, m2/s.
    """

    begin: float
    until: float
    faces: np.ndarray
    rates: np.ndarray
    discharge: np.ndarray
    entering: np.ndarray
