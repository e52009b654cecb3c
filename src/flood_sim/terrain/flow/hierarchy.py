"""The drainage structure of a terrain, found once and used for any storm on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from flood_sim.terrain.flow import carve as carving
from flood_sim.terrain.flow import descent, saddles, tree
from flood_sim.terrain.flow.accumulate import accumulate
from flood_sim.terrain.flow.cells import NONE, Culvert, inner, offsets, row_col
from flood_sim.terrain.flow.land import Land, make_land


@dataclass(frozen=True)
class Hierarchy:
    """Basins, sinks and directions of a terrain. Arrays over cells are padded and flat (see `cells`).

    z: heights, m, float32, inf where no water can stand. end_cell: cells beside the end of the terrain. bare: directions on the bare ground, they end in pits.
    basin: number of the pit that a cell drains to, 0 out of the model, -1 no cell. drained: directions on the filled
    ground, they end outside; link_from, link_to: their culverts. cells_above: cells that drain through each, itself
    included. Over nodes (0 the outside, 1 to `leaves` the pits, then merged sinks, each later than its two parts):
    parent, left, right, spill (m, level at which it runs over), near and far (cells of that saddle; far -1: out of
    the model), flooded (cells under water when full), volume (m3 when full). tops: sinks that run over into water
    joined to the outside, in that order. crest: per leaf, the level (m) of the filled ground.
    """

    shape: tuple[int, int]
    cell: float
    z: np.ndarray
    end_cell: np.ndarray
    bare: np.ndarray
    basin: np.ndarray
    drained: np.ndarray
    link_from: np.ndarray
    link_to: np.ndarray
    cells_above: np.ndarray
    pits: np.ndarray
    parent: np.ndarray
    left: np.ndarray
    right: np.ndarray
    spill: np.ndarray
    near: np.ndarray
    far: np.ndarray
    flooded: np.ndarray
    volume: np.ndarray
    tops: np.ndarray
    crest: np.ndarray
    offsets: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "offsets", offsets(self.shape[1] + 2))

    @property
    def leaves(self) -> int:
        return int(self.pits.size)

    @property
    def area(self) -> float:
        """m2 of a cell."""
        return self.cell * self.cell

    def on_grid(self, flat: np.ndarray) -> np.ndarray:
        """View (ny, nx) of one of the arrays over cells."""
        return inner(flat, self.shape)

    def reaches_end(self, mask: np.ndarray) -> bool:
        """Whether some of these cells, bool (ny, nx), lie beside the end of the terrain: what lies beyond is not known."""
        return bool(mask[self.row_col(self.end_cell)].any())

    def row_col(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return row_col(index, self.shape[1])

    @property
    def upstream_area(self) -> np.ndarray:
        """Contributing area of every cell, m2, (ny, nx), on the filled ground."""
        return self.on_grid(self.cells_above) * self.area


def find_hierarchy(
    ground: np.ndarray,
    cell: float,
    *,
    active: np.ndarray | None = None,
    edge: np.ndarray | None = None,
    edge_level: np.ndarray | None = None,
    culverts: Sequence[Culvert] = (),
) -> Hierarchy:
    """Basins, tree of sinks and directions of a terrain, given as in `make_land`."""
    land = make_land(ground, cell, active=active, edge=edge, edge_level=edge_level, culverts=culverts)
    return hierarchy_of(land)


def hierarchy_of(land: Land) -> Hierarchy:
    """Basins, tree of sinks and directions; time and memory grow with the cells, no faster but for a sort of saddles."""
    z, width = land.z, land.shape[1] + 2
    off = offsets(width)
    bare = np.empty(z.size, np.uint8)
    descent.steepest(z, width, bare)
    descent.leave(z, bare, land.edge_cell, land.edge_level)
    pits = descent.cross_flats(z, bare, off)
    basin = np.empty(z.size, np.int32)
    descent.label_basins(bare, off, pits, basin)
    one, other, height = _saddles(land, basin)
    beyond = np.where(other >= 0, np.minimum(z[one], z[other]), -np.inf).astype(np.float32)
    ranked = saddles.order(height, beyond)
    parent, left, right, spill, near, far, tops, used = tree.grow(pits.size, basin, one, other, height, ranked)
    crest = tree.crests(pits.size, parent, spill)
    flooded, volume = tree.capacities(z, basin, crest, parent, spill, land.cell * land.cell)
    drained = bare.copy()
    seeds = np.argsort(z[pits], kind="stable") + 1
    starts, ends = carving.carve(drained, off, *tree.way_out(pits.size, seeds, basin, one, other, used))
    sort = np.argsort(starts)
    link_from, link_to = starts[sort], ends[sort]
    cells_above = (bare != NONE).astype(np.int32)
    accumulate(drained, off, link_from, link_to, cells_above)
    return Hierarchy(
        land.shape, land.cell, z, land.end_cell, bare, basin, drained, link_from, link_to, cells_above, pits, parent, left, right, spill,
        near, far, flooded, volume, tops, crest,
    )  # fmt: skip


def _saddles(land: Land, basin: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Saddles between basins, over the open edge and through culverts: cells and heights."""
    z = land.z
    one, other, height = saddles.between(z, basin, land.shape[1] + 2)
    inside = basin[land.edge_cell] > 0
    edge_cell, edge_level = land.edge_cell[inside], land.edge_level[inside]
    return (
        np.concatenate((one, edge_cell.astype(np.int32), land.link_one)),
        np.concatenate((other, np.full(edge_cell.size, tree.OUTSIDE, np.int32), land.link_other)),
        np.concatenate((height, np.maximum(z[edge_cell], edge_level), land.link_height)),
    )
