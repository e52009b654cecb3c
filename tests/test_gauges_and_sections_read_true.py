"""A gauge shows the water of its cell, a section the water that crosses it from left to right.

In steady flow every section across the flow carries the inflow: the surface has
settled to float32, 1e-4 relative. Volumes are exact but for the float32 of the
discharges, so that the sections around an area add up to the change of what it
holds (continuity, dV/dt = sum of Q) within 1e-6 of the volume.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.errors import ScenarioError
from flood_sim.runner import run
from flood_sim.scenario import Scenario

WEST, NORTH = 360_000.0, 6_040_000.0
TURNS = {"south": 0, "east": 1, "north": 2, "west": 3}
"""Quarter turns, as np.rot90 makes them, that take flow towards the south there."""


def at(*points):
    """Points in m east and north of the north-west corner, as coordinates."""
    return [[WEST + x, NORTH + y] for x, y in points]


def turned(points, shape, turns):
    """Where np.rot90 of a raster takes points, in m from the north-west corner."""
    rows, cols = shape
    for _ in range(turns):
        points = [(-y, x - cols) for x, y in points]
        rows, cols = cols, rows
    return points


def section(name, *points):
    return {"id": name, "line": at(*points)}


# --- sections -------------------------------------------------------------------

CHANNEL = (30, 8)  # cells of 1 m; falls towards the south by 1 %
ACROSS = {
    # walking west, the north is on the right hand; so water towards the south comes from the right: walk east
    "straight": [(0, -12), (8, -12)],
    "between the corners of cells": [(0, -12.3), (8, -12.4)],
    "down the flow": [(0, -10), (8, -16)],
    "up the flow": [(0, -20), (8, -13)],
    "steep": [(0, -5), (8, -25)],
    "a diagonal": [(0, -10), (8, -18)],
    "with knees": [(0, -8), (3, -14), (5, -11), (8, -20)],
    "longer than the terrain is wide": [(-5, -15), (12, -15)],
}


@pytest.fixture
def steady(write_raster):
    """Section discharges in steady flow of 0.5 m3/s towards a side."""

    def discharges(towards, lines):
        turns = TURNS[towards]
        ground = np.repeat(0.01 * np.arange(CHANNEL[0])[::-1, None], CHANNEL[1], axis=1)
        sides = ("north", "west", "south", "east")
        up, down = sides[turns], sides[(turns + 2) % 4]
        scenario = Scenario.parse({
            "terrain": {"dem": write_raster(np.rot90(ground, turns))},
            "boundaries": [
                {"kind": "inflow", "where": {"edge": up}, "times_min": [0, 60], "discharge_m3s": [0.5, 0.5]},
                {"kind": "free", "where": {"edge": down}, "energy_slope": 0.01},
            ],
            "sections": [section(f"s{k}", *turned(line, CHANNEL, turns)) for k, line in enumerate(lines)],
            "numerics": {"duration_min": 60},
        })  # fmt: skip
        sim = build(scenario).simulation()
        sim.advance(900.0)
        before = sim.section_volumes()
        sim.advance(960.0)
        return (sim.section_volumes() - before) / 60.0

    return discharges


@pytest.mark.parametrize("towards", TURNS)
def test_every_section_across_a_steady_flow_carries_the_inflow(steady, towards):
    """Positive from the left to the right hand: to the right of somebody who walks east is the south."""
    np.testing.assert_allclose(steady(towards, list(ACROSS.values())), 0.5, rtol=1e-4)


def test_a_section_drawn_the_other_way_has_the_other_sign(steady):
    lines = list(ACROSS.values())
    found = steady("east", [*lines, *(line[::-1] for line in lines)])
    np.testing.assert_allclose(found[: len(lines)], -found[len(lines) :], rtol=1e-9)


def test_the_parts_of_a_section_sum_to_the_whole(steady):
    """Cut at a knee the faces are the same; cut elsewhere the path may differ by a cell, steady flow does not."""
    a, b, c = (0, -8), (4, -17), (8, -11)
    whole, first, second = steady("north", [[a, b, c], [a, b], [b, c]])
    assert whole == pytest.approx(first + second, rel=1e-12)
    a, m, c = (0, -8), (2.9, -10.1), (8, -19)
    whole, first, second = steady("north", [[a, c], [a, m], [m, c]])
    assert whole == pytest.approx(first + second, rel=1e-4)
    assert 0 < first < whole


def test_a_section_on_the_border_reads_what_the_ledger_books(write_raster):
    ground = np.repeat(0.02 * np.arange(20)[::-1, None], 10, axis=1)
    scenario = Scenario.parse({
        "terrain": {"dem": write_raster(ground)}, "storm": {"kind": "block", "depth_mm": 40, "duration_min": 5},
        "boundaries": [{"kind": "free", "where": {"edge": "south"}}],
        "sections": [section("foot", (0, -20), (10, -20))], "numerics": {"duration_min": 10},
    })  # fmt: skip
    sim = build(scenario).simulation()
    sim.advance(600.0)
    assert sim.balance().outflow_m3 > 1
    assert sim.section_volumes()[0] == pytest.approx(sim.balance().outflow_m3, rel=1e-6)


def test_sections_around_an_area_add_up_to_the_change_of_what_it_holds(write_raster):
    """A dam breaks over rough ground with a house; rings and single sides, walked clockwise: inward is positive."""
    rng = np.random.default_rng(11)
    ground = 0.5 * rng.random((24, 30))
    start = np.zeros((24, 30))
    start[3:12, 2:12] = 1.5
    ring = [(8, -4), (22, -4), (22, -18), (8, -18), (8, -4)]
    skew = [(5, -10), (15, -2), (26, -13), (13, -21), (5, -10)]
    sides = [section(f"side{k}", ring[k], ring[k + 1]) for k in range(4)]
    scenario = Scenario.parse({
        "terrain": {"dem": write_raster(ground)},
        "initial": {"kind": "depth", "file": write_raster(start, "start.tif")},
        "boundaries": [], "numerics": {"duration_min": 60},
        "sections": [section("ring", *ring), section("skew", *skew), section("back", *ring[::-1]), *sides],
    })  # fmt: skip
    sim = build(scenario).simulation()
    held = start[4:18, 8:22].sum()
    for seconds in (2.0, 7.0, 40.0):
        sim.advance(seconds)
        volume = sim.section_volumes()
        change = sim.depth[4:18, 8:22].sum(dtype=float) - held
        assert abs(change) > 1
        assert volume[0] == pytest.approx(change, abs=1e-6 * start.sum())
        assert volume[2] == pytest.approx(-volume[0], rel=1e-12)
        assert volume[3:].sum() == pytest.approx(volume[0], rel=1e-12)
    inside = around(sim, scenario, 1)
    change = (sim.depth.astype(float) - start)[inside].sum()
    assert volume[1] == pytest.approx(change, abs=1e-6 * start.sum())


def around(sim, scenario, k):
    """Cells inside the closed section k: an odd number of its x-faces to the west."""
    faces = build(scenario).sections[k]
    crossings = np.zeros((sim.depth.shape[0] + 2, sim.depth.shape[1] + 2), int)
    np.add.at(crossings, (faces.row[faces.axis == 0], faces.col[faces.axis == 0] + 1), 1)
    return (np.cumsum(crossings, axis=1) % 2 == 1)[1:-1, 1:-1]


def test_a_section_far_beyond_the_terrain_is_a_slip_of_the_pen(write_raster):
    scenario = Scenario.parse({
        "terrain": {"dem": write_raster(np.zeros((6, 8)))}, "numerics": {"duration_min": 1},
        "sections": [{"id": "river", "line": [[WEST + 2, NORTH - 3], [3.6e9, 6.04e8]]}],
    })  # fmt: skip
    with pytest.raises(ScenarioError, match=r"section river: .*far outside.*x 360000 to 360008"):
        build(scenario)


# --- gauges and series in a result -------------------------------------------------


@pytest.fixture
def valley(write_raster, write_footprints, tmp_path):
    """A result: rain in a rough valley that drains to the south; outputs every 2 min, series every 40 s."""
    rng = np.random.default_rng(4)
    y, x = np.mgrid[0:24, 0:20]
    ground = 30 + 0.08 * np.abs(x - 9.5) + 0.02 * (23 - y) + 0.05 * rng.random((24, 20))
    return run(
        Scenario.parse({
            "terrain": {"dem": write_raster(ground), "buildings": {"file": write_footprints((3, -8, 7, -4))}},
            "storm": {"kind": "block", "depth_mm": 60, "duration_min": 5},
            "boundaries": [{"kind": "free", "where": {"edge": "south"}}],
            "gauges": [
                {"id": "ditch", "x": WEST + 9.2, "y": NORTH - 20.7}, {"id": "bank", "x": WEST + 1, "y": NORTH - 2},
            ],
            "sections": [section("mouth", (0, -24), (20, -24))],
            "outputs": {"every_min": 2, "series_every_s": 40},
            "numerics": {"duration_min": 8.5},
        }),
        tmp_path / "result",
    )  # fmt: skip


def test_gauges_show_the_cell_that_contains_them(valley):
    """Against the dataset at the same times: half a millimetre of packing, half a mm/s in each direction."""
    data, gauges = valley.dataset, valley.gauges
    assert gauges.times == [*(40.0 * k for k in range(13)), 510.0]
    assert data.sizes["time"] == 6
    compared = 0
    for name, row, col in (("ditch", 20, 9), ("bank", 2, 1)):
        ground = float(data["ground"][row, col])
        depth, level = np.array(gauges[f"{name} depth_m"]), np.array(gauges[f"{name} level_m"])
        np.testing.assert_allclose(level - depth, ground, atol=1e-5)
        for k, t in enumerate((0.0, 120.0, 240.0, 360.0, 480.0, 510.0)):
            entry = gauges.times.index(t)
            assert depth[entry] == pytest.approx(float(data["depth"][k, row, col]), abs=0.00051)
            speed = np.hypot(data["velocity_x"][k, row, col], data["velocity_y"][k, row, col])
            assert gauges[f"{name} speed_m_s"][entry] == pytest.approx(float(speed), abs=0.00072)
            compared += float(speed) > 0.05
    assert compared >= 2


def test_a_section_gives_the_mean_discharge_since_the_last_entry(valley):
    times, series = np.array(valley.sections.times), valley.sections
    volume, discharge = np.array(series["mouth volume_m3"]), np.array(series["mouth discharge_m3s"])
    assert volume[0] == discharge[0] == 0.0
    np.testing.assert_allclose(np.diff(volume), discharge[1:] * np.diff(times), rtol=1e-6, atol=1e-6)
    assert volume[-1] == pytest.approx(valley.manifest["ledger"]["outflow_m3"], rel=1e-6)
    assert volume[-1] > 10


def test_times_that_differ_by_rounding_are_one(write_raster):
    """1.15 min and 69 s: a step of 1e-14 s between them would be a step all the same."""
    scenario = Scenario.parse({
        "terrain": {"dem": write_raster(np.zeros((6, 8)))}, "storm": {"kind": "block", "depth_mm": 5, "duration_min": 1.15},
        "outputs": {"every_min": 1.15, "series_every_s": 69}, "numerics": {"duration_min": 3},
    })  # fmt: skip
    result = run(scenario)
    assert result.sections.times == [0.0, 69.0, 138.0, 180.0]
    assert result.manifest["output_times_s"] == [0.0, 69.0, 138.0, 180.0]
    assert result.manifest["extremes"]["shortest_step_s"] > 0.01
