"""Cross sections of a scenario on coarser cells, and what ran through them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flood_sim import placing
from flood_sim.build import Build
from flood_sim.errors import FloodSimError
from flood_sim.preview.coarse import Coarse
from flood_sim.results.series import Series
from flood_sim.solver.border import Faces
from flood_sim.solver.simulation import Simulation


class CoarseSections:
    """Each section placed anew on the coarse grid. One too short for it carries nothing, and a note says so."""

    def __init__(self, built: Build, coarse: Coarse) -> None:
        shape = coarse.domain.active.shape
        grid = replace(built.dem.grid, cell=coarse.domain.cell, rows=shape[0], cols=shape[1])
        found, notes = [], []
        for section in built.scenario.sections:
            try:
                found.append(placing.line_faces(section.line, grid, coarse.domain.active, f"section {section.id}"))
            except FloodSimError:
                none = np.empty(0, np.int64)
                found.append(Faces(none, none, none, none, none, none))
                notes.append(f"section {section.id}: shorter than the coarse cells, nothing is metered")
        self.faces, self.notes = tuple(found), tuple(notes)
        ids = [section.id for section in built.scenario.sections]
        self.series = Series("time_s", [], {f"{i} {name}": [] for i in ids for name in ("discharge_m3s", "volume_m3")})
        self._passed = np.zeros(len(ids))

    def take(self, t: float, sim: Simulation) -> None:
        """Mean discharge since the last entry, m3/s, and volume since the start, m3, positive from left to right."""
        since = t - self.series.times[-1] if self.series.times else 0.0
        self.series.times.append(t)
        passed = sim.section_volumes()
        rate = (passed - self._passed) / since if since > 0 else np.zeros_like(passed)
        self._passed = passed
        values = np.stack([rate, passed], axis=1).ravel()
        for column, value in zip(self.series.columns.values(), values, strict=True):
            column.append(float(value))
