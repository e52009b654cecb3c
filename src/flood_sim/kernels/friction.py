"""Manning friction, implicit and exact, without a power function."""

import math

import numpy as np

from flood_sim.kernels.constants import FOUR, ONE, THIRD, TWO, TWO_NINTHS
from flood_sim.kernels.formula import formula

_MAGIC = np.int32(0x54A2102C)
# (1 - e)^(-1/3) = 1 + e/3 + 2 e^2/9 + 14 e^3/81 + 35 e^4/243 + 91 e^5/729 + ...
_C1, _C2, _C3, _C4, _C5 = THIRD, TWO_NINTHS, np.float32(14 / 81), np.float32(35 / 243), np.float32(91 / 729)


@formula
def inverse_cube_root(x):
    """x**(-1/3) for positive x.

    The exponent of the float32 bits divided by minus three gives a guess y good
    to 3.5 %; with e = 1 - x y^3, at most 0.104, the answer is y (1 - e)^(-1/3),
    and its binomial series to e^5 leaves 1.3e-7: a rounding of float32. One long
    series costs a third less than two steps of a short one (Householder).
    """
    bits = np.float32(x).view(np.int32)
    y = np.int32(_MAGIC - np.int32(np.float32(bits) * THIRD)).view(np.float32)
    e = ONE - x * y * y * y
    return y * (ONE + e * (_C1 + e * (_C2 + e * (_C3 + e * (_C4 + e * _C5)))))


@formula
def slow_down(u, v, s):
    """Velocity after backward-Euler quadratic drag, the exact positive root.

    Solves u' = u - s |(u', v)| u' with the transverse velocity v held and the
    modulus linearised at the new speed along the old direction:
    u' = 2u / (1 + sqrt(1 + 4 s sqrt(u^2 + v^2))). Never changes the sign of u
    and never needs a limit, however large s = g n^2 dt h^(-4/3) (1/(m/s)) is.
    """
    return TWO * u / (ONE + math.sqrt(ONE + FOUR * s * math.sqrt(u * u + v * v)))


@formula
def drag(gn2dt, h):
    """s = g n^2 dt h^(-4/3), in 1/(m/s), from gn2dt = g n^2 dt and the depth h in m."""
    y = inverse_cube_root(h)
    y = y * y
    return gn2dt * y * y
