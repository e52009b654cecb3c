"""Depth in whole millimetres, velocity in whole millimetres per second.

A value that does not fit is refused, never wrapped around or cut off: a depth
of 66 m in a 65.534 m format would otherwise read as 47 cm.
"""

from __future__ import annotations

import numpy as np

from flood_sim.errors import ResultError
from flood_sim.terrain.grid import Grid
from flood_sim.variables import Packing, Variable


def pack(
    values: np.ndarray, variable: Variable, grid: Grid, masked: np.ndarray, when: str, first: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """Integers of `variable.packing` from `values` (rows, cols) in the unit of the variable.

    `masked` is True where there is no value; a NaN elsewhere, an infinity or a
    value beyond the format raises ResultError with value, place, time and limit.
    The error of rounding is at most half of `packing.scale`. `first`: row and
    column of the grid at which `values` begin.
    """
    packing = _packing(variable)
    low, high = _limits(packing)
    stored = np.rint(values * np.float32(1.0 / packing.scale))
    fits = (stored >= low) & (stored <= high)  # False for NaN
    fits |= masked
    if not fits.all():
        at = tuple(int(i[0]) for i in np.nonzero(~fits))
        row, col = first[0] + at[0], first[1] + at[1]
        raise ResultError(
            f"{variable.long_name} does not fit into the result file",
            where=f"x {grid.x_centres()[col]:.2f}, y {grid.y_centres()[row]:.2f} (row {row}, column {col}), {when}",
            value=f"{float(values[at]):g} {variable.unit}",
            allowed=f"{low * packing.scale:g} to {high * packing.scale:g} {variable.unit}",
            hint="Check the terrain and the initial water at this place",
        )
    return np.where(masked, np.float32(packing.fill), stored).astype(packing.dtype)


def _packing(variable: Variable) -> Packing:
    if variable.packing is None:
        raise ResultError(f"{variable.key} is not stored as packed integers")
    return variable.packing


def _limits(packing: Packing) -> tuple[int, int]:
    """Smallest and largest stored integer; the fill value lies outside of both."""
    largest = round(packing.largest / packing.scale)
    return (0 if packing.dtype == "uint16" else -largest), largest
