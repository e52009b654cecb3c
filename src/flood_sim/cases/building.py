"""A dam break that meets one building: the flume of Louvain-la-Neuve, at any scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flood_sim.solver.domain import Domain


@dataclass(frozen=True)
class BuildingInFlume:
    """Water breaks through a gate 1 m wide and meets a building that stands askew; no exact answer, but measured.

    S. Soares-Frazao and Y. Zech (2007), Journal of Hydraulic Research 45, extra
    issue, 27-36, doi:10.1080/00221686.2007.9521830; also tests 6A (`scale` 1,
    n = 0.01) and 6B (`scale` 20, n = 0.05) of Neelz and Pender (2013), SC120002.
    The lengths below are those of the flume (m); two independent public models
    agree on them (github.com/GeoscienceAustralia/ptha, SWALS isolated_building,
    and the TestDamBreakAgainstObstacle of a finite-volume code); the gauges also
    with a third (github.com/KratosMultiphysics/Examples, shallow_water).

    cell: m of the flume, like everything here; `domain()` multiplies by `scale`.
    wet: depth of the water that stands downstream at the start, 0.02 m as in the paper.
    The gate is taken at the downstream face of its two blocks, where the gauges'
    coordinates begin: so the reservoir falls as measured (root mean square 5 mm;
    10 mm with the gate at the upstream face).
    """

    cell: float = 0.1
    n: float = 0.01
    scale: float = 1.0
    full: float = 0.40
    wet: float = 0.02
    length: float = 35.8
    width: float = 3.6
    gate: tuple[float, float] = (6.75, 7.55)
    opening: tuple[float, float] = (1.3, 2.3)
    bank: tuple[float, float] = (0.34, 0.155)
    corner: tuple[float, float] = (10.99, 1.75)
    sides: tuple[float, float] = (0.8, 0.4)
    angle: float = 64.0

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """x from the far wall of the reservoir and y from the right bank, m of the flume, each (ny, nx)."""
        nx, ny = round(self.length / self.cell), round(self.width / self.cell)
        x, y = np.meshgrid((np.arange(nx) + 0.5) * self.cell, (ny - np.arange(ny) - 0.5) * self.cell)
        return x, y

    def walls(self) -> np.ndarray:
        """Cells whose centre lies in the two blocks beside the gate or in the building."""
        x, y = self.centres()
        blocks = (x > self.gate[0]) & (x < self.gate[1]) & ((y < self.opening[0]) | (y > self.opening[1]))
        a = math.radians(self.angle)
        along = (x - self.corner[0]) * math.cos(a) + (y - self.corner[1]) * math.sin(a)
        across = (x - self.corner[0]) * math.sin(a) - (y - self.corner[1]) * math.cos(a)
        house = (along > 0) & (along < self.sides[0]) & (across > 0) & (across < self.sides[1])
        return blocks | house

    def domain(self) -> Domain:
        """Blocks and building are cells that take no water; all borders are walls."""
        x, y = self.centres()
        shore = np.minimum(y, self.width - y)
        ground = np.maximum(self.bank[0] - shore, 0.0) * self.bank[1] / self.bank[0]
        active = ~self.walls()
        level = np.where(x < self.gate[1], self.full, self.wet)
        return Domain(
            ground * self.scale, active, self.cell * self.scale, outside=np.zeros_like(active),
            manning=np.full(x.shape, self.n), depth=np.maximum(level - ground, 0.0) * self.scale,
        )  # fmt: skip

    def at(self, field: np.ndarray, gauge: str) -> float:
        """Value of a cell field (ny, nx) at a gauge: between the four nearest cells, walls left out."""
        x, y = GAUGES[gauge]
        ny, nx = field.shape
        c, r = x / self.cell - 0.5, ny - y / self.cell - 0.5
        c0, r0 = min(int(c), nx - 2), min(int(r), ny - 2)
        weight = np.outer([1 - (r - r0), r - r0], [1 - (c - c0), c - c0]) * ~self.walls()[r0 : r0 + 2, c0 : c0 + 2]
        return float((weight * field[r0 : r0 + 2, c0 : c0 + 2]).sum() / weight.sum())


GAUGES = {
    "G1": (10.20, 2.95), "G2": (10.20, 1.20), "G3": (11.55, 2.95),
    "G4": (11.55, 1.00), "G5": (12.75, 2.10), "G6": (5.68, 2.90),
}  # fmt: skip
"""Places of the six gauges in the flume, m: beside (G1 to G4), behind (G5) and before the gate (G6)."""

ARRIVAL = {"G2": 0.85, "G1": 1.09, "G4": 1.66, "G3": 1.80, "G5": 2.71}
"""First reading of each gauge, s on the clock of the measurement; its zero is not the opening of the gate."""

MEAN_DEPTH = {"G1": 0.0831, "G2": 0.0718, "G3": 0.0823, "G4": 0.0867, "G5": 0.0634, "G6": 0.2431}
"""Means of the measured depth over the times in MEAN_TIMES, m."""

MEAN_TIMES = tuple(0.5 * k for k in range(10, 60))
"""Every 0.5 s from 5.0 s to 29.5 s."""
