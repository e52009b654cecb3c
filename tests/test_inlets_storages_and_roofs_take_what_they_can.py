"""Inlets, storages, manholes and roofs: each gives or takes what its description says, and no more.

- Inlet: on a pond of one cell dh/dt = - n Q(h) / A, Q linear between the points of its curve: exponentials and straight lines in closed
  form, met at any step because each step is integrated exactly; 1e-9 in float64.
- Storage: fills at its rate (1e-12) to its volume and not above.
- Manhole: brings the integral of its hydrograph, jumps at its ends included: 1e-6, the float32 of a step.
- Roofs: rain x area to the sewer; a green roof holds its storage first, whatever the steps: 1e-6.
"""

import math

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.solver.domain import Domain
from flood_sim.solver.points import Inlets, Manholes, Storage, Storages
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation

CURVE = np.array([0.0, 0.1, 0.3]), np.array([0.0, 0.02, 0.03])  # m, m3/s


def pond(depth, *laws, shape=(1, 1), cell=2.0, rain=None, ground=None):
    active = np.zeros((shape[0] + 2, shape[1] + 2), bool)
    active[1:-1, 1:-1] = True
    flat = np.zeros(active.shape) if ground is None else np.pad(ground, 1)
    more = {} if rain is None else {"rain": rain}
    return Domain(
        flat, active, cell, outside=np.zeros_like(active), manning=np.full(active.shape, 0.03),
        depth=np.where(active, depth, 0.0), laws=laws, **more,
    )  # fmt: skip


def at(*cells):
    rows, cols = np.array(cells, np.int64).T + 1
    return rows, cols


def exact_depth(t, h=0.5, area=4.0):
    """From 0.5 m: constant 0.03 m3/s down to 0.3 m, then rates that fall linearly to 0.02 m3/s at 0.1 m, then to nothing."""
    first = (h - 0.3) * area / 0.03
    if t <= first:
        return h - 0.03 * t / area
    slope = 0.01 / 0.2 / area
    second = math.log(0.03 / 0.02) / slope
    if t <= first + second:
        return 0.3 - 0.03 / area / slope * (1 - math.exp(-slope * (t - first)))
    return 0.1 * math.exp(-(t - first - second) * 0.02 / 0.1 / area)


@pytest.mark.parametrize("step", [0.1, 5.0, 60.0])
def test_an_inlet_drains_a_pond_as_its_curve_says(step):
    sim = Simulation(pond(0.5, Inlets(*at((0, 0)), *CURVE), cell=2.0), dtype=np.float64, max_step=step, courant=0.6)
    for t in (10.0, 20.0, 31.0, 50.0, 70.0, 100.0, 160.0):
        sim.advance(t)
        assert float(sim.depth[1, 1]) == pytest.approx(exact_depth(t), rel=1e-9)
        assert sim.balance().sewer_inlets_m3 == pytest.approx(4.0 * (0.5 - exact_depth(t)), rel=1e-9)
    assert sim.balance().relative_error <= 1e-12


def test_inlets_in_one_cell_add_up_and_what_is_blocked_takes_nothing():
    """Three inlets, a third of each blocked, take what two do."""
    three = Simulation(pond(0.5, Inlets(*at((0, 0), (0, 0), (0, 0)), *CURVE, 2 / 3)), dtype=np.float64)
    two = Simulation(pond(0.5, Inlets(*at((0, 0), (0, 0)), *CURVE)), dtype=np.float64)
    for sim in (three, two):
        sim.advance(30.0)
    assert float(three.depth[1, 1]) == pytest.approx(float(two.depth[1, 1]), rel=1e-12)
    closed = Simulation(pond(0.5, Inlets(*at((0, 0)), *CURVE, 0.0)))
    closed.advance(30.0)
    assert float(closed.depth[1, 1]) == 0.5 and closed.balance().sewer_inlets_m3 == 0.0


def test_a_storage_fills_at_its_rate_and_stops():
    tank = Storage("t", *at((0, 0), (0, 1), (1, 0)), 6.0, 0.05)
    sim = Simulation(pond(0.5, Storages((tank,)), shape=(4, 5)), dtype=np.float64)
    for t, held in ((60.0, 3.0), (100.0, 5.0), (120.0, 6.0), (300.0, 6.0)):
        sim.advance(t)
        assert sim.balance().storages_m3 == pytest.approx(held, rel=1e-9)
    assert sim.balance().stored_m3 == pytest.approx(4 * 5 * 4 * 0.5 - 6.0, rel=1e-12)


def test_a_storage_takes_no_more_than_there_is():
    tank = Storage("t", *at((0, 0)), 1e6, 1e3)
    sim = Simulation(pond(0.5, Storages((tank,))), dtype=np.float64)
    sim.advance(60.0)
    assert 0.0 <= float(sim.depth[1, 1]) < 1e-9
    assert sim.balance().storages_m3 == pytest.approx(2.0, rel=1e-9)


def test_manholes_bring_their_hydrographs():
    """Two of them in one cell; jumps at their begin and end; nothing before and after."""
    times = np.array([7.3, 20.0, 41.7])
    flow = np.array([[[0.1, 0.0, 0.0], [0.4, 0.2, 0.0]], [[0.4, 0.2, 0.3], [0.0, 0.2, 0.3]]])
    law = Manholes(*at((0, 0), (2, 2), (2, 2)), times, flow)
    sim = Simulation(pond(0.0, law, shape=(5, 5)))
    whole = np.array([0.25 * 12.7 + 0.2 * 21.7, 0.1 * 12.7 + 0.2 * 21.7, 0.3 * 21.7])
    half = np.array([0.25 * 12.7 + 0.3 * 10.85, 0.1 * 12.7 + 0.2 * 10.85, 0.3 * 10.85])
    for t, volume in ((7.3, 0.0), (30.85, half.sum()), (100.0, whole.sum())):
        sim.advance(t)
        assert sim.balance().manholes_m3 == pytest.approx(volume, rel=1e-6, abs=1e-9)
        assert sim.balance().stored_m3 == pytest.approx(volume, rel=1e-6, abs=1e-9)


STORM = Steps((0.0, 300.0, 900.0), (20e-3 / 300, 10e-3 / 600))


def test_roofs_to_the_sewer_send_their_rain_there():
    roofs = SewerRoofs(np.array([0, 0, 3]), np.array([0, 1, 4]))  # cells that take no water, as buildings do
    sim = Simulation(pond(0.0, roofs, shape=(5, 5), rain=STORM))
    sim.advance(300.0)
    assert sim.balance().sewer_roofs_m3 == pytest.approx(3 * 4 * 0.020, rel=1e-6)
    sim.advance(1000.0)
    balance = sim.balance()
    assert balance.sewer_roofs_m3 == balance.roof_m3 == pytest.approx(3 * 4 * 0.030, rel=1e-6)
    assert balance.rain_m3 == pytest.approx(25 * 4 * 0.030, rel=1e-6) and balance.relative_error <= 1e-6


def test_a_green_roof_holds_its_depth_and_then_sheds():
    """12 mm are full after 180 s; 25 mm never within the first 20."""
    roofs = GreenRoofs(*at((1, 1), (1, 2), (3, 3)), np.array([1.5, 0.5, 4.0]), np.array([0.012, 0.012, 0.025]))
    sim = Simulation(pond(0.0, roofs, shape=(5, 5), rain=STORM))
    cases = (
        (150.0, 6 * 4 * 0.010, 0.0), (300.0, 2 * 4 * 0.012 + 4 * 4 * 0.020, 2 * 4 * 0.008),
        (1000.0, 2 * 4 * 0.012 + 4 * 4 * 0.025, 2 * 4 * 0.018 + 4 * 4 * 0.005),
    )  # fmt: skip
    for t, held, shed in cases:
        sim.advance(t)
        balance = sim.balance()
        assert balance.green_roofs_m3 == pytest.approx(held, rel=1e-6)
        assert balance.roof_m3 - balance.green_roofs_m3 == pytest.approx(shed, rel=1e-6, abs=1e-9)
        assert balance.relative_error <= 1e-6
        assert balance.stored_m3 == pytest.approx(balance.rain_m3 + shed, rel=1e-6)


def test_roofs_take_the_rain_of_their_place():
    """Twice the rain on the eastern half."""
    halves = Between.nearest(np.array([0, 0, 0, 0, 1, 1, 1]))
    rain = RainOnGrid((0.0, 100.0), np.array([[[1e-4, 2e-4]]]), Between.nearest(np.zeros(7)), halves)
    laws = (
        SewerRoofs(np.array([1, 1]), np.array([1, 5])),
        GreenRoofs(*at((1, 1), (1, 4)), np.ones(2), np.full(2, 0.015)),
    )
    sim = Simulation(pond(0.0, *laws, shape=(5, 5), rain=rain))
    sim.advance(200.0)
    assert sim.balance().sewer_roofs_m3 == pytest.approx(4 * 0.030, rel=1e-6)
    assert sim.balance().green_roofs_m3 == pytest.approx(4 * (0.010 + 0.015), rel=1e-6)


BAD = {
    "an inlet in a wall": (Inlets(*at((0, 7)), *CURVE), "beyond the grid"),
    "a curve that begins above nothing": (Inlets(*at((0, 0)), CURVE[0] + 0.1, CURVE[1]), "begin with 0, 0"),
    "a curve that falls": (Inlets(*at((0, 0)), CURVE[0], -CURVE[1]), "must not fall"),
    "a share above one": (Inlets(*at((0, 0)), *CURVE, 1.5), "open share"),
    "a storage without cells": (Storages((Storage("t", *at((0, 0), (0, 0)), 1.0, 1.0),)), "names a cell twice"),
    "a volume below zero": (Storages((Storage("t", *at((0, 0)), -1.0, 1.0),)), "storage t: its volume is out of range"),
    "a manhole that swallows": (
        Manholes(*at((0, 0)), np.array([0.0, 1.0]), np.array([[[0.1], [-0.1]]])),
        "manhole 1 at 1 s.*inlet",
    ),
    "times that fall": (Manholes(*at((0, 0)), np.array([1.0, 0.0]), np.zeros((1, 2, 1))), "times must rise"),
    "a series too short": (
        Manholes(*at((0, 0)), np.array([0.0, 1.0, 2.0]), np.zeros((1, 2, 1))),
        "begin and end of each",
    ),
    "a roof beyond the grid": (SewerRoofs(np.array([99]), np.array([0])), "beyond the grid"),
    "a green roof that holds NaN": (
        GreenRoofs(*at((0, 0)), np.ones(1), np.full(1, np.nan)),
        "its storage is out of range",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_computed_is_refused(fault):
    law, words = BAD[fault]
    with pytest.raises(ScenarioError, match=words):
        pond(0.1, law)
