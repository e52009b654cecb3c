"""Loops over one row: how depth and ground run on within its cells."""

from numba import njit

from flood_sim.backends.cpu.rows import FAST
from flood_sim.kernels.constants import ZERO
from flood_sim.kernels.slope import half_slope


@njit(**FAST)
def slopes_x(s, j, first, last, rise, climb):
    """Half slopes along x of depth (rise) and ground (climb) in the cells of row j."""
    h = s.h[j, first - 1 : last + 1]
    z = s.z[j, first - 1 : last + 1]
    r = rise[first - 1 : last + 1]
    c = climb[first - 1 : last + 1]
    for i in range(1, h.size - 1):
        r[i] = half_slope(h[i - 1], h[i], h[i + 1])
        c[i] = half_slope(z[i - 1], z[i], z[i + 1])
    # beyond the last cell lies a wall, a border face or a cell asleep: no slope is asked for there
    r[h.size - 1] = ZERO
    c[h.size - 1] = ZERO


@njit(**FAST)
def slopes_y(s, j, first, last, rise, climb):
    """Half slopes along y of depth (rise) and ground (climb) in the cells of row j."""
    h_n = s.h[j - 1, first:last]
    h = s.h[j, first:last]
    h_s = s.h[j + 1, first:last]
    z_n = s.z[j - 1, first:last]
    z = s.z[j, first:last]
    z_s = s.z[j + 1, first:last]
    r = rise[first:last]
    c = climb[first:last]
    for i in range(h.size):
        r[i] = half_slope(h_n[i], h[i], h_s[i])
        c[i] = half_slope(z_n[i], z[i], z_s[i])
