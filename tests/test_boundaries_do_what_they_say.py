"""What a scenario says of its border is what the water does there.

Free outflow is uniform flow after Manning: q = h^(5/3) sqrt(S) / n, so a plane of
slope S fed with q per metre settles at the normal depth h = (q n / sqrt S)^(3/5).
The scheme balances slope and friction of uniform flow exactly; what is left is
float32, and the wave that still runs: 1e-4 relative.

Still water at a level stays there in float32, but quadratic drag stills what sways
before only as 1/t: u ~ h^(4/3) / (g n^2 t), here 2e-4 m/s and 8e-5 m after 15 min
with n = 1, so 2e-4 m.
An inflow brings the integral of its hydrograph, linear between its points and zero
outside them: 1e-6 relative, the float32 of the time step and the discharge.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.errors import ScenarioError
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


def test_a_level_below_the_ground_is_a_free_fall(write_raster):
    """Nothing comes in, and the pool drains to the lip."""
    ground = np.full((6, 10), 3.0)
    ground[1:5, 2:8] = 2.0
    sim = built(write_raster(ground), [level("east", 0.0)], initial={"kind": "level", "level_m": 4.0}).simulation()
    sim.advance(1800.0)
    assert closes(sim).inflow_m3 == 0.0
    np.testing.assert_allclose(sim.depth[1:5, 2:8], 1.0, atol=0.02)
    assert sim.depth[0].max() < 0.02


def test_a_level_series_is_followed(write_raster):
    """A rise of 1 m in 10 min in a pool of 12 m: the surface lags by far less than 1 cm."""
    dem = write_raster(np.zeros((8, 12)))
    series = {"kind": "level_series", "where": {"edge": "west"}, "times_min": [5, 15, 25], "levels_m": [1.0, 2.0, 1.5]}
    sim = built(dem, [series], n=0.1, initial={"kind": "level", "level_m": 1.0}).simulation()
    for minute, expected in ((4, 1.0), (10, 1.5), (15, 2.0), (20, 1.75), (25, 1.5), (40, 1.5)):
        sim.advance(60.0 * minute)
        np.testing.assert_allclose(sim.depth, expected, atol=0.01)
    closes(sim)


# --- inflow -------------------------------------------------------------------

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


def test_an_inflow_that_a_later_boundary_takes_away_is_refused(write_raster):
    """Else a run would go through without the water that was asked for."""
    source = inflow({"line": at((0, -2), (0, -4))}, [0, 1], [1.0, 1.0])
    with pytest.raises(ScenarioError, match=r"boundaries\.0 \(inflow\).*later boundary.*after"):
        built(write_raster(np.zeros((6, 8))), [source, free("all")])


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
