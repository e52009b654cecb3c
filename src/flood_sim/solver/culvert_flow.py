"""Culverts in force on one state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.backends.cpu.exchange import BARREL, Flow, Mouths, flow_through_culverts, look_at_culverts
from flood_sim.kernels.culvert import BOX, CIRCLE
from flood_sim.solver.entrances import ENTRANCES

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.culverts import Culvert, Culverts, Mouth
    from flood_sim.solver.domain import Domain

KEPT = ("discharge", "owed", "passed", "peak")
"""What of a Flow going on needs; the rest is looked at anew before each step."""


class CulvertFlow:
    """An Acting law.

    flow: what each culvert does, in the order of the description: discharge (m3/s, positive
    from its first mouth to its second), passed (n, 2: volume from either mouth, m3), peak (m3/s).
    """

    def __init__(self, law: Culverts, domain: Domain, state: State) -> None:
        self._state, self._cell = state, domain.cell
        n = len(law.links)
        self.barrels = np.zeros(n, BARREL)
        for k, link in enumerate(law.links):
            self.barrels[k] = _barrel(link)
        ends = [mouth for link in law.links for mouth in link.mouths]
        self._mouths = Mouths(
            np.cumsum([0, *(mouth.rows.size for mouth in ends)]),
            np.concatenate([mouth.rows for mouth in ends]) + 1,
            np.concatenate([mouth.cols for mouth in ends]) + 1,
            np.concatenate([_open_faces(mouth, domain.active) for mouth in ends]),
            np.array([mouth.invert_m - domain.datum for mouth in ends]),
        )
        zero = (np.zeros(n), np.zeros(n), np.zeros((n, 2)), np.zeros(n))
        self.flow = Flow(np.full(n, -1), np.zeros((n, 2)), *zero)
        self.springs = (self._mouths.row, self._mouths.col)

    def supply(self, t: float) -> float:
        return float(look_at_culverts(self._state, self._mouths, self.barrels, self.flow, self._cell))

    def act(self, t: float, dt: float) -> None:
        flow_through_culverts(self._state, self._mouths, self.barrels, self.flow, dt, self._cell)

    def booked(self) -> Mapping[str, float]:
        return {"in_culverts_m3": float(self.flow.owed.sum())}

    def memory(self) -> dict[str, np.ndarray]:
        return {name: getattr(self.flow, name) for name in KEPT}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        for name in KEPT:
            getattr(self.flow, name)[:] = memory[name]


def _barrel(link: Culvert) -> tuple[float, ...]:
    """In the order of BARREL."""
    e = ENTRANCES[link.shape, link.entrance]
    shape = BOX if link.shape == "box" else CIRCLE
    return (
        shape, e.form, link.width, link.height, link.length, link.manning, e.k, e.m, e.c, e.y, e.ks, e.ke,
        link.barrels * (1.0 - link.blocked),
    )  # fmt: skip


def _open_faces(mouth: Mouth, active: np.ndarray) -> np.ndarray:
    """Of each cell of a mouth, how many of its faces lead to active cells beyond the mouth."""
    around = np.pad(active, 1)
    around[mouth.rows + 1, mouth.cols + 1] = False
    r, c = mouth.rows + 1, mouth.cols + 1
    return around[r - 1, c].astype(np.int64) + around[r + 1, c] + around[r, c - 1] + around[r, c + 1]
