"""The terraces on which houses stand, and how rain leaves them."""

from __future__ import annotations

import numpy as np
import shapely

from flood_sim.terrain.town.buildings import Building, window_of
from flood_sim.terrain.town.frame import Frame

LEVEL_ENOUGH = 0.05  # no terrace on ground less steep than this
TILT = 0.22  # share of the slope that a terrace keeps, so that water runs off it
APRON = 4.5  # level ground around a house, m
BANK = 0.75  # slope of the cut behind it and of the fill before it


def level(
    height: np.ndarray, frame: Frame, buildings: list[Building], roofs: np.ndarray, keep: np.ndarray
) -> np.ndarray:
    """Cut and fill a terrace for every house on a slope and let no water stand behind it.

    `roofs` and `keep` are cells (bool) under houses and cells that stay as they are.
    """
    out = height.copy()
    sloping = []
    for building in buildings:
        window = window_of(building.polygon, 16.0)
        pad = _pad(height[window], building, frame.x[window], frame.y[window])
        if pad is None:
            continue
        distance = shapely.distance(building.polygon, shapely.points(frame.x[window], frame.y[window]))
        bank = BANK * np.maximum(distance - APRON, 0.0)
        out[window] = np.where(keep[window], out[window], np.clip(out[window], pad - bank, pad + bank))
        sloping.append(building)
    for building in sloping:
        window = window_of(building.polygon, 24.0)
        full = _brimful(np.where(roofs[window], np.inf, out[window]))
        out[window] = np.where(keep[window] | roofs[window], out[window], full)
    return out


def _pad(ground: np.ndarray, building: Building, x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Height of the terrace at the cells of a window: the plane under the house, less steep; None on level ground."""
    inside = shapely.contains_xy(building.polygon, x, y)
    cx, cy = building.polygon.centroid.coords[0]
    plane = np.column_stack([x[inside] - cx, y[inside] - cy, np.ones(inside.sum())])
    (gx, gy, mean), *_ = np.linalg.lstsq(plane, ground[inside], rcond=None)
    if np.hypot(gx, gy) < LEVEL_ENOUGH:
        return None
    return mean + TILT * (gx * (x - cx) + gy * (y - cy))


def _brimful(ground: np.ndarray) -> np.ndarray:
    """The ground with its pits filled, water leaving over the edge of the window (Planchon & Darboux 2002).

    Water passes from a cell to its four neighbours; walls are inf.
    """
    level = np.full(ground.shape, np.inf)
    level[[0, -1]] = ground[[0, -1]]
    level[:, [0, -1]] = ground[:, [0, -1]]
    while True:
        padded = np.pad(level, 1, constant_values=np.inf)
        around = np.minimum.reduce([padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]])
        lower = np.minimum(level, np.maximum(ground, around))
        if np.array_equal(lower, level):
            return np.where(np.isfinite(level), level, ground)
        level = lower
