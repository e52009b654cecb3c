"""`flood-sim preview --rung quick` writes the map, the Result and the figures, and says what it cannot do."""

import json

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from flood_sim.cli.app import app
from flood_sim.results.dataset import open_result


@pytest.fixture
def dem(tmp_path):
    """A small valley, GeoTIFF."""
    y, x = np.mgrid[0:48, 0:60]
    z = (0.1 * np.abs(x - 30) + 0.02 * y + 100).astype(np.float32)
    path = tmp_path / "dem.tif"
    with rasterio.open(path, "w", driver="GTiff", width=60, height=48, count=1, dtype="float32", crs="EPSG:25832",
                       transform=rasterio.transform.from_origin(400000, 5700000, 5, 5), nodata=-9999) as file:  # fmt: skip
        file.write(z, 1)
    return path


def test_a_dem_alone(dem, tmp_path):
    tif, folder = tmp_path / "q.tif", tmp_path / "res"
    done = CliRunner().invoke(app, ["preview", "--dem", str(dem), "--rain-mm", "30", "--rung", "quick", "--factor", "4",
                                    "-o", str(tif), "--result", str(folder), "--json"])  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["rung"] == "quick" and told["leaves_out_de"] and told["distance_de"]
    assert told["rain_m3"] == pytest.approx(0.03 * 48 * 60 * 25, rel=1e-6)
    assert told["in_m3"] == pytest.approx(told["stored_m3"] + told["left_m3"], rel=1e-6)
    with rasterio.open(tif) as file:
        assert file.tags()["FLOOD_SIM_PREVIEW"] == "quick"
        depth = file.read(1)
    found = open_result(folder)
    assert found.manifest["preview"]["coarse_cell_m"] == 20.0
    assert np.nanmax(depth) <= np.nanmax(found.dataset["max_depth"].values) + 1e-6


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--rung", "quick", "--factor", "40"], "times coarser"),
        (["--factor", "4"], "belongs to the rung quick"),
        (["--result", "somewhere"], "belongs to the rung quick"),
    ],
)
def test_what_cannot_be_is_said(dem, tmp_path, given, says):
    command = ["preview", "--dem", str(dem), "--rain-mm", "30", "-o", str(tmp_path / "q.tif"), *given]
    done = CliRunner().invoke(app, command)
    assert done.exit_code != 0
    said = str(done.exception) + done.output
    assert says in said
    assert not (tmp_path / "q.tif").exists()
