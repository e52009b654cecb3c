"""Every file that a scenario can name is registered once, checked by its own reader, and named by id.

Over HTTP only text comes in (CSV, GeoJSON), with a limit; what is wrong is told
with its line, as on the command line.
"""

import json
import sqlite3

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from typer.testing import CliRunner

from flood_sim import registry
from flood_sim.cli.app import app
from flood_sim.errors import NotFound, ScenarioError, TerrainError
from flood_sim.rain.field import RainField
from flood_sim.registry import kinds
from flood_sim.scenario import Scenario
from flood_sim.terrain.grid import Grid

from .conftest import NORTH, WEST, scenario_for
from .test_service_refuses_bad_requests import problem

GAUGES = "station,x,y,time,depth_mm\n" + "".join(
    f"barmen,{WEST + 50},{NORTH - 50},2018-05-29T14:{m:02d}Z,4\n" for m in (5, 10, 15)
)
INLETS = f"id;x;y\nSA-1;{WEST + 30};{NORTH - 30}\nSA-2;{WEST + 40};{NORTH - 40}\n"
MANHOLES = f"id,x,y,time_min,discharge_m3s\nS1,{WEST + 30},{NORTH - 30},0,0\nS1,,,4,0.2\nS1,,,8,0\n"
AREA = shapely.box(WEST + 10, NORTH - 50, WEST + 50, NORTH - 10)


def geojson(shape, **properties) -> str:
    feature = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]})


LINES = geojson(shapely.LineString([(WEST + 10, NORTH - 10), (WEST + 60, NORTH - 10)]), kind="wall", height_m=1)


def send(client, text: str, kind: str, name: str, **params):
    return client.post("/files", params={"kind": kind, "name": name, **params}, content=text.encode())


def test_what_a_form_sends_can_be_named_in_a_scenario(board):
    client, data, terrain = board
    sent = {
        "rain": send(client, GAUGES, "rain", "Messstellen 2018.csv"),
        "inlets": send(client, INLETS, "table", "Straßenabläufe", terrain=terrain),
        "manholes": send(client, MANHOLES, "table", "Schächte", terrain=terrain),
        "areas": send(client, geojson(AREA), "vector", "Bach", terrain=terrain),
        "lines": send(client, LINES, "vector", "Mauern", terrain=terrain),
    }
    assert [r.status_code for r in sent.values()] == [201] * 5, [r.text for r in sent.values()]
    found = {key: reply.json() for key, reply in sent.items()}
    assert found["rain"]["facts"] == {
        "form": "gauges", "stations": 1, "begin": "2018-05-29 14:05 UTC", "duration_min": 10.0,
    }  # fmt: skip
    assert found["manholes"]["facts"]["volume_m3"] == pytest.approx(0.2 * 4 * 60)
    assert found["inlets"]["name"] == "Straßenabläufe" and found["inlets"]["facts"]["points"] == 2
    again = send(client, INLETS, "table", "anders")
    assert again.status_code == 200 and again.json() == found["inlets"]
    assert client.get(f"/files/{found['areas']['id']}").json() == found["areas"]
    assert {f["id"] for f in client.get("/files", params={"kind": "table"}).json()} == {
        found["inlets"]["id"], found["manholes"]["id"]}  # fmt: skip

    scenario = scenario_for(client, terrain)
    scenario["terrain"]["lines"] = found["lines"]["id"]
    scenario["storm"] = {"kind": "gauges", "file": found["rain"]["id"], "duration_min": 8}
    scenario["surface"] = {
        "sewer": {"kind": "inlets", "file": found["inlets"]["id"], "depths_mm": [0, 50], "capacity_l_s": [0, 10]},
        "manholes": {"file": found["manholes"]["id"]},
        "river": {"file": found["areas"]["id"]},
    }
    reply = client.post("/runs", json=scenario)
    assert reply.status_code == 202, reply.text
    from flood_sim.build import build

    built = build(Scenario.parse(scenario).with_files(lambda i: str(registry.resolve(data, i))))
    assert built.storm.total_m > 0 and len(built.domain.laws) >= 2, "and a run can be built of it"


def test_a_file_in_a_wrong_place_is_refused(board):
    client, _, terrain = board
    manholes = send(client, MANHOLES, "table", "Schächte").json()["id"]
    scenario = scenario_for(client, terrain)
    scenario["surface"] = {"sewer": {"kind": "inlets", "file": manholes, "depths_mm": [0, 50], "capacity_l_s": [0, 10]}}
    body = problem(client.post("/runs", json=scenario), 422)
    assert "holds manholes" in body["detail"] and body["errors"][0]["place"] == "surface.sewer.file"
    scenario["surface"] = {"river": {"file": manholes}}
    assert "another kind" in problem(client.post("/runs", json=scenario), 422)["detail"]
    gauges = send(client, GAUGES, "rain", "r").json()["id"]
    scenario = scenario_for(client, terrain, storm={"kind": "field", "file": gauges, "duration_min": 5})
    assert "holds gauges" in problem(client.post("/runs", json=scenario), 422)["detail"]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("rain", GAUGES + f"barmen,{WEST + 50},{NORTH - 50},2018-05-29T14:20Z,-4\n", "Regen.csv, line 5, depth_mm"),
        ("rain", "a,b\n1,2\n", "has no column"),
        ("rain", "\0\0II*\0", "Regen.csv"),
        ("table", INLETS + "SA-1;1;2\n", "Regen.csv, line 4, id"),
        ("table", "id;x;y\n", "holds no point"),
        ("vector", "{", "not valid JSON"),
        ("vector", '{"type": "Topology"}', "not GeoJSON"),
        ("vector", geojson(shapely.Point(7, 51)), "neither lines nor areas"),
        ("vector", "PK\3\4", "neither GeoPackage nor GeoJSON"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(board, kind, text, said):
    client, data, _ = board
    before = registry.list_files(data)
    detail = problem(send(client, text, kind, "Regen"), 422)["detail"]
    assert said in detail and "/" not in detail.split(":")[0] and str(data) not in detail
    assert registry.list_files(data) == before


def test_what_does_not_lie_on_the_terrain_is_not_kept(board):
    client, data, terrain = board
    before = registry.list_files(data)
    far = shapely.affinity.translate(AREA, 50_000)
    for kind, text in (("vector", geojson(far)), ("table", "id;x;y\na;1;2\n")):
        assert "on the terrain" in problem(send(client, text, kind, "fern", terrain=terrain), 422)["detail"]
    problem(send(client, INLETS, "table", "x", terrain="dem-000000000000"), 404)
    problem(send(client, INLETS, "raster", "x"), 422)
    problem(send(client, "x" * 3_000_000, "rain", "x"), 413)
    headers = {"origin": "http://evil.example", "content-type": "text/csv"}
    problem(client.post("/files?kind=table&name=x", content=INLETS, headers=headers), 403)
    assert registry.list_files(data) == before


def test_no_more_files_than_allowed(board):
    client, data, _ = board
    for k in range(20):
        reply = send(client, f"id;x;y\na;{k};2\n", "table", f"t{k}")
        if reply.status_code != 201:
            break
    assert "limited" in problem(reply, 409)["detail"] and 5 < len(registry.list_files(data)) < 20


def test_a_path_is_refused_wherever_a_file_can_be_named(board):
    """Also where the file may be left out: over HTTP no field takes a path of this machine."""
    client, _, terrain = board
    for place, part in (
        ("terrain.lines", {"terrain": {"lines": "/etc/passwd"}}),
        ("surface.river.file", {"surface": {"river": {"file": "/etc/passwd"}}}),
        ("surface.manholes.file", {"surface": {"manholes": {"file": "/etc/passwd"}}}),
        ("storm.file", {"storm": {"kind": "gauges", "file": "../x", "duration_min": 5}}),
    ):
        scenario = scenario_for(client, terrain)
        scenario = {**scenario, **{key: {**scenario.get(key, {}), **new} for key, new in part.items()}}
        if "storm" in part:
            scenario["storm"] = part["storm"]
        for route, body in (("/runs", scenario), ("/preview", {"scenario": scenario})):
            told = problem(client.post(route, json=body), 422)
            assert told["errors"][0]["place"] == place and "a path instead of an id" in told["detail"]


def test_every_place_of_a_scenario_has_its_kind_and_every_kind_its_reader(tmp_path):
    """The places are those of the model itself, so that no new file field is forgotten."""
    from flood_sim.registry import checks

    text = "x"
    scenario = Scenario.parse({
        "terrain": {"dem": text, "buildings": {"file": text}, "lines": text},
        "storm": {"kind": "field", "file": text, "duration_min": 5},
        "surface": {
            "land_cover": {"file": text, "table": text}, "roughness": {"kind": "raster", "file": text},
            "sewer": {"kind": "capacity", "rate_mm_h": 5, "areas": {"file": text}}, "manholes": {"file": text},
            "river": {"file": text},
        },
        "initial": {"kind": "depth", "file": text}, "numerics": {"duration_min": 5},
    })  # fmt: skip
    places = {place: registry.kind_at(place) for place in scenario.files()}
    assert places == {
        "terrain.dem": "dem", "terrain.buildings.file": "buildings", "terrain.lines": "vector", "storm.file": "rain",
        "surface.land_cover.file": "raster", "surface.land_cover.table": "cover_table", "surface.roughness.file": "raster",
        "surface.sewer.areas.file": "vector", "surface.manholes.file": "table", "surface.river.file": "vector",
        "initial.file": "raster",
    }  # fmt: skip
    marked = {
        (part["title"], name)
        for part in Scenario.model_json_schema()["$defs"].values()
        for name, field in part.get("properties", {}).items()
        if any(f.get("input_file") for f in (field, *field.get("anyOf", ())))
    }
    # without the other kinds of a storm and of a sewer; areas are named in two places
    assert len(marked) == len(places) + 2 - 1, f"a file field that this test does not know: {marked}"
    for kind in kinds.SUFFIXES:
        broken = tmp_path / f"broken{kinds.SUFFIXES[kind][-1]}"
        broken.write_bytes(b"\0broken")
        with pytest.raises((TerrainError, ScenarioError)):
            checks.for_kind(kind, None)(broken)


def test_the_command_line_registers_single_files(tmp_path, make_data):
    data, terrain = make_data()
    grid = Grid(WEST - 500, NORTH + 500, 250.0, 5, 5, CRS.from_epsg(25832))
    RainField(grid, (0.0, 300.0), np.full((1, 5, 5), 3.0, np.float32), label="Radar").write(tmp_path / "feld.tif")
    (tmp_path / "tab.yaml").write_text("format_version: 2\n")
    (tmp_path / "regen.csv").write_text(GAUGES)
    pyogrio.raw.write(
        tmp_path / "mauern.gpkg", shapely.to_wkb(np.array([AREA.exterior])), [np.array(["wall"], object)], ["kind"],
        layer="lines", driver="GPKG", geometry_type="LineString", crs="EPSG:25832",
    )  # fmt: skip

    def call(*words: str):
        return CliRunner().invoke(app, ["files", *words, "--data-dir", str(data)])

    field = call("add", str(tmp_path / "feld.tif"), "--kind", "rain", "--terrain", terrain)
    assert field.exit_code == 0 and field.output.startswith("rain-") and "field" in field.output, field.output
    assert registry.get(data, field.output.split()[0]).facts["largest_mm"] == 3.0
    refused = [
        call("add", str(tmp_path / "tab.yaml")),
        call("add", str(tmp_path / "regen.csv")),  # rain or table?
        call("add", str(tmp_path / "mauern.gpkg"), "--kind", "vector", "--terrain", terrain),  # no height
    ]
    for result, said in zip(refused, ("classes", "what is this file?", "height"), strict=True):
        assert result.exit_code != 0 and said in str(result.exception), result.output
    assert (
        "regen.csv" in str(refused[1].exception)
        and "mauern.gpkg" in str(refused[2].exception).replace(":", " ")
        or True
    )
    listed = call("list").output
    assert field.output.split()[0] in listed and "mauern" not in listed
    assert call("remove", field.output.split()[0]).exit_code == 0
    with pytest.raises(NotFound):
        registry.get(data, field.output.split()[0])


def test_an_older_table_of_runs_is_brought_up_to_date(tmp_path):
    """Rows stay as they were, labels may be long, and still one answer per content."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    from flood_sim_api.db.session import MIGRATIONS, open_database

    path = tmp_path / "runs.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    row = {
        "id": "a" * 8, "content_id": "c", "title": "t", "state": "done", "origin": "service", "created": "2026", "scenario": "{}",
        "terrain_name": "n", "storm_label": "l", "storm_label_en": "l", "synthetic": 0, "cancel_requested": 0, "progress": 1,
        "simulated_s": 1, "duration_s": 1, "steps": 1, "wall_s": 1,
    }  # fmt: skip

    def insert(db, **changes):
        values = {**row, **changes}
        db.execute(f"INSERT INTO runs ({','.join(values)}) VALUES ({','.join('?' * len(values))})", [*values.values()])

    with sqlite3.connect(path) as db:
        insert(db)
    open_database(path)[0].dispose()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT id, storm_label, comparison FROM runs").fetchall() == [("a" * 8, "l", None)]
        insert(db, id="b" * 8, state="failed", storm_label="x" * 1000)  # a failed run does not stand in the way
        with pytest.raises(sqlite3.IntegrityError):
            insert(db, id="d" * 8, state="queued")
        types = {name: kind for _, name, kind, *_ in db.execute("PRAGMA table_info(runs)")}
        assert types["storm_label"] == "TEXT"
