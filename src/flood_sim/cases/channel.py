"""Channels whose bed is made for a given water surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.cases.flume import centres, flume, inflow
from flood_sim.kernels.constants import G
from flood_sim.solver.border import LEVEL, NORMAL, Part
from flood_sim.solver.domain import Domain

SCALE = (4 / G) ** (1 / 3)
"""Critical depth of 2 m2/s, m."""
LEAD = 200.0
"""Metres before the channel in which a supercritical flow comes from a slow one."""
RISE = 0.4
"""Metres by which the flow is deeper where that lead begins: slow, so that a discharge alone fixes it."""
STATIONS = 20_001


@dataclass(frozen=True)
class MadeChannel:
    """Steady flow at a chosen depth, h = (4/g)^(1/3) (1 + swell exp(-sharpness (x/L - 1/2)^2)), with Manning friction.

    The bed follows from it. With dq/dx = R (rain brings mass and no momentum)
    and d(q^2/h + g h^2/2)/dx = -g h dz/dx - g h Sf, Sf = n^2 q^2 / h^(10/3):

        dz/dx = (q^2 / (g h^3) - 1) dh/dx - 2 q R / (g h^2) - Sf.

    MacDonald et al. (1997), doi:10.1061/(ASCE)0733-9429(1997)123:11(1041); these
    profiles in Delestre et al. (2013), doi:10.1002/fld.3741, sections 3.2 and
    3.3 (depths, discharges and rain as there; n as in a public code of these cases:
    any n makes an exact solution). A supercritical channel has a lead in which the
    prescribed depth falls from a slow flow through critical to the profile.

    discharge: at x = 0, m2/s; n Manning's; rain in m/s; length in m.
    """

    swell: float
    sharpness: float
    discharge: float
    n: float
    rain: float = 0.0
    length: float = 1000.0
    fast: bool = False

    @property
    def lead(self) -> float:
        return LEAD if self.fast else 0.0

    def flow(self, x: np.ndarray) -> np.ndarray:
        """Discharge, m2/s."""
        return self.discharge + self.rain * x

    def depth(self, x: np.ndarray) -> np.ndarray:
        before = np.minimum(x, 0.0) / LEAD
        bell = np.exp(-self.sharpness * (x / self.length - 0.5) ** 2)
        return SCALE * (1 + self.swell * bell) + RISE * (1 - np.cos(np.pi * before)) / 2

    def depth_slope(self, x: np.ndarray) -> np.ndarray:
        before = np.minimum(x, 0.0) / LEAD
        s = x / self.length - 0.5
        bell = np.exp(-self.sharpness * s**2)
        return (
            -2 * SCALE * self.swell * self.sharpness * s * bell / self.length
            + RISE * np.pi / (2 * LEAD) * np.sin(np.pi * before)
        )  # fmt: skip

    def friction_slope(self, x: np.ndarray) -> np.ndarray:
        return self.n**2 * self.flow(x) ** 2 / self.depth(x) ** (10 / 3)

    def bed(self, x: np.ndarray) -> np.ndarray:
        """Ground that carries the depth, m; 0 at the end of the channel."""
        from scipy.integrate import cumulative_simpson  # slow to import: only where it is used

        s = np.linspace(-self.lead, self.length, STATIONS)
        h, q = self.depth(s), self.flow(s)
        slope = (
            (q**2 / (G * h**3) - 1) * self.depth_slope(s) - 2 * q * self.rain / (G * h**2) - self.friction_slope(s)
        )  # fmt: skip
        z = cumulative_simpson(slope, x=s, initial=0.0)
        return np.interp(x, s, z - z[-1])

    def x(self, cells: int) -> np.ndarray:
        """Centres of the cells; `cells` of them lie in the channel, the others in its lead."""
        cell = self.length / cells
        return centres(cells + round(self.lead / cell), cell, -self.lead)

    def domain(self, cells: int) -> Domain:
        """Begins with the exact depth at rest."""
        cell = self.length / cells
        x, end = self.x(cells), np.array([self.length])
        if self.fast:
            east = Part("fast outflow", NORMAL, float(self.friction_slope(end)[0]))
        else:
            east = Part("level", LEVEL, float((self.bed(end) + self.depth(end))[0]))
        west = inflow(self.discharge - self.rain * self.lead, cell)
        return flume(self.bed(x), cell, depth=self.depth(x), manning=self.n, rain=self.rain, west=west, east=east)
