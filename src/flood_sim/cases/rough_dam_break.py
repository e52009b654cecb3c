"""A dam break slowed by bed friction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flood_sim.cases.dam_break import DamBreak
from flood_sim.cases.flume import centres, flume
from flood_sim.kernels.constants import G
from flood_sim.solver.domain import Domain

WAVE_FOOT = 3.0
"""s = 2 - x / (t sqrt(g h0)) where the wave begins; 0 at the front."""


def first_correction(powers: dict[float, float]) -> tuple[dict[float, float], dict[float, float]]:
    """What weak friction does to Ritter's wave, velocity U and depth H as sums over powers of s.

    Dressler's perturbation for friction -sum c_p s^p in the momentum equation,
    s = 2 - x / (t c0), c0 = sqrt(g h0); `powers` maps p to c_p. With u = u_R +
    K t U(s) and h = h_R + (c0/g) K t H(s) the linearised equations become
    15 H - 3 s H' = 2 s U + s^2 U' and 5/3 U - s/3 U' - H' = -sum c_p s^p. A term
    a s^p of U goes with b s^(p+1) of H; s^(3/2) solves the equations without
    friction and makes U vanish at the foot of the wave, s = 3.
    """
    velocity = {p: -c * (4 - p) / (6 - 4 * p) for p, c in powers.items()}
    velocity[1.5] = -sum(a * WAVE_FOOT**p for p, a in velocity.items()) / WAVE_FOOT**1.5
    return velocity, {p + 1: a * (2 + p) / (12 - 3 * p) for p, a in velocity.items()}


def at(terms: dict[float, float], s: np.ndarray) -> np.ndarray:
    """Sum of terms[p] s^p."""
    return sum((a * s**p for p, a in terms.items()), np.zeros_like(s))


@dataclass(frozen=True)
class RoughDamBreak:
    """Ritter's dam break with Manning friction n: Dressler's solution, weak friction to first order.

    Dressler (1952), "Hydraulic resistance effect upon the dam-break functions",
    J. Res. Nat. Bur. Stand. 49(3), 217-225 (doi:10.6028/jres.049.021: from memory, unverified); as in
    SWASHES, Delestre et al. (2013), doi:10.1002/fld.3741, 4.1.3. Dressler has
    Chezy's friction, u^2 / (C^2 h) ~ (1 + x')^2 s^-2; Manning's n^2 u^2 / h^(4/3)
    gives s^(-8/3) and the same way of solving. The correction grows without
    bound towards the front: it holds up to the tip, which begins where the
    corrected velocity is greatest. Its own error grows with n^2 t.
    """

    n: float = 0.02
    height: float = 6.0
    length: float = 2000.0
    dam: float = 1000.0
    time: float = 20.0

    def domain(self, cells: int) -> Domain:
        cell = self.length / cells
        depth = np.where(self.centres(cells) < self.dam, self.height, 0.0)
        return flume(np.zeros(cells), cell, depth=depth, manning=self.n)

    def centres(self, cells: int) -> np.ndarray:
        return centres(cells, self.length / cells)

    @property
    def celerity(self) -> float:
        return math.sqrt(G * self.height)

    def _corrections(self, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Velocity and depth that friction adds to Ritter's, m/s and m."""
        c = self.celerity
        # g n^2 u_R^2 / h_R^(4/3) with u_R = 2/3 c (3 - s), h_R = (c s / 3)^2 / g
        strength = G * self.n**2 * (2 * c / 3) ** 2 * (9 * G / c**2) ** (4 / 3)
        velocity, depth = first_correction({-8 / 3: 9.0, -5 / 3: -6.0, -2 / 3: 1.0})
        return strength * self.time * at(velocity, s), strength * self.time * at(depth, s) * c / G

    def _s(self, x: np.ndarray) -> np.ndarray:
        return 2 - (x - self.dam) / (self.time * self.celerity)

    def depth(self, x: np.ndarray) -> np.ndarray:
        """Depth at `time`, m; NaN in the tip and beyond."""
        s = self._s(x)
        wave = np.clip(s, 1e-3, WAVE_FOOT)
        h = (self.celerity * wave / 3) ** 2 / G + self._corrections(wave)[1]
        return np.where(s >= WAVE_FOOT, self.height, np.where(x < self.tip(), h, np.nan))

    def velocity(self, x: np.ndarray) -> np.ndarray:
        s = np.clip(self._s(x), 1e-3, WAVE_FOOT)
        return 2 / 3 * self.celerity * (3 - s) + self._corrections(s)[0]

    def without_friction(self) -> DamBreak:
        return DamBreak(left=self.height, length=self.length, dam=self.dam, time=self.time)

    def tip(self) -> float:
        """Where the corrected velocity is greatest, m."""
        x = np.linspace(self.dam, self.dam + 2 * self.celerity * self.time, 20_001)
        return float(x[self.velocity(x).argmax()])
