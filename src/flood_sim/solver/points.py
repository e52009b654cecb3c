"""Points that take water from the ground or bring it up: inlets, storages, manholes.

Described here; `solver.point_flow` puts them into force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.checks import check_cells, check_once
from flood_sim.solver.series import LARGEST

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.laws import Acting


@dataclass(frozen=True)
class Inlets:
    """Law: inlets that swallow by depth.

    rows, cols: int64 (n,), one entry a point; several in one cell add up.
    depths (m, beginning with 0) and rates (m3/s of one inlet, beginning with 0): linear between, constant above.
    open_share: 1 less the blocked share.
    """

    rows: np.ndarray
    cols: np.ndarray
    depths: np.ndarray
    rates: np.ndarray
    open_share: float = 1.0

    @property
    def name(self) -> str:
        return "inlets"

    def check(self, domain: Domain) -> None:
        check_cells(domain, "inlets", self.rows, self.cols)
        d, r = self.depths, self.rates
        if d.size < 2 or d.shape != r.shape or d[0] != 0.0 or r[0] != 0.0:
            raise ScenarioError(
                "the curve must have as many rates as depths and begin with 0, 0", where="inlets",
                value=f"{d.size} depths, {r.size} rates",
            )  # fmt: skip
        if not ((np.diff(d) > 0.0).all() and (np.diff(r) >= 0.0).all() and d[-1] <= LARGEST and r[-1] <= LARGEST):
            raise ScenarioError("depths must rise and rates must not fall", where="inlets", value=f"{d}, {r}")
        if not 0.0 <= self.open_share <= 1.0:
            raise ScenarioError(
                "the open share is out of range", where="inlets", value=self.open_share, allowed="0 to 1"
            )

    def numbers(self) -> Iterable[np.ndarray]:
        return (self.rows, self.cols, self.depths, self.rates, np.array([self.open_share]))

    def start(self, domain: Domain, state: State) -> Acting:
        from flood_sim.solver.point_flow import InletFlow  # it needs the description

        return InletFlow(self, domain, state)


@dataclass(frozen=True)
class Storage:
    """Takes water from its cells at up to `rate` (m3/s, all cells together) until it holds `volume` (m3)."""

    id: str
    rows: np.ndarray
    cols: np.ndarray
    volume: float
    rate: float


@dataclass(frozen=True)
class Storages:
    """Law: storages, each with its own cells; what they hold stays in them."""

    storages: tuple[Storage, ...]

    @property
    def name(self) -> str:
        return "storages"

    def check(self, domain: Domain) -> None:
        for storage in self.storages:
            where = f"storage {storage.id}"
            check_cells(domain, where, storage.rows, storage.cols)
            check_once(domain, where, storage.rows, storage.cols)
            for name in ("volume", "rate"):
                value = getattr(storage, name)
                if not 0.0 <= value <= LARGEST:
                    raise ScenarioError(f"its {name} is out of range", where=where, value=value, allowed="0 or more")

    def numbers(self) -> Iterable[np.ndarray]:
        for storage in self.storages:
            yield from (storage.rows, storage.cols, np.array([storage.volume, storage.rate]))

    def start(self, domain: Domain, state: State) -> Acting:
        from flood_sim.solver.point_flow import StorageFlow  # it needs the description

        return StorageFlow(self, domain, state)


@dataclass(frozen=True)
class Manholes:
    """Law: water that comes up at n points.

    rows, cols: int64 (n,), several may lie in one cell. times: s (m + 1,), rising. discharge: m3/s (m, 2, n), at the
    begin and at the end of each interval between the times, linear in between; zero before and after all of them.
    """

    rows: np.ndarray
    cols: np.ndarray
    times: np.ndarray
    discharge: np.ndarray

    @property
    def name(self) -> str:
        return "manholes"

    def check(self, domain: Domain) -> None:
        check_cells(domain, "manholes", self.rows, self.cols)
        intervals = self.times.size - 1
        if self.times.ndim != 1 or intervals < 1 or self.discharge.shape != (intervals, 2, self.rows.size):
            raise ScenarioError(
                "each manhole needs a discharge at the begin and end of each interval", where="manholes",
                value=self.discharge.shape, allowed=str((intervals, 2, self.rows.size)),
            )  # fmt: skip
        if not ((np.diff(self.times) > 0.0).all() and (np.abs(self.times) <= LARGEST).all()):
            raise ScenarioError("times must rise", where="manholes", value=f"{self.times}")
        bad = ~((self.discharge >= 0.0) & (self.discharge <= LARGEST))
        if bad.any():
            k, end, n = (int(i[0]) for i in np.nonzero(bad))
            raise ScenarioError(
                f"the discharge of manhole {n + 1} at {self.times[k + end]:g} s is out of range", where="manholes",
                value=f"{self.discharge[k, end, n]:g} m3/s", allowed="0 or more, finite", hint="What a manhole swallows is an inlet",
            )  # fmt: skip

    def numbers(self) -> Iterable[np.ndarray]:
        return (self.rows, self.cols, self.times, self.discharge)

    def start(self, domain: Domain, state: State) -> Acting:
        from flood_sim.solver.point_flow import ManholeFlow  # it needs the description

        return ManholeFlow(self, domain, state)
