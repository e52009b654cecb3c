"""Measures over HTTP: read from GeoJSON, checked, and compared with the state without them.

The comparison is the library's own: its map is max_depth with minus without
where that is at least 5 cm, exactly (float32 of both files), and the lists are
those of `flood_sim.results.comparison`.
"""

import csv
import io

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from flood_sim.results.comparison import COUNTS_M, Comparison
from flood_sim.results.dataset import open_result

from .conftest import CELL, NORTH, WEST, scenario_for
from .test_service_refuses_bad_requests import problem

TO_LONLAT = Transformer.from_crs(25832, 4326, always_xy=True)
FILLED = [[WEST + 40, NORTH - 110], [WEST + 80, NORTH - 110], [WEST + 80, NORTH - 70], [WEST + 40, NORTH - 70]]
"""Ground around the pit (row 45, column 30), brought to a level: the water goes elsewhere."""
LEVEL = {"id": "auffuellung", "kind": "ground", "polygon": FILLED, "level_m": 56.6, "only": "raise"}


def lonlat(points) -> list:
    return [list(TO_LONLAT.transform(*p)) for p in points]


def feature(kind: str, geometry: dict, **attributes) -> dict:
    return {"type": "Feature", "properties": {"kind": kind, **attributes}, "geometry": geometry}


def wall(**attributes) -> dict:
    return feature("wall", {"type": "LineString", "coordinates": lonlat([FILLED[0], FILLED[1]])}, **attributes)


def test_drawn_measures_come_back_in_the_crs_of_the_terrain(board):
    client, _, terrain = board
    polygon = {"type": "Polygon", "coordinates": [lonlat([*FILLED, FILLED[0]])]}
    drawn = [wall(id="mauer", height_m=1.0), feature("basin", polygon, volume_m3=500, title="Becken")]
    reply = client.post(
        "/measures/parse", json={"terrain": terrain, "geojson": {"type": "FeatureCollection", "features": drawn}}
    )
    assert reply.status_code == 200, reply.text
    found = reply.json()
    first, second = found["measures"]
    assert (first["id"], first["height_m"]) == ("mauer", 1.0) and (second["id"], second["volume_m3"]) == (
        "basin-2",
        500,
    )
    np.testing.assert_allclose(first["line"], FILLED[:2], atol=1e-3)
    np.testing.assert_allclose(second["polygon"], FILLED, atol=1e-3)
    shown = found["features"]["features"]
    assert [f["properties"]["label_de"] for f in shown] == ["Mauer", "Rückhaltebecken"]
    np.testing.assert_allclose(shown[0]["geometry"]["coordinates"], lonlat(FILLED[:2]), atol=1e-6)
    scenario = scenario_for(client, terrain, measures=found["measures"])
    assert client.post("/runs", json=scenario).status_code == 202, "what is given back can be posted as it is"


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (wall(id="mauer"), "feature 1 (mauer, wall): mauer: give exactly one of height_m, crest_m"),
        (wall(id="m", height_m=-1), "feature 1 (m, wall): height_m: is out of range (got -1)"),
        (wall(id="m", height_m=1, hoehe=2), "unknown key"),
        (feature("wal", {"type": "Point", "coordinates": [7, 51]}), "Did you mean wall?"),
        (feature("wall", {"type": "Point", "coordinates": [7, 51]}, height_m=1), "is drawn as Point"),
        (feature("wall", {"type": "LineString", "coordinates": FILLED[:2]}, height_m=1), "no longitude and latitude"),
    ],
)
def test_a_faulty_feature_is_named(board, drawn, said):
    client, _, terrain = board
    reply = client.post(
        "/measures/parse", json={"terrain": terrain, "geojson": {"type": "FeatureCollection", "features": [drawn]}}
    )
    detail = problem(reply, 422)["detail"]
    assert said in detail and "feature 1" in detail


def test_the_linter_answers_before_a_run(board):
    client, _, terrain = board
    basin = {"id": "b", "kind": "basin", "polygon": FILLED, "volume_m3": 500}
    house = {"id": "h", "kind": "basin", "polygon": [[x + 60, y + 30] for x, y in FILLED], "volume_m3": 5}
    found = client.post(
        "/measures/check", json={"scenario": scenario_for(client, terrain, measures=[basin, house])}
    ).json()
    own = {m["id"]: m for m in found["measures"]}
    assert own["b"]["label_de"] == "Rückhaltebecken" and own["b"]["figures"]["volume_m3"] == pytest.approx(
        500, rel=1e-9
    )
    assert {"b", "h"} == {r["measure"] for r in found["remarks"]} and found["storm_mm"] == pytest.approx(80)
    assert any(r["severity"] != "note" and r["measure"] == "h" for r in found["remarks"])
    assert all(r["text_de"] and r["text_en"] for r in found["remarks"])
    assert found["features"]["type"] == "FeatureCollection"
    problem(
        client.post("/measures/check", json={"scenario": scenario_for(client, terrain, measures=[{"id": "x"}])}), 422
    )


def test_nothing_to_compare_is_said(board):
    client, _, terrain = board
    assert (
        "no measures"
        in problem(client.post("/comparisons", json={"scenario": scenario_for(client, terrain)}), 422)["detail"]
    )
    for bad in ("0123456789abcdef-0123456789abcdef", "x", "0-1"):
        problem(client.get(f"/comparisons/{bad}/files"), 404)


def test_with_measures_is_compared_with_without(world):
    client = world.client
    scenario = world.scenario_for(measures=[LEVEL])
    reply = client.post("/comparisons", json={"scenario": scenario})
    assert reply.status_code == 202, reply.text
    started = reply.json()
    assert started["without"] == world.run["id"], "the state without measures was computed before"
    assert started["figures"] is None and started["worse"] == []
    run = world.wait_final(started["with"])
    assert run["state"] == "done" and run["comparison"] == started["id"], run["message"]
    again = client.post("/comparisons", json={"scenario": scenario})
    assert again.status_code == 200 and again.json()["id"] == started["id"]
    url = reply.headers["location"]
    found = client.get(url).json()
    assert found == client.get("/comparisons", params={"without": started["without"], "with": run["id"]}).json()
    own = Comparison(open_result(world.folder), open_result(world.data / "runs" / run["id"]))
    assert found["figures"] == own.figures and found["sentences"] == own.sentences()
    assert [b["id"] for b in found["worse"]] == [b.id for b in own.worse]
    assert found["sentences"]["de"][0].startswith("Nachteile") and "§ 37 WHG" in found["sentences"]["de"][-1]
    assert found["figures"]["less_water_ha"] > 0, "the pit is filled"

    files = {f["name"]: client.get(f"{url}/files/{f['name']}").content for f in client.get(f"{url}/files").json()}
    depths = []
    for folder in (world.folder, world.data / "runs" / run["id"]):
        with rasterio.open(folder / "max_depth.tif") as source:
            depths.append(source.read(1, masked=True).filled(0.0))
    expected = depths[1] - depths[0]
    expected[np.abs(expected) < COUNTS_M] = 0.0
    with rasterio.MemoryFile(files["difference.tif"]) as memory, memory.open() as source:
        np.testing.assert_array_equal(source.read(1, masked=True).filled(0.0), expected)
    rows = list(csv.DictReader(io.StringIO(files["buildings.csv"].decode())))
    assert [r["id"] for r in rows] == [b["id"] for b in [*found["worse"], *found["better"]]]
    assert client.get(f"{url}/files/lists.json").status_code == 404
    _check_tile(client, found)
    _check_measures(client, run)


def _check_tile(client, found) -> None:
    """Blue over the filled pit, in the colours of the legend."""
    import morecantile

    lon, lat = TO_LONLAT.transform(WEST + 30.5 * CELL, NORTH - 45.5 * CELL)
    tile = morecantile.tms.get("WebMercatorQuad").tile(lon, lat, 19)
    reply = client.get(found["links"]["tiles"].format(z=19, x=tile.x, y=tile.y))
    assert reply.status_code == 200, reply.text
    with rasterio.MemoryFile(reply.content) as memory, memory.open() as source:
        pixels = source.read().reshape(4, -1).T
    seen = {f"#{r:02X}{g:02X}{b:02X}" for r, g, b, a in pixels if a}
    legend = {c["colour"].upper(): c for c in found["legend"]}
    assert seen <= set(legend) and any(legend[c]["label_de"].endswith("weniger") for c in seen)
    assert (pixels[:, 3] == 0).any(), "where less than 5 cm changed nothing is drawn"


def _check_measures(client, run) -> None:
    """The measures stand on every map of the run, and in its manifest."""
    features = client.get(run["links"]["measures"]).json()["features"]
    assert [f["properties"]["id"] for f in features] == ["auffuellung"]
    assert run["manifest"]["measures"] == ["auffuellung"] and run["manifest"]["area"] is None
    assert run["manifest"]["borders"][0].keys() == {"name", "outflow_m3", "inflow_m3"}
    assert client.get(f"/runs/{run['id']}/files/measures.geojson").json()["features"] == features


def test_runs_without_measures_have_none(world):
    assert world.run["comparison"] is None
    assert world.client.get(world.run["links"]["measures"]).json() == {"type": "FeatureCollection", "features": []}
