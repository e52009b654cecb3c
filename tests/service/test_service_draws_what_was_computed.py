"""Tiles and values show the numbers of the Result: no class is invented, no number sharpened.

Colours are compared with the legend exactly (nearest sampling). Positions are
checked at cell centres, so half a cell of tolerance is never needed. Rounding
follows the public maps: depth to 10 cm, "> 150 cm", speed to 0.1 m/s, "> 6 m/s".
"""

import json

import morecantile
import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.io import MemoryFile

from flood_sim.results.dataset import open_result
from flood_sim.variables import LEGENDS
from flood_sim_api.services import hillshade, tiles, value

from .conftest import CELL, COLS, NORTH, ROWS, WEST, write_dem

TMS = morecantile.tms.get("WebMercatorQuad")
TO_LONLAT = Transformer.from_crs(25832, 4326, always_xy=True)


def lonlat(row: float, col: float) -> tuple[float, float]:
    """Centre of a cell in degrees."""
    return TO_LONLAT.transform(WEST + (col + 0.5) * CELL, NORTH - (row + 0.5) * CELL)


def picture(content: bytes) -> np.ndarray:
    """Pixels of a PNG as (bands, rows, cols)."""
    with MemoryFile(content) as memory, memory.open() as source:
        return source.read()


def tile_of(world, variable: str, z: int = 18) -> tuple[np.ndarray, morecantile.Tile]:
    west, south, east, north = world.run["manifest"]["bounds_wgs84"]
    tile = TMS.tile((west + east) / 2, (south + north) / 2, z)
    reply = world.client.get(f"{world.url}/tiles/{variable}/{tile.z}/{tile.x}/{tile.y}.png")
    assert reply.status_code == 200 and reply.headers["content-type"] == "image/png"
    return picture(reply.content), tile


def pixel_centres(tile: morecantile.Tile) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the model cell under the centre of every pixel."""
    bounds = TMS.xy_bounds(tile)
    size = (bounds.right - bounds.left) / 256
    x = bounds.left + (np.arange(256) + 0.5) * size
    y = bounds.top - (np.arange(256) + 0.5) * size
    east, north = Transformer.from_crs(3857, 25832, always_xy=True).transform(*np.meshgrid(x, y))
    return (NORTH - north) / CELL, (east - WEST) / CELL


@pytest.mark.parametrize("variable", ["max_depth", "max_speed"])
def test_tiles_hold_only_colours_of_the_legend(world, variable):
    pixels, _ = tile_of(world, variable)
    drawn = pixels[:3, pixels[3] > 0].T
    legend = {tuple(int(c.colour[i : i + 2], 16) for i in (1, 3, 5)) for c in LEGENDS[variable]}
    found = {tuple(int(v) for v in colour) for colour in np.unique(drawn, axis=0)}
    assert found <= legend and len(found) >= 2


def test_each_pixel_has_the_class_of_the_cell_below_it(world):
    """Compared where the pixel centre is at least a tenth of a cell from a cell edge (warping is exact to 1/8 pixel)."""
    pixels, tile = tile_of(world, "max_depth", 19)
    row, col = pixel_centres(tile)
    with rasterio.open(world.folder / "max_depth.tif") as source:
        depth = source.read(1, masked=True).filled(np.nan)
    clear = (np.abs(row % 1 - 0.5) < 0.4) & (np.abs(col % 1 - 0.5) < 0.4)
    clear &= (row >= 0) & (row < depth.shape[0]) & (col >= 0) & (col < depth.shape[1])
    below = depth[row[clear].astype(int), col[clear].astype(int)]
    expected = np.zeros((3, below.size), int)
    for c in LEGENDS["max_depth"]:
        inside = (below >= c.lower) & (below < (c.upper or np.inf))
        expected[:, inside] = np.array([[int(c.colour[i : i + 2], 16)] for i in (1, 3, 5)])
    shown = np.where(pixels[3] > 0, pixels[:3], 0)[:, clear]
    assert np.mean((shown == expected).all(axis=0)) > 0.999


def test_speed_is_not_drawn_in_a_film_of_water(world):
    """Speed appears only where the maximum depth reaches 5 cm (0.2 m/s is the first class anyway)."""
    pixels, tile = tile_of(world, "max_speed", 19)
    row, col = pixel_centres(tile)
    with rasterio.open(world.folder / "max_depth.tif") as d, rasterio.open(world.folder / "max_speed.tif") as s:
        depth, speed = d.read(1, masked=True).filled(0), s.read(1, masked=True).filled(0)
    clear = (np.abs(row % 1 - 0.5) < 0.4) & (np.abs(col % 1 - 0.5) < 0.4)
    clear &= (row >= 0) & (row < depth.shape[0]) & (col >= 0) & (col < depth.shape[1])
    r, c = row[clear].astype(int), col[clear].astype(int)
    drawn = pixels[3][clear] > 0
    film = (depth[r, c] < 0.05) & (speed[r, c] >= 0.2)
    assert film.any() and not drawn[film].any()
    assert drawn[(depth[r, c] >= 0.05) & (speed[r, c] >= 0.2)].mean() > 0.999


def test_outside_the_terrain_tiles_are_transparent(world):
    for z, x, y in ((0, 0, 0), (10, 0, 0), (18, 1, 1)):
        pixels = picture(world.client.get(f"{world.url}/tiles/max_depth/{z}/{x}/{y}.png").content)
        assert pixels.shape[1:] == (256, 256)
        assert (pixels[-1] > 0).sum() <= 4  # at zoom 0 the whole valley is less than a pixel


def test_tiles_are_cached_for_ever_and_known_ones_not_sent_again(world):
    west, south, east, north = world.run["manifest"]["bounds_wgs84"]
    tile = TMS.tile(west, south, 16)
    for url in (f"{world.url}/tiles/max_depth", f"/terrains/{world.terrain}/hillshade"):
        first = world.client.get(f"{url}/{tile.z}/{tile.x}/{tile.y}.png")
        assert "immutable" in first.headers["cache-control"]
        again = world.client.get(
            f"{url}/{tile.z}/{tile.x}/{tile.y}.png", headers={"if-none-match": first.headers["etag"]}
        )
        assert again.status_code == 304 and again.content == b""


def test_a_street_one_cell_wide_survives_zooming_out(world, tmp_path):
    """At every zoom the pixels come from an overview at least as coarse as they are, so none is skipped."""
    from pyproj import CRS

    from flood_sim.results.cog import write_cog
    from flood_sim.terrain.grid import Grid
    from flood_sim.variables import VARIABLES

    grid = Grid(WEST, NORTH, 2.0, 700, 700, CRS.from_epsg(25832))
    depth = np.zeros(grid.shape)
    depth[:, 351] = 0.4
    for v in ("max_depth", "max_speed"):
        write_cog(tmp_path / VARIABLES[v].file, depth, VARIABLES[v], grid, {})
    lon, lat = TO_LONLAT.transform(WEST + 351.5 * 2, NORTH - 700)
    for z in (17, 16, 15, 14, 13):
        tile = TMS.tile(lon, lat, z)
        pixels = picture(tiles.render(tmp_path, "max_depth", z, tile.x, tile.y))
        bounds = TMS.bounds(tile)
        rows = np.arange(256)
        latitudes = bounds.top + (rows + 0.5) / 256 * (bounds.bottom - bounds.top)
        _, south = TO_LONLAT.transform(WEST + 702, NORTH - 1400)
        _, north = TO_LONLAT.transform(WEST + 702, NORTH)
        inside = (latitudes > south + 1e-4) & (latitudes < north - 1e-4)
        assert inside.any()
        assert (pixels[-1][inside] > 0).any(axis=1).all(), f"the street is broken at zoom {z}"


def test_hillshade_has_no_seams(tmp_path, monkeypatch):
    """A tile must look as if cut out of a larger picture: with more pixels read around it, nothing changes.

    Rough ground (0.5 m of noise from cell to cell) makes a slope that is taken from one side only at the edge
    visible; one grey level is left for the rounding of the resampled heights.
    """
    rough = np.random.default_rng(7).normal(60.0, 0.5, (500, 500)).astype(np.float32)
    path = write_dem(tmp_path / "rough.tif", rough)
    lon, lat = TO_LONLAT.transform(WEST + 500, NORTH - 500)
    tile = TMS.tile(lon, lat, 18)
    shown = picture(hillshade.tile(path, 18, tile.x, tile.y)).astype(int)
    monkeypatch.setattr(hillshade, "BUFFER", 10)
    wider = picture(hillshade.tile(path, 18, tile.x, tile.y)).astype(int)
    assert (shown[-1] == 255).all() and shown[0].std() > 10
    assert np.abs(shown - wider).max() <= 1


def test_hillshade_shows_the_terrain_and_nothing_around_it(world):
    tile = TMS.tile(*lonlat(30, 40), 19)
    shown = picture(world.client.get(f"/terrains/{world.terrain}/hillshade/19/{tile.x}/{tile.y}.png").content)
    row, col = pixel_centres(tile)
    inside = (row > 1) & (row < ROWS - 1) & (col > 1) & (col < COLS - 1)
    outside = (row < -1) | (row > ROWS + 1) | (col < -1) | (col > COLS + 1)
    assert (shown[-1][inside] == 255).all() and (shown[-1][outside] == 0).all()
    assert shown[0][inside].std() > 1


def test_light_from_the_north_west_shades_the_south_east():
    """Lambert: a slope that faces the main light is brighter than flat ground, the opposite one darker."""
    row, col = np.mgrid[0:20, 0:20]
    facing = hillshade.shade((row + col) * 0.5, 1.0)[10, 10]  # rises to the south-east: faces north-west
    averted = hillshade.shade(-(row + col) * 0.5, 1.0)[10, 10]
    flat = hillshade.shade(np.zeros((20, 20)), 1.0)[10, 10]
    assert averted < flat < facing


def test_values_are_those_of_the_cell_under_the_point(world):
    with rasterio.open(world.folder / "max_depth.tif") as d, rasterio.open(world.folder / "max_speed.tif") as s:
        depth, speed = d.read(1, masked=True), s.read(1, masked=True)
    deepest = np.unravel_index(np.argmax(depth.filled(-1)), depth.shape)
    lon, lat = lonlat(*deepest)
    found = world.client.get(f"{world.url}/value", params={"lon": lon, "lat": lat}).json()
    assert found["inside"] and not found["blocked"]
    assert found["max_depth"]["value_m"] == pytest.approx(float(depth[deepest]), abs=0.005)
    assert found["max_speed"]["value_m_s"] == pytest.approx(float(speed[deepest]), abs=0.005)
    assert "nach Regenbeginn" in found["time_of_max_depth"]["text_de"]
    assert found["arrival_time"]["value_s"] <= found["time_of_max_depth"]["value_s"] <= 480
    assert found["duration"]["value_s"] > 0
    # where the run ends too early to know, the words say so
    at_end = found["time_of_max_depth"]["value_s"] >= 479
    assert at_end == found["time_of_max_depth"]["text_de"].endswith("(Ende der Rechnung, Höchststand nicht erreicht)")
    result = open_result(world.folder)
    stands = float(result.dataset["depth"][(-1, *deepest)]) >= 0.1
    assert stands == found["duration"]["text_de"].startswith("mindestens")


def test_inside_a_building_nothing_is_stated(world):
    lon, lat = lonlat(35, 55)
    found = world.client.get(f"{world.url}/value", params={"lon": lon, "lat": lat}).json()
    assert found["inside"] and found["blocked"] and found["max_depth"] is None
    outside = world.client.get(f"{world.url}/value", params={"lon": 7.0, "lat": 51.0}).json()
    assert not outside["inside"] and not outside["blocked"]


def test_dry_ground_says_so_without_a_time(world):
    lon, lat = lonlat(2, 2)
    found = world.client.get(f"{world.url}/value", params={"lon": lon, "lat": lat}).json()
    assert found["max_depth"]["text_de"] == "unter 10\u202fcm"
    assert found["time_of_max_depth"]["value_s"] is None
    assert found["arrival_time"]["text_de"] == "10\u202fcm werden nicht erreicht"


@pytest.mark.parametrize(
    ("depth", "german"),
    [
        (0.0, "unter 10\u202fcm"), (0.0999, "unter 10\u202fcm"), (0.10, "ca. 10\u202fcm"), (0.149, "ca. 10\u202fcm"),
        (0.15, "ca. 20\u202fcm"), (0.25, "ca. 30\u202fcm"), (0.94, "ca. 90\u202fcm"), (0.96, "ca. 100\u202fcm"),
        (1.50, "ca. 150\u202fcm"), (1.51, "> 150\u202fcm"), (7.0, "> 150\u202fcm"),
    ],
)  # fmt: skip
def test_depth_is_rounded_for_the_public(depth, german):
    assert value.depth_text(depth).text_de == german


@pytest.mark.parametrize(
    ("speed", "german", "english"),
    [
        (0.1, "unter 0,2\u202fm/s", "less than 0.2\u202fm/s"), (1.26, "ca. 1,3\u202fm/s", "ca. 1.3\u202fm/s"),
        (6.0, "ca. 6,0\u202fm/s", "ca. 6.0\u202fm/s"), (6.01, "> 6\u202fm/s", "> 6\u202fm/s"),
        (None, "keine Angabe (Wasser unter 5\u202fcm)", "not stated (water below 5\u202fcm)"),
    ],
)  # fmt: skip
def test_speed_is_rounded_for_the_public(speed, german, english):
    found = value.speed_text(speed)
    assert (found.text_de, found.text_en) == (german, english)


def test_layers_are_geojson_in_degrees(world):
    for url in (f"/terrains/{world.terrain}/footprints", f"{world.url}/footprints"):
        reply = world.client.get(url)
        collection = json.loads(reply.content)
        assert reply.headers["content-type"] == "application/geo+json"
        ring = collection["features"][0]["geometry"]["coordinates"][0]
        assert all(6 < lon < 8 and 54 < lat < 55 for lon, lat in ring)
    for layer in ("places", "streets"):
        assert world.client.get(f"/terrains/{world.terrain}/{layer}").json()["features"] == []


def test_legend_and_storms_come_from_the_library(world):
    legend = world.client.get("/legend").json()
    assert [c["colour"] for c in legend["max_depth"]] == [c.colour for c in LEGENDS["max_depth"]]
    assert "Rückstau" in legend["not_shown_de"]
    storms = {s["key"]: s for s in world.client.get("/storms").json()}
    assert storms["nrw-extreme"]["storm"] == {
        "kind": "block", "depth_mm": 90.0, "duration_min": 60.0, "label": "NRW extrem"
    }  # fmt: skip
