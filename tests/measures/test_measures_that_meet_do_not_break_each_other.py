"""Two measures at one place: each keeps its depth, and who loses something is told how much.

Level ground at 150 m, so that each height is one sum of the drawing: exact but for
the float64 sum, and volumes to 1e-9.
"""

import numpy as np
import pytest
from scipy import ndimage

from flood_sim.measures.apply import apply
from flood_sim.measures.linter import check
from flood_sim.scenario.measures import Basin, EmergencyFlowPath, FloodWall, GroundChange, Kerb, Swale

ABOUT = pytest.approx


@pytest.fixture
def level(site):
    site.ground[:] = 150.0
    return site


def changed(measures, site):
    return [r for r in check(measures, site) if r.code == "changed_by_others"]


def crossing(at, kind, **more):
    lines = at((30, 50.5), (90, 50.5)), at((60.5, 20), (60.5, 90))
    return tuple(kind(id=f"m{k}", line=line, width_m=5, **more) for k, line in enumerate(lines))


@pytest.mark.parametrize(("kind", "depth"), [(Swale, 0.5), (EmergencyFlowPath, 0.15)])
@pytest.mark.parametrize("graded", [False, True])
def test_crossing_channels_leave_no_pit(level, at, kind, depth, graded):
    apply(crossing(at, kind, depth_m=depth, graded=graded), level)
    assert level.ground.min() == ABOUT(150.0 - depth) and level.ground[50, 60] == ABOUT(150.0 - depth)


def test_the_depth_counts_from_raised_ground(level, at, box):
    """Ground comes first: a swale in a fill is as deep as drawn below the fill."""
    fill = GroundChange(id="fill", polygon=box(50, 30, 70, 70), change_m=1.0)
    apply((*crossing(at, Swale, depth_m=0.5), fill), level)
    assert level.ground[50, 60] == 150.5


def test_the_kerb_of_one_path_is_no_sill_across_the_other(level, at):
    """Along the axes of both nothing rises; a kerb stands on every other side."""
    apply(crossing(at, EmergencyFlowPath, depth_m=0.15, kerb_height_m=0.12), level)
    assert (level.ground[48:53, 32:88] == 149.85).all() and (level.ground[22:88, 58:63] == 149.85).all()
    assert (level.ground[53, 32:57] == 150.12).all() and (level.ground[47, 65:88] == 150.12).all()
    low, _ = ndimage.label(level.ground < 150.0, np.ones((3, 3)))
    assert low.max() == 1


def test_a_lowered_kerb_opens_no_wall(level, at):
    wall = FloodWall(id="wall", line=at((30, 50.5), (90, 50.5)), height_m=1.0)
    kerb = Kerb(id="kerb", line=at((60.5, 40), (60.5, 60)), height_m=-0.1)
    apply((wall, kerb), level)
    assert (level.ground[50, 31:89] == 151.0).all()
    assert level.ground[45, 60] == level.ground[55, 60] == ABOUT(149.9)


def test_a_channel_through_a_dam_cuts_it_and_the_basin_says_so(level, at, box):
    """400 m² with a dam of 1 m hold 400 m³; cut down to 149.70 m nothing stays on its bottom of 150 m."""
    pond = Basin(id="pond", polygon=box(40, 40, 60, 60), volume_m3=400, depth_m=1.0, dam=True)
    assert not changed((pond,), level)
    swale = Swale(id="inlet", line=at((20, 50.5), (45, 50.5)), width_m=3, depth_m=0.3)
    (said,) = changed((pond, swale), level)
    assert said.severity == "warning" and said.figures["level_m"] == ABOUT(149.7)
    assert said.figures["volume_m3"] == ABOUT(0.0, abs=1e-9)  # the swale is as deep in the basin as at the dam
    assert said.text_de == (
        "Rückhaltebecken: Eine andere Maßnahme (inlet) senkt seinen Rand auf 149,70 m, voll stünde das Wasser auf 151,00 m. "
        "Dort kann es hinaus; darunter hält das Becken 0 m³ statt 400 m³."
    )
    assert level.grid.index(*said.xy) == (49, 39)
    (design,) = [r for r in check((pond, swale), level) if r.code == "design"]
    assert design.text_de.startswith("Rückhaltebecken (für sich allein): fasst 400 m³")
    notes = apply((swale, pond), level)
    assert any("pond (basin): other measures change it; it holds 0 m³ below 149.70 m" in n for n in notes)
    assert level.ground[50, 39] == ABOUT(149.7) and level.ground[50, 42] == ABOUT(149.7)


def test_a_channel_into_a_dug_basin_leaves_its_bottom(level, at, box):
    """400 m² dug 1 m deep; a swale of 0.3 m into it takes 0.7 m of its depth for what stays, not more."""
    pond = Basin(id="pond", polygon=box(40, 40, 60, 60), volume_m3=400)
    swale = Swale(id="inlet", line=at((20, 50.5), (45, 50.5)), width_m=3, depth_m=0.3)
    (said,) = changed((pond, swale), level)
    assert said.figures["volume_m3"] == ABOUT(400 * 0.7) and said.figures["level_m"] == ABOUT(149.7)
    apply((pond, swale), level)
    np.testing.assert_allclose(level.ground[40:60, 40:60], 149.0, atol=1e-9)


def test_a_wall_in_a_basin_takes_its_room(level, at, box):
    """A wall of 20 cells, 1 m high on the bottom, in a basin of 400 m³ on 400 m²."""
    pond = Basin(id="pond", polygon=box(40, 40, 60, 60), volume_m3=400)
    wall = FloodWall(id="wall", line=at((30, 50.5), (70, 50.5)), height_m=1.0)
    (said,) = changed((pond, wall), level)
    assert said.figures["volume_m3"] == ABOUT(380.0)
    assert said.text_de.endswith("ändern das Gelände im Becken; bis 150,00 m hält das Becken 380 m³ statt 400 m³.")
