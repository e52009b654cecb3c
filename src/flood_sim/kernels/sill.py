"""Flow over a sill between two cells, as of a wall or a kerb that is narrower than a cell.

The sill stands on the face: its rise is counted from the ground of either cell, so a cell
with a rough bottom may say how deep it must be filled before water runs over.
"""

import math

import numpy as np

from flood_sim.kernels.constants import DEPTH_DRY, ONE, TWO_GRAVITY, ZERO
from flood_sim.kernels.formula import formula
from flood_sim.kernels.friction import drag, slow_down

FREE = np.float32(0.385)
"""Share of sqrt(2 g H) H that runs over a broad crest: (2/3)^(3/2) / sqrt(2), from critical depth on the crest."""


@formula
def sill_face(low_rise, high_rise, hl, hr, u, gn2, pace):
    """New velocity and raw discharge over a sill, (m/s, m2/s), positive from l (low index) to r.

    low_rise, high_rise: of the sill over the ground of l and r, m; hl, hr: depths there. The water above the sill
    is driven by its difference and slowed down by Manning's friction as on any face, but never runs faster
    than sqrt(2 g fall) where the sill is drowned, or with more than the critical discharge where it is not. It
    brings no momentum from behind the sill: that is lost against the wall.
    """
    a = max(hl - low_rise, ZERO)
    b = max(hr - high_rise, ZERO)
    high = max(a, b)
    if high <= DEPTH_DRY:
        return ZERO, ZERO
    fall = a - b
    w = slow_down(u + pace.gdtdx * fall, ZERO, drag(gn2 * pace.dt, high))
    share = FREE + (ONE - FREE) * min(a, b) / high
    most = share * math.sqrt(TWO_GRAVITY * abs(fall))
    w = min(max(w, -most), most)
    over = a if w > ZERO else b
    if over <= DEPTH_DRY:
        return ZERO, ZERO
    return w, w * over
