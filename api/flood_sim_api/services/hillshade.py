"""The ground itself as background: shaded from four directions, so that no slope hides in the dark."""

from __future__ import annotations

import math
from pathlib import Path

import morecantile
import numpy as np

from flood_sim_api.services.tiles import GRID, empty, png, read

BUFFER = 2
"""Pixels read beyond the tile, so that slopes at its edge see the neighbour and no seam shows."""

ALTITUDE_DEG = 40.0
EXAGGERATION = 1.6
DIRECTIONS = ((315.0, 0.46), (270.0, 0.18), (0.0, 0.18), (225.0, 0.18))
"""Azimuth of each light (clockwise from north) and its weight; the north-west leads, as readers of maps expect."""

DARKEST, BRIGHTEST = 70, 255


def tile(ground: Path, z: int, x: int, y: int) -> bytes:
    """One grey PNG of the ground, transparent outside the terrain."""
    image = read(ground, z, x, y, buffer=BUFFER, resampling="cubic")
    if image is None:
        return empty()
    height = np.ma.filled(image.array[0].astype(np.float64), np.nan)
    bounds = GRID.bounds(morecantile.Tile(x, y, z))
    pixel = 2 * math.pi * 6378137.0 / (256 * 2**z) * math.cos(math.radians((bounds.top + bounds.bottom) / 2))
    light = shade(height, pixel)[BUFFER:-BUFFER, BUFFER:-BUFFER]
    seen = np.isfinite(light)
    grey = np.where(seen, DARKEST + (BRIGHTEST - DARKEST) * np.nan_to_num(light), 0).astype(np.uint8)
    return png(grey[np.newaxis], np.where(seen, 255, 0).astype(np.uint8))


def shade(height: np.ndarray, cell: float) -> np.ndarray:
    """Brightness 0 to 1 of a surface (rows, cols) in m with square cells of `cell` m; row 0 is north.

    Lambert's law for each light: the cosine between the surface normal
    (-dz/dx, -dz/dy, 1) and the direction of the light, weighted and summed.
    NaN where the height has none.
    """
    south, east = np.gradient(height, cell)
    slope_x, slope_y = east * EXAGGERATION, -south * EXAGGERATION
    length = np.sqrt(slope_x**2 + slope_y**2 + 1.0)
    up = math.sin(math.radians(ALTITUDE_DEG))
    flat = math.cos(math.radians(ALTITUDE_DEG))
    total = np.zeros_like(height)
    for azimuth, weight in DIRECTIONS:
        angle = math.radians(azimuth)
        towards_x, towards_y = math.sin(angle) * flat, math.cos(angle) * flat
        total += weight * np.clip((up - slope_x * towards_x - slope_y * towards_y) / length, 0.0, 1.0)
    return np.clip(total, 0.0, 1.0)
