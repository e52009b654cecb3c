"""A rotated, mirrored or transposed problem gives the rotated, mirrored or transposed answer.

The equations have no preferred direction. Sums of four fluxes are rounded in
another order after a turn: a few roundings of a depth of 0.3 m (3e-8 m each) in
1,500 steps that damp them; 1e-6 m in float32, 1e-14 m in float64.
"""

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.solver import fields
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import symmetry


@pytest.mark.parametrize("turn", cases.TURNS)
def test_turned_valley(turn):
    check = symmetry.turned_valley(turn)
    assert check.passed, check.figures


def test_turned_valley_in_float64_agrees_to_rounding():
    domain = cases.valley()
    one = Simulation(domain, dtype=np.float64)
    other = Simulation(cases.turned(domain, "transposed"), dtype=np.float64)
    one.advance(600.0)
    other.advance(600.0)
    assert np.abs(one.depth.T - other.depth).max() < 1e-14


def test_maxima_and_directions_turn_too():
    domain = cases.valley()
    one, other = Simulation(domain), Simulation(cases.turned(domain, "rotated by 90°"))
    one.advance(600.0)
    other.advance(600.0)
    turn = cases.TURNS["rotated by 90°"]
    a, b = fields.maxima(one), fields.maxima(other)
    for key in ("max_depth", "max_speed", "max_unit_discharge"):
        assert np.nanmax(np.abs(turn(a[key]) - b[key])) < 1e-4, key
    # counter-clockwise by 90°: what flowed east (90°) flows north (0°)
    strong = b["max_unit_discharge"] > 1e-3
    difference = (turn(a["direction_at_max"]) - 90.0 - b["direction_at_max"] + 180.0) % 360.0 - 180.0
    assert np.abs(difference[strong]).max() < 0.5


def test_shift_of_origin_and_height_changes_nothing():
    domain = cases.valley()
    lifted = cases.valley()
    object.__setattr__(lifted, "ground", lifted.ground + 1024.0)
    one, other = Simulation(domain), Simulation(lifted)
    one.advance(300.0)
    other.advance(300.0)
    assert np.abs(one.depth - other.depth).max() < 1e-5
