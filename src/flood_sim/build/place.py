"""A cell in the words of a person, and values that are looked at cell by cell."""

from __future__ import annotations

import numpy as np

from flood_sim.errors import TerrainError
from flood_sim.terrain.grid import Grid


def compact(values: np.ndarray) -> np.ndarray:
    """In float32 if that holds every one of them as it is, as it does those of most files."""
    small = values.astype(np.float32)
    return small if np.array_equal(small, values) else values


def place(grid: Grid, row: int, col: int) -> str:
    x, y = grid.west + (col + 0.5) * grid.cell, grid.north - (row + 0.5) * grid.cell
    return f"x {x:.1f}, y {y:.1f} (row {row}, column {col})"


def check_values(values: np.ndarray, bad: np.ndarray, allowed: str, what: str, file: str, grid: Grid) -> None:
    if bad.any():
        row, col = (int(k[0]) for k in np.nonzero(bad))
        raise TerrainError(
            f"{what} is out of range on {int(bad.sum())} cells, first at {place(grid, row, col)}",
            where=file, value=f"{values[row, col]:g}", allowed=allowed,
        )  # fmt: skip
