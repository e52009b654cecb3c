"""A rain field gives every cell its own rain, and the model the integral of the field.

Nearest: a cell gets the rate of the coarse cell that it lies in, so the model gets
sum(rate x area x time). Linear: value = (1-f)(1-g) F00 + ... between the centres of
coarse cells; over a field whose border is 0 its integral is sum(F) x area too, as the
midpoint rule is exact for bilinear pieces that end on edges of cells.

Tolerances: an even field gives the rates of even rain bit by bit (differences come
first: a + f (a - a) = a), so depths are the same bits; the ledger sums cells instead
of multiplying them, 1e-12. Volumes: 1e-6, as for any rain
(test_mass_closes_and_depth_stays_positive.py): one rounding of the rate and of the step.
"""

from dataclasses import replace

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation

MM_H = 1e-3 / 3600
EDGES = (0.0, 30.0, 70.0, 100.0)
FACTOR = 10
"""Cells of the model in a coarse cell, along a side."""


def on_grid(fields, how, shape, edges=EDGES, shift=(0, 0)):
    """The fields, coarse cells of FACTOR cells, over a model that begins at their corner, moved by whole cells."""
    fields = np.asarray(fields, float)
    places = []
    for cells, size, moved in zip(shape, fields.shape[1:], shift, strict=True):
        position = (np.arange(cells) - moved + 0.5) / FACTOR
        if how == "nearest":
            places.append(Between.nearest(np.clip(np.floor(position), 0, size - 1)))
        else:
            places.append(Between.linear(position - 0.5, size))
    return RainOnGrid(edges, fields, *places)


def town(rain, seed=3, shape=(60, 80), parts=(Part("free", NORMAL, 0.02),), inflows=()):
    """Rough ground with blocked cells and roof weights."""
    random = np.random.default_rng(seed)
    ground = 0.05 * np.arange(shape[1]) + 0.4 * random.random(shape)
    active = random.random(shape) > 0.1
    weight = active * (1.0 + 2.0 * (random.random(shape) < 0.1))
    return Domain(
        ground, active, 2.0, np.full(shape, 0.03), rain_weight=weight, rain=rain, parts=parts, inflows=inflows
    )


def flat(rain, shape=(60, 80), parts=()):
    return Domain(np.zeros(shape), np.ones(shape, bool), 2.0, np.full(shape, 0.03), rain=rain, parts=parts)


def storm(seed=1, count=3, size=(6, 8)):
    return 80 * MM_H * np.random.default_rng(seed).random((count, *size))


@pytest.mark.parametrize("how", ["nearest", "linear"])
def test_an_even_field_is_even_rain_bit_by_bit(how):
    rates = np.array([20.0, 90.0, 5.0]) * MM_H
    field = on_grid(np.broadcast_to(rates[:, None, None], (3, 6, 8)), how, (60, 80))
    even, varied = (Simulation(town(rain)) for rain in (Steps(EDGES, tuple(rates)), field))
    for sim in (even, varied):
        sim.advance(130.0)
    assert even.steps == varied.steps
    for name in ("h", "residual", "u", "v", "source"):
        assert np.array_equal(getattr(even.state, name), getattr(varied.state, name)), name
    for name, value in even.balance().as_dict().items():
        assert varied.balance().as_dict()[name] == pytest.approx(value, rel=1e-12, abs=1e-12), name


@pytest.mark.parametrize("how", ["nearest", "linear"])
def test_the_model_gets_the_integral_of_the_field(how):
    fields = np.zeros((3, 6, 8))
    fields[:, 1:-1, 1:-1] = storm()[:, 1:-1, 1:-1]
    sim = Simulation(flat(on_grid(fields, how, (60, 80))))
    sim.advance(120.0)
    lasting = np.diff(EDGES)
    expected = float((fields.sum(axis=(1, 2)) * lasting).sum()) * (2.0 * FACTOR) ** 2
    found = sim.balance()
    assert found.rain_m3 == pytest.approx(expected, rel=1e-6)
    assert found.stored_m3 == pytest.approx(expected, rel=1e-6)
    assert found.roof_m3 == pytest.approx(0.0, abs=1e-9)


def test_every_cell_gets_its_own_rain():
    """At rest on flat ground for one short step: depth = rate x time, cell by cell; here nearest."""
    fields = storm()
    sim = Simulation(flat(on_grid(fields, "nearest", (60, 80))), max_step=0.5)
    sim.advance(0.5)
    # a film thinner than the dry limit stays where it fell
    assert sim.depth == pytest.approx(0.5 * np.kron(fields[0], np.ones((FACTOR, FACTOR))), rel=1e-6)


def test_linear_goes_between_the_centres():
    """Hand numbers: a quarter of the way from 10 to 30 mm/h is 15, constant beyond the outer centres."""
    rain = RainOnGrid(
        (0.0, 60.0), np.array([[[10.0, 30.0]]]) * MM_H, Between.linear(np.array([0.0]), 1),
        Between.linear(np.array([-0.4, 0.0, 0.25, 1.0, 1.3]), 2),
    )  # fmt: skip
    sim = Simulation(Domain(np.zeros((1, 5)), np.ones((1, 5), bool), 1.0, np.zeros((1, 5)), rain=rain), max_step=0.1)
    sim.advance(0.1)
    assert sim.state.source[1, 1:-1] / MM_H == pytest.approx([10.0, 10.0, 15.0, 30.0, 30.0], rel=1e-6)


@pytest.mark.parametrize("how", ["nearest", "linear"])
def test_a_storm_moved_by_cells_moves_the_flood(how):
    """On flat ground, far from walls, the same depths stand a few cells further: bit by bit."""
    fields = np.zeros((3, 6, 8))
    fields[:, 2:4, 3:5] = storm()[:, 2:4, 3:5]
    here, there = (
        Simulation(flat(on_grid(fields, how, (60, 80), shift=shift))) for shift in ((0, 0), (3, -5))
    )  # fmt: skip
    for sim in (here, there):
        sim.advance(110.0)
    assert here.depth.max() > 1e-4
    assert not here.depth[[0, 1, -1]].any(), "the flood must not have reached a wall"
    assert np.array_equal(there.depth, np.roll(here.depth, (3, -5), axis=(0, 1)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("how", ["nearest", "linear"])
def test_the_balance_closes(seed, how):
    spring = AreaInflow("spring", np.array([3, 3]), np.array([4, 5]), Linear((0.0, 90.0), (0.0, 0.4)))
    domain = town(on_grid(storm(seed), how, (60, 80)), seed=seed)
    inflows = (spring,) if domain.active[3, 4:6].all() else ()
    sim = Simulation(replace(domain, inflows=inflows))
    sim.advance(120.0)
    found = sim.balance()
    assert found.rain_m3 > 0 and found.roof_m3 > 0
    assert found.relative_error <= 1e-6


def test_going_on_from_a_memory_gives_the_same_bits():
    """What holds follows from the time: in the middle of an interval, on an edge, after the rain."""

    def make():
        return Simulation(town(on_grid(storm(), "linear", (60, 80))))

    whole = make()
    memories = []
    for t in (45.0, 70.0, 105.0, 130.0):
        whole.advance(t)
        memories.append({name: np.array(array) for name, array in whole.memory().items()})
    for memory in memories[:-1]:
        sim = make()
        sim.restore(memory)
        for t in (45.0, 70.0, 105.0, 130.0):
            if t > sim.t:
                sim.advance(t)
        assert np.array_equal(sim.state.h, whole.state.h)
        assert sim.balance() == whole.balance()


def test_what_cannot_be_laid_is_refused():
    good = storm()
    wrong = {
        "has 3 edges": (lambda: on_grid(good, "nearest", (60, 80), edges=EDGES[:3]), "n fields need n\\+1 edges"),
        "times": (lambda: on_grid(good, "nearest", (60, 80), edges=(0.0, 30.0, 30.0, 60.0)), "times must increase"),
        "negative": (lambda: on_grid(-good, "nearest", (60, 80)), "interval 1, row 0, column 0 .*allowed: 0 or more"),
        "no number": (lambda: on_grid(good * np.nan, "nearest", (60, 80)), "out of range.*nan"),
        "beyond": (
            lambda: RainOnGrid(EDGES, good, Between.nearest(np.array([6])), Between.nearest(np.array([0]))),
            "RainOnGrid.rows: leaves the field; allowed: 0 to 5",
        ),
        "other model": (lambda: town(on_grid(good, "nearest", (60, 79))), "another grid than the mask"),
    }  # fmt: skip
    for name, (make, words) in wrong.items():
        with pytest.raises(ScenarioError, match=words):
            make()
            pytest.fail(name)
