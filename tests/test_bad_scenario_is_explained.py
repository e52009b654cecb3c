"""A scenario that cannot be computed says what is wrong, where, and what to do; nothing is written.

Each case changes one thing of a scenario that runs. The message must name the
place in the scenario (or the file), the value that was given and what is allowed.
"""

import math
import re

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.errors import FloodSimError, ScenarioError, TerrainError
from flood_sim.runner import run
from flood_sim.scenario import Scenario

WEST, NORTH = 360_000.0, 6_040_000.0
ROWS, COLS = 8, 10


def at(*points):
    """Points in m east and north of the north-west corner, as coordinates."""
    return [[WEST + x, NORTH + y] for x, y in points]


@pytest.fixture
def plain(write_raster):
    """A scenario that runs, as plain data."""
    return {
        "terrain": {"dem": write_raster(50 + 0.01 * np.add.outer(np.arange(ROWS), np.arange(COLS)))},
        "storm": {"kind": "block", "depth_mm": 20, "duration_min": 1},
        "numerics": {"duration_min": 1},
    }


def refused(data, tmp_path, kind=ScenarioError):
    """The message of the refusal, after a look that nothing was written."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FloodSimError) as caught:
        run(Scenario.parse(data), tmp_path / "new" / "result")
    assert sorted(tmp_path.rglob("*")) == before
    assert type(caught.value) is kind
    message = str(caught.value)
    assert "\n" not in message and len(message) < 1000
    return message


def test_the_plain_scenario_runs(plain, tmp_path):
    """Else the refusals below would prove nothing."""
    assert run(Scenario.parse(plain), tmp_path / "new" / "result").path.is_dir()


def test_a_run_without_any_water_says_so(plain):
    """It is allowed, but a forgotten storm is the likelier reason."""
    del plain["storm"]
    assert "no rain, no inflow and no water at the start: the run stays dry" in build(Scenario.parse(plain)).notes


def free(**where):
    return [{"kind": "free", "where": where}]


def storm(**data):
    return {"storm": data}


INFLOW = {"kind": "inflow", "where": {"edge": "west"}, "times_min": [0, 1], "discharge_m3s": [1, 1]}
WRONG_DATA = {
    "unknown key": ({"strom": {}}, "strom: unknown key"),
    "unknown key far down": ({"outputs": {"every_mim": 5}}, r"outputs\.every_mim: unknown key, did you mean every_min\?"),
    "a key of another kind": (storm(kind="none", file="rain.csv"), r"storm\.file: unknown key; known here: kind"),
    "no terrain": ({"terrain": None}, "terrain: "),
    "no duration": ({"numerics": {}}, r"numerics\.duration_min: is missing"),
    "negative rain": (storm(kind="block", depth_mm=-5, duration_min=1), r"depth_mm: is out of range \(got -5\); allowed: above 0, at most 2000"),
    "negative rain in a table": (storm(kind="table", edges_min=[0, 1], depths_mm=[-1]), r"depths_mm\.0.*\(got -1"),
    "unknown storm": (storm(kind="monsoon"), "storm: unknown kind 'monsoon'; allowed: .*'block'.*'euler_ii'"),
    "storm without a kind": (storm(depth_mm=5), "storm: kind is missing"),
    "a file where a table is expected": ({"terrain": "dem.tif"}, r"terrain: a table of keys is expected \(got 'dem.tif'\)"),
    "a table with a missing edge": (storm(kind="table", edges_min=[0, 1], depths_mm=[1, 2]), "n intervals need n.1 edges"),
    "a table that goes back": (storm(kind="table", edges_min=[0, 1, 0.5], depths_mm=[1, 2]), r"edges_min must increase.*got 1, then 0\.5"),
    "storm longer than the run": (storm(kind="block", depth_mm=5, duration_min=90), r"storm lasts 90 min.*duration_min = 1;.*lengthen"),
    "rain without end": (storm(kind="block", depth_mm=math.inf, duration_min=1), "depth_mm: .*finite"),
    "rain that is no number": (storm(kind="block", depth_mm=math.nan, duration_min=1), "depth_mm: .*finite"),
    "rain in words": (storm(kind="block", depth_mm="viel", duration_min=1), r"scenario: storm\.depth_mm: .*number.*\(got 'viel'\)"),
    "roughness below zero": ({"surface": {"roughness": {"kind": "constant", "n": -0.1}}}, r"n: .*\(got -0.1\)"),
    "Strickler for Manning": ({"surface": {"roughness": {"kind": "constant", "n": 30}}}, r"n: .*\(got 30\); allowed: above 0, at most 1\..*1 / kSt"),
    "courant": ({"numerics": {"duration_min": 1, "courant": 0.7}}, r"numerics\.courant: .*\(got 0\.7\); allowed: above 0, at most 0\.6"),
    "no time": ({"numerics": {"duration_min": 0}}, r"numerics\.duration_min: .*\(got 0\); allowed: above 0, at most 43200"),
    "too much time": ({"numerics": {"duration_min": 1e9}}, r"numerics\.duration_min: .*43200"),
    "threshold": ({"outputs": {"threshold_cm": 0}}, r"outputs\.threshold_cm: .*\(got 0\); allowed: above 0"),
    "outputs without end": ({"outputs": {"every_min": 1e-9}}, r"outputs\.every_min asks for 1000000000 times.*longer step"),
    "level that is no number": ({"initial": {"kind": "level", "level_m": math.nan}}, "level_m: .*finite"),
    "gauge at infinity": ({"gauges": [{"id": "g", "x": math.inf, "y": 0}]}, r"gauges\.0\.x: .*finite"),
    "section at infinity": ({"sections": [{"id": "s", "line": [[0, 0], [math.nan, 1]]}]}, r"sections\.0\.line\.1\.0: .*finite"),
    "section of one point": ({"sections": [{"id": "s", "line": [[0, 0]]}]}, r"sections\.0\.line: .*2 items"),
    "gauge named twice": ({"gauges": [{"id": "g", "x": 1, "y": 1}] * 2}, "gauges: id used twice: g"),
    "gauge with a name that is no name": ({"gauges": [{"id": "a,b", "x": 1, "y": 1}]}, r"gauges\.0\.id: .*plain letters, digits.*\(got 'a,b'\)"),
    "boundary in two places": ({"boundaries": free(edge="all", line=[[0, 0], [1, 1]])}, r"boundaries\.0.*exactly one of edge, line, polygon"),
    "inflow below zero": ({"boundaries": [INFLOW | {"discharge_m3s": [1, -1]}]}, r"discharge_m3s\.1: .*\(got -1"),
    "inflow of one point": ({"boundaries": [INFLOW | {"times_min": [0], "discharge_m3s": [5]}]}, "times_min: .*at least 2"),
    "inflow with a missing value": ({"boundaries": [INFLOW | {"times_min": [0, 1, 2]}]}, "times_min has 3 values, discharge_m3s has 2"),
    "energy slope": ({"boundaries": [{"kind": "free", "where": {"edge": "all"}, "energy_slope": 0}]}, r"energy_slope: .*\(got 0\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_DATA)
def test_data_that_is_no_scenario(plain, tmp_path, case):
    change, message = WRONG_DATA[case]
    assert re.search(message, refused(plain | change, tmp_path))


def test_every_fault_is_named_at_once(plain, tmp_path):
    message = refused(plain | {"strom": 1, "numerics": {"duration_min": -1, "courant": 2}}, tmp_path)
    assert "strom" in message and "duration_min" in message and "courant" in message


def test_a_long_list_of_faults_stays_readable(plain, tmp_path):
    message = refused(plain | {"title": "a" * 10**6, "gauges": [{"id": "g", "x": "?", "y": 0}] * 500}, tmp_path)
    assert "title: " in message and re.search(r"and 49\d more faults", message)


FAR = [[9.9, 51.2], [10.0, 51.3]]
WRONG_PLACE = {
    "gauge outside": ({"gauges": [{"id": "g", "x": WEST - 5, "y": NORTH - 2}]},
                      r"gauge g: .*outside the terrain \(got x 359995, y 6039998\); allowed: x 360000 to 360010, y 6039992 to 6040000.*EPSG:25832"),
    "gauge in degrees": ({"gauges": [{"id": "g", "x": 7.1, "y": 51.2}]}, "gauge g: .*degrees of longitude and latitude.*EPSG:25832"),
    "section in degrees": ({"sections": [{"id": "s", "line": FAR}]}, "section s: .*degrees"),
    "boundary in degrees": ({"boundaries": free(polygon=[*FAR, [10.0, 51.2]])}, r"boundaries\.0 \(free\): .*degrees"),
    "another crs": ({"crs": "EPSG:25833"}, "crs: .*EPSG:25833.*terrain in EPSG:25832.*Project"),
    "degrees said": ({"crs": "EPSG:4326"}, "crs: .*EPSG:4326.*EPSG:25832"),
    "no crs at all": ({"crs": "Gauß"}, r"crs: unknown CRS \(got Gauß\); allowed: for example EPSG:25832"),
    "section too short": ({"sections": [{"id": "s", "line": at((3.1, -3.1), (3.2, -3.2))}]}, "section s: is shorter than a cell; allowed: at least 1 m"),
    "boundary inside the terrain": ({"boundaries": free(line=at((3, -3), (6, -3)))}, r"boundaries\.0 \(free\): touches no border.*along the border"),
    "polygon that crosses itself": ({"boundaries": free(polygon=at((0, 0), (5, -5), (5, 0), (0, -5)))}, r"boundaries\.0 .*not valid: Self-intersection"),
    "inflow outside": ({"boundaries": [INFLOW | {"where": {"line": at((50, -3), (60, -3))}}]}, r"boundaries\.0 \(inflow\): lies outside"),
    "inflow area between cell centres": ({"boundaries": [INFLOW | {"where": {"polygon": at((3.1, -3.1), (3.2, -3.1), (3.2, -3.2))}}]},
                                          r"boundaries\.0 \(inflow\): covers no open cell.*larger"),
    "level below the terrain": ({"initial": {"kind": "level", "level_m": 3.0}}, r"initial\.level_m: .*below the whole terrain \(got 3 m\); allowed: above 50.00 m"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_PLACE)
def test_what_does_not_fit_the_terrain(plain, tmp_path, case):
    change, message = WRONG_PLACE[case]
    assert re.search(message, refused(plain | change, tmp_path))


# --- buildings and rasters ---------------------------------------------------------


def with_houses(plain, file):
    return plain | {"terrain": plain["terrain"] | {"buildings": {"file": file}}}


def test_a_gauge_in_a_building(plain, tmp_path, write_footprints):
    data = with_houses(plain, write_footprints((3, -6, 6, -3))) | {
        "gauges": [{"id": "g", "x": WEST + 4, "y": NORTH - 4}]
    }
    assert re.search("gauge g: .*in a building.*open ground", refused(data, tmp_path))


def test_an_inflow_into_a_building(plain, tmp_path, write_footprints):
    area = INFLOW | {"where": {"polygon": at((4, -4), (5, -4), (5, -5), (4, -5))}}
    data = with_houses(plain, write_footprints((3, -6, 6, -3))) | {"boundaries": [area]}
    assert re.search(r"boundaries\.0 \(inflow\): covers no open cell.*away from buildings", refused(data, tmp_path))


def test_buildings_elsewhere(plain, tmp_path, write_footprints):
    message = refused(with_houses(plain, write_footprints((5000, 0, 5010, 10))), tmp_path, TerrainError)
    assert "houses.geojson" in message and "no footprint lies on the terrain" in message


def test_buildings_in_another_crs(plain, tmp_path, write_footprints):
    message = refused(with_houses(plain, write_footprints((3, -6, 6, -3), crs=25833)), tmp_path, TerrainError)
    assert "houses.geojson" in message and "EPSG:25833" in message and "EPSG:25832" in message


def test_buildings_over_everything(plain, tmp_path, write_footprints):
    message = refused(with_houses(plain, write_footprints((-5, -50, 50, 5))), tmp_path, TerrainError)
    assert re.search("houses.geojson: .*cover the whole terrain", message)


def raster_with(value, usual):
    values = np.full((ROWS, COLS), usual)
    values[4, 7] = value
    return values


WRONG_RASTERS = {
    "roughness below zero": ("surface", "roughness", "raster", -0.1, 0.03, r"Manning's n is out of range on 1 cells, first at x 360007.5, y 6039995.5.*\(got -0.1\); allowed: above 0, at most 1"),
    "roughness missing": ("surface", "roughness", "raster", np.nan, 0.03, r"Manning's n .*on 1 cells.*\(got nan\)"),
    "unknown land cover": ("surface", "roughness", "land_cover", 77, 3, r"no class for code 77 on 1 cell.*allowed: 1 asphalt"),
    "negative depth": ("initial", None, "depth", -0.5, 0.0, r"initial depth is out of range on 1 cells.*\(got -0.5\); allowed: 0 or more, at most 1000"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_RASTERS)
def test_a_raster_with_an_impossible_value(plain, tmp_path, write_raster, case):
    key, below, kind, value, usual, message = WRONG_RASTERS[case]
    node = {"kind": kind, "file": write_raster(raster_with(value, usual), "odd.tif")}
    if kind == "land_cover":
        node = {"land_cover": {"file": node.pop("file")}, "roughness": node}
    elif below:
        node = {below: node}
    found = refused(plain | {key: node}, tmp_path, TerrainError)
    assert "odd.tif" in found and re.search(message, found)


def test_a_raster_in_another_crs(plain, tmp_path, write_raster):
    odd = write_raster(np.full((ROWS, COLS), 0.03), "odd.tif", crs="EPSG:25833")
    found = refused(plain | {"surface": {"roughness": {"kind": "raster", "file": odd}}}, tmp_path, TerrainError)
    assert re.search(r"odd\.tif.*roughness.*EPSG:25833.*EPSG:25832", found)


MISSING = {
    "terrain.dem": {"terrain": {"dem": "gone.tif"}},
    "terrain.buildings.file": {"terrain": {"buildings": {"file": "gone.gpkg"}}},
    "surface.land_cover.file": {"surface": {"land_cover": {"file": "gone.tif"}, "roughness": {"kind": "land_cover"}}},
    "initial.file": {"initial": {"kind": "depth", "file": "gone.tif"}},
}


@pytest.mark.parametrize("place", MISSING)
def test_a_missing_file_is_named_with_its_place(plain, tmp_path, place):
    change = MISSING[place]
    data = plain | change | ({"terrain": plain["terrain"] | change["terrain"]} if "terrain" in change else {})
    assert re.search(rf"^{re.escape(place)}: gone\.\w+: there is no such file", refused(data, tmp_path, TerrainError))


def test_a_file_that_may_not_be_read(plain, tmp_path, monkeypatch):
    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("flood_sim.runner.checksum", denied)
    assert re.search(
        r"terrain\.dem: .*dem\.tif: cannot be read: Permission denied", refused(plain, tmp_path, TerrainError)
    )


# --- the file of the scenario ---------------------------------------------------------

WRONG_FILES = {
    "a list": ("a.yaml", "- 1\n- 2\n", "holds no scenario"),
    "a word": ("a.yaml", "hello", "holds no scenario"),
    "empty": ("a.yaml", "", "holds no scenario"),
    "not YAML": ("a.yaml", "terrain: {dem: [", "not valid .yaml"),
    "a brace too many": ("a.yaml", "terrain: {dem: a}\nstorm: {{kind: none}\n", r"yaml: expected ',' or '}', but got '<[a-z ]+>' \(line 3, column 1\)"),
    "decimal comma": (
        "a.yaml", "terrain: {dem: a}\nstorm: {kind: block, depth_mm: 29,5, duration_min: 1}\nnumerics: {duration_min: 1}",
        r"storm\.5: the key 5 is not a text; decimals are written with a point",
    ),
    "not JSON": ("a.json", "{'terrain': 1}", "not valid .json"),
    "JSON with NaN": ("a.json", '{"terrain": {"dem": "a"}, "numerics": {"duration_min": NaN}}', "duration_min: .*finite"),
    "YAML with infinity": ("a.yaml", "terrain: {dem: a}\nnumerics: {duration_min: .inf}", "duration_min: .*finite"),
    "a key twice": ("a.yaml", "terrain: {dem: a}\nterrain: {dem: b}\nnumerics: {duration_min: 1}", "terrain.*twice.*line 2"),
    "a key twice in JSON": ("a.json", '{"terrain": {"dem": "a", "dem": "b"}, "numerics": {"duration_min": 1}}', "dem.*twice"),
    "a list as a key": ("a.yaml", "? [1, 2]\n: 3\n", "not valid .yaml"),
    "an object of Python": ("a.yaml", "terrain: !!python/object/apply:os.getcwd []", "not valid .yaml"),
    "a picture": ("a.yaml", b"\x89PNG\r\n\x1a\n\xff\xfe", "not a UTF-8 text file"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_file_that_is_no_scenario(tmp_path, case):
    name, content, message = WRONG_FILES[case]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ScenarioError) as caught:
        Scenario.load(tmp_path / name)
    assert re.search(rf"{re.escape(str(tmp_path / name))}: .*{message}", str(caught.value))
    assert "\n" not in str(caught.value)


def test_a_scenario_that_is_not_there(tmp_path):
    with pytest.raises(ScenarioError, match=r"gone\.yaml: cannot be read: No such file"):
        Scenario.load(tmp_path / "gone.yaml")
    with pytest.raises(ScenarioError, match="cannot be read: Is a directory"):
        Scenario.load(tmp_path)
