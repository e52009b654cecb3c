"""How depth and ground run on within a cell."""

from flood_sim.kernels.constants import HALF, ZERO
from flood_sim.kernels.formula import formula


@formula
def half_slope(before, here, after):
    """Rise from the middle of a cell to its edge: half the smaller difference, 0 at an extreme.

    The minmod limiter: a plane is met exactly, a kerb or a front stays the step it is
    (Roe 1986, doi:10.1146/annurev.fl.18.010186.002005).
    """
    a = here - before
    b = after - here
    return HALF * (max(min(a, b), ZERO) + min(max(a, b), ZERO))
