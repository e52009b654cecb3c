"""What the engine cannot compute is refused in clear words before the first step, whichever door it comes through.

The doors: the command line (one line and an exit code), Python (an error of this program), HTTP (problem+json of
RFC 9457, at once where the scenario alone shows the fault, else as the answer of the run that failed). Behind each lies
a whole result of an earlier run that was to be overwritten, and a service that computed one: every byte of them must
still be there, and nothing beside them. The words name the place, the value, what is allowed and what to do next.
"""

import hashlib
import json
import math
import re
import time

import numpy as np
import pytest
import rasterio
from fastapi.testclient import TestClient

from flood_sim import registry
from flood_sim.backends.cuda import device
from flood_sim.build import build
from flood_sim.checkpoint import Checkpoints, Key, Schedule
from flood_sim.cli import main
from flood_sim.compiled import engine_version
from flood_sim.errors import CheckpointError, DeviceError, FloodSimError, ScenarioError, TerrainError
from flood_sim.runner import run
from flood_sim.scenario import BlockRain, ConstantRoughness, FixedLevel, Inflow, Numerics, Scenario, Terrain, Where
from flood_sim_api.main import create_app
from flood_sim_api.services.service import Service
from flood_sim_api.services.worker import execute
from flood_sim_api.settings import Settings

WEST, NORTH, ROWS, COLS = 360_000.0, 6_040_000.0, 8, 10
GROUND = 50.0 + 0.1 * np.add.outer(np.arange(ROWS), np.arange(COLS))


def at(*points):
    """Points in m east and north of the north-west corner, as coordinates."""
    return [[WEST + x, NORTH + y] for x, y in points]


def box(west, south, east, north):
    return {"polygon": at((west, south), (east, south), (east, north), (west, north))}


def numerics(**changes):
    return {"numerics": {"duration_min": 1, **changes}}


def roughness(**node):
    return {"surface": {"roughness": node}}


def block(depth_mm, duration_min=1):
    return {"storm": {"kind": "block", "depth_mm": depth_mm, "duration_min": duration_min}}


def border(kind, where, **more):
    return {"boundaries": [{"kind": kind, "where": where, **more}]}


def inflow(where, rates=(1, 1), times=(0, 1)):
    return border("inflow", where, times_min=list(times), discharge_m3s=list(rates))


def tide(*levels):
    return border("level_series", {"edge": "south"}, times_min=list(range(len(levels))), levels_m=list(levels))


HOUSES = {"terrain": {"dem": "dem", "buildings": {"file": "houses"}}}
"""A block of houses over the two western columns."""
COURANT = r"numerics\.courant: .*\(got {}\); allowed: above 0, at most 0\.6\. Leave it out"
N = r"surface\.roughness\.n: .*\(got {}\); allowed: above 0, at most 1\. .*1 / kSt"
DEPTH = r"storm\.depth_mm: .*not a finite number \(got {}\); allowed: above 0, at most 2000\. Give the depth of the rain in mm"
RATE = r"boundaries\.0\.discharge_m3s\.1: .*not a finite number \(got {}\); allowed: 0 or more\. .*1000 l/s are 1 m³/s"
BELOW = (
    r"boundaries\.0 \({}\): the water level lies below the ground along all of this border.*\(got {}\); "
    r"allowed: at least 50\.700 m, the lowest ground there\. .*DHHN2016\), not depths"
)
WALLED = r"boundaries\.0 \(inflow\): .*\(got {} all .*buildings.*\); allowed: at least one open cell\. .*buildings"

INF, NAN = math.inf, math.nan
SCENARIO = {
    "Courant number 0": (numerics(courant=0), COURANT.format("0")),
    "Courant number below 0": (numerics(courant=-0.1), COURANT.format("-0.1")),
    "Courant number above 0.6": (numerics(courant=0.61), COURANT.format("0.61")),
    "Courant number not a number": (numerics(courant=NAN), COURANT.format("nan")),
    "Courant number without end": (numerics(courant=INF), COURANT.format("inf")),
    "roughness 0": (roughness(kind="constant", n=0), N.format("0")),
    "roughness below 0": (roughness(kind="constant", n=-0.03), N.format("-0.03")),
    "Strickler for Manning": (roughness(kind="constant", n=40), N.format("40")),
    "roughness not a number": (roughness(kind="constant", n=NAN), N.format("nan")),
    "cell size 0": ({"terrain": {"dem": "dem", "cell_m": 0}}, r"terrain\.cell_m: .*\(got 0\); allowed: above 0\. Leave it out"),
    "cell size below 0": ({"terrain": {"dem": "dem", "cell_m": -2}}, r"terrain\.cell_m: .*\(got -2\); allowed: above 0\. Leave"),
    "cell size without end": ({"terrain": {"dem": "dem", "cell_m": INF}}, r"terrain\.cell_m: .*finite.*\(got inf\); allowed: above 0"),
    "rain without end": (block(INF), DEPTH.format("inf")),
    "rain that is no number": (block(NAN), DEPTH.format("nan")),
    "rain below 0": (block(-5), r"storm\.depth_mm: .*\(got -5\); allowed: above 0, at most 2000\. Give"),
    "rain without end in a table": (
        {"storm": {"kind": "table", "edges_min": [0, 0.5, 1], "depths_mm": [1, INF]}},
        r"storm\.depths_mm\.1: .*not a finite number \(got inf\); allowed: 0 or more, at most 2000\. Give",
    ),
    "rain in no time": (block(5, 1e-12), r"storm: duration_min is shorter than a microsecond"),
    "rain between two times that are one": (
        {"storm": {"kind": "table", "edges_min": [0, 1e-12, 1], "depths_mm": [5, 5]}},
        r"storm: edges_min must increase, by a microsecond at least \(got 0, then 1e-12\)",
    ),
    "inflow without end": (inflow({"edge": "west"}, (1, INF)), RATE.format("inf")),
    "inflow that is no number": (inflow({"edge": "west"}, (1, NAN)), RATE.format("nan")),
    "level without end": (border("level", {"edge": "west"}, level_m=-INF), r"boundaries\.0\.level_m: .*finite.*\(got -inf\)\. .*DHHN2016"),
}  # fmt: skip
"""Faults that the scenario alone shows: change, words."""

TERRAIN = {
    "roughness 0 in a raster": (
        roughness(kind="raster", file="zero"),
        r"zero\.tif: Manning's n is out of range on 1 cells, first at x 360007\.5, y 6039995\.5.*\(got 0\); allowed: above 0, at most 1",
        TerrainError,
    ),
    "a mask with no cell": (
        {"terrain": {"dem": "dem", "buildings": {"file": "carpet"}}}, r"carpet\.geojson: .*cover the whole terrain", TerrainError
    ),
    "an inflow area in a building": (HOUSES | inflow(box(0.2, -5, 1.8, -2)), WALLED.format(r"\d+ cells,"), ScenarioError),
    "an inflow along houses": (HOUSES | inflow({"edge": "west"}), WALLED.format("8 faces,"), ScenarioError),
    "an inflow line along houses": (HOUSES | inflow({"line": at((0, -1), (0, -6))}), WALLED.format(r"\d+ cells,"), ScenarioError),
    "an inflow that a wall takes": (
        {"boundaries": inflow({"edge": "east"})["boundaries"] + border("wall", {"edge": "all"})["boundaries"]},
        r"boundaries\.0 \(inflow\): a later boundary takes every face of this inflow.*List the inflow after it", ScenarioError,
    ),
    "a level below the ground": (border("level", {"edge": "south"}, level_m=1.5), BELOW.format("level", r"1\.5 m"), ScenarioError),
    "a tide below the ground": (tide(1.0, 3.0), BELOW.format("level_series", "1 to 3 m"), ScenarioError),
    "a lake in cm": (
        {"initial": {"kind": "level", "level_m": 5100}},
        r"initial\.level_m: .*more than 1000 m above the terrain \(got 5100 m\); allowed: above 50\.00 m.* DHHN2016", ScenarioError,
    ),
    "no card": (block(3) | numerics(device="cuda"), r"no CUDA card: this machine has no driver.*numerics\.device: cpu or auto", DeviceError),
}  # fmt: skip
"""Faults that show when the terrain is read: change, words, kind of error."""


# --- what is there before -----------------------------------------------------------


class Here:
    """Computes the runs of a service at once, in this process."""

    def __init__(self, listener, threads):
        self.listener = listener
        self.before = lambda job: None

    def submit(self, job):
        self.before(job)
        self.listener.finished(job.run_id, execute(job, self.listener.progress))

    def close(self):
        pass


class World:
    """A folder with files, a whole result, and a service that has computed one."""

    def __init__(self, folder, files, client, service, ids):
        self.folder, self.files, self.client, self.service, self.ids = folder, files, client, service, ids
        self.result = folder / "result"
        self.runs = service.folder.runs

    def data(self, names, change=None):
        """A scenario that runs, with one change, naming files by paths or by ids."""
        plain = {"terrain": {"dem": "dem"}, **block(2, 0.5), **numerics(device="cpu")}
        return put(plain | (change or {}), names)


def put(node, names):
    if isinstance(node, dict):
        return {key: put(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [put(value, names) for value in node]
    return names.get(node, node) if isinstance(node, str) else node


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    files = write_files(folder)
    service = Service(Settings(data_dir=folder / "data"), Here)
    ids = {"dem": registry.add_terrain(folder / "data", files["dem"]).id}
    for name, kind in (("houses", "buildings"), ("carpet", "buildings"), ("zero", "raster")):
        ids[name] = registry.add_file(folder / "data", files[name], kind).id
    app = create_app(service.settings, service)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        world = World(folder, files, client, service, ids)
        run(Scenario.parse(world.data(files)), world.result)
        reply = client.post("/runs", json=world.data(ids))
        assert client.get(reply.headers["location"]).json()["state"] == "done"
        yield world


def write_files(folder):
    rasters = {"dem": GROUND, "zero": np.full((ROWS, COLS), 0.03)}
    rasters["zero"][4, 7] = 0.0
    for name, values in rasters.items():
        write_raster(folder / f"{name}.tif", values)
    for name, (west, south, east, north) in {"houses": (0, -8, 2, 0), "carpet": (-5, -50, 50, 5)}.items():
        ring = at((west, south), (east, south), (east, north), (west, north), (west, south))
        shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
        text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": [shape]})
        (folder / f"{name}.geojson").write_text(text)
    suffix = {"dem": "tif", "zero": "tif", "houses": "geojson", "carpet": "geojson"}
    return {name: str(folder / f"{name}.{end}") for name, end in suffix.items()}


def write_raster(path, values):
    place = rasterio.Affine(1.0, 0, WEST, 0, -1.0, NORTH)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float64", count=1, height=ROWS, width=COLS, crs="EPSG:25832", transform=place,
        nodata=-9999.0,
    ) as file:  # fmt: skip
        file.write(values, 1)


@pytest.fixture(autouse=True)
def no_driver(monkeypatch):
    monkeypatch.setattr(device, "has_driver", lambda: False)


@pytest.fixture(autouse=True)
def nothing_changes(world):
    """Every byte behind the doors is the same afterwards; the table of runs of the service grows, and it alone."""
    before = contents(world)
    yield
    assert contents(world) == before


def contents(world):
    kept = (p for p in world.folder.rglob("*") if "runs.sqlite" not in p.name and p.name != "asked.json")
    return {p: hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "folder" for p in kept}


@pytest.fixture
def no_step(monkeypatch):
    def step(self, *_):
        raise AssertionError("a step was made")

    monkeypatch.setattr("flood_sim.solver.simulation.Simulation.advance", step)


# --- the doors ------------------------------------------------------------------------


def one_line(text, words):
    assert re.search(words, text), text
    assert "\n" not in text and "Traceback" not in text and len(text) < 600


def through_the_command_line(world, capsys, change, words, kind, *options):
    asked = world.folder / "asked.json"
    asked.write_text(json.dumps(world.data(world.files, change)))
    try:
        code = main(["run", str(asked), "-o", str(world.result), "--overwrite", *options])
    finally:
        asked.unlink()
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("preparing: ")]
    assert code == kind.exit_code and len(said) == 1 and said[0].startswith("flood-sim: "), said
    one_line(said[0], words)


def through_python(world, change, words, kind, **options):
    with pytest.raises(FloodSimError) as caught:
        run(Scenario.parse(world.data(world.files, change)), world.result, overwrite=True, **options)
    assert type(caught.value) is kind or isinstance(caught.value, kind)
    one_line(str(caught.value), words)


def problem(reply, status):
    """The body of a reply that is a problem of RFC 9457."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys() and body["status"] == status
    return body


def as_json(data):
    """JSON as a careless program writes it: Infinity and NaN, which no standard knows, and numbers beyond a float."""
    return json.dumps(data).encode()


JSON = {"content-type": "application/json"}


@pytest.mark.usefixtures("no_step")
@pytest.mark.parametrize("case", SCENARIO)
def test_what_the_scenario_shows(world, capsys, case):
    change, words = SCENARIO[case]
    through_the_command_line(world, capsys, change, words, ScenarioError)
    through_python(world, change, words, ScenarioError)
    before = len(world.client.get("/runs").json())
    body = problem(world.client.post("/runs", content=as_json(world.data(world.ids, change)), headers=JSON), 422)
    one_line(body["detail"], words)
    assert body["errors"][0]["pointer"].startswith("/") and body["type"] == "urn:flood-sim:problem:validation"
    assert len(world.client.get("/runs").json()) == before


@pytest.mark.usefixtures("no_step")
@pytest.mark.parametrize("case", TERRAIN)
def test_what_the_terrain_shows(world, capsys, case):
    change, words, kind = TERRAIN[case]
    through_the_command_line(world, capsys, change, words, kind)
    through_python(world, change, words, kind)
    through_http(world, change, words, kind)


def through_http(world, change, words, kind):
    reply = world.client.post("/runs", json=world.data(world.ids, change))
    assert reply.status_code == 202, reply.text
    about = world.client.get(reply.headers["location"]).json()
    assert about["state"] == "failed" and about["steps"] == 0
    body = problem(world.client.get(f"{reply.headers['location']}/files"), kind.status)
    one_line(
        body["detail"], words.replace(r"\.tif", "").replace(r"\.geojson", "").replace("zero", "").replace("carpet", "")
    )
    assert body["type"] == f"urn:flood-sim:problem:{kind.slug}" and body["title"] == kind.title
    assert about["problem"] == body | {"instance": about["links"]["self"]} | {
        key: body.get(key) for key in ("errors", "allowed", "hint")
    }
    assert "Internal error" not in about["message_en"] and re.search(r"\w", about["message"])


@pytest.mark.parametrize("number", ["1e999", "-1e999", "Infinity", "NaN", '"1e999"', "1" * 400, "1" * 5000])
def test_numbers_that_no_float_holds(world, number):
    text = json.dumps(world.data(world.ids, block("HERE"))).replace('"HERE"', number)
    body = problem(world.client.post("/runs", content=text.encode(), headers=JSON), 422)
    assert "storm.depth_mm" in body["detail"] or body["type"].endswith("json")


# --- checkpoints of another scenario ------------------------------------------------------


def plant(folder, title="Some other storm"):
    """A whole checkpoint of another scenario where a run would look for its own, as a killed run leaves it."""
    for name in ("result", "checkpoints"):
        (folder.parent / name).mkdir(parents=True)
    (folder.parent / "lock").touch()
    kept = Checkpoints(folder, Key("0123456789abcdef", engine_version(), title), pytest.fail)
    kept.begin(Schedule(0), 0)
    assert kept.write(lambda: ({"run_id": "x"}, {"flow/h": np.zeros(3)}))


FOREIGN = (
    r"a checkpoint for this result belongs to another scenario; nothing was overwritten \(got 'Some other storm' "
    r"\(0123456789abcdef\)\); allowed: [0-9a-f]{16}\. Choose another folder .*--anew"
)


@pytest.fixture
def foreign(world):
    place = world.result.with_name(".result.partial") / "checkpoints"
    plant(place)
    before = contents(world)
    yield
    assert contents(world) == before, "the foreign checkpoint was touched"
    for path in sorted(place.parent.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    place.parent.rmdir()


@pytest.mark.usefixtures("no_step", "foreign")
def test_a_checkpoint_of_another_scenario(world, capsys):
    through_the_command_line(world, capsys, {}, FOREIGN, CheckpointError)
    through_python(world, {}, FOREIGN, CheckpointError)


@pytest.mark.usefixtures("no_step", "foreign")
@pytest.mark.parametrize("case", ["roughness 0 in a raster", "a level below the ground", "no card"])
def test_a_bad_scenario_that_begins_anew_costs_no_checkpoint(world, capsys, case):
    change, words, kind = TERRAIN[case]
    through_the_command_line(world, capsys, change, words, kind, "--anew")
    through_python(world, change, words, kind, anew=True)


@pytest.mark.usefixtures("no_step")
def test_a_checkpoint_of_another_scenario_in_the_service(world):
    executor = world.service._executor
    executor.before = lambda job: plant(world.runs / f".{job.run_id}.partial" / "checkpoints")
    try:
        through_http(world, block(3, 0.5), FOREIGN, CheckpointError)
    finally:
        executor.before = lambda job: None


# --- what is done although a part is closed ------------------------------------------------


NARROWED = {
    "an area half over houses": (inflow(box(0, -3, 4, 0)), "6 of 12 cells are closed"),
    "a border half along houses": (inflow({"edge": "north"}), "2 of 10 faces of the border are closed"),
}


@pytest.mark.parametrize("case", NARROWED)
def test_an_inflow_that_is_partly_closed_enters_through_the_rest_with_a_note(world, case):
    change, words = NARROWED[case]
    built = build(Scenario.parse(world.data(world.files, HOUSES | change)))
    (note,) = (n for n in built.notes if n.startswith("boundaries.0 (inflow): "))
    assert words in note and "the whole discharge enters through the other" in note
    sim = built.simulation()
    sim.advance(30.0)
    assert sim.balance().inflow_m3 == pytest.approx(30.0, rel=1e-6)
    assert not sim.depth[:, :2].any()


# --- a scenario that was changed behind its own back ------------------------------------------


@pytest.mark.usefixtures("no_step")
def test_a_copy_with_a_wrong_value_is_refused_too(world):
    """`model_copy` of pydantic looks at nothing."""
    good = Scenario.parse(world.data(world.files))
    fast = good.model_copy(update={"numerics": good.numerics.model_copy(update={"courant": 2.0})})
    smooth = good.model_copy(update=roughness(kind="constant", n=0.0))
    for bad, words in ((fast, COURANT.format(r"2\.0")), (smooth, N.format(r"0\.0"))):
        for door in (build, lambda scenario: run(scenario, world.result, overwrite=True)):
            with pytest.raises(ScenarioError) as caught:
                door(bad)
            one_line(str(caught.value), words)


@pytest.mark.usefixtures("no_step")
@pytest.mark.parametrize("thing", ["scenario.yaml", {"terrain": {"dem": "dem.tif"}}, None])
def test_what_is_no_scenario_is_told_how_to_become_one(world, thing):
    with pytest.raises(
        ScenarioError, match=r"Scenario is needed \(got (str|dict|NoneType)\).*Scenario\.load.*Scenario\.parse"
    ):
        run(thing, world.result, overwrite=True)


OBJECTS = {
    "Courant number": (lambda: Numerics(duration_min=1, courant=0.7), r"^Numerics: courant: .*\(got 0\.7\); allowed: above 0, at most 0\.6"),
    "roughness": (lambda: ConstantRoughness(n=0), r"^ConstantRoughness: n: .*\(got 0\); allowed: above 0, at most 1"),
    "cell size": (lambda: Terrain(dem="a", cell_m=-1), r"^Terrain: cell_m: .*\(got -1\); allowed: above 0"),
    "rain": (lambda: BlockRain(depth_mm=INF, duration_min=1), r"^BlockRain: depth_mm: .*finite number \(got inf\)"),
    "inflow": (
        lambda: Inflow(where=Where(edge="west"), times_min=(0, 1), discharge_m3s=(1, NAN)),
        r"^Inflow: discharge_m3s\.1: .*finite number \(got nan\)",
    ),
    "level": (lambda: FixedLevel(where=Where(edge="west"), level_m=NAN), r"^FixedLevel: level_m: .*finite number \(got nan\)"),
    "the whole, every fault at once": (
        lambda: Scenario(terrain=Terrain(dem="a"), numerics={"duration_min": 1, "courant": 3}, storm={"kind": "block"}),
        r"^Scenario: storm\.depth_mm: is missing; allowed: .*; storm\.duration_min: is missing; allowed: .*; numerics\.courant: .*\(got 3\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OBJECTS)
def test_an_object_made_in_python(case):
    make, words = OBJECTS[case]
    with pytest.raises(ScenarioError) as caught:
        make()
    one_line(str(caught.value), words)


def test_a_scenario_of_many_faults_is_refused_at_once():
    began = time.process_time()
    with pytest.raises(ScenarioError):
        Scenario.parse({"terrain": {"dem": "a"}, **numerics(), **inflow({"edge": "west"}, [NAN] * 10**5, range(10**5))})
    assert time.process_time() - began < 5.0
