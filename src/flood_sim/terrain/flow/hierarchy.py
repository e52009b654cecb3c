"""The drainage structure of a terrain, found once and used for any storm on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow import carve as carving
from flood_sim.terrain.flow import descent, saddles, tree
from flood_sim.terrain.flow.accumulate import accumulate
from flood_sim.terrain.flow.cells import Culvert, inner, offsets, padded, padded_index, row_col


@dataclass(frozen=True)
class Hierarchy:
    """Basins, sinks and directions of a terrain. Arrays over cells are padded and flat (see `cells`).

    z: heights, m, float32, inf where no water can stand. bare: directions on the bare ground, they end in pits.
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

    def row_col(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return row_col(index, self.shape[1])

    @property
    def upstream_area(self) -> np.ndarray:
        """Contributing area of every cell, m2, (ny, nx), on the filled ground."""
        return self.on_grid(self.cells_above) * self.area


def open_edges(active: np.ndarray, outside: np.ndarray | None = None) -> np.ndarray:
    """Active cells with a side to the outside, bool (ny, nx): beyond the array or a cell of `outside`."""
    beyond = np.pad(~active if outside is None else outside, 1, constant_values=True)
    beside = beyond[:-2, 1:-1] | beyond[2:, 1:-1] | beyond[1:-1, :-2] | beyond[1:-1, 2:]
    return np.asarray(active & beside)


def find_hierarchy(
    ground: np.ndarray,
    cell: float,
    *,
    active: np.ndarray | None = None,
    edge: np.ndarray | None = None,
    edge_level: np.ndarray | None = None,
    culverts: Sequence[Culvert] = (),
) -> Hierarchy:
    """Basins, tree of sinks and directions of a terrain; time and memory grow with the cells, no faster.

    ground: heights (ny, nx), m, worked on in float32; NaN is outside. cell: edge of a cell, m. active: bool, cells
    that take water; those that do not are walls. edge: bool, cells over which water leaves the model freely; by
    default those beside the outside (NaN or beyond the array). edge_level: (ny, nx), m, where given and finite the
    water outside stands so high. culverts: each joins its two cells at the higher of its inverts, so water that
    gathers at the inlet runs on to the outlet; it is one more saddle of the tree. Raises TerrainError.
    """
    rows, cols = ground.shape
    known = np.isfinite(ground)
    active = known if active is None else active & known
    if not active.any():
        raise TerrainError("has no cell that takes water")
    if edge is None:
        edge = open_edges(active, ~known)
    z = padded(ground, active)
    off = offsets(cols + 2)
    row, col = np.nonzero(edge & active)
    edge_cell = padded_index(row, col, cols)
    outside_level = np.full(edge_cell.size, -np.inf, np.float32)
    if edge_level is not None:
        given = edge_level[edge & active]
        outside_level[:] = np.where(np.isfinite(given), given, -np.inf)

    bare = np.empty(z.size, np.uint8)
    descent.steepest(z, cols + 2, bare)
    descent.leave(z, bare, edge_cell, outside_level)
    pits = descent.cross_flats(z, bare, off)
    basin = np.empty(z.size, np.int32)
    descent.label_basins(bare, off, pits, basin)
    one, other, height = _saddles(z, basin, cols, edge_cell, outside_level, _links(culverts, ground, active, z))
    beyond = np.where(other >= 0, np.minimum(z[one], z[other]), -np.inf).astype(np.float32)
    ranked = saddles.order(height, beyond)
    parent, left, right, spill, near, far, tops, used = tree.grow(pits.size, basin, one, other, height, ranked)
    crest = tree.crests(pits.size, parent, spill)
    flooded, volume = tree.capacities(z, basin, crest, parent, spill, cell * cell)
    drained = bare.copy()
    seeds = np.argsort(z[pits], kind="stable") + 1
    link_from, link_to = carving.carve(drained, off, *tree.way_out(pits.size, seeds, basin, one, other, used))
    cells_above = (bare != 255).astype(np.int32)
    accumulate(drained, off, link_from, link_to, cells_above)
    return Hierarchy(
        (rows, cols), cell, z, bare, basin, drained, link_from, link_to, cells_above, pits, parent, left, right, spill,
        near, far, flooded, volume, tops, crest,
    )  # fmt: skip


def _saddles(
    z: np.ndarray, basin: np.ndarray, cols: int, edge_cell: np.ndarray, edge_level: np.ndarray,
    links: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Saddles between basins, over the open edge and through culverts: cells and heights."""
    one, other, height = saddles.between(z, basin, cols + 2)
    inside = basin[edge_cell] > 0
    edge_cell, edge_level = edge_cell[inside], edge_level[inside]
    return (
        np.concatenate((one, edge_cell.astype(np.int32), links[0])),
        np.concatenate((other, np.full(edge_cell.size, tree.OUTSIDE, np.int32), links[1])),
        np.concatenate((height, np.maximum(z[edge_cell], edge_level), links[2])),
    )


def _links(
    culverts: Sequence[Culvert], ground: np.ndarray, active: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both cells and the higher invert of each culvert; TerrainError for one that joins nothing."""
    one, other, height = [], [], []
    for number, culvert in enumerate(culverts):
        ends = []
        for end, invert in ((culvert.inlet, culvert.inlet_m), (culvert.outlet, culvert.outlet_m)):
            row, col = end
            inside = 0 <= row < ground.shape[0] and 0 <= col < ground.shape[1]
            if not inside or not active[row, col]:
                raise TerrainError(
                    "an end lies on no open cell", where=f"culvert {number}", value=f"row {row}, column {col}",
                    allowed="a cell of the terrain without a building", hint="Move it to the foot of the embankment",
                )  # fmt: skip
            at = int(padded_index(row, col, ground.shape[1]))
            ends.append((at, max(float(z[at]), -np.inf if invert is None else invert)))
        if ends[0][0] == ends[1][0]:
            raise TerrainError("both ends lie in one cell", where=f"culvert {number}", hint="Draw it longer")
        one.append(ends[0][0])
        other.append(ends[1][0])
        height.append(max(ends[0][1], ends[1][1]))
    return np.array(one, np.int32), np.array(other, np.int32), np.array(height, np.float32)
