"""Radar composites of the DWD are read as published, lie where they should, and keep their rain on another grid.

Corners of the grids: table in the documentation of wradlib (georef.get_radolan_grid),
from "RADOLAN/RADVOR-OP Kompositformat 2.2.2" (DWD 2009), to 4 digits of a degree:
5e-5. DE1200 on WGS 84: centre of the south-west cell as listed with "Radarkomposits -
Projektionen und Gitter 1.01" (DWD 2022): 45.70099971 N; tolerance 1e-7 (1 cm).
Place of a cell: x = R M cos(phi) sin(lambda - 10), y = -R M cos(phi) cos(lambda - 10),
M = (1 + sin 60) / (1 + sin phi), R = 6370.04 km (the same description), by hand.

Volume on a UTM grid: sum(depth x area of the radar's cell on the ellipsoid x UTM
scale^2). Points a thirty-second of a cell apart see each border to that share: up to
2/32 = 6 % for a lone cell (2 % is asked, 1.0 % was found), a twentieth of it for 20 x 20
cells of any depths (0.1 % is asked, 0.03 % was found).

Composites are made here in the documented format: header in ASCII up to ETX, then two
bytes a cell, south-west cell first, tenths or hundredths of mm, 0x29C4 for no data.
"""

import bz2
import gzip
import io
import tarfile
from datetime import UTC, datetime, timedelta
from math import cos, pi, radians, sin

import numpy as np
import pytest
from pyproj import CRS, Geod, Proj, Transformer

from flood_sim.errors import ScenarioError
from flood_sim.rain.field import RainField, around

pytest.importorskip("wradlib", reason='RADAR NOT TESTED: wradlib is not installed (pip install "flood-sim[radar]")')

from flood_sim.rain.radar import read_radar  # noqa: E402
from flood_sim.rain.radar_composite import native_grid  # noqa: E402

UTM = CRS.from_epsg(25832)
NO_DATA = 0x29C4
T0 = datetime(2018, 5, 29, 14, 0, tzinfo=UTC)
WUPPERTAL = (7.15, 51.26)
CORNERS = {
    (900, 900): {"sw": (3.5889, 46.9526), "se": (14.6209, 47.0705), "ne": (15.7208, 54.7405), "nw": (2.0715, 54.5877)},
    (1100, 900): {"sw": (4.6759, 46.1929), "se": (15.4801, 46.1827), "ne": (17.1128, 55.5342), "nw": (3.0889, 55.5482)},
}  # fmt: skip


def composite(values, time=T0, product="YW", *, digits=2, minutes=5, version=3, more="MF 00000000VR2017.002"):
    """Bytes of a composite; values (rows, cols) in its unit, row 0 in the south."""
    rows, cols = values.shape
    start = f"{product}{time:%d%H%M}10000{time:%m%y}BY"
    rest = f"VS{version:2d}SW   2.18.3PR E-{digits:02d}INT{minutes:4d}GP{rows:4d}x{cols:4d}{more}MS 10<asb,boo>"
    size = len(start) + 7 + len(rest) + 1 + 2 * rows * cols
    return f"{start}{size:7d}{rest}\x03".encode() + values.astype("<u2").tobytes()


def rw(values, time=T0, more=""):
    return composite(values, time, "RW", digits=1, minutes=60, more=more)


def place_of(lon, lat):
    """x, y in km on the plane of the composite, by the formula of its description."""
    phi, lam = radians(lat), radians(lon - 10)
    scale = 6370.04 * (1 + sin(pi / 3)) / (1 + sin(phi))
    return scale * cos(phi) * sin(lam), -scale * cos(phi) * cos(lam)


def cell_over(lon, lat, shape=(1100, 900)):
    """Row (from the south) and column of the cell that a place lies in."""
    x, y = place_of(lon, lat)
    west, south = place_of(*{(1100, 900): (4.67593, 46.192879), (900, 900): (3.58893, 46.95258)}[shape])
    return int(y - south), int(x - west)


def box(km=20.0, cell=250.0):
    x, y = Transformer.from_crs(4326, UTM, always_xy=True).transform(*WUPPERTAL)
    return around((x - 500 * km, y - 500 * km, x + 500 * km, y + 500 * km), UTM, cell)


@pytest.fixture
def save(tmp_path):
    def save(data, name="a-1805291400-dwd---bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return save


@pytest.fixture(scope="module")
def wet():
    """YW with 1 mm in the cell over Wuppertal, no data in its eastern neighbour."""
    values = np.zeros((1100, 900), int)
    row, col = cell_over(*WUPPERTAL)
    values[row, col], values[row, col + 1] = 100, NO_DATA
    return values


@pytest.mark.parametrize("shape", sorted(CORNERS))
def test_corners_are_those_published(shape):
    grid = native_grid(*shape, wgs84=False)
    west, south, east, north = grid.bounds
    to = Transformer.from_crs(grid.crs, 4326, always_xy=True)
    for name, (lon, lat) in CORNERS[shape].items():
        found = to.transform(west if "w" in name else east, south if "s" in name else north)
        assert found == pytest.approx((lon, lat), abs=5e-5), name


def test_the_grid_on_the_ellipsoid_is_that_published():
    grid = native_grid(1200, 1100, wgs84=True)
    x, y = grid.x_centres()[0], grid.y_centres()[-1]
    lon, lat = Transformer.from_crs(grid.crs, 4326, always_xy=True).transform(x, y)
    assert lat == pytest.approx(45.70099971, abs=1e-7)
    assert lon == pytest.approx(3.572200177, abs=1e-7)
    on_sphere = Transformer.from_crs(native_grid(1200, 1100, wgs84=False).crs, 4326, always_xy=True).transform(x, y)
    assert abs(on_sphere[1] - lat) > 1e-3, "the two earths must not be the same"


def test_a_wet_cell_lies_over_its_place(save, wet):
    """Depths in mm; the wet cell holds Wuppertal, and nothing but 1 km (0.95 on the ground) around it."""
    target = box(6.0, 100.0)
    field = read_radar([save(composite(wet))], target)
    here = field.depth_mm[0]
    lon_lat = Transformer.from_crs(UTM, 4326, always_xy=True)
    west, south = place_of(*(4.67593, 46.192879))
    row, col = cell_over(*WUPPERTAL)
    for i, y in enumerate(target.y_centres()):
        for j, x in enumerate(target.x_centres()):
            px, py = place_of(*lon_lat.transform(x, y))
            away = (
                min(abs(px - west - k) for k in (col, col + 1, col + 2)),
                min(abs(py - south - k) for k in (row, row + 1)),
            )
            if min(away) < 0.06:  # 60 m: the cell of the target reaches into two of the radar
                continue
            inside = row <= py - south < row + 1
            expected = (
                1.0
                if inside and col <= px - west < col + 1
                else np.nan
                if inside and col + 1 <= px - west < col + 2
                else 0.0
            )
            assert here[i, j] == pytest.approx(expected, rel=1e-6, nan_ok=True), (i, j)
    assert np.nansum(here > 0.99) > 50
    assert field.edges_s == (0.0, 300.0) and field.start == T0 - timedelta(minutes=5)
    assert "RADKLIM YW" in field.label and "no measurement" in field.notes[0]


@pytest.mark.parametrize(("size", "tolerance"), [(1, 0.02), (20, 0.001)])
def test_the_volume_is_kept_on_another_grid(save, size, tolerance):
    row, col = (k - size // 2 for k in cell_over(*WUPPERTAL))
    values = np.zeros((1100, 900), int)
    values[row : row + size, col : col + size] = np.random.default_rng(2).integers(50, 400, (size, size))
    grid = native_grid(1100, 900, wgs84=False)
    to = Transformer.from_crs(grid.crs, 4326, always_xy=True)
    west, south = grid.bounds[:2]
    expected = 0.0
    for i, j in np.argwhere(values):
        xs, ys = west + 1000.0 * (j + np.array([0, 1, 1, 0])), south + 1000.0 * (i + np.array([0, 0, 1, 1]))
        lon, lat = to.transform(xs, ys)
        area, _ = Geod(ellps="GRS80").polygon_area_perimeter(lon, lat)
        scale = Proj(UTM).get_factors(float(np.mean(lon)), float(np.mean(lat))).areal_scale
        expected += values[i, j] / 100 * abs(area) * scale
    for cell in (500.0, 1000.0):
        field = read_radar([save(composite(values))], box(size + 20.0, cell))
        assert field.depth_mm.sum(dtype=float) * cell**2 == pytest.approx(expected, rel=tolerance), cell


def test_units_and_times_of_the_products(save, tmp_path):
    values = np.zeros((900, 900), int)
    values[:] = 42
    target = box(4.0)
    hour = read_radar([save(rw(values, T0 - timedelta(minutes=10)))], target)
    assert hour.total_mm() == pytest.approx(4.2) and hour.edges_s == (0.0, 3600.0)
    assert hour.start == T0 - timedelta(minutes=70) and "RADOLAN RW" in hour.source
    again = read_radar([save(rw(values, more="MF 00000000VR2017.002"))], target)
    assert again.total_mm() == pytest.approx(4.2) and "RADKLIM RW, Version 2017.002" in again.source
    five = read_radar([save(composite(values, product="RY", more=""))], target)
    assert five.total_mm() == pytest.approx(0.42) and "nicht an Stationen" in five.label
    begins = read_radar([save(composite(values, product="RY", more=""))], target, time_is="begin")
    assert begins.start == T0


def test_files_folders_and_archives_give_the_same(tmp_path, wet):
    times = [T0 + timedelta(minutes=5 * k) for k in range(3)]
    named = {
        f"raa01-yw2017.002_10000-{t:%y%m%d%H%M}-dwd---bin": composite(wet * (k + 1) % 0x1000, t)
        for k, t in enumerate(times)
    }
    folder = tmp_path / "folder"
    folder.mkdir()
    for k, (name, data) in enumerate(named.items()):
        pack = (lambda d: d, gzip.compress, bz2.compress)[k]
        (folder / (name + ("", ".gz", ".bz2")[k])).write_bytes(pack(data))
    day = io.BytesIO()
    with tarfile.open(fileobj=day, mode="w:gz", compresslevel=1) as archive:
        for name, data in named.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    month = tmp_path / "YW2017.002_201805.tar"
    with tarfile.open(month, "w") as archive:
        for name, data in (
            ("YW2017.002_20180529.tar.gz", day.getvalue()),
            ("YW2017.002_20180501.tar.gz", b"not looked at"),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    target = box(3.0)
    one = read_radar([folder], target)
    two = read_radar([month], target, begin=T0 - timedelta(minutes=5), end=T0 + timedelta(minutes=10))
    assert one.intervals == 3
    assert np.array_equal(one.depth_mm, two.depth_mm, equal_nan=True)
    cut = read_radar([month], target, begin=T0, end=T0 + timedelta(minutes=7.5))
    assert cut.edges_s == (0.0, 300.0, 450.0) and cut.start == T0
    assert cut.depth_mm[1] == pytest.approx(one.depth_mm[2] / 2, nan_ok=True)


def test_missing_time_steps_are_reported(tmp_path):
    values = np.ones((1100, 900), int)
    for k in (0, 1, 4):
        (tmp_path / f"{k}").write_bytes(composite(values, T0 + timedelta(minutes=5 * k)))
    with pytest.raises(
        ScenarioError, match=r"2 time steps of YW are missing from 2018-05-29 14:05 to 14:15 UTC.*--allowed-gap-min"
    ):
        read_radar([tmp_path], box(3.0))
    field = read_radar([tmp_path], box(3.0), allowed_gap_min=10)
    assert field.intervals == 5 and not field.depth_mm[2:4].any() and field.depth_mm[4].all()
    assert "taken as dry" in field.notes[0]
    with pytest.raises(ScenarioError, match="1 time steps of YW are missing from 2018-05-29 13:50 to 13:55"):
        read_radar([tmp_path], box(3.0), begin=T0 - timedelta(minutes=10), allowed_gap_min=4)


def test_what_the_radar_did_not_see_can_be_dry(save, wet):
    field = read_radar([save(composite(wet))], box(3.0), missing="dry")
    assert not np.isnan(field.depth_mm).any() and "taken as dry" in field.notes[0]


def faults(small):
    """What is wrong: (files by name, words)."""
    good, later = composite(small), T0 + timedelta(minutes=5)
    return {
        "two products": ([good, composite(small, later, "RY", more="")], r"of two products.*RADOLAN RY beside RADKLIM YW"),
        "two grids": ([good, composite(np.ones((900, 900), int), later)], r"two grids.*900 x 900"),
        "two earths": ([good, composite(small, later, version=5)], "two grids.*format 5"),
        "twice": ([good, good], "YW of 2018-05-29 14:00 UTC comes twice"),
        "truncated": ([good[:-10]], "no radar composite that can be read.*enough data"),
        "web page": ([b"<!doctype html><html>no</html>"], "does not begin with the two letters"),
        "text": ([b"YW is not here\n" * 20], "no radar composite that can be read"),
        "nothing": ([b""], "no radar composite"),
        "reflectivity": ([composite(small, product="RX", more="")], r"another product.*\(got RX\); allowed: RW, RY, YW"),
        "another interval": ([composite(small, minutes=60)], "YW of 3600 s instead of 300 s"),
        "odd times": ([good, composite(small, T0 + timedelta(minutes=7))], "do not follow each other.*steps of 5 min"),
        "a grid of nobody": ([composite(np.ones((77, 55), int))], "a grid that is not known.*77 x 55.*1100 x 900"),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(faults(np.zeros((2, 2), int))))
def test_bad_files_are_refused(tmp_path, name):
    contents, words = faults(np.ones((1100, 900), int))[name]
    for k, data in enumerate(contents):
        (tmp_path / f"{k}.bin").write_bytes(data)
    with pytest.raises(ScenarioError, match=words):
        read_radar([tmp_path], box(3.0))


def test_bad_requests_are_refused(save, tmp_path):
    path = save(composite(np.ones((1100, 900), int)))
    abroad = around((360_000.0, 4_400_000.0, 361_000.0, 4_401_000.0), UTM, 250.0)
    with pytest.raises(ScenarioError, match="does not lie within the composite"):
        read_radar([path], abroad)
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_radar([tmp_path / "none"], box(3.0))
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_radar(["/vsicurl/https://example.org/a"], box(3.0))
    with pytest.raises(ScenarioError, match="no composite of the time asked for"):
        read_radar([path], box(3.0), begin=T0 + timedelta(minutes=30))
    with pytest.raises(ScenarioError, match="needs a zone"):
        read_radar([path], box(3.0), begin=datetime(2018, 5, 29, 12))
    torn = tmp_path / "YW_20180529.tar.gz"
    torn.write_bytes(gzip.compress(b"no archive" * 100)[:40])
    with pytest.raises(ScenarioError, match="damaged or truncated"):
        read_radar([torn], box(3.0))


def test_the_command_makes_a_field_that_can_be_read(save, wet, tmp_path, capsys):
    from flood_sim.cli import main

    path, out = save(composite(wet)), tmp_path / "storm.tif"
    west, south, east, north = box(2.0).bounds
    where = [str(v) for v in (west + 3000, south, east + 3000, north)]
    assert (
        main(["rain", "radar", str(path), "-o", str(out), "--bbox", *where, "--margin-km", "5", "--missing", "dry"])
        == 0
    )
    said = capsys.readouterr().out
    assert "most rain: 1.0 mm" in said and "shift_east_m: 3" in said
    field = RainField.read(out)
    assert (
        field.total_mm().max() == pytest.approx(1.0)
        and field.grid.cell == 250.0
        and field.start == T0 - timedelta(minutes=5)
    )
    assert "Deutscher Wetterdienst" in field.source and "Deutscher Wetterdienst" in field.licence
