"""Manning's n that follows the depth: thin water runs through grass, deep water over it."""

from numpy import float32

from flood_sim.kernels.constants import ONE, ZERO
from flood_sim.kernels.formula import formula

SHALLOW_M = 0.02
DEEP_M = 0.10

_DEEP = float32(DEEP_M)
_PER_M = float32(1.0 / (DEEP_M - SHALLOW_M))


@formula
def gn2_of_depth(h, shallow, deep):
    """g n^2 at depth h, m: n is that of shallow water up to SHALLOW_M, of deep water from DEEP_M on, linear between.

    shallow, deep: n sqrt(g) of them.
    """
    share = min(max((_DEEP - h) * _PER_M, ZERO), ONE)
    n = deep + (shallow - deep) * share
    return n * n
