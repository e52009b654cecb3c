"""Where a terrain ends before its rectangle does, a measure ends too, and nobody takes the missing height for one.

Cells without a height hold 0.0 (as `build` and `read_site` leave them), 150 m below
the ground: whatever read them would be wrong by metres. Heights are compared with
what the same drawing makes on its own terrain; they are single sums, so exactly.
"""

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.measures.apply import apply
from flood_sim.measures.linter import check
from flood_sim.measures.site import Site
from flood_sim.measures.walls import height_needed
from flood_sim.scenario.measures import (
    Basin,
    CulvertMeasure,
    Embankment,
    EmergencyFlowPath,
    FloodWall,
    Greening,
    GroundChange,
    Kerb,
    MobileBarrier,
    Storage,
    Swale,
)

EDGE = 40
"""First column without heights."""


@pytest.fixture
def cut(grid):
    """150 m high, falling by 1 cm a metre to the south, without heights from column 40 on."""
    y, x = np.mgrid[0 : grid.rows, 0 : grid.cols] + 0.5
    outside = x > EDGE
    return Site.of(grid, np.where(outside, 0.0, 150.0 - 0.01 * y), outside)


def remarks_of(measure, site, code):
    return [r for r in check((measure,), site) if r.code == code]


@pytest.mark.parametrize("inwards", [False, True])
@pytest.mark.parametrize("kind", [Swale, EmergencyFlowPath])
@pytest.mark.parametrize("graded", [False, True])
def test_a_channel_that_ends_outside_is_no_pit(cut, at, kind, graded, inwards):
    """It ends 0.2 m beyond the last height, or begins there."""
    before = cut.ground.copy()
    line = at((10.5, 30.5), (40.2, 34.5))
    apply((kind(id="m", line=line[::-1] if inwards else line, width_m=3, depth_m=0.3, graded=graded),), cut)
    dug = before - cut.ground
    fall = 0.01 * 6  # the ground along the line, with half the width of the strip beyond each end
    assert 0.25 < dug.max() <= 0.3 + fall and dug.min() == 0.0
    assert not dug[:, EDGE:].any()


@pytest.mark.parametrize("kind", [FloodWall, MobileBarrier, Embankment])
def test_the_other_end_of_a_wall_into_the_void_is_looked_at(cut, at, kind):
    """On ground without higher ground: one end leaves the terrain, the other stands in the open."""
    wall = kind(id="m", line=at((20.5, 50.5), (60.5, 50.5)), height_m=1.0)
    (open_end,) = remarks_of(wall, cut, "no_higher_ground")
    assert "am Anfang" in open_end.text_de and open_end.figures["level_m"] == pytest.approx(150.495, abs=1e-4)
    apply((wall,), cut)
    assert cut.ground[50, 20] == 151.0 - 0.505 and not cut.ground[:, EDGE:].any()


LINE, BOX = ((60, 20), (90, 70)), (50, 20, 80, 60)
WHOLLY = {
    "wall": lambda at, box: FloodWall(id="m", line=at(*LINE), height_m=1),
    "barrier": lambda at, box: MobileBarrier(id="m", line=at(*LINE), crest_m=151),
    "embankment": lambda at, box: Embankment(id="m", line=at(*LINE), height_m=1, side_slope=2),
    "swale": lambda at, box: Swale(id="m", line=at(*LINE), width_m=3, depth_m=0.3),
    "flow path": lambda at, box: EmergencyFlowPath(id="m", line=at(*LINE), width_m=3, kerb_height_m=0.1),
    "kerb": lambda at, box: Kerb(id="m", line=at(*LINE), height_m=0.1),
    "basin": lambda at, box: Basin(id="m", polygon=box(*BOX), volume_m3=50),
    "ground": lambda at, box: GroundChange(id="m", polygon=box(*BOX), level_m=151),
    "greening": lambda at, box: Greening(id="m", polygon=box(*BOX)),
}


@pytest.mark.parametrize("case", WHOLLY)
def test_a_measure_in_the_void_is_refused(cut, at, box, case):
    cut.land_cover, cut.surfaces = np.full(cut.grid.shape, 2, np.uint8), {"yard": 2, "meadow": 4}
    measure = WHOLLY[case](at, box)
    with pytest.raises(ScenarioError, match="measure m .*lies where the terrain has no heights"):
        apply((measure,), cut.copy())
    said = check((measure,), cut)
    assert {(r.code, r.severity) for r in said} <= {("outside_terrain", "error"), ("not_in_dem", "note")}
    assert said[0].text_de == "Die Maßnahme liegt außerhalb des Geländes: Dort sind keine Höhen bekannt."


@pytest.mark.parametrize(
    ("make", "percent", "inside_m"),
    [
        (lambda at, box: FloodWall(id="m", line=at((20.5, 50.5), (60.5, 50.5)), height_m=1.0), 51, False),
        (lambda at, box: Greening(id="m", polygon=box(30, 10, 50, 20)), 50, False),
        (lambda at, box: Storage(id="m", polygon=box(35, 10, 45, 20), volume_m3=5, inflow_capacity_m3s=1), 50, False),
        (lambda at, box: Swale(id="m", line=at((10.5, 30.5), (40.1, 30.5)), width_m=3, depth_m=0.3), 1, False),
        (lambda at, box: Swale(id="m", line=at((10.5, 30.5), (39.9, 30.5)), width_m=3, depth_m=0.3), None, True),
    ],
)
def test_the_part_without_heights_is_said(cut, at, box, make, percent, inside_m):
    """20.5 of 40 m, half of an area, a tenth of a metre of 29.6 m: at least 1 % is said."""
    said = remarks_of(make(at, box), cut, "partly_outside")
    assert bool(said) is not inside_m
    if said:
        assert f"{percent} % liegen außerhalb des Geländes und wirken nicht" in said[0].text_de
        assert said[0].geometry.bounds[0] == pytest.approx(cut.grid.west + EDGE)


@pytest.mark.parametrize("inwards", [False, True])
def test_the_missing_height_is_no_invert(cut, at, inwards):
    """From the terrain into the void, and back: its end there is what is wrong, not a rise by 150 m."""
    line = at((30, 30), (50, 30))
    said = check((CulvertMeasure(id="m", line=line[::-1] if inwards else line, width_m=1),), cut)
    assert [r.code for r in said if r.severity == "error"] == ["end_in_building"]
    assert (
        f"Der {'Ein' if inwards else 'Aus'}lauf liegt in einem Gebäude oder außerhalb des Geländes" in said[0].text_de
    )


def test_height_needed_counts_no_missing_height(grid, at):
    ground = np.full(grid.shape, 150.0)
    ground[:, EDGE:] = np.nan
    height, length = height_needed(at((20, 50.5), (60, 50.5)), 151.0, ground, grid)
    assert (height, length) == (1.0, pytest.approx(20.0))
