"""A regular grid of square cells in a projected metric CRS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from pyproj import CRS


@dataclass(frozen=True)
class Grid:
    """Where the cells lie: row 0 is the northernmost, column 0 the westernmost.

    `west`, `north` is the outer corner of cell (0, 0) in the units of `crs`;
    `cell` the edge length in metres; `rows`, `cols` the number of cells.
    """

    west: float
    north: float
    cell: float
    rows: int
    cols: int
    crs: CRS

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    @property
    def transform(self) -> Affine:
        return Affine(self.cell, 0.0, self.west, 0.0, -self.cell, self.north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west, self.north - self.rows * self.cell, self.west + self.cols * self.cell, self.north

    def index(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the cell that contains the point, None outside the grid."""
        col = int(np.floor((x - self.west) / self.cell))
        row = int(np.floor((self.north - y) / self.cell))
        return (row, col) if 0 <= row < self.rows and 0 <= col < self.cols else None

    def x_centres(self) -> np.ndarray:
        return self.west + (np.arange(self.cols) + 0.5) * self.cell

    def y_centres(self) -> np.ndarray:
        return self.north - (np.arange(self.rows) + 0.5) * self.cell


def positions(coarse: Grid, model: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Where the centres of the rows and of the columns of a model lie, in cells from the north-west corner of `coarse`."""
    # a hair to the inside: a centre on an edge between two cells falls to the same side everywhere
    rows = (coarse.north - model.y_centres()) / coarse.cell + 1e-9
    cols = (model.x_centres() - coarse.west) / coarse.cell + 1e-9
    return rows, cols
