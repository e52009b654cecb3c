"""Zooming out never loses a flooded street of one cell and never floods a dry one.

Overviews are pooled by the largest value (arrival time: by the smallest), not
averaged: the mean of one wet and three dry cells falls below the 10 cm class
after one level. Exact comparison with a slow reference that takes, for every
overview cell, all cells that it touches. Sizes are odd on purpose.
"""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from flood_sim.results.cog import SMALLEST_OVERVIEW, pool, write_cog
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES

ROWS, COLS = 301, 517
GRID = Grid(360000.0, 6040000.0, 2.0, ROWS, COLS, CRS.from_epsg(25832))


def overviews(path):
    with rasterio.open(path) as cog:
        levels = len(cog.overviews(1))
    for level in range(levels):
        with rasterio.open(path, overview_level=level) as cog:
            yield cog.read(1, masked=True).filled(np.nan), cog.transform


def slow_pool(values, reduce):
    rows, cols = values.shape
    m, n = (rows + 1) // 2, (cols + 1) // 2
    out = np.full((m, n), np.nan)
    for i in range(m):
        for j in range(n):
            top, bottom = i * rows // m, math.ceil((i + 1) * rows / m - 1e-9)
            left, right = j * cols // n, math.ceil((j + 1) * cols / n - 1e-9)
            part = values[top:bottom, left:right]
            if np.isfinite(part).any():
                out[i, j] = reduce(part)
    return out


@pytest.mark.parametrize(("how", "reduce"), [("max", np.nanmax), ("min", np.nanmin)])
@settings(max_examples=60, deadline=None)
@given(shape=st.tuples(st.integers(1, 12), st.integers(1, 12)), seed=st.integers(0, 999))
def test_pooling_equals_the_slow_reference(how, reduce, shape, seed):
    rng = np.random.default_rng(seed)
    values = np.where(rng.uniform(size=shape) < 0.4, np.nan, rng.uniform(size=shape))
    np.testing.assert_array_equal(pool(values, how), slow_pool(values, reduce))


def test_a_street_of_one_cell_survives_in_every_level(tmp_path):
    depth = np.zeros((ROWS, COLS), "f4")
    depth[:, 258] = 0.12
    depth[150, :] = 0.30
    write_cog(tmp_path / "max_depth.tif", depth, VARIABLES["max_depth"], GRID, {})
    sizes = []
    for level, transform in overviews(tmp_path / "max_depth.tif"):
        row = int((GRID.north - (GRID.north - 150.5 * 2.0)) / -transform.e)
        col = int(258.5 * 2.0 / transform.a)
        assert (level[row] == np.float32(0.30)).all() and (level[:, col] >= np.float32(0.12)).all()
        wet = level > 0
        assert wet.sum() < 3 * sum(level.shape)  # streets stay lines: nothing floods the blocks between them
        sizes.append(level.shape)
    assert sizes[0] == (151, 259) and max(sizes[-1]) <= SMALLEST_OVERVIEW


def test_nodata_neither_spreads_nor_counts(tmp_path):
    depth = np.zeros((ROWS, COLS), "f4")
    depth[:, 256:] = np.nan
    depth[7, 7] = 2.0
    write_cog(tmp_path / "max_depth.tif", depth, VARIABLES["max_depth"], GRID, {})
    for level, _ in overviews(tmp_path / "max_depth.tif"):
        share = np.isnan(level).mean()
        assert np.nanmax(level) == 2.0 and np.nanmin(level) == 0.0
        assert (level == 2.0).sum() <= 4 and 0.4 < share <= np.isnan(depth).mean() + 1 / level.shape[1]


def test_arrival_keeps_the_earliest_minute(tmp_path):
    arrival = np.full((ROWS, COLS), np.nan, "f4")
    arrival[100:200, 100:200] = 3000.0
    arrival[150, 150] = 600.0
    write_cog(tmp_path / "arrival_time.tif", arrival, VARIABLES["arrival_time"], GRID, {})
    for level, _ in overviews(tmp_path / "arrival_time.tif"):
        assert np.nanmin(level) == 600.0 and np.isnan(level[0, 0])


def test_it_works_where_gdal_is_told_not_to_look_at_neighbours(tmp_path):
    """The service closes GDAL's doors (no VRT, no sibling files); maps are written there too."""
    code = (
        "import numpy as np, sys; from pathlib import Path; from pyproj import CRS;"
        "from flood_sim.results.cog import write_cog; from flood_sim.terrain.grid import Grid;"
        "from flood_sim.variables import VARIABLES;"
        "g = Grid(0.0, 0.0, 1.0, 300, 300, CRS.from_epsg(25832)); a = np.zeros((300, 300)); a[:, 9] = 1;"
        "write_cog(Path(sys.argv[1]), a, VARIABLES['max_depth'], g, {})"
    )
    path = tmp_path / "m.tif"
    doors = {"GDAL_SKIP": "VRT WMS WCS HTTP", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=os.environ | doors)
    assert all((level.max(axis=1) == 1.0).all() for level, _ in overviews(path))
    assert list(tmp_path.iterdir()) == [path]
