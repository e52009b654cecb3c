"""The terrain doctor over HTTP: examined once, decisions are kept, accepted proposals can be put into a scenario.

One wrong cell, 2 m above its neighbours, is a spike by the doctor's own rule;
what is proposed for it is a cut to the median around, checked on the built ground.
"""

import csv
import io

import numpy as np
import pytest
from pyproj import Transformer

from flood_sim import registry
from flood_sim.build import build
from flood_sim.scenario import Scenario

from .conftest import CELL, NORTH, WEST, pit, scenario_for, write_dem
from .test_service_refuses_bad_requests import problem

AT = (20, 60)
"""Row and column of the wrong cell."""


@pytest.fixture(scope="module")
def spiked(board, tmp_path_factory):
    """A terrain with one wrong cell, registered at the running service."""
    client, data, _ = board
    height = pit()
    height[AT] += 2.0
    dem = write_dem(tmp_path_factory.mktemp("spike") / "spitze.tif", height)
    return client, data, registry.add_terrain(data, dem, name="Spitze").id


def test_a_terrain_is_examined_decided_about_and_corrected(spiked):
    client, data, terrain = spiked
    url = f"/terrains/{terrain}/faults"
    before = client.get(url, params={"look": False}).json()
    assert not before["examined"] and before["faults"] == [], "an empty list of nobody's look says so"
    reply = client.get(url)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert found["examined"] and client.get(url, params={"look": False}).json() == found
    fault = next(f for f in found["faults"] if f["kind"] == "spike")
    x, y = WEST + (AT[1] + 0.5) * CELL, NORTH - (AT[0] + 0.5) * CELL
    lon, lat = Transformer.from_crs(25832, 4326, always_xy=True).transform(x, y)
    assert (fault["lon"], fault["lat"]) == pytest.approx((lon, lat), abs=1e-6)
    assert fault["state"] == "open" and fault["proposal"]["kind"] == "cut" and found["corrections"] == []
    assert "vor Ort prüfen" in found["suggestion_de"] and fault["sentence_de"] and fault["label_en"] == "single spike"
    assert any("not looked for" in note for note in found["notes"]) and found["per_km2"] > 0
    assert (registry.folder(data, terrain) / "worklist.gpkg").exists()

    number = fault["number"]
    decided = client.patch(f"{url}/{number}", json={"state": "accepted", "who": "A. Beispiel", "note": "=Fehler"})
    assert decided.status_code == 200, decided.text
    after = next(f for f in decided.json()["faults"] if f["number"] == number)
    assert (after["state_de"], after["who"], after["note"]) == ("übernommen", "A. Beispiel", "=Fehler") and after[
        "date"
    ]
    listed = client.get(url, params={"accepted": True}).json()
    assert [f["number"] for f in listed["faults"]] == [number] and len(listed["corrections"]) == 1

    scenario = scenario_for(client, terrain)
    scenario["terrain"]["corrections"] = listed["corrections"]
    assert client.post("/runs", json=scenario).status_code == 202
    built = build(Scenario.parse(scenario).with_files(lambda i: str(registry.resolve(data, i))))
    assert abs(float(built.domain.ground[AT]) - float(pit()[AT])) < 0.1, "the spike is gone"

    table = client.get(f"/terrains/{terrain}/faults.csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0]["Stand"] == "übernommen" and rows[0]["Notiz"] == "'=Fehler", "no formula for a spreadsheet"
    points = client.get(f"/terrains/{terrain}/faults.geojson").json()["features"]
    assert {f["properties"]["role"] for f in points} == {"fault", "proposal"}
    again = client.post(url, json={"year": 2024}).json()
    assert next(f for f in again["faults"] if f["number"] == number)["state"] == "accepted", "decisions stay"
    np.testing.assert_array_equal(
        [f["number"] for f in again["faults"]], [f["number"] for f in decided.json()["faults"]]
    )


def test_a_decision_that_cannot_be_is_explained(spiked):
    client, _, terrain = spiked
    url = f"/terrains/{terrain}/faults"
    assert "no such number" in problem(client.patch(f"{url}/99", json={"state": "open", "who": "x"}), 422)["detail"]
    problem(client.patch(f"{url}/1", json={"state": "accepted"}), 422)
    problem(client.patch(f"{url}/1", json={"state": "done", "who": "x"}), 422)
    problem(
        client.patch(f"{url}/1", json={"state": "open", "who": "x"}, headers={"origin": "http://evil.example"}), 403
    )
    problem(client.get("/terrains/dem-000000000000/faults"), 404)
    problem(client.get("/terrains/dem-000000000000/faults.csv"), 404)
