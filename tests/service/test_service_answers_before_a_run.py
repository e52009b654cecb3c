"""What somebody draws is answered before a run: previews, where water comes from, extents, remarks.

The service must hand on what the library computes and nothing else, so every
comparison with the library is exact (coordinates: to the 7 decimals of the
replies, about 1 cm).
"""

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import morecantile
import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from flood_sim import registry
from flood_sim.build import build
from flood_sim.errors import ScenarioError
from flood_sim.preview import LABELS, quick, sinks
from flood_sim.scenario import Scenario
from flood_sim_api.services import aside, previews
from flood_sim_api.services.aside import Aside, Ended, TooSlow
from flood_sim_api.services.sketch import origin_sentences
from flood_sim_api.services.turns import Busy, Turns

from .conftest import CELL, NORTH, WEST, scenario_for
from .test_service_refuses_bad_requests import problem

PIT = (WEST + 30.5 * CELL, NORTH - 45.5 * CELL)
DRAWN = [[WEST + 40, NORTH - 100], [WEST + 80, NORTH - 100], [WEST + 80, NORTH - 60], [WEST + 40, NORTH - 60]]
TO_LONLAT = Transformer.from_crs(25832, 4326, always_xy=True)


def local(client, data, terrain, **changes) -> Scenario:
    """The scenario as the library reads it, with paths."""
    scenario = Scenario.parse(scenario_for(client, terrain, **changes))
    return scenario.with_files(lambda file_id: str(registry.resolve(data, file_id)))


def test_a_preview_is_that_of_the_library_and_says_what_it_is(board):
    client, data, terrain = board
    reply = client.post("/preview", json={"scenario": scenario_for(client, terrain)})
    assert reply.status_code == 200, reply.text
    preview, own = reply.json(), sinks(build(local(client, data, terrain)), keep=False, vectors=True).preview
    assert preview["label_de"] == LABELS["sinks"].label_de and "Schwung" in preview["leaves_out_de"]
    assert preview["distance_de"] == own.distance_de and preview["distance_en"] == own.distance_en
    for key in ("rain_m3", "taken_m3", "in_m3", "stored_m3", "left_m3"):
        assert preview["figures"][key] == getattr(own.figures, key)
    content = client.get(preview["links"]["max_depth"]).content
    with rasterio.MemoryFile(content) as memory, memory.open() as source:
        np.testing.assert_array_equal(source.read(1, masked=True).filled(np.nan), own.depth)
        assert "keine Simulation" in source.tags()["FLOOD_SIM_LABEL_DE"]
    for name, layer in own.vectors.items():
        features = client.get(preview["links"][name]).json()["features"]
        assert len(features) == len(layer.geometries)
    assert client.get(preview["links"]["self"]).json() == preview
    again = client.post("/preview", json={"scenario": scenario_for(client, terrain, title="Anders")}).json()
    assert again == preview, "the same question has the same answer, and is not computed again"


def test_a_quick_answer_is_that_of_the_library(board):
    client, data, terrain = board
    reply = client.post("/preview", json={"scenario": scenario_for(client, terrain), "rung": "quick"})
    assert reply.status_code == 200, reply.text
    found, own = reply.json(), quick(build(local(client, data, terrain))).preview
    assert found["label_de"] == LABELS["quick"].label_de and found["layers"] == [] and found["id"].startswith("quick-")
    assert found["notes"] == list(own.notes)
    with rasterio.MemoryFile(client.get(found["links"]["max_depth"]).content) as memory, memory.open() as source:
        np.testing.assert_array_equal(source.read(1, masked=True).filled(np.nan), own.depth)
    problem(client.get(f"/previews/{found['id']}/flow_paths"), 404)


def test_the_tile_of_a_preview_shows_the_water_in_the_pit(board):
    client, data, terrain = board
    preview = client.post("/preview", json={"scenario": scenario_for(client, terrain)}).json()
    west, south, east, north = preview["bounds_wgs84"]
    lon, lat = TO_LONLAT.transform(*PIT)
    assert west < lon < east and south < lat < north
    tile = morecantile.tms.get("WebMercatorQuad").tile(lon, lat, 18)
    reply = client.get(preview["links"]["tiles"].format(z=18, x=tile.x, y=tile.y))
    assert reply.headers["content-type"] == "image/png" and "immutable" in reply.headers["cache-control"]
    with rasterio.MemoryFile(reply.content) as memory, memory.open() as source:
        seen = {tuple(int(v) for v in pixel) for pixel in source.read().reshape(4, -1).T if pixel[3]}
    colours = {c["colour"] for c in client.get("/legend").json()["max_depth"]}
    assert seen and {f"#{r:02X}{g:02X}{b:02X}" for r, g, b, _ in seen} <= {c.upper() for c in colours}


def test_only_the_last_previews_are_kept(board):
    client, data, terrain = board
    asked = [{"kind": "block", "depth_mm": mm, "duration_min": 5} for mm in (11, 12, 13)]
    made = [
        client.post("/preview", json={"scenario": scenario_for(client, terrain, storm=storm)}).json() for storm in asked
    ]
    assert [client.get(p["links"]["self"]).status_code for p in made] == [404, 200, 200]
    assert sorted(p.name for p in (data / "previews").iterdir()) == sorted(p["id"] for p in made[1:])
    for bad in ("sinks-000000000000000", "..", "sinks-zzzzzzzzzzzzzzzz", "quick-0123456789abcdef"):
        assert client.get(f"/previews/{bad}/max_depth.tif").status_code == 404


def test_the_same_question_at_the_same_time_is_answered_once(board):
    client, _, terrain = board
    ask = {"scenario": scenario_for(client, terrain, storm={"kind": "block", "depth_mm": 21, "duration_min": 5})}
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: client.post("/preview", json=ask), range(4)))
    assert [r.status_code for r in replies] == [200] * 4 and len({r.text for r in replies}) == 1


def test_the_origin_of_a_place_is_that_of_the_library(board):
    client, data, terrain = board
    lon, lat = TO_LONLAT.transform(*PIT)
    own = sinks(build(local(client, data, terrain)), keep=False).origin(*PIT)
    scenario = scenario_for(client, terrain)
    for place in ({"lon": lon, "lat": lat}, {"x": PIT[0], "y": PIT[1]}):
        found = client.post("/origin", json={"scenario": scenario, **place}).json()
        assert found["area_ha"] == own.area_ha and found["volume_m3"] == own.volume_m3
        assert found["in_sink"] is True and "Senke" in found["text_de"] and "litres" in found["text_en"]
        assert found["polygon"]["type"] in ("Polygon", "MultiPolygon")
    begin = time.perf_counter()
    half = client.post("/origin", json={"terrain": terrain, "rain_mm": 40, "lon": lon, "lat": lat}).json()
    assert half["volume_m3"] == pytest.approx(own.volume_m3 / 2, rel=1e-12) and half["rain_mm"] == 40
    assert time.perf_counter() - begin < 30, "a hanging answer fails the test"


@pytest.mark.parametrize(
    ("area_ha", "volume_m3", "said_de", "said_en"),
    [
        (2.0827, 1024.668, "von rund 2,1 ha. Bei 49,2 l/m² fallen dort rund 1.000 m³ (rund 1,0 Mio. Liter)", "about 1.0 million litres"),
        (128.4, 63_200.0, "von rund 130 ha. Bei 49,2 l/m² fallen dort rund 63.000 m³ (rund 63 Mio. Liter)", "about 63,000 m³"),
        (0.0128, 11.52, "von unter 0,1 ha. Bei 49,2 l/m² fallen dort rund 12 m³ (rund 12.000 Liter)", "less than 0.1 ha"),
    ],
)  # fmt: skip
def test_an_origin_is_told_in_two_digits(area_ha, volume_m3, said_de, said_en):
    told_de, told_en = origin_sentences(area_ha, volume_m3, 49.2, in_sink=False, ends=False)
    assert said_de in told_de and said_en in told_en and "Senke" not in told_de


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"lon": 7}, "lon and lat, or x and y"),
        ({"lon": 7, "lat": 51, "x": 1, "y": 2}, "lon and lat, or x and y"),
        ({"lon": 7, "lat": 51}, "off the terrain"),
        ({"lon": -170, "lat": -80}, "off the terrain"),
        ({"x": WEST + 110, "y": NORTH - 70}, "no open ground"),
        ({"lon": 700, "lat": 51}, "out of range"),
    ],
)
def test_a_place_that_cannot_be_is_explained(board, ask, said):
    client, _, terrain = board
    assert (
        said in problem(client.post("/origin", json={"scenario": scenario_for(client, terrain), **ask}), 422)["detail"]
    )


def test_a_faulty_scenario_is_explained_as_for_a_run(board):
    client, _, terrain = board
    storm = {"kind": "block", "depth_mm": -5, "duration_min": 5}
    body = problem(client.post("/preview", json={"scenario": scenario_for(client, terrain, storm=storm)}), 422)
    assert body["errors"][0]["pointer"] == "/scenario/storm/depth_mm"
    assert "allowed: above 0, at most 2000. Give the depth" in body["errors"][0]["message"]
    scenario = scenario_for(client, terrain)
    scenario["terrain"]["dem"] = "/etc/passwd"
    assert "a path instead of an id" in problem(client.post("/preview", json={"scenario": scenario}), 422)["detail"]
    problem(client.post("/preview", json={"scenario": scenario_for(client, terrain), "rung": "slow"}), 422)


def test_a_drawn_area_tells_its_catchment_before_the_run(board):
    client, data, terrain = board
    lonlat = [list(TO_LONLAT.transform(*p)) for p in [*DRAWN, DRAWN[0]]]
    drawn = {"type": "Polygon", "coordinates": [lonlat]}
    reply = client.post("/extent", json={"scenario": scenario_for(client, terrain), "drawn": drawn})
    assert reply.status_code == 200, reply.text
    found = reply.json()
    np.testing.assert_allclose(found["area"]["polygon"], DRAWN, atol=0.011)
    scenario = scenario_for(client, terrain)
    scenario["terrain"]["area"] = found["area"]
    built = build(Scenario.parse(scenario).with_files(lambda i: str(registry.resolve(data, i))))
    assert {k: v for k, v in found.items() if k != "area"} == json.loads(json.dumps(built.area))
    assert (
        "Gerechnet wird" in found["sentence_de"] and found["computed_ha"] >= found["catchment_ha"] >= found["drawn_ha"]
    )
    problem(client.post("/extent", json={"scenario": scenario_for(client, terrain)}), 422)
    crossed = {"type": "Polygon", "coordinates": [[lonlat[0], lonlat[2], lonlat[1], lonlat[3], lonlat[0]]]}
    for bad, said in ((crossed, "crosses"), ({"type": "Point", "coordinates": [7, 51]}, "no GeoJSON Polygon")):
        ask = {"scenario": scenario_for(client, terrain), "drawn": bad}
        assert said in problem(client.post("/extent", json=ask), 422)["detail"]


def test_the_schema_is_a_json_schema_that_takes_the_scenarios_of_the_service(board):
    client, _, terrain = board
    schema = client.get("/schema/scenario").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    scenario = scenario_for(client, terrain)
    jsonschema.validate(scenario, schema)
    scenario["storm"] = {"kind": "block", "depth_mm": 9000, "duration_min": 5}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(scenario, schema)
    keys = {name for part in schema["$defs"].values() for name in part.get("properties", {})} | set(
        schema["properties"]
    )
    assert {"measures", "corrections", "lines", "area", "sewer", "manholes", "river", "culverts", "infiltration",
            "initial_loss", "surcharge_percent", "shift_east_m", "curve", "green_storage_mm"} <= keys  # fmt: skip


def test_the_land_cover_table_says_where_its_numbers_come_from(board):
    client, _, _ = board
    table = client.get("/surface/land-cover").json()
    assert {"asphalt", "garden", "forest"} <= {c["key"] for c in table["classes"]}
    for cover in table["classes"]:
        assert set(cover["marks"]) == set(table["groups"]) and set(cover["marks"].values()) <= set(table["marks"])
    assert any("unverified" in words for words in table["marks"].values())
    problem(client.get("/surface/land-cover", params={"table": "dem-0123456789ab"}), 404)


# -- the process beside the service -------------------------------------------------


@pytest.fixture
def beside(monkeypatch):
    monkeypatch.setattr(aside, "COMPILING_S", 20.0)
    made = Aside(threads=1, most_waiting=1, timeout_s=20.0, keep=True)
    yield made
    made.close()


def test_a_process_that_hangs_or_dies_is_replaced(beside):
    first = beside.ask("os:getpid")
    assert first != os.getpid() and beside.ask("os:getpid") == first
    with pytest.raises(ScenarioError) as refused:
        beside.ask("flood_sim.scenario.text:read", Path("nowhere.yaml"))
    assert str(refused.value) == "nowhere.yaml: cannot be read: No such file or directory."
    with pytest.raises(RuntimeError, match="float failed"):
        beside.ask("builtins:float", "no number")
    beside._timeout = 0.5
    with pytest.raises(TooSlow, match=r"after 0\.5 s"):
        beside.ask("time:sleep", 60)
    second = beside.ask("os:getpid")
    assert second != first
    with pytest.raises(Ended):
        beside.ask("os:_exit", 3)
    assert beside.ask("os:getpid") not in (first, second)


def test_no_more_wait_than_allowed(beside):
    with beside._turns.at(), pytest.raises(Busy, match="at most 1"):
        beside.ask("os:getpid")
    beside.close()
    with pytest.raises(Busy, match="ends"):
        beside.ask("os:getpid")


def test_one_at_a_time_for_each_name_and_not_too_many_in_all():
    turns, order = Turns(3), []
    entered = threading.Event()

    def wait(name: str) -> None:
        entered.set()
        with turns.at(name):
            order.append(name)

    with turns.at("one terrain"):
        second = threading.Thread(target=wait, args=("one terrain",))
        second.start()
        assert entered.wait(10)
        while turns._waiting < 2:
            time.sleep(0.001)
        with turns.at("another"):  # needs nobody's turn
            order.append("another")
            with pytest.raises(Busy, match="at most 3"), turns.at("a third"):
                pass
        assert order == ["another"]
    second.join(10)
    assert order == ["another", "one terrain"]
    assert turns._waiting == 0 and turns._locks == {}, "what nobody waits for is forgotten"


def test_a_preview_that_fails_leaves_nothing(tmp_path):
    kept = previews.Previews(tmp_path, 2)
    kept.clear()

    class Broken:
        def ask(self, *_):
            raise TooSlow("it was stopped")

    with pytest.raises(TooSlow):
        kept.make(Broken(), previews.Asked("0123456789abcdef", {}), "sinks")
    assert list((tmp_path / "previews").iterdir()) == []


def test_the_service_itself_loads_nothing_that_is_compiled():
    """It is up before a compiler is; what computes is loaded by its processes."""
    code = "import sys, flood_sim_api.main, flood_sim_api.services.service; print('numba' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
