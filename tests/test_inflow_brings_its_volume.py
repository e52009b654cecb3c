"""An inflow brings exactly the volume of its hydrograph, wherever it enters.

The hydrograph is linear between its points and zero outside them; the ledger books
its integral: 1e-6 relative, the float32 of the time step and the discharge. What is
booked stands on the ground, also where areas overlap and under rain.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario

WEST, NORTH = 360_000.0, 6_040_000.0


def at(*points):
    """Points in m east and north of the north-west corner, as coordinates."""
    return [[WEST + x, NORTH + y] for x, y in points]


def inflow(where, times_min, discharge_m3s):
    return {"kind": "inflow", "where": where, "times_min": times_min, "discharge_m3s": discharge_m3s}


def built(dem, boundaries, **more):
    data = {"terrain": {"dem": dem}, "boundaries": boundaries, "numerics": {"duration_min": 60}}
    return build(Scenario.parse(data | more))


def closes(sim):
    assert sim.balance().relative_error <= 1e-6
    return sim.balance()


TIMES, DISCHARGE = [0.31, 1.7, 2.013, 4.1], [0.5, 3.0, 0.2, 1.1]  # minutes; jumps at both ends, kinks between steps
PLACES = {
    "the western edge": {"edge": "west"},
    "a line on the border": {"line": at((0, -4), (0, -9))},
    "a line on the southern border, drawn from the east": {"line": at((18, -14), (7, -14))},
    "an interior area": {"polygon": at((5, -3), (12, -3), (12, -8), (5, -8))},
    "an interior line along the edges of cells": {"line": at((6, -2), (6, -9))},
    "an interior line across the cells": {"line": at((3.2, -2.1), (14.7, -9.3))},
    "an interior line shorter than a cell": {"line": at((6.1, -6.3), (6.4, -6.5))},
}


def asked(seconds, times_min=TIMES, discharge=DISCHARGE):
    """Integral of the hydrograph from 0 to `seconds`, m3."""
    t = np.array(times_min) * 60
    knots = np.unique(np.clip([*t, seconds], t[0], min(t[-1], max(seconds, t[0]))))
    return np.trapezoid(np.interp(knots, t, discharge), knots)


@pytest.mark.parametrize("place", PLACES)
def test_an_inflow_brings_exactly_the_volume_of_its_hydrograph(write_raster, place):
    ground = 0.05 * np.add.outer(np.arange(14), np.arange(20))
    sim = built(write_raster(ground), [inflow(PLACES[place], TIMES, DISCHARGE)]).simulation()
    for seconds in (18.0, 19.0, 77.7, 110.0, 121.0, 200.0, 246.0, 300.0):
        sim.advance(seconds)
        balance = closes(sim)
        assert balance.inflow_m3 == pytest.approx(asked(seconds), rel=1e-6)
        assert balance.stored_m3 == pytest.approx(asked(seconds), rel=1e-6)


def test_inflow_areas_that_overlap_add_up(write_raster):
    one = inflow({"polygon": at((2, -2), (10, -2), (10, -9), (2, -9))}, TIMES, DISCHARGE)
    other = inflow({"polygon": at((6, -5), (16, -5), (16, -12), (6, -12))}, [0, 5], [0.4, 0.0])
    line = inflow({"line": at((3, -6.5), (15, -6.5))}, [1, 2], [0.1, 0.1])
    rain = {"kind": "block", "depth_mm": 20, "duration_min": 3}
    sim = built(write_raster(np.zeros((14, 20))), [one, other, line], storm=rain).simulation()
    sim.advance(300.0)
    balance = closes(sim)
    assert balance.inflow_m3 == pytest.approx(asked(300.0) + 0.4 * 300 / 2 + 6.0, rel=1e-6)
    assert balance.rain_m3 == pytest.approx(0.020 * 14 * 20, rel=1e-6)


def test_a_strong_inflow_into_one_cell_makes_no_tower(write_raster):
    """5 m3/s into one cell of 4 m2 on flat ground: steps of 5 s would pile up 6 m before the first move.

    Nothing can stand higher than in a computation with steps of 1 ms, but for a tenth.
    """
    spot = inflow({"polygon": at((20, -20), (22, -20), (22, -22), (20, -22))}, [0, 1], [5.0, 5.0])
    dem = write_raster(np.zeros((21, 21)), cell=2.0)
    highest = []
    for step in (0.001, 5.0):
        sim = built(dem, [spot], numerics={"duration_min": 1, "max_step_s": step}).simulation()
        sim.advance(4.0)
        highest.append(float(sim.maxima.h.max()))
    assert highest[1] == pytest.approx(highest[0], rel=0.1)


def test_the_water_of_a_line_inflow_enters_there(write_raster):
    """As in EA benchmark 4: 20 m of the western edge; after one step only the cells behind it are wet."""
    source = inflow({"line": at((0, -40), (0, -60))}, [0, 1], [20.0, 20.0])
    sim = built(write_raster(np.zeros((20, 30)), cell=5.0), [source]).simulation()
    sim.advance(0.2)
    rows, cols = np.nonzero(sim.depth)
    assert set(rows.tolist()) == {8, 9, 10, 11} and set(cols.tolist()) <= {0, 1}


def test_an_inflow_that_a_later_boundary_takes_away_is_refused(write_raster):
    """Else a run would go through without the water that was asked for."""
    source = inflow({"line": at((0, -2), (0, -4))}, [0, 1], [1.0, 1.0])
    with pytest.raises(ScenarioError, match=r"boundaries\.0 \(inflow\).*later boundary.*after"):
        built(write_raster(np.zeros((6, 8))), [source, {"kind": "free", "where": {"edge": "all"}}])
