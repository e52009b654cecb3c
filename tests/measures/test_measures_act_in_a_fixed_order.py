"""What measures do to a site does not depend on the order in which somebody listed them.

Order: ground, basins, swales and flow paths, walls and kerbs, cover, roofs and
thresholds, culverts and storages. Heights are compared exactly: each is one sum.
"""

from itertools import permutations

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.measures.apply import ORDER, apply, in_order
from flood_sim.measures.geojson import KINDS
from flood_sim.measures.words import LABELS
from flood_sim.scenario.measures import (
    Basin,
    CulvertMeasure,
    Embankment,
    EmergencyFlowPath,
    FloodWall,
    Greening,
    GreenRoof,
    GroundChange,
    Kerb,
    Storage,
    Swale,
    Threshold,
    Unsealing,
)
from flood_sim.scenario.structures import Culvert


def test_every_kind_has_its_place_and_its_name():
    assert sorted(ORDER) == sorted(KINDS) == sorted(LABELS)


def test_a_wall_over_a_basin_stands_on_its_bottom(site, at, box):
    """Whatever the order of the list; with an amount of ground below both."""
    measures = (
        FloodWall(id="wall", line=at((40, 50.5), (80, 50.5)), height_m=1.0),
        Basin(id="basin", polygon=box(45, 40, 75, 60), volume_m3=300),
        GroundChange(id="ground", polygon=box(30, 30, 90, 70), change_m=0.5),
    )
    grounds = []
    for order in permutations(measures):
        copy = site.copy()
        notes = apply(order, copy)
        assert any("holds 300 m³" in n for n in notes)
        grounds.append(copy.ground)
    assert all((g == grounds[0]).all() for g in grounds)
    bottom = grounds[0][45, 60]
    assert grounds[0][50, 60] == bottom + 1.0
    assert grounds[0][35, 35] == site.ground[35, 35] + 0.5
    assert [m.id for m in in_order(measures)] == ["ground", "basin", "wall"]


def test_crossing_walls_are_not_stacked(site, at):
    before = site.ground.copy()
    walls = [
        FloodWall(id=f"w{k}", line=line, height_m=1.0)
        for k, line in enumerate((at((40, 50.5), (80, 50.5)), at((60.5, 40), (60.5, 60))))
    ]
    apply(walls, site)
    assert site.ground[50, 60] == before[50, 60] + 1.0


def test_a_crest_at_a_level_leaves_higher_ground(site, at):
    before = site.ground.copy()
    apply((FloodWall(id="w", line=at((10.5, 0), (10.5, 99.9)), crest_m=119.5),), site)
    assert (site.ground[:, 10] == np.maximum(before[:, 10], 119.5)).all()


def test_kerbs_go_up_and_down(site, at):
    before = site.ground.copy()
    apply(
        (
            Kerb(id="up", line=at((40, 50.5), (80, 50.5)), height_m=0.12),
            Kerb(id="down", line=at((40, 70.5), (80, 70.5)), height_m=-0.1),
        ),
        site,
    )
    assert (site.ground[50, 41:79] == before[50, 41:79] + 0.12).all()
    assert (site.ground[70, 41:79] == before[70, 41:79] - 0.1).all()


def test_a_swale_is_level_across_and_sloped_at_its_sides(site, at):
    before = site.ground.copy()
    apply((Swale(id="s", line=at((60.5, 30), (60.5, 90)), width_m=7, depth_m=0.5, side_slope=2.0),), site)
    across = site.ground[60, 57:64] - site.ground[60, 60]
    assert site.ground[60, 60] == before[60, 60] - 0.5
    assert across == pytest.approx([0.25, 0, 0, 0, 0, 0, 0.25], abs=1e-12)  # 0.5 m inside the edge at 1 : 2
    assert (site.ground <= before).all() and (site.ground[:, :56] == before[:, :56]).all()


def test_a_graded_flow_path_falls_all_the_way(site, at):
    """Drawn up the slope, against the fall of the ground: graded digs until it does not rise."""
    line = at((60.5, 90), (60.5, 40))
    for graded in (False, True):
        copy = site.copy()
        apply((EmergencyFlowPath(id="p", line=line, width_m=4, depth_m=0.1, graded=graded),), copy)
        along = copy.ground[40:90, 60][::-1]
        assert bool((np.diff(along) <= 0).all()) is graded


def test_a_flow_path_has_kerbs_on_both_sides_and_none_inside(site, at):
    site.ground[:] = 100.0
    apply(
        (EmergencyFlowPath(id="p", line=at((20, 50.5), (100, 50.5)), width_m=6, depth_m=0.1, kerb_height_m=0.15),), site
    )
    profile = site.ground[43:58, 60]
    assert np.flatnonzero(profile > 100).tolist() == [4, 10] and profile.max() == 100.15
    assert (profile[5:10] == 99.9).all()
    assert (site.ground[:, :19] == 100.0).all() and (site.ground[48:53, 100:] == 100.0).all()  # open at both ends


def test_ground_to_a_level_may_spare_what_is_higher(site, box):
    before = site.ground.copy()
    area = np.s_[30:50, 40:60]
    for only, expected in (("raise", np.maximum), ("lower", np.minimum)):
        copy = site.copy()
        apply((GroundChange(id="g", polygon=box(40, 30, 60, 50), level_m=119.6, only=only),), copy)
        assert (copy.ground[area] == expected(before[area], 119.6)).all()
        assert copy.ground.sum() - before.sum() == pytest.approx((expected(before[area], 119.6) - before[area]).sum())


def test_cover_changes_but_roofs_stay_roofs(site, box):
    apply((Greening(id="g", polygon=box(10, 10, 40, 40)), Unsealing(id="u", polygon=box(50, 10, 60, 20))), site)
    assert site.land_cover[15, 15] == 4 and site.land_cover[24, 25] == 2 and site.land_cover[15, 55] == 3


def test_a_green_roof_is_spread_over_its_roof(site):
    """40 m² of 80 m² with 30 mm: 15 mm over the whole roof, 1.2 m³."""
    apply((GreenRoof(id="g", buildings=("school",), storage_mm=30, area_m2=40),), site)
    (roof,) = site.green_roofs
    assert (roof.label, roof.storage_mm, roof.volume_m3) == (1, 15.0, pytest.approx(1.2))


def test_roofs_and_thresholds_are_found_by_drawing(site, at, box):
    apply(
        (
            GreenRoof(id="g", polygon=box(0, 0, 119, 99), storage_mm=20),
            Threshold(id="t", point=at((83, 63))[0], threshold_m=0.3),
        ),
        site,
    )
    assert [r.label for r in site.green_roofs] == [1, 2]
    assert [(t.label, t.threshold_m) for t in site.thresholds] == [(2, 0.3)]


def test_a_storage_takes_its_open_cells(site, at, box):
    apply(
        (
            Storage(id="s", polygon=box(18, 18, 32, 30), volume_m3=50, inflow_capacity_m3s=0.1),
            Storage(id="p", point=at((50.2, 50.7))[0], volume_m3=5, inflow_capacity_m3s=0.01),
        ),
        site,
    )
    area, point = site.storages
    assert area.rows.size == 14 * 12 - 80 and site.active[area.rows, area.cols].all()
    assert (point.rows.tolist(), point.cols.tolist()) == ([50], [50])


def test_a_larger_culvert_takes_the_place_of_the_old_one(site, at):
    old = Culvert(id="c1", line=at((40, 40), (40, 60)), width_m=0.5)
    site.culverts.append(old)
    apply(
        (
            CulvertMeasure(id="bigger", replaces="c1", line=at((40, 40), (40, 60)), width_m=1.2),
            CulvertMeasure(id="new", line=at((70, 40), (70, 60)), width_m=0.8),
        ),
        site,
    )
    assert [(c.id, c.width_m) for c in site.culverts] == [("c1", 1.2), ("new", 0.8)]
    assert type(site.culverts[0]) is Culvert


IMPOSSIBLE = {
    "two of one id": (lambda at, box: (Kerb(id="a", line=at((5, 5), (9, 9)), height_m=0.1), Swale(id="a", line=at((5, 5), (9, 9)), width_m=2, depth_m=0.2)), "the id a is used twice \\(kerb and swale\\)"),
    "outside": (lambda at, box: (Embankment(id="e", line=at((500, 5), (509, 9)), height_m=1),), "measure e \\(embankment\\): lies outside the terrain .*allowed: x 360000 to 360120"),
    "in degrees": (lambda at, box: (Basin(id="b", polygon=((7.1, 51.2), (7.2, 51.2), (7.2, 51.3)), volume_m3=10),), "These look like degrees; coordinates must be in the terrain's CRS, EPSG:25832"),
    "smaller than a cell": (lambda at, box: (GroundChange(id="g", polygon=box(5.6, 5.6, 5.9, 5.9), change_m=1),), "covers the middle of no cell .*got 0.09 m²"),
    "both ends in one cell": (lambda at, box: (CulvertMeasure(id="c", line=at((5.1, 5.1), (5.8, 5.8)), width_m=1),), "measure c \\(culvert\\): both ends lie in one cell.*at least 1 m apart"),
    "an end outside": (lambda at, box: (CulvertMeasure(id="c", line=at((5, 5), (5, 200)), width_m=1),), "its downstream end lies outside the terrain"),
    "nothing to replace": (lambda at, box: (CulvertMeasure(id="c", replaces="c9", line=at((5, 5), (5, 20)), width_m=1),), "replaces: there is no culvert to replace \\(got c9\\)"),
    "an unknown surface": (lambda at, box: (Unsealing(id="u", polygon=box(40, 40, 50, 50), surface="gardn"),), "there is no such land cover \\(got gardn\\); allowed: yard, garden, meadow. Did you mean garden"),
    "an unknown building": (lambda at, box: (GreenRoof(id="g", buildings=("scool",), storage_mm=30),), "there is no such building \\(got scool\\). Did you mean school"),
    "no building here": (lambda at, box: (Threshold(id="t", point=at((50, 50))[0], threshold_m=0.2),), "touches no building"),
    "a storage in a house": (lambda at, box: (Storage(id="s", point=at((25, 24))[0], volume_m3=5, inflow_capacity_m3s=1),), "lies in a building"),
    "a basin under a house": (lambda at, box: (Basin(id="b", polygon=box(21, 21, 29, 27), volume_m3=5),), "covers no open cell"),
}  # fmt: skip


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_is_named(site, at, box, case):
    make, words = IMPOSSIBLE[case]
    with pytest.raises(ScenarioError, match=words) as caught:
        apply(make(at, box), site)
    assert "\n" not in str(caught.value)


def test_without_land_cover_unsealing_would_do_nothing(site, box):
    site.land_cover = None
    with pytest.raises(ScenarioError, match="the scenario has none, so it would do nothing"):
        apply((Unsealing(id="u", polygon=box(40, 40, 50, 50)),), site)


def test_no_measures_change_nothing(site):
    before = site.copy()
    assert apply((), site) == ()
    assert (site.ground == before.ground).all()
