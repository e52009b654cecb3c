"""A Simulation starts from any state, at any time, on any window of a terrain, and goes on as the whole would.

On the whole terrain every bit is the same. A window is cut off at its edge, so it differs there, and what differs goes no
further than |u| + sqrt(g h), here 2.5 m/s (characteristics of the shallow water equations): in 5 s 6 of the cells of 2 m,
and a few more over which the scheme spreads a front: 8. Beyond, 1e-6 m, a few roundings of depths of decimetres. All
take steps of 0.2 s: with steps of its own a window differs by their error, 3e-4 m at the bore before the building.
"""

from dataclasses import replace

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.errors import ScenarioError
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.cut import cut
from flood_sim.solver.domain import AreaInflow
from flood_sim.solver.points import Inlets
from flood_sim.solver.series import Linear
from flood_sim.solver.simulation import Simulation
from flood_sim.solver.start import Start

FAR = 8
"""Cells from the edge of a window."""
STEP = 0.2
"""s, shorter than the Courant limit."""


@pytest.fixture(scope="module", params=[cases.valley, cases.lossy_valley], ids=["valley", "lossy valley"])
def states(request):
    """The domain, its state after 300 s, and what it is 5 s later."""
    sim = Simulation(request.param(), threads=1, max_step=STEP)
    sim.advance(300.0)
    begin = Start.of(sim)
    sim.advance(305.0)
    return sim.domain, begin, sim


def test_the_whole_goes_on_with_the_same_bits(states):
    domain, begin, sim = states
    again = Simulation(domain, threads=1, max_step=STEP)
    begin.begin(again)
    assert again.t == begin.t
    again.advance(sim.t)
    for name in ("h", "u", "v", "qx", "qy", "residual"):
        assert np.array_equal(getattr(again.state, name), getattr(sim.state, name)), name
    assert again.balance().relative_error < 1e-6


@pytest.mark.parametrize("edge", [None, Part("cut", NORMAL, 0.05)], ids=["wall", "open"])
def test_a_window_goes_on_as_the_whole_inside(states, edge):
    domain, begin, sim = states
    rows, cols = slice(4, 58), slice(0, 71)  # the western edge is the terrain's own
    part, lost = cut(domain, rows, cols, edge)
    assert not lost
    small = Simulation(part, threads=1, max_step=STEP)
    begin.window(rows, cols).begin(small)
    small.advance(sim.t)
    difference = np.abs(small.depth - sim.depth[rows, cols])
    assert difference[FAR:-FAR, :-FAR].max() < 1e-6
    assert small.balance().relative_error < 1e-6
    assert difference.max() > 1e-4  # at the cut it must differ, or nothing was tested


def test_rain_and_clock_begin_at_the_time_of_the_state():
    domain = cases.valley()  # rain ends after 600 s
    sim = Simulation(domain, threads=1)
    Start.still(np.zeros(domain.active.shape), 590.0).begin(sim)
    sim.advance(620.0)
    assert sim.balance().rain_m3 == pytest.approx(90e-3 / 3600 * 10 * domain.cells * domain.cell**2, rel=1e-6)
    assert sim.maxima.arrival.min() >= 590.0


def test_what_reaches_over_the_cut_is_named_and_inflows_are_shared():
    def at(row: int, col: int) -> Mouth:
        return Mouth(np.array([row]), np.array([col]), float(domain.ground[row, col]))

    domain = cases.valley()
    pipe = {"shape": "circular", "width": 0.5, "height": 0.5, "length": 20.0, "manning": 0.013}
    culverts = Culverts(
        (Culvert("in", (at(10, 10), at(10, 20)), **pipe), Culvert("out", (at(10, 10), at(10, 70)), **pipe))
    )
    inlets = Inlets(np.array([5, 50]), np.array([5, 5]), np.array([0.0, 0.1]), np.array([0.0, 0.01]))
    inflow = AreaInflow("spring", np.array([10, 10]), np.array([39, 41]), Linear((0.0, 10.0), (1.0, 1.0)))
    domain = replace(domain, laws=(culverts, inlets), inflows=(inflow,))
    part, lost = cut(domain, slice(0, 30), slice(0, 40))
    assert lost == ("culvert out", "1 of 2 inlets", "1 of 2 cells of inflow spring")
    assert [link.id for link in part.laws[0].links] == ["in"]
    assert part.inflows[0].discharge.at(5.0) == pytest.approx(0.5)


def test_states_and_windows_that_do_not_fit_are_refused():
    domain = cases.valley()
    with pytest.raises(ScenarioError, match="leaves the grid"):
        cut(domain, slice(0, 61), slice(0, 10))
    with pytest.raises(ScenarioError, match="another grid"):
        Start.still(np.zeros((3, 3))).begin(Simulation(domain, threads=1))
    with pytest.raises(ScenarioError, match="depth is out of range"):
        Start.still(np.full(domain.active.shape, -1.0)).begin(Simulation(domain, threads=1))
