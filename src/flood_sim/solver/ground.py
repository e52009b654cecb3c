"""Losses of the ground: what wets it, seeps into it, runs into the sewer below it, and how rough it is for its depth.

Described by zones, few kinds of ground with the same parameters; each cell
names its zone. `solver.losing` puts it into force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.series import LARGEST

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.laws import Acting

Infiltration = Literal["none", "horton", "green_ampt", "curve_number"]
KINDS: tuple[Infiltration, ...] = ("none", "horton", "green_ampt", "curve_number")


@dataclass(frozen=True)
class Zones:
    """Parameters of n kinds of ground, one entry each, float64 (n,), SI.

    wetting: initial loss (wetting and hollows), m. unsealed: share 0 to 1 of the cell that takes
    water in. a, b, c are those of the kind of infiltration:

    - horton: f = b + (a - b) exp(-c t), a = f0 and b = fc <= f0 in m/s, c = k in 1/s; a constant rate has a = b;
    - green_ampt: a = K, conductivity, m/s; b = psi dtheta, suction times what the soil can fill, m;
    - curve_number: a = S, retention, m; b = Ia, initial abstraction, m.

    flat: taken off the rain while it rains, m/s. capacity: of the sewer, m/s, for
    what stands above threshold, m. river: 1 where all water leaves at once, else 0. shallow, deep:
    Manning's n up to SHALLOW_M and from DEEP_M on, linear between; read only where it is to depend on the depth.
    """

    wetting: np.ndarray
    unsealed: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    flat: np.ndarray
    capacity: np.ndarray
    threshold: np.ndarray
    river: np.ndarray
    shallow: np.ndarray
    deep: np.ndarray

    @staticmethod
    def of(n: int = 1, **given: float | np.ndarray) -> Zones:
        """n zones with what is given, one number for all or one each; all other parameters are 0."""
        named = [f.name for f in fields(Zones)]
        made = {name: np.broadcast_to(np.asarray(given.pop(name, 0.0), np.float64), n).copy() for name in named}
        if given:
            raise ScenarioError(
                "is no parameter of the ground", where="Zones", value=", ".join(given), allowed=", ".join(named)
            )
        return Zones(**made)

    @property
    def size(self) -> int:
        return len(self.wetting)


@dataclass(frozen=True)
class Ground:
    """The losses of the ground as a Law.

    zone: index of the zone of each cell, uint8 or uint16 (ny, nx), also where
    no water can be. depth_dependent: Manning's n follows the depth, in place of `Domain.manning`.
    """

    zone: np.ndarray
    zones: Zones
    infiltration: Infiltration = "none"
    depth_dependent: bool = False

    @property
    def name(self) -> str:
        return "losses of the ground"

    def check(self, domain: Domain) -> None:
        """ScenarioError for zones that do not fit the domain, or parameters that no computation survives."""
        if self.zone.shape != domain.active.shape:
            raise ScenarioError(
                "has another shape than the mask of active cells", where="Ground.zone", value=self.zone.shape,
                allowed=str(domain.active.shape),
            )  # fmt: skip
        if self.zone.dtype not in (np.uint8, np.uint16):
            raise ScenarioError("is no index", where="Ground.zone", value=str(self.zone.dtype), allowed="uint8, uint16")
        if int(self.zone.max()) >= self.zones.size:
            row, col = (int(k[0]) for k in np.nonzero(self.zone >= self.zones.size))
            raise ScenarioError(
                f"names a zone that is not described, first at {domain.place(row, col)}", where="Ground.zone",
                value=int(self.zone[row, col]), allowed=f"0 to {self.zones.size - 1}",
            )  # fmt: skip
        if self.infiltration not in KINDS:
            raise ScenarioError(
                "is no kind of infiltration", where="Ground.infiltration", value=self.infiltration,
                allowed=", ".join(KINDS),
            )  # fmt: skip
        _check_zones(self.zones, self.infiltration, self.depth_dependent)

    def numbers(self) -> Iterable[np.ndarray]:
        yield np.array([KINDS.index(self.infiltration), self.depth_dependent], np.float64)
        yield self.zone
        yield from (np.asarray(getattr(self.zones, f.name), np.float64) for f in fields(self.zones))

    def start(self, domain: Domain, state: State) -> Acting:
        from flood_sim.solver.losing import Losing  # it needs the description

        return Losing(self, domain, state)


def _check_zones(zones: Zones, kind: Infiltration, depth_dependent: bool) -> None:
    """ScenarioError for a parameter out of range."""
    share = ("unsealed", "river")
    for f in fields(zones):
        values = getattr(zones, f.name)
        if not isinstance(values, np.ndarray) or values.shape != (zones.size,) or values.dtype != np.float64:
            raise ScenarioError(
                "is no list of one number for each zone", where=f"Zones.{f.name}",
                value=f"{getattr(values, 'dtype', type(values).__name__)} {np.shape(values)}",
                allowed=f"float64 ({zones.size},)",
            )  # fmt: skip
        highest, allowed = (1.0, "0 to 1") if f.name in share else (LARGEST, "0 or more, finite")
        _refuse(zones, f.name, (values >= 0.0) & (values <= highest), allowed)
    _refuse(zones, "river", (zones.river == 0.0) | (zones.river == 1.0), "0 or 1")
    if kind == "horton":
        _refuse(zones, "b", zones.b <= zones.a, "no more than the rate at the begin, a")
    if depth_dependent:
        _refuse(zones, "shallow", zones.shallow >= zones.deep, "no less than n in deep water")


def _refuse(zones: Zones, name: str, good: np.ndarray, allowed: str) -> None:
    if not good.all():
        k = int(np.flatnonzero(~good)[0])
        raise ScenarioError(
            f"is out of range in zone {k}", where=f"Zones.{name}", value=float(getattr(zones, name)[k]), allowed=allowed
        )
