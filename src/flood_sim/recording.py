"""What is taken down while a simulation runs: outputs over time, gauges, sections."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from flood_sim.build import Build
from flood_sim.results.series import Series
from flood_sim.results.writer import ResultWriter
from flood_sim.solver import fields
from flood_sim.solver.simulation import Simulation


def times(every_s: float, end_s: float) -> tuple[float, ...]:
    """0, every, 2 every … and the end, to the microsecond: 69 s and 1.15 min are one time, not two."""
    count = math.ceil(end_s / every_s - 1e-9)
    return (*(round(k * every_s, 6) for k in range(count)), round(end_s, 6))


class Recording:
    """Knows when something is to be taken down, and takes it down.

    A gauge gives depth (m), water level (m above the datum of the terrain) and
    speed (m/s) of its cell; a section the mean discharge since the last entry
    (m3/s) and the volume since the start (m3), positive from left to right.
    """

    def __init__(self, built: Build, sim: Simulation) -> None:
        outputs, end = built.scenario.outputs, built.scenario.numerics.duration_min * 60
        self.output_times = times(outputs.every_min * 60, end)
        self._output = {t: index for index, t in enumerate(self.output_times)}
        self._in_series = frozenset(times(outputs.series_every_s, end))
        self.events = sorted(self._output.keys() | self._in_series)
        self._built, self._sim = built, sim
        ids = [g.id for g in built.scenario.gauges]
        self._gauge_rows = np.array([c[0] for c in built.gauges], np.int64)
        self._gauge_cols = np.array([c[1] for c in built.gauges], np.int64)
        self.gauges = Series(
            "time_s", [], {f"{i} {name}": [] for i in ids for name in ("depth_m", "level_m", "speed_m_s")}
        )
        sections = [s.id for s in built.scenario.sections]
        self.sections = Series("time_s", [], {f"{i} {n}": [] for i in sections for n in ("discharge_m3s", "volume_m3")})
        self._passed = np.zeros(len(sections))
        self._taken = 0

    @property
    def ahead(self) -> list[float]:
        """The times at which something is still to be taken down."""
        return self.events[self._taken :]

    def memory(self) -> dict[str, np.ndarray]:
        """What was taken down so far, the snapshots apart."""
        tables = {name: _table(series) for name, series in (("gauges", self.gauges), ("sections", self.sections))}
        return {"taken": np.array(self._taken), "passed": self._passed, **tables}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        """Take back what `memory` gave."""
        self._taken = int(memory["taken"])
        self._passed = np.array(memory["passed"])
        for series, table in ((self.gauges, memory["gauges"]), (self.sections, memory["sections"])):
            series.times[:], *columns = table.tolist()
            for column, values in zip(series.columns.values(), columns, strict=True):
                column[:] = values

    def take(self, writer: ResultWriter) -> None:
        """Take down what is due at the simulation's present time."""
        t = self._sim.t
        if t in self._in_series:
            self._take_gauges(t)
            self._take_sections(t)
        if t in self._output:
            if self._sim.on_card:
                writer.snapshot_later(self._output[t], lambda: fields.snapshot_later(self._sim))
            else:
                writer.snapshot(self._output[t], fields.snapshot(self._sim))
        self._taken += 1

    def _take_gauges(self, t: float) -> None:
        self.gauges.times.append(t)
        if not self._gauge_rows.size:
            return
        r, c = self._gauge_rows, self._gauge_cols
        depth = self._sim.depth[r, c].astype(float)
        speed = fields.speed_at(self._sim, r, c)
        values = np.stack([depth, depth + self._built.domain.ground[r, c], speed], axis=1).ravel()
        for column, value in zip(self.gauges.columns.values(), values, strict=True):
            column.append(float(value))

    def _take_sections(self, t: float) -> None:
        since = t - self.sections.times[-1] if self.sections.times else 0.0
        self.sections.times.append(t)
        passed = self._sim.section_volumes()
        rate = (passed - self._passed) / since if since > 0 else np.zeros_like(passed)
        self._passed = passed
        for column, value in zip(self.sections.columns.values(), np.stack([rate, passed], axis=1).ravel(), strict=True):
            column.append(float(value))


def _table(series: Series) -> np.ndarray:
    """Times and columns as rows of one array."""
    return np.array([series.times, *series.columns.values()], float).reshape(1 + len(series.columns), -1)
