"""Velocity and discharge through one face of the model's border.

All in the outward direction: positive u and q leave the model.
"""

import math

from flood_sim.kernels.constants import DEPTH_DRY, GRAVITY, HALF, THIRD, TWO_GRAVITY, ZERO
from flood_sim.kernels.flux import face
from flood_sim.kernels.formula import formula
from flood_sim.kernels.friction import inverse_cube_root

NORMAL, LEVEL, DISCHARGE = 0, 1, 2


@formula
def normal_outflow(h, gn2, slope, u_in, dx):
    """Uniform flow after Manning, u = h^(2/3) sqrt(S) / n; critical flow where n = 0.

    gn2 = g n^2, slope = S of the energy line, u_in the outward velocity of the
    cell's inner face. Deep water that has not run down such a slope cannot flow
    as if it had: no more than the head h and the fall S dx of the cell give it.
    """
    if h <= DEPTH_DRY:
        return ZERO, ZERO
    # h^(2/3) = h * h^(-1/3)
    u = h * inverse_cube_root(h) * math.sqrt(GRAVITY * slope / gn2) if gn2 > ZERO else math.sqrt(GRAVITY * h)
    reach = max(u_in, ZERO)
    u = min(u, math.sqrt(reach * reach + TWO_GRAVITY * (h + slope * dx)))
    return u, u * h


@formula
def level_outflow(h, depth_outside, u, u_in, q, gn2, pace):
    """Exchange with still water outside whose level stands `depth_outside` above the cell's ground.

    u_in: outward velocity of the cell's inner face, q: outward discharge of the
    last step. Water that comes in was at rest outside
    and mixes with what has come before; without that a lake above a steep
    slope would be sucked in ever faster. A level below the water cannot pull it out
    faster than critical, unless it arrives faster: nothing outside is felt then. No
    more comes in than flows on and half of what is missing to the level outside: in
    a step as long as still ground allows, a dry cell would fill far above it.
    """
    w, _ = face(
        h, depth_outside, ZERO, ZERO, ZERO, ZERO, u, u_in, ZERO, u, u, ZERO, q + q, ZERO, ZERO, ZERO, ZERO,
        gn2 * pace.dt, pace.gdtdx, pace.dtdx_before,
    )  # fmt: skip
    w = min(w, max(math.sqrt(GRAVITY * h), u_in))
    room = max(-u_in, ZERO) * h + HALF * max(depth_outside - h, ZERO) / pace.dtdx
    return w, (w * h if w > ZERO else -min(-w * depth_outside, room))


@formula
def discharge_inflow(h, q):
    """Given discharge per metre q > 0 into the model, entering at critical depth or deeper."""
    if q <= ZERO:
        return ZERO, ZERO
    critical = (q * q / GRAVITY) ** THIRD
    return -q / max(h, critical), -q


@formula
def border_face(kind, value, h, z, u, u_in, q, gn2, pace):
    """Outward velocity and discharge; `value` is slope (NORMAL), level in m (LEVEL) or q (DISCHARGE).

    u, q: outward velocity and discharge of this face before, u_in: velocity of the opposite face of its cell.
    """
    if kind == NORMAL:
        return normal_outflow(h, gn2, value, u_in, pace.dx)
    if kind == LEVEL:
        return level_outflow(h, max(value - z, ZERO), u, u_in, q, gn2, pace)
    return discharge_inflow(h, value)
