"""Natural roughness: smooth random surfaces of a given wavelength."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from flood_sim.terrain.town.frame import DEPTH, WIDTH, uniform


def waves(x: np.ndarray, y: np.ndarray, length: float, key: int, stretch: float = 1.0) -> np.ndarray:
    """A smooth random surface of standard deviation 1 at local points (any shape).

    Cubic B-spline over random values on a lattice of `length` metres in x and
    `length * stretch` in y. Points may lie up to 400 m outside the town.
    """
    margin = 400.0
    nx = int((WIDTH + 2 * margin) / length) + 4
    ny = int((DEPTH + 2 * margin) / (length * stretch)) + 4
    lattice = (uniform(key, nx * ny).reshape(ny, nx) - 0.5) * 2 * 3**0.5
    at = [(y + margin) / (length * stretch) + 1.0, (x + margin) / length + 1.0]
    # The B-spline is used as a smoother, without the prefilter: its variance per axis is 0.479.
    return map_coordinates(lattice, at, order=3, mode="nearest", prefilter=False) / 0.479
