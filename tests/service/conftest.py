"""A small real terrain, registered, and a service on it that has computed one run."""

import json
import time
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from fastapi.testclient import TestClient

from flood_sim import registry
from flood_sim_api.main import create_app
from flood_sim_api.services.service import Service
from flood_sim_api.settings import Settings

WEST, NORTH, CELL, ROWS, COLS = 360_000.0, 6_040_200.0, 2.0, 60, 80
HOUSE = shapely.box(WEST + 100, NORTH - 80, WEST + 120, NORTH - 60)
"""A house of 20 m x 20 m on cell edges: rows 30 to 39, columns 50 to 59 are blocked."""
FINAL = {"done", "failed", "cancelled"}


def pit() -> np.ndarray:
    """Ground that falls to the south-east into a pit without outlet, so that deep water stays."""
    row, col = np.mgrid[0:ROWS, 0:COLS]
    ground = 60.0 - 0.05 * (row + col)
    distance = np.hypot(row - 45, col - 30)
    return (ground - 3.0 * np.exp(-((distance / 6.0) ** 2))).astype(np.float32)


def write_dem(path: Path, height: np.ndarray, **profile: object) -> Path:
    """A GeoTIFF in EPSG:25832 with nodata -9999."""
    settings = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "height": height.shape[0], "width": height.shape[1],
        "crs": "EPSG:25832", "transform": rasterio.Affine(CELL, 0, WEST, 0, -CELL, NORTH), "nodata": -9999.0, **profile,
    }  # fmt: skip
    with rasterio.open(path, "w", **settings) as file:
        file.write(height, 1)
        file.update_tags(FLOOD_SIM_SYNTHETIC="1", TIFFTAG_IMAGEDESCRIPTION="Testtal (erfunden)")
    return path


def write_buildings(path: Path, house: shapely.Polygon = HOUSE) -> Path:
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([house])), [np.array(["h1"], dtype=object)], ["id"],
        layer="buildings", driver="GPKG", geometry_type="Polygon", crs="EPSG:25832",
    )  # fmt: skip
    return path


@pytest.fixture(scope="session")
def sources(tmp_path_factory) -> dict[str, Path]:
    """The files of the valley as a user has them."""
    folder = tmp_path_factory.mktemp("sources")
    return {"dem": write_dem(folder / "tal.tif", pit()), "buildings": write_buildings(folder / "houses.gpkg")}


@pytest.fixture(scope="session")
def make_data(tmp_path_factory, sources):
    """A new data folder with the valley registered; gives the folder and the id of the terrain."""

    def make() -> tuple[Path, str]:
        data = tmp_path_factory.mktemp("data")
        return data, registry.add_terrain(data, sources["dem"], buildings=sources["buildings"]).id

    return make


def scenario_for(client: TestClient, terrain: str, **changes: object) -> dict:
    """A heavy storm on the valley: 80 mm in 5 minutes, 8 minutes computed."""
    scenario = client.get(f"/terrains/{terrain}").json()["scenario"]
    scenario["title"] = "Testregen"
    scenario["storm"] = {"kind": "block", "depth_mm": 80, "duration_min": 5}
    scenario["numerics"] = {"duration_min": 8}
    return {**scenario, **changes}


def wait_final(client: TestClient, run_id: str, seconds: float = 180) -> dict:
    """The run once it has ended; the limit is only there so that a hanging run fails the test."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        run = client.get(f"/runs/{run_id}").json()
        if run["state"] in FINAL:
            return run
        time.sleep(0.1)
    raise AssertionError(f"run {run_id} did not end within {seconds} s: {json.dumps(run)[:500]}")


class Parked:
    """An executor that accepts jobs and never works: for what happens before a run starts."""

    def __init__(self, listener, threads) -> None:
        self.listener, self.jobs = listener, []

    def submit(self, job) -> None:
        self.jobs.append(job)

    def close(self) -> None:
        pass


@pytest.fixture
def parked(make_data):
    """A service that queues runs but does not compute: client, service, id of the terrain."""
    data, terrain = make_data()
    settings = Settings(data_dir=data, max_queued=3)
    service = Service(settings, Parked)
    with TestClient(
        create_app(settings, service), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        yield client, service, terrain


@pytest.fixture(scope="session")
def board(make_data):
    """A service that computes no runs, with one process for all answers before a run: client, data folder, terrain."""
    data, terrain = make_data()
    settings = Settings(data_dir=data, max_previews=2, max_queued=1000, max_files=12)
    app = create_app(settings, Service(settings, Parked))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client, data, terrain


@pytest.fixture(scope="session")
def world(make_data):
    """A service with a real worker process and one finished run; the worker starts once for all tests."""
    data, terrain = make_data()
    settings = Settings(data_dir=data, progress_every_s=0.1, heartbeat_s=0.5)
    with TestClient(create_app(settings), base_url="http://localhost", raise_server_exceptions=False) as client:
        reply = client.post("/runs", json=scenario_for(client, terrain))
        assert reply.status_code == 202, reply.text
        run = wait_final(client, reply.json()["id"])
        assert run["state"] == "done", run["message"]
        yield World(client, data, terrain, run)


class World:
    """What the tests of a computed run need."""

    def __init__(self, client: TestClient, data: Path, terrain: str, run: dict) -> None:
        self.client, self.data, self.terrain, self.run = client, data, terrain, run
        self.url = f"/runs/{run['id']}"
        self.folder = data / "runs" / run["id"]
        self.scenario_for = lambda **changes: scenario_for(client, terrain, **changes)
        self.wait_final = lambda run_id: wait_final(client, run_id)
