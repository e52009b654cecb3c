"""The rung "sinks" from a scenario, from a DEM and from the command line: volumes, masks, labels and files.

Volume in = stored + left to 1e-9 relative, as the product promises (float64 sums). A pool in a closed scenario without
relief is as deep as the rain: 1e-6 m, depths are float32.
"""

import json

import numpy as np
import pyogrio
import pytest
import rasterio
from typer.testing import CliRunner

from flood_sim.build import build
from flood_sim.cli.app import app
from flood_sim.errors import FloodSimError, ScenarioError
from flood_sim.preview import LABELS, critical_success_index, distances, sinks
from flood_sim.preview.label import distance_de
from flood_sim.scenario import Scenario
from flood_sim.terrain.dem import read_dem

NORTH, WEST = 6_040_000.0, 360_000.0


def bowl(rows=24, cols=30):
    y, x = np.mgrid[0:rows, 0:cols]
    return 5.0 + 0.004 * ((y - rows / 2) ** 2 + (x - cols / 2) ** 2)


def scenario(dem, **more):
    return Scenario.parse({
        "terrain": {"dem": dem, **more.pop("terrain", {})},
        "storm": {"kind": "block", "depth_mm": 50, "duration_min": 10},
        "surface": {"roughness": {"kind": "constant", "n": 0.03}},
        "numerics": {"duration_min": 10},
        **more,
    })  # fmt: skip


CLOSED = [{"kind": "wall", "where": {"edge": "all"}}]
FREE = [{"kind": "free", "where": {"edge": "all"}}]


def test_a_closed_scenario_keeps_all_its_rain(write_raster):
    found = sinks(build(scenario(write_raster(np.full((24, 30), 7.0)), boundaries=CLOSED)), keep=False).preview
    np.testing.assert_allclose(found.depth, 0.05, atol=1e-6)
    f = found.figures
    assert (f.left_m3, f.taken_m3) == (0, 0)
    assert f.stored_m3 == pytest.approx(24 * 30 * 0.05, rel=1e-9) and f.in_m3 == pytest.approx(f.rain_m3, rel=1e-9)


def test_houses_stay_dry_and_their_roof_water_does_not(write_raster, write_footprints):
    houses = write_footprints((4, -12, 10, -6), (20, -20, 24, -15))
    made = build(scenario(write_raster(bowl()), terrain={"buildings": {"file": houses}}, boundaries=FREE))
    found = sinks(made, keep=False, vectors=True).preview
    f = found.figures
    assert f.in_m3 == pytest.approx(24 * 30 * 0.05, rel=1e-9)  # roofs included
    assert f.stored_m3 + f.left_m3 == pytest.approx(f.in_m3, rel=1e-9)
    np.testing.assert_array_equal(np.isnan(found.depth), ~made.domain.active)
    variable, passing = found.maps["passing_volume"]
    assert variable.unit == "m3" and np.nanmax(passing) > 10
    assert set(found.vectors) == {"flow_paths", "catchments", "spill_points"}


def test_a_level_outside_an_inflow_and_water_at_the_start_count(write_raster):
    made = build(
        scenario(
            write_raster(np.full((10, 10), 3.0)),
            boundaries=[
                {"kind": "level", "where": {"edge": "west"}, "level_m": 3.4},
                {"kind": "inflow", "where": {"edge": "east"}, "times_min": [0, 10], "discharge_m3s": [0.5, 0.5]},
            ],
            initial={"kind": "level", "level_m": 3.1},
        )
    )
    found = sinks(made, keep=False).preview
    assert found.figures.in_m3 == pytest.approx(100 * 0.05 + 300 + 100 * 0.1, rel=1e-6)
    np.testing.assert_allclose(found.depth, 0.4, atol=1e-6)


def test_a_culvert_of_the_scenario_drains_what_a_dam_holds(write_raster):
    z = np.tile(np.linspace(12, 9, 30), (12, 1))
    z[[0, -1]] = 20.0
    z[:, 15] = 20.0
    pipe = {"id": "k1", "line": [[WEST + 14.5, NORTH - 6.5], [WEST + 16.5, NORTH - 6.5]], "width_m": 1.0}
    east = [{"kind": "free", "where": {"edge": "east"}}]
    held = sinks(build(scenario(write_raster(z), boundaries=east)), keep=False).preview
    assert held.figures.stored_m3 > 7
    found = sinks(build(scenario(write_raster(z), boundaries=east, surface={"culverts": [pipe]})), keep=False).preview
    assert found.figures.stored_m3 < 0.1 and found.figures.left_m3 > 17
    blocked = scenario(write_raster(z), boundaries=east, surface={"culverts": [{**pipe, "blockage": 1.0}]})
    assert sinks(build(blocked), keep=False).preview.figures.stored_m3 == held.figures.stored_m3


def test_a_green_roof_holds_its_storage_and_sheds_the_rest(write_raster, write_footprints):
    """400 m² with a roof of 25 m² that holds 30 mm, 90 mm of rain: 36.00 m³ fall, 25 m² · 30 mm stay (float64: 1e-9)."""
    made = {}
    for roof in ("green", "sewer"):
        houses = write_footprints((5, -10, 10, -5))
        terrain = {"buildings": {"file": houses, "roof": roof, "green_storage_mm": 30.0}}
        storm = {"kind": "block", "depth_mm": 90, "duration_min": 10}
        plain = scenario(write_raster(np.full((20, 20), 7.0)), terrain=terrain, boundaries=CLOSED, storm=storm)
        made[roof] = sinks(build(plain), keep=False)
    green, sewer = (made[roof].preview.figures for roof in ("green", "sewer"))
    assert green.rain_m3 == pytest.approx(36.0, rel=1e-9) and sewer.rain_m3 == pytest.approx(36.0, rel=1e-9)
    assert green.in_m3 == pytest.approx(35.25, rel=1e-9) and sewer.in_m3 == pytest.approx(33.75, rel=1e-9)
    place = made["green"].origin(WEST + 2.5, NORTH - 2.5)
    weight = made["green"].pouring.weight
    assert weight.sum() == pytest.approx(400.0) and place.volume_m3 == pytest.approx(weight[place.mask].sum() * 0.09)


def test_what_the_rung_cannot_count_is_named(write_raster):
    ring = [[WEST + x, NORTH + y] for x, y in ((5, -5), (9, -5), (9, -9), (5, -9))]
    tank = {"id": "t", "kind": "storage", "polygon": ring, "volume_m3": 5.0, "inflow_capacity_m3s": 1.0}
    dem = write_raster(np.full((20, 20), 7.0))
    without = sinks(build(scenario(dem, boundaries=CLOSED)), keep=False).preview.notes
    assert not any("left out" in note for note in without)
    found = sinks(build(scenario(dem, boundaries=CLOSED, measures=[tank])), keep=False).preview
    (note,) = [n for n in found.notes if "left out of the estimate" in n]
    assert "Speicher" in note and "storages" in note
    assert "Speicher wirken nicht" in found.tags()["FLOOD_SIM_LEAVES_OUT_DE"]


def test_a_scenario_on_a_clipped_dem_knows_where_its_terrain_ends(write_raster):
    """Where a scenario is built, NaN has become ground of height 0 outside; the end of the terrain is there all the same."""
    z = np.full((30, 30), np.nan)
    z[4:-4, 4:-4] = np.linspace(12, 9, 22)[None, :] + 0.1 * np.abs(np.arange(22) - 11)[:, None]
    found = sinks(build(scenario(write_raster(z), boundaries=FREE)), keep=False)
    place = found.origin(WEST + 20.5, NORTH - 15.5)
    assert place.mask.any() and not place.mask[[0, -1]].any() and found.hierarchy.reaches_end(place.mask)


def test_every_file_carries_the_label(tmp_path, write_raster):
    dem = read_dem(write_raster(bowl()))
    answer = sinks(dem, 40.0, keep=tmp_path / "kept", vectors=True)
    assert answer.preview.figures.cold_s is not None
    again = sinks(dem, 60.0, keep=tmp_path / "kept")
    assert again.preview.figures.cold_s is None and again.preview.figures.stored_m3 > answer.preview.figures.stored_m3
    files = answer.preview.write(tmp_path / "out" / "s.tif")
    assert [f.name for f in files] == ["s.tif", "s.passing_volume.tif", "s.upstream_area.tif", "s.gpkg"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(f.name for f in files)
    for file in files[:3]:
        with rasterio.open(file) as raster:
            assert raster.tags()["FLOOD_SIM_LABEL_DE"] == "Schnellabschätzung: Senken und Fließwege, keine Simulation"
            assert "nicht wie tief" in raster.tags()["FLOOD_SIM_SHOWS_DE"]
            assert raster.tags()["FLOOD_SIM_DISTANCE_DE"] == distance_de("sinks")
    with rasterio.open(files[0]) as raster:
        np.testing.assert_array_equal(raster.read(1), answer.preview.depth)
    layers = {name for name, _ in pyogrio.list_layers(files[3])}
    assert layers == {"flow_paths", "catchments", "spill_points"}
    info = pyogrio.read_info(files[3], layer="catchments")
    assert "volume_m3" in info["fields"] and "keine Simulation" in str(info["layer_metadata"])


def test_what_was_measured_stands_beside_it():
    assert LABELS["sinks"].label_en.endswith("not a simulation")
    found = distances("sinks")
    assert {d.case for d in found} >= {"musterstadt"}, "run python -m benchmarks.preview"
    for d in found:
        assert all(c is None or 0 <= c <= 1 for c in d.csi)
        assert d.title_de in distance_de("sinks")


def test_the_index_counts_hits_misses_and_false_alarms():
    ours, theirs = np.array([0.2, 0.2, 0.0, np.nan, 0.0]), np.array([0.2, 0.0, 0.2, np.nan, 0.0])
    assert critical_success_index(ours, theirs, 0.1) == pytest.approx(1 / 3)
    assert critical_success_index(ours, theirs, 0.5) is None
    with pytest.raises(FloodSimError, match="different grids"):
        critical_success_index(ours, theirs[:3], 0.1)


def test_the_command_writes_and_tells(tmp_path, write_raster):
    dem, out = write_raster(bowl()), tmp_path / "o" / "map.tif"
    done = CliRunner().invoke(app, ["preview", "--dem", dem, "--rain-mm", "50", "-o", str(out), "--json", "--no-keep"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    assert facts["rung"] == "sinks" and facts["cold_s"] >= facts["cached_s"] > 0
    assert facts["stored_m3"] + facts["left_m3"] == pytest.approx(facts["in_m3"], rel=1e-9)
    assert out.is_file() and facts["relative_error"] < 1e-9
    (tmp_path / "s.yaml").write_text(json.dumps(scenario(dem, boundaries=FREE).model_dump(mode="json")))
    told = CliRunner().invoke(app, ["preview", str(tmp_path / "s.yaml"), "-o", str(out), "--no-vectors", "--no-keep"])
    assert told.exit_code == 0 and "not a simulation" in told.output and "not how deep" in told.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "x.tif"], "either a Scenario or --dem"),
        (["--dem", "DEM", "-o", "x.tif"], "--rain-mm: is missing"),
        (["--dem", "DEM", "--rain-mm", "-3", "-o", "x.tif"], "allowed: above 0"),
        (["--dem", "DEM", "--rain-mm", "nan", "-o", "x.tif"], "allowed: above 0"),
        (["--dem", "DEM", "--rain-mm", "5", "-o", "x.png"], "ends on .tif"),
        (["--dem", "DEM", "--rain-mm", "5", "-o", "DEM"], "over the input"),
    ],
)
def test_a_wrong_command_line_is_explained(write_raster, arguments, says):
    dem = write_raster(bowl())
    done = CliRunner().invoke(app, ["preview", *(dem if a == "DEM" else a for a in arguments)])
    assert isinstance(done.exception, ScenarioError) and says in str(done.exception)
