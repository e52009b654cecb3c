"""How much of each cell of one grid lies in each cell of another, in any two CRS."""

from __future__ import annotations

import math

import numpy as np
from pyproj import Transformer
from scipy import sparse

from flood_sim.terrain.crs import same_crs
from flood_sim.terrain.grid import Grid

SAMPLES = 32
"""Points along a side of a cell of the source: borders of cells are seen to that share of a cell."""
MOST = 256
"""Points along a side of a cell of the target."""
AT_ONCE = 1_000_000


def overlap(source: Grid, target: Grid) -> sparse.csr_array:
    """Shares (target cells, source cells), row by row from the north-west; a row sums to less than 1 outside the source."""
    count = min(MOST, max(1, math.ceil(SAMPLES * target.cell / source.cell - 1e-9)))
    across = None
    if not same_crs(source.crs, target.crs):
        across = Transformer.from_crs(target.crs, source.crs, always_xy=True)
    fine_cols, fine_cell = target.cols * count, target.cell / count
    xs = target.west + (np.arange(fine_cols) + 0.5) * fine_cell
    col_of = np.arange(fine_cols) // count
    step = max(1, AT_ONCE // (fine_cols * count))
    parts = []
    for first in range(0, target.rows, step):
        rows = min(step, target.rows - first)
        ys = target.north - first * target.cell - (np.arange(rows * count) + 0.5) * fine_cell
        x, y = np.meshgrid(xs, ys)
        if across is not None:
            x, y = across.transform(x, y)
        with np.errstate(invalid="ignore"):
            row, col = np.floor((source.north - y) / source.cell), np.floor((x - source.west) / source.cell)
            inside = (row >= 0) & (row < source.rows) & (col >= 0) & (col < source.cols)
        to = (np.arange(rows * count) // count)[:, None] * target.cols + col_of[None]
        at = (row[inside] * source.cols + col[inside]).astype(np.int64)
        share = np.full(at.size, 1.0 / count**2)
        parts.append(
            sparse.coo_array(
                (share, (to[inside], at)), shape=(rows * target.cols, source.rows * source.cols)
            ).tocsr()
        )  # fmt: skip
    return sparse.csr_array(sparse.vstack(parts))
