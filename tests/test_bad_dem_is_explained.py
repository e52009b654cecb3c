"""A bad DEM is refused in one message that says what is wrong, where, and what to do.

Claim, for each fault in the table below: `read_dem` raises TerrainError whose
text names the file, the fault with its value and a way out; `check_dem` reports
the same fault under its code without raising; nothing is printed; nothing is
left behind. Faults that a run can live with are warnings and become notes.
"""

import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from flood_sim.errors import TerrainError
from flood_sim.terrain import memory, source
from flood_sim.terrain.check import check_dem
from flood_sim.terrain.dem import read_dem

PLACE = from_origin(360000, 5680000, 2, 2)
RAMP = np.add.outer(np.arange(30) * 0.2, np.arange(40) * 0.1) + 150.03
ASC_HEAD = "ncols 4\nnrows 3\nxllcorner 360000\nyllcorner 5680000\ncellsize 2\nNODATA_value -9999\n"
ASC_DATA = "1.5 2.5 3.5 4.5\n2 3 4 5.5\n3 4 5 6\n"


def tif(folder, values=RAMP, name="dem.tif", **changes):
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[None]
    options = {
        "driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
        "dtype": "float32", "crs": "EPSG:25832", "transform": PLACE,
    } | changes  # fmt: skip
    with rasterio.open(folder / name, "w", **options) as file:
        file.write(bands.astype(options["dtype"]))
    return folder / name


def text_file(folder, text, name="dem.asc"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def changed(row, col, value):
    values = RAMP.copy()
    values[row, col] = value
    return values


def truncated(folder, share, **options):
    rough = RAMP + np.random.default_rng(1).normal(0, 0.01, RAMP.shape)
    path = tif(folder, np.tile(rough, (10, 10)), **options)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def bomb(folder):
    path = folder / "dem.tif"
    options = {"width": 200_000, "height": 400_000, "count": 1, "dtype": "float32", "crs": "EPSG:25832"}
    tiles = {"tiled": True, "blockxsize": 8192, "blockysize": 8192, "sparse_ok": True, "BIGTIFF": "YES"}
    with rasterio.open(path, "w", driver="GTiff", transform=PLACE, compress="deflate", **options, **tiles):
        pass
    assert path.stat().st_size < 100_000
    return path


def archive(folder):
    with zipfile.ZipFile(folder / "dem.tif", "w") as file:
        file.writestr("dem.asc", ASC_HEAD + ASC_DATA)
    return folder / "dem.tif"


def vrt(folder):
    inner = tif(folder, name="inner.tif")
    return text_file(folder, f"<VRTDataset rasterXSize='40' rasterYSize='30'>{inner}</VRTDataset>", "dem.tif")


def with_unit(folder):
    path = tif(folder)
    with rasterio.open(path, "r+") as file:
        file.units = ("ft",)
    return path


def no_place(folder):
    path = folder / "dem.tif"
    with rasterio.open(path, "w", driver="GTiff", width=40, height=30, count=1, dtype="float32", crs=25832) as file:
        file.write(RAMP.astype("float32"), 1)
    return path


def linked_folder(folder):
    (folder / "dem").mkdir()
    return folder / "dem"


WEB = "<!DOCTYPE html>\n<html><body>404</body></html>"
LONLAT = from_origin(7.1, 51.3, 1e-5, 1e-5)
FEET = {"crs": "EPSG:2264", "transform": from_origin(1_450_000, 550_000, 3, 3)}
HOLE = RAMP.copy()
HOLE[10:13, 20:24] = np.nan

# name: (make the file, arguments, code, words that the message must hold)
FAULTS = {
    "geographic": (lambda f: tif(f, crs="EPSG:4326", transform=LONLAT), {}, "crs_geographic",
                   ["EPSG:4326", "degrees", "EPSG:25832", "rio warp"]),
    "geographic in Berlin": (lambda f: tif(f, crs="EPSG:4258", transform=from_origin(13.4, 52.5, 1e-5, 1e-5)), {},
                             "crs_geographic", ["EPSG:25833"]),
    "geographic outside Europe": (lambda f: tif(f, crs="EPSG:4326", transform=from_origin(-70.6, -33.4, 1e-5, 1e-5)),
                                  {}, "crs_geographic", ["EPSG:32719"]),
    "no crs": (lambda f: tif(f, crs=None), {}, "no_crs", ["no coordinate reference system", "--crs EPSG:25832"]),
    "ascii without crs": (lambda f: text_file(f, ASC_HEAD + ASC_DATA), {}, "no_crs", ["ESRI ASCII", "--crs", "25833"]),
    "ascii in degrees": (lambda f: text_file(f, ASC_HEAD.replace("360000", "7.1").replace("5680000", "51.2")
                                             .replace("cellsize 2", "cellsize 0.00001") + ASC_DATA),
                         {}, "no_crs", ["look like degrees", "UTM"]),
    "unknown crs": (lambda f: text_file(f, ASC_HEAD + ASC_DATA), {"crs": "EPSG:999999"}, "crs_unknown",
                    ["EPSG:999999", "EPSG:25832"]),
    "crs against the file": (tif, {"crs": "EPSG:25833"}, "crs_contradiction", ["EPSG:25832", "EPSG:25833"]),
    "feet": (lambda f: tif(f, **FEET), {}, "crs_not_metres", ["EPSG:2264", "foot", "0.3048", "EPSG:32617"]),
    "heights in feet by crs": (lambda f: tif(f, crs="EPSG:25832+6360"), {}, "heights_not_metres", ["foot", "rio calc"]),
    "heights in feet by unit": (with_unit, {}, "heights_not_metres", ["'ft'", "rio calc"]),
    "web mercator": (lambda f: tif(f, crs="EPSG:3857", transform=from_origin(790000, 6670000, 2, 2)), {},
                     "crs_distorts", ["EPSG:3857", "1.59", "slopes and volumes", "EPSG:25832"]),
    "not projected": (lambda f: tif(f, crs="EPSG:4978"), {}, "crs_not_projected", ["EPSG:4978"]),
    "zone in the easting": (lambda f: tif(f, transform=from_origin(32_360_000, 5_680_000, 2, 2)), {},
                            "crs_zone_prefix", ["E 32360040", "EPSG:4647"]),
    "not placed": (no_place, {}, "no_georeference", ["not placed on the map", "GeoTIFF"]),
    "not square": (lambda f: tif(f, transform=Affine(2, 0, 360000, 0, -3, 5680000)), {}, "not_square",
                   ["2 wide, 3 high", "rio warp"]),
    "rotated": (lambda f: tif(f, transform=Affine(1.8, 0.8, 360000, 0.8, -1.8, 5680000)), {}, "rotated", ["rotated", "rio warp"]),
    "south-up": (lambda f: tif(f, transform=Affine(2, 0, 360000, 0, 2, 5680000)), {}, "south_up", ["south-up"]),
    "cells of a hair": (lambda f: tif(f, transform=from_origin(360000, 5680000, 1e-4, 1e-4)), {}, "cell_size",
                        ["0.0001 m", "0.01 to 1000"]),
    "infinite": (lambda f: tif(f, changed(4, 7, np.inf)), {}, "infinite",
                 ["1 cells hold an infinite", "row 5, column 8", "E 360015.0, N 5679991.0"]),
    "too high": (lambda f: tif(f, changed(29, 0, 12345.0)), {}, "absurd_height", ["12345 m", "row 30, column 1", "9000"]),
    "undeclared nodata": (lambda f: tif(f, changed(slice(3), 0, -9999.0)), {}, "absurd_height",
                          ["3 cells", "-9999 m", "row 1, column 1", "--nodata -9999"]),
    "millimetres": (lambda f: tif(f, RAMP * 1000), {}, "absurd_height", ["1,200 cells", "millimetres"]),
    "impossible spike": (lambda f: tif(f, changed(10, 11, 3000.0)), {}, "spike",
                         ["a single cell", "(3000.0 m)", "row 11, column 12", "no-data"]),
    "hole refused": (lambda f: tif(f, HOLE), {"holes": "refuse"}, "holes",
                     ["12 of 1,200 cells", "row 11, column 21", "fill", "mask"]),
    "cell size not whole": (tif, {"cell_m": 3.0}, "cell_m", ["3 m", "2, 4, 6, 8, 10"]),
    "cell size too fine": (tif, {"cell_m": 1.0}, "cell_m", ["cells of 2 m", "whole multiples"]),
    "cell size absurd": (tif, {"cell_m": float("nan")}, "cell_m", ["nan m", "2, 4"]),
    "bands": (lambda f: tif(f, np.stack([RAMP] * 3)), {}, "bands", ["3 bands", "rio stack"]),
    "complex": (lambda f: tif(f, dtype="complex64"), {}, "dtype", ["complex64", "float32"]),
    "picture": (lambda f: tif(f, dtype="uint8"), {}, "dtype", ["uint8", "picture"]),
    "all nodata": (lambda f: tif(f, np.full((30, 40), -9999.0), nodata=-9999), {}, "all_nodata", ["1,200 cells"]),
    "too small": (lambda f: tif(f, RAMP[:2]), {}, "too_small", ["2 rows x 40 columns", "3 x 3"]),
    "bomb": (bomb, {}, "bomb", ["80,000,000,000 cells", "298.0 GiB", "bytes"]),
    "bomb, coarse": (bomb, {"cell_m": 2000.0}, "bomb", ["80,000,000,000 cells"]),
    "truncated": (lambda f: truncated(f, 0.5), {}, "truncated", ["truncated", "of 300", "again"]),
    "truncated, packed": (lambda f: truncated(f, 0.9, compress="deflate"), {}, "truncated", ["between row", "of 300"]),
    "truncated header": (lambda f: truncated(f, 0.0001), {}, "damaged", ["header is damaged", "truncated"]),
    "empty": (lambda f: text_file(f, b"", "dem.tif"), {}, "empty", ["empty (0 bytes)"]),
    "missing": (lambda f: tif(f).parent / "dme.tif", {}, "missing", ["no such file", "Did you mean dem.tif?"]),
    "folder": (linked_folder, {}, "folder", ["is a folder"]),
    "device": (lambda f: "/dev/null", {}, "not_a_regular_file", ["not a regular file"]),
    "address": (lambda f: "https://example.org/dem.tif", {}, "not_a_local_file", ["address", "Download"]),
    "virtual path": (lambda f: "/vsicurl/http://127.0.0.1:9/dem.tif", {}, "not_a_local_file", ["address"]),
    "nul in the name": (lambda f: "dem\0.tif", {}, "missing", ["not a usable file name"]),
    "web page": (lambda f: text_file(f, WEB, "dem.tif"), {}, "not_a_raster", ["web page", "Download"]),
    "vrt": (vrt, {}, "not_a_raster", ["VRT", "GeoTIFF"]),
    "zip": (archive, {}, "not_a_raster", ["ZIP archive", "Unpack"]),
    "xyz": (lambda f: text_file(f, "360000 5680000 150.2\n", "dem.xyz"), {}, "not_a_raster", ["XYZ"]),
    "noise": (lambda f: text_file(f, bytes(range(256)), "dem.tif"), {}, "not_a_raster", ["neither", "ASCII"]),
    "ascii cut": (lambda f: text_file(f, ASC_HEAD + ASC_DATA[:-9]), {"crs": "25832"}, "truncated",
                  ["row 3 of 3", "truncated"]),
    "ascii cut early": (lambda f: text_file(f, ASC_HEAD + "1 2 3 4\n"), {"crs": "25832"}, "truncated", ["3 rows of 4"]),
    "ascii too long": (lambda f: text_file(f, ASC_HEAD + ASC_DATA + "7 8\n"), {"crs": "25832"}, "too_many_values",
                       ["2 more values"]),
    "ascii with a word": (lambda f: text_file(f, ASC_HEAD + ASC_DATA.replace("5.5", "fuenf")), {"crs": "25832"},
                          "not_a_number", ["'fuenf'", "row 2, column 4"]),
    "ascii header": (lambda f: text_file(f, ASC_HEAD.replace("nrows 3\n", "") + ASC_DATA), {"crs": "25832"}, "header",
                     ["nrows"]),
    "ascii header word": (lambda f: text_file(f, ASC_HEAD.replace("size 2", "size x") + ASC_DATA), {"crs": "25832"},
                          "header", ["'cellsize x'"]),
    "ascii bomb": (lambda f: text_file(f, ASC_HEAD.replace("ncols 4", "ncols 4000000000") + ASC_DATA),
                   {"crs": "25832"}, "truncated", ["4,000,000,000 values", "too short"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_explained(name, tmp_path, capfd):
    make, arguments, code, words = FAULTS[name]
    path = make(tmp_path)
    before = sorted(p.name for p in tmp_path.rglob("*"))

    with pytest.raises(TerrainError) as caught:
        read_dem(path, **arguments)
    report = check_dem(path, **arguments)

    text = str(caught.value)
    assert text.startswith(f"{path}: "), "the message names the file"
    assert caught.value.hint or code in ("not_a_regular_file", "missing"), "and a way out"
    for word in words:
        assert word in text
    assert code in [f.code for f in report.findings if f.severity == "error"]
    assert not report.usable
    assert capfd.readouterr() == ("", "")
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_nothing_reaches_stderr_of_a_plain_program(tmp_path):
    """Outside pytest too: GDAL's own words go through `logging`, which pytest would swallow."""
    paths = []
    for n, name in enumerate(["truncated", "truncated, packed", "truncated header", "not placed", "web page"]):
        (tmp_path / str(n)).mkdir()
        paths.append(str(FAULTS[name][0](tmp_path / str(n))))
    program = (
        "import sys\nfrom flood_sim.errors import TerrainError\nfrom flood_sim.terrain.dem import read_dem\n"
        "for path in sys.argv[1:]:\n    try:\n        read_dem(path)\n    except TerrainError:\n        print('refused')\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program, *paths], capture_output=True, text=True, env=environment)
    assert done.stdout.split() == ["refused"] * len(paths)
    assert done.stderr == ""


def test_unreadable_file_is_explained(tmp_path, monkeypatch):
    """The tests may run as root, who may read everything: the refusal of the system is simulated."""
    path = tif(tmp_path)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(source.Path, "open", refuse)
    with pytest.raises(TerrainError, match="permission denied.*chmod"):
        read_dem(path)


def test_too_large_for_memory_is_told_before_reading(tmp_path, monkeypatch):
    """1,000 x 1,000 cells need 151 B each (solver 75, exact heights 4, a part 72) = 151 MB, plus 48 MB a strip; 100 MB are free.

    Half as many cells per side need a quarter (38 MB), and the same strip: cell_m = 4 fits.
    """
    path = tif(tmp_path, np.zeros((1000, 1000)))
    monkeypatch.setattr(memory, "available_bytes", lambda: 100_000_000)
    monkeypatch.setattr("flood_sim.terrain.geotiff.GeoTiff.strips", None)  # reading would fail
    with pytest.raises(TerrainError) as caught:
        read_dem(path)
    text = str(caught.value)
    assert "1,000,000 cells" in text and "GiB" in text and "0.1 GiB are free" in text and "cell_m = 4 would fit" in text
    assert "too_large" in [f.code for f in check_dem(path).findings]


# name: (values, options, words of the note)
DOUBTS = {
    "spike": (changed(10, 11, 400.0), {}, ["a single cell", "row 11, column 12", "(400.0 m)"]),
    "pit": (changed(0, 39, 20.0), {}, ["a single cell", "row 1, column 40"]),
    "centimetres": ((RAMP - 130) * 100.3, {}, ["973 m of relief over 80 m", "centimetres"]),
    "centimetres, gentle": (150.5 + 3 * (np.indices(RAMP.shape).sum(axis=0) % 2), {}, ["steeper than 45 degrees"]),
    "whole metres": (np.rint(RAMP), {"dtype": "int16"}, ["whole metres"]),
    "zeros": (changed(slice(2), slice(None), 0.0), {}, ["80 cells are exactly 0 m", "150 m"]),
    "flat": (np.full((30, 40), 7.0), {}, ["all heights are the same (7 m)"]),
    "coarse": (RAMP, {"transform": from_origin(360000, 5680000, 25, 25)}, ["25 m wide", "not resolved"]),
    "elsewhere": (RAMP, {"transform": from_origin(360000, 200, 2, 2)}, ["outside the area of EPSG:25832"]),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_doubt_becomes_a_note(name, tmp_path, capfd):
    values, options, words = DOUBTS[name]
    path = tif(tmp_path, values, **options)
    notes = "; ".join(read_dem(path).notes)
    for word in words:
        assert word in notes
    report = check_dem(path)
    assert report.usable and "warning" in [f.severity for f in report.findings]
    assert capfd.readouterr() == ("", "")


def test_check_collects_all_faults_at_once(tmp_path):
    """No CRS, an infinite height and a hole: three findings, and the facts of the file beside them."""
    values = HOLE.copy()
    values[2, 3] = np.inf
    report = check_dem(tif(tmp_path, values, crs=None))
    assert {"no_crs", "infinite", "holes"} <= {f.code for f in report.findings}
    assert report.facts["rows"] == 30 and report.facts["cell_m"] == 2.0 and report.facts["run_cost"] == "seconds"
    assert report.facts["height_max_m"] == pytest.approx(RAMP.max(), abs=1e-4)


def test_good_dem_has_no_findings(tmp_path):
    report = check_dem(tif(tmp_path))
    assert report.findings == ()
    assert report.facts["epsg"] == 25832 and report.facts["bounds"] == (360000.0, 5679940.0, 360080.0, 5680000.0)
