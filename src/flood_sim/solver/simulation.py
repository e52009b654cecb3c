"""The clock and the state: advances the flow from one event to the next."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from flood_sim.backends.cpu.engine import CpuEngine
from flood_sim.backends.layout import BARRIER_M, allocate_maxima, allocate_state, make_spans
from flood_sim.errors import UnstableRun
from flood_sim.solver.border import Faces, OpenBorder, bed_slopes, border_faces, meter_of
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.ledger import Ledger

CHECK_EVERY = 64
"""Steps between two looks for values that are not finite."""
TORRENT = 1.0e-3
"""m/s of depth (3.6 m/h); below it the momentum of poured water does not matter, as with rain."""
TORRENT_STEP = 0.25
"""A torrent takes shorter steps: its dilution is of first order in time (at full steps the first peak was 16 % low)."""
ABSURD_SPEED = 1.0e3
"""m/s; a wave this fast needs 50 km of head: the computation has left physics."""


class Simulation:
    """One flow on one domain.

    threshold: depth for arrival and wet time, m. sections: groups of faces whose
    discharge is metered. The time step is C dx / max(|u| + sqrt(g h)), C <= 0.6.
    """

    def __init__(
        self, domain: Domain, *, courant: float = 0.6, max_step: float = 5.0, threshold: float = 0.1,
        threads: int | None = None, record: bool = True, sections: tuple[Faces, ...] = (), dtype: type = np.float32,
    ) -> None:  # fmt: skip
        self.domain = domain
        self.t = 0.0
        self.steps = 0
        self.shortest_step = math.inf
        self._courant, self._max_step = courant, max_step
        self.threshold = dtype(threshold)
        self._type = dtype
        ny, nx = domain.active.shape
        active = np.pad(domain.active, 1)
        self.state = allocate_state(ny, nx, dtype)
        self._fill_state(active)
        faces = border_faces(domain.active, domain.outside)
        parts = list(domain.parts)
        owner = domain.owner if parts else np.full(faces.size, -1)
        self.border = OpenBorder(
            faces, owner, parts, bed_slopes(faces, domain.ground, domain.active, domain.cell), domain.cell,
            domain.active, domain.datum, dtype,
        )  # fmt: skip
        self._groups, self._sections = len(parts), len(sections)
        self.meter = meter_of([self.border.faces.take(self.border.owner == k) for k in range(self._groups)]
                              + list(sections), dtype)  # fmt: skip
        self.maxima = allocate_maxima(ny, nx, dtype) if record else allocate_maxima(1, 1, dtype)
        if record:
            self.maxima.h[:] = self.state.h
            # cells that begin wet: arrived at 0, and their spell begins at 0
            self.maxima.arrival[self.state.h >= self.threshold] = 0.0
        self.engine = CpuEngine(
            self.state, self.border.arrays, self.maxima, make_spans(active), self.meter, domain.cell,
            record=record, threshold=threshold, threads=threads,
        )  # fmt: skip
        self._rain_cells = domain.cells * domain.cell**2
        self._roof_cells = float(domain.rain_weight.sum()) * domain.cell**2 - self._rain_cells
        self.ledger = Ledger()
        self.ledger.initial_m3 = self.ledger.stored_m3 = self._stored()
        self._fastest = math.sqrt(9.81 * float(self.state.h.max(initial=0.0)))
        self._source_until = -1.0

    def _fill_state(self, active: np.ndarray) -> None:
        s, d = self.state, self.domain
        inner = (slice(1, -1), slice(1, -1))
        relief = np.where(d.active, d.ground - d.datum, 0.0)
        s.z[:] = relief.max() + BARRIER_M
        s.z[inner][d.active] = relief[d.active]
        s.gn2[inner] = np.where(d.active, 9.81 * d.manning**2, 0.0)
        # a border face takes the roughness of its one cell
        s.gn2[~active] = 0.0
        if d.depth is not None:
            s.h[inner] = np.where(d.active, d.depth, 0.0)

    # -- time ---------------------------------------------------------------

    def advance(self, target: float, tick: Callable[[], None] = lambda: None) -> None:
        """Step until the clock shows exactly `target` seconds; `tick` runs after every step."""
        while self.t < target:
            self._set_source()
            end = min(target, self._source_until, self.border.valid_until(self.t))
            remaining = end - self.t
            count = max(1, math.ceil(remaining / self._longest_step(remaining) - 1e-9))
            # the kernel's float32 time step is the one that is booked
            dt = float(self._type(remaining / count))
            self._step(dt)
            self.t = end if count == 1 else self.t + dt
            tick()
        self.check()

    def _longest_step(self, ahead: float) -> float:
        """Courant limit for the waves there are and for those that the supply may raise."""
        dx = self.domain.cell
        reach = self._courant * dx
        dt = min(self._max_step, reach / max(self._fastest, 1e-6))
        soon = self.t + min(dt, ahead)
        supply = self._supply + sum(self._inflow_rate(inflow, self.t, soon) for inflow in self.domain.inflows)
        if supply > 0.0:
            # depth supply*dt runs at sqrt(g supply dt); it must not cross more than the reach
            limit = (reach * reach / (9.81 * supply)) ** (1 / 3)
            dt = min(dt, limit * TORRENT_STEP if supply > TORRENT else limit)
        forced = self.border.forced_wave(self.t, soon)
        return min(dt, reach / forced) if forced > 0.0 else dt

    def _set_source(self) -> None:
        """The source array (m/s): rain, whenever its intensity changes, and inflow over areas."""
        d, s = self.domain, self.state
        if self.t >= self._source_until:
            self._rate = d.rain.at(self.t)
            self._source_until = d.rain.valid_until(self.t)
            s.source[1:-1, 1:-1] = self._rate * d.rain_weight
            self._supply = self._rate * float(d.rain_weight.max())
        for inflow in d.inflows:
            self._source_until = min(self._source_until, inflow.discharge.valid_until(self.t))

    def _step(self, dt: float) -> None:
        a, b = self.t, self.t + dt
        self._pour(a, b, dt)
        self.border.set_values(a, b)
        self._fastest = self.engine.step(dt, b)
        self.steps += 1
        self.shortest_step = min(self.shortest_step, dt)
        self.ledger.rain_m3 += self._rate * dt * self._rain_cells
        self.ledger.roof_m3 += self._rate * dt * self._roof_cells
        if self.steps % CHECK_EVERY == 0 or not self._fastest < ABSURD_SPEED:
            self.check()

    def _inflow_rate(self, inflow: AreaInflow, a: float, b: float) -> float:
        """Mean depth that an inflow adds to each of its cells from a to b, m/s."""
        return inflow.discharge.mean(a, b) / (inflow.rows.size * self.domain.cell**2)

    def _pour(self, a: float, b: float, dt: float) -> None:
        d, s = self.domain, self.state
        for inflow in d.inflows:
            s.source[inflow.rows + 1, inflow.cols + 1] = self._rate * d.rain_weight[inflow.rows, inflow.cols]
        for inflow in d.inflows:  # areas may overlap
            s.source[inflow.rows + 1, inflow.cols + 1] += self._inflow_rate(inflow, a, b)
            self.ledger.inflow_m3 += inflow.discharge.mean(a, b) * dt

    # -- looking ------------------------------------------------------------

    def check(self) -> None:
        """Raise UnstableRun where a value is not finite or a wave faster than physics allows."""
        bad = self.engine.first_not_finite()
        if bad is not None:
            name, row, col, value = bad
            raise UnstableRun(
                f"{name} is not finite after {self.t:.1f} s of simulated time", where=self.domain.place(row, col),
                value=value, hint="Check the ground and the inflow there; a lower numerics.courant may help",
            )  # fmt: skip
        if not self._fastest < ABSURD_SPEED:
            row, col, speed = self.engine.fastest_cell()
            raise UnstableRun(
                f"flow faster than physics allows after {self.t:.1f} s of simulated time",
                where=self.domain.place(row, col), value=f"{speed:.0f} m/s", allowed=f"below {ABSURD_SPEED:.0f} m/s",
                hint="Check the ground and the inflow there",
            )  # fmt: skip

    def _stored(self) -> float:
        s = self.state
        inner = (slice(1, -1), slice(1, -1))
        volume = s.h[inner].sum(dtype=np.float64) - s.residual[inner].sum(dtype=np.float64)
        return float(volume) * self.domain.cell**2

    def balance(self) -> Ledger:
        """The ledger brought up to date."""
        volume = self.meter.volume[: self._groups]
        return replace(
            self.ledger,
            inflow_m3=self.ledger.inflow_m3 + float(volume[:, 1].sum()),
            outflow_m3=float(volume[:, 0].sum()),
            stored_m3=self._stored(),
        )

    def section_volumes(self) -> np.ndarray:
        """Net volume through each section since the start, m3, positive from left to right."""
        volume = self.meter.volume[self._groups : self._groups + self._sections]
        return volume[:, 0] - volume[:, 1]

    @property
    def depth(self) -> np.ndarray:
        """Depth (ny, nx), m, a view."""
        return self.state.h[1:-1, 1:-1]
