"""How much memory a terrain will take, and how much there is, before anything is read."""

from __future__ import annotations

import math
from pathlib import Path

import psutil

SOLVER_BYTES_PER_CELL = 72
"""State and all maxima, 64, with the ground (float32) and the masks that they came from."""
SCENARIO_BYTES_PER_CELL = 18
"""What a scenario may add: heights that need float64 4, rain from roofs 8, land cover 1, water at the start 4, and 1
for the mask of the result."""
PART_BYTES_PER_CELL = 72
"""A part of the model that is read, computed and compressed at a time. With it 118 to 141 bytes a cell were measured
for 1.5 million cells (87 to 107 for 17 million), 162 (108) are estimated."""
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


def needed_bytes(cells: int, strip_cells: int = 0) -> int:
    """Peak memory in bytes for a run on `cells` cells, read in strips of `strip_cells`; the program itself not counted."""
    whole = cells * (SOLVER_BYTES_PER_CELL + SCENARIO_BYTES_PER_CELL)
    return whole + min(cells, PART_CELLS) * PART_BYTES_PER_CELL + strip_cells * STRIP_BYTES_PER_CELL


def fitting_factor(rows: int, cols: int, available: int) -> int:
    """Smallest whole factor by which cells must be coarsened for the run to fit into `available` bytes."""
    factor = max(1, math.isqrt(needed_bytes(rows * cols) // max(available, 1)))
    while needed_bytes(-(-rows // factor) * -(-cols // factor)) > available and factor < max(rows, cols):
        factor += 1
    return factor
