"""Mass of one cell: limiter, compensated update, wave speed."""

import math

from flood_sim.kernels.constants import FLUX_FLOOR, GRAVITY, ONE, OUTFLOW_SHARE, ZERO
from flood_sim.kernels.formula import formula


@formula
def outflow_share(h, q_west, q_east, q_north, q_south, dtdx):
    """Factor 0..1 by which the discharges leaving a cell are scaled.

    min(1, h / (dt/dx * sum of outgoing q)): no cell gives more than it holds,
    so depth stays positive and mass exact. q is positive towards east and south.
    """
    leaving = max(q_east, ZERO) - min(q_west, ZERO) + max(q_south, ZERO) - min(q_north, ZERO)
    return min(ONE, OUTFLOW_SHARE * h / (dtdx * leaving + FLUX_FLOOR))


@formula
def add_depth(h, residual, gain):
    """Kahan-compensated h + gain, (new depth, new residual), all m.

    The clip at zero acts on rounding only, because outflow is limited.
    """
    y = gain - residual
    t = max(h + y, ZERO)
    return t, (t - h) - y


@formula
def wave_speed(h, u_west, u_east, v_north, v_south):
    """Fastest signal of a cell, largest face speed + sqrt(g h), m/s."""
    return max(max(abs(u_west), abs(u_east)), max(abs(v_north), abs(v_south))) + math.sqrt(GRAVITY * h)
