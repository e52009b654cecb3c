"""The service gives storms and indices of a place by named rain statistics, and explains where it has none.

Depths are those of the shipped table (KOSTRA-DWD-2010R) and must come back exactly.
"""

import pytest

from flood_sim.rain import kostra

ELBERFELD = {"x": 7.15, "y": 51.256}


@pytest.fixture
def client(parked, monkeypatch, tmp_path):
    monkeypatch.setattr(kostra.store, "default_folder", lambda: tmp_path)
    return parked[0]


def test_storms_by_return_period_take_the_depth_of_the_place(client):
    plain = {s["key"]: s for s in client.get("/storms").json()}
    local = {s["key"]: s for s in client.get("/storms", params={"x": 7.22, "y": 51.211}).json()}
    assert plain["nrw-100a"]["storm"]["curve"][-1] == [60.0, 49.2]
    assert local["nrw-100a"]["storm"]["curve"][-1] == [60.0, 51.0]
    assert local["nrw-100a"]["statistics"] == "KOSTRA-DWD-2010R Zelle 52012"
    assert local["wuppertal-sri-7"] == plain["wuppertal-sri-7"]
    assert local["bw-extreme"]["storm"]["kind"] == "runoff" and local["bw-extreme"]["return_period_a"] is None
    assert [e["key"] for e in client.get("/storms/not-offered").json()] == ["wuppertal-2018-05-29"]


def test_the_index_of_a_depth_names_its_statistics(client):
    found = client.get("/storms/index", params={**ELBERFELD, "depth_mm": 90, "duration_min": 60}).json()
    assert found["index"] == 10 and "KOSTRA-DWD-2010R Zelle 51011" in found["text_de"]
    assert found["return_period_a"] is None


@pytest.mark.parametrize(
    ("path", "params", "said"),
    [
        ("/storms", {"x": 2.35, "y": 48.86}, "Germany"),
        ("/storms", {"x": 7.15}, "both x and y"),
        ("/storms", {**ELBERFELD, "crs": "EPSG:99999"}, "not known"),
        ("/storms", {"x": 13.4, "y": 52.5}, "no rain statistics at hand"),
        ("/storms/index", {"depth_mm": 90, "duration_min": 60}, "without rain statistics"),
        ("/storms/index", {**ELBERFELD, "depth_mm": 90, "duration_min": 3000}, "5 to 1440 min"),
    ],
)
def test_what_it_cannot_know_is_explained(client, path, params, said):
    reply = client.get(path, params=params)
    unknown = said in ("Germany", "no rain statistics at hand")
    assert reply.status_code == (404 if unknown else 422)
    assert said in reply.text and reply.json()["type"].endswith("no-statistics") == unknown
