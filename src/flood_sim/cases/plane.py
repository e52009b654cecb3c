"""Rain on a plane: the kinematic wave."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flood_sim.solver.border import NORMAL, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps


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
