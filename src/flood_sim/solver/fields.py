"""What the state and the maxima mean as fields of a result: (ny, nx), SI, NaN where no water can be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flood_sim.kernels.constants import SPEED_DEPTH
from flood_sim.solver.simulation import Simulation

INNER = (slice(1, -1), slice(1, -1))


def mean_discharge(sim: Simulation) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the limited discharges through opposite faces of each cell, m2/s, towards east and north."""
    sim.fetch("qx", "qy")
    return _mean_discharge(sim.state.qx, sim.state.qy)


def _mean_discharge(qx: np.ndarray, qy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    east = (qx[1:-1, :-2] + qx[1:-1, 1:-1]) * np.float32(0.5)
    south = (qy[:-2, 1:-1] + qy[1:-1, 1:-1]) * np.float32(0.5)
    return east, -south


def snapshot(sim: Simulation) -> dict[str, np.ndarray]:
    """Depth and velocity now. Velocity is discharge / depth, 0 below the depth at which speed is recorded."""
    sim.fetch("h", "qx", "qy")
    return _snapshot(sim, sim.state.h, sim.state.qx, sim.state.qy)


def snapshot_later(sim: Simulation) -> Callable[[], dict[str, np.ndarray]]:
    """As `snapshot`, for the moment of this call; computed when called, while the flow goes on on its card."""
    frozen = sim.freeze()
    return lambda: _snapshot(sim, **frozen.arrays())


def _snapshot(sim: Simulation, h: np.ndarray, qx: np.ndarray, qy: np.ndarray) -> dict[str, np.ndarray]:
    depth = h[INNER]
    east, north = _mean_discharge(qx, qy)
    deep = depth >= SPEED_DEPTH
    per_depth = np.where(deep, 1.0 / np.maximum(depth, SPEED_DEPTH), 0.0)
    fields = {"depth": depth, "velocity_x": east * per_depth, "velocity_y": north * per_depth}
    return {key: _masked(values, sim) for key, values in fields.items()}


def maxima(sim: Simulation) -> dict[str, np.ndarray]:
    """Every field without time, from the maxima over every time step."""
    sim.fetch("h", "maxima")
    m = sim.maxima
    depth = m.h[INNER]
    east, north = m.qx[INNER], -m.qy[INNER]
    arrival = m.arrival[INNER]
    wet_now = sim.depth >= sim.threshold
    heading = np.degrees(np.arctan2(east, north)) % 360.0
    never = depth <= 0
    fields = {
        "ground": sim.domain.ground,
        "max_depth": depth,
        "time_of_max_depth": np.where(never, np.nan, m.time_h[INNER]),
        "max_speed": np.sqrt(m.speed2[INNER]),
        "max_unit_discharge": np.hypot(east, north),
        "direction_at_max": np.where((east == 0) & (north == 0), np.nan, heading),
        "arrival_time": np.where(np.isinf(arrival), np.nan, arrival),
        "duration": m.wet_s[INNER] + np.where(wet_now, sim.t, 0.0),
    }
    return {key: _masked(values, sim) for key, values in fields.items()}


def _masked(values: np.ndarray, sim: Simulation) -> np.ndarray:
    return np.where(sim.domain.active, values, np.nan).astype(np.float32)
