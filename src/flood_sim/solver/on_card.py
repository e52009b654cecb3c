"""The flow on a CUDA card: hands the engine what drives it, and follows what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.backends.cuda import layout
from flood_sim.backends.cuda.engine import CudaEngine
from flood_sim.backends.layout import Segment
from flood_sim.errors import DeviceError
from flood_sim.kernels.boundary import DISCHARGE

if TYPE_CHECKING:
    from flood_sim.solver.simulation import Simulation


class OnCard:
    """Advances a Simulation on the card; the Simulation's own arrays follow only when they are fetched."""

    def __init__(self, sim: Simulation, *, courant: float, max_step: float, absurd: float, record: bool) -> None:
        self._sim, self._border, self._inflows = sim, sim.border, sim.domain.inflows
        d = sim.domain
        if sim.state.h.dtype != np.float32:
            raise DeviceError("a CUDA card computes in single precision only", value=sim.state.h.dtype)
        self._entering = [(k, s) for k, part, s in self._border.changing if part.kind == DISCHARGE]
        self.engine = CudaEngine(
            sim.state, self._border.arrays, sim.maxima, sim.meter, np.pad(d.active, 1), d.cell,
            areas=[(i.rows + 1, i.cols + 1) for i in self._inflows], entering=len(self._entering), record=record,
            threshold=float(sim.threshold), courant=courant, max_step=max_step, absurd=absurd,
        )  # fmt: skip
        self._poured = tuple(k - 1 for k in np.unravel_index(self.engine.poured, sim.state.h.shape))
        self._segment: Segment | None = None
        self.upload()

    def advance(self, end: float, fresh: bool, tick: Callable[[], None]) -> None:
        """Step to `end`, before which neither rain nor a series changes; fresh: the rain is another than before."""
        forcing = self._sim.forcing
        if self._segment is None or not self._segment.begin <= self._sim.t < self._segment.until:
            self._segment = self._segment_at(self._sim.t)
        self._booked = (0.0, 0.0)

        def follow() -> None:
            self.follow()
            tick()

        self.engine.advance(
            end,
            self._segment,
            forcing.fall.heaviest,
            forcing.rain_at(*self._poured),
            forcing.source if fresh else None,
            follow,
        )
        self.follow()

    def fetch(self, *names: str) -> None:
        """Bring the named arrays to the host, and the Simulation to the same moment."""
        self.engine.fetch(*names)
        self.follow()

    def survey(self) -> tuple[float, float]:
        """As engine.survey, the Simulation brought to the same moment."""
        found = self.engine.survey()
        self.follow()
        return found

    def upload(self) -> None:
        """Make the Simulation's arrays and clock those of the card."""
        sim = self._sim
        self.engine.upload(
            t=sim.t, steps=sim.steps, fastest=sim.fastest, dt_before=sim.dt_before, shortest=sim.shortest_step
        )
        self._booked = (0.0, 0.0)

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        """Go on from a Simulation whose own arrays are restored already."""
        self.upload()
        if "passed" in memory:  # else it was computed on a CPU until now
            self.engine.restore(memory)

    def follow(self) -> None:
        """Let the Simulation know the clock last seen, and book what came since."""
        sim, clock = self._sim, self.engine.seen.clock
        rained, poured = float(clock[layout.RAINED_S]), float(clock[layout.POURED_M3])
        sim.book(rained - self._booked[0], poured - self._booked[1])
        self._booked = (rained, poured)
        sim.t, sim.steps = float(clock[layout.T]), int(clock[layout.STEPS])
        sim.shortest_step, sim.fastest = float(clock[layout.SHORTEST]), float(clock[layout.FASTEST])
        sim.dt_before = float(clock[layout.DT_BEFORE])

    def _segment_at(self, t: float) -> Segment:
        """The longest time around t in which no series has a kink: the same one wherever in it a run goes on."""
        series = [s for _, _, s in self._border.changing] + [i.discharge for i in self._inflows]
        a = max((s.valid_since(t) for s in series), default=0.0)
        b = min((s.valid_until(t) for s in series), default=np.inf)
        a = a if np.isfinite(a) else 0.0
        b = b if np.isfinite(b) else a + 1.0  # constant from here on
        area = self._sim.domain.cell**2
        poured = np.array([i.discharge.ends(a, b) for i in self._inflows]).reshape(-1, 2)
        sizes = np.array([i.rows.size for i in self._inflows]).reshape(-1, 1)
        entering = [np.array(s.ends(a, b)) / self._border.width_of(k) for k, s in self._entering]
        return Segment(
            a, b, self._border.ends(a, b), poured / (sizes * area), poured.sum(axis=0).reshape(1, 2),
            np.array(entering).reshape(-1, 2),
        )  # fmt: skip
