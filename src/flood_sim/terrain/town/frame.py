"""Where Musterstadt lies: extent, cells and the local coordinates in which it is drawn.

All modules of this package work in local metres, x to the east and y to the
north from the lower-left corner; `to_map` gives EPSG:25832. The corner lies in
the open North Sea, where nobody lives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EPSG = 25832
WEST = 360_000.0
SOUTH = 6_040_000.0
CELL = 2.0
COLS = 1000
ROWS = 600
WIDTH = COLS * CELL
DEPTH = ROWS * CELL
NORTH = SOUTH + DEPTH
SEED = 20180529  # the day of the Wuppertal cloudburst


@dataclass(frozen=True)
class Frame:
    """Local coordinates of the cell centres, float64 (ROWS, COLS); row 0 is the northernmost."""

    x: np.ndarray
    y: np.ndarray

    @classmethod
    def of_town(cls) -> Frame:
        x, y = np.meshgrid((np.arange(COLS) + 0.5) * CELL, DEPTH - (np.arange(ROWS) + 0.5) * CELL)
        return cls(x, y)


def to_map(points: np.ndarray) -> np.ndarray:
    """Local points (n, 2) in metres to EPSG:25832."""
    return np.asarray(points, float) + (WEST, SOUTH)


def cell_of(x: float, y: float) -> tuple[int, int]:
    """Row and column of the cell that holds a local point."""
    return int((DEPTH - y) // CELL), int(x // CELL)


def uniform(key: int, n: int) -> np.ndarray:
    """`n` numbers in [0, 1) that belong to `key`, the same on every platform.

    Each part of the town draws from its own stream, so that a change in one
    part leaves the others where they were.
    """
    return np.random.Generator(np.random.PCG64([SEED, key])).random(n)
