"""Memory on the card, and the ways to and from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numba import cuda

from flood_sim.backends.cuda.formulas import kernel
from flood_sim.backends.cuda.layout import MARGIN, NO_WATER, Metered, OpenFaces, Water
from flood_sim.backends.layout import Border, Maxima, Meter, State

TWICE = ("h", "u", "v")
BYTES_PER_CELL = 4 * (len(Water._fields) + len(TWICE))
BYTES_PER_CELL_MAXIMA = 4 * len(Maxima._fields)


@kernel
def fill(array, value):
    first = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    for k in range(first, array.size, cuda.gridDim.x * cuda.blockDim.x):
        array[k] = value


class Frame:
    """Where the arrays (ny+2, nx+2) of the host stand in the flat ones of the card."""

    def __init__(self, shape: tuple[int, int], threads: int) -> None:
        self.rows, self.row = shape
        self.size = (self.rows + 2 * MARGIN) * self.row
        self._inside = slice(MARGIN * self.row, (MARGIN + self.rows) * self.row)
        self._threads = threads

    def allocate(self, copies: int = 1, value: float = 0.0) -> Any:
        array = cuda.device_array(copies * self.size, np.float32)
        if copies:
            fill[max(1, min(1024, array.size // self._threads)), self._threads](array, np.float32(value))
        return array

    def part(self, array: Any, copy: int = 0) -> Any:
        """The host's cells of an array of the card."""
        begin = copy * self.size
        return array[begin + self._inside.start : begin + self._inside.stop]

    def at(self, row: np.ndarray, col: np.ndarray) -> np.ndarray:
        """Positions of cells or faces, counted from the first copy."""
        return (np.asarray(row, np.int64) + MARGIN).astype(np.uint64) * np.uint64(self.row) + col.astype(np.uint64)

    def put(self, array: Any, host: np.ndarray, copy: int = 0) -> None:
        self.part(array, copy).copy_to_device(np.ascontiguousarray(host).reshape(-1))

    def get(self, array: Any, host: np.ndarray, copy: int = 0, stream: Any = 0) -> None:
        self.part(array, copy).copy_to_host(host.reshape(-1), stream=stream)


def water_on_card(frame: Frame) -> Water:
    filled = {name: frame.allocate(2 if name in TWICE else 1, NO_WATER if name == "h" else 0.0)
              for name in Water._fields}  # fmt: skip
    return Water(**filled)


def put_state(frame: Frame, water: Water, state: State, active: np.ndarray) -> None:
    """All of a state; active (ny+2, nx+2). h goes into both copies, because cells without water are never written."""
    for copy in (0, 1):
        frame.put(water.h, np.where(active, state.h, np.float32(NO_WATER)), copy)
    for name in State._fields:
        if name != "h":
            frame.put(getattr(water, name), getattr(state, name))


def get_state(frame: Frame, water: Water, state: State, turn: int, names: Iterable[str]) -> None:
    """The named arrays of the present state, into the host's."""
    for name in names:
        host = getattr(state, name)
        frame.get(getattr(water, name), host, turn if name in TWICE else 0)
        if name == "h":
            np.maximum(host, 0.0, out=host)


def _entries(start: np.ndarray, *columns: np.ndarray) -> list[np.ndarray]:
    """The row of each entry, and its columns."""
    return [np.repeat(np.arange(start.size - 1), np.diff(start)), *columns]


def open_faces(frame: Frame, border: Border) -> OpenFaces:
    """The faces of the border x-faces first."""
    x = _entries(border.x_start, border.x_index, border.x_side, border.x_kind)
    y = _entries(border.y_start, border.y_index, border.y_side, border.y_kind)
    row, col, side, kind = (np.concatenate(parts) for parts in zip(x, y, strict=True))
    axis = np.repeat([0, 1], [x[0].size, y[0].size])
    inward = np.where(side > 0, 0, 1)
    beyond = np.where(side > 0, -1, 1)
    to = cuda.to_device
    return OpenFaces(
        axis=to(axis.astype(np.int32)),
        face=to(frame.at(row, col)),
        cell=to(frame.at(row + axis * inward, col + (1 - axis) * inward)),
        inner=to(frame.at(row + axis * beyond, col + (1 - axis) * beyond)),
        side=to(side.astype(np.float32)),
        kind=to(kind.astype(np.int32)),
        value=to(np.zeros((row.size, 2))),
    )


def metered(frame: Frame, meter: Meter) -> Metered:
    return Metered(
        axis=cuda.to_device(meter.axis.astype(np.int32)),
        face=cuda.to_device(frame.at(meter.row, meter.col)),
        side=cuda.to_device(meter.side.astype(np.float32)),
        volume=cuda.to_device(np.zeros((meter.row.size, 2))),
    )
