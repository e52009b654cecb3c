"""Ponds joined by a culvert, a dam with one, and a valley with every structure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from flood_sim.cases.valley import TURNS, turned, valley
from flood_sim.kernels.constants import G
from flood_sim.solver.border import DISCHARGE, NORMAL, WALL, Part, border_faces
from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.domain import Domain
from flood_sim.solver.entrances import ENTRANCES
from flood_sim.solver.points import Inlets, Manholes, Storage, Storages
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.solver.series import Linear


@dataclass(frozen=True)
class LinkedPonds:
    """Two ponds of one cell each, walls between and around, joined by a pipe under water.

    levels: above the bottom of both, m. Without the inertia of the water in the pipe the difference D of the
    levels obeys d sqrt(D) / dt = - 1 / (A sqrt(k)), A the area of a pond, k the full loss of the pipe (s2/m5).
    """

    cell: float = 200.0
    levels: tuple[float, float] = (4.0, 2.0)
    diameter: float = 1.0
    length: float = 20.0
    manning: float = 0.013
    blocked: float = 0.0

    def domain(self) -> Domain:
        active = np.zeros((3, 5), bool)
        active[1, [1, 3]] = True
        depth = np.zeros(active.shape)
        depth[1, [1, 3]] = self.levels
        mouths = (_mouth((1, 1), 0.0), _mouth((1, 3), 0.0))
        pipe = Culvert("pipe", mouths, "circular", self.diameter, self.diameter, self.length, self.manning,
                       blocked=self.blocked)  # fmt: skip
        return Domain(
            np.zeros(active.shape), active, self.cell, outside=np.zeros_like(active), depth=depth,
            manning=np.full(active.shape, 0.03), laws=(Culverts((pipe,)),),
        )  # fmt: skip

    def full_loss(self) -> float:
        """Head over discharge squared, s2/m5: (1 + ke + 2 g n^2 L / R^(4/3)) / (2 g A^2)."""
        friction = 2 * G * self.manning**2 * self.length / (self.diameter / 4) ** (4 / 3)
        ke = ENTRANCES["circular", "square_edge"].ke
        return (1 + ke + friction) / (2 * G * (math.pi * self.diameter**2 / 4) ** 2)

    def time_between(self, high: float, low: float) -> float:
        """In which the difference of the levels falls from `high` to `low`, s."""
        return self.cell**2 * math.sqrt(self.full_loss()) * (math.sqrt(high) - math.sqrt(low))


def dam(discharge: float = 3.0, blocked: float = 0.0, barrels: int = 1) -> Domain:
    """A channel 15 m wide falling 0.2 %, across it a dam 3 m high with a box 2.0 x 1.5 m, L = 30 m, at 1 %; cells of 1 m.

    The discharge (m3/s) enters in the west and leaves freely in the east.
    """
    rows, cols, west = 15, 75, 30
    ground = np.repeat(0.002 * (cols - np.arange(cols))[None, :], rows, 0)
    ground[:, west : west + 29] = ground[0, west - 1] + 3.0
    ground[:, west + 29 :] -= ground[0, west + 29] - ground[0, west - 1] + 0.3
    active = np.ones((rows, cols), bool)
    faces = border_faces(active, ~active)
    west_side, east_side = ((faces.axis == 0) & (faces.side == side) for side in (-1, 1))
    owner = np.where(west_side, 0, np.where(east_side, 1, WALL))
    parts = (Part("stream", DISCHARGE, series=Linear((0.0, 60.0), (0.0, discharge))), Part("free", NORMAL, 0.002))
    lie = np.arange(rows // 2 - 1, rows // 2 + 2)
    upper, lower = (Mouth(lie, np.full(3, col), float(ground[0, col])) for col in (west - 1, west + 29))
    box = Culvert("box", (upper, lower), "box", 2.0, 1.5, 30.0, 0.013, barrels=barrels, blocked=blocked)
    return Domain(
        ground, active, 1.0, manning=np.full(ground.shape, 0.03), parts=parts, owner=owner, laws=(Culverts((box,)),)
    )


def structures(turn: str | None = None) -> Domain:
    """The steep valley with a culvert, a pipe drawn uphill, inlets, a storage, manholes and roofs; perhaps turned."""
    domain = valley()
    domain = domain if turn is None else turned(domain, turn)
    number = np.arange(60 * 80).reshape(60, 80)
    there = {int(n): k for k, n in enumerate((number if turn is None else TURNS[turn](number)).ravel())}
    columns = domain.ground.shape[1]

    def at(*places: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        rows, cols = np.divmod(np.array([there[r * 80 + c] for r, c in places]), columns)
        return rows, cols

    def end(*places: tuple[int, int]) -> Mouth:
        rows, cols = at(*places)
        return Mouth(rows, cols, float(domain.ground[rows, cols].min()))

    down = Culvert("down", (end((50, 35), (50, 36), (50, 37)), end((12, 36))), "box", 2.0, 0.6, 90.0, 0.015)
    uphill = Culvert("uphill", (end((8, 36)), end((30, 60))), "circular", 0.5, 0.5, 60.0, 0.013, "projecting", 2)
    ring = [(k, c) for k in (19, 26) for c in range(30, 38)]
    wet = at(*[(r, 36) for r in (5, 10, 15, 30, 35, 45, 50)], (5, 36))
    knots = np.array([0.0, 100.0, 300.0])
    flow = np.array([[[0.0, 0.2], [0.3, 0.0]], [[0.3, 0.0], [0.1, 0.1]]])
    return replace(domain, laws=(
        SewerRoofs(*at(*[(r, c) for r in range(20, 26) for c in range(30, 34)])),
        GreenRoofs(*at(*ring), np.full(len(ring), 24 / len(ring)), np.full(len(ring), 0.005)),
        Manholes(*at((40, 10), (41, 70)), knots, flow),
        Inlets(*wet, np.array([0.0, 0.02, 0.1]), np.array([0.0, 0.004, 0.02]), 0.8),
        Storages((Storage("tank", *at((3, 35), (3, 36), (3, 37)), 4.0, 0.05),)),
        Culverts((down, uphill)),
    ))  # fmt: skip


def _mouth(cell: tuple[int, int], invert: float) -> Mouth:
    return Mouth(np.array([cell[0]]), np.array([cell[1]]), invert)
