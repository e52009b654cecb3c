"""Single cells that stand out of all their neighbours: spikes and pits."""

from __future__ import annotations

import numpy as np
import shapely
from scipy import ndimage

from flood_sim.terrain.doctor import sentences
from flood_sim.terrain.doctor.fault import Fault
from flood_sim.terrain.doctor.proposal import CutProposal
from flood_sim.terrain.grid import Grid

_RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)


def find_marks(ground: np.ndarray, grid: Grid, least_m: float) -> list[Fault]:
    """Cells higher than the highest, or lower than the lowest, of their neighbours by `least_m`.

    ground: m, (rows, cols), NaN outside; cells beside the outside or the edge are not judged.
    Two cells beside each other hide one another: groups are not found.
    """
    high = np.where(np.isnan(ground), np.inf, ground)
    low = np.where(np.isnan(ground), -np.inf, ground)
    up = ground - ndimage.maximum_filter(high, footprint=_RING, mode="constant", cval=np.inf)
    down = ground - ndimage.minimum_filter(low, footprint=_RING, mode="constant", cval=-np.inf)
    with np.errstate(invalid="ignore"):
        rows, cols = np.nonzero((up >= least_m) | (down <= -least_m))
    return [
        _mark(ground, grid, int(r), int(c), float(max(up[r, c], 0) or down[r, c]))
        for r, c in zip(rows, cols, strict=True)
    ]


def _mark(ground: np.ndarray, grid: Grid, row: int, col: int, out: float) -> Fault:
    ring = ground[row - 1 : row + 2, col - 1 : col + 2][_RING]
    level = round(float(np.median(ring)), 2)
    x, y = grid.west + (col + 0.5) * grid.cell, grid.north - (row + 0.5) * grid.cell
    half = 0.49 * grid.cell
    spot = shapely.box(x - grid.cell / 2, y - grid.cell / 2, x + grid.cell / 2, y + grid.cell / 2)
    german, english = sentences.single(out)
    if out > 0:
        lower = CutProposal(((x - half, y), (x + half, y)), 2 * half, (level, level))
        return Fault("spike", x, y, spot, 0.0, out, german, english, proposal=lower)
    held = -out * grid.cell**2
    return Fault("pit", x, y, spot, held, -out, german, english)
