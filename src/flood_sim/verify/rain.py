"""Rain on planes."""

from __future__ import annotations

from functools import partial

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks


def rain_on_plane(case: cases.RainOnPlane) -> Check:
    """Water on the plane in equilibrium against the discrete and the continuous kinematic wave."""
    sim = Simulation(case.domain())
    sim.advance(3 * case.time_to_equilibrium())
    volume = float(sim.depth[1].sum(dtype=float)) * case.cell
    return Check(
        {
            "against_discrete": abs(volume / case.discrete_volume() - 1),
            "against_continuous": abs(volume / case.continuous_volume() - 1),
        },
        {"against_discrete": 0.01, "against_continuous": 0.03},
        "tests/test_rain_on_a_plane_reaches_the_kinematic_volume.py",
    )


PLANES = (
    cases.RainOnPlane(slope=0.005, n=0.015, cell=1.0, length=50.0),
    cases.RainOnPlane(slope=0.05, n=0.03, cell=2.0, length=100.0),
    cases.RainOnPlane(slope=0.25, n=0.02, cell=2.0, length=100.0),
    cases.RainOnPlane(slope=0.5, n=0.1, cell=5.0, length=250.0),
)
CHECKS: Checks = {
    f"rain on a plane, slope {100 * p.slope:g} %, n {p.n:g}, {p.cell:g} m": partial(rain_on_plane, p) for p in PLANES
}
