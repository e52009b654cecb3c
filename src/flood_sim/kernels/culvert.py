"""Steady flow through one barrel of a culvert: the discharge for given levels at both ends.

Hydraulic Design of Highway Culverts, FHWA HDS-5 (3rd ed. 2012, FHWA-HIF-12-026; 2nd ed. 2001,
FHWA-NHI-01-020): for a discharge both the headwater that the inlet needs (inlet
control: a weir or an orifice) and the one that the barrel needs (outlet control: losses at entrance and
exit, Manning's friction) are found, and the higher one holds. Here the headwater
is given and the discharge is searched; both grow with each other.

Where the barrel is not full, outlet control is a backwater calculation from the outlet, as
HDS-5 asks for where the headwater is low; its short cut, to begin at (dc + D)/2, is not used: below
0.75 D it does not hold, and a culvert would carry no shallow water.

Symbols: q discharge of one barrel (m3/s), hw and tw depth of water above the
invert at the end it comes from and the end it goes to (m), fall the invert there less the
invert here (m), D height, p depth of the hydraulic grade line, above D where
the barrel is full. b is a barrel: shape, width, height (D), length, manning; of its entrance form, k, m, c, y
(inlet control), ks (its correction for slope) and ke (loss). All in float64,
without fastmath: a few numbers in a step.
"""

import math

import numpy as np
from numba import njit

from flood_sim.kernels.constants import G

CIRCLE, BOX = 0, 1
PRECISE = {
    "error_model": "numpy",
    "nogil": True,
}  # not cached by itself: with what calls it (minutes of compiling else)

METRIC = 1.811
"""Makes Q / (A D^0.5) of SI units that of feet, for which the constants of HDS-5 were measured (Ku, table A.1)."""
WEIR, ORIFICE = 3.5, 4.0
"""Q / (A D^0.5) up to which an inlet is a weir, and from which it is an orifice (HDS-5, table A.1)."""
SHALLOW = 0.5
"""Below this Q / (A D^0.5), where the published charts end, a slope correction that adds to the headwater (mitred) fades:
it does not depend on Q, and an inlet would need headwater for no discharge."""
TRICKLE_M = 1e-5
"""Less headwater than this carries nothing: the flow would be some ml/s, and its depths beyond the digits of the formulas."""
BRANCH = tuple(0.5 - 0.5 * math.cos(math.pi * k / 16) for k in range(1, 17))
"""Depths of a backwater calculation between the ends of a branch, as exponents: dense where it begins and where it ends."""
CLOSE = 1e-9
"""How well headwaters are met, as a share of the headwater."""


@njit(**PRECISE)
def section(b, p):
    """Area (m2) and wetted perimeter (m) of one barrel; full from p = D on."""
    if b.shape == BOX:
        if p >= b.height:
            return b.width * b.height, 2.0 * (b.width + b.height)
        return b.width * p, b.width + 2.0 * p
    if p >= b.height:
        return 0.25 * math.pi * b.height**2, math.pi * b.height
    half = math.acos(1.0 - 2.0 * p / b.height)
    return 0.25 * b.height**2 * (half - math.sin(half) * math.cos(half)), b.height * half


@njit(**PRECISE)
def critical_depth(b, q):
    """Depth at which q^2 T = g A^3 with T the width of the surface, at most D."""
    if b.shape == BOX:
        return min((q * q / (G * b.width**2)) ** (1.0 / 3.0), b.height)
    d = b.height
    low, high = 0.0, d
    aim = math.log(q * q / G)
    # within 1 % up to 0.85 D; then Newton on the logarithms, between limits
    y = min(1.01 * (q * q / (G * d)) ** 0.25, 0.95 * d)
    for _ in range(60):
        area, _wet = section(b, y)
        top = 2.0 * math.sqrt(y * (d - y))
        off = 3.0 * math.log(area) - math.log(top) - aim
        if off > 0.0:
            high = y
        else:
            low = y
        step = off / (3.0 * y * top / area - 2.0 * y * (d - 2.0 * y) / (top * top))
        new = y * math.exp(-step)
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - y) <= 1e-12 * d:
            break
        y = new
    return y


@njit(**PRECISE)
def conveyed(b, p):
    """A R^(2/3), m^(8/3)."""
    area, wet = section(b, p)
    return area * (area / wet) ** (2.0 / 3.0)


@njit(**PRECISE)
def friction_slope(b, q, p):
    """Manning: (q n / (A R^(2/3)))^2; what an almost full barrel carries more than a full one is not counted on."""
    return (q * b.manning / min(conveyed(b, p), conveyed(b, b.height))) ** 2


@njit(**PRECISE)
def between(low, under, high, over, side, x, off):
    """The narrower bracket of a root after one step of regula falsi (Illinois): an end that stays twice counts half.

    low, high: ends, with values under < 0 < over there; x: the new place, off: the value there; side: the end
    that moved last, 1 the high one, -1 the low one, 0 none yet.
    """
    if off > 0.0:
        return low, under * (0.5 if side == 1 else 1.0), x, off, 1
    return x, off, high, over * (0.5 if side == -1 else 1.0), -1


@njit(**PRECISE)
def depth_to_convey(b, aim):
    """Least depth at which A R^(2/3) reaches what is aimed at, no more than that of a full barrel."""
    # a circle carries most at 0.938 D
    low, under, high = 0.0, -aim, b.height * (1.0 - 1e-12 if b.shape == BOX else 0.938)
    over = conveyed(b, high) - aim
    side, y = 0, high
    for _ in range(60):
        y = (low * over - high * under) / (over - under)
        off = conveyed(b, y) - aim
        if abs(off) <= CLOSE * aim or high - low <= CLOSE * b.height:
            break
        low, under, high, over, side = between(low, under, high, over, side, y, off)
    return y


@njit(**PRECISE)
def up_the_branch(b, q, slope, first, last, start, length):
    """Depth a length further up on the profile that runs from depth `first` to `last`, from where it has the depth `start`.

    By the direct step method: the length between two depths is the difference of their energies over
    (friction slope - slope). Always over the same depths: a higher start never
    comes out lower. With the depth what is left of the length beyond `last`.
    """
    x, goal = 0.0, length if start == first else np.inf
    p, f = first, friction_slope(b, q, first)
    area, _ = section(b, p)
    energy = p + (q / area) ** 2 / (2.0 * G)
    for share in BRANCH:
        new = first * (last / first) ** share
        area, _ = section(b, new)
        new_energy, new_f = new + (q / area) ** 2 / (2.0 * G), friction_slope(b, q, new)
        gain = 0.5 * (f + new_f) - slope
        dx = max((new_energy - energy) / gain, 0.0) if gain != 0.0 else np.inf
        if goal == np.inf and (start - p) * (start - new) <= 0.0:
            goal = length + x + dx * (start - p) / (new - p)
        if x + dx >= goal:
            return p + (new - p) * (goal - x) / dx, 0.0
        x, p, f, energy = x + dx, new, new_f, new_energy
    return last, goal - x


@njit(**PRECISE)
def depth_at_inlet(b, q, dc, tw, slope):
    """Depth of the hydraulic grade line at the inlet: backwater from tw, or from the critical depth dc if that is higher."""
    full = friction_slope(b, q, b.height)
    rest = b.length
    p = max(tw, dc)
    if full >= slope:  # the profile rises against the barrel: up to its crown, and full from there on
        brim = max(depth_to_convey(b, conveyed(b, b.height)), dc)
        if p < brim:
            p, rest = up_the_branch(b, q, slope, dc, brim, p, rest)
        if p < b.height and rest > 0.0:  # from the brim friction is that of a full barrel
            p, rest = up_the_branch(b, q, slope, brim, b.height, p, rest)
        return p + (full - slope) * rest
    if p > b.height:  # full, and the grade line falls against the barrel: perhaps to its crown
        before = min((p - b.height) / (slope - full), rest)
        p, rest = p - (slope - full) * before, rest - before
        if rest <= 0.0:
            return p
        p = b.height
    normal = depth_to_convey(b, q * b.manning / math.sqrt(slope))
    if p < normal:
        return up_the_branch(b, q, slope, dc, normal, p, rest)[0]
    if p > dc and b.height > max(normal, dc):
        return up_the_branch(b, q, slope, b.height, max(normal, dc), p, rest)[0]
    return p


@njit(**PRECISE)
def headwater_of_barrel(b, q, tw, fall):
    """Outlet control: the backwater at the inlet and the loss there.

    At least the headwater with which q can enter at all, where p + (1 + ke) V^2 / 2g is least: else a
    higher tailwater that drowns the entrance would save it losses, and carry up to 8 % more (measured).
    """
    p = depth_at_inlet(b, q, critical_depth(b, q), tw, fall / b.length)
    p = max(p, critical_depth(b, q * math.sqrt(1.0 + b.ke)))
    area, _ = section(b, p)
    return p + (1.0 + b.ke) * (q / area) ** 2 / (2.0 * G)


@njit(**PRECISE)
def weir(b, x, slope):
    """Headwater of an unsubmerged inlet over D, x = Ku Q / (A D^0.5): form 1 (with the energy at critical depth) or 2."""
    if b.form == 2:
        return b.k * x**b.m
    area, _ = section(b, b.height)
    q = x * area * math.sqrt(b.height) / METRIC
    dc = critical_depth(b, q)
    area, _ = section(b, dc)
    correction = b.ks * slope * (min(x / SHALLOW, 1.0) if b.ks > 0.0 else 1.0)
    return (dc + (q / area) ** 2 / (2.0 * G)) / b.height + b.k * x**b.m + correction


@njit(**PRECISE)
def orifice(b, x, slope):
    """Headwater of a submerged inlet over D."""
    return b.c * x * x + b.y + b.ks * slope


@njit(**PRECISE)
def headwater_of_inlet(b, q, fall):
    """Inlet control: weir, orifice, a straight line between; a barrel that rises counts as level."""
    area, _ = section(b, b.height)
    x = METRIC * q / (area * math.sqrt(b.height))
    slope = max(fall, 0.0) / b.length
    if x <= WEIR:
        return b.height * weir(b, x, slope)
    if x >= ORIFICE:
        return b.height * orifice(b, x, slope)
    share = (x - WEIR) / (ORIFICE - WEIR)
    return b.height * ((1.0 - share) * weir(b, WEIR, slope) + share * orifice(b, ORIFICE, slope))


@njit(**PRECISE)
def full_loss(b):
    """Head that a barrel full from end to end needs, over q^2: (1 + ke + 2 g n^2 L / R^(4/3)) / (2 g A^2), s2/m5."""
    area, wet = section(b, b.height)
    friction = 2.0 * G * b.manning**2 * b.length / (area / wet) ** (4.0 / 3.0)
    return (1.0 + b.ke + friction) / (2.0 * G * area**2)


@njit(**PRECISE)
def discharge(b, hw, tw, fall, draw):
    """What one barrel carries between two levels, m3/s; 0 unless the water here stands higher than there.

    draw (s/m2): by how much the discharge itself lowers the level here, m per m3/s; the headwater that
    is needed is that of the lowered level.
    """
    if hw <= TRICKLE_M or hw + fall <= max(tw, 0.0) + TRICKLE_M * 1e-4:
        return 0.0
    area, _ = section(b, b.height)
    high = area * math.sqrt(2.0 * G * hw / (1.0 + b.ke))  # needs all of the headwater for the entrance alone
    if tw >= b.height:
        loss = full_loss(b)
        q = 2.0 * (hw + fall - tw) / (draw + math.sqrt(draw * draw + 4.0 * loss * (hw + fall - tw)))
        if hw - draw * q - (1.0 + b.ke) * (q / area) ** 2 / (2.0 * G) >= b.height:
            if headwater_of_inlet(b, q, fall) <= hw - draw * q:
                return q
            high = min(high, q)
    low, under = 0.0, max(tw - fall, 0.0) - hw
    over = max(headwater_of_inlet(b, high, fall), headwater_of_barrel(b, high, tw, fall)) + draw * high - hw
    if over <= 0.0:
        return high
    side, q = 0, high
    for _ in range(100):
        q = (low * over - high * under) / (over - under)
        needed = max(headwater_of_inlet(b, q, fall), headwater_of_barrel(b, q, tw, fall))
        off = needed + draw * q - hw
        if abs(off) <= CLOSE * hw or high - low <= CLOSE * high:
            break
        low, under, high, over, side = between(low, under, high, over, side, q, off)
    return q


@njit(**PRECISE)
def set_in_motion(q, steady, push):
    """Discharge after a step in which the column of water in the barrel is pushed on, m3/s.

    dq/dt = push (1 - (q / steady)^2) per step, push = dt g A (level here - level there) / L: what the
    levels give less what the losses take, which are in balance at the steady discharge of these
    levels. Implicit, with the exact root as `kernels.friction.slow_down`: for any step q goes
    towards `steady` and not beyond. q >= 0, along the fall of the level.
    """
    moved = q + push
    return 2.0 * moved / (1.0 + math.sqrt(1.0 + 4.0 * push / (steady * steady) * moved))
