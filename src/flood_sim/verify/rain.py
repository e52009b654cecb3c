"""Rain on planes and on two planes with a channel."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from flood_sim import cases
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.check import Check, Checks

TEST = "tests/test_rain_on_a_plane_reaches_the_kinematic_volume.py"
SAMPLES = 60
"""Intervals per time to equilibrium in which the discharge at the foot is metered."""


def metered(case: cases.RainOnPlane, until: float) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Ends of the intervals (s), mean discharge per metre in each (m2/s); steady volume (m2) and time step (s)."""
    ends = np.linspace(0.0, until, round(until / case.time_to_equilibrium() * SAMPLES) + 1)
    domain = case.domain()
    sim = Simulation(domain, record=False)
    passed, volume, step = [0.0], 0.0, 0.0
    for end in ends[1:]:
        if sim.t < case.duration <= end:
            step = sim.dt_before
            sim.advance(case.duration)
            volume = float(sim.depth[1].sum(dtype=float)) * case.cell
        sim.advance(end)
        passed.append(sim.balance().outflow_m3)
    return ends, np.diff(passed) / np.diff(ends) / (domain.active.shape[0] * case.cell), volume, step


def means(case: cases.RainOnPlane, ends: np.ndarray, fine: int = 32) -> np.ndarray:
    """Mean exact discharge in each interval, m2/s."""
    t = np.linspace(ends[0], ends[-1], fine * (ends.size - 1) + 1)
    q = case.hydrograph(t)
    return ((q[1:] + q[:-1]) / 2).reshape(-1, fine).mean(axis=1)


def rain_on_plane(case: cases.RainOnPlane) -> Check:
    """Rain to equilibrium and beyond its end: steady volume, both limbs of the outflow, time to equilibrium.

    Volumes against the kinematic wave, as an integral and with the cells and time
    step of the run, and against the full equations; limbs as L1 error relative to
    the volume that passes.
    """
    t_e = case.time_to_equilibrium()
    case = replace(case, duration=2.5 * t_e)
    ends, q, volume, step = metered(case, 4.0 * t_e)
    exact = means(case, ends)
    rise, fall = ends[1:] <= t_e * (1 + 1e-9), ends[:-1] >= case.duration * (1 - 1e-9)
    middle = (ends[1:] + ends[:-1]) / 2

    def l1(part: np.ndarray) -> float:
        return float(np.abs(q - exact)[part].sum() / exact[part].sum())

    def reaches(series: np.ndarray, share: float = 0.95) -> float:
        k = int(np.argmax(series >= share * case.rain * case.length))
        return float(np.interp(share * case.rain * case.length, series[k - 1 : k + 1], middle[k - 1 : k + 1]))

    figures = {
        "against_discrete": abs(volume / case.discrete_volume(step) - 1),
        "against_continuous": abs(volume / case.continuous_volume() - 1),
        "against_full_equations": abs(volume / case.full_volume(step) - 1),
        "rising_limb_l1": l1(rise),
        "falling_limb_l1": l1(fall),
        "time_to_95_percent": abs(reaches(q) / reaches(exact) - 1),
        "nash_sutcliffe": float(1 - ((q - exact) ** 2).sum() / ((exact - exact.mean()) ** 2).sum()),
    }
    pressure = 0.3 * case.depth_number()
    limits = {
        "against_full_equations": 2 / case.cells**2 + 2e-4,
        "rising_limb_l1": 1 / case.cells + pressure,
        "falling_limb_l1": 0.5 / case.cells + pressure,
        "time_to_95_percent": 0.5 / case.cells + case.smeared_delay(),
        "nash_sutcliffe": 0.999,
    }
    if case.is_kinematic():
        limits |= {"against_discrete": 0.01, "against_continuous": 0.01 + 0.3 / case.cells}
    return Check(figures, limits, TEST, frozenset({"nash_sutcliffe"}))


def v_catchment(case: cases.VCatchment) -> Check:
    """Outlet hydrograph against the exact kinematic wave of planes and channel, per minute.

    Without rain on the channel also against the published curve, as RMSE
    relative to the equilibrium.
    """
    t = np.arange(0.0, case.end + 1, 5.0)
    fine = case.hydrograph(t)
    exact = ((fine[1:] + fine[:-1]) / 2).reshape(-1, 12).mean(axis=1)
    sim = Simulation(case.domain(), record=False)
    passed = [0.0]
    for end in t[12::12]:
        sim.advance(end)
        passed.append(sim.balance().outflow_m3)
    q = np.diff(passed) / 60.0
    middle = t[6::12]

    def reaches(series: np.ndarray, share: float) -> float:
        k = int(np.argmax(series >= share * case.equilibrium))
        return float(np.interp(share * case.equilibrium, series[k - 1 : k + 1], middle[k - 1 : k + 1]))

    figures = {
        "peak_error": abs(float(q.max()) / case.equilibrium - 1),
        "l1": float(np.abs(q - exact).sum() / exact.sum()),
        "time_to_50_percent": abs(reaches(q, 0.5) / reaches(exact, 0.5) - 1),
        "time_to_95_percent": abs(reaches(q, 0.95) / reaches(exact, 0.95) - 1),
        "nash_sutcliffe": float(1 - ((q - exact) ** 2).sum() / ((exact - exact.mean()) ** 2).sum()),
    }
    grid = (1 / case.plane.cells + case.cell / case.length) / 2
    channel = case.channel
    pressure = 0.3 * channel.depth_number()
    limits = {
        "peak_error": 0.001,
        "l1": grid + pressure,
        "time_to_50_percent": grid + pressure,
        "time_to_95_percent": grid + channel.smeared_delay(),
        "nash_sutcliffe": 0.999,
    }
    if not case.rain_on_channel:
        minutes, published = cases.V_PUBLISHED.T
        off = np.interp(60 * minutes, middle, q) - published
        figures["rmse_against_published"] = float(np.sqrt(np.mean(off**2))) / case.equilibrium
        limits["rmse_against_published"] = 0.01 + grid / 2
    return Check(figures, limits, "tests/test_a_v_catchment_gives_its_hydrograph.py", frozenset({"nash_sutcliffe"}))


PLANES = (
    cases.RainOnPlane(slope=0.005, n=0.015, cell=1.0, length=50.0),
    cases.RainOnPlane(slope=0.05, n=0.03, cell=2.0, length=100.0),
    cases.RainOnPlane(slope=0.25, n=0.02, cell=2.0, length=100.0),
    cases.RainOnPlane(slope=0.5, n=0.1, cell=5.0, length=250.0),
)
CHECKS: Checks = {
    **{
        f"rain on a plane, slope {100 * p.slope:g} %, n {p.n:g}, {p.cell:g} m": partial(rain_on_plane, p)
        for p in PLANES
    },
    "V-catchment, 10 m": partial(v_catchment, cases.VCatchment(cell=10.0)),
    "V-catchment, dry channel, 10 m": partial(v_catchment, cases.VCatchment(cell=10.0, rain_on_channel=False)),
}
