"""What the ground takes against closed forms and published examples; uniform flow whose roughness follows the depth."""

from __future__ import annotations

from functools import partial

import numpy as np

from flood_sim.cases import losses as cases
from flood_sim.cases.losses import MM_H
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Zones
from flood_sim.solver.losing import Losing
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

TEST = "tests/test_soil_takes_what_its_formula_says.py"
ROUGHNESS_TEST = "tests/test_roughness_follows_the_depth.py"
SILT_LOAM = 0.65e-2 / 3600, 5.68e-2
"""K (m/s) and S = psi dtheta (m) of silt loam at 30 % effective saturation: Chow, Maidment and Mays (1988), examples 4.3.1 and 4.4.1."""
DEFAULT = 20 * MM_H, 3 * MM_H, 2 / 3600
"""f0, fc, k of the default of the product."""


def taken(domain: Domain, *times: float) -> list[tuple[float, float]]:
    """Up to when losses are booked (s) and water infiltrated since the start (m over the whole area), at each time."""
    sim = Simulation(domain, record=False)
    (acting,) = sim.laws.acting
    assert isinstance(acting, Losing)
    found = []
    for t in times:
        sim.advance(t)
        found.append((acting.until, sim.balance().infiltration_m3 / (domain.cells * domain.cell**2)))
    return found


def ponded_horton() -> Check:
    """A pool on soil with the default of the product for two hours."""
    f0, fc, k = DEFAULT
    law = cases.even(Zones.of(1, unsealed=1.0, a=f0, b=fc, c=k), "horton")
    series = taken(cases.level_ground(law, depth=0.3), 1200.0, 3600.0, 7200.0)
    error = max(abs(depth / cases.horton(t, f0, fc, k) - 1) for t, depth in series)
    return Check({"relative_error": error}, {"relative_error": 1e-5}, TEST)


def ponded_green_ampt() -> Check:
    """A pool on silt loam for two hours against the implicit closed form."""
    conductivity, suction = SILT_LOAM
    law = cases.even(Zones.of(1, unsealed=1.0, a=conductivity, b=suction), "green_ampt")
    series = taken(cases.level_ground(law, depth=0.3), 60.0, 600.0, 3600.0, 7200.0)
    error = max(abs(depth / cases.green_ampt(t, conductivity, suction) - 1) for t, depth in series)
    return Check({"relative_error": error}, {"relative_error": 2e-4}, TEST)


def rain_on_green_ampt(rain: float = 5e-2 / 3600) -> Check:
    """Steady rain on silt loam: all of it seeps in up to the ponding time, then the closed form goes on from there."""
    conductivity, suction = SILT_LOAM
    law = cases.even(Zones.of(1, unsealed=1.0, a=conductivity, b=suction), "green_ampt")
    ponds = cases.ponding_time(rain, conductivity, suction)
    domain = cases.level_ground(law, rain=Steps((0.0, 1e5), (rain,)))
    times = ponds * np.array([0.5, 0.97, 1.03, 2.0]), np.array([3600.0])
    series = taken(domain, *np.concatenate(times))

    def exact(t: float) -> float:
        return rain * t if t < ponds else cases.green_ampt(t - ponds, conductivity, suction, rain * ponds)

    error = max(float(abs(depth / exact(t) - 1)) for t, depth in series)
    return Check({"relative_error": error}, {"relative_error": 1e-5}, TEST)


TR_55 = {(4.0, 60.0): 0.76, (4.0, 80.0): 2.04, (4.0, 98.0): 3.77, (6.0, 70.0): 2.81}
"""Rain (inches) and curve number to run-off (inches): USDA (1986), Technical Release 55, table 2-1."""


def curve_number() -> Check:
    """Steady rain of an hour against the run-off of TR-55's table."""
    worst = exact = 0.0
    for (inches, number), published in TR_55.items():
        s = cases.retention(number)
        law = cases.even(Zones.of(1, unsealed=1.0, a=s, b=0.2 * s), "curve_number")
        rain = inches * 0.0254
        domain = cases.level_ground(law, rain=Steps((0.0, 3600.0), (rain / 3600,)))
        ((_, lost),) = taken(domain, 3610.0)
        worst = max(worst, abs((rain - lost) / 0.0254 - published))
        exact = max(exact, abs(lost / (rain - (rain - 0.2 * s) ** 2 / (rain + 0.8 * s)) - 1))
    return Check(
        {"off_table_inches": worst, "relative_error": exact}, {"off_table_inches": 0.0055, "relative_error": 1e-5}, TEST
    )


def rough_sheet(depth: float) -> Check:
    """Largest error of the uniform depth, reached from 20 % below and 30 % above."""
    case = cases.RoughSheet(depth)
    worst = 0.0
    for begin in (0.8, 1.3):
        sim = Simulation(case.domain(begin), record=False)
        # three times as long as a wave takes down the sheet
        sim.advance(3.0 * case.length * depth / case.discharge)
        inner = sim.depth[1, case.length // 3 : -case.length // 6]
        worst = max(worst, float(np.abs(inner / depth - 1).max()))
    return Check({"relative_error": worst}, {"relative_error": 1e-5}, ROUGHNESS_TEST)


CHECKS: Checks = {
    "pool on soil, Horton": ponded_horton,
    "pool on soil, Green-Ampt": ponded_green_ampt,
    "rain on soil, Green-Ampt": rain_on_green_ampt,
    "rain on soil, curve number": curve_number,
    **{f"roughness by depth, {100 * d:g} cm": partial(rough_sheet, d) for d in (0.01, 0.05, 0.2)},
}
