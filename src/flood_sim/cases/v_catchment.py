"""Rain on two planes that drain into a channel between them: the V-catchment."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from flood_sim.cases.plane import M, RainOnPlane
from flood_sim.solver.border import NORMAL, WALL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps

V_PUBLISHED = np.array([
    (14.853, 0.0398), (17.796, 0.0923), (20.671, 0.1946), (23.547, 0.3363), (26.904, 0.6037), (29.852, 0.9654),
    (33.006, 1.4189), (36.092, 1.9562), (39.455, 2.6167), (42.199, 3.1645), (45.767, 3.8643), (49.334, 4.4645),
    (51.663, 4.6507), (54.675, 4.7582), (57.618, 4.7924), (63.435, 4.7926), (72.673, 4.7929), (81.775, 4.7985),
    (91.492, 4.7883), (95.048, 4.6417), (99.286, 4.3064), (104.070, 3.8244), (109.399, 3.2376), (115.959, 2.5303),
    (122.384, 1.9749), (131.819, 1.3673), (142.625, 0.9169), (153.433, 0.6448), (167.253, 0.4304), (179.295, 0.3155),
])  # fmt: skip
"""Minutes and m3/s at the outlet, no rain on the channel: the numerical solution of Shen (2010) as digitised by
L. Shu, github.com/Model-Intercomparison-Datasets/V-Catchment, Ref/Q_River_RKFV.csv ("open access for any purposes"),
here every second to third point; read to about 0.01 m3/s, its grid smears the kink at 50 minutes."""


@dataclass(frozen=True)
class VCatchment:
    """Two planes of 800 m x 1000 m, slope 0.05, n 0.015; a channel 20 m wide, slope 0.02, n 0.15; 10.8 mm/h for 90 min.

    Di Giammarco, Todini and Lamberti (1996), doi:10.1016/S0022-1694(96)80020-X;
    the figures as given by L. Shu (see V_PUBLISHED) and by the overland-flow test
    of MODFLOW 6, "olf-swr-vcatch". Those two lay the slope of the channel over
    the planes too; here the planes fall towards the channel only, because then
    the kinematic wave has an exact solution, which is also what the published
    curve shows. Our own setting, not published: the channel lies 1 m (top) to 21 m
    (outlet) below the feet of the planes, so that they drain freely. cell divides 20 m.
    """

    cell: float = 20.0
    rain_on_channel: bool = True
    rain: float = 10.8e-3 / 3600
    duration: float = 5400.0
    end: float = 10800.0
    length: float = 1000.0
    width: float = 20.0
    slope: float = 0.02
    n: float = 0.15
    foot: float = 21.0

    @property
    def plane(self) -> RainOnPlane:
        return RainOnPlane(slope=0.05, n=0.015, rain=self.rain, length=800.0, cell=self.cell, duration=self.duration)

    @property
    def channel(self) -> RainOnPlane:
        """The channel as a plane on which rains what both planes give in equilibrium."""
        supply = self.equilibrium / (self.width * self.length)
        return RainOnPlane(slope=self.slope, n=self.n, rain=supply, length=self.length, cell=self.cell)

    @property
    def equilibrium(self) -> float:
        """Discharge at the outlet when all that falls flows off, m3/s."""
        across = 2 * self.plane.length + (self.width if self.rain_on_channel else 0.0)
        return self.rain * across * self.length

    def domain(self) -> Domain:
        """The channel runs south through the middle; its outlet is the only open border."""
        beside, wide, rows = self.plane.cells, round(self.width / self.cell), round(self.length / self.cell)
        away = np.maximum(np.abs(np.arange(2 * beside + wide) - beside - (wide - 1) / 2) - (wide - 1) / 2, 0) - 0.5
        channel = away < 0
        along = (np.arange(rows) + 0.5) * self.cell
        bed = self.slope * (self.length - along)[:, None]
        ground = np.where(channel, bed, self.foot + self.plane.slope * away * self.cell)
        active = np.ones(ground.shape, bool)
        faces = border_faces(active, ~active)
        outlet = (faces.axis == 1) & (faces.side == 1) & channel[faces.cell_col - 1]
        wet = np.broadcast_to(np.where(channel, float(self.rain_on_channel), 1.0), ground.shape)
        return Domain(
            ground, active, self.cell, manning=np.broadcast_to(np.where(channel, self.n, self.plane.n), ground.shape),
            rain=Steps((0.0, self.duration), (self.rain,)), rain_weight=wet.copy(),
            parts=(Part("outlet", NORMAL, self.slope),), owner=np.where(outlet, 0, WALL),
        )  # fmt: skip

    def hydrograph(self, t: np.ndarray) -> np.ndarray:
        """Exact kinematic discharge at the outlet, m3/s, at times t (rising from 0, fine: s apart).

        The planes give r(t) = 2 q / width (+ rain), the same all along the
        channel: a depth that enters at the top at time tau grows to R(t) - R(tau),
        R the integral of r, and has travelled int c dt, c = (5/3) alpha h^(2/3).
        Where not even the first has arrived, the outlet has the depth R(t).
        Characteristics never cross, because a later one is shallower and slower.
        """
        alpha = math.sqrt(self.slope) / self.n
        supply = 2 * self.plane.hydrograph(t) / self.width
        if self.rain_on_channel:
            supply = supply + np.where(t <= self.duration, self.rain, 0.0)
        grown = np.concatenate([[0.0], np.cumsum((supply[1:] + supply[:-1]) / 2 * np.diff(t))])
        depth = grown.copy()

        def travelled(since: int, now: int) -> float:
            speed = M * alpha * np.maximum(grown[since : now + 1] - grown[since], 0.0) ** (M - 1)
            return float(np.trapezoid(speed, t[since : now + 1]))

        since = 0
        for now in range(1, t.size):
            if travelled(since, now) <= self.length:
                depth[now] = grown[now] - (grown[since] if since else 0.0)
                continue
            while since + 1 < now and travelled(since + 1, now) > self.length:
                since += 1
            early, late = travelled(since, now), travelled(since + 1, now)
            share = (early - self.length) / (early - late)
            depth[now] = grown[now] - (grown[since] + share * (grown[since + 1] - grown[since]))
        return self.width * alpha * depth**M
