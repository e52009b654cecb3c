"""A bump in a frictionless flume: water at rest over it, and steady flow across it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.cases.flume import centres, flume, inflow
from flood_sim.kernels.constants import G
from flood_sim.solver.border import LEVEL, NORMAL, Part
from flood_sim.solver.domain import Domain

LENGTH = 25.0
CREST = 10.0
CREST_HEIGHT = 0.2
FOOT = 2.0
RUN_OUT = 5.0
"""Metres beyond the flume that carry supercritical flow to a free border, which would make it critical."""


def bump(x: np.ndarray) -> np.ndarray:
    """z = 0.2 - 0.05 (x - 10)^2 within 2 m of the crest, else 0; m. Goutal and Maurel (1997), as in SWASHES 3.1."""
    return np.maximum(CREST_HEIGHT - 0.05 * (np.asarray(x, float) - CREST) ** 2, 0.0)


def bump_centres(cells: int) -> np.ndarray:
    return centres(cells, LENGTH / cells)


def bump_at_rest(level: float, cells: int = 200) -> Domain:
    """Still water at `level` m over the bump: 0.5 covers it, 0.1 leaves its top dry.

    These are the levels of SWASHES 3.1.1 and 3.1.2 as two public codes of its cases have them; any level is exact.
    """
    cell = LENGTH / cells
    ground = bump(centres(cells, cell))
    return flume(ground, cell, depth=np.maximum(level - ground, 0.0))


@dataclass(frozen=True)
class FlowOverBump:
    """Steady discharge (m2/s) over the bump without friction; `level` downstream in m, None where water leaves fast.

    The energy head E = z + h + q^2 / (2 g h^2) is constant but for a hydraulic
    jump, across which q^2/h + g h^2/2 is. Where the downstream head does not
    suffice for the crest, the crest is critical: E = z_crest + 3/2 h_c. Goutal
    and Maurel (1997), "Proceedings of the 2nd workshop on dam-break wave
    simulation", EDF report HE-43/97/016/B; Delestre et al. (2013),
    doi:10.1002/fld.3741, sections 3.1.3 to 3.1.5.
    """

    discharge: float
    level: float | None
    start_level: float
    settled: float

    def domain(self, cells: int) -> Domain:
        cell = LENGTH / cells
        east = Part("fast outflow", NORMAL, 0.01) if self.level is None else Part("level", LEVEL, self.level)
        ground = bump(centres(cells + (round(RUN_OUT / cell) if self.level is None else 0), cell))
        depth = np.maximum(self.start_level - ground, 0.0)
        return flume(ground, cell, depth=depth, west=inflow(self.discharge, cell), east=east)

    @property
    def critical(self) -> float:
        """Critical depth, m."""
        return (self.discharge**2 / G) ** (1 / 3)

    def downstream_head(self) -> float:
        """Energy head that the level downstream stands for, m; 0 where there is none."""
        return 0.0 if self.level is None else self.level + self.velocity_head(self.level)

    def controlled(self) -> bool:
        """Whether the crest is critical."""
        return self.downstream_head() < CREST_HEIGHT + 1.5 * self.critical

    def head(self) -> float:
        """Energy head upstream, m."""
        return CREST_HEIGHT + 1.5 * self.critical if self.controlled() else self.downstream_head()

    def velocity_head(self, depth: float) -> float:
        return self.discharge**2 / (2 * G * depth**2)

    def alternate(self, head: float, x: float, fast: bool) -> float:
        """The one depth of the two with this energy head at x, m."""
        from scipy.optimize import brentq  # slow to import: only where it is used

        specific = head - float(bump(np.array(x)))

        def gap(h: float) -> float:
            return h + self.velocity_head(h) - specific

        if gap(self.critical) > -1e-12:
            return self.critical
        return brentq(gap, 0.1 * self.critical, self.critical) if fast else brentq(gap, self.critical, specific)

    def jump(self) -> float | None:
        """Where the momentum of the fast flow from the crest meets that of the slow flow downstream, m."""
        from scipy.optimize import brentq

        if self.level is None or not self.controlled():
            return None

        def gap(x: float) -> float:
            fast = self.alternate(self.head(), x, True)
            slow = self.alternate(self.downstream_head(), x, False)
            return (fast - slow) * (G * (fast + slow) / 2 - self.discharge**2 / (fast * slow))

        # where the level downstream alone would drown it, up to the foot of the bump
        drop = CREST_HEIGHT - (self.downstream_head() - 1.5 * self.critical)
        return brentq(gap, CREST + (drop / 0.05) ** 0.5, CREST + FOOT)

    def depth(self, x: np.ndarray) -> np.ndarray:
        """Exact depth, m."""
        jump = self.jump()

        def at(p: float) -> float:
            if jump is not None and p > jump:
                return self.alternate(self.downstream_head(), p, False)
            return self.alternate(self.head(), p, self.controlled() and p > CREST)

        return np.array([at(p) for p in x])
