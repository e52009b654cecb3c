"""Cells of a terrain for flow: one flat padded array, directions as numbers, who is a neighbour of whom.

Water passes the sides of cells, as in the engine, and never squeezes through a
corner: a diagonal step is allowed only where one of the two cells beside it is
no higher than the start, so it stands for two steps over sides. A wall one cell
wide, drawn askew, holds; and a pool here is a pool of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from flood_sim.errors import TerrainError

UNKNOWN, OUT, LINK, PIT, NONE = 0, 9, 10, 11, 255
"""Beside 1 to 8 (E, SE, S, SW, W, NW, N, NE, row 0 in the north): not found yet, out of the model, through a culvert,
the bottom of a sink, not a cell."""
DIAGONAL = np.float32(np.sqrt(0.5))
LARGEST = 2**31 - 2


@dataclass(frozen=True)
class Culvert:
    """A pipe from cell to cell (row, column): water passes it once it stands above the higher of the two inverts.

    Inverts in m; None takes the ground of the cell. Capacity is not limited here.
    """

    inlet: tuple[int, int]
    outlet: tuple[int, int]
    inlet_m: float | None = None
    outlet_m: float | None = None


def padded(ground: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Heights (ny+2)*(nx+2), float32, flat; +inf where no water can stand and around the array."""
    rows, cols = ground.shape
    if (rows + 2) * (cols + 2) > LARGEST:
        raise TerrainError("has too many cells", value=f"{rows} x {cols}", allowed=f"at most {LARGEST:,} cells")
    z = np.full((rows + 2, cols + 2), np.inf, np.float32)
    np.copyto(z[1:-1, 1:-1], ground, where=active, casting="same_kind")
    return z.ravel()


def inner(flat: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """View (ny, nx) of a padded flat array."""
    return flat.reshape(shape[0] + 2, shape[1] + 2)[1:-1, 1:-1]


def padded_index(row: np.ndarray | int, col: np.ndarray | int, cols: int) -> np.ndarray:
    """Flat index in the padded array."""
    return (np.asarray(row, np.int64) + 1) * (cols + 2) + np.asarray(col, np.int64) + 1


def row_col(index: np.ndarray, cols: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column (unpadded) of flat padded indices."""
    row, col = np.divmod(np.asarray(index, np.int64), cols + 2)
    return row - 1, col - 1


def offsets(width: int) -> np.ndarray:
    """Step in the flat array for each direction 0 to 8; width is that of the padded array."""
    return np.array([0, 1, width + 1, width, width - 1, -1, -width - 1, -width, -width + 1], np.int64)


@njit(cache=True, nogil=True)
def corner_open(z, c, k, off):
    """Whether the diagonal step k (2, 4, 6, 8) from c passes beside a cell that is no higher than c."""
    side = off[k + 1] if k < 8 else off[1]
    return min(z[c + off[k - 1]], z[c + side]) <= z[c]


@njit(cache=True, nogil=True)
def receiver(c, code, off, link_from, link_to):
    """The cell that c gives its water to, -1 for none. Links (culverts) are sorted by their start."""
    k = code[c]
    if k <= 8:
        return c + off[k] if k > 0 else np.int64(-1)
    if k == LINK:
        low, high = 0, link_from.size - 1
        while low < high:
            middle = (low + high) // 2
            if link_from[middle] < c:
                low = middle + 1
            else:
                high = middle
        return np.int64(link_to[low])
    return np.int64(-1)
