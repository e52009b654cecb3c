"""What a raster file says about itself before any of its cells is read."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from affine import Affine
from pyproj import CRS

STRIP_CELLS = 2_000_000
"""So many cells are read and checked at a time."""


@dataclass(frozen=True)
class Header:
    """Size, place and type of a raster; row 0 is the first row of the file.

    `transform` maps (column, row) to the CRS, None if the file is not placed at
    all; `block` is the (rows, columns) that can only be read together; stored
    values become heights by `scale` and `offset`; `unit` is the unit of the
    heights as the file names it.
    """

    driver: str
    rows: int
    cols: int
    dtype: str
    file_bytes: int
    transform: Affine | None
    crs: CRS | None = None
    bands: int = 1
    images: int = 1
    nodata: float | None = None
    block: tuple[int, int] = (1, 1)
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    palette: bool = False
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        return self.rows * self.cols

    @property
    def declared_bytes(self) -> int:
        """Size of the raster without compression, in bytes."""
        return self.cells * self.bands * np.dtype(self.dtype).itemsize

    @property
    def cell(self) -> float:
        """Edge length of a cell in the unit of the CRS, free of the last digits of a float header."""
        size = abs(self.transform.a) if self.transform else 1.0
        rounded = round(size, 3)
        return rounded if rounded > 0 and abs(size - rounded) * max(self.rows, self.cols) < 0.01 * size else size

    def at(self, row: float, col: float) -> tuple[float, float]:
        """Coordinates of a corner (whole numbers) or centre (and a half) of a cell."""
        t = self.transform or Affine.identity()
        return t.a * col + t.b * row + t.c, t.d * col + t.e * row + t.f

    @property
    def centre(self) -> tuple[float, float]:
        """Coordinates of the middle of the raster."""
        return self.at(self.rows / 2, self.cols / 2)

    def place(self, row: int, col: int) -> str:
        """A cell in words: where to look in the file and on the map."""
        text = f"row {row + 1}, column {col + 1}"
        if self.transform is not None:
            x, y = self.at(row + 0.5, col + 0.5)
            digits = 1 if self.cell >= 0.01 else 6  # degrees
            text += f" (E {x:.{digits}f}, N {y:.{digits}f})"
        return text

    def strip_rows(self, factor: int = 1) -> int:
        """Rows to read at a time: whole blocks where that is small enough, a multiple of `factor`."""
        rows = max(STRIP_CELLS // max(self.cols, 1), self.block[0], factor)
        rows -= rows % self.block[0] if self.block[0] > 1 and factor == 1 else 0
        return min(max(factor, rows - rows % factor), -(-self.rows // factor) * factor)


class Raster(Protocol):
    """An open raster: its header, and its values strip by strip from north to south."""

    header: Header

    def strips(
        self, rows: int, first: int = 0, stop: int | None = None
    ) -> Generator[tuple[int, np.ndarray], None, None]:
        """Yield (first row, values) with float64 values of shape (rows, cols), NaN where there is no data.

        Infinite values are passed on. Raises Refusal where the file is truncated or damaged.
        """
        ...
