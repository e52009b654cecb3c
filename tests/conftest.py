"""What every test shares: threads, an own data folder, and where a Chromium is."""

import json
import os
import sys
from pathlib import Path

# Before numba is imported: enough threads to compare one with many, whatever the machine has.
os.environ.setdefault("NUMBA_NUM_THREADS", str(max(4, os.cpu_count() or 1)))
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import chromium as finder  # tools/chromium.py
import numpy as np
import pytest
import rasterio
from hypothesis import settings

settings.register_profile("flood_sim", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "flood_sim"))

ROOT = Path(__file__).resolve().parent.parent
WEST, NORTH = 360_000.0, 6_040_000.0
"""North-west corner of the small terrains of the tests, in the North Sea (EPSG:25832)."""


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory, monkeypatch):
    """No test reads or writes the data folder of the person who runs it."""
    folder = tmp_path_factory.getbasetemp() / "data-folder"
    monkeypatch.setenv("FLOOD_SIM_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def write_raster(tmp_path):
    """Write values (rows, cols), row 0 in the north, as a GeoTIFF at (WEST, NORTH); gives its path as text."""

    def write(values, name="dem.tif", *, cell=1.0, crs="EPSG:25832") -> str:
        values = np.asarray(values, float)
        rows, cols = values.shape
        place = rasterio.Affine(cell, 0, WEST, 0, -cell, NORTH)
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", dtype="float64", count=1, height=rows, width=cols,
            crs=crs, transform=place, nodata=-9999.0,
        ) as file:  # fmt: skip
            file.write(np.where(np.isnan(values), -9999.0, values), 1)
        return str(tmp_path / name)

    return write


@pytest.fixture
def write_footprints(tmp_path):
    """Write boxes (west, south, east, north), in m east and north of (WEST, NORTH), as GeoJSON footprints."""

    def write(*boxes, crs=25832, name="houses.geojson") -> str:
        features = []
        for k, (w, s, e, n) in enumerate(boxes):
            ring = [[WEST + x, NORTH + y] for x, y in ((w, s), (e, s), (e, n), (w, n), (w, s))]
            shape = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": {"id": f"h{k}"}, "geometry": shape})
        named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
        (tmp_path / name).write_text(json.dumps({"type": "FeatureCollection", "crs": named, "features": features}))
        return str(tmp_path / name)

    return write


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium: the system's, else playwright's; the test is skipped, and says so, without one."""
    path = finder.system_chromium() or finder.playwright_chromium(sys.executable)
    if path is None:
        pytest.skip("BROWSER NOT TESTED: no Chromium that starts (apt install chromium, or set FLOOD_SIM_CHROMIUM)")
    return path
