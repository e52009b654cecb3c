"""A steep valley with buildings, and its turned, lifted and framed copies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.series import Steps


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
    """The same problem in another orientation; only for domains with one border part and no law but losses."""
    f = TURNS[turn]
    return Domain(
        f(domain.ground), f(domain.active), domain.cell, outside=f(domain.outside), manning=f(domain.manning),
        rain=domain.rain, parts=domain.parts, depth=None if domain.depth is None else f(domain.depth),
        laws=tuple(replace(law, zone=f(law.zone)) for law in domain.laws if isinstance(law, Ground)),
    )  # fmt: skip


TURNS = {
    "rotated by 90°": lambda a: np.ascontiguousarray(np.rot90(a)),
    "rotated by 180°": lambda a: np.ascontiguousarray(np.rot90(a, 2)),
    "mirrored west-east": lambda a: np.ascontiguousarray(a[:, ::-1]),
    "mirrored north-south": lambda a: np.ascontiguousarray(a[::-1]),
    "transposed": lambda a: np.ascontiguousarray(a.T),
}
"""Each maps an array (ny, nx) to its turned copy."""


def lifted(domain: Domain, by: float) -> Domain:
    """The same problem `by` metres higher above the sea; only for domains without a level at the border."""
    return replace(domain, ground=domain.ground + by)


def framed(domain: Domain, north: int, west: int, south: int, east: int) -> Domain:
    """The same problem amid a larger grid whose other cells lie outside the model, deep and rough as they may be."""

    def pad(values: np.ndarray, beyond: float | bool) -> np.ndarray:
        return np.pad(values, ((north, south), (west, east)), constant_values=beyond)

    return Domain(
        pad(domain.ground, -50.0), pad(domain.active, False), domain.cell, outside=pad(domain.outside, True),
        rain_weight=pad(domain.rain_weight, 0.0), manning=pad(np.asarray(domain.manning), 0.2), rain=domain.rain,
        parts=domain.parts, depth=None if domain.depth is None else pad(domain.depth, 0.0),
    )  # fmt: skip
