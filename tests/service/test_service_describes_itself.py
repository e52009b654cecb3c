"""The HTTP interface can be read by people and programs, without network.

The OpenAPI document is the contract: every route says what it does, which
replies come, and that errors are RFC 9457 problems.
"""

import re

from fastapi.testclient import TestClient

from flood_sim_api import main
from flood_sim_api.errors import MEDIA_TYPE
from flood_sim_api.services.service import Service
from flood_sim_api.settings import Settings

from .conftest import Parked


def test_every_route_says_what_it_does(parked):
    client, _, _ = parked
    document = client.get("/openapi.json").json()
    tags = {t["name"] for t in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["summary"] and operation["description"], place
            assert set(operation["tags"]) <= tags and len(operation["tags"]) == 1, place
            assert list(operation["responses"]["default"]["content"]) == [MEDIA_TYPE], place
            assert all(p.get("description") for p in operation.get("parameters", []) if p["name"] not in "zxy"), place
    example = document["paths"]["/runs"]["post"]["requestBody"]["content"]["application/json"]["examples"]["block"]
    assert re.fullmatch(r"dem-[0-9a-f]{12}", example["value"]["terrain"]["dem"])


def test_the_page_about_the_interface_needs_no_network(parked):
    client, _, _ = parked
    page = client.get("/docs").text
    assert "/runs/{run_id}/events" in page and "<script" not in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)


def test_without_a_built_page_the_service_says_how_to_build_it(make_data, monkeypatch, tmp_path):
    data, _ = make_data()
    monkeypatch.setattr(main, "STATIC", tmp_path)
    settings = Settings(data_dir=data)
    with TestClient(main.create_app(settings, Service(settings, Parked)), base_url="http://localhost") as client:
        note = client.get("/")
    assert note.status_code == 200 and "npm run build" in note.text


def test_a_built_page_is_served_and_its_hashed_files_are_kept(make_data, monkeypatch, tmp_path):
    data, _ = make_data()
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Karte</title>")
    (tmp_path / "assets" / "main-abc123.js").write_text("0")
    monkeypatch.setattr(main, "STATIC", tmp_path)
    settings = Settings(data_dir=data)
    with TestClient(main.create_app(settings, Service(settings, Parked)), base_url="http://localhost") as client:
        assert client.get("/").headers["cache-control"] == "no-cache" and "Karte" in client.get("/").text
        assert "immutable" in client.get("/assets/main-abc123.js").headers["cache-control"]
        assert client.get("/assets/..%2f..%2fruns.sqlite").status_code == 404
        assert client.get("/runs").json() == []
