"""A straight flume: the one-dimensional frame of several cases."""

from __future__ import annotations

import numpy as np

from flood_sim.solver.border import DISCHARGE, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Linear, Steps

ROWS = 3


def centres(cells: int, cell: float, start: float = 0.0) -> np.ndarray:
    """Where the cells of a flume lie that begins at x = `start`, m."""
    return start + (np.arange(cells) + 0.5) * cell


def inflow(discharge: float, cell: float) -> Part:
    """A steady discharge, m2/s per metre of width, over the whole end of the flume."""
    total = discharge * ROWS * cell
    return Part("inflow", DISCHARGE, series=Linear((0.0, 1e9), (total, total)))


def flume(
    ground: np.ndarray, cell: float, *, depth: np.ndarray, manning: float = 0.0, rain: float = 0.0,
    west: Part | None = None, east: Part | None = None,
) -> Domain:  # fmt: skip
    """ROWS rows of the profile `ground` (cells,), walls along both sides; an end without a Part is a wall.

    depth: initial depth (cells,), m. rain: steady, m/s.
    """
    shape = (ROWS, ground.size)
    active = np.ones(shape, bool)
    faces = border_faces(active, ~active)
    parts = tuple(p for p in (west, east) if p is not None)
    owner = np.full(faces.size, WALL)
    for part, side in ((west, -1), (east, 1)):
        if part is not None:
            owner[(faces.axis == 0) & (faces.side == side)] = parts.index(part)
    return Domain(
        np.broadcast_to(ground, shape).copy(), active, cell, manning=np.full(shape, manning),
        depth=np.broadcast_to(depth, shape).copy(), rain=Steps((0.0, 1e9), (rain,)) if rain else Steps(),
        parts=parts, owner=owner,
    )  # fmt: skip
