"""Roofs whose rain does not run to the ground around at once: to the sewer, or held by a green roof first.

Such rain is supplied beside `Domain.rain_weight`, which does not hold it: the ledger counts all of it as
roof water that came, and then says where it went.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.checks import check_cells
from flood_sim.solver.rain_field import RainOnGrid, falling
from flood_sim.solver.series import LARGEST, Steps
from flood_sim.solver.springs import Springs

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.laws import Acting

NOWHERE = (np.empty(0, np.int64), np.empty(0, np.int64))


class _Rain:
    """What falls on some cells (rows, cols) of the model, m/s, looked at only when the rain changes."""

    def __init__(self, rain: Steps | RainOnGrid, rows: np.ndarray, cols: np.ndarray) -> None:
        self._rain, self._cells = rain, (rows, cols)
        self._since, self._until = np.inf, -np.inf
        self.rates: np.ndarray = np.zeros(rows.size)
        self.total = 0.0

    def look(self, t: float) -> None:
        """Set `rates` of the cells, and their `total`, to what falls from t on."""
        if not self._since <= t < self._until:
            self._since, self._until = t, self._rain.valid_until(t)
            self.rates = np.broadcast_to(falling(self._rain, t).at(*self._cells), self._cells[0].shape)
            self.total = float(self.rates.sum())


@dataclass(frozen=True)
class SewerRoofs:
    """Law: rain on these roof cells (rows, cols, n; of the grid, with or without water) goes to the sewer."""

    rows: np.ndarray
    cols: np.ndarray

    @property
    def name(self) -> str:
        return "roofs to the sewer"

    def check(self, domain: Domain) -> None:
        ny, nx = domain.active.shape
        if ((self.rows < 0) | (self.rows >= ny) | (self.cols < 0) | (self.cols >= nx)).any():
            raise ScenarioError("lies beyond the grid", where=self.name, allowed=f"{ny} rows, {nx} columns")

    def numbers(self) -> Iterable[np.ndarray]:
        return (self.rows, self.cols)

    def start(self, domain: Domain, state: State) -> Acting:
        return SewerRoofFlow(self, domain)


class SewerRoofFlow:
    """In force. drained: since the start, m3."""

    springs = NOWHERE

    def __init__(self, law: SewerRoofs, domain: Domain) -> None:
        self._rain, self._area = _Rain(domain.rain, law.rows, law.cols), domain.cell**2
        self.drained = np.zeros(1)

    def supply(self, t: float) -> float:
        return 0.0

    def act(self, t: float, dt: float) -> None:
        self._rain.look(t)
        self.drained += self._rain.total * dt * self._area

    def booked(self) -> Mapping[str, float]:
        return {"roof_m3": float(self.drained[0]), "sewer_roofs_m3": float(self.drained[0])}

    def memory(self) -> dict[str, np.ndarray]:
        return {"drained": self.drained}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        self.drained[:] = memory["drained"]


@dataclass(frozen=True)
class GreenRoofs:
    """Law: green roofs. Once `storage` (m) of rain has fallen on an entry, its active cell gets weight times the rain.

    rows, cols: int64 (n,), cells that get what runs over; a cell may stand here more than once. weight: float64
    (n,), cells of roof per cell. storage: float64 (n,), m. Where rain varies, that of the cell that gets it counts.
    """

    rows: np.ndarray
    cols: np.ndarray
    weight: np.ndarray
    storage: np.ndarray

    @property
    def name(self) -> str:
        return "green roofs"

    def check(self, domain: Domain) -> None:
        check_cells(domain, self.name, self.rows, self.cols)
        for name in ("weight", "storage"):
            values = getattr(self, name)
            if values.shape != self.rows.shape or not ((values >= 0.0) & (values <= LARGEST)).all():
                raise ScenarioError(
                    f"its {name} is out of range, or not one number a cell", where=self.name, value=values.shape,
                    allowed=f"0 or more, {self.rows.shape}",
                )  # fmt: skip

    def numbers(self) -> Iterable[np.ndarray]:
        return (self.rows, self.cols, self.weight, self.storage)

    def start(self, domain: Domain, state: State) -> Acting:
        return GreenRoofFlow(self, domain, state)


class GreenRoofFlow:
    """In force. fallen: rain on each entry since the start, m. shed: by all of them, m3."""

    def __init__(self, law: GreenRoofs, domain: Domain, state: State) -> None:
        self._law, self._state, self._area = law, state, domain.cell**2
        self._rain = _Rain(domain.rain, law.rows, law.cols)
        self._cells = Springs(law.rows, law.cols, domain.active.shape)
        self.springs = self._cells.cells
        self.fallen = np.zeros(law.rows.size)
        self.shed = np.zeros(1)

    def supply(self, t: float) -> float:
        self._rain.look(t)
        return self._cells.largest(self._rain.rates * self._law.weight) if self._rain.total else 0.0

    def act(self, t: float, dt: float) -> None:
        self._rain.look(t)
        if not self._rain.total:
            return
        law = self._law
        after = self.fallen + self._rain.rates * dt
        over = np.maximum(after - law.storage, 0.0) - np.maximum(self.fallen - law.storage, 0.0)
        self.fallen[:] = after
        if over.any():
            self.shed += self._cells.add(self._state.source, law.weight * over / dt) * dt * self._area

    def booked(self) -> Mapping[str, float]:
        # what the roofs hold is counted by itself: never more than their storage
        held = float((np.minimum(self.fallen, self._law.storage) * self._law.weight).sum()) * self._area
        return {"roof_m3": held + float(self.shed[0]), "green_roofs_m3": held}

    def memory(self) -> dict[str, np.ndarray]:
        return {"fallen": self.fallen, "shed": self.shed}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        self.fallen[:] = memory["fallen"]
        self.shed[:] = memory["shed"]
