"""What one cell contributes to the maxima."""

from flood_sim.kernels.constants import HALF, ONE, SPEED_DEPTH, ZERO
from flood_sim.kernels.formula import formula


@formula
def cell_discharge(q_low, q_high):
    """Mean of the limited discharges through two opposite faces, m2/s."""
    return HALF * (q_low + q_high)


@formula
def speed_squared(q2, h):
    """(|q| / h)^2 in m2/s2 where the cell is at least SPEED_DEPTH deep, else 0.

    q2 = |q|^2 of the mean limited discharge. Squared, because the root is
    needed once at the end and not in every step.
    """
    deep = ONE if h >= SPEED_DEPTH else ZERO
    d = max(h, SPEED_DEPTH)
    return deep * q2 / (d * d)
