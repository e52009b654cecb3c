"""Every bad request gets an RFC 9457 problem that says what is wrong and where, and starts nothing.

The faults are those that a program or a hostile page can send: garbage, a huge
body, a path where an id belongs, an id that nobody registered, a foreign host.
"""

import json

import pytest
from fastapi.testclient import TestClient

from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario
from flood_sim_api.main import create_app
from flood_sim_api.services.service import Service
from flood_sim_api.settings import Settings

from .conftest import Parked, scenario_for

JSON = {"content-type": "application/json"}


def problem(reply, status: int) -> dict:
    """The checked problem of a reply."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == status
    return body


@pytest.mark.parametrize("body", [b"", b"{", b"[1,2]", b"null", b"\xff\xfe\x00", b'"a"', b"{" * 5000])
def test_garbage_is_no_scenario(parked, body):
    client, service, _ = parked
    problem(client.post("/runs", content=body, headers=JSON), 422)
    assert service.runs.list(10) == []


HALF = "\\ud800"
"""Half of a surrogate pair, as JSON names it: it is no text."""
FAR = "1" + "0" * 400


@pytest.mark.parametrize(
    ("route", "body", "said"),
    [
        ("/measures/parse", f'{{"terrain": "{HALF}", "geojson": {{}}}}', "?"),
        ("/measures/parse", '{"terrain": "TERRAIN", "geojson": CRS}', "unknown CRS"),
        ("/measures/parse", '{"terrain": "TERRAIN", "geojson": WALL}', "not pairs of numbers"),
        ("/runs", f'{{"title": "{HALF}"}}', "title"),
    ],
)
def test_what_no_reply_can_hold_is_refused(parked, route, body, said):
    client, _, terrain = parked
    wall = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"kind": "wall", "height_m": 1},'
        f' "geometry": {{"type": "LineString", "coordinates": [[{FAR}, 1], [7, 51]]}}}}]}}'
    )
    crs = f'{{"type": "FeatureCollection", "features": [], "crs": {{"properties": {{"name": "{HALF}"}}}}}}'
    text = body.replace("TERRAIN", terrain).replace("WALL", wall).replace("CRS", crs)
    found = client.post(route, content=text, headers=JSON)
    assert found.status_code in (404, 422), found.text
    assert said in problem(found, found.status_code)["detail"]


def test_each_fault_is_named_with_its_place(parked):
    client, service, terrain = parked
    scenario = scenario_for(client, terrain, colour="red")
    scenario["storm"] = {"kind": "block", "depth_mm": -5, "duration_min": 5}
    scenario["boundaries"] = [{"kind": "level", "where": {"edge": "all"}, "level_m": "9" * 5000}]
    scenario["outputs"] = {"a/b~": 1}
    body = problem(client.post("/runs", json=scenario), 422)
    faults = {e["pointer"]: (e["place"], e["message"]) for e in body["errors"]}
    place, said = faults["/colour"]
    assert place == "colour" and said.startswith("unknown key; known here: format_version, title, crs, ")
    place, said = faults["/storm/depth_mm"]
    assert place == "storm.depth_mm" and said.startswith("is out of range (got -5); allowed: above 0, at most 2000. ")
    assert faults["/boundaries/0/level_m"][0] == "boundaries.0.level_m" and len(body["detail"]) < 1000
    place, said = faults["/outputs/a~1b~0"]
    assert place == "outputs.a/b~" and said.startswith("unknown key; known here: every_min")


def test_faults_have_the_words_of_the_command_line(parked):
    client, _, terrain = parked
    scenario = scenario_for(client, terrain, storm={"kind": "blok"}, colour="red", numerics={"duration_mins": 9})
    said = [f"{e['place']}: {e['message']}" for e in problem(client.post("/runs", json=scenario), 422)["errors"]]
    with pytest.raises(ScenarioError) as refused:
        Scenario.parse(scenario)
    assert "; ".join(said) == refused.value.what
    assert "numerics.duration_mins: unknown key, did you mean duration_min?" in said


def test_a_storm_longer_than_the_run_is_refused(parked):
    client, service, terrain = parked
    body = problem(client.post("/runs", json=scenario_for(client, terrain, numerics={"duration_min": 2})), 422)
    assert "longer than the run" in body["detail"]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../etc/passwd", "tal.tif", "C:\\dem.tif", "dem-0123456789ab/../x", "dem-XYZ"]
)
def test_a_path_instead_of_an_id_is_refused(parked, path):
    client, service, terrain = parked
    scenario = scenario_for(client, terrain)
    scenario["terrain"]["dem"] = path
    body = problem(client.post("/runs", json=scenario), 422)
    assert "a path instead of an id" in body["detail"]
    assert body["errors"][0]["place"] == "terrain.dem"
    assert service.runs.list(10) == []


def test_an_unknown_id_is_named(parked):
    client, service, terrain = parked
    scenario = scenario_for(client, terrain)
    scenario["terrain"]["dem"] = "dem-000000000000"
    body = problem(client.post("/runs", json=scenario), 404)
    assert "dem-000000000000" in body["detail"] and body["type"].endswith("not-found")


def test_buildings_are_no_terrain(parked):
    client, service, terrain = parked
    scenario = scenario_for(client, terrain)
    scenario["terrain"]["dem"] = scenario["terrain"]["buildings"]["file"]
    assert "another kind" in problem(client.post("/runs", json=scenario), 422)["detail"]


def test_a_huge_body_is_refused_whether_it_says_its_size_or_not(parked):
    client, service, terrain = parked
    huge = json.dumps({"title": "x" * 3_000_000}).encode()
    problem(client.post("/runs", content=huge, headers=JSON), 413)

    def pieces():
        for start in range(0, len(huge), 100_000):
            yield huge[start : start + 100_000]

    problem(client.post("/runs", content=pieces(), headers=JSON), 413)


@pytest.mark.parametrize("run_id", ["nobody-knows-this", "..%2F..%2Fetc", "a", "x" * 300, "%00abcdefgh"])
def test_an_unknown_run_is_not_found(parked, run_id):
    client, _, _ = parked
    for route in ("", "/events", "/files", "/value?lon=7&lat=54", "/tiles/max_depth/1/1/1.png", "/footprints"):
        reply = client.get(f"/runs/{run_id}{route}")
        assert problem(reply, 404)
    if "%2F" not in run_id:  # decoded, that is another path, which takes no POST
        problem(client.post(f"/runs/{run_id}/cancel"), 404)


def test_a_run_without_result_has_no_map(parked):
    client, _, terrain = parked
    run = client.post("/runs", json=scenario_for(client, terrain)).json()
    for route in ("files", "value?lon=7&lat=54", "tiles/max_depth/1/1/1.png"):
        assert "queued" in problem(client.get(f"/runs/{run['id']}/{route}"), 409)["detail"]


def test_only_the_files_of_the_list_are_delivered(world):
    for name in ("passwd", "..%2Fmanifest.json", "result.zarr", ".zattrs", "result.zarr%2Fzarr.json"):
        assert world.client.get(f"{world.url}/files/{name}").status_code == 404


def test_wrong_parameters_are_explained(world):
    for route in (
        "value?lon=200&lat=0",
        "value?lon=a&lat=0",
        "value",
        "tiles/max_depth/99/0/0.png",
        "tiles/dem/1/0/0.png",
    ):
        problem(world.client.get(f"{world.url}/{route}"), 422)
    problem(world.client.get("/nowhere"), 404)
    problem(world.client.put("/runs"), 405)


def test_too_many_waiting_runs_are_refused(parked):
    client, _, terrain = parked
    for depth in (10, 20, 30):
        storm = {"kind": "block", "depth_mm": depth, "duration_min": 5}
        assert client.post("/runs", json=scenario_for(client, terrain, storm=storm)).status_code == 202
    problem(client.post("/runs", json=scenario_for(client, terrain)), 503)


def test_a_foreign_name_of_this_machine_is_refused(parked):
    """DNS rebinding: a page on evil.example that resolves to 127.0.0.1 must not reach the service."""
    client, _, _ = parked
    problem(client.get("/runs", headers={"host": "evil.example:8000"}), 421)
    for host in ("127.0.0.1:8000", "localhost", "[::1]:8000"):
        assert client.get("/runs", headers={"host": host}).status_code == 200


def test_a_foreign_page_cannot_write(parked):
    client, service, terrain = parked
    scenario = scenario_for(client, terrain)
    problem(client.post("/runs", json=scenario, headers={"origin": "http://evil.example"}), 403)
    plain = client.post("/runs", content=json.dumps(scenario), headers={"content-type": "text/plain"})
    problem(plain, 422)  # what a foreign form could send without asking the browser
    assert service.runs.list(10) == []
    assert client.post("/runs", json=scenario, headers={"origin": "http://localhost"}).status_code == 202


def test_an_internal_fault_tells_nothing_of_the_machine(make_data, monkeypatch):
    data, _ = make_data()
    settings = Settings(data_dir=data)
    service = Service(settings, Parked)

    def broken(*_):
        raise RuntimeError(f"secret in {data}/runs.sqlite")

    with TestClient(
        create_app(settings, service), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        monkeypatch.setattr(service.runs, "list", broken)
        reply = client.get("/runs")
    problem(reply, 500)
    assert "secret" not in reply.text and str(data) not in reply.text


def test_replies_carry_the_headers_that_protect_the_page(parked):
    client, _, _ = parked
    for reply in (client.get("/"), client.get("/runs"), client.get("/nowhere")):
        assert reply.headers["x-content-type-options"] == "nosniff"
        policy = reply.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "worker-src 'self' blob:" in policy
        assert "script-src 'self';" in policy
