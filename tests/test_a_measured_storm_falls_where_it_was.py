"""A storm that was measured, through a scenario: its field survives disk and CRS, covers the model, and can be shifted.

Sum of the rain on the model = integral of the field over it: 1e-6 (float32 rates,
as test_rain_that_varies_reaches_the_ground.py). A single gauge is the table rain of
its readings: the same bits. A shift by whole cells of the field moves the flood by as
many cells on flat ground: the same bits.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import rasterio
import yaml
from pyproj import CRS, Transformer

from flood_sim.build import build
from flood_sim.cli import main
from flood_sim.errors import ScenarioError
from flood_sim.rain.field import RainField, around
from flood_sim.rain.field_file import EDGES
from flood_sim.rain.observed import labels, observed
from flood_sim.scenario import FieldRain, GaugeRain, Scenario
from flood_sim.terrain.grid import Grid, positions

WEST, NORTH = 360_000.0, 6_040_000.0
UTM = CRS.from_epsg(25832)
ROWS, COLS = 60, 80
MODEL = Grid(WEST, NORTH, 1.0, ROWS, COLS, UTM)
T0 = datetime(2018, 5, 29, 14, 0, tzinfo=UTC)


def storm(cells=20, cell=10.0, west=WEST - 60.0, north=NORTH + 70.0, **more):
    """40 to 90 mm in three intervals of 2, 3 and 1 minutes on cells of 10 m, model and surroundings."""
    depth = np.random.default_rng(6).uniform(5.0, 30.0, (3, cells, cells)).astype(np.float32)
    grid = Grid(west, north, cell, cells, cells, UTM)
    return RainField(grid, (0.0, 120.0, 300.0, 360.0), depth, **{"start": T0, "label": "Probe", **more})


def scenario(dem, kind, file, **more):
    asked = {
        "terrain": {"dem": dem}, "storm": {"kind": kind, "file": str(file), "duration_min": 6, **more},
        "numerics": {"duration_min": 8, "device": "cpu"},
    }  # fmt: skip
    return Scenario.model_validate(asked)


@pytest.fixture
def dem(write_raster):
    return write_raster(np.zeros((ROWS, COLS)))


def flood(asked):
    built = build(asked)
    sim = built.simulation()
    sim.advance(360.0)
    return built, sim


def test_a_field_survives_disk_and_xarray(tmp_path):
    field = storm(source="DWD", licence="GeoNutzV", label_en="probe", notes=("eins, „zwei“", "drei"), sampling="linear")
    field.depth_mm[1, 2, 3] = np.nan
    field.write(tmp_path / "a.tif")
    for found in (RainField.read(tmp_path / "a.tif"), RainField.from_dataarray(field.to_dataarray())):
        assert np.array_equal(found.depth_mm, field.depth_mm, equal_nan=True)
        assert replace(found, depth_mm=field.depth_mm) == field
    assert list(tmp_path.iterdir()) == [tmp_path / "a.tif"], "nothing is left beside it"


@pytest.mark.parametrize("sampling", ["nearest", "linear"])
def test_the_model_gets_the_field_over_it(dem, tmp_path, sampling):
    field = storm(sampling=sampling)
    field.write(tmp_path / "s.tif")
    built, sim = flood(scenario(dem, "field", tmp_path / "s.tif"))
    if sampling == "nearest":
        over = field.total_mm()[7:13, 6:14]
        assert sim.balance().rain_m3 == pytest.approx(over.sum() * 0.1, rel=1e-6)
        assert built.storm.total_m * 1000 == pytest.approx(over.mean(), rel=1e-6)
        assert sim.balance().rain_m3 == pytest.approx(built.storm.total_m * ROWS * COLS, rel=1e-6)
    else:  # midpoints of a bilinear field, by hand at each cell
        rows, cols = (np.arange(ROWS) + 70.5) / 10 - 0.5, (np.arange(COLS) + 60.5) / 10 - 0.5
        r, c = rows.astype(int), cols.astype(int)
        f, g = (rows - r)[:, None], (cols - c)[None]
        t = field.total_mm()
        there = (1 - f) * ((1 - g) * t[np.ix_(r, c)] + g * t[np.ix_(r, c + 1)])
        there += f * ((1 - g) * t[np.ix_(r + 1, c)] + g * t[np.ix_(r + 1, c + 1)])
        assert sim.balance().rain_m3 == pytest.approx(there.sum() / 1000, rel=1e-6)
    assert sim.balance().relative_error <= 1e-6
    assert "l/m² in 6\u202fmin im Gebietsmittel, höchstens" in built.storm.label
    assert built.storm.label.endswith("Gemessener Regen (Regenfeld): Probe, ab 29.05.2018 14:00 UTC")
    assert "as mean over the area" in built.storm.label_en


def test_a_shift_by_cells_moves_the_flood(dem, tmp_path):
    """A wet spot in a dry field, on flat ground, far from the walls."""
    field = storm()
    spot = np.zeros_like(field.depth_mm)
    spot[:, 10, 10] = 0.3 * field.depth_mm[:, 10, 10]
    replace(field, depth_mm=spot).write(tmp_path / "s.tif")
    _, here = flood(scenario(dem, "field", tmp_path / "s.tif"))
    built, there = flood(scenario(dem, "field", tmp_path / "s.tif", shift_east_m=10, shift_north_m=-10))
    assert here.depth.max() > 0.003
    assert not there.depth[[0, -1]].any() and not there.depth[:, [0, -1]].any(), "no wall may be reached"
    assert np.array_equal(there.depth, np.roll(here.depth, (10, 10), axis=(0, 1)))
    assert "verschoben um +0,01 km (Osten), -0,01 km (Norden)" in built.storm.label


def test_a_part_of_its_time(dem, tmp_path):
    field = storm()
    field.write(tmp_path / "s.tif")
    asked = scenario(dem, "field", tmp_path / "s.tif", begin_min=1, duration_min=2)
    found = observed(asked.storm, MODEL)
    assert found.field.edges_s == (0.0, 60.0, 120.0)
    assert found.field.start.minute == 1
    part = field.over(MODEL).depth_mm
    assert found.field.depth_mm[0] == pytest.approx(part[0] / 2)
    assert found.field.depth_mm[1] == pytest.approx(part[1] / 3)


@pytest.mark.parametrize("east", [0, 30])
def test_a_storm_in_another_crs_is_brought_over(tmp_path, east):
    """In EPSG:3035 it lies turned. Against the storm at points of 0.25 m, averaged over the cells of the model.

    Both see the border of two cells of 10 m to about 0.3 m: in a cell of 2.5 m that is 1/8 of the step between
    them, 40 mm at most. With either sign, they leave 0.1 % in the mean of 768 cells.
    """
    model = Grid(WEST, NORTH, 2.5, 24, 32, UTM)
    to = Transformer.from_crs(UTM, 3035, always_xy=True)
    x, y = to.transform(WEST + 40, NORTH - 30)
    grid = around((x - 200, y - 200, x + 200, y + 200), CRS.from_epsg(3035), 10.0)
    depth = np.random.default_rng(1).uniform(0.0, 40.0, (1, *grid.shape)).astype(np.float32)
    RainField(grid, (0.0, 360.0), depth).write(tmp_path / "other.tif")
    found = observed(FieldRain(file=str(tmp_path / "other.tif"), duration_min=6, shift_east_m=east), model)
    fine = Grid(WEST - east, NORTH, 0.25, 240, 320, UTM)
    fx, fy = to.transform(*np.meshgrid(fine.x_centres(), fine.y_centres()))
    there = depth[0][((grid.north - fy) / 10).astype(int), ((fx - grid.west) / 10).astype(int)]
    expected = there.reshape(24, 10, 32, 10).mean(axis=(1, 3))
    rows, cols = positions(found.field.grid, model)
    laid = found.field.depth_mm[0][np.ix_(rows.astype(int), cols.astype(int))]
    assert np.abs(laid - expected).max() <= 40.0 / 8
    assert found.hyetograph.total_m * 1000 == pytest.approx(expected.mean(), rel=1e-3)


def gauge_csv(folder, text, name="g.csv"):
    (folder / name).write_text("station,x,y,minute,depth_mm\n" + text)
    return folder / name


def test_one_gauge_is_table_rain(dem, tmp_path):
    file = gauge_csv(tmp_path, f"a,{WEST},{NORTH},2,11\na,,,4,7.3\na,,,6,0.4\n")
    built, sim = flood(scenario(dem, "gauges", file))
    table = scenario(dem, "gauges", file).model_dump()
    table["storm"] = {"kind": "table", "edges_min": [0, 2, 4, 6], "depths_mm": [11, 7.3, 0.4]}
    _, same = flood(Scenario.model_validate(table))
    assert np.array_equal(sim.depth, same.depth) and sim.balance() == same.balance()
    assert built.storm.label.startswith("18,7\u202fl/m² in 6\u202fmin, Gemessener Regen (Messstellen): a")


def test_two_gauges_rain_between_them(dem, tmp_path):
    file = gauge_csv(
        tmp_path, f"a,{WEST},{NORTH},2,11\na,,,4,7\na,,,6,0\nb,{WEST + COLS},{NORTH},2,0\nb,,,4,0\nb,,,6,1\n"
    )
    built, sim = flood(scenario(dem, "gauges", file))
    field = observed(scenario(dem, "gauges", file).storm, MODEL).field
    assert sim.balance().relative_error <= 1e-6
    assert sim.balance().rain_m3 == pytest.approx(built.storm.total_m * ROWS * COLS, rel=1e-6)
    assert field.total_mm().max() > 17 and field.total_mm().min() < 2
    west, east = sim.depth[:, :20].mean(), sim.depth[:, -20:].mean()
    assert west > 2 * east


def test_a_gap_that_is_allowed_is_told(dem, tmp_path):
    file = gauge_csv(tmp_path, f"a,{WEST},{NORTH},1,1\na,,,2,1\na,,,3,\na,,,6,1\n")
    with pytest.raises(ScenarioError, match=r"g\.csv: station a measured nothing from minute 2 to minute 3"):
        build(scenario(dem, "gauges", file))
    built = build(scenario(dem, "gauges", file, allowed_gap_min=1))
    assert any("station a measured nothing" in note for note in built.notes)


def test_names_need_no_file():
    assert labels(FieldRain(file="x.tif", duration_min=6)) == (
        "Gemessener Regen (Regenfeld)",
        "Observed rain (rain field)",
    )
    assert labels(GaugeRain(file="x.csv", duration_min=6, label="29. Mai")) == ("29. Mai", "29. Mai")


def test_a_run_from_the_command_line(dem, tmp_path, capsys):
    storm(source="DWD, RADKLIM YW", licence="Datenbasis: Deutscher Wetterdienst").write(tmp_path / "s.tif")
    asked = scenario("dem.tif", "field", "s.tif").model_dump(mode="json", exclude_none=True)
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(asked))
    assert main(["run", str(tmp_path / "scenario.yaml"), "-o", str(tmp_path / "result")]) == 0
    manifest = json.loads((tmp_path / "result" / "manifest.json").read_text())
    told = json.dumps(manifest, ensure_ascii=False)
    assert "Gemessener Regen" in told and "rain: DWD, RADKLIM YW; Datenbasis: Deutscher Wetterdienst" in told
    assert main(["rain", "field", str(tmp_path / "s.tif"), "--dem", dem, "--json"]) == 0
    facts = json.loads("{" + capsys.readouterr().out.partition("{")[2])
    assert facts["intervals"] == 3


def plain_tiff(path, **tags):
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", count=2, height=5, width=5, crs="EPSG:25832",
        transform=rasterio.Affine(10, 0, WEST, 0, -10, NORTH),
    ) as file:  # fmt: skip
        file.write(np.ones((2, 5, 5), "float32"))
        file.update_tags(**tags)
    return path


def test_bad_fields_are_refused(dem, tmp_path):
    (tmp_path / "page.tif").write_bytes(b"<!doctype html><html></html>")
    plain = plain_tiff(tmp_path / "plain.tif")
    wrong = {
        "none": (tmp_path / "none.tif", "there is no such file"),
        "page": (tmp_path / "page.tif", "is a web page"),
        "address": ("/vsicurl/http://127.0.0.1/a.tif", "is an address"),
        "plain": (plain, "no rain field: its tag FLOOD_SIM_RAIN_EDGES_MIN is missing.*flood-sim rain radar"),
        "edges": (plain_tiff(tmp_path / "e.tif", **{EDGES: "[0, 1]"}), "has 2 edges for 2 bands"),
        "no list": (plain_tiff(tmp_path / "l.tif", **{EDGES: "often"}), "is no list of minutes"),
        "falling": (plain_tiff(tmp_path / "f.tif", **{EDGES: "[0, 2, 1]"}), "edges must begin with 0 and increase"),
        "sampling": (plain_tiff(tmp_path / "s.tif", **{EDGES: "[0, 1, 2]", "FLOOD_SIM_RAIN_SAMPLING": "x"}), "a tag of the rain field is damaged"),
    }  # fmt: skip
    for name, (file, words) in wrong.items():
        with pytest.raises(ScenarioError, match=words):
            RainField.read(file)
            pytest.fail(name)
    whole = tmp_path / "whole.tif"
    storm().write(whole)
    whole.write_bytes(whole.read_bytes()[:-600])
    with pytest.raises(ScenarioError, match="truncated or damaged|damaged or the file is truncated"):
        RainField.read(whole)
    with pytest.raises(ScenarioError, match=r"interval 2 \(2018-05-29 14:02 to 14:05 UTC\), row 3, column 4"):
        field = storm()
        field.depth_mm[1, 2, 3] = -1.0
        replace(field)
    assert main(["rain", "field", str(plain)]) == 2


def test_a_storm_beside_the_model_is_refused(dem, tmp_path):
    field = storm()
    field.write(tmp_path / "s.tif")
    words = r"the storm does not cover the model: it ends 40 m in the west inside of it.*Change shift_east_m"
    with pytest.raises(ScenarioError, match=words):
        build(scenario(dem, "field", tmp_path / "s.tif", shift_east_m=100))
    with pytest.raises(ScenarioError, match="the time asked for is not all in the rain field.*allowed: minute 0 to 6"):
        build(scenario(dem, "field", tmp_path / "s.tif", duration_min=7))
    field.depth_mm[2, 8, 8] = np.nan
    field.write(tmp_path / "s.tif")
    with pytest.raises(
        ScenarioError, match="no data over a part of the model in 1 of 3 intervals, first 2018-05-29 14:05"
    ):
        build(scenario(dem, "field", tmp_path / "s.tif"))
