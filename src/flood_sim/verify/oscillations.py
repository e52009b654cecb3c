"""Water swaying in bowls, with a moving shore."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks
from flood_sim.verify.steady_flow import LEAST_ORDER, order

TEST = "tests/test_water_sways_in_a_bowl_as_thacker_says.py"
SAMPLES = 32
"""Looks per period."""


@dataclass(frozen=True)
class Swing:
    """What was seen of an oscillation: L1 error of depth after each period, amplitude and phase in each."""

    l1: list[float]
    amplitude: np.ndarray
    phase: np.ndarray

    @property
    def decay(self) -> float:
        """Share of the amplitude lost per period."""
        return float(1 - (self.amplitude[-1] / self.amplitude[0]) ** (1 / (self.amplitude.size - 1)))

    @property
    def period_error(self) -> float:
        """Relative error of the period; positive is slow."""
        return float((self.phase[-1] - self.phase[0]) / (self.phase.size - 1) / (2 * np.pi))


def swing(case: cases.Oscillation, cells: int, periods: int, dtype: type) -> Swing:
    """Harmonic of each period of the place (or spread) of the water, which is exactly harmonic in each case."""
    sim = Simulation(case.domain(cells), dtype=dtype, record=False)
    where = case.centres(cells)
    errors, seen = [], []
    for k in range(1, periods * SAMPLES + 1):
        sim.advance(k * case.period / SAMPLES)
        h = sim.depth.astype(float)
        seen.append(case.state(where, h))
        if k % SAMPLES == 0:
            exact = case.depth(where, sim.t)
            errors.append(float(np.abs(h - exact).sum() / exact.sum()))
    turn = np.exp(2j * np.pi * np.arange(1, SAMPLES + 1) / SAMPLES)
    harmonic = np.array(seen).reshape(periods, SAMPLES) @ turn * 2 / SAMPLES
    return Swing(errors, np.abs(harmonic), np.unwrap(np.angle(harmonic)))


def oscillation(
    case: cases.Oscillation,
    decay_limit: float,
    period_limit: float,
    l1_limit: float,
    cells: int,
    periods: int,
    dtype: type = np.float32,
) -> Check:
    """Amplitude lost and time gained per period, L1 of depth after the last, and how both shrink with the cell."""
    swings = [swing(case, n, periods, dtype) for n in (cells // 4, cells // 2, cells)]
    finest = swings[-1]
    return Check(
        {
            "decay_per_period": finest.decay,
            "period_error": abs(finest.period_error),
            "l1_after_first_period": finest.l1[0],
            "l1_after_last_period": finest.l1[-1],
            "order_of_decay": order([s.decay for s in swings]),
            "order_of_l1": order([s.l1[0] for s in swings]),
        },
        {
            "decay_per_period": decay_limit,
            "period_error": period_limit,
            "l1_after_last_period": l1_limit,
            "order_of_decay": LEAST_ORDER,
            "order_of_l1": 1.0,
        },
        TEST,
        frozenset({"order_of_decay", "order_of_l1"}),
    )


TROUGH = (cases.SwayInTrough(), 0.003, 1e-4, 0.01, 400, 5)
ROCKING = (cases.SwayInBowl(), 0.006, 4e-4, 0.016, 200, 3)
PULSING = (cases.PulsingBowl(), 0.013, 1.4e-3, 0.011, 200, 3)
CHECKS: Checks = {
    "Thacker, planar in a trough, 5 periods": partial(oscillation, *TROUGH),
    "Thacker, planar in a bowl, 3 periods": partial(oscillation, *ROCKING),
    "Thacker, radial in a bowl, 3 periods": partial(oscillation, *PULSING),
}
