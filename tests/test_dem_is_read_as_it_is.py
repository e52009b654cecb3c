"""Heights arrive where and as the file holds them; only what was asked for is changed.

Tolerances: a value written as float32 comes back as that float32, exactly. A
plane is restored exactly by linear interpolation, up to rounding of float64
(1e-9 m on heights of some 100 m). Means of blocks: rounding of a sum (1e-9).
"""

import hashlib
import shutil

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import from_origin
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay

from flood_sim.errors import TerrainError
from flood_sim.terrain import header, holes
from flood_sim.terrain.check import check_dem
from flood_sim.terrain.dem import read_dem
from flood_sim.terrain.grid import Grid

PLACE = from_origin(360000, 5680000, 2, 2)
ROWS, COLS = 31, 42


def plane(rows=ROWS, cols=COLS):
    return np.add.outer(np.arange(rows) * 0.25, np.arange(cols) * -0.125) + 150.5


def rough():
    return (plane() + np.random.default_rng(3).normal(0, 0.3, (ROWS, COLS))).astype(np.float32)


def tif(path, values, **changes):
    options = {"dtype": "float32", "crs": "EPSG:25832", "transform": PLACE} | changes
    tags, scale, mask = (options.pop(k, None) for k in ("tags", "scale", "mask"))
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", driver="GTiff", count=1, height=values.shape[0], width=values.shape[1], **options
        ) as file,
    ):
        file.write(values.astype(options["dtype"]), 1)
        file.update_tags(**(tags or {}))
        if scale:
            file.scales, file.offsets = (scale[0],), (scale[1],)
        if mask is not None:
            file.write_mask(mask)
    return path


def asc(path, values, head=None, point=".", per_line=None, end="\n"):
    head = head or ["ncols {c}", "nrows {r}", "xllcorner 360000", "yllcorner {s}", "cellsize 2", "NODATA_value -9999"]
    south = 5680000 - 2 * values.shape[0]
    lines = [h.format(c=values.shape[1], r=values.shape[0], s=south, sc=south + 1) for h in head]
    numbers = [f"{v:.9g}".replace(".", point) for v in np.where(np.isnan(values), -9999, values).ravel()]
    step = per_line or values.shape[1]
    lines += [" ".join(numbers[i : i + step]) for i in range(0, len(numbers), step)]
    path.write_text(end.join(lines) + end, encoding="utf-8", newline="")
    return path


def test_geotiff_cell_by_cell(tmp_path):
    path = tif(tmp_path / "dem.tif", rough())
    dem = read_dem(path)
    assert dem.height.dtype == np.float64 and np.array_equal(dem.height, rough())
    assert dem.grid == Grid(360000, 5680000, 2.0, ROWS, COLS, CRS.from_epsg(25832))
    assert dem.checksum == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (dem.name, dem.notes, dem.synthetic) == ("dem", (), False)


CENTRE = ["NROWS {r}", "NCOLS {c}", "XLLCENTER 360001", "YLLCENTER {sc}", "DX 2", "DY 2", "nodata_VALUE -9999"]
SPELLINGS = {
    "plain": {},
    "centre of the cell, upper case, dx and dy": {"head": CENTRE},
    "decimal comma": {"point": ","},
    "wrapped lines": {"per_line": 7},
    "windows": {"end": "\r\n"},
    "old mac": {"end": "\r"},
    "byte order mark": {
        "head": ["\ufeffncols {c}", "nrows {r}", "xllcorner 360000,0", "yllcorner {s}", "cellsize 2,0"]
    },
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_esri_ascii_equals_geotiff(spelling, tmp_path):
    """Nine digits hold a float32, so both files say the same (1e-7 relative)."""
    values = rough()
    values[:5, :3] = np.nan
    one = read_dem(tif(tmp_path / "dem.tif", np.nan_to_num(values, nan=-9999.0), nodata=-9999))
    other = read_dem(asc(tmp_path / "dem.asc", values, **SPELLINGS[spelling]), crs="EPSG:25832")
    assert other.grid == one.grid
    np.testing.assert_allclose(other.height, one.height, rtol=1e-7)


def test_pieces_do_not_matter(tmp_path, monkeypatch):
    """Strips of one row and chunks of 100 bytes give the same heights, spikes and findings as one piece."""
    values = rough()
    values[7, 9], values[8, 30], values[20, 20] = 900.0, -200.0, np.nan
    files = tif(tmp_path / "dem.tif", values), asc(tmp_path / "dem.asc", values)
    whole = [check_dem(f, crs="EPSG:25832") for f in files], [read_dem(f, crs="25832", cell_m=6) for f in files]
    monkeypatch.setattr(header, "STRIP_CELLS", 1)
    monkeypatch.setattr("flood_sim.terrain.ascii_grid._CHUNK", 100)
    for n, file in enumerate(files):
        report, dem = check_dem(file, crs="EPSG:25832"), read_dem(file, crs="25832", cell_m=6)
        assert report.findings == whole[0][n].findings and "spike" in [f.code for f in report.findings]
        np.testing.assert_allclose(dem.height, whole[1][n].height, atol=1e-9)


def test_only_the_horizontal_crs_counts(tmp_path):
    """ETRS89/UTM32 with DHHN2016 heights (EPSG:25832+7837) is EPSG:25832 for the grid, and a note says so."""
    dem = read_dem(tif(tmp_path / "dem.tif", rough(), crs="EPSG:25832+7837"), crs="EPSG:25832")
    assert dem.grid.crs == CRS.from_epsg(25832)
    assert len(dem.notes) == 1 and "only its horizontal part" in dem.notes[0]


def test_scale_and_offset_of_the_file_are_applied(tmp_path):
    centimetres = np.rint((rough() - 100) * 100)
    dem = read_dem(tif(tmp_path / "dem.tif", centimetres, dtype="int16", scale=(0.01, 100.0)))
    np.testing.assert_allclose(dem.height, rough(), atol=0.0051)
    assert "scale 0.01 and offset 100" in dem.notes[0]


@pytest.mark.parametrize("how", ["declared", "nan", "mask", "lowest float"])
def test_every_kind_of_no_data_is_outside(how, tmp_path):
    values, outside = rough(), np.zeros((ROWS, COLS), dtype=bool)
    outside[:, :4] = outside[25:, :] = True
    fill = {"declared": -9999.0, "nan": np.nan, "mask": 12.0, "lowest float": np.finfo("float32").min}[how]
    values[outside] = fill
    options = {"declared": {"nodata": -9999}, "mask": {"mask": ~outside}, "lowest float": {"nodata": -9999}}
    dem = read_dem(tif(tmp_path / "dem.tif", values, **options.get(how, {})))
    assert np.array_equal(np.isnan(dem.height), outside)
    assert np.array_equal(dem.height[~outside], rough()[~outside])


def test_neighbour_files_and_names_do_not_matter(tmp_path):
    """Side files would escape the checksum; names with special characters are only names."""
    path = tif(tmp_path / "a#b?c!d%20 ü.tif", rough())
    (tmp_path / (path.name + ".aux.xml")).write_text(
        "<PAMDataset><GeoTransform>0,1,0,0,0,-1</GeoTransform><PAMRasterBand band='1'>"
        "<NoDataValue>150</NoDataValue><Offset>99</Offset></PAMRasterBand></PAMDataset>"
    )
    path.with_suffix(".tfw").write_text("1\n0\n0\n-1\n0\n0\n")
    before = sorted(tmp_path.iterdir())
    dem = read_dem(path)
    assert np.array_equal(dem.height, rough()) and dem.grid.west == 360000 and dem.notes == ()
    assert sorted(tmp_path.iterdir()) == before


def test_the_same_file_gives_the_same_bits(tmp_path):
    values = rough()
    values[9:20, 8:31] = np.nan
    path = tif(tmp_path / "dem.tif", values)
    shutil.copy(path, tmp_path / "copy.tif")
    one, other = read_dem(path), read_dem(tmp_path / "copy.tif")
    assert one.height.tobytes() == other.height.tobytes() and one.checksum == other.checksum


def test_invented_terrain_says_so(tmp_path):
    tags = {"FLOOD_SIM_SYNTHETIC": "1", "TIFFTAG_IMAGEDESCRIPTION": "Musterstadt (erfunden)"}
    dem = read_dem(tif(tmp_path / "dem.tif", rough(), tags=tags))
    assert dem.synthetic and dem.name == "Musterstadt (erfunden)"


def with_holes():
    """Two holes in a plane, one of them with an island; a bay that reaches the edge, once over a corner only."""
    values = plane()
    values[5:14, 6:20] = np.nan
    values[9, 12] = plane()[9, 12]
    values[20, 30] = np.nan
    values[28:, :2] = np.nan
    values[27, 2] = np.nan
    return values


def test_holes_in_a_plane_are_filled_with_the_plane(tmp_path):
    dem = read_dem(tif(tmp_path / "dem.tif", with_holes(), dtype="float64"))
    bay = np.zeros((ROWS, COLS), dtype=bool)
    bay[28:, :2] = bay[27, 2] = True
    assert np.array_equal(np.isnan(dem.height), bay)
    np.testing.assert_allclose(dem.height[~bay], plane()[~bay], atol=1e-9)
    assert len(dem.notes) == 1 and "2 holes" in dem.notes[0] and "126 of 1,302 cells" in dem.notes[0]


def test_holes_are_masked_on_request(tmp_path):
    dem = read_dem(tif(tmp_path / "dem.tif", with_holes(), dtype="float64"), holes="mask")
    assert np.array_equal(dem.height, with_holes(), equal_nan=True)
    assert "left out of the computation" in dem.notes[0]


def test_filled_heights_stay_between_those_of_the_rim(tmp_path):
    values = rough()
    values[5:25, 5:35] = np.nan
    dem = read_dem(tif(tmp_path / "dem.tif", values))
    rim = np.concatenate([values[4, 4:36], values[25, 4:36], values[4:26, 4], values[4:26, 35]])
    assert rim.min() - 1e-9 <= dem.height[5:25, 5:35].min() and dem.height[5:25, 5:35].max() <= rim.max() + 1e-9


def test_filling_is_linear_interpolation_over_delaunay_triangles(monkeypatch):
    """Against scipy's interpolator over the same triangles (1e-9: rounding of a plane); in one piece and in many."""
    rng = np.random.default_rng(8)
    points = np.unique(rng.integers(0, 60, (150, 2)), axis=0)
    points = np.unique(np.vstack([points, [[0, 0], [0, 59], [59, 0], [59, 59]]]), axis=0)
    values = rng.normal(0, 5, len(points))
    triangles = Delaunay(points)
    expected = LinearNDInterpolator(triangles, values)(*np.mgrid[:60, :60])
    for rows_at_once in (1_000_000, 50):
        monkeypatch.setattr(holes, "_ROWS_AT_ONCE", rows_at_once)
        np.testing.assert_allclose(holes.over_triangles(points, values, (60, 60)), expected, atol=1e-9)


def test_refusing_holes_also_finds_those_that_averaging_would_hide(tmp_path):
    values = plane()
    values[10, 10] = np.nan
    path = tif(tmp_path / "dem.tif", values)
    assert np.isfinite(read_dem(path, cell_m=4).height).all()
    with pytest.raises(TerrainError, match="row 11, column 11"):
        read_dem(path, cell_m=4, holes="refuse")


def test_coarse_cells_hold_the_mean_of_their_valid_cells(tmp_path):
    """Written out cell by cell; a block with less than half of its nine cells is outside, at the ragged edge too."""
    values = rough()
    values[0:3, 0:2] = np.nan  # 3 of 9 valid: outside
    values[3:5, 0:2] = np.nan  # 5 of 9 valid: inside
    dem = read_dem(tif(tmp_path / "dem.tif", values), cell_m=6.0)
    assert dem.grid == Grid(360000, 5680000, 6.0, 11, 14, CRS.from_epsg(25832))
    for row in range(11):
        for col in range(14):
            block = values[3 * row : 3 * row + 3, 3 * col : 3 * col + 3].astype(np.float64)
            valid = block[np.isfinite(block)]
            expected = valid.mean() if valid.size >= 4.5 else np.nan
            np.testing.assert_allclose(dem.height[row, col], expected, atol=1e-9)
    assert np.isnan(dem.height[10]).all(), "31 rows: the last block has one row of three"
