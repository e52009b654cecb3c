"""Rain statistics give the table's values, interpolate as their makers do, and never answer beyond the table.

h(D, T) = u(D) + w(D) ln T (DWA-A 531, the form of KOSTRA-DWD-2010R), ln h
linear in ln D between durations. Published tables of two other cells, as
printed by the public packages kostra2010R (49011) and kostra2020 (49125), show
what is left out of a reduced table. Tolerances: values are printed to 0.1 mm,
so half of that (0.05 mm) for h = u + w ln T with a fitted u and w doubled
(0.1 mm); between durations 0.7 % of 2010R, measured when the test was written,
half of the least uncertainty that its publisher states (10 %) by far; 1.0 %
between T = 10 and 30 a of KOSTRA-DWD-2020, whose distribution is another.
"""

import math

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.rain.shipped import buchenhofen, shipped_cell, shipped_cells, tolerance_2010r
from flood_sim.rain.statistics import RainStatistics

DURATIONS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 540, 720, 1080, 1440, 2880, 4320)
CELL_49011 = {  # KOSTRA-DWD-2010R, mm, by return period
    1: (5.6, 8.6, 10.5, 11.8, 13.5, 14.9, 15.7, 17.4, 18.8, 20.9, 22.5, 25, 27.8, 30, 33.3, 35.9, 44.1, 49.8),
    10: (10, 15.1, 18.6, 21.4, 25.5, 29.9, 33.3, 35.7, 37.5, 40.2, 42.3, 45.5, 49, 51.6, 55.7, 58.8, 71, 79),
    50: (13.1, 19.6, 24.3, 28.1, 33.9, 40.4, 45.7, 48.5, 50.6, 53.7, 56.1, 59.8, 63.8, 66.8, 71.4, 74.9, 89.8, 99.3),
}
CELL_49125 = {  # KOSTRA-DWD-2020, mm in 60 min, by return period
    1: 13.5, 2: 16.4, 3: 18.3, 5: 20.7, 10: 24.2, 20: 27.8, 30: 30.2,
}  # fmt: skip


def statistics(durations=(5.0, 60.0), years=(1.0, 100.0), depths=((5, 20), (15, 50)), **more):
    return RainStatistics("Messstelle X", durations, years, np.array(depths, dtype=float), "test", **more)


def test_a_published_value_comes_back_as_it_is_with_its_tolerance():
    value = shipped_cell(51011).value(60, 100)
    assert (value.depth_mm, value.tolerance_percent, value.exact) == (49.2, 20.0, True)
    assert value.statistics == "KOSTRA-DWD-2010R Zelle 51011" and "memory, unverified" in value.mark
    assert value.range_mm == (pytest.approx(39.36), pytest.approx(59.04))
    assert value.text_de == "49,2 l/m² in 60 min, T 100 nach KOSTRA-DWD-2010R Zelle 51011 (Toleranzbereich ±20 %)"
    published = {51011: 49.2, 51012: 48.6, 52011: 52.3, 52012: 51.0}
    assert {cell: s.depth_mm(60, 100) for cell, s in shipped_cells().items()} == published


def test_the_table_can_be_looked_at():
    frame = shipped_cell(51011).frame()
    assert frame.loc[60, 100] == 49.2 and frame.shape == (10, 8) and frame.index.name == "duration_min"


def test_every_shipped_row_is_of_the_form_of_dwa_a_531():
    for table in shipped_cells().values():
        logs = np.log(table.return_periods_a)
        for row in np.asarray(table.depths_mm):
            w, u = np.polyfit(logs, row, 1)
            assert np.abs(u + w * logs - row).max() < 0.1


def test_between_return_periods_linear_in_their_logarithm():
    table = statistics()
    assert table.depth_mm(60, 10) == pytest.approx(32.5, rel=1e-12)
    for t in (2, 5, 30, 50):  # a row with only T 1 and 100 gives back what DWD printed between
        whole = shipped_cell(52012)
        ends = statistics((60.0,), (1.0, 100.0), ((whole.depth_mm(60, 1), whole.depth_mm(60, 100)),))
        assert ends.depth_mm(60, t) == pytest.approx(whole.depth_mm(60, t), abs=0.1)
    known = (1, 2, 5, 10, 30)
    close = statistics((60.0,), tuple(map(float, known)), ([CELL_49125[t] for t in known],))
    for t in (3, 20):
        assert close.depth_mm(60, t) == pytest.approx(CELL_49125[t], rel=0.01)


def test_between_durations_linear_in_both_logarithms():
    assert statistics().depth_mm(math.sqrt(5 * 60), 1) == pytest.approx(math.sqrt(5 * 15), rel=1e-12)
    kept = (5, 10, 15, 20, 30, 45, 60, 90, 120, 1440)  # what ships of the cells of Wuppertal
    rows = [[CELL_49011[t][DURATIONS.index(d)] for t in CELL_49011] for d in kept]
    reduced = statistics(tuple(map(float, kept)), tuple(map(float, CELL_49011)), rows)
    off = [
        abs(reduced.depth_mm(d, t) / CELL_49011[t][k] - 1)
        for t in CELL_49011
        for k, d in enumerate(DURATIONS)
        if 120 < d < 1440
    ]
    assert len(off) == 18 and max(off) < 0.007


def test_the_larger_tolerance_of_the_neighbours_holds_between_them():
    cell = shipped_cell()
    steps = {1: 10, 3: 10, 5: 10, 5.1: 15, 20: 15, 50: 15, 51: 20, 100: 20}
    for years, percent in steps.items():
        assert cell.value(75, years).tolerance_percent == percent == tolerance_2010r(years)
    spread = np.array([[10, 20], [12, 26]])
    table = statistics(tolerance_percent=spread)
    assert table.value(60, 1).tolerance_percent == 12 and table.value(30, 1).tolerance_percent == 12
    assert table.value(30, 30).tolerance_percent == 26
    nobody = buchenhofen().value(120, 50)
    assert nobody.tolerance_percent is None and nobody.range_mm is None and "nicht angegeben" in nobody.text_de


def test_a_curve_holds_the_depth_of_its_own_duration():
    cell = shipped_cell()
    curve = cell.curve(30, 75)
    assert curve.depths_at(np.array([75.0]))[0] == pytest.approx(cell.depth_mm(75, 30), rel=1e-12)
    assert 720.0 in curve.durations_min and "T 30" in curve.name
    storm = cell.euler_ii(75, 30)
    assert storm["curve"][-1] == [75.0, round(cell.depth_mm(75, 30), 3)] and storm["return_period_a"] == 30
    block = cell.block(60, 100, surcharge_percent=15)
    assert block == {
        "kind": "block", "depth_mm": 49.2, "duration_min": 60.0, "statistics": cell.name, "return_period_a": 100.0,
        "surcharge_percent": 15,
    }  # fmt: skip


def test_the_return_period_of_a_depth_is_the_inverse():
    cell = shipped_cell(51012)
    for years in (1, 1.5, 7, 50, 99, 100):
        assert cell.return_period_a(cell.depth_mm(75, years), 75) == pytest.approx(years, rel=1e-9)
    assert cell.return_period_a(1, 60) == 0 and cell.return_period_a(200, 60) == math.inf


@pytest.mark.parametrize(
    ("duration", "years", "said"),
    [
        (4.9, 10, "duration.*4.9 min.*5 to 1440 min"),
        (1441, 10, "duration.*1441 min.*5 to 1440"),
        (60, 0.5, "return period.*1 to 100 a"),
        (60, 101, "return period.*101 a.*1 to 100 a"),
        (math.nan, 10, "duration"),
    ],
)
def test_beyond_the_table_there_is_no_answer(duration, years, said):
    with pytest.raises(ScenarioError, match=said):
        shipped_cell().value(duration, years)


def test_a_table_without_five_minutes_makes_no_curve():
    with pytest.raises(ScenarioError, match="5 minutes.*shipped curve"):
        buchenhofen().curve(100)
    with pytest.raises(ScenarioError, match="51011"):
        shipped_cell(133104)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"durations": (60.0, 5.0)}, "durations must be positive and rise"),
        ({"years": (0.0, 100.0)}, "return periods must be positive and rise"),
        ({"depths": ((5, 20), (15, 10))}, "60 min must be positive and must not fall"),
        ({"depths": ((5, 20), (15, math.nan))}, "60 min must be positive"),
        ({"depths": ((0, 20), (15, 50))}, "5 min must be positive"),
        ({"depths": ((5, 20), (15, 19))}, "falls with the duration, from 5 to 60 min at T = 100 a"),
        ({"depths": ((5, 20),)}, "another shape"),
        ({"tolerance_percent": np.array([-1.0, 10.0])}, "tolerance"),
    ],
)
def test_a_table_that_is_none_is_refused(wrong, said):
    with pytest.raises(ScenarioError, match=f"Messstelle X: .*{said}"):
        statistics(**wrong)
