"""Large fields part by part: a city of 168 million cells does not fit into memory a second time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

Part = tuple[slice, slice]
"""Rows and columns of a field, with their first and last."""


class Values(Protocol):
    """A field (rows, cols): an array, or what computes the values of a part when it is asked for them."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, part: Part, /) -> np.ndarray: ...


def parts(shape: tuple[int, ...], rows: int, cols: int | None = None) -> Iterator[Part]:
    """Parts of at most so many rows and columns (None: all of them), from the north-west to the south-east."""
    cols = cols or shape[1]
    for row in range(0, shape[0], rows):
        for col in range(0, shape[1], cols):
            yield slice(row, min(row + rows, shape[0])), slice(col, min(col + cols, shape[1]))


def largest(values: Values, rows: int = 256) -> float:
    """The largest value that is not NaN."""
    return float(np.fmax.reduce([np.fmax.reduce(values[part], axis=None) for part in parts(values.shape, rows)]))
