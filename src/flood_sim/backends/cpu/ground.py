"""One pass of the losses of the ground over all cells, row by row, in the static blocks of the step.

Water that is taken between two steps was still there when the discharges of
the last step moved it. The advection of the next step mixes velocities in the
proportion of these discharges to the water there is (kernels.flux): were they left
as they are, more would seem to have come in than there is, the old velocity would
get a negative weight, and the mean would be none any more. So each discharge is
scaled with the share of its water that a cell keeps, the smaller of the two beside
its face: lost water takes its momentum along, and what stays keeps its velocity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from flood_sim.backends.cpu import losses
from flood_sim.backends.cpu.rows import FAST, copy_row, fill_row
from flood_sim.kernels.constants import ONE, ZERO

NONE, STEADY, HORTON, GREEN_AMPT, CURVE_NUMBER = 0, 1, 2, 3, 4
WETTING, INFILTRATION, FLAT, CAPACITY, RIVER = 0, 1, 2, 3, 4
LINES = 5
"""Columns of the sums."""
STRETCH = 512
"""Cells worked on together: their working rows stay in the first-level cache."""


class Rules(NamedTuple):
    """What acts in a pass."""

    wetting: bool
    kind: int
    flat: bool
    capacity: bool
    roughness: bool


class Losses(NamedTuple):
    """Arrays of the law, padded as the state; (1, 1) where no rule needs them."""

    zone: np.ndarray  # column of the table of zones; the last, of zeros, where no water can be
    left: np.ndarray  # of the initial loss, m
    soil: np.ndarray  # what the kind of infiltration remembers
    rain: np.ndarray  # m/s
    wet: np.ndarray  # (rows, stretches) bool: held water at the last pass
    due: np.ndarray  # (rows, stretches) bool: some initial loss may be left


class Work(NamedTuple):
    """Room for the blocks."""

    water: np.ndarray  # (blocks, 2, STRETCH) float64
    own: np.ndarray  # (blocks, 3, STRETCH): parameters of the zone of each cell; new depths
    keep: np.ndarray  # (blocks, 4, nx+2): of this row and the one above, of the first and the last row of the block
    lost: np.ndarray  # (blocks, 2) bool: whether the first and the last row lost anything


def allocate_ground(blocks: int, nx: int, dtype: type) -> Work:
    return Work(
        np.zeros((blocks, 2, STRETCH)), np.zeros((blocks, 3, STRETCH), dtype), np.ones((blocks, 4, nx + 2), dtype),
        np.zeros((blocks, 2), bool),
    )  # fmt: skip


@njit(**FAST)
def stretch(a):
    """Number of the stretch that begins in column a."""
    return (a - 1) // STRETCH


@njit(**FAST)
def _book(took, sums, line):
    got = losses.total(took)
    sums[line] += got
    return got


@njit(**FAST)
def _infiltrate(g, table, kind, dt, j, a, e, own, water, took):
    zone = g.zone[j, a:e]
    p, q, r = own[0, : e - a], own[1, : e - a], own[2, : e - a]
    losses.spread(zone, table[0], p)
    if kind == STEADY:
        losses.steady(p, water, took)
        return
    losses.spread(zone, table[1], q)
    losses.spread(zone, table[2], r)
    soil = g.soil[j, a:e]
    if kind == HORTON:
        losses.horton(p, q, r, soil, water, took)
    elif kind == GREEN_AMPT:
        losses.green_ampt(p, q, r, soil, water, took)
    else:
        losses.curve_number(p, q, r, g.rain[j, a:e], dt, soil, water, took)


@njit(**FAST)
def _stretch(s, g, table, rules, dt, j, a, e, room, own, keep, sums):
    """Cells [a, e) of row j; whether any water left."""
    zone = g.zone[j, a:e]
    h = s.h[j, a:e]
    water, took = room[0, : e - a], room[1, : e - a]
    p, q = own[0, : e - a], own[1, : e - a]
    losses.find_water(h, s.residual[j, a:e], water)
    some = 0.0
    k = stretch(a)
    if rules.wetting and g.due[j, k]:
        losses.wet(g.left[j, a:e], water, took)
        g.due[j, k] = losses.some_above(g.left[j, a:e], ZERO) > 0
        some += _book(took, sums, WETTING)
    if rules.kind != NONE:
        _infiltrate(g, table, rules.kind, dt, j, a, e, own, water, took)
        some += _book(took, sums, INFILTRATION)
    if rules.flat:
        losses.spread(zone, table[losses.FLAT], p)
        losses.deduct(p, g.rain[j, a:e], dt, water, took)
        some += _book(took, sums, FLAT)
    if rules.capacity:
        losses.spread(zone, table[losses.CAPACITY], p)
        losses.spread(zone, table[losses.THRESHOLD], q)
        losses.swallow(p, q, water, took)
        some += _book(took, sums, CAPACITY)
    if some > 0.0:
        losses.settle(h, s.residual[j, a:e], water, p, keep[a:e])
    return some > 0.0


@njit(**FAST)
def _roughen(s, g, table, j, a, e, own):
    p, q = own[0, : e - a], own[1, : e - a]
    losses.spread(g.zone[j, a:e], table[losses.SHALLOW], p)
    losses.spread(g.zone[j, a:e], table[losses.DEEP], q)
    losses.roughen(p, q, s.h[j, a:e], s.gn2[j, a:e])


@njit(**FAST)
def _row(s, p, g, table, rules, dt, j, room, own, keep, sums):
    """Row j; whether any water left it."""
    fill_row(keep, ONE)
    lost = False
    for a in range(p.first[j], p.last[j], STRETCH):
        e = min(a + STRETCH, p.last[j])
        k = stretch(a)
        wet = losses.some_above(s.h[j, a:e], ZERO) > 0
        if wet or rules.kind == CURVE_NUMBER:
            lost |= _stretch(s, g, table, rules, dt, j, a, e, room, own, keep, sums)
        if rules.roughness and (wet or g.wet[j, k]):
            _roughen(s, g, table, j, a, e, own)
        g.wet[j, k] = wet
    if lost:
        a, e = p.first[j], p.last[j]
        losses.slacken(s.qx[j, a - 1 : e], keep[a - 1 : e], keep[a : e + 1])
    return lost


@njit(**FAST)
def _between(s, p, j, keep, keep_beyond):
    """The faces between rows j and j+1."""
    a, e = p.face_first[j], p.face_last[j]
    losses.slacken(s.qy[j, a:e], keep[a:e], keep_beyond[a:e])


@njit(**FAST)
def _block(s, p, g, table, rules, dt, k, room, own, keep, lost, sums):
    a, e = p.block[k], p.block[k + 1]
    here, above = keep[0], keep[1]
    fill_row(above, ONE)
    lost_above = False
    for j in range(a, e):
        lost_here = _row(s, p, g, table, rules, dt, j, room, own, here, sums)
        if (lost_here or lost_above) and (j > a or k == 0):
            _between(s, p, j - 1, above, here)
        if j == a:
            copy_row(here, keep[2])
            lost[0] = lost_here
        lost_above = lost_here
        here, above = above, here
    copy_row(above, keep[3])
    lost[1] = lost_above
    if lost_above and k == p.block.size - 2:
        fill_row(here, ONE)
        _between(s, p, e - 1, above, here)


@njit(parallel=True, **{**FAST, "_nrt": True})
def _blocks(s, p, g, table, rules, dt, w, sums):
    for k in prange(p.block.size - 1):
        # the index of prange is unsigned
        b = np.int64(k)
        _block(s, p, g, table, rules, dt, b, w.water[b], w.own[b], w.keep[b], w.lost[b], sums[b])


@njit(**FAST)
def _seams(s, p, w):
    for k in range(p.block.size - 2):
        if w.lost[k, 1] or w.lost[k + 1, 0]:
            _between(s, p, p.block[k + 1] - 1, w.keep[k, 3], w.keep[k + 1, 2])


def take_losses(s, p, g, table, rules, dt, work, sums):
    """Take what the ground takes in dt s; sums (blocks, LINES): volumes over the area of a cell so far, m."""
    _blocks(s, p, g, table, rules, dt, work, sums)
    _seams(s, p, work)


@njit(**FAST)
def set_roughness(s, g, table, own):
    """g n^2 of every cell for its depth."""
    for j in range(1, s.h.shape[0] - 1):
        for a in range(1, s.h.shape[1] - 1, STRETCH):
            _roughen(s, g, table, j, a, min(a + STRETCH, s.h.shape[1] - 1), own)


@njit(**FAST)
def empty_rivers(s, rows, cols):
    """Take all water of the listed cells, with what moves through their faces; its sum, m."""
    some = 0.0
    for k in range(rows.size):
        j, i = rows[k], cols[k]
        if s.h[j, i] > ZERO:
            some += np.float64(s.h[j, i]) - np.float64(s.residual[j, i])
            s.h[j, i] = ZERO
            s.residual[j, i] = ZERO
            s.qx[j, i] = ZERO
            s.qx[j, i - 1] = ZERO
            s.qy[j, i] = ZERO
            s.qy[j - 1, i] = ZERO
    return some
