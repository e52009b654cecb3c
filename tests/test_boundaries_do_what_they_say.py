"""What a scenario says of its border is what the water does there.

Free outflow is uniform flow after Manning: q = h^(5/3) sqrt(S) / n, so a plane of
slope S fed with q per metre settles at the normal depth h = (q n / sqrt S)^(3/5).
The scheme balances slope and friction of uniform flow exactly; what is left is
float32, and the wave that still runs: 1e-4 relative.

Still water at a level stays there in float32, but quadratic drag stills what sways
before only as 1/t: u ~ h^(4/3) / (g n^2 t), here 2e-4 m/s and 8e-5 m after 15 min
with n = 1, so 2e-4 m.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.scenario import Scenario
from flood_sim.solver.border import WALL

WEST, NORTH = 360_000.0, 6_040_000.0
SIDES = ("north", "west", "south", "east")  # each a quarter turn (np.rot90) after the one before
OPPOSITE = dict(zip(SIDES, SIDES[2:] + SIDES[:2], strict=True))


def at(*points):
    """Points in m east and north of the north-west corner, as coordinates."""
    return [[WEST + x, NORTH + y] for x, y in points]


def free(edge, **more):
    return {"kind": "free", "where": {"edge": edge}, **more}


def level(edge, metres):
    return {"kind": "level", "where": {"edge": edge}, "level_m": metres}


def inflow(where, times_min, discharge_m3s):
    return {"kind": "inflow", "where": where, "times_min": times_min, "discharge_m3s": discharge_m3s}


def built(dem, boundaries, *, n=0.03, **more):
    return build(
        Scenario.parse({
            "terrain": {"dem": dem}, "boundaries": boundaries, "numerics": {"duration_min": 60},
            "surface": {"roughness": {"kind": "constant", "n": n}}, **more,
        })
    )  # fmt: skip


def closes(sim):
    assert sim.balance().relative_error <= 1e-6
    return sim.balance()


# --- free outflow -------------------------------------------------------------


def plane(slope, towards, length=40, width=4):
    """Ground of 2 m cells that falls by `slope` towards one side."""
    south = np.repeat(slope * 2.0 * np.arange(length)[::-1, None], width, axis=1)
    return np.rot90(south, SIDES.index(towards) - SIDES.index("south"))


def settled(write_raster, slope, towards, **stated):
    """Depth, first row up the slope, after 20 min with 0.1 m2/s down a plane 8 m wide."""
    source = inflow({"edge": OPPOSITE[towards]}, [0, 60], [0.8, 0.8])
    sim = built(write_raster(plane(slope, towards), cell=2.0), [source, free(towards, **stated)]).simulation()
    sim.advance(1200.0)
    balance = closes(sim)
    assert balance.inflow_m3 == pytest.approx(0.8 * 1200, rel=1e-6)
    return np.rot90(sim.depth, SIDES.index("south") - SIDES.index(towards))


def normal_depth(slope, q=0.1, n=0.03):
    return (q * n / np.sqrt(slope)) ** 0.6


@pytest.mark.parametrize("towards", SIDES)
def test_free_outflow_with_the_slope_of_the_ground_settles_at_normal_depth(write_raster, towards):
    depth = settled(write_raster, 0.01, towards, energy_slope=0.01)
    np.testing.assert_allclose(depth[5:], normal_depth(0.01), rtol=1e-4)


def test_without_a_stated_slope_the_local_bed_slope_rules(write_raster):
    depth = settled(write_raster, 0.03, "east")
    np.testing.assert_allclose(depth[15:], normal_depth(0.03), rtol=1e-4)


@pytest.mark.parametrize(
    ("ground", "stated", "expected"), [(0.0, {}, 0.005), (0.002, {}, 0.005), (0.01, {"energy_slope": 0.04}, 0.04)]
)
def test_the_last_cell_has_the_normal_depth_of_the_energy_slope(write_raster, ground, stated, expected):
    """What leaves is h^(5/3) sqrt(S)/n of the last cell: S as stated, else that of the ground, at least 0.5 %."""
    depth = settled(write_raster, ground, "south", **stated)
    np.testing.assert_allclose(depth[-1], normal_depth(expected), rtol=1e-4)


# --- levels -------------------------------------------------------------------


def bowl():
    """Rough ground between 0 and 1 m, 12 x 16 cells, lowest in the south-west."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:12, 0:16]
    return 0.3 * rng.random((12, 16)) + 0.7 * (x + 11 - y) / 26


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("initial", [{"kind": "dry"}, {"kind": "level", "level_m": 2.5}])
def test_a_fixed_level_fills_and_drains_a_basin_to_exactly_that_level(write_raster, side, initial):
    b = built(write_raster(bowl()), [level(side, 1.5)], n=1.0, initial=initial)
    sim = b.simulation()
    sim.advance(900.0)
    np.testing.assert_allclose(sim.depth + b.domain.ground, 1.5, atol=2e-4)
    balance = closes(sim)
    gained = (1.5 - b.domain.ground).sum() - balance.initial_m3
    assert balance.inflow_m3 - balance.outflow_m3 == pytest.approx(gained, rel=1e-3)


def test_a_level_no_higher_than_the_ground_is_a_free_fall(write_raster):
    """Nothing comes in, and the pool drains to the lip. (A level below all of its border is refused.)"""
    ground = np.full((6, 10), 3.0)
    ground[1:5, 2:8] = 2.0
    sim = built(write_raster(ground), [level("east", 3.0)], initial={"kind": "level", "level_m": 4.0}).simulation()
    sim.advance(1800.0)
    assert closes(sim).inflow_m3 == 0.0
    np.testing.assert_allclose(sim.depth[1:5, 2:8], 1.0, atol=0.02)
    assert sim.depth[0].max() < 0.02


def test_a_level_series_that_falls_below_the_ground_for_a_while_is_said(write_raster):
    series = {"kind": "level_series", "where": {"edge": "west"}, "times_min": [0, 15, 25], "levels_m": [-1.0, 2.0, 1.5]}
    notes = built(write_raster(np.zeros((8, 12))), [series]).notes
    (note,) = (note for note in notes if note.startswith("boundaries.0 (level_series): "))
    assert "below the lowest ground there (0.00 m) at 1 of 3 given times" in note


def test_a_level_series_is_followed(write_raster):
    """A rise of 1 m in 10 min in a pool of 12 m: the surface lags by far less than 1 cm."""
    dem = write_raster(np.zeros((8, 12)))
    series = {"kind": "level_series", "where": {"edge": "west"}, "times_min": [5, 15, 25], "levels_m": [1.0, 2.0, 1.5]}
    sim = built(dem, [series], n=0.1, initial={"kind": "level", "level_m": 1.0}).simulation()
    for minute, expected in ((4, 1.0), (10, 1.5), (15, 2.0), (20, 1.75), (25, 1.5), (40, 1.5)):
        sim.advance(60.0 * minute)
        np.testing.assert_allclose(sim.depth, expected, atol=0.01)
    closes(sim)


# --- walls and who owns a face ------------------------------------------------


@pytest.mark.parametrize("boundaries", [[], [{"kind": "wall", "where": {"edge": "all"}}]])
def test_a_wall_lets_nothing_through(write_raster, boundaries):
    rain = {"kind": "block", "depth_mm": 50, "duration_min": 5}
    sim = built(write_raster(plane(0.1, "east")), boundaries, storm=rain).simulation()
    sim.advance(900.0)
    balance = closes(sim)
    assert balance.outflow_m3 == balance.inflow_m3 == 0.0
    assert balance.stored_m3 == pytest.approx(0.050 * 160, rel=1e-6)


def test_later_boundaries_take_faces_from_earlier_ones(write_raster):
    """All free, then a wall on the west, then a level on part of that wall."""
    b = built(
        write_raster(np.zeros((6, 8))),
        [free("all"), {"kind": "wall", "where": {"edge": "west"}},
         {"kind": "level", "where": {"line": at((0, -2), (0, -4))}, "level_m": 1.0}],
    )  # fmt: skip
    assert (b.domain.owner == 0).sum() == 6 + 8 + 8
    assert (b.domain.owner == WALL).sum() == 4
    assert (b.domain.owner == 1).sum() == 2
    sim = b.simulation()
    sim.advance(600.0)
    balance = closes(sim)
    assert 0 < balance.outflow_m3 < balance.inflow_m3
    assert 0 < sim.depth[2, 0] < 1.0


# --- the edge of the terrain that is not the edge of the raster ------------------

NAN = np.nan
BORDERS = {
    "free": lambda line: {"kind": "free", "where": {"line": line}},
    "level": lambda line: {"kind": "level", "where": {"line": line}, "level_m": 0.9},
    "inflow": lambda line: inflow({"line": line}, [0, 1, 5], [0.5, 2.0, 0.1]),
    "wall": lambda line: {"kind": "wall", "where": {"line": line}},
}


@pytest.mark.parametrize("kind", BORDERS)
@pytest.mark.parametrize("gap", [1, 3])
@pytest.mark.parametrize("turns", range(4))
def test_a_border_along_nodata_works_like_one_at_the_raster_edge(write_raster, kind, gap, turns):
    """Left of the gap everything goes as if the gap were the end of the raster; right of it stays dry.

    Turned four ways, so that the gap lies across the rows and along them. 1e-5 m:
    rows of another length are vectorised differently, which rounds differently.
    """
    rng = np.random.default_rng(2)
    ground = 0.4 * rng.random((10, 12)) + 0.03 * np.arange(12)[::-1]
    wide = np.hstack([ground, np.full((10, gap), NAN), 1 + rng.random((10, 7))])
    pond = np.zeros(wide.shape)
    pond[2:8, 3:9] = 0.7

    def depth(height, name):
        line = at(*(turned(p, height.shape, turns) for p in ((12, -2), (12, -8))))
        start = write_raster(np.rot90(pond[:, : height.shape[1]], turns), f"{name}_pond.tif")
        dem = write_raster(np.rot90(height, turns), f"{name}.tif")
        b = built(dem, [BORDERS[kind](line)], initial={"kind": "depth", "file": start})
        sim = b.simulation()
        sim.advance(120.0)
        balance = closes(sim)
        assert (balance.outflow_m3 > 1) == (kind in ("free", "level"))
        assert (balance.inflow_m3 > 1) == (kind in ("inflow", "level"))
        return np.rot90(sim.depth, -turns)

    cut, whole = depth(ground, "cut"), depth(wide, "whole")
    np.testing.assert_allclose(whole[:, :12], cut, atol=1e-5)
    assert not whole[:, 12:].any()


def turned(point, shape, turns):
    """Where np.rot90 of a raster takes a point, in m from the north-west corner."""
    (x, y), (rows, cols) = point, shape
    for _ in range(turns):
        x, y, rows, cols = -y, x - cols, cols, rows
    return x, y


def test_both_banks_of_a_gap_of_one_cell_are_their_own_border(write_raster):
    """Water that leaves on one side never comes in on the other; the L-shaped rest drains around the corner."""
    ground = np.full((9, 11), 1.0)
    ground[:6, 5] = NAN
    pond = np.zeros((9, 11))
    pond[:4, :5] = 0.5
    dem, start = write_raster(ground), write_raster(pond, "pond.tif")
    edge = {"line": at((5, 0), (5, -6), (6, -6), (6, 0))}
    b = built(dem, [{"kind": "free", "where": edge}], initial={"kind": "depth", "file": start})
    assert (b.domain.owner == 0).sum() == 6 + 6 + 1
    sim = b.simulation()
    sim.advance(3.0)
    assert sim.depth[:4, 6:].max() == 0.0
    sim.advance(900.0)
    balance = closes(sim)
    assert balance.outflow_m3 > 0.9 * balance.initial_m3
    assert not sim.depth[:6, 5].any()
