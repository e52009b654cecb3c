"""Dam breaks: a wall of water that vanishes at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flood_sim.kernels.constants import G
from flood_sim.solver.domain import Domain


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
        from scipy.optimize import brentq  # slow to import: only where it is used

        def gap(h: float) -> float:
            fan = 2 * (math.sqrt(G * self.left) - math.sqrt(G * h))
            shock = (h - self.right) * math.sqrt(G * (h + self.right) / (2 * h * self.right))
            return fan - shock

        return brentq(gap, self.right, self.left)

    def shock_speed(self) -> float:
        h = self.middle_depth()
        u = 2 * (math.sqrt(G * self.left) - math.sqrt(G * h))
        return u * h / (h - self.right)
