"""What the state and the maxima mean as fields of a result: (ny, nx), SI, NaN where no water can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from flood_sim.kernels.constants import SPEED_DEPTH
from flood_sim.solver.simulation import Simulation

INNER = (slice(1, -1), slice(1, -1))


class Field:
    """A field (ny, nx), float32, that computes the values of a part when asked for them.

    field[rows, cols] and field[:] give arrays. They show what the Simulation is
    at that moment, so a part is to be taken before the next step.
    """

    def __init__(self, active: np.ndarray, make: Callable[[Any], np.ndarray]) -> None:
        self._active, self._make = active, make

    @property
    def shape(self) -> tuple[int, ...]:
        return self._active.shape

    def __getitem__(self, part: Any) -> np.ndarray:
        return np.where(self._active[part], self._make(part), np.nan).astype(np.float32)


def snapshot(sim: Simulation) -> dict[str, Field]:
    """Depth and velocity now. Velocity is discharge / depth, 0 below the depth at which speed is recorded."""
    sim.fetch("h", "qx", "qy")
    return _snapshot(sim, sim.state.h, sim.state.qx, sim.state.qy)


def snapshot_later(sim: Simulation) -> Callable[[], dict[str, Field]]:
    """As `snapshot`, for the moment of this call; computed when called, while the flow goes on on its card."""
    frozen = sim.freeze()
    return lambda: _snapshot(sim, **frozen.arrays())


def speed_at(sim: Simulation, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Speed now in some cells, m/s; 0 where the depth is below that at which speed is recorded."""
    sim.fetch("h", "qx", "qy")
    at = rows, cols
    depth = sim.state.h[INNER][at].astype(float)
    through = np.hypot(_eastward(sim.state.qx, at), _northward(sim.state.qy, at))
    return np.where(depth >= SPEED_DEPTH, through / np.maximum(depth, SPEED_DEPTH), 0.0)


def maxima(sim: Simulation) -> dict[str, Field]:
    """Every field without time, from the maxima over every time step."""
    sim.fetch("h", "maxima")
    m, d = sim.maxima, sim.domain
    depth, time, speed2 = m.h[INNER], m.time_h[INNER], m.speed2[INNER]
    east, south = m.qx[INNER], m.qy[INNER]
    arrival, wet = m.arrival[INNER], m.wet_s[INNER]
    depth_now = sim.depth

    def heading(p: Any) -> np.ndarray:
        degrees = np.degrees(np.arctan2(east[p], -south[p])) % 360.0
        return np.where((east[p] == 0) & (south[p] == 0), np.nan, degrees)

    made: dict[str, Callable[[Any], np.ndarray]] = {
        "ground": lambda p: d.ground[p],
        "max_depth": lambda p: depth[p],
        "time_of_max_depth": lambda p: np.where(depth[p] <= 0, np.nan, time[p]),
        "max_speed": lambda p: np.sqrt(speed2[p]),
        "max_unit_discharge": lambda p: np.hypot(east[p], south[p]),
        "direction_at_max": heading,
        "arrival_time": lambda p: np.where(np.isinf(arrival[p]), np.nan, arrival[p]),
        "duration": lambda p: wet[p] + np.where(depth_now[p] >= sim.threshold, sim.t, 0.0),
    }
    return {key: Field(d.active, make) for key, make in made.items()}


def _snapshot(sim: Simulation, h: np.ndarray, qx: np.ndarray, qy: np.ndarray) -> dict[str, Field]:
    depth = h[INNER]

    def velocity(through: np.ndarray, part: Any) -> np.ndarray:
        here = depth[part]
        return through * np.where(here >= SPEED_DEPTH, 1.0 / np.maximum(here, SPEED_DEPTH), 0.0)

    made: dict[str, Callable[[Any], np.ndarray]] = {
        "depth": lambda p: depth[p],
        "velocity_x": lambda p: velocity(_eastward(qx, p), p),
        "velocity_y": lambda p: velocity(_northward(qy, p), p),
    }
    return {key: Field(sim.domain.active, make) for key, make in made.items()}


def _eastward(qx: np.ndarray, part: Any) -> np.ndarray:
    """Mean of the limited discharges through the west and the east face of cells, m2/s."""
    return (qx[1:-1, :-2][part] + qx[1:-1, 1:-1][part]) * np.float32(0.5)


def _northward(qy: np.ndarray, part: Any) -> np.ndarray:
    """Mean of the limited discharges through the north and the south face of cells, m2/s."""
    return -((qy[:-2, 1:-1][part] + qy[1:-1, 1:-1][part]) * np.float32(0.5))
