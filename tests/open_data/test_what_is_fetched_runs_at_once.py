"""The folder is complete: a Scenario that runs, a manifest that says whence everything came, by Python and by command line."""

import hashlib
import json
from itertools import pairwise

import numpy as np
import pytest

from flood_sim.cli import main
from flood_sim.scenario import Scenario
from flood_sim.surface.land_cover import load_table
from flood_sim.terrain.dem import read_dem
from flood_sim.terrain.raster import read_aligned

BBOX = "372900,5678850,373100,5679050"
"""400 cells of 10 m on all four tiles, with the three houses."""


@pytest.fixture
def command(server, tmp_path, monkeypatch, capsys):
    """`flood-sim dem fetch` with cells of 10 m: exit code, stdout, stderr."""
    import functools

    from flood_sim.terrain import open_data

    monkeypatch.setitem(open_data.PROVIDERS, "nrw", functools.partial(open_data.NRW, cell_m=10.0))
    monkeypatch.setenv("FLOOD_SIM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("FLOOD_SIM_OPEN_DATA_URL", server.url)

    def run(*words, output="city"):
        capsys.readouterr()
        code = main(["dem", "fetch", "-o", str(tmp_path / output), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_fetch_and_run(command, tmp_path, capsys):
    code, out, err = command("--bbox", BBOX)
    assert code == 0, err
    assert "4 tiles of Nordrhein-Westfalen (year 2021: 2, 2024: 2), 0 of them in the cache" in err
    assert "3 buildings · 2 land use" in out and "Geobasis NRW, DGM1" in out
    scenario = Scenario.load(tmp_path / "city" / "scenario.yaml")
    assert (scenario.storm.kind, scenario.storm.depth_mm, scenario.storm.duration_min) == ("block", 90, 60)
    assert scenario.terrain.holes == "fill" and scenario.numerics.duration_min == 120
    covered = Scenario.load(tmp_path / "city" / "scenario_land_cover.yaml")
    assert covered.surface.infiltration.kind == "horton" and covered.storm == scenario.storm
    cover = read_aligned(
        tmp_path / "city" / "land_cover.tif", read_dem(scenario.terrain.dem, holes="mask").grid, what="cover"
    )
    codes = load_table().codes
    assert {codes["residential"], codes["asphalt"], codes["garden"]} == set(np.unique(cover))
    assert (
        main(["run", str(tmp_path / "city" / "scenario.yaml"), "-o", str(tmp_path / "result"), "--threads", "1"]) == 0
    )
    assert "mass error" in capsys.readouterr().out


def test_the_manifest_says_whence(command, server, tmp_path):
    command("--bbox", BBOX)
    folder = tmp_path / "city"
    made = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(made["files"]) == {"dem.tif", "buildings.gpkg", "land_use.gpkg", "scenario.yaml"}
    for name, facts in made["files"].items():
        assert facts["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert facts["access_class"] == "open" and facts["bytes"] == (folder / name).stat().st_size
    assert made["access_class"] == "open" and made["crs"] == "EPSG:25832" and "DHHN2016" in made["height_system"]
    for tile in made["tiles"]:
        assert tile["sha256"] == hashlib.sha256(server.tiles[tile["name"]]).hexdigest()
        assert tile["url"].startswith(server.url) and tile["dated"] == "2024-05-01T10:00:00"
        assert tile["bounds"][2] - tile["bounds"][0] == 1000 and tile["heights"] == 10_000
    assert [s["key"] for s in made["sources"]] == ["dgm1", "alkis"]
    for source in made["sources"]:
        assert source["licence"]["id"] == "dl-de/zero-2-0" and "govdata.de" in source["licence"]["text"]
    assert made["index"]["title"] == "DGM1" and made["bounds"] == [372900, 5678850, 373100, 5679050]


def test_what_would_be_fetched(command, server, tmp_path):
    code, out, _ = command("--bbox", BBOX, "--dry-run", "--json")
    facts = json.loads(out)
    assert code == 0 and facts["cells"] == 400 and facts["bytes_to_download"] == sum(map(len, server.tiles.values()))
    assert len(facts["tiles"]) == 4 and server.count(".tif") == 0 and not (tmp_path / "city").exists()


def test_degrees(command, tmp_path):
    """372700 to 373300 east, 5678700 to 5679300 north is about here."""
    code, out, err = command("--bbox-wgs84", "7.1767,51.2458,7.1780,51.2466", "--json")
    assert code == 0, err
    west, south, east, north = json.loads(out)["bounds"]
    assert 372_700 < west < east < 373_300 and 5_678_700 < south < north < 5_679_300


def test_only_the_terrain(command, server, tmp_path):
    assert command("--bbox", BBOX, "--no-buildings", "--no-land-use")[0] == 0
    assert server.count("lika") == 0
    assert sorted(p.name for p in (tmp_path / "city").iterdir()) == ["dem.tif", "manifest.json", "scenario.yaml"]


def test_a_second_fetch_leaves_nothing_of_the_first(command, tmp_path):
    command("--bbox", BBOX)
    assert command("--bbox", BBOX)[0] == 6
    assert command("--bbox", BBOX, "--overwrite", "--no-buildings")[0] == 0
    assert not (tmp_path / "city" / "buildings.gpkg").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "give one of both"),
        (("--bbox", "1,2,3"), 2, "four numbers"),
        (("--bbox", "a,b,c,d"), 2, "four numbers"),
        (("--bbox", BBOX, "--state", "by"), 2, "'by' is not known; there is nrw"),
        (("--bbox", "7.1,51.2,7.2,51.3"), 3, "look like degrees"),
        (("--bbox-wgs84", "372000,5678000,373000,5679000"), 3, "no longitudes and latitudes"),
        (("--bbox-wgs84", "-60,10,-59,11"), 3, "bbox"),
        (("--bbox", BBOX, "--base-url", "ftp://x"), 3, "not an address to fetch from"),
        (("--bbox", BBOX, "--max-tiles", "3"), 3, "the area is too large"),
    ],
)
def test_one_line_for_a_wrong_command(command, server, words, code, said):
    got, out, err = command(*words)
    assert got == code and said in err and out == "", err
    assert err.count("flood-sim: ") == 1 and "Traceback" not in err
    assert server.count(".tif") == 0


def test_a_fault_of_the_server_is_one_line(command, server):
    server.fault("373_5678", "always html")
    code, _, err = command("--bbox", BBOX)
    last = err.strip().splitlines()[-1]
    assert code == 3 and last.startswith("flood-sim: ") and "is a web page, not a raster" in last and "373_5678" in last
    assert all(a != b for a, b in pairwise(err.splitlines()))
