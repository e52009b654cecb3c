"""What one cell contributes to the maxima."""

from flood_sim.kernels.constants import HALF, ONE, SPEED_DEPTH, ZERO
from flood_sim.kernels.formula import formula


@formula
def cell_discharge(q_low, q_high):
    """Mean of the limited discharges through two opposite faces, m2/s."""
    return HALF * (q_low + q_high)


@formula
def speed_squared(q2, h, u_west, u_east, v_north, v_south):
    """(|q| / h)^2 in m2/s2 where the cell is at least SPEED_DEPTH deep, else 0; no faster than its faces.

    q2 = |q|^2 of the mean limited discharge. A cell that fills from dry holds
    what one step brought, and q / h would be dx / 2 dt, as fast as the step is
    short: there the velocities of the faces count. Squared, because the root
    is needed once at the end and not in every step.
    """
    deep = ONE if h >= SPEED_DEPTH else ZERO
    d = max(h, SPEED_DEPTH)
    faces = max(u_west * u_west, u_east * u_east) + max(v_north * v_north, v_south * v_south)
    return deep * min(q2 / (d * d), faces)
