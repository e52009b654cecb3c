"""The losses of the ground on coarser cells: each takes what its cells would take together."""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

import numpy as np

from flood_sim.solver.ground import Ground, Zones

PARTS = 8
"""Shares of the zones in the open part of a coarse cell are counted in eighths, so that few mixtures remain."""
OPEN_PARTS = 64
"""The open part itself is counted as finely as in single cells up to 8 times coarser."""
MOST_MIXTURES = 65_000
BY_SOIL = ("a", "b", "c")
"""What belongs to the unsealed part alone."""


class Mixtures(NamedTuple):
    """Which mixture each coarse cell is, and the shares of the zones in each, (mixtures, zones).

    Rows add up to the open part of the coarse cell: what houses cover, or lies beyond the grid, takes nothing.
    """

    zone: np.ndarray
    share: np.ndarray


def coarse_ground(law: Ground, active: np.ndarray, factor: int, shape: tuple[int, int]) -> Ground:
    """Zones that are mixtures of those of the law: rates and depths as their means.

    The roughness does not follow the depth: what stands evenly spread in a coarse cell as a film runs in its lowest
    part as deep water does (measured: docs/preview.md). A river takes a coarse cell if it is half of its open part or
    more. Exact where the parameters enter linearly.
    """
    found = mixtures(law.zone, active, law.zones.size, factor, shape)
    made = {f.name: found.share @ getattr(law.zones, f.name) for f in fields(Zones)}
    unsealed = found.share * law.zones.unsealed
    soil = unsealed.sum(axis=1)
    weight = np.divide(unsealed, soil[:, None], out=found.share.copy(), where=soil[:, None] > 0.0)
    made |= {name: weight @ getattr(law.zones, name) for name in BY_SOIL}
    if law.infiltration == "horton":
        made["b"] = np.minimum(made["b"], made["a"])  # rounding
    open_part = found.share.sum(axis=1)
    made["river"] = ((made["river"] > 0.0) & (made["river"] >= 0.5 * open_part)).astype(float)
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
    open_ = counts.sum(axis=1)
    eighths = np.rint(counts * (PARTS / np.maximum(open_, 1)[:, None])).astype(np.int64)
    # where rounding took every part away: what there is most of
    empty = eighths.sum(axis=1) == 0
    eighths[empty, counts[empty].argmax(axis=1)] = PARTS
    parts = np.where(open_ > 0, np.maximum(np.rint(open_ * (OPEN_PARTS / factor**2)), 1), 0).astype(np.int64)
    kinds, index = _numbered(np.column_stack((eighths, parts)))
    if len(kinds) > MOST_MIXTURES:  # then each cell is as what there is most of
        simple = np.column_stack((np.eye(zones, dtype=np.int64)[counts.argmax(axis=1)], parts))
        kinds, index = _numbered(simple)
    kinds, part = kinds[:, :-1], kinds[:, -1:] / OPEN_PARTS
    share = kinds / kinds.sum(axis=1, keepdims=True) * part
    dtype = np.uint8 if len(kinds) <= 256 else np.uint16
    return Mixtures(index.reshape(shape).astype(dtype), share)


def _numbered(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows of small counts in order, and which of them each row is: as np.unique(axis=0), by one number for each row."""
    key = np.zeros(len(rows), np.int64)
    for column in rows.T:
        radix = int(column.max()) + 1
        if int(key.max()) >= np.iinfo(np.int64).max // radix - 1:
            key = np.unique(key, return_inverse=True)[1]
        key = key * radix + column
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    return rows[first], index
