"""A preset keeps the label under which its storm was published, and names the statistics behind its depth.

Source: the published scenarios (Stadt Wuppertal 2022; NRW Arbeitshilfe 2018;
BKG; Baden-Württemberg). Depths are printed numbers and must be met exactly, up
to rounding in float64.
"""

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.rain.presets import NOT_OFFERED, PRESETS, observed, presets, unreached
from flood_sim.rain.shipped import shipped_cell
from flood_sim.rain.statistics import RainStatistics
from flood_sim.rain.storms import hyetograph
from flood_sim.scenario import Scenario, storm_end_min

PUBLISHED = {  # depth in mm, duration in min
    "nrw-100a": (49.2, 60), "nrw-extreme": (90, 60), "nrw-30a": (40.6, 60), "bkg-100a": (49.2, 60), "bkg-extreme": (100, 60),
    "wuppertal-sri-6": (38.5, 120), "wuppertal-sri-7": (42, 120), "wuppertal-sri-10": (90, 60), "bw-extreme": (128, 60),
}  # fmt: skip


def rain_of(preset):
    data = {"terrain": {"dem": "a"}, "storm": preset.storm, "numerics": {"duration_min": preset.duration_min}}
    return Scenario.parse(data).storm


def test_every_preset_is_a_storm_with_its_published_depth_source_and_run_off():
    assert {p.key for p in PRESETS} == set(PUBLISHED) and len(PRESETS) == len(PUBLISHED)
    for preset in PRESETS:
        storm = rain_of(preset)
        depth, duration = PUBLISHED[preset.key]
        got = hyetograph(storm)
        assert got.total_m * 1000 == pytest.approx(depth, rel=1e-12) and storm_end_min(storm) == duration
        assert preset.duration_min == duration + 60
        assert preset.source and preset.note_de and preset.note_en
        assert set(preset.as_dict()) >= {"key", "label_de", "label_en", "storm", "published", "statistics"}
        assert got.label.startswith(preset.published) and preset.storm["label"] == preset.published


def test_extremes_carry_no_return_period():
    for preset in PRESETS:
        if "extreme" in preset.key or preset.key == "wuppertal-sri-10":
            assert preset.return_period_a is None and "return_period_a" not in preset.storm
            assert ", T " not in hyetograph(rain_of(preset)).label


def test_the_extreme_of_baden_wuerttemberg_is_a_run_off_value_only():
    only = [p for p in PRESETS if p.key.startswith("bw")]
    assert [p.storm["kind"] for p in only] == ["runoff"]
    assert "Abflusswert" in only[0].label_de and "abgezogen" in only[0].note_de


def test_depths_by_return_period_are_the_local_ones_and_say_whose():
    local = presets(shipped_cell(52011))
    depths = {p.key: hyetograph(rain_of(p)).total_m * 1000 for p in local}
    assert depths["nrw-100a"] == pytest.approx(52.3) and depths["nrw-30a"] == pytest.approx(42.9)
    assert depths["wuppertal-sri-7"] == pytest.approx(42.0)  # published, never replaced
    nrw = next(p for p in local if p.key == "nrw-100a")
    assert (
        "KOSTRA-DWD-2010R Zelle 52011" in nrw.label_de
        and "T 100 nach KOSTRA-DWD-2010R Zelle 52011" in hyetograph(rain_of(nrw)).label
    )
    assert "±20 %" in nrw.note_de and "Wuppertal" not in nrw.note_de
    assert "Wuppertal" in next(p for p in PRESETS if p.key == "nrw-100a").note_de  # stands in, and says so


def test_own_statistics_without_five_minutes_scale_the_shipped_curve_and_say_so():
    own = RainStatistics("Messstelle X", (15.0, 60.0), (2.0, 100.0), np.array([[10.0, 20.0], [20.0, 40.0]]), "test")
    nrw = next(p for p in presets(own) if p.key == "nrw-100a")
    got = hyetograph(rain_of(nrw))
    assert got.total_m == pytest.approx(0.040)
    assert "skaliert nach KOSTRA-DWD-2010R" in got.label and got.label.endswith("T 100 nach Messstelle X")


def test_a_short_table_takes_nothing_from_the_published_depths():
    """A gauge whose table ends at T 10: what it cannot answer is not offered, and said; all other storms stay."""
    short = RainStatistics("M", (5.0, 60.0), (2.0, 10.0), np.array([[5.0, 9.0], [20.0, 30.0]]), "S")
    gone = {"nrw-100a", "nrw-30a", "bkg-100a"}
    assert {p.key for p in PRESETS} - {p.key for p in presets(short)} == gone == {n.key for n in unreached(short)}
    assert all("T 100" in n.why_de or "T 30" in n.why_de for n in unreached(short)) and unreached(shipped_cell()) == ()


def test_the_city_and_kostra_differ_by_a_quarter_and_every_city_preset_says_so():
    """Published comparison: the city's sums are 0.73 to 0.79 of KOSTRA-2010R in the four cells (two digits printed)."""
    city = {50: 38.5, 100: 42.0}
    ratios = [
        depth / shipped_cell(cell).depth_mm(120, years)
        for cell in (51011, 51012, 52011, 52012)
        for years, depth in city.items()
    ]
    assert round(min(ratios), 2) == 0.73 and round(max(ratios), 2) == 0.79
    for key in ("wuppertal-sri-6", "wuppertal-sri-7"):
        preset = next(p for p in PRESETS if p.key == key)
        assert "42,0 l/m²" in preset.note_de and "55,3 l/m²" in preset.note_de and "ratio 0.76" in preset.note_en


def test_the_event_of_2018_is_offered_only_with_a_file():
    assert [n.key for n in NOT_OFFERED] == ["wuppertal-2018-05-29"]
    assert "wuppertal-2018-05-29" not in {p.key for p in PRESETS}
    assert "lädt" in NOT_OFFERED[0].why_de and NOT_OFFERED[0].why_en
    event = observed("wuppertal-2018-05-29", {"kind": "gauges", "file": "a.csv", "duration_min": 120})
    assert event.return_period_a is None and event.duration_min == 180
    assert rain_of(event).label == "Wuppertal: gemessener Regen vom 29.05.2018"
    for storm in ({"kind": "block", "depth_mm": 90, "duration_min": 60}, {"kind": "field", "duration_min": 60}):
        with pytest.raises(ScenarioError, match="measured storm"):
            observed("wuppertal-2018-05-29", storm)
    with pytest.raises(ScenarioError, match="no such published event"):
        observed("nrw-extreme", {"kind": "gauges", "file": "a.csv", "duration_min": 120})
