"""Rain on a plane: the kinematic wave, its limbs, and the full steady profile."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flood_sim.kernels.constants import G
from flood_sim.solver.border import NORMAL, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps

M = 5.0 / 3.0
"""Exponent of the kinematic rating q = alpha h^M with Manning's law."""


@dataclass(frozen=True)
class RainOnPlane:
    """Steady rain on a plane that falls east, and its end after `duration` s.

    Kinematic wave dh/dt + dq/dx = i, q = alpha h^(5/3), alpha = sqrt(S) / n:
    Henderson and Wooding (1964), doi:10.1029/JZ069i008p01531. slope S is the
    fall per horizontal metre, n Manning's, rain i in m/s, cell and length L in
    m. x runs downhill from the top.
    """

    slope: float = 0.05
    n: float = 0.03
    rain: float = 50e-3 / 3600
    length: float = 100.0
    cell: float = 2.0
    duration: float = 1e9

    @property
    def cells(self) -> int:
        return round(self.length / self.cell)

    @property
    def alpha(self) -> float:
        """sqrt(S) / n, m^(1/3)/s."""
        return math.sqrt(self.slope) / self.n

    def domain(self, rows: int = 3) -> Domain:
        shape = (rows, self.cells)
        x = (np.arange(self.cells) + 0.5) * self.cell
        ground = np.broadcast_to(self.slope * (self.length - x), shape).copy()
        active = np.ones(shape, bool)
        faces = border_faces(active, ~active)
        owner = np.where((faces.axis == 0) & (faces.side == 1), 0, WALL)
        return Domain(
            ground, active, self.cell, manning=np.full(shape, self.n), rain=Steps((0.0, self.duration), (self.rain,)),
            parts=(Part("foot", NORMAL, self.slope),), owner=owner,
        )  # fmt: skip

    # -- equilibrium --------------------------------------------------------

    def depth(self, x: np.ndarray) -> np.ndarray:
        """Kinematic depth where the discharge is i x, m."""
        return (self.rain * x / self.alpha) ** (1 / M)

    def time_to_equilibrium(self) -> float:
        """When the characteristic from the top reaches the foot, s."""
        return float(self.depth(np.array([self.length]))[0]) / self.rain

    def stands_for(self, step: float) -> np.ndarray:
        """Where on the plane the depth of each cell belongs, m: its middle, and half a time step `step` of its flow on.

        A face takes the depth of u dt/2 upstream, where its water stood half a step
        before, and leaves out the rain since: so a cell holds in equilibrium the depth
        of x + u dt/2, which adds 0.48 c / cells to the volume (c = u dt/dx at the foot).
        With `step` 0 the sum over the cells equals the integral to 0.02 % on 50 cells.
        """
        x = (np.arange(self.cells) + 0.5) * self.cell
        return x + self.rain * x / self.depth(x) * step / 2

    def discrete_volume(self, step: float = 0.0) -> float:
        """Steady volume per metre of width, m2, each cell at the depth of the point it stands for."""
        return float(self.depth(self.stands_for(step)).sum() * self.cell)

    def continuous_volume(self) -> float:
        """Integral of the kinematic depth over the plane, m2."""
        return float(self.depth(np.array([self.length]))[0]) * self.length / 1.6

    # -- how kinematic it is ------------------------------------------------

    def kinematic_number(self) -> float:
        """k = S L / (h F^2) at the foot, weight and friction against inertia.

        Woolhiser and Liggett (1967), doi:10.1029/WR003i003p00753: above 20 the
        kinematic wave describes the rising hydrograph of a plane well.
        """
        h = float(self.depth(np.array([self.length]))[0])
        return self.slope * self.length * G / (self.rain * self.length / h) ** 2

    def depth_number(self) -> float:
        """h / (S L) at the foot, pressure against weight: small where the wave is kinematic."""
        return float(self.depth(np.array([self.length]))[0]) / (self.slope * self.length)

    def full_depth(self, x: np.ndarray) -> np.ndarray:
        """Steady depth of the full shallow-water equations at x (fine and rising), m.

        d/dx(q^2/h + g h^2/2) = g h (S - n^2 q^2 / h^(10/3)) with q = i x. Rain
        brings no momentum: its acceleration is the 2 q i / h in the left side.
        The slope of the depth comes first from the kinematic depth and then from
        the result: right to second order in 1/k and h/(S L), with no condition at
        the foot, where the depth is normal as it is here.
        """
        h = self.depth(x)
        q = self.rain * x
        for _ in range(2):
            dhdx = np.gradient(h, x)
            energy = self.slope - 2 * q * self.rain / (G * h**2) - (1 - q**2 / (G * h**3)) * dhdx
            h = (self.n * q / np.sqrt(np.maximum(energy, 0.1 * self.slope))) ** (1 / M)
        return h

    def full_volume(self, step: float = 0.0) -> float:
        """Steady volume of the full equations per metre of width, m2, counted as in `discrete_volume`."""
        fine = 10 * self.cells
        x = np.linspace(self.length / fine, self.length, fine)
        return float(np.interp(self.stands_for(step), x, self.full_depth(x)).sum() * self.cell)

    def is_kinematic(self) -> bool:
        """Whether the full equations themselves stay within 1 % of the kinematic volume."""
        return abs(self.full_volume() / self.discrete_volume() - 1) < 0.01

    # -- rising and falling limb --------------------------------------------

    def rising(self, t: np.ndarray) -> np.ndarray:
        """Discharge per metre at the foot, m2/s, while it rains: alpha (i t)^(5/3), at most i L."""
        return np.minimum(self.alpha * (self.rain * np.maximum(t, 0.0)) ** M, self.rain * self.length)

    def falling(self, t: np.ndarray) -> np.ndarray:
        """The same at time t after the end of rain that had reached equilibrium.

        Each depth travels on with its speed dq/dh, so that the foot has the q of
        L = q/i + (5/3) alpha^(3/5) q^(2/5) t; solved by bisection.
        """
        low, high = np.zeros_like(t, float), np.full_like(t, self.rain * self.length, float)
        for _ in range(60):
            q = (low + high) / 2
            reach = q / self.rain + M * self.alpha ** (1 / M) * q ** (1 - 1 / M) * t
            low, high = np.where(reach < self.length, q, low), np.where(reach < self.length, high, q)
        return (low + high) / 2

    def hydrograph(self, t: np.ndarray) -> np.ndarray:
        """Discharge per metre at the foot, m2/s, of rain that lasts beyond equilibrium."""
        return np.where(t <= self.duration, self.rising(t), self.falling(np.maximum(t - self.duration, 0.0)))

    # -- what the characteristics leave out ---------------------------------

    def spread(self) -> float:
        """Variance of the time at which the wave from the top arrives, in units of t_e^2.

        Along that characteristic x = L (t/t_e)^(5/3), a diffusion D smears the
        arrival by int 2 D / c^3 dx; pressure has D = q / (2 S) (Lighthill and Whitham
        1955, doi:10.1098/rspa.1955.0088), which gives 0.27 h / (S L).
        """
        return 0.27 * self.depth_number()

    def smeared_delay(self, share: float = 0.95) -> float:
        """How much later than the characteristics say the foot reaches `share` of i L, relative.

        The kink of the hydrograph at t_e, of slope (5/3) i L / t_e, convolved
        with a normal distribution of that variance stands below i L by
        (5/3) s (f(z) - z (1 - F(z))), z = (t / t_e - 1) / s.
        """
        s = math.sqrt(self.spread())
        low, high = -1 / s, 10.0
        for _ in range(60):
            z = (low + high) / 2
            missing = M * s * (math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - z * math.erfc(z / math.sqrt(2)) / 2)
            low, high = (z, high) if missing > 1 - share else (low, z)
        return (1 + s * low) / share ** (1 / M) - 1
