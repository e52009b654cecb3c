"""The losses of the ground on coarser cells: each takes what its cells would take together."""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

import numpy as np

from flood_sim.solver.ground import Ground, Zones

PARTS = 8
"""Shares of the zones in a coarse cell are counted in eighths, so that few mixtures remain."""
MOST_MIXTURES = 65_000
BY_SOIL = ("a", "b", "c")
"""What belongs to the unsealed part alone."""


class Mixtures(NamedTuple):
    """Which mixture each coarse cell is, and the shares of the zones in each, (mixtures, zones), rows add up to 1."""

    zone: np.ndarray
    share: np.ndarray


def coarse_ground(law: Ground, active: np.ndarray, factor: int, shape: tuple[int, int]) -> Ground:
    """Zones that are mixtures of those of the law: rates and depths as their means.

    The roughness does not follow the depth: what stands evenly spread in a coarse cell as a film runs in its lowest
    part as deep water does (measured: docs/preview.md). A river takes a coarse cell of which it is half or more. Exact where the parameters enter linearly.
    """
    found = mixtures(law.zone, active, law.zones.size, factor, shape)
    made = {f.name: found.share @ getattr(law.zones, f.name) for f in fields(Zones)}
    unsealed = found.share * law.zones.unsealed
    soil = unsealed.sum(axis=1)
    weight = np.divide(unsealed, soil[:, None], out=found.share.copy(), where=soil[:, None] > 0.0)
    made |= {name: weight @ getattr(law.zones, name) for name in BY_SOIL}
    if law.infiltration == "horton":
        made["b"] = np.minimum(made["b"], made["a"])  # rounding
    made["river"] = (made["river"] >= 0.5).astype(float)
    made["threshold"] = np.where(made["capacity"] > 0.0, _of_takers(found.share, law.zones), made["threshold"])
    return Ground(found.zone, Zones(**made), law.infiltration)


def _of_takers(share: np.ndarray, zones: Zones) -> np.ndarray:
    """Threshold of a sewer in each mixture: the mean over its zones that have one."""
    part = share * zones.capacity
    whole = part.sum(axis=1)
    return np.divide(part @ zones.threshold, whole, out=np.zeros(whole.size), where=whole > 0.0)


def mixtures(zone: np.ndarray, active: np.ndarray, zones: int, factor: int, shape: tuple[int, int]) -> Mixtures:
    """Mixtures of the zones of the open cells of each block of factor x factor."""
    rows, cols = zone.shape
    row, col = np.arange(rows) // factor, np.arange(cols) // factor
    place = row[:, None] * shape[1] + col[None, :]
    cells = shape[0] * shape[1]
    counts = np.bincount(
        (place * zones + zone)[active], minlength=cells * zones
    ).reshape(cells, zones)  # fmt: skip
    open_ = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    eighths = np.rint(counts * (PARTS / open_)).astype(np.int64)
    # where rounding took every part away: what there is most of
    empty = eighths.sum(axis=1) == 0
    eighths[empty, counts[empty].argmax(axis=1)] = PARTS
    kinds, index = np.unique(eighths, axis=0, return_inverse=True)
    index = index.reshape(-1)
    if len(kinds) > MOST_MIXTURES:
        kinds, index = np.eye(zones, dtype=np.int64), counts.argmax(axis=1)
    share = kinds / kinds.sum(axis=1, keepdims=True)
    dtype = np.uint8 if len(kinds) <= 256 else np.uint16
    return Mixtures(index.reshape(shape).astype(dtype), share)
