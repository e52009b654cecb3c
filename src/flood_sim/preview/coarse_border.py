"""The border on coarser cells: each open face goes to the boundary that owned most of the fine faces there."""

from __future__ import annotations

import numpy as np

from flood_sim.solver.border import DISCHARGE, WALL, Faces, Part, border_faces
from flood_sim.solver.domain import AreaInflow, Domain


def coarse_border(
    fine: Domain, factor: int, inside: np.ndarray, outside: np.ndarray
) -> tuple[np.ndarray, tuple[Part, ...], list[AreaInflow]]:
    """Owner of each coarse border face, the parts, and inflows that found no face of the border.

    A coarse face takes the votes of the fine border faces of its own cell that look the same way, of all its cell's
    where there are none; a wall where there are none at all. A discharge whose faces are all lost enters through the
    coarse cells behind them.
    """
    faces = border_faces(inside, outside)
    if not fine.parts:
        return np.full(faces.size, WALL), (), []
    old = border_faces(fine.active, fine.outside)
    owner = _vote(faces, old, fine.owner, factor, inside.shape, len(fine.parts))
    entering = []
    for k, part in enumerate(fine.parts):
        mine = fine.owner == k
        if part.kind == DISCHARGE and mine.any() and not (owner == k).any():
            assert part.series is not None
            rows, cols = (old.cell_row[mine] - 1) // factor, (old.cell_col[mine] - 1) // factor
            cells = np.unique(rows * inside.shape[1] + cols)
            entering.append(AreaInflow(part.name, *np.divmod(cells, inside.shape[1]), part.series))
    lost = {k for k, part in enumerate(fine.parts) if part.kind == DISCHARGE and not (owner == k).any()}
    parts = tuple(Part(p.name, 0, p.value) if k in lost else p for k, p in enumerate(fine.parts))
    return owner, parts, entering


def _vote(
    faces: Faces, old: Faces, owner: np.ndarray, factor: int, shape: tuple[int, ...], parts: int
) -> np.ndarray:  # fmt: skip
    """The most frequent owner, WALL among them, of the old faces of each new one."""
    cells = shape[0] * shape[1]
    at = (old.cell_row - 1) // factor * shape[1] + (old.cell_col - 1) // factor
    way = old.axis * 2 + (old.side > 0)
    votes = np.bincount((at * 4 + way) * (parts + 1) + owner + 1, minlength=cells * 4 * (parts + 1))
    votes = votes.reshape(cells, 4, parts + 1)
    mine = (faces.cell_row - 1) * shape[1] + faces.cell_col - 1
    same_way = votes[mine, faces.axis * 2 + (faces.side > 0)]
    any_way = votes[mine].sum(axis=1)
    found = np.where(same_way.any(axis=1)[:, None], same_way, any_way)
    return np.where(found.any(axis=1), found.argmax(axis=1) - 1, WALL)
