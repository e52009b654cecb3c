"""Water swaying in a parabolic bowl without friction: Thacker's exact solutions with a moving shore."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from flood_sim.cases.flume import ROWS, centres, flume
from flood_sim.kernels.constants import G
from flood_sim.solver.domain import Domain

Place = tuple[np.ndarray, np.ndarray]
"""x and y of the cells' centres, (ny, nx) each, m from the middle; y counts south, as rows do."""


@dataclass(frozen=True)
class Oscillation(ABC):
    """Water in the round bowl z = h0 (r^2/a^2 - 1) without friction; h0 = `rest_depth`, a = `radius`, m."""

    rest_depth: float = 0.1
    radius: float = 1.0
    half_width: float = 2.0

    @property
    def frequency(self) -> float:
        """Radians per second."""
        return math.sqrt(2 * G * self.rest_depth) / self.radius

    @property
    def period(self) -> float:
        return 2 * math.pi / self.frequency

    def centres(self, cells: int) -> Place:
        line = centres(cells, 2 * self.half_width / cells, -self.half_width)
        x, y = np.meshgrid(line, line)
        return x, y

    def domain(self, cells: int) -> Domain:
        x, y = where = self.centres(cells)
        ground = self.rest_depth * ((x**2 + y**2) / self.radius**2 - 1)
        return Domain(
            ground, np.ones(x.shape, bool), float(x[0, 1] - x[0, 0]), manning=np.zeros(x.shape), depth=self.depth(where, 0.0)
        )  # fmt: skip

    @abstractmethod
    def depth(self, xy: Place, t: float) -> np.ndarray:
        """Exact depth at time t, m."""

    @abstractmethod
    def state(self, xy: Place, depth: np.ndarray) -> float:
        """One number of a depth field that swings."""


@dataclass(frozen=True)
class SwayInTrough(Oscillation):
    """Water in the trough z = h0 (x^2/a^2 - 1) whose flat surface tilts to and fro (Thacker, in one dimension).

    It keeps its shape, h = h0 (1 - (x - X)^2 / a^2), and moves as one body at
    X = swing cos(w t), w = sqrt(2 g h0) / a. Thacker (1981), J. Fluid Mech. 107,
    doi:10.1017/S0022112081001882. Sizes here and below as in SWASHES, Delestre
    et al. (2013), doi:10.1002/fld.3741, 4.2 (from memory, unverified: any size
    makes an exact solution). Lengths in m.
    """

    rest_depth: float = 0.5
    swing: float = 0.5

    def centres(self, cells: int) -> Place:
        x, y = np.meshgrid(centres(cells, 2 * self.half_width / cells, -self.half_width), np.zeros(ROWS))
        return x, y

    def domain(self, cells: int) -> Domain:
        where = self.centres(cells)
        ground = self.rest_depth * ((where[0][0] / self.radius) ** 2 - 1)
        return flume(ground, 2 * self.half_width / cells, depth=self.depth(where, 0.0)[0])

    def depth(self, xy: Place, t: float) -> np.ndarray:
        off = (xy[0] - self.swing * math.cos(self.frequency * t)) / self.radius
        return self.rest_depth * np.maximum(1 - off**2, 0.0)

    def state(self, xy: Place, depth: np.ndarray) -> float:
        """Place of the centre of the water, m: exactly swing cos(w t)."""
        return float((xy[0] * depth).sum() / depth.sum())


@dataclass(frozen=True)
class SwayInBowl(Oscillation):
    """The same in the round bowl z = h0 (r^2/a^2 - 1); the water rocks along a line `angle` radians from east.

    Any harmonic path of the centre is a solution. SWASHES 4.2.2 has the circle;
    the line begins at rest and crosses the cells at an angle. Arrays are (ny,
    nx); y counts south, as rows do.
    """

    swing: float = 0.5
    angle: float = math.radians(30)

    def depth(self, xy: Place, t: float) -> np.ndarray:
        place = self.swing * math.cos(self.frequency * t)
        r2 = (xy[0] - place * math.cos(self.angle)) ** 2 + (xy[1] - place * math.sin(self.angle)) ** 2
        return self.rest_depth * np.maximum(1 - r2 / self.radius**2, 0.0)

    def state(self, xy: Place, depth: np.ndarray) -> float:
        """Place of the centre along its line, m: exactly swing cos(w t)."""
        along = xy[0] * math.cos(self.angle) + xy[1] * math.sin(self.angle)
        return float((along * depth).sum() / depth.sum())


@dataclass(frozen=True)
class PulsingBowl(Oscillation):
    """Water in the round bowl that draws together and spreads (Thacker's radial solution; SWASHES 4.2.2).

    With A = (a^2 - r0^2) / (a^2 + r0^2), c = 1 - A cos(w t), w = sqrt(8 g h0) / a
    and r0 = `narrowest`, the radius of the shore when it is smallest,
    h = h0 (sqrt(1 - A^2) / c - (1 - A^2) r^2 / (a^2 c^2)).
    """

    narrowest: float = 0.8

    @property
    def frequency(self) -> float:
        return math.sqrt(8 * G * self.rest_depth) / self.radius

    @property
    def strength(self) -> float:
        """A."""
        a, r = self.radius**2, self.narrowest**2
        return (a - r) / (a + r)

    def depth(self, xy: Place, t: float) -> np.ndarray:
        c = 1 - self.strength * math.cos(self.frequency * t)
        flat = math.sqrt(1 - self.strength**2)
        r2 = (xy[0] ** 2 + xy[1] ** 2) / self.radius**2
        return self.rest_depth * np.maximum(flat / c - flat**2 * r2 / c**2, 0.0)

    def state(self, xy: Place, depth: np.ndarray) -> float:
        """Mean square distance of the water from the middle, m2: exactly a^2 c / (3 sqrt(1 - A^2))."""
        return float(((xy[0] ** 2 + xy[1] ** 2) * depth).sum() / depth.sum())
