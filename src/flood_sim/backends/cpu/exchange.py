"""Water that passes between short lists of cells beside the flow: culverts, inlets, storages.

Water is taken from the depth before a step, exactly: the Kahan residual is kept
and what is booked is what left. The discharges stored at the faces of a cell are
scaled by the share of its water that stays: momentum is mixed in the next
step by the discharges that moved the mass (kernels.flux), and with discharges of water that
is gone the mixture would be none (docs/engine.md). Water is given through the
source of the step, which dilutes momentum as rain does.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from flood_sim.kernels import culvert
from flood_sim.kernels.constants import DEPTH_DRY, G
from flood_sim.kernels.mass import add_depth

EXACT = {"error_model": "numpy", "nogil": True, "cache": True}

MOST = 0.5
"""Largest share of the water over a mouth that a culvert takes in one step."""
LONG = 5.0
"""s; the step in which a column may gain speed, where it is not known yet."""

BARREL = np.dtype(
    [("shape", "i8"), ("form", "i8")]
    + [(name, "f8") for name in ("width", "height", "length", "manning", "k", "m", "c", "y", "ks", "ke", "open")]
)
"""A culvert as kernels.culvert reads it; open: how many whole barrels it is worth (number less what is blocked)."""


class Mouths(NamedTuple):
    """The ends of n culverts, end e of culvert k at 2k + e: its cells (padded) are start[2k + e] : start[2k + e + 1]."""

    start: np.ndarray  # (2n + 1,) int64
    row: np.ndarray  # int64
    col: np.ndarray
    faces: np.ndarray  # int64: of each cell, those to active cells beyond its mouth
    invert: np.ndarray  # (2n,) float64, m above the datum of z


class Flow(NamedTuple):
    """What n culverts do; float64."""

    from_end: np.ndarray  # (n,) int64: the end that water comes from in this step, -1 for none
    level: np.ndarray  # (n, 2), m above the datum of z
    discharge: np.ndarray  # (n,) m3/s, positive from end 0 to end 1
    owed: np.ndarray  # (n,) taken and not yet given, m3
    passed: np.ndarray  # (n, 2) volume since the start from end 0 and from end 1, m3
    peak: np.ndarray  # (n,) largest discharge, either way, m3/s


@njit(**EXACT)
def take(s, j, i, depth):
    """Take a depth, at most what there is, from a cell; what left it, m."""
    h, residual = s.h[j, i], s.residual[j, i]
    new, rest = add_depth(h, residual, -s.h.dtype.type(depth))
    s.h[j, i], s.residual[j, i] = new, rest
    kept = new / h if h > 0.0 else s.h.dtype.type(0.0)
    s.qx[j, i - 1] *= kept
    s.qx[j, i] *= kept
    s.qy[j - 1, i] *= kept
    s.qy[j, i] *= kept
    return (np.float64(h) - np.float64(residual)) - (np.float64(new) - np.float64(rest))


@njit(**EXACT)
def give(s, j, i, rate):
    """Raise the source of a cell by a rate, m/s, rounded down; by how much it rose."""
    before = np.float64(s.source[j, i])
    now = s.h.dtype.type(before + rate)
    if np.float64(now) - before > rate:
        now = np.nextafter(now, s.h.dtype.type(-1.0))
    s.source[j, i] = now
    return np.float64(now) - before


@njit(**EXACT)
def level_at(s, m, end):
    """Level of the water at a mouth, m: of its wet cells, weighted by depth; without any the lowest ground."""
    weight = sum_ = 0.0
    ground = np.inf
    for c in range(m.start[end], m.start[end + 1]):
        h, z = np.float64(s.h[m.row[c], m.col[c]]), np.float64(s.z[m.row[c], m.col[c]])
        ground = min(ground, z)
        if h > DEPTH_DRY:
            weight += h
            sum_ += h * (z + h)
    return sum_ / weight if weight > 0.0 else ground


@njit(**EXACT)
def standing(s, m, end, invert):
    """Water over a mouth above its invert, as the sum of the depths of its cells, m."""
    depth = 0.0
    for c in range(m.start[end], m.start[end + 1]):
        depth += depth_above(s, m, c, invert)
    return depth


@njit(**EXACT)
def depth_above(s, m, c, invert):
    h, z = np.float64(s.h[m.row[c], m.col[c]]), np.float64(s.z[m.row[c], m.col[c]])
    return max(min(h, h + z - invert), 0.0) if h > DEPTH_DRY else 0.0


@njit(**EXACT)
def drawn_by(s, m, end, invert):
    """By how much the level of a mouth falls when a metre over one cell is taken from it, in proportion to its depths."""
    sum_ = squares = 0.0
    for c in range(m.start[end], m.start[end + 1]):
        depth = depth_above(s, m, c, invert)
        sum_ += depth
        squares += depth * depth
    return squares / (sum_ * sum_) if sum_ > 0.0 else 0.0


@njit(**EXACT)
def follows(s, m, end, dt, cell):
    """Area whose water can follow the level at a mouth within a step: its cells and what a wave reaches from them, m2."""
    area = 0.0
    for c in range(m.start[end], m.start[end + 1]):
        wave = math.sqrt(G * np.float64(s.h[m.row[c], m.col[c]]))
        area += cell * cell + m.faces[c] * cell * wave * dt
    return area


@njit(**EXACT)
def look_at_culverts(s, m, barrels, f, cell):
    """Levels now, and which way water may flow; the largest rate at which a cell may be given water, m/s.

    A discharge is bounded by the headwater and by what its column can gain in
    LONG; and what is given in a step is no more than MOST of what stands at the other end, so a rate counts no further than
    the wave on that depth needs a shorter step.
    """
    largest = 0.0
    for k in range(barrels.size):
        b = barrels[k]
        f.level[k, 0] = level_at(s, m, 2 * k)
        f.level[k, 1] = level_at(s, m, 2 * k + 1)
        here = 0 if f.level[k, 0] >= f.level[k, 1] else 1
        up = 2 * k + here
        depth = standing(s, m, up, m.invert[up])
        hw = f.level[k, here] - m.invert[up]
        if depth <= 0.0 or hw <= 0.0 or b.open <= 0.0:
            f.from_end[k] = -1
            continue
        f.from_end[k] = here
        drop = f.level[k, here] - f.level[k, 1 - here]
        area, _ = culvert.section(b, b.height)
        gained = abs(f.discharge[k]) + b.open * area * G * drop / b.length * LONG
        cells = m.start[2 * k + 2 - here] - m.start[2 * k + 1 - here]
        rate = min(gained, b.open * area * math.sqrt(2.0 * G * hw)) / (cells * cell * cell)
        most = MOST * depth / cells
        largest = max(largest, min(rate, math.sqrt(G * most) * most / (0.6 * cell)))
    return largest


@njit(**EXACT)
def flow_through_culverts(s, m, barrels, f, dt, cell):
    """Carry water through every culvert over a step of dt, as `look_at_culverts` found its levels.

    The level that counts at the upper end is that after the water is taken, since with it the flow of the step is computed.
    """
    for k in range(barrels.size):
        here = f.from_end[k]
        if here < 0:
            f.discharge[k] = 0.0
            continue
        b = barrels[k]
        up, down = 2 * k + here, 2 * k + 1 - here
        sign = 1.0 if here == 0 else -1.0
        high, low = f.level[k, here], f.level[k, 1 - here]
        fall = m.invert[up] - m.invert[down]
        draw = b.open * dt * drawn_by(s, m, up, m.invert[up]) / (cell * cell)
        steady = b.open * culvert.discharge(b, high - m.invert[up], low - m.invert[down], fall, draw)
        if steady <= 0.0:
            f.discharge[k] = 0.0
            continue
        # a column that still moves against the fall of the level has come to rest
        q = max(sign * f.discharge[k], 0.0)
        filled, _ = culvert.section(b, high - m.invert[up])
        driven = min(high - low, high - m.invert[down])
        q = culvert.set_in_motion(q, steady, dt * G * b.open * filled * driven / b.length)
        depth = standing(s, m, up, m.invert[up])
        above, below = follows(s, m, up, dt, cell), follows(s, m, down, dt, cell)
        volume = min(q * dt, MOST * depth * cell * cell, (high - low) * above * below / (above + below))
        taken = 0.0
        if depth > 0.0:
            for c in range(m.start[up], m.start[up + 1]):
                own = depth_above(s, m, c, m.invert[up])
                if own > 0.0:
                    taken += take(s, m.row[c], m.col[c], volume / (cell * cell) * own / depth)
        taken *= cell * cell
        f.discharge[k] = sign * taken / dt
        f.passed[k, here] += taken
        f.peak[k] = max(f.peak[k], taken / dt)
        cells = m.start[down + 1] - m.start[down]
        rate = (taken + f.owed[k]) / (cells * cell * cell * dt)
        given = 0.0
        for c in range(m.start[down], m.start[down + 1]):
            given += give(s, m.row[c], m.col[c], rate)
        f.owed[k] += taken - given * cell * cell * dt


@njit(**EXACT)
def swallow(s, row, col, depths, rates, times, dt, cell):
    """Inlets take water by the depth that stands over them; volume taken, m3.

    rates (m3/s) of one inlet at depths (m); times: how many open inlets lie in each
    cell. In each cell dh/dt = - times rate(h) / area over dt exactly, so that no step takes too much.
    """
    taken = 0.0
    for c in range(row.size):
        h = np.float64(s.h[row[c], col[c]])
        if h > DEPTH_DRY:
            left = drained(h, dt * times[c] / (cell * cell), depths, rates)
            taken += take(s, row[c], col[c], h - left)
    return taken * cell * cell


@njit(**EXACT)
def drained(h, time, depths, rates):
    """Depth after dh/dt = - rate(h) over a time, rate linear between the points of a curve from (0, 0), constant above."""
    k = depths.size - 1
    while time > 0.0:
        while k >= 0 and depths[k] >= h:
            k -= 1
        if k < 0:
            return 0.0
        if k == depths.size - 1:
            slope, rate = 0.0, rates[k]
        else:
            slope = (rates[k + 1] - rates[k]) / (depths[k + 1] - depths[k])
            rate = rates[k] + slope * (h - depths[k])
        if rate <= 0.0:
            return h
        if slope > 0.0:
            needed = math.log(rate / rates[k]) / slope if rates[k] > 0.0 else np.inf
        else:
            needed = (h - depths[k]) / rate
        if needed > time:
            return h - (rate / slope * -math.expm1(-slope * time) if slope > 0.0 else rate * time)
        h = depths[k]
        time -= needed
    return h


@njit(**EXACT)
def store(s, row, col, volume, cell):
    """Take up to a volume, m3, from some cells, from each in proportion to its depth; volume taken, m3."""
    depth = 0.0
    for c in range(row.size):
        depth += np.float64(s.h[row[c], col[c]])
    if depth <= 0.0:
        return 0.0
    share = min(volume / (depth * cell * cell), 1.0)
    taken = 0.0
    for c in range(row.size):
        taken += take(s, row[c], col[c], share * np.float64(s.h[row[c], col[c]]))
    return taken * cell * cell
