"""The command that an error message offers makes the refused DEM usable.

Each fault's hint holds a `rio` command with IN.tif and OUT.tif (or FILE). The
command is run as printed, and its output must be read without an error and
without new doubts, with the lowest and highest height the terrain
really has (0.5 m: more than the ramp rises over one cell, which warping may cut off).
"""

import re
import shlex

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner
from rasterio.rio.main import main_group
from rasterio.transform import Affine, from_origin

from flood_sim.errors import TerrainError
from flood_sim.terrain.dem import read_dem

RAMP = np.add.outer(np.arange(60) * 0.2, np.arange(80) * 0.1) + 150.03
PLACE = from_origin(360000, 5680000, 2, 2)
UTM = {"crs": "EPSG:25832", "transform": PLACE}


def stored(values, path, unit=None, **options):
    bands = values if values.ndim == 3 else values[None]
    count, rows, cols = bands.shape
    options = {"dtype": "float32"} | UTM | options
    with rasterio.open(path, "w", driver="GTiff", count=count, height=rows, width=cols, **options) as file:
        file.write(bands.astype(options["dtype"]))
        if unit:
            file.units = (unit,)
    return path


WITH_GAP = np.where(RAMP < 151, -9999, RAMP)
FAULTS = {
    "geographic": (RAMP, {"crs": "EPSG:4326", "transform": from_origin(7.1, 51.3, 2e-5, 2e-5)}),
    "feet": (RAMP, {"crs": "EPSG:2264", "transform": from_origin(1_450_000, 550_000, 6, 6)}),
    "web mercator": (RAMP, {"crs": "EPSG:3857", "transform": from_origin(790_000, 6_670_000, 2, 2)}),
    "rotated": (RAMP, {"transform": Affine(1.8, 0.8, 360000, 0.8, -1.8, 5680000)}),
    "south-up": (RAMP, {"transform": Affine(2, 0, 360000, 0, 2, 5680000)}),
    "not square": (RAMP, {"transform": Affine(2, 0, 360000, 0, -3, 5680000)}),
    "not square, with nodata": (WITH_GAP, {"transform": Affine(2, 0, 360000, 0, -3, 5680000), "nodata": -9999}),
    "heights in feet": (RAMP / 0.3048, {"unit": "ft"}),
    "heights in feet, with nodata": (np.where(RAMP < 151, -9999, RAMP / 0.3048), {"unit": "ft", "nodata": -9999}),
    "heights in centimetres as integers": (RAMP * 100, {"unit": "cm", "dtype": "int32"}),
    "three bands": (np.stack([RAMP, RAMP * 0, RAMP * 0]), {}),
    "undeclared nodata": (WITH_GAP, {}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_hint_cures_the_fault(name, tmp_path):
    values, options = FAULTS[name]
    path = stored(values, tmp_path / "IN.tif", **options)
    with pytest.raises(TerrainError) as caught:
        read_dem(path)
    command = re.search(r"rio ([^;]+)$", caught.value.hint)[1]
    cured = tmp_path / "OUT.tif" if "OUT.tif" in command else path
    files = {"IN.tif": str(path), "FILE": str(path), "OUT.tif": str(tmp_path / "OUT.tif")}
    words = [files.get(word, word) for word in shlex.split(command)]

    done = CliRunner().invoke(main_group, words)
    assert done.exit_code == 0, done.output
    dem = read_dem(cured)

    assert dem.notes == ()
    lowest = RAMP[RAMP >= 151].min() if (values == -9999).any() else RAMP.min()
    assert np.nanmin(dem.height) == pytest.approx(lowest, abs=0.5)
    assert np.nanmax(dem.height) == pytest.approx(RAMP.max(), abs=0.5)
    assert np.isfinite(dem.height).mean() > 0.5
