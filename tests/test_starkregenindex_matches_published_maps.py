"""The local Starkregenindex gives the classes that cities published, and every index names its statistics.

Method: Schmitt et al. 2018 (KA 65(2), 113-120): index 1 to 7 by return period,
8 to 12 by the factor on the depth of T = 100 a. Published pairs: Wuppertal
(SRI 6, 7, 10), and towns that published both the depth of SRI 7 (T = 100 a)
and the index of a larger depth of the same duration. Classes are integers:
there is no tolerance. Hamburg (36 and 100 mm, published SRI 12) is left out:
its ratio 2.78 lies on the edge and its depth is printed to 1 mm only.
"""

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.rain.shipped import buchenhofen, shipped_cell, shipped_cells
from flood_sim.rain.starkregenindex import CLASSES, depths_of, index_of, why_indices_differ
from flood_sim.rain.starkregenindex_2015 import depths_2015, index_2015
from flood_sim.rain.statistics import RainStatistics

PAIRS = [  # town, depth of SRI 7 in 1 h, larger depth, its published index
    ("Münster", 44.0, 90.0, 10), ("Münster", 48.0, 90.0, 10), ("Hürth", 47.3, 90.0, 10),
    ("Korschenbroich", 37.2, 90.0, 11), ("Korschenbroich", 38.2, 90.0, 11), ("Xanten", 38.7, 90.0, 11),
    ("Xanten", 39.5, 90.0, 11), ("Emsdetten", 48.0, 60.0, 8), ("Rheinland-Pfalz", 40.0, 80.0, 10),
    ("Rheinland-Pfalz", 47.0, 94.0, 10),
]  # fmt: skip


def hundred(depth_mm, duration=60.0):
    return RainStatistics("only T 100", (duration,), (100.0,), np.array([[depth_mm]]), "a published map")


@pytest.mark.parametrize(("town", "seven", "depth", "index"), PAIRS)
def test_published_pairs(town, seven, depth, index):
    assert index_of(seven, 60, hundred(seven)).index == 7
    assert index_of(depth, 60, hundred(seven)).index == index


def test_ninety_millimetres_are_ten_in_all_of_wuppertal():
    for statistics in shipped_cells().values():
        found = index_of(90, 60, statistics)
        assert found.index == 10 and 1.72 <= found.factor <= 1.86  # published: 1.72 to 1.85 times T = 100 a
        assert found.return_period_a is None  # extreme: none is given
        assert statistics.name in found.text_de and statistics.name_en in found.text_en


def test_the_citys_own_labels_hold_by_its_own_gauge_and_not_by_kostra():
    city = buchenhofen()
    assert [index_of(d, 120, city).index for d in (38.5, 42.0)] == [6, 7]
    assert {index_of(42.0, 120, s).index for s in shipped_cells().values()} == {4}
    german, english = why_indices_differ(city, shipped_cell(), 120, 100)
    assert "42,0 l/m²" in german and "55,3 l/m²" in german and german.count(". ") == 0
    assert "42.0 mm" in english and "Buchenhofen" in english and english.count(". ") == 0


def test_classes_by_return_period_end_at_their_upper_bound():
    statistics = shipped_cell()
    bounds = [1, 2, 5, 10, 25, 30, 75, 100]
    depths = [statistics.depth_mm(60, t) for t in bounds]
    assert index_of(depths[0] - 0.1, 60, statistics).index == 0
    assert "unter Starkregenindex 1" in index_of(5, 60, statistics).text_de
    for index, (lower, upper) in enumerate(zip(depths, depths[1:], strict=False), start=1):
        assert index_of(upper, 60, statistics).index == index
        assert index_of(np.nextafter(lower + 0.01, np.inf), 60, statistics).index == index
    assert index_of(statistics.depth_mm(60, 50), 60, statistics).index == 6


@pytest.mark.parametrize(
    ("factor", "index"),
    [(1.001, 8), (1.19, 8), (1.2, 8), (1.395, 8), (1.4, 9), (1.595, 9), (1.6, 10), (2.195, 10), (2.2, 11), (2.79, 11), (2.8, 12), (9, 12)],
)  # fmt: skip
def test_gaps_between_published_factors_belong_to_the_class_below(factor, index):
    assert index_of(50.0 * factor, 60, hundred(50.0)).index == index


@pytest.mark.parametrize("duration", [5, 45, 60, 75, 120, 1440])
def test_index_to_depth_and_back(duration):
    for statistics in shipped_cells().values():
        before = 0.0
        for index in range(1, 13):
            depths = depths_of(index, duration, statistics)
            assert index_of(depths.anchor_mm, duration, statistics).index == index
            middle = 0.5 * (depths.lower_mm + (depths.upper_mm or 2 * depths.lower_mm))
            assert index_of(middle, duration, statistics).index == index
            assert depths.lower_mm >= before and depths.statistics == statistics.name
            before = depths.upper_mm or before
        assert depths.upper_mm is None
        seven, six = depths_of(7, duration, statistics), depths_of(6, duration, statistics)
        assert seven.anchor_mm == statistics.depth_mm(duration, 100)
        assert six.anchor_mm == statistics.depth_mm(duration, 50)
        assert depths_of(10, duration, statistics).anchor_mm == pytest.approx(1.6 * seven.anchor_mm, rel=1e-12)


def test_the_table_of_classes_is_whole():
    assert [c.index for c in CLASSES] == list(range(1, 13))
    assert [c.until_a for c in CLASSES[:7]] == [2, 5, 10, 25, 30, 75, 100]
    assert [c.factor for c in CLASSES[7:]] == [1.2, 1.4, 1.6, 2.2, 2.8]


@pytest.mark.parametrize("index", [0, 13, -1, 6.5, True])
def test_an_index_that_is_none_is_refused(index):
    with pytest.raises(ScenarioError, match="no such Starkregenindex.*1 to 12"):
        depths_of(index, 60, shipped_cell())
    with pytest.raises(ScenarioError, match="no such Starkregenindex.*1 to 12"):
        depths_2015(index, 60)


def test_statistics_that_do_not_reach_are_said():
    with pytest.raises(ScenarioError, match="below what the statistics hold.*100 to 100 a"):
        index_of(20, 60, hundred(50))
    short = RainStatistics("short", (60.0,), (1.0, 30.0), np.array([[15.0, 40.0]]), "test")
    assert index_of(40, 60, short).index == 5
    with pytest.raises(ScenarioError, match="above what the statistics hold"):
        index_of(41, 60, short)
    with pytest.raises(ScenarioError, match="do not reach this return period.*1 to 30 a"):
        depths_of(8, 60, short)
    with pytest.raises(ScenarioError, match="do not reach this duration.*5 to 1440 min"):
        index_of(90, 4320, shipped_cell())
    for depth in (-1, float("nan")):
        with pytest.raises(ScenarioError, match="must not be negative"):
            index_of(depth, 60, shipped_cell())


def test_the_table_of_2015_is_another_thing_with_another_name():
    """Published table (mm in 60 and 240 min): the edges are printed integers."""
    assert [index_2015(d, 60).highest for d in (14.9, 15, 35, 45, 55, 65, 90, 110, 140, 180, 201)] == [
        0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]  # fmt: skip
    assert (index_2015(20, 60).lowest, index_2015(20, 60).highest) == (1, 3)
    assert index_2015(90, 60).highest == 8 and index_of(90, 60, shipped_cell()).index == 10
    assert "Schmitt 2015 (ortsunabhängig)" in index_2015(90, 60).text_de
    assert depths_2015(7, 60) == (60, 75) and depths_2015(2, 240) == (20, 45) and depths_2015(12, 240)[1] == np.inf
    with pytest.raises(ScenarioError, match="60 or 240 min"):
        index_2015(90, 90)
