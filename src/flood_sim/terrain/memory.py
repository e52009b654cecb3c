"""How much memory a terrain will take, and how much there is, before anything is read."""

from __future__ import annotations

import math
from pathlib import Path

import psutil

SOLVER_BYTES_PER_CELL = 72
"""State, bed, roughness and all maxima of the solver."""
READING_BYTES_PER_CELL = 40
"""Heights in float64, their repaired copy, masks and labels of holes and buildings."""
WRITING_BYTES_PER_CELL = 80
"""Maps and states on their way to disk; with it, 192 bytes a cell: 156 to 221 were measured from 1 to 9 million cells."""
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


def needed_bytes(cells: int, strip_cells: int = 0) -> int:
    """Peak memory in bytes for a run on `cells` cells, read in strips of `strip_cells`; the program itself not counted."""
    per_cell = SOLVER_BYTES_PER_CELL + READING_BYTES_PER_CELL + WRITING_BYTES_PER_CELL
    return cells * per_cell + strip_cells * STRIP_BYTES_PER_CELL


def fitting_factor(rows: int, cols: int, available: int) -> int:
    """Smallest whole factor by which cells must be coarsened for the run to fit into `available` bytes."""
    factor = max(1, math.isqrt(needed_bytes(rows * cols) // max(available, 1)))
    while needed_bytes(-(-rows // factor) * -(-cols // factor)) > available and factor < max(rows, cols):
        factor += 1
    return factor
