"""Idealised flows with exact solutions: one place for tests, `flood-sim verify`, benchmarks and notebooks.

Each case builds a Domain and knows its exact answer. x runs east from the
western edge of the model; depths in m, times in s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from flood_sim.solver.border import NORMAL, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps

G = 9.81


@dataclass(frozen=True)
class DamBreak:
    """A wall at `dam` m between depths `left` and `right` (left > right) vanishes at t = 0; flat, no friction.

    right = 0: Ritter (1892). right > 0: Stoker (1957), "Water Waves", section
    10.8. Both as in SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741.
    """

    left: float = 2.0
    right: float = 0.0
    length: float = 200.0
    dam: float = 100.0
    time: float = 8.0

    def domain(self, cells: int, rows: int = 3) -> Domain:
        shape = (rows, cells)
        x = self.centres(cells)
        depth = np.broadcast_to(np.where(x < self.dam, self.left, self.right), shape)
        return Domain(
            np.zeros(shape), np.ones(shape, bool), self.length / cells, manning=np.zeros(shape), depth=depth.copy()
        )

    def centres(self, cells: int) -> np.ndarray:
        return (np.arange(cells) + 0.5) * self.length / cells

    def depth(self, x: np.ndarray) -> np.ndarray:
        """Exact depth at `time`."""
        s = (x - self.dam) / self.time
        c_left = math.sqrt(G * self.left)
        fan = (2 * c_left - s) ** 2 / (9 * G)
        if self.right == 0:
            return np.where(s <= -c_left, self.left, np.where(s < 2 * c_left, fan, 0.0))
        middle = self.middle_depth()
        u = 2 * (c_left - math.sqrt(G * middle))
        h = np.where(s <= -c_left, self.left, np.where(s < u - math.sqrt(G * middle), fan, middle))
        return np.where(s > self.shock_speed(), self.right, h)

    def middle_depth(self) -> float:
        """Depth behind the shock: where the left fan and the right shock agree on velocity."""

        def gap(h: float) -> float:
            fan = 2 * (math.sqrt(G * self.left) - math.sqrt(G * h))
            shock = (h - self.right) * math.sqrt(G * (h + self.right) / (2 * h * self.right))
            return fan - shock

        return brentq(gap, self.right, self.left)

    def shock_speed(self) -> float:
        h = self.middle_depth()
        u = 2 * (math.sqrt(G * self.left) - math.sqrt(G * h))
        return u * h / (h - self.right)


@dataclass(frozen=True)
class RainOnPlane:
    """Steady rain on a plane that falls east; the kinematic wave q = i x, h = (n q / sqrt S)^(3/5).

    Henderson and Wooding (1964), doi:10.1029/JZ069i008p01531. slope is the fall
    per horizontal metre, n Manning's, rain in m/s, cell and length in m.
    """

    slope: float = 0.05
    n: float = 0.03
    rain: float = 50e-3 / 3600
    length: float = 100.0
    cell: float = 2.0

    @property
    def cells(self) -> int:
        return round(self.length / self.cell)

    def domain(self, rows: int = 3) -> Domain:
        shape = (rows, self.cells)
        x = (np.arange(self.cells) + 0.5) * self.cell
        ground = np.broadcast_to(self.slope * (self.length - x), shape).copy()
        active = np.ones(shape, bool)
        faces = border_faces(active, ~active)
        owner = np.where((faces.axis == 0) & (faces.side == 1), 0, WALL)
        return Domain(
            ground, active, self.cell, manning=np.full(shape, self.n), rain=Steps((0.0, 1e9), (self.rain,)),
            parts=(Part("foot", NORMAL, self.slope),), owner=owner,
        )  # fmt: skip

    def depth(self, x: np.ndarray) -> np.ndarray:
        """Kinematic depth where the discharge is i x."""
        return (self.n * self.rain * x / math.sqrt(self.slope)) ** 0.6

    def time_to_equilibrium(self) -> float:
        """When the characteristic from the top reaches the foot, s."""
        return float(self.depth(np.array([self.length]))[0]) / self.rain

    def discrete_volume(self) -> float:
        """Steady volume per metre of width, m2, each cell at the depth of its downstream discharge."""
        return float(self.depth((np.arange(self.cells) + 1) * self.cell).sum() * self.cell)

    def continuous_volume(self) -> float:
        """Integral of the kinematic depth over the plane, m2."""
        return float(self.depth(np.array([self.length]))[0]) * self.length / 1.6


def rough_ground(rows: int, cols: int, seed: int = 7, buildings: bool = True) -> np.ndarray:
    """Hills of a few metres, noise of 20 cm and 8 m blocks: the terrain that catches careless schemes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols]
    ground = 2.0 * np.sin(x / 9.0) * np.cos(y / 7.0) + 0.02 * x + 0.2 * rng.random((rows, cols))
    if buildings:
        for _ in range(max(1, rows * cols // 300)):
            r, c = rng.integers(0, rows - 4), rng.integers(0, cols - 4)
            ground[r : r + 4, c : c + 3] += 8.0
    return ground


def lake(rows: int = 48, cols: int = 64, level: float = 1.0) -> Domain:
    """Still water over rough ground, with hills and buildings emerging."""
    ground = rough_ground(rows, cols)
    shape = ground.shape
    return Domain(
        ground, np.ones(shape, bool), 2.0, manning=np.full(shape, 0.03), depth=np.maximum(level - ground, 0.0)
    )


def drizzled_lake() -> Domain:
    """10 mm/h on ponds up to 6 m deep: each step adds less than half a float32 step of the depth."""
    ground = rough_ground(40, 40, buildings=False)
    shape = ground.shape
    return Domain(
        ground, np.ones(shape, bool), 2.0, manning=np.full(shape, 0.03), depth=np.maximum(4.0 - ground, 0.0),
        rain=Steps((0.0, 3600.0), (10e-3 / 3600,)),
    )  # fmt: skip


def rippled_pool(size: int = 64, ripple: float = 0.01, depth: float = 1.0) -> Domain:
    """A frictionless pool with a random surface: its energy can only fall."""
    rng = np.random.default_rng(3)
    shape = (size, size)
    return Domain(
        np.zeros(shape), np.ones(shape, bool), 1.0, manning=np.zeros(shape),
        depth=depth + ripple * (rng.random(shape) - 0.5) * 2,
    )  # fmt: skip


def flow_energy(depth: np.ndarray, u: np.ndarray, v: np.ndarray) -> float:
    """Mean energy above still water of the same volume, J/(kg) times m: g/2 var(h) + kinetic.

    u, v: velocities at the x- and y-faces around the cells, (ny, nx+1) and (ny+1, nx).
    """
    kinetic = depth * ((u[:, 1:] ** 2 + u[:, :-1] ** 2) + (v[1:] ** 2 + v[:-1] ** 2)) / 4
    return float(np.mean(G / 2 * (depth - depth.mean()) ** 2 + kinetic))


def valley(rows: int = 60, cols: int = 80, cell: float = 2.0) -> Domain:
    """A steep valley with buildings under 90 mm/h: symmetric problems are made by turning it."""
    y, x = np.mgrid[0:rows, 0:cols] * cell
    ground = 0.1 * np.abs(x - cols * cell * 0.45) + 0.03 * y + 0.5 * np.sin(x / 11) * np.cos(y / 13)
    active = np.ones((rows, cols), bool)
    active[20:26, 30:38] = active[40:44, 20:26] = False
    return Domain(
        ground, active, cell, outside=np.zeros_like(active), manning=np.full(ground.shape, 0.03),
        rain=Steps((0.0, 600.0), (90e-3 / 3600,)), parts=(Part("free", NORMAL, 0.03),),
    )  # fmt: skip


def turned(domain: Domain, turn: str) -> Domain:
    """The same problem in another orientation; only for domains with one border part."""
    f = TURNS[turn]
    return Domain(
        f(domain.ground), f(domain.active), domain.cell, outside=f(domain.outside), manning=f(domain.manning),
        rain=domain.rain, parts=domain.parts, depth=None if domain.depth is None else f(domain.depth),
    )  # fmt: skip


TURNS = {
    "rotated by 90°": lambda a: np.ascontiguousarray(np.rot90(a)),
    "rotated by 180°": lambda a: np.ascontiguousarray(np.rot90(a, 2)),
    "mirrored west-east": lambda a: np.ascontiguousarray(a[:, ::-1]),
    "mirrored north-south": lambda a: np.ascontiguousarray(a[::-1]),
    "transposed": lambda a: np.ascontiguousarray(a.T),
}
"""Each maps an array (ny, nx) to its turned copy."""
