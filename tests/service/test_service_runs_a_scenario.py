"""A Scenario posted to the service becomes a Result that every route can show.

The run is computed by the real engine in a real Dask worker process on a small
valley with a pit (conftest); equality of ids and files is exact, because the
service must hand on what the library computed and nothing else.
"""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
import rasterio
import xarray as xr

from flood_sim.compiled import engine_version
from flood_sim.results.dataset import open_result
from flood_sim.scenario import Scenario

from .conftest import scenario_for


def test_a_finished_run_tells_its_manifest(world):
    run, manifest = world.run, json.loads((world.folder / "manifest.json").read_text())
    assert run["progress"] == 1.0 and run["eta_s"] is None and run["message"] is None
    assert run["simulated_s"] == pytest.approx(480) and run["duration_s"] == 480
    assert run["manifest"]["ledger"] == manifest["ledger"]
    assert run["manifest"]["synthetic"] is True
    west, south, east, north = run["manifest"]["bounds_wgs84"]
    assert west < east and south < north and 6 < west < 8 and 54 < south < 55
    assert run["mass_error"] == manifest["ledger"]["relative_error"] <= 1e-6
    assert run["max_depth_m"] == pytest.approx(manifest["extremes"]["max_depth_m"])


def test_the_content_id_is_the_one_of_the_library(world):
    from flood_sim import registry

    scenario = Scenario.model_validate(world.run["scenario"])
    expected = scenario.content_id(lambda i: registry.get(world.data, i).sha256, engine_version())
    manifest = json.loads((world.folder / "manifest.json").read_text())
    assert world.run["content_id"] == expected == manifest["content_id"]
    assert manifest["run_id"] == world.run["id"]


def test_the_same_content_is_not_computed_twice(world):
    again = world.client.post("/runs", json=world.scenario_for(title="Anderer Titel"))
    assert again.status_code == 200
    assert again.json()["id"] == world.run["id"]
    assert again.headers["location"] == world.url


def test_simultaneous_requests_for_one_content_make_one_run(parked):
    """The unique index of the table decides, not the order of looking and writing."""
    client, service, terrain = parked
    with ThreadPoolExecutor(8) as pool:
        scenario = scenario_for(client, terrain)
        replies = list(pool.map(lambda _: client.post("/runs", json=scenario), range(8)))
    assert sorted(r.status_code for r in replies) == [200] * 7 + [202]
    assert len({r.json()["id"] for r in replies}) == 1 and len(service.runs.list(10)) == 1


def test_the_list_names_the_run(world):
    listed = [r for r in world.client.get("/runs").json() if r["id"] == world.run["id"]]
    assert listed[0]["state"] == "done"
    assert listed[0]["terrain"] == world.terrain and listed[0]["terrain_name"] == "Testtal (erfunden)"
    assert "Blockregen" in listed[0]["storm_label"]


def test_every_listed_file_is_delivered_as_it_is_on_disk(world):
    files = world.client.get(f"{world.url}/files").json()
    names = {f["name"] for f in files}
    assert {
        "manifest.json",
        "scenario.json",
        "max_depth.tif",
        "gauges.csv",
        "result.zarr.zip",
        "footprints.geojson",
    } <= names
    for file in files:
        reply = world.client.get(f"{world.url}/files/{file['name']}")
        assert reply.status_code == 200
        if file["name"] != "result.zarr.zip":
            assert reply.content == (world.folder / file["name"]).read_bytes()
            assert len(reply.content) == file["bytes"]


def test_the_zipped_dataset_opens_as_it_is(world, tmp_path):
    content = world.client.get(f"{world.url}/files/result.zarr.zip").content
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    path = tmp_path / "result.zarr.zip"
    path.write_bytes(content)
    import zarr

    with xr.open_zarr(zarr.storage.ZipStore(path, mode="r"), consolidated=False) as zipped:
        own = open_result(world.folder).dataset
        assert (zipped["max_depth"].values == own["max_depth"].values)[~own["max_depth"].isnull().values].all()


def test_the_geotiff_is_in_the_crs_of_the_terrain(world):
    content = world.client.get(f"{world.url}/files/max_depth.tif").content
    with rasterio.MemoryFile(content) as memory, memory.open() as source:
        assert source.crs.to_epsg() == 25832


def test_nothing_of_this_machine_is_told(world):
    """No reply about a run holds a path: neither of the data folder nor of any other."""
    replies = [
        world.client.get(world.url + part).text
        for part in ("", "/files", "/files/manifest.json", "/files/scenario.json")
    ]
    replies += [world.client.get(path).text for path in ("/runs", "/terrains", "/about", f"/terrains/{world.terrain}")]
    for text in replies:
        assert str(world.data) not in text and str(world.data.parent) not in text and "/home/" not in text
