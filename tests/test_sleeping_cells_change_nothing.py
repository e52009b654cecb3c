"""Cells in which nothing can move are skipped; every bit is as if they had been computed.

Tolerance none: a face between two sleeping cells comes out as the zero it already
is. Compared with the same flow kept awake everywhere, on drawn ground with holes
and round edges, a lake let loose, an inflow that begins late, rain that begins
and ends, free and level borders, ground that takes water, and one and two threads.
"""

from dataclasses import replace

import numpy as np
import pytest

from flood_sim.cases.losses import mosaic
from flood_sim.solver.border import LEVEL, NORMAL, Part, border_faces
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation

SEEDS = range(12)


def drawn(seed: int) -> Domain:
    rng = np.random.default_rng(seed)
    ny, nx = rng.integers(20, 250, 2)
    y, x = np.mgrid[0:ny, 0:nx]
    ground = 0.05 * np.abs(x - nx / 2) + 0.02 * y + 0.3 * rng.random((ny, nx)) + 3 * np.sin(x / 17) * np.sin(y / 13)
    active = rng.random((ny, nx)) > 0.02
    if seed % 3 == 0:
        active &= (x - nx / 2) ** 2 + (y - ny / 2) ** 2 < (min(nx, ny) / 2) ** 2
    cells = np.argwhere(active)
    rows, cols = cells[rng.integers(0, len(cells), 4)].T
    lake = np.where((np.hypot(x - nx / 3, y - ny / 3) < 4) & active, 0.5, 0.0)
    parts = [Part("free", NORMAL, 0.01)]
    if seed % 4 == 1:
        low = float(ground[active].min())
        parts = [Part("sea", LEVEL, series=Linear((0.0, 60.0, 120.0), (low, low + 1.0, low)))]
    return Domain(
        ground, active, 2.0, manning=np.full(ground.shape, 0.03), depth=lake,
        rain=Steps((0.0, 100.0, 200.0), (0.0, 2e-6 if seed % 5 == 4 else 0.0)), parts=tuple(parts),
        inflows=(AreaInflow("spring", rows, cols, Linear((0.0, 50.0, 100.0, 150.0), (0.0, 0.0, 3.0, 0.0))),),
    )  # fmt: skip


def losing(domain: Domain) -> Domain:
    """The same on ground that takes water in every way."""
    return replace(domain, laws=(mosaic(domain.active.shape),))


def computed(seed: int, *, threads: int, awake: bool, losses: bool = False) -> Simulation:
    domain = drawn(seed)
    sim = Simulation(losing(domain) if losses else domain, threads=threads)
    if awake:
        sim.engine.keep_awake()
    sim.advance(220.0)
    return sim


def differing(one: Simulation, other: Simulation) -> list[str]:
    pairs = zip(one.memory().items(), other.memory().items(), strict=True)
    return [name for (name, a), (_, b) in pairs if not np.array_equal(a, b)]


@pytest.mark.parametrize(
    ("seed", "losses"), [*((seed, False) for seed in SEEDS), *((seed, True) for seed in (0, 1, 4, 6))]
)
def test_skipped_cells_leave_every_bit_as_it_is(seed, losses):
    skipping, awake = (computed(seed, threads=1 + a, awake=bool(a), losses=losses) for a in (0, 1))
    assert awake.engine.awake_share == 1.0
    assert differing(skipping, awake) == []


def film(side: str, stop: float) -> Domain:
    """A strip of 16 cells of 0.5 m along one edge; its film leaves there while a drizzle makes it anew until `stop` s."""
    shape = (1, 16) if side in "ns" else (16, 1)
    active, outside = np.ones(shape, bool), np.zeros(shape, bool)
    faces = border_faces(active, outside)
    axis, sign = {"n": (1, -1), "s": (1, 1), "w": (0, -1), "e": (0, 1)}[side]
    return Domain(
        np.zeros(shape), active, 0.5, manning=np.full(shape, 0.01), outside=outside, rain=Steps((0.0, stop), (3e-8,)),
        parts=(Part("free", NORMAL, 0.3),), owner=np.where((faces.axis == axis) & (faces.side == sign), 0, -1),
    )  # fmt: skip


@pytest.mark.parametrize("side", "nswe")
def test_a_film_that_left_over_the_edge_leaves_once(side):
    """Its last discharge stands on a face that belongs to no tile at the northern and the western edge.

    Drizzle ends right after the film went over the edge, whenever that is. Steps of up to
    60 s: the wave of a film must not count where it is awake and not where it sleeps.
    """
    trace = Simulation(film(side, 3000.0), max_step=60.0)
    left = []
    while trace.t < 3000.0:
        before = trace.balance().outflow_m3
        trace.advance(min(3000.0, trace.t + 15.0))
        if trace.balance().outflow_m3 > before:
            left.append(trace.t)
    assert len(left) > 3
    for stop in left[:8]:
        sims = [Simulation(film(side, stop), max_step=60.0) for _ in range(2)]
        sims[1].engine.keep_awake()
        for sim in sims:
            while sim.t < stop:
                sim.advance(min(stop, sim.t + 15.0))
            sim.advance(stop + 1200.0)
            assert sim.balance().relative_error < 1e-6
        assert differing(*sims) == []


def test_most_of_a_dry_valley_sleeps():
    shares = [computed(seed, threads=1, awake=False).engine.awake_share for seed in (2, 6)]
    assert max(shares) < 0.7


def test_a_tile_that_is_not_woken_in_time_is_noticed(monkeypatch):
    """Looking too seldom loses water at the edge of what is awake: the comparison can fail."""
    from flood_sim.backends.cpu import engine

    monkeypatch.setattr(engine, "TILE", 400)
    assert differing(computed(0, threads=1, awake=False), computed(0, threads=1, awake=True))
