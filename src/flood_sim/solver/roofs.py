"""Roofs whose rain does not run to the ground around: to the sewer, or held by a green roof first.

Skeleton: the descriptions that build makes; the laws themselves follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SewerRoofs:
    """Law: rain on these roof cells (rows, cols, n; any cell of the grid, with or without water) goes to the sewer."""

    rows: np.ndarray
    cols: np.ndarray
    name: str = "roofs to the sewer"


@dataclass(frozen=True)
class GreenRoofs:
    """Law: green roofs. Once storage (m) of rain has fallen on an entry, its active cell gets weight times the rain.

    rows, cols: int64 (n,), cells that get what runs over. weight: float64 (n,), cells of roof per
    cell. storage: float64 (n,), m.
    """

    rows: np.ndarray
    cols: np.ndarray
    weight: np.ndarray
    storage: np.ndarray
    name: str = "green roofs"
