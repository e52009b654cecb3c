"""Culverts, inlets, storages, manholes and roofs in one valley: threads, restart, sleep, turns, mass, and who refuses them.

Bits are the same for any number of threads, after a restart and with cells that sleep: no tolerance. Turned: 1e-6 m,
sums in another order, as in test_a_turned_problem_gives_the_turned_answer.py. Mass: 1e-6 as everywhere, with every
line of the ledger counted.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_sim import cases
from flood_sim.errors import CheckpointError, DeviceError
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.domain import Domain
from flood_sim.solver.entrances import ENTRANCES
from flood_sim.solver.points import Inlets, Manholes, Storage, Storages
from flood_sim.solver.roofs import GreenRoofs
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation
from flood_sim.verify.watch import Watch


def differing(one, other):
    a, b = one.memory(), other.memory()
    return [name for name in a if not np.array_equal(a[name], b[name])]


@pytest.fixture(scope="module")
def computed():
    sim = Simulation(cases.structures(), threads=1)
    sim.advance(150.0)
    half = {name: array.copy() for name, array in sim.memory().items()}
    sim.advance(400.0)
    return sim, half


def test_threads_do_not_change_a_bit(computed):
    other = Simulation(cases.structures(), threads=4)
    other.advance(150.0)
    other.advance(400.0)
    assert differing(computed[0], other) == []


def test_a_restart_ends_with_the_same_bits(computed):
    sim, half = computed
    other = Simulation(cases.structures())
    other.restore(half)
    other.advance(400.0)
    assert differing(sim, other) == [] and sim.balance() == other.balance()


def test_sleeping_cells_change_nothing(computed):
    awake = Simulation(cases.structures())
    awake.engine.keep_awake()
    awake.advance(150.0)
    awake.advance(400.0)
    assert differing(computed[0], awake) == []


@pytest.mark.parametrize("turn", cases.TURNS)
def test_a_turned_valley_gives_the_turned_answer(turn, computed):
    other = Simulation(cases.structures(turn))
    other.advance(150.0)  # steps are cut alike
    other.advance(400.0)
    assert np.abs(cases.TURNS[turn](computed[0].depth) - other.depth).max() < 1e-6


def test_the_ledger_counts_every_structure(computed):
    balance = computed[0].balance()
    lines = ("manholes_m3", "roof_m3", "sewer_inlets_m3", "sewer_roofs_m3", "green_roofs_m3", "storages_m3")
    assert all(getattr(balance, line) > 0 for line in lines)
    assert balance.relative_error <= 1e-6
    assert abs(balance.in_culverts_m3) < 1e-6


def test_another_structure_is_another_domain(computed):
    """A checkpoint of other culverts is not taken for one of these."""
    domain = cases.structures()
    pipes = domain.laws[-1].links
    wider = replace(domain, laws=(*domain.laws[:-1], Culverts((replace(pipes[0], width=2.5), pipes[1]))))
    with pytest.raises(CheckpointError, match="laws"):
        Simulation(wider).restore(computed[1])


def test_a_card_refuses_them_by_name():
    with pytest.raises(
        DeviceError, match="cannot compute roofs to the sewer, green roofs, manholes, inlets, storages, culverts"
    ):
        Simulation(cases.structures(), device="cuda")


@st.composite
def domains(draw):
    rows, cols = draw(st.integers(4, 30)), draw(st.integers(4, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y, x = np.mgrid[0:rows, 0:cols]
    ground = draw(st.sampled_from([0.0, 0.05, 0.5])) * x + draw(st.sampled_from([0.0, 0.02])) * y
    ground = ground + draw(st.sampled_from([0.0, 0.1, 5.0])) * rng.random((rows, cols))
    active = rng.random((rows, cols)) > draw(st.sampled_from([0.0, 0.2]))
    active[0, :4] = True
    cells = rng.permutation(np.argwhere(active))
    many = cells.shape[0]

    def some(n):
        return cells[rng.integers(0, many, n)].T

    def mouth(k):
        here = cells[k : k + 1].T
        return Mouth(*here, float(ground[tuple(here)][0]) + rng.choice([-1.0, 0.0, 0.3]))

    links = []
    for k in range(min(many // 2, 5)):
        shape, entrance = sorted(ENTRANCES)[rng.integers(len(ENTRANCES))]
        size = float(rng.choice([0.2, 1.0, 3.0]))
        links.append(Culvert(f"c{k}", (mouth(2 * k), mouth(2 * k + 1)), shape, size, size, float(rng.choice([1.0, 30.0, 300.0])),
                             0.013, entrance, int(rng.integers(1, 4)), float(rng.choice([0.0, 0.5, 1.0]))))  # fmt: skip
    flow = rng.random((2, 2, 3)) * draw(st.sampled_from([0.0, 0.05, 2.0]))
    tank = cells[:3].T
    laws = (
        GreenRoofs(*some(4), rng.random(4) * 5, rng.random(4) * 0.003),
        Manholes(*some(3), np.array([5.0, 20.0, 70.0]), flow),
        Inlets(*some(6), np.array([0.0, 0.05, 0.2]), np.array([0.0, 0.01, 0.5]), 0.7),
        Storages((Storage("tank", *tank, float(rng.choice([0.0, 1.0, 1e4])), float(rng.choice([0.0, 0.01, 5.0]))),)),
        Culverts(tuple(links)),
    )
    depth = np.where(active, draw(st.sampled_from([0.0, 0.01, 2.0])) * rng.random((rows, cols)), 0.0)
    rain = draw(st.sampled_from([0.0, 90.0, 300.0])) / 3.6e6
    return Domain(
        ground, active, draw(st.sampled_from([0.5, 2.0, 10.0])), depth=depth, rain=Steps((0.0, 33.3, 90.0), (rain, rain / 3)),
        manning=np.full((rows, cols), draw(st.sampled_from([0.0, 0.03]))), parts=(Part("free", NORMAL),), laws=laws,
    )  # fmt: skip


def _holds(domain):
    sim = Simulation(domain)
    watch = Watch(sim)
    sim.advance(100.0, watch)
    assert watch.lowest_depth >= 0.0
    assert all(np.isfinite(a).all() for a in sim.state)
    balance = sim.balance()
    if balance.supplied_m3 > 0:
        assert balance.relative_error <= 1e-6, balance
    assert watch.share <= 1.001, (watch.fastest, watch.limit)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(domains())
def test_any_structures_on_any_ground(domain):
    """No depth below zero, nothing lost, no water faster than its head allows (docs/engine.md)."""
    _holds(domain)


@pytest.mark.prove
@settings(max_examples=1000, deadline=None)
@given(domains())
def test_any_structures_on_any_ground_for_long(domain):
    _holds(domain)
