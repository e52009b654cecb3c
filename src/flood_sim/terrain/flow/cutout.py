"""Cut-outs that do not lie: a drawn area with all the ground that drains into it, and what enters where that is too much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit
from rasterio.features import rasterize
from scipy import ndimage

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow.accumulate import accumulate, upstream
from flood_sim.terrain.flow.cells import NONE, OUT, receiver
from flood_sim.terrain.flow.cutout_words import Facts, sentences
from flood_sim.terrain.flow.hierarchy import Hierarchy
from flood_sim.terrain.flow.shapes import area_polygon
from flood_sim.terrain.grid import Grid

MARGIN_M = 100.0
LARGEST_HA = 2000.0


@dataclass(frozen=True)
class Entry:
    """A place where water of the catchment enters a cut-out that is smaller: centre of the first cell inside.

    row, col: of that cell; from_index: padded flat index of the last cell outside. upstream_m2: the ground outside that
    drains through here before it meets the cut-out.
    """

    x: float
    y: float
    row: int
    col: int
    from_index: int
    upstream_m2: float


@dataclass(frozen=True)
class Cutout:
    """What to compute for a drawn area. mask: (ny, nx), bool; polygon: its outline; areas in ha.

    whole: all the catchment is inside. entries: else where water enters, largest first, also such as only crosses the
    margin; spread_m2: ground outside whose water comes in over the rest of the edge, in ways too small to be listed.
    open_ended: the catchment reaches the end of the terrain, what lies beyond is not known.
    """

    mask: np.ndarray
    polygon: shapely.MultiPolygon
    drawn_ha: float
    catchment_ha: float
    area_ha: float
    whole: bool
    entries: tuple[Entry, ...]
    spread_m2: float
    open_ended: bool
    sentence_de: str
    sentence_en: str


def cut_out(
    hierarchy: Hierarchy, grid: Grid, drawn: shapely.Polygon | shapely.MultiPolygon, *, margin_m: float = MARGIN_M,
    largest_ha: float = LARGEST_HA, extend: bool = True, least_entry_m2: float = 10_000.0,
    weight: np.ndarray | None = None,
) -> Cutout:  # fmt: skip
    """The drawn area (CRS of the grid) with its catchment on the filled ground and a margin around both.

    Where that exceeds `largest_ha`, or `extend` is off, the drawn area with its margin is taken as it is, and what the
    catchment outside sends in is named place by place: ways that drain at least `least_entry_m2`. weight: (ny, nx),
    ground that belongs to each open cell, in cells (with houses that are closed), 1 without it. Raises TerrainError for a
    polygon that is invalid or misses the terrain.
    """
    h = hierarchy
    active = h.on_grid(h.basin) >= 0
    start = _drawn_cells(drawn, grid) & active
    if not start.any():
        west, south, east, north = grid.bounds
        raise TerrainError(
            "the drawn area covers no open cell of the terrain", value=drawn.wkt[:60],
            allowed=f"x {west:.0f} to {east:.0f}, y {south:.0f} to {north:.0f}",
        )  # fmt: skip
    ground = np.where(active, 1.0 if weight is None else weight, 0.0)

    def hectares(mask: np.ndarray) -> float:
        return float(ground[mask].sum()) * h.area / 1e4

    reaching = _drains_into(h, start)
    full = _grown(reaching, margin_m / grid.cell)
    whole = extend and hectares(full) <= largest_ha
    mask = full if whole else _grown(start, margin_m / grid.cell)
    entries, spread = ((), 0.0) if whole else _entries(h, grid, mask & active, ground, least_entry_m2)
    # of what enters, some only crosses the margin
    fed = [e for e in entries if reaching[h.row_col(np.array(e.from_index))]]
    fed_ha = 0.0 if whole else hectares(reaching & ~mask)
    small_ha = max(fed_ha - sum(e.upstream_m2 for e in fed) / 1e4, 0.0)
    said = Facts(
        hectares(start), hectares(reaching), hectares(mask), whole, fed_ha, small_ha if small_ha > 1e-9 * fed_ha else 0.0,
        len(fed), len(entries) - len(fed), h.reaches_end(reaching),
    )  # fmt: skip
    return Cutout(
        mask, area_polygon(mask, grid, active), said.drawn, said.catchment, said.area, whole, entries, spread,
        said.reaches_end, *sentences(said),
    )  # fmt: skip


def _drawn_cells(drawn: shapely.Polygon | shapely.MultiPolygon, grid: Grid) -> np.ndarray:
    if not drawn.is_valid or drawn.is_empty:
        raise TerrainError(
            "the drawn area is no valid polygon", value=shapely.is_valid_reason(drawn), hint="Draw it without crossings"
        )
    burnt = rasterize([(drawn, 1)], out_shape=grid.shape, transform=grid.transform, all_touched=True, dtype="uint8")
    return np.asarray(burnt, bool)


def _drains_into(h: Hierarchy, start: np.ndarray) -> np.ndarray:
    """Cells whose water passes `start`, itself included, (ny, nx)."""
    inside = np.zeros(h.z.size, bool)
    h.on_grid(inside)[:] = start
    upstream(h.drained, h.offsets, h.link_from, h.link_to, inside)
    return h.on_grid(inside)


def _grown(mask: np.ndarray, cells: float) -> np.ndarray:
    """With all that lies within so many cells."""
    if cells < 1:
        return mask.copy()
    return np.asarray(ndimage.distance_transform_edt(~mask) <= cells)


def outside_only(h: Hierarchy, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions of the cells outside, which end where they enter, and the padded mask of `inside` (ny, nx)."""
    within = np.zeros(h.z.size, bool)
    h.on_grid(within)[:] = inside
    code = h.drained.copy()
    code[within] = NONE
    _end_at(code, h.drained, h.offsets, h.link_from, h.link_to, within)
    return code, within


@njit(cache=True, nogil=True)
def _end_at(code, drained, off, link_from, link_to, within):
    for c in range(code.size):
        if code[c] != NONE:
            r = receiver(c, drained, off, link_from, link_to)
            if r >= 0 and within[r]:
                code[c] = OUT


def _entries(
    h: Hierarchy, grid: Grid, inside: np.ndarray, ground: np.ndarray, least_m2: float
) -> tuple[tuple[Entry, ...], float]:
    """Where water comes in, largest first, and the area of all ways that are smaller, m2."""
    code, within = outside_only(h, inside)
    above = np.zeros(h.z.size)
    h.on_grid(above)[:] = ground
    above[code == NONE] = 0.0
    accumulate(code, h.offsets, h.link_from, h.link_to, above)
    last = np.flatnonzero((code == OUT) & (h.drained != OUT))
    into = _receivers(last, h.drained, h.offsets, h.link_from, h.link_to)
    area = above[last] * h.area
    listed = np.flatnonzero(area >= least_m2)
    listed = listed[np.argsort(-area[listed], kind="stable")]
    row, col = h.row_col(into)
    found = tuple(
        Entry(
            grid.west + (int(col[k]) + 0.5) * grid.cell, grid.north - (int(row[k]) + 0.5) * grid.cell, int(row[k]),
            int(col[k]), int(last[k]), float(area[k]),
        )
        for k in listed
    )  # fmt: skip
    return found, float(area.sum() - area[listed].sum())


@njit(cache=True, nogil=True)
def _receivers(cells, code, off, link_from, link_to):
    found = np.empty(cells.size, np.int64)
    for i in range(cells.size):
        found[i] = receiver(cells[i], code, off, link_from, link_to)
    return found
