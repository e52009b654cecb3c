"""Tests 1 and 3 of the Environment Agency's 2D benchmark."""

from __future__ import annotations

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

TEST = "tests/test_ea_benchmark_ponds_stand_as_published.py"


def disconnected_water_body(case: cases.DisconnectedWaterBody = cases.DisconnectedWaterBody()) -> Check:
    """EA test 1: levels at both points while the sea stands high, and in the end."""
    sim = Simulation(case.domain())
    ground = sim.domain.ground

    def levels() -> list[float]:
        return [float(sim.depth[cell] + ground[cell]) for cell in map(case.cell_of, case.points)]

    sim.advance(11 * 3600.0)
    high = levels()
    sim.advance(case.end)
    left = levels()
    sill = float(ground[:, : int(400 / case.cell)].max())
    return Check(
        {
            "high_level_error_m": max(abs(level - 10.35) for level in high),
            "pond_off_sill_m": max(abs(level - case.sill) for level in left),
            "pond_below_sill_m": sill - min(left),
            "sea_error_m": abs(float(sim.depth[0, 0] + ground[0, 0]) - 9.7),
        },
        {"high_level_error_m": 0.002, "pond_off_sill_m": 0.01, "pond_below_sill_m": 0.0, "sea_error_m": 0.002},
        TEST,
    )


def momentum_over_obstruction(case: cases.MomentumOverObstruction = cases.MomentumOverObstruction()) -> Check:
    """EA test 3: depth in the second hollow with the flood, and with the same hollow filled at rest."""
    sim, still = Simulation(case.domain()), Simulation(case.brimful())
    sim.advance(case.end)
    still.advance(case.end)
    first, second = (case.cell_of(point) for point in case.points)
    return Check(
        {
            "second_hollow_m": float(sim.depth[second]),
            "first_above_hump_m": float(sim.depth[first] + sim.domain.ground[first]) - case.hump,
            "second_hollow_at_rest_m": float(still.depth[second]),
        },
        {"second_hollow_m": 0.05, "first_above_hump_m": 0.0, "second_hollow_at_rest_m": 0.0},
        TEST,
        frozenset({"second_hollow_m"}),
    )


CHECKS: Checks = {
    "EA test 1, disconnected water body": disconnected_water_body,
    "EA test 3, momentum over an obstruction": momentum_over_obstruction,
}
