"""Looking at the state. Compiled without fastmath, which assumes that NaN cannot occur."""

import math

import numpy as np
from numba import njit

from flood_sim.backends.layout import State


@njit(error_model="numpy", nogil=True, cache=True)
def not_finite(values):
    """Index of the first value of a flat array that is NaN or infinite, -1 if there is none."""
    for i in range(values.size):
        if not math.isfinite(values[i]):
            return i
    return -1


def first_bad(state: State) -> tuple[str, int, int, float] | None:
    """Field, row, column (of the model) and value of the first value that is not finite."""
    for name, array in (("depth", state.h), ("velocity", state.u), ("velocity", state.v)):
        k = not_finite(array.ravel())
        if k >= 0:
            row, col = divmod(k, array.shape[1])
            return name, row - 1, col - 1, float(array[row, col])
    return None


def fastest_face(state: State) -> tuple[int, int, float]:
    """Row, column and speed of the fastest face."""
    speed = np.maximum(np.abs(state.u), np.abs(state.v))
    row, col = divmod(int(np.nanargmax(speed)), speed.shape[1])
    return row - 1, col - 1, float(speed[row, col])
