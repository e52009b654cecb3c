"""Inlets, storages and manholes in force on one state: Acting laws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.backends.cpu.exchange import store, swallow
from flood_sim.solver.springs import Springs

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.points import Inlets, Manholes, Storages

NOWHERE = (np.empty(0, np.int64), np.empty(0, np.int64))
LONGEST_STEP = 60.0
"""s ahead that are looked at for the largest discharge of a manhole; no Scenario allows a longer step."""


class InletFlow:
    """taken: since the start, m3."""

    springs = NOWHERE

    def __init__(self, law: Inlets, domain: Domain, state: State) -> None:
        self._state, self._cell = state, domain.cell
        nx = domain.active.shape[1]
        flat, count = np.unique(law.rows * nx + law.cols, return_counts=True)
        self._cells = flat // nx + 1, flat % nx + 1
        self._times = count * float(law.open_share)
        self._curve = law.depths.astype(np.float64), law.rates.astype(np.float64)
        self.taken = np.zeros(1)

    def supply(self, t: float) -> float:
        return 0.0

    def act(self, t: float, dt: float) -> None:
        self.taken += swallow(self._state, *self._cells, *self._curve, self._times, dt, self._cell)

    def booked(self) -> Mapping[str, float]:
        return {"sewer_inlets_m3": float(self.taken[0])}

    def memory(self) -> dict[str, np.ndarray]:
        return {"taken": self.taken}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        self.taken[:] = memory["taken"]


class StorageFlow:
    """held: of each storage, in the order of the description, m3."""

    springs = NOWHERE

    def __init__(self, law: Storages, domain: Domain, state: State) -> None:
        self._law, self._state, self._cell = law, state, domain.cell
        self.held = np.zeros(len(law.storages))

    def supply(self, t: float) -> float:
        return 0.0

    def act(self, t: float, dt: float) -> None:
        for k, storage in enumerate(self._law.storages):
            volume = min(storage.rate * dt, storage.volume - self.held[k])
            if volume > 0.0:
                self.held[k] += store(self._state, storage.rows + 1, storage.cols + 1, volume, self._cell)

    def booked(self) -> Mapping[str, float]:
        return {"storages_m3": float(self.held.sum())}

    def memory(self) -> dict[str, np.ndarray]:
        return {"held": self.held}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        self.held[:] = memory["held"]


class ManholeFlow:
    """given: since the start, m3."""

    def __init__(self, law: Manholes, domain: Domain, state: State) -> None:
        self._state, self._area = state, domain.cell**2
        self._times, self._discharge = law.times, law.discharge
        parts = np.diff(law.times)[:, None] * law.discharge.mean(axis=1)
        self._sums = np.concatenate([np.zeros((1, law.rows.size)), np.cumsum(parts, axis=0)])
        self._points = Springs(law.rows, law.cols, domain.active.shape)
        self.springs = self._points.cells
        self.given = np.zeros(1)

    def supply(self, t: float) -> float:
        first = max(int(np.searchsorted(self._times, t, side="right")) - 1, 0)
        last = int(np.searchsorted(self._times, t + LONGEST_STEP))
        ahead = self._discharge[first:last]  # the intervals that a step from t may touch
        return self._points.largest(ahead.max(axis=(0, 1)) / self._area) if len(ahead) else 0.0

    def act(self, t: float, dt: float) -> None:
        volume = self._until(t + dt) - self._until(t)
        self.given += self._points.add(self._state.source, volume / (dt * self._area)) * dt * self._area

    def _until(self, t: float) -> np.ndarray:
        """What has come up until t at each manhole, m3."""
        t = min(max(t, self._times[0]), self._times[-1])
        k = min(int(np.searchsorted(self._times, t, side="right")) - 1, self._times.size - 2)
        past, (begin, end) = t - self._times[k], self._discharge[k]
        share = past / (self._times[k + 1] - self._times[k])
        return np.asarray(self._sums[k] + past * (begin + 0.5 * share * (end - begin)))

    def booked(self) -> Mapping[str, float]:
        return {"manholes_m3": float(self.given[0])}

    def memory(self) -> dict[str, np.ndarray]:
        return {"given": self.given}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        self.given[:] = memory["given"]
