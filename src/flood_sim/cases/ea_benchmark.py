"""Tests 1, 2 and 3 of the Environment Agency's 2D benchmark, built from their published definitions.

S. Neelz and G. Pender (2013), Benchmarking the latest generation of 2D
hydraulic modelling packages, Environment Agency SC120002. Where each number is
from: lengths, roughness, cell, duration and boundaries from the test
specifications as quoted on support.tygron.com (UK Benchmark 1 and 3, UK EA
benchmark 2); series and points from the agency's data set (Test1BC.csv,
Test2_BC.csv, Test3BC.csv, Test1output.csv, Test2output.csv); the grounds are
formulas found here for the agency's 2 m grids (copies of both in
github.com/vinhngoctran/UIDS and github.com/u11d-com/deceris_inundation): each
class says how close its formula comes. Heights in m, x runs east from the
western edge, y north from the southern; times in s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.solver.border import DISCHARGE, LEVEL, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Linear


@dataclass(frozen=True)
class DisconnectedWaterBody:
    """Test 1: the sea rises over a sill, fills the pond behind it and falls; the pond keeps what is below the sill.

    Ground: straight slope, sill of 10.25 m at x = 300 m, pond of 9.75 m at 500 m.
    The formula meets the agency's heights within 0.1 mm (their sample at x is the
    cell from x to x + 2 m). The published answer: 10.35 m at both points while the sea
    stands there, and in the end the height of the sill, 10.25 m.
    """

    cell: float = 10.0
    n: float = 0.03
    length: float = 700.0
    width: float = 100.0
    sill: float = 10.25
    end: float = 72_000.0
    points: tuple[tuple[float, float], ...] = ((400.0, 50.0), (600.0, 50.0))
    sea: tuple[tuple[float, float], ...] = (
        (0, 9.7), (300, 9.7), (3600, 10.35), (39_600, 10.35), (43_200, 9.7), (72_000, 9.7),
    )  # fmt: skip

    def height(self, x: np.ndarray) -> np.ndarray:
        wave = 10 + 0.25 * np.cos(np.pi * (x - 300) / 200)
        rise = 9.64872 + 0.00212961 * x
        shore = 10 + 0.25 * np.pi / 200 * (x - 600)
        return np.where(x < 266, rise, np.where(x < 600, wave, shore))

    def domain(self) -> Domain:
        shape, x, _ = _grid(self.length, self.width, self.cell)
        ground = self.height(x)
        times, levels = zip(*self.sea, strict=True)
        active = np.ones(shape, bool)
        return Domain(
            ground, active, self.cell, manning=np.full(shape, self.n), depth=np.maximum(levels[0] - ground, 0.0),
            parts=(Part("sea", LEVEL, series=Linear(times, levels)),), owner=_western(active, np.ones(shape[0], bool)),
        )  # fmt: skip

    def cell_of(self, point: tuple[float, float]) -> tuple[int, int]:
        return _cell(point, self.width, self.cell)


@dataclass(frozen=True)
class FloodplainDepressions:
    """Test 2: a flood from the north-western corner fills some of 4 x 4 hollows, each about 0.5 m deep.

    Ground: an egg box of period 500 m on a plane that falls 1:1,500 southwards and
    1:2,000 eastwards (the text of the report says 1:3,000; the agency's grid falls
    1:2,000). The formula meets 676 heights of one period, of a copy sampled at 20 m,
    with a root mean square of 3 mm (9 mm at most; the sampling alone explains 4 mm), so it is the test's ground in form, not to the millimetre. There is no
    published number: which hollows fill depends on the path. No settled pond can
    stand above its sill, and no water can be lost.
    """

    cell: float = 20.0
    n: float = 0.03
    length: float = 2000.0
    end: float = 172_800.0
    inflow: tuple[tuple[float, float], ...] = (
        (0, 0), (300, 0), (600, 20), (5160, 20), (5460, 0), (172_800, 0),
    )  # fmt: skip

    def height(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        c, d = (2 * np.pi / 500 * v for v in (x, y))
        box = 9.9241 + 0.1501 * (np.cos(c) + np.cos(d)) - 0.0928 * np.cos(c) * np.cos(d)
        box += -0.0051 * (np.cos(2 * c) + np.cos(2 * d)) + 0.0045 * (
            np.cos(c) * np.cos(2 * d) + np.cos(2 * c) * np.cos(d)
        )
        return box - x / 2000 - (self.length - y) / 1500

    def points(self) -> list[tuple[float, float]]:
        """The 16 published points, south to north in each column of hollows, columns west to east."""
        return [(250.0 + 500 * i, 250.0 + 500 * j) for i in range(4) for j in range(4)]

    def volume(self) -> float:
        """Water that flows in, m3."""
        times, rates = zip(*self.inflow, strict=True)
        return float(np.trapezoid(rates, times))

    def domain(self) -> Domain:
        shape, x, y = _grid(self.length, self.length, self.cell)
        times, rates = zip(*self.inflow, strict=True)
        active = np.ones(shape, bool)
        return Domain(
            self.height(x, y), active, self.cell, manning=np.full(shape, self.n),
            parts=(Part("river", DISCHARGE, series=Linear(times, rates)),),
            owner=_western(active, y[:, 0] > self.length - 100),
        )  # fmt: skip

    def cell_of(self, point: tuple[float, float]) -> tuple[int, int]:
        return _cell(point, self.length, self.cell)


@dataclass(frozen=True)
class MomentumOverObstruction:
    """Test 3: a wave down a slope of 1:200 has just the water to fill a hollow, and by its momentum passes the hump.

    Ground: hollow of 9.75 m at x = 150 m, hump of 10.00 m at 200 m, hollow of 9.75 m
    at 250 m. The formula meets the agency's heights within 0.3 mm. The report:
    packages with inertia put water into the second hollow, those without leave it dry.
    """

    cell: float = 5.0
    n: float = 0.01
    length: float = 300.0
    width: float = 100.0
    hump: float = 10.0
    end: float = 900.0
    points: tuple[tuple[float, float], ...] = ((150.0, 50.0), (250.0, 50.0))
    inflow: tuple[tuple[float, float], ...] = ((0, 0), (5, 0), (15, 65.5), (25, 65.5), (35, 0), (900, 0))

    def height(self, x: np.ndarray) -> np.ndarray:
        slope = 10.4876 - x / 200
        left = 10 - 0.25 * np.cos(np.pi * (x - 150) / 50)
        hump = 9.875 + 0.125 * np.cos(np.pi * (x - 200) / 50)
        right = 10 - 0.25 * np.cos(np.pi * (x - 250) / 50)
        shore = 10 + 0.25 * np.pi / 50 * (x - 275)
        return np.select([x < 144.5, x < 150, x < 250, x < 275], [slope, left, hump, right], shore)

    def volume(self) -> float:
        """Water that flows in, m3."""
        times, rates = zip(*self.inflow, strict=True)
        return float(np.trapezoid(rates, times))

    def domain(self) -> Domain:
        """The flood enters along the whole western edge."""
        shape, x, _ = _grid(self.length, self.width, self.cell)
        times, rates = zip(*self.inflow, strict=True)
        active = np.ones(shape, bool)
        return Domain(
            self.height(x), active, self.cell, manning=np.full(shape, self.n),
            parts=(Part("flood", DISCHARGE, series=Linear(times, rates)),),
            owner=_western(active, np.ones(shape[0], bool)),
        )  # fmt: skip

    def brimful(self) -> Domain:
        """The control: the first hollow filled to the hump with water at rest, nothing flows in."""
        shape, x, _ = _grid(self.length, self.width, self.cell)
        ground = self.height(x)
        brim = ground[0][(x[0] > 150) & (x[0] < 250)].max()
        depth = np.where(x < 200, np.maximum(brim - ground, 0.0), 0.0)
        return Domain(ground, np.ones(shape, bool), self.cell, manning=np.full(shape, self.n), depth=depth)

    def cell_of(self, point: tuple[float, float]) -> tuple[int, int]:
        return _cell(point, self.width, self.cell)


def _grid(length: float, width: float, cell: float) -> tuple[tuple[int, int], np.ndarray, np.ndarray]:
    """Shape (ny, nx), and x and y of the cell centres, row 0 in the north."""
    ny, nx = round(width / cell), round(length / cell)
    x, y = np.meshgrid((np.arange(nx) + 0.5) * cell, (ny - np.arange(ny) - 0.5) * cell)
    return (ny, nx), x, y


def _cell(point: tuple[float, float], width: float, cell: float) -> tuple[int, int]:
    """Row and column of the cell that holds a point (x, y); on an edge the cell to the east and south."""
    return round(width / cell) - int(np.ceil(point[1] / cell)), int(point[0] // cell)


def _western(active: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Owner of the border faces: part 0 on the western edge in the rows given, walls elsewhere."""
    faces = border_faces(active, ~active)
    west = (faces.axis == 0) & (faces.side == -1) & rows[faces.cell_row - 1]
    return np.where(west, 0, WALL)
