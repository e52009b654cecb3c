"""Water that the ground takes: closed forms, pools and rain they hold for, and a valley with every loss at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from flood_sim.cases.valley import valley
from flood_sim.solver.border import DISCHARGE, NORMAL, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground, Infiltration, Zones
from flood_sim.solver.series import Linear, Steps

MM_H = 1e-3 / 3600
"""m/s."""


def horton(t: float, f0: float, fc: float, k: float) -> float:
    """Water that soil took by time t (s) while it was covered throughout, m: Horton's rate, integrated."""
    return fc * t - (f0 - fc) / k * math.expm1(-k * t)


def green_ampt(t: float, conductivity: float, suction: float, taken: float = 0.0) -> float:
    """F of F - S ln((S + F) / (S + F0)) = F0 + K t, by bisection, m; taken = F0 at t = 0, suction = S = psi dtheta."""
    low, high = taken, taken + conductivity * t + 10 * math.sqrt(2 * suction * conductivity * t) + 1.0
    for _ in range(200):
        middle = (low + high) / 2
        reached = middle - taken - suction * math.log((suction + middle) / (suction + taken)) < conductivity * t
        low, high = (middle, high) if reached else (low, middle)
    return low


def ponding_time(rain: float, conductivity: float, suction: float) -> float:
    """When steady rain i > K begins to stand, s: t_p = K S / (i (i - K)), Mein and Larson (1973), doi:10.1029/WR009i002p00384."""
    return conductivity * suction / (rain * (rain - conductivity))


def retention(curve_number: float) -> float:
    """S of a curve number, m: 1000 / CN - 10 inches (TR-55, equation 2-4)."""
    return (1000.0 / curve_number - 10.0) * 0.0254


def level_ground(law: Ground | None, *, rain: Steps | None = None, depth: float = 0.0, shape: tuple[int, int] = (3, 20),
                 cell: float = 2.0) -> Domain:  # fmt: skip
    """Level ground between walls, on which nothing flows."""
    return Domain(
        np.zeros(shape), np.ones(shape, bool), cell, manning=np.full(shape, 0.05), depth=np.full(shape, depth),
        rain=rain or Steps(), laws=(law,) if law else (),
    )  # fmt: skip


def even(
    zones: Zones,
    infiltration: Infiltration = "none",
    *,
    shape: tuple[int, int] = (3, 20),
    depth_dependent: bool = False,
) -> Ground:
    """One kind of ground everywhere."""
    return Ground(np.zeros(shape, np.uint8), zones, infiltration, depth_dependent)


def mosaic(shape: tuple[int, int], infiltration: Infiltration = "horton", seed: int = 3) -> Ground:
    """Five kinds of ground in patches, with every loss; the last is a river."""
    rng = np.random.default_rng(seed)
    patches = rng.choice(5, (shape[0] // 5 + 1, shape[1] // 7 + 1), p=[0.3, 0.3, 0.2, 0.15, 0.05])
    zone = np.repeat(np.repeat(patches, 5, 0), 7, 1)[: shape[0], : shape[1]].astype(np.uint8)
    a, b, c = {
        "horton": (20 * MM_H, 3 * MM_H, 2 / 3600), "green_ampt": (3 * MM_H, 0.05, 0.0), "curve_number": (0.06, 0.005, 0.0),
        "none": (0.0, 0.0, 0.0),
    }[infiltration]  # fmt: skip
    zones = Zones.of(
        5, wetting=np.array([0.001, 0.003, 0.0, 0.002, 0.0]), unsealed=np.array([0.0, 1.0, 0.5, 0.8, 0.0]), a=a, b=b, c=c,
        flat=np.array([5.0, 0.0, 2.0, 0.0, 0.0]) * MM_H, capacity=np.array([10.0, 0.0, 25.0, 0.0, 0.0]) * MM_H,
        threshold=0.002, river=np.array([0.0, 0.0, 0.0, 0.0, 1.0]), shallow=np.array([0.02, 0.14, 0.08, 0.2, 0.03]),
        deep=np.array([0.02, 0.055, 0.04, 0.1, 0.03]),
    )  # fmt: skip
    return Ground(zone, zones, infiltration, True)


def lossy_valley(rows: int = 60, cols: int = 80, infiltration: Infiltration = "horton", river: bool = True) -> Domain:
    """The steep valley under 90 mm/h, then 20 mm/h, then none, on ground that takes water in every way."""
    domain = valley(rows, cols)
    law = mosaic(domain.active.shape, infiltration)
    if not river:
        law = replace(law, zones=replace(law.zones, river=np.zeros(5)))
    return replace(domain, rain=Steps((0.0, 333.3, 500.0), (90 * MM_H, 20 * MM_H)), laws=(law,))


@dataclass(frozen=True)
class RoughSheet:
    """Uniform flow of a depth (m) down a slope whose Manning's n follows the depth; x runs downhill, cells of 1 m."""

    depth: float
    slope: float = 0.02
    shallow: float = 0.1375
    deep: float = 0.055
    length: int = 60

    @property
    def n(self) -> float:
        """Manning's n at that depth: linear from `shallow` at 2 cm to `deep` at 10 cm."""
        return float(np.interp(self.depth, (0.02, 0.10), (self.shallow, self.deep)))

    @property
    def discharge(self) -> float:
        """Manning's, per metre, m2/s."""
        return self.depth ** (5 / 3) * math.sqrt(self.slope) / self.n

    def domain(self, begin: float) -> Domain:
        """Fed with the discharge at the top; `begin`: depth at the start, as a share of the uniform one."""
        shape = (3, self.length)
        ground = np.broadcast_to(self.slope * np.arange(self.length, 0.0, -1.0), shape).copy()
        active = np.ones(shape, bool)
        faces = border_faces(active, ~active)
        owner = np.where(faces.axis == 0, np.where(faces.side == 1, 1, 0), WALL)
        law = even(Zones.of(1, shallow=self.shallow, deep=self.deep), shape=shape, depth_dependent=True)
        return Domain(
            ground, active, 1.0, manning=np.full(shape, 0.01), depth=np.full(shape, begin * self.depth), owner=owner,
            parts=(Part("top", DISCHARGE, series=Linear((0.0, 1.0), (3 * self.discharge,) * 2)), Part("foot", NORMAL, self.slope)), laws=(law,),
        )  # fmt: skip
