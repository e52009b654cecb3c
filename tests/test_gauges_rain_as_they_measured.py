"""Readings of gauges become the rain that fell: when, how much, and between the stations.

Inverse distance: r = sum(r_i / d_i^2) / sum(1 / d_i^2) (Shepard 1968,
doi:10.1145/800186.810616), here against numbers by hand; nearest station: Thiessen
(1911). Depths are float32 on the field: 1e-6. Sums over time are kept as given: 1e-12.
A gap is where nothing was measured: it is named with station and time, and refused
unless it is allowed.
"""

import json

import numpy as np
import pytest
from pyproj import CRS, Proj

from flood_sim.cli import main
from flood_sim.errors import ScenarioError
from flood_sim.rain import gauges
from flood_sim.rain.field import RainField
from flood_sim.rain.gauge_file import Station, read_gauges
from flood_sim.rain.gauges import interpolate, series, weights
from flood_sim.rain.observed import observed
from flood_sim.scenario import GaugeRain
from flood_sim.terrain.grid import Grid

UTM = CRS.from_epsg(25832)
MODEL = Grid(370_000.0, 5_681_000.0, 10.0, 100, 100, UTM)
HEAD = "station,x,y,time,depth_mm\n"


@pytest.fixture
def read(tmp_path):
    def read(text, head=HEAD):
        path = tmp_path / "gauges.csv"
        path.write_text(head + text, encoding="utf-8")
        return read_gauges(path, UTM)

    return read


def lines(station, x, y, times, depths):
    return "".join(f"{station},{x},{y},2018-05-29T{t}Z,{d}\n" for t, d in zip(times, depths, strict=True))


A = lines("a", 370_200, 5_680_500, ("14:05", "14:10", "14:15", "14:20"), (1.0, 2.0, 0.0, 0.5))
B = lines("b", 370_800, 5_680_500, ("14:05", "14:10", "14:15", "14:20"), (4.0, 0.0, 0.0, 0.5))


def test_depths_fall_since_the_reading_before(read):
    found = series(read(A))
    assert found.edges_s == pytest.approx([0, 300, 600, 900, 1200])
    assert found.depth_mm[0] == pytest.approx([1.0, 2.0, 0.0, 0.5], rel=1e-12)
    assert f"{found.start:%H:%M}" == "14:00", "the first reading holds one usual step"
    assert not found.gaps()


def test_irregular_steps_keep_their_sums(read):
    """Two stations whose times differ: over the union of their edges each keeps what it measured."""
    c = lines("c", 370_500, 5_680_200, ("14:02", "14:09", "14:11", "14:20"), (0.7, 1.3, 0.1, 2.0))
    found = series(read(A + c))
    assert np.nansum(found.depth_mm, axis=1) == pytest.approx([3.5, 4.1], rel=1e-12)
    assert found.begin == found.stations[1].readings[0].end_s - 420.0, "the usual step of c is 7 min"
    assert found.edges_s.size == 9
    part = found.between(420.0, 780.0)  # 14:02 to 14:08
    assert part.edges_s[[0, -1]].tolist() == [0.0, 360.0]
    assert part.depth_mm.sum(axis=1) == pytest.approx([1.0 * 3 / 5 + 2.0 * 3 / 5, 1.3 * 6 / 7], rel=1e-12)


def test_intervals_may_be_given(read):
    """Then nothing is guessed: a tipping bucket's rain in bursts, dry between them is a gap."""
    text = "a,370200,5680500,0,1.0,5\na,,,30,2.0,10\n".replace(",0,1.0", ",5,1.0")
    found = series(read(text, "station,x,y,minute,depth_mm,interval_min\n"))
    assert found.edges_s == pytest.approx([0, 300, 1200, 1800])
    assert [(a, b) for _, a, b in found.gaps()] == [(300.0, 1200.0)]
    allowed = found.allowing(15.0)
    assert "station a measured nothing from minute 5 to minute 20 (15 min)" in allowed.notes[0]


def test_gaps_are_refused_with_their_place(read):
    late = A + "a,,,2018-05-29T15:00Z,0.3\n"
    found = series(read(late))
    words = r"station a measured nothing from 2018-05-29 14:20 UTC to 2018-05-29 14:55 UTC \(got a gap of 35 min\)"
    with pytest.raises(ScenarioError, match=words + r"; allowed: gaps up to 30 min\. Allow it"):
        found.allowing(30.0)
    assert found.allowing(35.0).notes
    failed = series(read(A.replace("14:10Z,2.0", "14:10Z,")))
    with pytest.raises(ScenarioError, match="nothing from 2018-05-29 14:05 UTC to 2018-05-29 14:10 UTC"):
        failed.allowing(0.0)
    found.between(0.0, 1200.0).allowing(0.0)  # a gap outside the time asked for does not matter


def test_a_gap_is_filled_from_the_others_and_dry_where_none_measured(read):
    holes = series(read(A.replace("14:10Z,2.0", "14:10Z,") + B)).allowing(5.0)
    field = interpolate(holes, MODEL)
    assert field.depth_mm[1] == pytest.approx(0.0), "b measured 0 while a had failed"
    assert field.depth_mm[0].min() > 0.9
    none = series(read(A.replace("14:10Z,2.0", "14:10Z,") + B.replace("14:10Z,0.0", "14:10Z,NaN"))).allowing(5.0)
    assert not interpolate(none, MODEL).depth_mm[1].any() and len(none.notes) == 2


def test_inverse_distance_by_hand():
    """At (3, 0) from (0, 0) and (4, 0), d = 3 and 1: weights 1/9 : 1 = 0.1 : 0.9."""
    two = (Station("a", 0.0, 0.0, ()), Station("b", 4.0, 0.0, ()))
    x = np.array([3.0, 2.0, 0.0, 4.0, 0.0])
    y = np.array([0.0, 7.0, 0.0, 0.0, 3.0])
    w = weights(x, y, two, "inverse_distance")
    assert w[0] == pytest.approx([0.1, 0.5, 1.0, 0.0, 25 / 34], rel=1e-14)
    assert w.sum(axis=0) == pytest.approx(1.0, rel=1e-14)
    assert weights(x, y, two, "nearest")[0].tolist() == [0.0, 1.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize("east", [0.0, 600.0])
def test_the_field_is_that_formula_everywhere(read, east):
    """Also of stations that a shift moves."""
    found = series(read(A + B))
    field = interpolate(found, MODEL, shift_east_m=east)
    assert field.sampling == "linear" and field.start == found.start
    x, y = np.meshgrid(field.grid.x_centres(), field.grid.y_centres())
    a, b = (1 / ((x - sx - east) ** 2 + (y - 5_680_500) ** 2) for sx in (370_200, 370_800))
    assert field.depth_mm[0] == pytest.approx((1.0 * a + 4.0 * b) / (a + b), rel=1e-6)


def test_thiessen_gives_each_its_own_area(read):
    field = interpolate(series(read(A + B)), MODEL, "nearest")
    west = field.grid.x_centres() < 370_500
    assert field.sampling == "nearest"
    assert (field.depth_mm[0][:, west] == 1.0).all() and (field.depth_mm[0][:, ~west] == 4.0).all()


def test_other_ways_to_write_the_same(read):
    plain = series(read(A))
    german = A.replace(",", ";").replace("1.0", "1,0")
    for text, head in (
        (german, "\ufeff# Messstellen der Stadt\nstation;x;y;time;depth_mm\n"),
        (A.replace("Z,", "+00:00,"), HEAD), (A.replace("14:", "16:").replace("Z,", "+02:00,"), HEAD),
        (A.replace("Z,", ","), HEAD), (A, '"station","x","y","time","depth_mm"\n'),
    ):  # fmt: skip
        found = series(read(text, head))
        assert np.array_equal(found.depth_mm, plain.depth_mm) and found.begin == plain.begin
    lonlat = read("a,7.15,51.26,2018-05-29T14:05Z,1\na,,,2018-05-29T14:10Z,1\n", "station,lon,lat,time,depth_mm\n")
    place = lonlat.stations[0]
    assert Proj(UTM)(place.x, place.y, inverse=True) == pytest.approx((7.15, 51.26), abs=1e-9)


FAULTS = {
    "negative": (A + "a,,,2018-05-29T14:25Z,-0.1\n", r"line 6, depth_mm: the depth is out of range \(got '-0.1'\); allowed: 0 to 2000 mm"),
    "sentinel": (A + "a,,,2018-05-29T14:25Z,-999\n", "A reading that failed is left empty"),
    "back in time": (A + "a,,,2018-05-29T14:12Z,1\n", "line 6, time: the time of station a comes after that of line 5, which is later"),
    "twice": (A + "a,,,2018-05-29T14:20Z,1\n", "line 6, time: the time of station a comes twice"),
    "no time": (A + "a,,,yesterday,1\n", "line 6, time: is no time"),
    "zones mixed": (A + "a,,,2018-05-29T14:25,1\n", "some times name a time zone and some do not"),
    "no number": (A + "a,,,2018-05-29T14:25Z,much\n", r"line 6, depth_mm: is no number \(got 'much'\)"),
    "not finite": (A + "a,,,2018-05-29T14:25Z,inf\n", "no finite number"),
    "two places": (A + "a,1,2,2018-05-29T14:25Z,1\n", "line 6, x: station a stands at another place here"),
    "no place": ("a,,,2018-05-29T14:25Z,1\n", "says nowhere where station a stands"),
    "no station": (A + ",,,2018-05-29T14:25Z,1\n", "names no station"),
    "values missing": (A + "a,2018-05-29T14:25Z,1\n", "line 6: has 3 values for 5 columns"),
    "no reading": ("", "holds no reading"),
    "no table": (A + "<html>" + 200_000 * "x" + "\n", "line 6: is no line of a table"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_bad_readings_are_refused(read, name):
    text, words = FAULTS[name]
    with pytest.raises(ScenarioError, match=words):
        read(text)


def test_bad_files_are_refused(read, tmp_path):
    with pytest.raises(ScenarioError, match="has no column depth_mm"):
        read(A, "station,x,y,time,rain\n")
    with pytest.raises(ScenarioError, match="is empty"):
        read("", "")
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_gauges(tmp_path / "none.csv", UTM)
    (tmp_path / "latin.csv").write_bytes("station,x,y,time,depth_mm\nM\xfcnster,1,2,x,1\n".encode("latin-1"))
    with pytest.raises(ScenarioError, match="no text in UTF-8"):
        read_gauges(tmp_path / "latin.csv", UTM)
    with pytest.raises(ScenarioError, match="lies nowhere on the map"):
        read("a,7,951,2018-05-29T14:05Z,1\n", "station,lon,lat,time,depth_mm\n")
    with pytest.raises(ScenarioError, match="one reading does not say how long"):
        series(read(lines("a", 1, 2, ("14:05",), (1,))))
    with pytest.raises(ScenarioError, match="line 3 begins before the one before it has ended"):
        series(read("a,1,2,5,1,5\na,,,8,1,5\n", "station,x,y,minute,depth_mm,interval_min\n"))
    with pytest.raises(ScenarioError, match="minute 10 to 40.*allowed: minute 0 to 20"):
        series(read(A)).between(600.0, 2400.0)


def test_gauges_in_another_crs_are_not_taken_for_far_ones(tmp_path):
    """Degrees in x and y lie 5,700 km away: all stations would weigh the same, and nobody would notice."""
    file = tmp_path / "gauges.csv"
    file.write_text(HEAD + A.replace("370200,5680500", "7.15,51.26"))
    storm = GaugeRain(file=str(file), duration_min=10)
    with pytest.raises(
        ScenarioError, match=r"gauges\.csv: no gauge stands anywhere near.*5,6\d\d km away.*lon and lat"
    ):
        observed(storm, MODEL)
    file.write_text(HEAD + A.replace("370200,5680500", "670200,5680500"))
    assert "changes nothing" in observed(storm.model_copy(update={"shift_east_m": -300_000.0}), MODEL).notes[-1]


def test_readings_that_would_fill_the_memory_are_refused(read, monkeypatch):
    """The union of the times of all stations counts, not the size of the file."""
    monkeypatch.setattr(gauges, "LARGEST_BYTES", 8 * 2 * 4)
    assert series(read(A + B)).depth_mm.shape == (2, 4)
    with pytest.raises(ScenarioError, match=r"times are so many.*got 5 intervals\); allowed: 4.*steps of 1 or 5 min"):
        series(read(A + B.replace("14:20Z", "14:21Z")))


def test_the_command_lists_stations_sums_and_gaps(tmp_path, capsys):
    file = tmp_path / "gauges.csv"
    file.write_text(HEAD + A.replace("14:10Z,2.0", "14:10Z,") + B)
    area = ["--bbox", "370000", "5680000", "371000", "5681000"]
    assert main(["rain", "gauges", str(file), *area]) == 0
    said = capsys.readouterr().out
    assert "a: 1.5 mm in 4 readings at E 370200, N 5680500" in said
    assert "gap: a measured nothing from 2018-05-29 14:05 UTC to 2018-05-29 14:10 UTC (5 min)" in said
    out = tmp_path / "field.tif"
    assert main(["rain", "gauges", str(file), *area, "-o", str(out)]) == 2, "the gap is not allowed"
    assert not out.exists() and "allowed: gaps up to 0 min" in capsys.readouterr().err
    assert main(["rain", "gauges", str(file), *area, "-o", str(out), "--allowed-gap-min", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gaps"][0]["minutes"] == 5
    assert RainField.read(out).intervals == 4
    for wrong, words in (
        ([], "name the area"), (["--bbox", "1", "2", "1", "2"], "no area in metres"),
        ([*area, "--interpolation", "x"], "allowed: inverse_distance, nearest"),
    ):  # fmt: skip
        assert main(["rain", "gauges", str(file), *wrong]) == 2
        assert words in capsys.readouterr().err
