"""Water that stands still: lakes over rough ground, pools with ripples."""

from __future__ import annotations

import numpy as np

from flood_sim.kernels.constants import G
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps


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
