"""How much memory a terrain will take, and how much there is, before anything is read."""

from __future__ import annotations

import math
from pathlib import Path

import psutil

SOLVER_BYTES_PER_CELL = 75
"""State and all maxima with working rows 67, ground 4, masks 3 (measured in a run of 168 million cells: 74), and 1."""
EXACT_BYTES_PER_CELL = 4
"""More where float32 does not hold the heights: averaged, filled, or from a file of float64."""
ROOFS, LAND_COVER, ROUGHNESS, WATER = 8, 1, 8, 4
"""Bytes a cell that parts of a scenario add: rain from blocked roofs, roughness from classes or values, water at the start."""
ZONE, LOSS = 2, 4
"""And its losses: kind of ground, with a copy while it is made; each thing that is remembered of a cell."""
PART_BYTES_PER_CELL = 72
"""A part of the model that is read, computed and compressed at a time."""
PART_CELLS = 2048**2
STRIP_BYTES_PER_CELL = 48
"""One strip while it is checked: raw values, float64 copy, masks and differences."""


def available_bytes() -> int:
    """Memory that can be taken now: the machine's, or what a container leaves of it."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text().strip()
        if limit != "max":
            free = min(free, max(0, int(limit) - int(used)))
    except (OSError, ValueError):
        pass  # no cgroup v2 here: the machine's own figure stands
    return free


def needed_bytes(cells: int, strip_cells: int = 0, beside: int = 0) -> int:
    """Peak memory in bytes for a run on `cells` cells, read in strips of `strip_cells`; the program itself not counted.

    beside: bytes a cell that its scenario adds.
    """
    whole = cells * (SOLVER_BYTES_PER_CELL + EXACT_BYTES_PER_CELL + beside)
    return whole + min(cells, PART_CELLS) * PART_BYTES_PER_CELL + strip_cells * STRIP_BYTES_PER_CELL


def fitting_factor(rows: int, cols: int, available: int, beside: int = 0) -> int:
    """Smallest whole factor by which cells must be coarsened for the run to fit into `available` bytes."""
    factor = max(1, math.isqrt(needed_bytes(rows * cols, 0, beside) // max(available, 1)))
    while needed_bytes(-(-rows // factor) * -(-cols // factor), 0, beside) > available and factor < max(rows, cols):
        factor += 1
    return factor
