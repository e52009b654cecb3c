"""Terrain on which careless schemes blow up: cliffs, needles, noise, roofs, cascades, torrents.

No exact answer: mass, sign of depth, and the head that water can fall bound them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, WALL, Part, border_faces
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.series import Linear, Steps

CLOUDBURST = 300e-3 / 3600
"""300 mm/h in m/s."""
NO_FRICTION = 0.0


def _closed(ground: np.ndarray, n: float = NO_FRICTION, *, cell: float = 2.0, rain: float = CLOUDBURST,
            depth: np.ndarray | None = None) -> Domain:  # fmt: skip
    active = np.ones(ground.shape, bool)
    return Domain(ground, active, cell, manning=np.full(ground.shape, n), rain=Steps((0.0, 1e6), (rain,)), depth=depth)


def white_noise(relief: float = 20.0, size: int = 50, cell: float = 2.0) -> Domain:
    """Every cell at a random height: each is a peak, a pit or a saddle."""
    return _closed(relief * np.random.default_rng(5).random((size, size)), cell=cell)


def checkerboard() -> Domain:
    """Columns of 100 m and pits in turn."""
    return _closed(100.0 * (np.indices((40, 40)).sum(axis=0) % 2))


def needles(n: float = NO_FRICTION) -> Domain:
    """Single cells 50 m above and 50 m below a slope of 25 %."""
    rng = np.random.default_rng(3)
    ground = np.broadcast_to(0.5 * np.arange(50), (40, 50)).copy()
    ground += 50.0 * rng.choice([-1, 0, 1], ground.shape, p=[0.02, 0.96, 0.02])
    return _closed(ground, n)


def lake_over_a_cliff() -> Domain:
    """3 m of water let loose 100 m above a valley of noise."""
    ground = 0.5 * np.random.default_rng(2).random((40, 50))
    ground[:, 35:] += 100.0
    depth = np.where(ground > 50, 3.0, 0.0)
    return _closed(ground, depth=depth)


def cascade() -> Domain:
    """Pools 1 m deep on steps of 3 m, each poured into by the one above, with ripples."""
    rng = np.random.default_rng(4)
    x = np.arange(80)
    ground = 3.0 * (x // 8) + np.where(x % 8 == 0, 1.0, 0.0)
    ground = np.broadcast_to(ground, (24, 80)).copy()
    depth = np.where(x % 8 == 0, 0.0, 1.0) + 0.01 * rng.random(ground.shape)
    return _closed(ground, depth=depth)


def roofs(n: float = 0.02) -> Domain:
    """Houses of 8 m that are not cut out: rain falls off every eave onto streets of 12 %."""
    y, x = np.mgrid[0:60, 0:60]
    ground = 0.12 * x + 8.0 * ((x // 6 % 2 == 1) & (y // 5 % 2 == 1))
    return _closed(ground, n, cell=1.0)


def still_pool_over_steps() -> Domain:
    """A frictionless pool, 1 cm of ripples, over steps of the bed of most of its depth, no rain."""
    rng = np.random.default_rng(6)
    ground = 1.8 * (rng.random((48, 48)) < 0.3)
    return _closed(ground, cell=1.0, rain=0.0, depth=2.0 + 0.01 * rng.random(ground.shape) - ground)


def flood_wave_in_a_street() -> Domain:
    """20 m3/s within 20 s into the top of a street of 10 m and 25 % between blocked houses, kerbs and all."""
    y, x = np.mgrid[0:22, 0:120]
    ground = 0.25 * (119 - x) + 0.15 * ((y < 8) | (y > 13)) + 0.02 * np.random.default_rng(7).random(x.shape)
    active = ~(((y < 6) | (y > 15)) & (x % 30 < 24))
    outside = np.zeros_like(active)
    faces = border_faces(active, outside)
    street = (faces.cell_row > 6) & (faces.cell_row < 17)
    owner = np.where(street & (faces.axis == 0), np.where(faces.side < 0, 0, 1), WALL)
    wave = Linear((0.0, 20.0, 200.0), (0.0, 20.0, 5.0))
    return Domain(
        ground, active, 1.0, outside=outside, manning=np.full(ground.shape, 0.015),
        parts=(Part("wave", DISCHARGE, series=wave), Part("foot", NORMAL, 0.25)), owner=owner,
    )  # fmt: skip


def torrent_on_a_peak() -> Domain:
    """20 m3/s poured on one cell at the top of a frictionless cone of 100 %."""
    y, x = np.mgrid[0:31, 0:31] - 15.0
    ground = 2.0 * (22.0 - np.hypot(x, y))
    active = np.ones(ground.shape, bool)
    spring = AreaInflow("spring", np.array([15]), np.array([15]), Linear((0.0, 5.0), (20.0, 20.0)))
    return Domain(
        ground, active, 2.0, manning=np.zeros(ground.shape), inflows=(spring,), parts=(Part("rim", NORMAL, 0.3),)
    )


def lake_level_above_a_slope() -> Domain:
    """Still water 2 m above the top of a frictionless slope of 30 %: it must come in at the speed of its own head."""
    ground = np.broadcast_to(0.6 * np.arange(60.0), (10, 60)).copy()
    active = np.ones(ground.shape, bool)
    faces = border_faces(active, ~active)
    owner = np.where(faces.axis == 1, WALL, np.where(faces.side > 0, 0, 1))
    parts = (Part("lake", LEVEL, float(ground.max()) + 2.0), Part("foot", NORMAL, 0.3))
    return Domain(ground, active, 2.0, manning=np.zeros(ground.shape), parts=parts, owner=owner)


EVIL: dict[str, tuple[Callable[[], Domain], float]] = {
    "white noise of 20 m": (white_noise, 300.0),
    "white noise of 20 m on cells of 0.5 m": (lambda: white_noise(cell=0.5), 60.0),
    "checkerboard of 100 m": (checkerboard, 120.0),
    "needles and shafts of 50 m": (needles, 120.0),
    "needles and shafts of 50 m, rough": (lambda: needles(0.03), 120.0),
    "lake over a cliff of 100 m": (lake_over_a_cliff, 30.0),
    "cascade of pools": (cascade, 120.0),
    "roofs of 8 m": (roofs, 300.0),
    "roofs of 8 m without friction": (lambda: roofs(NO_FRICTION), 60.0),
    "still pool over steps": (still_pool_over_steps, 300.0),
    "flood wave down a street of 25 %": (flood_wave_in_a_street, 200.0),
    "torrent on a peak": (torrent_on_a_peak, 60.0),
    "lake level above a slope": (lake_level_above_a_slope, 120.0),
}
"""Name to the case and for how many seconds it is to be computed; without friction where not said otherwise."""
