"""A storm on a terrain whose drainage is known: water in the sinks, and what runs past every cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow import lay, spill
from flood_sim.terrain.flow.accumulate import accumulate
from flood_sim.terrain.flow.hierarchy import Hierarchy

NO_LINK = np.empty(0, np.int64)


@dataclass(frozen=True)
class Settled:
    """Where the water of a storm ends up when all of it has run off and nothing takes time.

    depth: m, (ny, nx), NaN where no water can stand. passing: m3 that run through each cell in the whole storm, its own
    included, (ny, nx); in a sink the water runs on to its lowest place. Volumes in m3: in_m3 = stored_m3 + left_m3,
    but for rounding; laid_m3 is the sum of the depths. Over the nodes of the hierarchy: lake (the sink whose level a
    node shares), level (m, -inf dry), volume (m3 in that sink), full, over (m3 over its saddle).
    """

    depth: np.ndarray
    passing: np.ndarray
    in_m3: float
    stored_m3: float
    left_m3: float
    laid_m3: float
    lake: np.ndarray
    level: np.ndarray
    volume: np.ndarray
    full: np.ndarray
    over: np.ndarray


def settle(hierarchy: Hierarchy, excess_m: np.ndarray | float) -> Settled:
    """Pour the excess (m on each cell, (ny, nx) or one value; what the surface takes is off already) and let it run.

    Volumes are float64 throughout. Raises TerrainError for an excess that is negative, not finite or of another shape.
    """
    h = hierarchy
    excess = np.atleast_2d(np.asarray(excess_m))
    if excess.shape not in (h.shape, (1, 1)):
        raise TerrainError(
            "the excess has another shape than the terrain", value=str(excess.shape), allowed=str(h.shape)
        )
    if excess.dtype != np.float32:
        excess = np.asarray(excess, np.float64)
    width = h.shape[1] + 2
    water, least = spill.inflows(h.basin, h.leaves, excess, h.area, width)
    if not (np.isfinite(water).all() and least >= 0.0):
        raise TerrainError("the excess is negative or not a number somewhere", allowed="0 m or more on every cell")
    target = np.where(h.far >= 0, h.basin[np.maximum(h.far, 0)], 0)
    held, full, over, left = spill.settle(water, h.parent, h.left, h.right, h.volume, target, h.tops)
    lake, volume = spill.lakes(h.parent, h.left, h.right, held, full, h.leaves)
    level = lay.levels(h.z, h.basin, lake, volume, full, h.spill, h.leaves, h.area)
    depth = np.empty(h.shape)
    laid = lay.depths(h.z, h.basin, lake, level, width, depth) * h.area
    passing = np.zeros(h.z.size)
    _pour_on(passing, h.basin, excess, h.area, width)
    _add(passing, over, h.far)
    accumulate(h.bare, h.offsets, NO_LINK, NO_LINK, passing)
    _add(passing, over, np.where(h.far >= 0, -1, h.near))
    return Settled(
        depth, h.on_grid(passing), float(water.sum()), float(held.sum()), float(left), float(laid), lake, level, volume,
        full, over,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _pour_on(passing, basin, excess, area, width):
    rows, cols = basin.size // width - 2, width - 2
    same = excess.size == 1
    for r in range(rows):
        for k in range(cols):
            c = (r + 1) * width + k + 1
            if basin[c] >= 0:
                passing[c] = (excess[0, 0] if same else excess[r, k]) * area


@njit(cache=True, nogil=True)
def _add(passing, over, cell):
    """Water that runs over a saddle goes on in this cell (-1 none)."""
    for v in range(1, over.size):
        if over[v] > 0.0 and cell[v] >= 0:
            passing[cell[v]] += over[v]
