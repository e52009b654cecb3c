"""A sill between two cells holds water to its crest, carries a weir's discharge, and moves mass exactly.

Free flow over a broad crest carries q = (2/3)^(3/2) sqrt(g) H^(3/2) (critical depth on the crest, Bernoulli; e.g. Chow
1959, section 3-6). Tolerance 2 %: the head is read in the cell, where water also moves. Lower walls than the water must
drown: both sides come to one mean level (5 mm: after 25 min the pool still
swings by 3 mm, as it does without a sill). A closed sill (HIGHEST) lets nothing through at all: exactly 0. The answer
does not depend on the number of threads, bit by bit; a turned problem gives the turned answer but for the order of
sums (1e-10 m in float64 on noise after 5 s, which strengthens every rounding).
"""

import numpy as np
import pytest

from flood_sim.errors import DeviceError, ScenarioError
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.series import Linear
from flood_sim.solver.sills import HIGHEST, Sills
from flood_sim.solver.simulation import Simulation


def across(n: int, col: int, height: float, axis: int = 0) -> Sills:
    """A wall over n rows behind column `col`, or turned."""
    k, c = np.arange(n), np.full(n, col)
    row, col_ = (k, c) if axis == 0 else (c, k)
    return Sills(np.full(n, axis), row, col_, np.full(n, height), np.full(n, height))


def pool(rows: int, cols: int, **given) -> Domain:
    return Domain(
        ground=np.zeros((rows, cols)), active=np.ones((rows, cols), bool), outside=np.zeros((rows, cols), bool),
        cell=2.0, manning=np.full((rows, cols), 0.02), **given,
    )  # fmt: skip


def test_a_closed_sill_lets_nothing_through():
    depth = np.zeros((6, 8))
    depth[:, :4] = 1.0
    sim = Simulation(pool(6, 8, depth=depth, sills=across(6, 3, HIGHEST)), threads=1)
    sim.advance(30.0)
    assert not sim.depth[:, 4:].any()
    assert np.array_equal(sim.depth[:, :4], np.ones((6, 4), np.float32))


def test_both_sides_of_a_drowned_sill_come_to_one_level():
    depth = np.zeros((6, 8))
    depth[:, :4] = 1.0
    sim = Simulation(pool(6, 8, depth=depth, sills=across(6, 3, 0.3)), threads=1)
    sim.advance(1500.0)
    assert sim.depth[:, :4].mean() == pytest.approx(0.5, abs=5e-3)
    assert sim.balance().relative_error < 1e-6


def test_water_stands_up_to_the_crest():
    depth = np.zeros((6, 8))
    depth[:, :4] = 1.0
    sim = Simulation(pool(6, 8, depth=depth, sills=across(6, 3, 0.7)), threads=1)
    sim.advance(1500.0)
    assert np.abs(sim.depth[:, :4] - 0.7).max() < 5e-3  # the last film runs over ever slower
    assert np.abs(sim.depth[:, 4:] - 0.3).max() < 5e-3


def test_free_flow_is_that_over_a_broad_crest():
    rows, cols, q = 3, 20, 0.25
    given = np.arange(rows), np.zeros(rows, np.int64)
    inflow = AreaInflow("in", *given, Linear((0.0, 1e5), (q * rows * 2.0,) * 2))
    owner = np.full(2 * rows + 2 * cols, -1)
    owner[rows : 2 * rows] = 0  # the eastern edge
    domain = pool(
        rows, cols, inflows=(inflow,), sills=across(rows, 9, 1.0), parts=(Part("out", NORMAL, 0.05),), owner=owner
    )
    sim = Simulation(domain, threads=1)
    sim.advance(900.0)
    head = float(sim.depth[1, 9]) - 1.0
    assert (2 / 3) ** 1.5 * np.sqrt(9.81) * head**1.5 == pytest.approx(q, rel=0.02)


def test_threads_change_no_bit_and_turning_only_the_last():
    rng = np.random.default_rng(3)
    ground, depth = rng.random((160, 150)), rng.random((160, 150))
    sills = across(160, 40, 0.4)

    def run(turned: bool, threads: int, dtype: type = np.float32) -> np.ndarray:
        def turn(a: np.ndarray) -> np.ndarray:
            return np.ascontiguousarray(a.T) if turned else a

        mine = Sills(1 - sills.axis, sills.col, sills.row, sills.low, sills.high) if turned else sills
        domain = Domain(ground=turn(ground), active=np.ones(turn(ground).shape, bool), cell=2.0,
                        manning=np.full(turn(ground).shape, 0.03), depth=turn(depth), sills=mine)  # fmt: skip
        sim = Simulation(domain, threads=threads, dtype=dtype)
        sim.advance(5.0)
        return turn(sim.depth.copy())

    assert np.array_equal(run(False, 1), run(False, 2))
    assert np.abs(run(False, 1, np.float64) - run(True, 1, np.float64)).max() < 1e-10


def test_sills_that_fit_nowhere_are_refused_by_name():
    closed = np.ones((4, 4), bool)
    closed[1, 2] = False
    with pytest.raises(ScenarioError, match="takes no water"):
        Domain(ground=np.zeros((4, 4)), active=closed, cell=1.0, manning=np.zeros((4, 4)), sills=across(4, 1, 1.0))
    with pytest.raises(ScenarioError, match="beyond the grid"):
        pool(4, 4, sills=across(4, 3, 1.0))
    with pytest.raises(ScenarioError, match="out of range"):
        pool(4, 4, sills=across(4, 1, -1.0))
    with pytest.raises(DeviceError, match="sills between cells"):
        Simulation(pool(4, 4, sills=across(4, 1, 1.0)), device="cuda")
