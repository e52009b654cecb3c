"""How long a step may be: nothing may run further than the Courant number allows, reach = C dx (m).

In double precision and without fastmath: the answer is one number per step.
"""

import math

from numba import njit

from flood_sim.kernels.constants import DEPTH_DRY, G

SLOWEST = math.sqrt(G * float(DEPTH_DRY))
"""m/s; waves on a film too thin to flow are not waited for, wherever it is looked at; finite where nothing moves."""


@njit(error_model="numpy", nogil=True, forceinline=True)
def wave_step(reach, fastest):
    """Step in which the fastest wave, max(|u| + sqrt(g h)) in m/s, crosses the reach, s."""
    return reach / max(fastest, SLOWEST)


@njit(error_model="numpy", nogil=True, forceinline=True)
def supply_step(reach, supply):
    """Step in which a supply > 0 (m/s) cannot raise a wave that crosses more than the reach, s.

    The depth supply dt runs at sqrt(g supply dt): g supply dt^3 = reach^2.
    """
    return (reach * reach / (G * supply)) ** (1 / 3)


@njit(error_model="numpy", nogil=True, forceinline=True)
def entering_step(reach, q):
    """Step for a discharge per metre q > 0 (m2/s) that enters at twice the critical velocity (g q)^(1/3), s."""
    return reach / (2.0 * (G * q) ** (1 / 3))


@njit(error_model="numpy", nogil=True, forceinline=True)
def steps_to(remaining, longest):
    """Number of equal steps, each at most `longest`, that fill the remaining time."""
    return max(1.0, float(math.ceil(remaining / longest - 1e-9)))
