"""Points at which a law gives water, several of them perhaps in one cell."""

from __future__ import annotations

import numpy as np


class Springs:
    """Adds to the source of the cells (padded rows and cols) of n points what each of them gives."""

    def __init__(self, rows: np.ndarray, cols: np.ndarray, shape: tuple[int, ...]) -> None:
        """rows, cols: int64 (n,), of the model of `shape` (ny, nx)."""
        flat, self._into = np.unique(np.asarray(rows, np.int64) * shape[1] + cols, return_inverse=True)
        row, col = np.divmod(flat, shape[1])
        self.cells = row + 1, col + 1

    def add(self, source: np.ndarray, rates: np.ndarray) -> float:
        """Add rates (n,), m/s, to a source (padded, m/s); by how much it rose in all cells together, as rounded there."""
        before = source[self.cells].astype(np.float64)
        source[self.cells] = before + np.bincount(self._into, weights=rates, minlength=before.size)
        return float((source[self.cells].astype(np.float64) - before).sum())

    def largest(self, rates: np.ndarray) -> float:
        """Largest rate of a cell, m/s."""
        return float(np.bincount(self._into, weights=rates).max(initial=0.0))
