"""Roofs whose rain does not run to the ground around at once, as laws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.terrain.buildings import Footprints
from flood_sim.terrain.buildings import GreenRoofs as Held


def sewer_roofs_law(footprints: Footprints, outside: np.ndarray) -> SewerRoofs | None:
    """The cells of all roofs that shed to the sewer; as many as `BuildingActs.sewer_cells`."""
    to_sewer = np.array([False, *(a.roof == "sewer" for a in footprints.acting)])
    if not to_sewer.any():
        return None
    rows, cols = np.nonzero(to_sewer[footprints.labels] & ~outside)
    return SewerRoofs(rows, cols) if rows.size else None


def green_roofs_law(green: Sequence[Held], columns: int) -> GreenRoofs | None:
    """All green roofs; their cells are flat indices of a grid of so many columns."""
    kept = [g for g in green if g.cells.size]
    if not kept:
        return None
    rows, cols = np.divmod(np.concatenate([g.cells for g in kept]), columns)
    storage = np.concatenate([np.full(g.cells.size, g.storage_m) for g in kept])
    return GreenRoofs(rows, cols, np.concatenate([g.weight for g in kept]), storage)
