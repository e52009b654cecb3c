"""Filled ground and its sinks: how deep, how much, where they run over.

For the drainage of a terrain as it is, before any storm: where a DEM would hold
water back, rightly or because a bridge is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from flood_sim.terrain.flow.hierarchy import Hierarchy


@dataclass(frozen=True)
class Sink:
    """A sink filled to the brim.

    number: its value in `Filled.labels`, from 1, the largest volume first. node: in the hierarchy. level: m, at which
    it runs over. volume: m3. area: m2 under water. deepest: m. pit: (row, column) of its lowest cell. spill: cell
    inside the sink at its saddle; beyond: the cell on the other side, None out of the model. upstream: m2 that drain
    to it on the filled ground.
    """

    number: int
    node: int
    level: float
    volume: float
    area: float
    deepest: float
    pit: tuple[int, int]
    spill: tuple[int, int]
    beyond: tuple[int, int] | None
    upstream: float


@dataclass(frozen=True)
class Filled:
    """Arrays (ny, nx). height: filled ground, float32, m, NaN where no water can stand. depth: filled minus ground, m.

    labels: int32, 0 outside sinks, else the number of the sink that the cell is under water in.
    """

    height: np.ndarray
    depth: np.ndarray
    labels: np.ndarray
    sinks: tuple[Sink, ...]


def fill(hierarchy: Hierarchy, *, at_least_m3: float = 0.0) -> Filled:
    """Fill every sink to the level where it runs over; sinks below `at_least_m3` are filled but not listed.

    What a priority flood gives (Barnes, Lehman and Mulla 2014, doi:10.1016/j.cageo.2013.04.024), with steps over the
    sides of cells only. A model with no way out is filled to the level at which its last two sinks meet.
    """
    h = hierarchy
    top = _tops(h.parent)
    listed = np.flatnonzero((h.parent == 0) & np.isfinite(h.volume) & (h.volume > at_least_m3))
    listed = listed[np.argsort(-h.volume[listed], kind="stable")]
    number = np.zeros(h.parent.size, np.int32)
    number[listed] = np.arange(1, listed.size + 1)
    height, labels = np.empty(h.z.size, np.float32), np.empty(h.z.size, np.int32)
    lowest, upstream = np.full(listed.size + 1, -1, np.int64), np.zeros(listed.size + 1, np.int64)
    _lay(h.z, h.basin, h.crest, number[top[: h.leaves + 1]], height, labels, lowest, upstream, h.cells_above)
    depth = np.where(np.isfinite(h.z), height - h.z, np.float32(0.0))
    spills, beyond, pits = h.row_col(h.near[listed]), h.row_col(h.far[listed]), h.row_col(lowest[1:])
    sinks = tuple(
        Sink(
            k + 1, int(v), float(h.spill[v]), float(h.volume[v]), float(h.flooded[v] * h.area),
            float(h.spill[v] - h.z[lowest[k + 1]]), (int(pits[0][k]), int(pits[1][k])),
            (int(spills[0][k]), int(spills[1][k])),
            (int(beyond[0][k]), int(beyond[1][k])) if h.far[v] >= 0 else None, float(upstream[k + 1] * h.area),
        )
        for k, v in enumerate(listed)
    )  # fmt: skip
    return Filled(h.on_grid(height), h.on_grid(depth), h.on_grid(labels), sinks)


@njit(cache=True, nogil=True)
def _tops(parent):
    """The top of the tree that each node belongs to."""
    top = np.zeros(parent.size, np.int32)
    for v in range(parent.size - 1, 0, -1):
        top[v] = top[parent[v]] if parent[v] > 0 else v
    return top


@njit(cache=True, nogil=True)
def _lay(z, basin, crest, number, height, labels, lowest, upstream, cells_above):
    """Filled height and label of every cell; lowest cell of each sink and the most cells that drain through it."""
    for c in range(z.size):
        leaf = basin[c]
        height[c], labels[c] = np.nan if leaf < 0 else z[c], 0
        if leaf > 0 and z[c] < crest[leaf]:
            height[c] = crest[leaf]
            k = number[leaf]
            labels[c] = k
            if k > 0:
                if lowest[k] < 0 or z[c] < z[lowest[k]]:
                    lowest[k] = c
                upstream[k] = max(upstream[k], cells_above[c])
