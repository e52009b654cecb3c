"""Looking at the state. Compiled without fastmath, which assumes that NaN cannot occur."""

import math

from numba import njit


@njit(error_model="numpy", nogil=True, cache=True)
def not_finite(values):
    """Index of the first value of a flat array that is NaN or infinite, -1 if there is none."""
    for i in range(values.size):
        if not math.isfinite(values[i]):
            return i
    return -1
