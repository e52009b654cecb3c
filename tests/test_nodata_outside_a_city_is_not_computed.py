"""Only the cells of the city are computed; what lies beyond its border and what is built over takes no water.

The result of a city polygon in a larger raster is that of the cut-out (1e-5 m:
rows of another length are vectorised differently, which rounds differently).
A blocked building is a wall: no water in it, no flow through it, and the rain
on its roof goes to the open ground around, as a line of its own in the ledger:
rain_m3 + roof_m3 = depth x area of all that is not outside, roof_m3 = depth x roof area.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.runner import run
from flood_sim.scenario import Scenario

WEST, NORTH = 360_000.0, 6_040_000.0
NAN = np.nan
WALLS = [{"kind": "wall", "where": {"edge": "all"}}]


def scenario(dem, *, minutes=5, depth_mm=40, rain_min=3, **more):
    return Scenario.parse({
        "terrain": {"dem": dem}, "storm": {"kind": "block", "depth_mm": depth_mm, "duration_min": rain_min},
        "outputs": {"every_min": minutes}, "numerics": {"duration_min": minutes}, **more,
    })  # fmt: skip


def hills(rows, cols, seed=1):
    y, x = np.mgrid[0:rows, 0:cols]
    return 40 + 0.3 * np.random.default_rng(seed).random((rows, cols)) + 0.04 * y + 0.5 * np.sin(x / 4)


def city(rows=26, cols=34):
    """A disc with a bay that cuts into its rows from above, and a lake of nodata in the rows' middle."""
    y, x = np.mgrid[0:rows, 0:cols]
    inside = ((y - 12.5) / 12.5) ** 2 + ((x - 16) / 16.5) ** 2 < 1
    inside[:10, 14:18] = False
    return inside


def embedded(values, before, after, beyond=NAN):
    """With rows and columns of nodata around, (rows, cols) more on the north-west and on the south-east."""
    return np.pad(values, ((before[0], after[0]), (before[1], after[1])), constant_values=beyond)


def test_only_active_cells_are_computed(write_raster):
    inside = city()
    result = run(scenario(write_raster(np.where(inside, hills(*inside.shape), NAN))))
    assert result.manifest["grid"]["active_cells"] == result.manifest["performance"]["cells"] == inside.sum()
    assert result.manifest["ledger"]["rain_m3"] == pytest.approx(0.040 * inside.sum(), rel=1e-6)
    assert result.manifest["ledger"]["relative_error"] <= 1e-6
    for key in (
        "depth",
        "velocity_x",
        "velocity_y",
        "max_depth",
        "max_speed",
        "max_unit_discharge",
        "duration",
        "ground",
    ):
        values = result.dataset[key].values
        np.testing.assert_array_equal(np.isfinite(values), np.broadcast_to(inside, values.shape), err_msg=key)


@pytest.mark.parametrize("boundaries", [None, WALLS], ids=["free border", "walls"])
def test_the_result_is_that_of_the_cut_out(write_raster, boundaries):
    """The same disc at the edge of its raster and amid a large one; the raster's own edge plays no part."""
    inside = city()
    ground = np.where(inside, hills(*inside.shape), NAN)
    before, after = (7, 11), (5, 40)
    more = {} if boundaries is None else {"boundaries": boundaries}
    found = []
    for name, height in (("cut", ground), ("amid", embedded(ground, before, after))):
        sim = build(scenario(write_raster(height, f"{name}.tif"), **more)).simulation()
        sim.advance(300.0)
        balance = sim.balance()
        assert balance.relative_error <= 1e-6
        assert (balance.outflow_m3 > 1) == (boundaries is None)
        found.append((sim, balance))
    (cut, cut_balance), (amid, amid_balance) = found
    window = (slice(before[0], -after[0]), slice(before[1], -after[1]))
    np.testing.assert_allclose(amid.depth[window], cut.depth, atol=1e-5)
    assert amid_balance.stored_m3 == pytest.approx(cut_balance.stored_m3, rel=1e-6)
    assert amid_balance.outflow_m3 == pytest.approx(cut_balance.outflow_m3, rel=1e-5)
    assert amid.steps == cut.steps
    rest = amid.depth.copy()
    rest[window] = 0.0
    assert not rest.any() and not amid.depth[window][~inside].any()


def test_the_time_step_sees_the_fastest_wave_wherever_the_rows_end(write_raster):
    """A deep pond in a row that is longer than the next ones: its wave sets the step, C dx / (|u| + sqrt(g h))."""
    ground = np.zeros((9, 24))
    ground[[2, 4], 12:] = NAN
    pond = np.zeros(ground.shape)
    pond[3, 16:22] = 4.0
    start = {"initial": {"kind": "depth", "file": write_raster(pond, "pond.tif")}, "storm": {"kind": "none"}}
    sim = build(scenario(write_raster(ground), boundaries=WALLS, **start)).simulation()

    def step_is_short_enough():
        fastest = np.sqrt(9.81 * float(sim.depth.max()))
        assert sim.fastest >= 0.999 * fastest

    sim.advance(5.0, step_is_short_enough)


def test_holes_are_walls_or_filled_as_asked(write_raster):
    """Interior cells without a height: filled by default, else beyond the model; the border of a hole is a border."""
    ground = hills(12, 14)
    ground[4:7, 5:9] = NAN
    dem = write_raster(ground)
    filled = build(scenario(dem))
    masked = build(Scenario.parse({"terrain": {"dem": dem, "holes": "mask"}, "numerics": {"duration_min": 1}}))
    assert filled.domain.active.all() and masked.domain.cells == 12 * 14 - 12


# --- buildings ----------------------------------------------------------------------

HOUSES = ((4, -9, 9, -5), (12, -15, 16, -6))  # 5 x 4 and 4 x 9 cells


def with_houses(dem, file, **more):
    return scenario(dem, **more).model_copy(
        update={"terrain": Scenario.parse({
            "terrain": {"dem": dem, "buildings": {"file": file}}, "numerics": {"duration_min": 1},
        }).terrain}
    )  # fmt: skip


def roofs(shape):
    mask = np.zeros(shape, bool)
    for w, s, e, n in HOUSES:
        mask[-n:-s, w:e] = True
    return mask


def test_rain_on_roofs_goes_around_and_has_its_own_line(write_raster, write_footprints):
    roof = roofs((18, 22))
    result = run(with_houses(write_raster(hills(18, 22)), write_footprints(*HOUSES), boundaries=WALLS))
    ledger = result.manifest["ledger"]
    assert roof.sum() == 56
    assert ledger["roof_m3"] == pytest.approx(0.040 * 56, rel=1e-6)
    assert ledger["rain_m3"] == pytest.approx(0.040 * (18 * 22 - 56), rel=1e-6)
    assert ledger["stored_m3"] == pytest.approx(0.040 * 18 * 22, rel=1e-6)
    np.testing.assert_array_equal(np.isnan(result.dataset["max_depth"].values), roof)


def test_rain_of_a_roof_falls_on_the_ring_of_its_house(write_raster, write_footprints):
    """In the first moment, before anything flows: 20 roof cells onto 22 ring cells, 36 onto 30."""
    built = build(with_houses(write_raster(np.zeros((18, 22))), write_footprints(*HOUSES), boundaries=WALLS))
    sim = built.simulation()
    sim.advance(0.01)
    rain = sim.depth / (0.040 / 180 * 0.01)
    assert rain[0, 0] == pytest.approx(1.0, rel=1e-4)
    assert rain[4, 3] == rain[9, 9] == pytest.approx(1 + 20 / 22, rel=1e-4)
    assert rain[5, 16] == rain[15, 13] == pytest.approx(1 + 36 / 30, rel=1e-4)


def test_a_blocked_building_is_a_wall(write_raster, write_footprints):
    """A row of houses dams a pond up to the level of its gap; without the gap nothing passes."""
    pond = np.zeros((14, 20))
    pond[:, :6] = 1.0
    dem, start = write_raster(np.zeros((14, 20))), write_raster(pond, "pond.tif")
    for south, passes in ((-14, False), (-12, True)):
        still = {"storm": {"kind": "none"}, "initial": {"kind": "depth", "file": start}, "boundaries": WALLS}
        sim = build(with_houses(dem, write_footprints((6, south, 9, 0)), **still)).simulation()
        sim.advance(60.0)
        assert sim.balance().relative_error <= 1e-6
        assert (sim.depth[:, 9:].max() > 0.1) == passes
        if not passes:
            np.testing.assert_array_equal(sim.depth, pond)


def test_blocked_houses_at_the_border_of_the_city_keep_their_walls(write_raster, write_footprints):
    """A house that stands on the model's border lets nothing out; its roof rain stays in the model."""
    ground = np.zeros((10, 12))
    ground[:, 10:] = NAN
    houses = write_footprints((7, -10, 11, 0))
    built = build(with_houses(write_raster(ground), houses))
    assert not built.domain.active[:, 7:].any()
    sim = built.simulation()
    sim.advance(300.0)
    balance = sim.balance()
    assert balance.roof_m3 == pytest.approx(0.040 * 30, rel=1e-6)
    assert balance.relative_error <= 1e-6
    # open are only the three sides that are the border of the raster: 7 + 10 + 7 faces
    assert built.domain.owner.size == 24


def test_raised_buildings_shed_their_rain_as_ground_does_and_it_has_its_own_line(write_raster, write_footprints):
    roof = roofs((18, 22))
    data = with_houses(write_raster(np.zeros((18, 22))), write_footprints(*HOUSES), boundaries=WALLS).model_dump()
    data["terrain"]["buildings"] |= {"mode": "raised", "raise_m": 6.0}
    built = build(Scenario.parse(data))
    assert built.domain.active.all()
    np.testing.assert_array_equal(built.domain.ground, np.where(roof, 6.0, 0.0))
    sim = built.simulation()
    sim.advance(300.0)
    balance = sim.balance()
    assert balance.roof_m3 == pytest.approx(0.040 * 56, rel=1e-6) and balance.relative_error <= 1e-6
    assert balance.rain_m3 == pytest.approx(0.040 * (18 * 22 - 56), rel=1e-6)
    assert sim.depth[roof].max() < 0.01 < sim.depth[~roof].min()
