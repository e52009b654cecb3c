"""Rain on roofs is booked as roof water, whatever a building does to the water beside it and wherever its rain goes.

    rain_m3 = sum of rate x time x area over the ground under no roof, roof_m3 = the same over all roofs,

so the same storm gives the same two lines for every mode and every roof. To 1e-6, a rounding of the step in float32;
where rain varies, roof water that is shed falls at the rate of the cell it runs to: there rain_m3 alone is so sharp.
"""

from itertools import product

import numpy as np
import pytest

from flood_sim import Scenario
from flood_sim.build import build
from flood_sim.errors import ScenarioError
from flood_sim.preview.coarse import coarsen
from flood_sim.solver.cut import cut
from flood_sim.solver.domain import Domain
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation

SHAPE = (18, 22)
HOUSE = (4, -9, 9, -5)  # 5 x 4 cells
ROOF = np.zeros(SHAPE, bool)
ROOF[5:9, 4:9] = True
RAIN = 0.040
"""m, in 3 minutes."""


def scene(write_raster, write_footprints, **buildings):
    file = write_footprints(HOUSE)
    return Scenario.parse({
        "terrain": {"dem": write_raster(np.zeros(SHAPE)), "buildings": {"file": file, **buildings}},
        "storm": {"kind": "block", "depth_mm": 40, "duration_min": 3},
        "boundaries": [{"kind": "wall", "where": {"edge": "all"}}], "numerics": {"duration_min": 4},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "roof"), list(product(("blocked", "raised", "threshold", "passable"), ("ground", "sewer", "green")))
)
def test_the_same_storm_gives_the_same_lines(mode, roof, write_raster, write_footprints):
    asked = scene(write_raster, write_footprints, mode=mode, roof=roof)
    sim = build(asked).simulation()
    sim.advance(240.0)
    found = sim.balance()
    assert found.rain_m3 == pytest.approx(RAIN * (ROOF.size - ROOF.sum()), rel=1e-6)
    assert found.roof_m3 == pytest.approx(RAIN * ROOF.sum(), rel=1e-6)
    if roof == "sewer":
        assert found.sewer_roofs_m3 == pytest.approx(found.roof_m3, rel=1e-12)
    assert found.relative_error <= 1e-6


@pytest.mark.parametrize("mode", ["blocked", "raised", "threshold", "passable"])
def test_so_do_a_window_and_coarser_cells(mode, write_raster, write_footprints):
    """Half of the house lies in the window, with what it sheds there; coarse cells hold roofs and ground."""
    domain = build(scene(write_raster, write_footprints, mode=mode)).domain
    part, _ = cut(domain, slice(0, 18), slice(0, 7))
    for made, bare in ((part, 18 * 7 - 4 * 3), (coarsen(domain, 4).domain, ROOF.size - ROOF.sum())):
        sim = Simulation(made, threads=1)
        sim.advance(200.0)
        found = sim.balance()
        assert found.rain_m3 == pytest.approx(RAIN * bare, rel=1e-6)
        assert found.rain_m3 + found.roof_m3 == pytest.approx(RAIN * made.rain_weight.sum() * made.cell**2, rel=1e-6)


def plain(rain=None, **more):
    return Domain(np.zeros(SHAPE), np.ones(SHAPE, bool), 1.0, np.full(SHAPE, 0.03), rain=rain or Steps(), **more)


def test_rain_that_varies_is_booked_where_it_fell():
    """20 mm/h on the western half, 60 on the eastern, the house astride of both with the rain on it."""
    rates = np.array([[[20.0, 60.0]]]) * 1e-3 / 3600
    places = Between.nearest(np.zeros(18, int)), Between.nearest((np.arange(22) >= 6).astype(int))
    sim = Simulation(plain(RainOnGrid((0.0, 600.0), rates, *places), bare=~ROOF), threads=1)
    sim.advance(60.0)
    roofs, everywhere = (8 * 20 + 12 * 60) / 60e3, (6 * 20 + 16 * 60) * 18 / 60e3
    assert sim.balance().roof_m3 == pytest.approx(roofs, rel=1e-6)
    assert sim.balance().rain_m3 == pytest.approx(everywhere - roofs, rel=1e-6)


@pytest.mark.parametrize(
    ("bare", "words"),
    [
        (np.ones((3, 3), bool), "Domain.bare: has another shape"),
        (np.full(SHAPE, 1.5), "Domain.bare: is out of range, first at row 0, column 0"),
        (np.full(SHAPE, np.nan), "Domain.bare: is out of range"),
    ],
)
def test_a_share_that_is_none_is_refused(bare, words):
    with pytest.raises(ScenarioError, match=words):
        plain(bare=bare)


def test_no_ground_lies_bare_below_a_wall():
    active = ~ROOF
    with pytest.raises(
        ScenarioError, match="Domain.bare: lets rain fall where no water can be, first at row 5, column 4"
    ):
        Domain(np.zeros(SHAPE), active, 1.0, np.full(SHAPE, 0.03), bare=np.ones(SHAPE, bool))
