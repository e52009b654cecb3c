"""Watching a run at every step for what physics forbids."""

from __future__ import annotations

import numpy as np

from flood_sim.kernels.boundary import DISCHARGE, LEVEL, NORMAL
from flood_sim.kernels.constants import G
from flood_sim.solver.border import bed_slopes, border_faces
from flood_sim.solver.simulation import Simulation

COURANT, LARGEST_STEP = 0.6, 5.0


class Watch:
    """Call after every step: least depth, fastest face, and the largest head that could have driven it.

    Head H = largest z + 2h there has ever been, less the lowest bed: the fall of
    the ground and the depth, which counts twice, because unsteady flow may run
    at 2 sqrt(g h) (Ritter's front: u^2 = 4 g h). Beyond that only what is forced
    on the model brings energy: standing water outside a LEVEL border counts as
    water, a DISCHARGE enters at its critical speed at most, and a NORMAL border
    lets water fall by its slope over one more cell.
    """

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        d = sim.domain
        self._z = np.where(d.active, d.ground - d.datum, -np.inf)
        self._t = sim.t
        self._head, self._beyond, self._entering = 0.0, 0.0, 0.0
        self.lowest_depth, self.fastest, self.share = 0.0, 0.0, 0.0
        self._read_border()
        self._look()

    def _read_border(self) -> None:
        d = self.sim.domain
        faces = border_faces(d.active, d.outside)
        for k, part in enumerate(d.parts):
            mine = faces.take(d.owner == k)
            if mine.size == 0:
                continue
            if part.kind == NORMAL:
                slope = bed_slopes(mine, d.ground, d.active, d.cell).max() if part.value is None else part.value
                self._beyond = max(self._beyond, float(slope) * d.cell)
            largest = float(part.value or 0.0) if part.series is None else float(part.series.values.max())
            if part.kind == LEVEL:
                bed = float(d.ground[mine.cell_row - 1, mine.cell_col - 1].min())
                self._head = max(self._head, 2 * (largest - d.datum) - (bed - d.datum))
            elif part.kind == DISCHARGE:
                self._entering = max(self._entering, (G * largest / (mine.size * d.cell)) ** (2 / 3))

    def _look(self) -> None:
        h = self.sim.depth
        # what the last step poured stood there before it flowed on
        poured = float(self.sim.state.source.max()) * (self.sim.t - self._t)
        self._t = self.sim.t
        wet = self._z + np.where(h > 0, 2 * h, -np.inf)
        self._head = max(self._head, float(wet.max(initial=0.0)) + 2 * poured)

    def __call__(self) -> None:
        self._look()
        s = self.sim.state
        fastest = float(max(np.abs(s.u[s.qx != 0]).max(initial=0.0), np.abs(s.v[s.qy != 0]).max(initial=0.0)))
        self.fastest = max(self.fastest, fastest)
        self.lowest_depth = min(self.lowest_depth, float(self.sim.depth.min()))
        # the largest share of the allowed speed over all faces and steps
        self.share = max(self.share, fastest / max(self.limit, 1e-3))

    @property
    def limit(self) -> float:
        """Fastest speed normal to a face that the head so far allows, m/s."""
        return float(np.sqrt(2 * G * (self._head + self._beyond) + self._entering))

    @property
    def shortest_needed(self) -> float:
        """A shorter step than this nothing can ask for, s.

        The Courant limit of water at that speed with waves of the whole head on
        it, at most the default largest step, halved, because steps are made
        equal up to the next event.
        """
        wave = self.limit + np.sqrt(G * self._head)
        return float(min(COURANT * self.sim.domain.cell / max(wave, 1e-9), LARGEST_STEP) / 2)
