"""The clock and the state: advances the flow from one event to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.backends.cpu.engine import CpuEngine
from flood_sim.backends.layout import BARRIER_M, allocate_maxima, allocate_state, make_spans
from flood_sim.errors import UnstableRun
from flood_sim.kernels.constants import G
from flood_sim.kernels.time_step import SLOWEST, entering_step, steps_to, supply_step, wave_step
from flood_sim.solver.border import Faces, OpenBorder, bed_slopes, border_faces, meter_of
from flood_sim.solver.border_checks import check_border
from flood_sim.solver.checks import check_device, check_memory, check_settings, identity
from flood_sim.solver.domain import Domain
from flood_sim.solver.forcing import Forcing
from flood_sim.solver.laws import Laws
from flood_sim.solver.ledger import Ledger

if TYPE_CHECKING:
    from flood_sim.backends.cuda.engine import CudaEngine
    from flood_sim.backends.cuda.staging import Frozen
    from flood_sim.solver.on_card import OnCard

CHANGING = ("h", "residual", "u", "v", "qx", "qy")
"""What of the state a step changes; the rest follows from the domain and the time."""
INNER = (slice(1, -1), slice(1, -1))
ROWS_AT_ONCE = 64
"""Rows of an array that are computed in float64 at a time."""
CHECK_EVERY = 64
"""Steps between two looks for values that are not finite."""
ABSURD_SPEED = 1.0e3
"""m/s; a wave this fast needs 50 km of head: the computation has left physics."""


class Simulation:
    """One flow on one domain.

    threshold: depth for arrival and wet time, m. sections: groups of faces whose
    discharge is metered. device: "cpu" or "cuda". The time step is C dx / max(|u| + sqrt(g h)), C <= 0.6.
    """

    def __init__(
        self, domain: Domain, *, courant: float = 0.6, max_step: float = 5.0, threshold: float = 0.1,
        threads: int | None = None, record: bool = True, sections: tuple[Faces, ...] = (), dtype: type = np.float32, device: str = "cpu",
    ) -> None:  # fmt: skip
        check_settings(
            courant=courant, max_step=max_step, threshold=threshold, threads=threads, dtype=dtype, device=device
        )
        check_device(device, domain, record=record)
        self.domain = domain
        self.t = 0.0
        self.steps = 0
        self.shortest_step = math.inf
        self._courant, self._max_step = courant, max_step
        self.threshold = dtype(threshold)
        self._type = dtype
        ny, nx = domain.active.shape
        self.state = allocate_state(ny, nx, dtype)
        self._fill_state()
        faces = border_faces(domain.active, domain.outside)
        parts = list(domain.parts)
        owner = domain.owner if parts else np.full(faces.size, -1)
        check_border(faces, owner, parts, domain.ground)
        self.border = OpenBorder(
            faces, owner, parts, bed_slopes(faces, domain.ground, domain.active, domain.cell), domain.cell,
            domain.active, domain.datum, dtype, domain.sills,
        )  # fmt: skip
        self._groups, self._sections = len(parts), len(sections)
        self.meter = meter_of([self.border.faces.take(self.border.owner == k) for k in range(self._groups)]
                              + list(sections), dtype)  # fmt: skip
        self.maxima = allocate_maxima(ny, nx, dtype) if record else allocate_maxima(1, 1, dtype)
        if record:
            self.maxima.h[:] = self.state.h
            # cells that begin wet: arrived at 0, and their spell begins at 0
            self.maxima.arrival[self.state.h >= self.threshold] = 0.0
        if domain.laws:
            _ = self._identity  # taken now: a law may change the roughness of the state
        self.laws = Laws(domain, self.state)
        self.forcing = Forcing(domain, self.state.source, self.laws.springs)
        volume = float(self.state.h[INNER].sum(dtype=np.float64)) * domain.cell**2
        self.ledger = Ledger(initial_m3=volume, stored_m3=volume)
        self.fastest = math.sqrt(G * float(self.state.h.max(initial=0.0)))
        self.dt_before = 0.0
        self._card: OnCard | None = None
        if device == "cuda":
            from flood_sim.solver.on_card import OnCard  # imports numba.cuda

            self._card = OnCard(self, courant=courant, max_step=max_step, absurd=ABSURD_SPEED, record=record)
        else:
            self._cpu = CpuEngine(
                self.state, self.border.arrays, self.maxima, make_spans(np.pad(domain.active, 1)), self.meter, domain.cell,
                record=record, threshold=threshold, threads=threads,
                areas=[*((i.rows + 1, i.cols + 1) for i in domain.inflows), *self.laws.springs],
            )  # fmt: skip

    @property
    def engine(self) -> CpuEngine | CudaEngine:
        """What computes."""
        return self._card.engine if self._card else self._cpu

    def _fill_state(self) -> None:
        s, d = self.state, self.domain
        datum = d.datum
        s.z[:] = float(d.ground.max(where=d.active, initial=datum)) - datum + BARRIER_M
        # where no water can be, gn2 and h stay 0: a border face takes the roughness of its one cell
        for first in range(0, d.active.shape[0], ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            wet, inner = d.active[rows], slice(first + 1, first + 1 + d.active[rows].shape[0])
            np.copyto(s.z[inner, 1:-1], d.ground[rows] - np.float64(datum), where=wet, casting="same_kind")
            manning = d.manning[rows].astype(np.float64)
            np.copyto(s.gn2[inner, 1:-1], G * manning**2, where=wet, casting="same_kind")
            if d.depth is not None:
                np.copyto(s.h[inner, 1:-1], d.depth[rows], where=wet, casting="same_kind")

    # -- time ---------------------------------------------------------------

    def advance(self, target: float, tick: Callable[[], None] = lambda: None) -> None:
        """Step until the clock shows exactly `target` seconds; `tick` runs after every step, or every few on a card."""
        while self.t < target:
            fresh = self.forcing.begin(self.t)
            end = min(target, self.forcing.until, self.border.valid_until(self.t))
            if self._card:
                self._card.advance(end, fresh, tick)
                if self.engine.lost:
                    break
            else:
                if fresh:
                    self._cpu.rouse()
                self._advance(end, self._cpu)
                tick()
        self.check()

    def _advance(self, end: float, engine: CpuEngine) -> None:
        """One step on the CPU."""
        remaining = end - self.t
        count = steps_to(remaining, self._longest_step(remaining))
        # the kernel's float32 time step is the one that is booked
        dt = float(self._type(remaining / count))
        a, b = self.t, self.t + dt
        poured = self.forcing.pour(a, b)
        self.laws.act(a, dt)
        self.border.set_values(a, b)
        fastest = engine.step(dt, b, self.dt_before)
        # asleep or awake, a film has the same wave
        self.fastest = max(SLOWEST, fastest) if math.isfinite(fastest) else fastest
        self.dt_before = dt
        self.t = end if count == 1 else b
        self.steps += 1
        self.shortest_step = min(self.shortest_step, dt)
        self.book(dt, poured * dt)
        if self.steps % CHECK_EVERY == 0 or not self.fastest < ABSURD_SPEED:
            self.check()

    def _longest_step(self, ahead: float) -> float:
        """Courant limit for the waves there are and for those that the supply may raise."""
        reach = self._courant * self.domain.cell
        dt = min(self._max_step, wave_step(reach, self.fastest))
        soon = self.t + min(dt, ahead)
        supply = self.forcing.supply_between(self.t, soon) + self.laws.supply(self.t)
        if supply > 0.0:
            dt = min(dt, supply_step(reach, supply))
        entering = self.border.entering(self.t, soon)
        return min(dt, entering_step(reach, entering)) if entering > 0.0 else dt

    def book(self, rained_s: float, poured_m3: float) -> None:
        """Enter rain over so many seconds at the present rate, and what area inflows gave."""
        area = self.domain.cell**2
        self.ledger.rain_m3 += self.forcing.fall.rain * rained_s * area
        self.ledger.roof_m3 += self.forcing.fall.roofs * rained_s * area
        self.ledger.inflow_m3 += poured_m3

    # -- going on -------------------------------------------------------------

    def memory(self) -> dict[str, np.ndarray]:
        """All that going on with the same bits needs; views, valid until the next step."""
        self.fetch(*CHANGING, "maxima", "volume")
        clock = [self.t, self.steps, self.shortest_step, self.fastest, self.dt_before]
        arrays = {name: getattr(self.state, name) for name in CHANGING}
        maxima = {f"max_{name}": array for name, array in self.maxima._asdict().items()}
        numbers = {"clock": np.array(clock), "ledger": np.array(astuple(self.ledger)), "volume": self.meter.volume}
        numbers["domain"] = self._identity
        return {
            **arrays,
            **maxima,
            **numbers,
            **self.laws.memory(),
            **(self._card.engine.memory() if self._card else {}),
        }

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        """Take back what `memory` gave, of this Simulation or one of the same domain and settings; else CheckpointError."""
        check_memory(self._identity, memory)
        for name in CHANGING:
            getattr(self.state, name)[:] = memory[name]
        for name, array in self.maxima._asdict().items():
            array[:] = memory[f"max_{name}"]
        self.laws.restore(memory)
        self.meter.volume[:] = memory["volume"]
        self.ledger = Ledger(*memory["ledger"].tolist())
        self.t, steps, self.shortest_step, self.fastest, self.dt_before = memory["clock"].tolist()
        self.steps = int(steps)
        self.forcing.forget()
        if self._card:
            self._card.restore(memory)
        else:
            self._cpu.rouse()

    @property
    def memory_bytes(self) -> int:
        """About what `memory` takes; nothing is fetched for it."""
        return sum(array.nbytes for array in (*(getattr(self.state, name) for name in CHANGING), *self.maxima))

    @cached_property
    def _identity(self) -> np.ndarray:
        return identity(self.domain, self.state, self.maxima, self.meter, float(self.threshold))

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
        if not self.fastest < ABSURD_SPEED:
            row, col, speed = self.engine.fastest_cell()
            raise UnstableRun(
                f"flow faster than physics allows after {self.t:.1f} s of simulated time",
                where=self.domain.place(row, col), value=f"{speed:.0f} m/s", allowed=f"below {ABSURD_SPEED:.0f} m/s",
                hint="Check the ground and the inflow there",
            )  # fmt: skip

    def fetch(self, *names: str) -> None:
        """Make the named arrays of the state, "maxima" or the "volume" of the meter those of the present time."""
        if self._card:
            self._card.fetch(*names)

    @property
    def on_card(self) -> bool:
        """Whether the flow goes on by itself on a card, so that outputs can be copied out beside it."""
        return self._card is not None

    def freeze(self) -> Frozen:
        """Depth and discharges of this moment, on their way from the card to the host."""
        assert self._card is not None
        return self._card.engine.freeze()

    def _survey(self) -> tuple[float, float]:
        """Water there is, m3, and its largest depth, m."""
        if self._card:
            volume, deepest = self._card.survey()
        else:
            h, residual = self.state.h[INNER], self.state.residual[INNER]
            volume = float(h.sum(dtype=np.float64) - residual.sum(dtype=np.float64))
            deepest = float(h.max())
        return volume * self.domain.cell**2, deepest

    @property
    def deepest(self) -> float:
        """Largest depth now, m."""
        return self._survey()[1]

    def balance(self) -> Ledger:
        """The ledger brought up to date."""
        stored, _ = self._survey()
        self.fetch("volume")
        volume = self.meter.volume[: self._groups]
        lines = {"inflow_m3": float(volume[:, 1].sum()), **self.laws.booked()}
        whole = {name: getattr(self.ledger, name) + volume for name, volume in lines.items()}
        return replace(self.ledger, **{**whole, "outflow_m3": float(volume[:, 0].sum()), "stored_m3": stored})

    def border_volumes(self) -> np.ndarray:
        """Volume out of and into the model through each part of the border since the start, m3, (parts, 2)."""
        self.fetch("volume")
        return self.meter.volume[: self._groups].copy()

    def section_volumes(self) -> np.ndarray:
        """Net volume through each section since the start, m3, positive from left to right."""
        self.fetch("volume")
        volume = self.meter.volume[self._groups : self._groups + self._sections]
        return volume[:, 0] - volume[:, 1]

    @property
    def depth(self) -> np.ndarray:
        """Depth (ny, nx), m, a view."""
        self.fetch("h")
        return self.state.h[INNER]
