"""What is left of a basin once all measures stand: another one may cut its rim, dig its bottom or fill it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from flood_sim.measures.basin import BasinDesign
from flood_sim.measures.site import Site

CHANGED = 0.02
"""A basin that holds this share less or more than designed is another basin."""
LOWER_M = 0.01


@dataclass(frozen=True)
class AsBuilt:
    """`level_m`: from here on water can leave over the lowest place of the rim, `lowest` (row, col; None if no lower than
    designed); `volume_m3`: what it holds below."""

    level_m: float
    volume_m3: float
    lowest: tuple[int, int] | None


def as_built(made: BasinDesign, site: Site) -> AsBuilt | None:
    """The basin on the ground that all measures left; None where it is the one that was designed."""
    cells = made.cells
    top, left = max(int(cells.rows.min()) - 1, 0), max(int(cells.cols.min()) - 1, 0)
    window = np.s_[top : cells.rows.max() + 2, left : cells.cols.max() + 2]
    member = np.zeros(site.ground[window].shape, bool)
    member[cells.rows - top, cells.cols - left] = True
    rim = ndimage.binary_dilation(member)  # over sides, as water flows
    rim[made.dam.rows - top, made.dam.cols - left] = True  # its corners too
    heights = np.where(rim & ~member & site.active[window], site.ground[window], np.inf)
    lowest = np.unravel_index(int(np.argmin(heights)), heights.shape)
    cut = float(heights[lowest]) < made.full_m - LOWER_M
    level = float(heights[lowest]) if cut else made.full_m
    volume = site.grid.cell**2 * float(np.maximum(level - site.ground[cells.rows, cells.cols], 0.0).sum())
    if not cut and abs(volume - made.volume_m3) <= CHANGED * made.volume_m3:
        return None
    return AsBuilt(level, volume, (int(lowest[0]) + top, int(lowest[1]) + left) if cut else None)
