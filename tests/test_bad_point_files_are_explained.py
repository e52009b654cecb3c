"""A file of inlets or manholes that cannot be used is refused in one sentence that names file, line, column and what is allowed."""

import numpy as np
import pytest

from flood_sim.errors import ScenarioError
from flood_sim.surface.point_file import read_hydrographs, read_points

GOOD = "id,x,y,time_min,discharge_m3s\nS1,10,20,0,0.1\nS1,,,5,0.3\nS2,11,21,2,0\nS2,11,21,4,1\n"

POINTS = {
    "nothing in it": ("", "is empty"),
    "only comments": ("# Straßenabläufe\n\n", "is empty"),
    "names of columns and nothing else": ("id,x,y\n", "holds no point"),
    "a missing column": ("id,x\na,1\n", r"has no column y \(got id, x\); allowed: id,x,y"),
    "a word for a number": ("id,x,y\na,1,hier\n", "line 2, y: is no number .*'hier'"),
    "a number beyond all maps": ("id,x,y\na,1,1e300\n", "line 2, y: is no finite number"),
    "not a number": ("id,x,y\na,nan,1\n", "line 2, x: is no finite number"),
    "an id twice": ("id,x,y\na,1,1\nb,2,2\na,3,3\n", "line 4, id: stands in line 2 already"),
    "no id": ("id,x,y\n,1,1\n", "line 2, id: is no id"),
    "too many values": ("id,x,y\na,1,5,2,5\n", "line 2: has 5 values for 3 columns.*semicolons"),
}


@pytest.mark.parametrize("fault", POINTS)
def test_inlets(fault, tmp_path):
    text, words = POINTS[fault]
    (tmp_path / "inlets.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=words) as caught:
        read_points(tmp_path / "inlets.csv")
    assert "inlets.csv" in str(caught.value) and "\n" not in str(caught.value)


MANHOLES = {
    "nothing but names": (GOOD.split("\n")[0] + "\n", "holds no manhole"),
    "without a discharge": ("id,x,y,time_min\nS1,1,1,0\n", "has no column discharge_m3s"),
    "times that do not rise": (
        GOOD.replace("S1,,,5", "S1,,,0"),
        "line 3, time_min: the times of manhole S1 do not rise",
    ),
    "a negative discharge": (
        GOOD.replace("0.3", "-0.3"),
        "line 3, discharge_m3s: the discharge is out of range.*swallows is an inlet",
    ),
    "litres for cubic metres": (GOOD.replace("0.3", "30000"), "line 3, discharge_m3s.*1 l/s is 0.001"),
    "a manhole that moves": (GOOD.replace("S2,11,21,4", "S2,12,21,4"), "line 5, x: manhole S2 stands at another place"),
    "an id without a place": (GOOD + "S3,,,1,0\nS3,,,2,0\n", "says nowhere where manhole S3 stands"),
    "a single time": (GOOD + "S3,1,1,1,0\n", "one time only for manhole S3"),
    "a gap": (GOOD.replace("S1,,,5,0.3", "S1,,,5,"), "line 3, discharge_m3s: is no number"),
}


@pytest.mark.parametrize("fault", MANHOLES)
def test_manholes(fault, tmp_path):
    text, words = MANHOLES[fault]
    (tmp_path / "schacht.csv").write_text(text)
    with pytest.raises(ScenarioError, match=words) as caught:
        read_hydrographs(tmp_path / "schacht.csv")
    assert "schacht.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_are_no_text(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(ScenarioError, match="is no text in UTF-8"):
        read_points(tmp_path / "a.csv")
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_points(tmp_path / "missing.csv")
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_points(tmp_path)


def test_a_good_file_is_read_as_it_is(tmp_path):
    (tmp_path / "m.csv").write_text(GOOD)
    found = read_hydrographs(tmp_path / "m.csv")
    assert (
        found.points.ids == ("S1", "S2") and found.points.x.tolist() == [10, 11] and found.points.y.tolist() == [20, 21]
    )
    assert found.times.tolist() == [0.0, 120.0, 240.0, 300.0]
    # S1 runs from 0 to 5 min, S2 from 2 to 4 and is zero outside: its jump at 4 min stays a jump
    assert np.allclose(found.discharge[:, :, 0], [[0.1, 0.18], [0.18, 0.26], [0.26, 0.3]])
    assert np.allclose(found.discharge[:, :, 1], [[0, 0], [0, 1], [0, 0]])
    assert found.volume == pytest.approx([60.0, 60.0])


def test_semicolons_with_decimal_commas_and_further_columns(tmp_path):
    (tmp_path / "m.csv").write_text("﻿# Export\nTyp;ID;X;Y\nPult;1;10,5;20,25\n;2;11;21\n", encoding="utf-8")
    found = read_points(tmp_path / "m.csv")
    assert found.ids == ("1", "2") and found.x.tolist() == [10.5, 11] and found.y.tolist() == [20.25, 21]
