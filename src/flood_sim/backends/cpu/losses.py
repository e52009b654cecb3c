"""Loops of the losses of the ground over a stretch of one row. Each takes from `water` and leaves in `took` how much.

water, took: m, float64, so that what is booked is what left, to the last bit; the
rest is of the type of the state. As in rows.py: plain slices without a branch, nothing allocated.
"""

import numpy as np
from numba import njit

from flood_sim.backends.cpu.rows import FAST
from flood_sim.kernels.constants import ONE, ZERO
from flood_sim.kernels.infiltration import (
    curve_number_loss,
    green_ampt_intake,
    horton_intake,
    horton_state,
    share_of,
)
from flood_sim.kernels.mass import add_depth
from flood_sim.kernels.roughness import gn2_of_depth

# rows of the table of zones; the first three belong to the kind of infiltration
FLAT, CAPACITY, THRESHOLD, SHALLOW, DEEP = 3, 4, 5, 6, 7
BASE, GAIN, WORN = 0, 1, 2  # horton, of which a constant rate is the base alone; base and gain times the unsealed share
UNSEALED = 0
STEADY, SUCTION = 1, 2  # green_ampt
RETENTION, ABSTRACTION = 1, 2  # curve_number
TABLE_ROWS = 8


@njit(**FAST)
def spread(zone, parameter, out):
    """A parameter of its zone to each cell. By itself: a loop that also writes results could not be vectorised."""
    for i in range(zone.size):
        out[i] = parameter[zone[i]]


@njit(**FAST)
def some_above(row, value):
    """How many cells hold more than `value`."""
    n = 0
    for i in range(row.size):
        n += row[i] > value
    return n


@njit(**FAST)
def total(row):
    """Sum in float64, always in the same order: eight sums side by side."""
    a = b = c = d = e = f = g = h = 0.0
    even = row.size - row.size % 8
    for i in range(0, even, 8):
        a += row[i]
        b += row[i + 1]
        c += row[i + 2]
        d += row[i + 3]
        e += row[i + 4]
        f += row[i + 5]
        g += row[i + 6]
        h += row[i + 7]
    for i in range(even, row.size):
        a += row[i]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@njit(**FAST)
def find_water(h, residual, water):
    """What each cell holds; the residual counts, but for the dust below a dry one."""
    for i in range(h.size):
        water[i] = max(np.float64(h[i]) - np.float64(residual[i]), 0.0)


@njit(**FAST)
def wet(left, water, took):
    """Wetting and hollows: what is left of the initial loss."""
    for i in range(water.size):
        got = min(np.float64(left[i]), water[i])
        left[i] -= got
        water[i] -= got
        took[i] = got


@njit(**FAST)
def steady(base, water, took):
    """A constant rate."""
    for i in range(water.size):
        got = min(np.float64(base[i]), water[i])
        water[i] -= got
        took[i] = got


@njit(**FAST)
def horton(base, gain, worn, soil, water, took):
    for i in range(water.size):
        want = horton_intake(soil[i], base[i], gain[i])
        got = min(np.float64(want), water[i])
        soil[i] = horton_state(soil[i], worn[i], share_of(got, want))
        water[i] -= got
        took[i] = got


@njit(**FAST)
def green_ampt(unsealed, by_weight, suction, soil, water, took):
    """soil: what it has taken in, per area that is not sealed, m."""
    for i in range(water.size):
        could = green_ampt_intake(soil[i], by_weight[i], suction[i])
        want = unsealed[i] * could
        got = min(np.float64(want), water[i])
        soil[i] += could * share_of(got, want)
        water[i] -= got
        took[i] = got


@njit(**FAST)
def curve_number(unsealed, retention, abstraction, rain, dt, soil, water, took):
    """What of the rain of this pass does not run off; soil: rain so far, m."""
    for i in range(water.size):
        before = soil[i]
        soil[i] = before + rain[i] * dt
        want = unsealed[i] * curve_number_loss(before, soil[i], retention[i], abstraction[i])
        got = min(np.float64(want), water[i])
        water[i] -= got
        took[i] = got


@njit(**FAST)
def deduct(flat, rain, dt, water, took):
    """Flat deduction from the rain of this pass."""
    for i in range(water.size):
        got = min(np.float64(min(flat[i], rain[i]) * dt), water[i])
        water[i] -= got
        took[i] = got


@njit(**FAST)
def swallow(capacity, threshold, water, took):
    """A sewer of limited capacity, from what stands above the threshold."""
    for i in range(water.size):
        got = min(np.float64(capacity[i]), max(water[i] - threshold[i], 0.0))
        water[i] -= got
        took[i] = got


@njit(**FAST)
def settle(h, residual, water, new, keep):
    """Depth and residual of what is left, and the share of its water that each cell keeps.

    The last addition, of nothing, leaves them as a step would: a cell asleep has the bits of one awake.
    """
    for i in range(water.size):
        before = max(np.float64(h[i]) - np.float64(residual[i]), 0.0)
        lost = water[i] < before
        new[i] = water[i]
        a = new[i]
        keep[i] = a - water[i]
        t, r = add_depth(a, keep[i], ZERO)
        h[i] = t if lost else h[i]
        residual[i] = r if lost else residual[i]
        keep[i] = (water[i] if lost else ONE) / (before if lost else ONE)


@njit(**FAST)
def roughen(shallow, deep, h, gn2):
    for i in range(h.size):
        gn2[i] = gn2_of_depth(h[i], shallow[i], deep[i])


@njit(**FAST)
def slacken(q, keep, keep_beyond):
    """Discharges of the last step through faces between cells that kept these shares of their water."""
    for i in range(q.size):
        q[i] *= min(keep[i], keep_beyond[i])
