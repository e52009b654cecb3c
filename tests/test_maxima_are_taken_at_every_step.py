"""Maxima are those of every time step, however rarely a run is written down.

A run whose only outputs are its beginning and its end is repeated step by step
in Python: after each step the state is read, and
    max h, the first time of it;  |q| of the mean limited face discharges, max |q| and
    its direction, clockwise from grid north;  max of |q| / h while h >= 2 cm, but no
    faster than the faces of the cell, the faster of each two opposite ones;
    the first time with h >= threshold;  the sum of the times (end - begin) of all
    spells with h >= threshold, a spell being open as long as the cell is wet.
Both read the same float32 state, so that only the float32 of the recorded squares
and of the sums of times differs: 1e-6 relative, 2e-3 s.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.runner import run
from flood_sim.scenario import Scenario

ROWS, COLS = 14, 18


class StepByStep:
    """The maxima, recomputed from the state after each step."""

    def __init__(self, sim, threshold):
        self.sim, self.threshold = sim, np.float32(threshold)
        depth = sim.depth.astype(float)
        self.max_depth, self.time_of_max = depth.copy(), np.zeros(depth.shape)
        self.max_q, self.direction = np.zeros(depth.shape), np.full(depth.shape, np.nan)
        self.max_speed = np.zeros(depth.shape)
        self.wet = sim.depth >= self.threshold
        self.arrival = np.where(self.wet, 0.0, np.nan)
        self.spells = self.wet.astype(int)
        self.duration = np.zeros(depth.shape)
        self.before = 0.0

    def __call__(self):
        sim, t = self.sim, self.sim.t
        depth, qx, qy = sim.depth.astype(float), sim.state.qx.astype(float), sim.state.qy.astype(float)
        higher = depth > self.max_depth
        self.time_of_max[higher], self.max_depth[higher] = t, depth[higher]
        east = (qx[1:-1, :-2] + qx[1:-1, 1:-1]) / 2
        north = -(qy[:-2, 1:-1] + qy[1:-1, 1:-1]) / 2
        q = np.hypot(east, north)
        more = q > self.max_q
        self.max_q[more] = q[more]
        self.direction[more] = np.degrees(np.arctan2(east, north))[more] % 360
        deep = sim.depth >= np.float32(0.02)
        u, v = np.abs(sim.state.u.astype(float)), np.abs(sim.state.v.astype(float))
        faces = np.hypot(np.maximum(u[1:-1, :-2], u[1:-1, 1:-1]), np.maximum(v[:-2, 1:-1], v[1:-1, 1:-1]))
        speed = np.where(deep, np.minimum(q / np.maximum(depth, 0.02), faces), 0.0)
        self.max_speed = np.maximum(self.max_speed, speed)
        self.duration += np.where(self.wet, t - self.before, 0.0)  # wet since the step before
        wet = sim.depth >= self.threshold
        self.spells += wet & ~self.wet
        self.arrival = np.where(wet & np.isnan(self.arrival), t, self.arrival)
        self.wet, self.before = wet, t


@pytest.fixture
def showers(write_raster):
    """Three showers on rough ground with a pond that has burst; free outflow; 25 min, outputs every hour."""
    rng = np.random.default_rng(8)
    y, x = np.mgrid[0:ROWS, 0:COLS]
    ground = 0.15 * rng.random((ROWS, COLS)) + 0.06 * (COLS - x) + 0.03 * y
    ground[9:12, 11:15] -= 0.5  # a hollow that stays wet
    start = np.zeros((ROWS, COLS))
    start[2:6, 1:5] = 0.8
    return Scenario.parse({
        "terrain": {"dem": write_raster(ground)},
        "initial": {"kind": "depth", "file": write_raster(start, "start.tif")},
        "storm": {"kind": "table", "edges_min": [2, 3, 8, 9, 14, 15], "depths_mm": [40, 0, 60, 0, 50]},
        "surface": {"roughness": {"kind": "constant", "n": 0.05}},
        "outputs": {"every_min": 60, "series_every_s": 3600, "threshold_cm": 6},
        "numerics": {"duration_min": 25, "max_step_s": 1},
    })  # fmt: skip


def test_what_a_run_records_is_what_every_step_showed(showers):
    sim = build(showers).simulation()
    slow = StepByStep(sim, 0.06)
    sim.advance(1500.0, slow)
    result = run(showers)
    assert result.manifest["output_times_s"] == [0.0, 1500.0]
    assert result.manifest["performance"]["steps"] == sim.steps > 1500
    found = {key: result.dataset[key].values.astype(float) for key in
             ("max_depth", "time_of_max_depth", "max_speed", "max_unit_discharge", "direction_at_max",
              "arrival_time", "duration")}  # fmt: skip

    np.testing.assert_allclose(found["max_depth"], slow.max_depth, rtol=1e-6)
    np.testing.assert_allclose(found["time_of_max_depth"], slow.time_of_max, atol=2e-3)
    np.testing.assert_allclose(found["max_speed"], slow.max_speed, rtol=1e-5)
    np.testing.assert_allclose(found["max_unit_discharge"], slow.max_q, rtol=1e-6)
    moved = slow.max_q > 0
    turn = (found["direction_at_max"] - slow.direction + 180) % 360 - 180
    np.testing.assert_allclose(turn[moved], 0.0, atol=1e-3)
    np.testing.assert_allclose(found["arrival_time"], slow.arrival, atol=2e-3)
    np.testing.assert_allclose(found["duration"], slow.duration, atol=2e-3)

    # the case holds what it is meant to hold
    assert slow.spells.max() >= 3, "several spells"
    assert (slow.arrival == 0).sum() == 16 and ((slow.arrival == 0) & ~slow.wet).any(), "wet at the start, dry later"
    assert (slow.wet & (slow.arrival > 0)).any(), "wet at the end"
    assert np.isnan(slow.arrival).any() and (slow.max_speed > 1).any()
    at_the_end = result.dataset["depth"].isel(time=-1).values
    assert np.nanmax(found["max_depth"] - at_the_end) > 0.3, "outputs alone would have missed it"


FLOWS = {"north": (0.0, (-1, 0)), "east": (90.0, (0, 1)), "south": (180.0, (1, 0)), "west": (270.0, (0, -1))}


@pytest.mark.parametrize("towards", FLOWS)
def test_direction_is_clockwise_from_grid_north(write_raster, towards):
    expected, (down_row, down_col) = FLOWS[towards]
    row, col = np.mgrid[0:12, 0:12]
    ground = -0.05 * (down_row * row + down_col * col) + 1
    result = run(
        Scenario.parse({
            "terrain": {"dem": write_raster(ground)}, "storm": {"kind": "block", "depth_mm": 30, "duration_min": 2},
            "boundaries": [{"kind": "free", "where": {"edge": towards}}], "numerics": {"duration_min": 2},
        })
    )  # fmt: skip
    heading = result.dataset["direction_at_max"].values[3:9, 3:9]
    turn = (heading - expected + 180) % 360 - 180
    np.testing.assert_allclose(turn, 0.0, atol=1e-3)


def test_speed_is_not_recorded_in_a_film(write_raster):
    """Below 2 cm the quotient of two small numbers is no speed; v h is recorded all the same."""
    ground = np.repeat(0.05 * np.arange(12)[::-1, None], 6, axis=1)
    result = run(
        Scenario.parse({
            "terrain": {"dem": write_raster(ground)}, "storm": {"kind": "block", "depth_mm": 5, "duration_min": 5},
            "boundaries": [{"kind": "free", "where": {"edge": "south"}}], "numerics": {"duration_min": 5},
        })
    )  # fmt: skip
    assert 0 < result.dataset["max_depth"].max() < 0.02
    assert (result.dataset["max_speed"] == 0).all()
    assert (result.dataset["max_unit_discharge"] > 0).all()
