"""Loops over the sills of one row: they replace what its faces would be without them."""

from numba import njit

from flood_sim.backends.cpu.rows import FAST
from flood_sim.kernels.constants import HALF
from flood_sim.kernels.sill import sill_face


@njit(**FAST)
def x_sills(s, b, j, first, last, u_new, q_new, pace):
    """Replace the sills among the x-faces [first, last) of row j."""
    for k in range(b.xsill_start[j], b.xsill_start[j + 1]):
        i = b.xsill_index[k]
        if first <= i < last:
            u_new[i], q_new[i] = sill_face(
                b.xsill_low[k], b.xsill_high[k], s.h[j, i], s.h[j, i + 1], s.u[j, i],
                HALF * (s.gn2[j, i] + s.gn2[j, i + 1]), pace,
            )  # fmt: skip


@njit(**FAST)
def y_sills(s, b, j, first, last, v_new, q_new, pace):
    """Replace the sills among the y-faces [first, last) between rows j and j+1."""
    for k in range(b.ysill_start[j], b.ysill_start[j + 1]):
        i = b.ysill_index[k]
        if first <= i < last:
            v_new[i], q_new[i] = sill_face(
                b.ysill_low[k], b.ysill_high[k], s.h[j, i], s.h[j + 1, i], s.v[j, i],
                HALF * (s.gn2[j, i] + s.gn2[j + 1, i]), pace,
            )  # fmt: skip
