"""A table of rain statistics from CSV comes back as written, and a bad one is explained: line, column, what is allowed.

Numbers are compared exactly: they are read, not computed. The commands of
`flood-sim rain` end with one line and exit code 2, never with a traceback.
"""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from flood_sim.cli.app import app
from flood_sim.errors import ScenarioError
from flood_sim.rain.shipped import buchenhofen, shipped_cell
from flood_sim.rain.statistics_csv import read_statistics, statistics_as_csv

GOOD = """# name: Messstelle Musterstadt
# source: Gutachten 2024
# licence: Stadt Musterstadt
duration_min;T2;T30;T100;U2;U30;U100
5;7,4;15,5;19,1;10;15;20
60;21,3;40,6;49,2;10;15;20
"""


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_table_of_an_own_gauge_is_read(tmp_path):
    found = read_statistics(written(tmp_path, GOOD))
    assert (found.name, found.source, found.licence) == (
        "Messstelle Musterstadt",
        "Gutachten 2024",
        "Stadt Musterstadt",
    )
    value = found.value(60, 100)
    assert (value.depth_mm, value.tolerance_percent, value.statistics) == (49.2, 20, "Messstelle Musterstadt")


@pytest.mark.parametrize(
    "text",
    [
        "duration_min,T2,T100\n5,7.4,19.1\n60,21.3,49.2\n",
        "Dauer_min\tHN_002A\tHN_100A\n5\t7,4\t19,1\n60\t21,3\t49,2\n",
        "\ufeffduration_min;T100;T2\r\n\r\n5;19.1;7.4\r\n60;49.2;21.3\r\n",
    ],
)
def test_other_ways_of_writing_it(text, tmp_path):
    found = read_statistics(written(tmp_path, text), name="X", source="Y")
    assert found.depths_mm.tolist() == [[7.4, 19.1], [21.3, 49.2]] and found.return_periods_a == (2.0, 100.0)
    assert found.value(5, 2).tolerance_percent is None


def test_old_encodings_do_no_harm(tmp_path):
    text = GOOD.replace("Musterstadt\n# s", "Köln\n# s")
    assert read_statistics(written(tmp_path, text, "cp1252")).name == "Messstelle Köln"


@pytest.mark.parametrize("statistics", [shipped_cell(), buchenhofen()])
def test_a_table_written_is_the_table_read(statistics, tmp_path):
    again = read_statistics(written(tmp_path, statistics_as_csv(statistics)))
    assert again.name == statistics.name and again.source == statistics.source and again.mark == statistics.mark
    assert np.array_equal(again.depths_mm, statistics.depths_mm)
    assert np.array_equal(again.tolerance_percent, statistics.tolerance_percent, equal_nan=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# name: Messstelle Musterstadt\n", "", "no name.*first line"),
        ("# source: Gutachten 2024\n", "", "no source"),
        ("duration_min", "Stunden", "first column must be the duration.*Stunden.*duration_min"),
        ("T30", "selten", "column 3.*cannot be read.*selten.*T<years>"),
        ("T30", "T2", "column 3.*stands twice"),
        ("U30", "U50", "tolerance without its depth.*U50"),
        ("7,4", "viel", "line 5, column T2.*not a number.*viel"),
        ("7,4", "", "line 5, column T2.*nothing"),
        ("7,4", "inf", "line 5, column T2.*not a number"),
        ("7,4;", "", "line 5.*another number of columns.*got 6.*7"),
        ("7,4", "-7,4", "5 min must be positive"),
        ("15,5", "25,5", "5 min must be positive and must not fall"),
        ("60;21,3", "60;1,3", "falls with the duration"),
        ("60;", "5;", "durations must be positive and rise"),
        (";20\n", ";120\n", "tolerance.*percent"),
    ],
)
def test_a_bad_table_is_explained(old, new, said, tmp_path):
    with pytest.raises(ScenarioError, match=said):
        read_statistics(written(tmp_path, GOOD.replace(old, new)))


def test_what_is_no_table_is_said(tmp_path):
    for text, said in (("# name: x\n# source: y\n", "no table"), (GOOD.split("\n5;")[0], "no rows")):
        with pytest.raises(ScenarioError, match=said):
            read_statistics(written(tmp_path, text))
    with pytest.raises(ScenarioError, match="has no depths"):
        read_statistics(written(tmp_path, "duration_min;U2\n5;10\n"), name="x", source="y")
    with pytest.raises(ScenarioError, match="decimal commas"):
        read_statistics(written(tmp_path, "duration_min,T2\n5,7,4\n"), name="x", source="y")
    with pytest.raises(ScenarioError, match="too large"):
        read_statistics(written(tmp_path, "x" * (1 << 20) + "x"))
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_statistics(tmp_path / "missing.csv")


def rain(*words):
    return CliRunner().invoke(app, ["rain", *map(str, words)])


WUPPERTAL = ("--at", 371000, 5680000)


def test_commands_answer(tmp_path):
    table = rain("at", 371000, 5680000, "--folder", tmp_path)
    assert table.exit_code == 0 and "49.2 (±20)" in table.stdout and "memory, unverified" in table.stdout
    assert "49.2 mm in 60 min, T 100 a" in rain("at", 371000, 5680000, "--duration-min", 60).stdout
    csv = tmp_path / "cell.csv"
    assert rain("at", 371000, 5680000, "--csv", csv).exit_code == 0
    assert "SRI 10" in rain("sri", "--depth-mm", 90, "--statistics", csv).stdout
    facts = json.loads(rain("sri", "--index", 7, *WUPPERTAL, "--json").stdout)
    assert facts["anchor_mm"] == 49.2 and facts["statistics"] == "KOSTRA-DWD-2010R Zelle 51011"
    assert "from 137.8 mm on" in rain("sri", "--index", 12, *WUPPERTAL).stdout
    assert "not offered" in rain("presets").stdout
    assert "[60.0, 48.6]" in rain("presets", "nrw-100a", "--at", 374000, 5680000).stdout
    assert "nothing yet" in rain("kostra", "held", "--folder", tmp_path).stdout
    assert len(rain("kostra", "urls").stdout.split()) == 22


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sri", "--index", 13, *WUPPERTAL), "allowed: 1 to 12"),
        (("sri", "--depth-mm", 90), "which rain statistics"),
        (("sri", *WUPPERTAL), "either --depth-mm or --index"),
        (("at", 2.35, 48.86, "--crs", "EPSG:4326"), "allowed: Germany"),
        (("at", 371000, 5680000, "--crs", "EPSG:99999"), "not known"),
        (("at", 371000, 5680000, "--duration-min", 60, "--return-period-a", 1000), "1 to 100 a"),
        (("presets", "wuppertal-2018-05-29"), "Load the series of the gauges"),
        (("kostra", "add", "missing.zip"), "cannot be read"),
        (("kostra", "urls", "--edition", "2000"), "2020, 2010R"),
        (("presets", "--at", 371000, 5680000, "--statistics", "x.csv"), "which rain statistics"),
    ],
)
def test_commands_refuse(words, said, tmp_path):
    result = rain(*words)
    assert result.exit_code != 0 and "Traceback" not in result.output
    assert said in str(result.exception or "") + result.output
