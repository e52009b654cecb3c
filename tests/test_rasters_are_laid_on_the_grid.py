"""Land cover, roughness and depth are laid onto the terrain's grid where they lie, or refused.

"nearest" is exact. "average" keeps the volume: the sum of depth times cell area
is the same on both grids, up to the rounding of sums (1e-12).
"""

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import from_origin

from flood_sim.errors import TerrainError
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.raster import read_aligned

ROWS, COLS = 31, 42
ROUGH = np.random.default_rng(3).normal(150, 5, (ROWS, COLS)).astype(np.float32)


def tif(path, values, **changes):
    options = {"dtype": "float32", "crs": "EPSG:25832", "transform": from_origin(360000, 5680000, 2, 2)} | changes
    rows, cols = values.shape
    with rasterio.open(path, "w", driver="GTiff", count=1, height=rows, width=cols, **options) as file:
        file.write(values.astype(options["dtype"]), 1)
    return path


GRID = Grid(360010, 5679990, 4.0, 5, 6, CRS.from_epsg(25832))


def test_classes_are_taken_at_the_cell_centres(tmp_path):
    """The source starts 5 cells (10 m) further north-west; cell centres of GRID lie on corners of 2 m cells."""
    classes = np.arange(ROWS * COLS).reshape(ROWS, COLS) % 200
    path = tif(tmp_path / "cover.tif", classes, dtype="uint8", nodata=0)
    found = read_aligned(path, GRID, what="land cover")
    expected = classes[6 : 6 + 10 : 2, 6 : 6 + 12 : 2].astype(float)
    assert np.array_equal(found, np.where(expected == 0, np.nan, expected), equal_nan=True)


def test_averages_keep_the_volume(tmp_path):
    depth = np.random.default_rng(5).random((ROWS, COLS))
    path = tif(tmp_path / "depth.tif", depth, dtype="float64")
    found = read_aligned(path, GRID, resampling="average", what="initial depth")
    inside = depth[5:15, 5:17]
    np.testing.assert_allclose(found, inside.reshape(5, 2, 6, 2).mean(axis=(1, 3)), atol=1e-12)
    assert found.sum() * 16 == pytest.approx(inside.sum() * 4, rel=1e-12)


def test_a_coarser_raster_is_spread_over_the_cells(tmp_path):
    n = np.array([[0.02, 0.03], [0.04, 0.05]])
    path = tif(tmp_path / "n.tif", n, dtype="float64", transform=from_origin(360010, 5679990, 12, 12))
    for resampling in ("nearest", "average"):
        found = read_aligned(path, GRID, resampling=resampling, what="roughness")
        assert np.array_equal(found, np.repeat(np.repeat(n, 3, axis=0), 3, axis=1)[:5])


def test_an_ascii_raster_is_taken_in_the_crs_of_the_terrain(tmp_path):
    path = tmp_path / "n.asc"
    head = f"ncols {COLS}\nnrows {ROWS}\nxllcorner 360000\nyllcorner {5680000 - 2 * ROWS}\ncellsize 2\n"
    path.write_text(head + "\n".join(" ".join(f"{v:.9g}" for v in row) for row in ROUGH))
    found = read_aligned(path, GRID, what="roughness")
    np.testing.assert_allclose(found, ROUGH[6:16:2, 6:18:2], rtol=1e-7)


WRONG = {
    "another crs": ({"crs": "EPSG:25833"}, ["EPSG:25833", "EPSG:25832"]),
    "no crs": ({"crs": None}, ["no coordinate reference system", "rio edit-info"]),
    "too small": ({"transform": from_origin(360016, 5680000, 2, 2)}, ["6.0 m in the west", "does not cover"]),
    "elsewhere": ({"transform": from_origin(400000, 5680000, 2, 2)}, ["39990.0 m in the west"]),
    "complex": ({"dtype": "complex64"}, ["complex64"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_raster_that_does_not_fit_is_refused(name, tmp_path):
    options, words = WRONG[name]
    path = tif(tmp_path / "cover.tif", ROUGH, **options)
    with pytest.raises(TerrainError) as caught:
        read_aligned(path, GRID, what="land cover")
    assert str(caught.value).startswith(f"{path}: land cover: ")
    for word in words:
        assert word in str(caught.value)


def test_a_raster_of_one_huge_block_is_refused_unread(tmp_path, monkeypatch):
    path = tif(tmp_path / "cover.tif", ROUGH, blockysize=ROWS)
    monkeypatch.setattr("flood_sim.terrain.memory.available_bytes", lambda: 10_000)
    with pytest.raises(TerrainError, match="land cover: needs .* GiB to be read .1,302 cells in blocks of 31 rows"):
        read_aligned(path, GRID, what="land cover")
