"""What flow is found on: heights, where water may leave, and culverts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow.cells import Culvert, padded, padded_index


@dataclass(frozen=True)
class Land:
    """A terrain for flow, cells as flat padded indices (see `cells`).

    z: heights, m, float32, inf where no water can stand. edge_cell, edge_level: cells over which water leaves the
    model, and how high it stands outside (m, -inf: falls freely). end_cell: cells beside the end of the terrain, whether
    water leaves there or not. link_one, link_other, link_height: both cells of each culvert and the level (m) above
    which water passes it.
    """

    shape: tuple[int, int]
    cell: float
    z: np.ndarray
    edge_cell: np.ndarray
    edge_level: np.ndarray
    end_cell: np.ndarray
    link_one: np.ndarray
    link_other: np.ndarray
    link_height: np.ndarray


def open_edges(active: np.ndarray, outside: np.ndarray | None = None) -> np.ndarray:
    """Active cells with a side to the outside, bool (ny, nx): beyond the array or a cell of `outside`."""
    beyond = np.pad(~active if outside is None else outside, 1, constant_values=True)
    beside = beyond[:-2, 1:-1] | beyond[2:, 1:-1] | beyond[1:-1, :-2] | beyond[1:-1, 2:]
    return np.asarray(active & beside)


def make_land(
    ground: np.ndarray,
    cell: float,
    *,
    active: np.ndarray | None = None,
    outside: np.ndarray | None = None,
    edge: np.ndarray | None = None,
    edge_level: np.ndarray | None = None,
    culverts: Sequence[Culvert] = (),
) -> Land:
    """A terrain for flow.

    ground: heights (ny, nx), m, worked on in float32; NaN is outside. cell: edge of a cell, m. active: bool, cells
    that take water; those that do not are walls. outside: bool, where the terrain has ended, if not all of it is NaN.
    edge: bool, cells over which water leaves the model freely; by default those beside the outside or the array's end.
    edge_level: (ny, nx), m, where given and finite the water outside stands so high. culverts: each joins its two cells
    at the higher of its inverts, so water that gathers at the inlet runs on to the outlet; it is one more saddle of the
    tree. Raises TerrainError.
    """
    known = np.isfinite(ground)
    active = known if active is None else active & known
    if not active.any():
        raise TerrainError("has no cell that takes water")
    ends = open_edges(active, ~known if outside is None else outside | ~known)
    edge = ends if edge is None else edge
    z = padded(ground, active)
    row, col = np.nonzero(edge & active)
    level = np.full(row.size, -np.inf, np.float32)
    if edge_level is not None:
        given = edge_level[row, col]
        level[:] = np.where(np.isfinite(given), given, -np.inf)
    links = _links(culverts, ground, active, z)
    shape = ground.shape[0], ground.shape[1]
    end_row, end_col = np.nonzero(ends)
    end_cell = padded_index(end_row, end_col, shape[1])
    return Land(shape, cell, z, padded_index(row, col, shape[1]), level, end_cell, *links)


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
