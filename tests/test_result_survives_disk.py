"""What a run found is what everybody reads later: values, units, CRS, place and time.

Depth is stored in whole millimetres and velocity in whole mm/s, so the
tolerance is half of that plus rounding in float32; fields without time are
float32 and come back exactly. Unknown values stay NaN. Conventions: CF-1.11.
"""

import json
import math
import warnings

import numpy as np
import pytest
import rasterio
import xarray as xr
from pyproj import CRS
from shapely import box

from flood_sim.errors import NotFound, ResultError
from flood_sim.results.dataset import open_result
from flood_sim.results.legend import classify, interval_colormap
from flood_sim.results.sample import GRID, TIMES, fields, manifest, snapshot, write_sample
from flood_sim.results.series import Series
from flood_sim.results.vectors import write_geojson
from flood_sim.results.writer import ResultWriter
from flood_sim.variables import LEGENDS, VARIABLES, cog_files


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("run") / "town", performance={"wall_s": float("nan")})


def test_fields_come_back_with_value_unit_and_mask(result):
    data = open_result(result.path).dataset
    for k in range(len(TIMES)):
        for key, values in snapshot(k).items():
            assert data[key].dims == ("time", "y", "x") and data[key].attrs["units"] == VARIABLES[key].unit
            np.testing.assert_allclose(data[key][k].values, values, atol=0.0005 + 1e-6, equal_nan=True)
    for key, values in fields().items():
        np.testing.assert_array_equal(data[key].values, values.astype("f4"))
        assert data[key].attrs["long_name"] == VARIABLES[key].long_name


def test_dataset_is_cf_and_opens_without_a_warning(result):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = xr.open_zarr(result.path / "result.zarr").load()
        raw = xr.open_zarr(result.path / "result.zarr", decode_cf=False)
    assert data.attrs["Conventions"] == "CF-1.11" and data.attrs["content_id"] == "0123456789abcdef"
    assert raw["depth"].dtype == "uint16" and raw["velocity_x"].dtype == "int16"
    assert np.issubdtype(data["time"].dtype, np.datetime64) and "fictitious" in data["time"].attrs["comment"]
    assert ((data["time"] - data["time"][0]) / np.timedelta64(1, "s")).values.tolist() == list(TIMES)
    assert data["x"].attrs["standard_name"] == "projection_x_coordinate"
    assert data["y"].values[0] == GRID.north - 1.0 and data["y"].values[1] < data["y"].values[0]
    assert CRS.from_cf(data[raw["depth"].attrs["grid_mapping"]].attrs).to_epsg() == 25832
    assert np.issubdtype(data["arrival_time"].dtype, np.floating) and data["arrival_time"].attrs["units"] == "s"
    assert data["max_depth"].attrs["cell_methods"] == "area: mean time: maximum"
    assert float(data["arrival_time"].coords["threshold"]) == 0.1


def test_every_map_has_place_unit_and_origin(result):
    for name, variable in cog_files().items():
        with rasterio.open(result.cog(variable.key)) as cog:
            values = cog.read(1, masked=True)
            assert cog.crs.to_epsg() == 25832 and cog.bounds == pytest.approx(GRID.bounds)
            assert cog.dtypes == ("float32",) and cog.nodata == -9999.0 and cog.compression.name == "deflate"
            assert cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert cog.units == (variable.unit,) and cog.descriptions == (variable.long_name,)
            tags = cog.tags()
            assert tags["FLOOD_SIM_SYNTHETIC"] == "1" and tags["FLOOD_SIM_TITLE"] == "Prüfstadt"
        np.testing.assert_array_equal(values.filled(np.nan), fields()[variable.key].astype("f4"), err_msg=name)


def test_series_at_a_point_is_that_of_the_containing_cell(result):
    at = result.at(GRID.west + 2.0 * 7 + 0.1, GRID.north - 2.0 * 4 - 1.9)
    np.testing.assert_allclose(at["depth"].values, [snapshot(k)["depth"][4, 7] for k in range(3)], atol=0.00051)
    with pytest.raises(ResultError, match="outside the terrain"):
        result.at(0, 0)


def test_series_and_manifest_come_back(result):
    assert result.gauges.times == [0.0, 60.0] and result.gauges["school depth_m"][1] == 0.25
    assert math.isnan(result.gauges["school depth_m"][0])
    assert result.gauges.to_frame().index.name == "time_s"
    assert result.manifest["title"] == "Prüfstadt" and result.manifest["performance"]["wall_s"] is None
    text = (result.path / "manifest.json").read_text(encoding="utf-8")
    assert "Prüfstadt" in text and list(json.loads(text)) == sorted(json.loads(text))
    assert "Prüfstadt" in repr(result)
    with pytest.raises(ResultError, match=r"no map.*max_depth"):
        result.cog("depth")


@pytest.mark.parametrize(
    ("key", "value"), [("depth", 66.0), ("depth", -0.01), ("velocity_x", -33.0), ("depth", np.inf)]
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(tmp_path, key, value):
    step = snapshot(1)
    step[key][3, 5] = value
    with ResultWriter(tmp_path / "r", GRID, TIMES, {}) as writer:
        writer.snapshot(0, snapshot(0))
        with pytest.raises(ResultError, match=r"row 3, column 5.*5 min.*allowed: .*m"):
            writer.snapshot(1, step)
    assert list(tmp_path.iterdir()) == []


def test_a_nan_inside_the_model_is_refused(tmp_path):
    step = snapshot(1)
    step["depth"][3, 5] = np.nan
    with ResultWriter(tmp_path / "r", GRID, TIMES, {}) as writer, pytest.raises(ResultError, match="row 3, column 5"):
        writer.snapshot(0, snapshot(0))
        writer.snapshot(1, step)
    maxima = fields()
    maxima["max_speed"][3, 5] = np.nan
    with ResultWriter(tmp_path / "r", GRID, TIMES, {}) as writer:
        for k in range(3):
            writer.snapshot(k, snapshot(k))
        with pytest.raises(ResultError, match="not a number on 1 cells"):
            writer.finish(maxima, Series(), Series(), manifest())
    assert list(tmp_path.iterdir()) == []


def test_a_grid_of_several_chunks_and_a_deep_lake_survive(tmp_path):
    """65.534 m and -32.767 m/s are the limits themselves; 300 columns need two inner chunks."""
    from flood_sim.results.packing import pack
    from flood_sim.results.store import ZarrStore

    grid = type(GRID)(0.0, 600.0, 2.0, 30, 300, GRID.crs)
    depth = np.full(grid.shape, 65.534, "f4")
    speed = np.full(grid.shape, -32.767, "f4")
    masked = np.zeros(grid.shape, bool)
    store = ZarrStore(tmp_path / "z.zarr", grid, [0.0])
    for key, values in (("depth", depth), ("velocity_x", speed), ("velocity_y", speed)):
        store.write_step(key, 0, pack(values, VARIABLES[key], grid, masked, "now"))
    store.close({})
    data = xr.open_zarr(tmp_path / "z.zarr")
    np.testing.assert_allclose(data["depth"][0], depth, rtol=1e-6)
    np.testing.assert_allclose(data["velocity_x"][0], speed, rtol=1e-6)


def test_footprints_are_written_in_degrees(tmp_path):
    square = box(360000, 6040000, 360010, 6040010)
    write_geojson(tmp_path / "f.geojson", [square], ["b1"], GRID.crs)
    feature = json.loads((tmp_path / "f.geojson").read_text())["features"][0]
    lon, lat = feature["geometry"]["coordinates"][0][0]
    assert feature["properties"]["id"] == "b1" and 6.8 < lon < 6.9 and 54.4 < lat < 54.6
    assert round(lon, 7) == lon
    write_geojson(tmp_path / "none.geojson", [], [], GRID.crs)
    assert json.loads((tmp_path / "none.geojson").read_text())["features"] == []


def test_legend_classes_are_half_open_and_leave_no_gap():
    assert set(LEGENDS) == {v.key for v in cog_files().values()}
    for key, classes in LEGENDS.items():
        assert all(a.upper == b.lower for a, b in zip(classes, classes[1:], strict=False)) and classes[-1].upper is None
        assert interval_colormap(key)[0] == ((-math.inf, classes[0].lower), (0, 0, 0, 0))
    assert interval_colormap("max_depth")[1] == ((0.10, 0.30), (0xCC, 0xEC, 0xFF, 255))
    assert classify("max_depth", 0.0999) is None and classify("max_depth", math.nan) is None
    assert classify("max_depth", 0.30).label_de == "30 bis 50 cm" and classify("max_depth", 9.0).upper is None
    with pytest.raises(NotFound, match="max_depth"):
        interval_colormap("ground")


def test_series_without_columns_is_a_header(tmp_path):
    Series().write_csv(tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text() == "time_s\n"
    assert Series.read_csv(tmp_path / "s.csv") == Series()
