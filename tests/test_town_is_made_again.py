"""Musterstadt is the same every time it is made, and holds what the demo needs.

Claim: `make_town` is deterministic, so the files in data/dem are its output:
heights within 1 mm (the unit to which they are rounded; a last-bit difference
of a library may move one across a rounding edge), the same buildings. The
terrain drains: closed depressions, found by priority-flood (Barnes, Lehman,
Mulla 2014, doi:10.1016/j.cageo.2013.04.024) with the buildings as walls, are
those that the demo tells of and otherwise at most 40 cm deep.
"""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from flood_sim.errors import StorageError
from flood_sim.scenario import Scenario
from flood_sim.terrain.town import FILES, make_town, river, write
from flood_sim.terrain.town.frame import SOUTH, WEST, to_map

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "dem"


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> dict[str, Path]:
    return make_town(tmp_path_factory.mktemp("town") / "dem")


def raster(path: Path) -> np.ndarray:
    with rasterio.open(path) as image:
        return image.read(1)


def layer(path: Path, name: str) -> list[dict]:
    meta, _, geometry, columns = pyogrio.raw.read(path, layer=name)
    shapes = shapely.from_wkb(geometry)
    return [
        dict(zip(meta["fields"], values, strict=True)) | {"shape": shape}
        for shape, *values in zip(shapes, *columns, strict=True)
    ]


def height_at(dem: np.ndarray, x: float, y: float) -> float:
    return float(dem[int((SOUTH + 1200 - y) // 2), int((x - WEST) // 2)])


def place(town: dict[str, Path], kind: str) -> shapely.Point:
    return next(p["shape"] for p in layer(town["places"], "places") if p["kind"] == kind)


def test_the_shipped_heights_are_made_again_within_1_mm(town):
    made, shipped = raster(town["dem"]), raster(SHIPPED / FILES["dem"])
    assert made.shape == shipped.shape == (600, 1000)
    assert np.abs(made - shipped).max() <= 0.00101  # 1 mm and the rounding of float32 at 280 m


def test_the_shipped_buildings_are_made_again(town):
    made, shipped = (layer(path, "buildings") for path in (town["buildings"], SHIPPED / FILES["buildings"]))
    assert [(b["id"], b["use"], b["name"]) for b in made] == [(b["id"], b["use"], b["name"]) for b in shipped]
    assert all(m["shape"].hausdorff_distance(s["shape"]) < 0.011 for m, s in zip(made, shipped, strict=True))


def test_the_shipped_land_cover_is_made_again(town):
    made, shipped = raster(town["land_cover"]), raster(SHIPPED / FILES["land_cover"])
    assert set(np.unique(made)) == set(range(1, 9))
    assert np.mean(made != shipped) < 1e-4  # a cell on the edge of a class may tip with the last bit


def test_the_files_are_small_and_marked_as_invented(town):
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 8e6
    with rasterio.open(town["dem"]) as dem:
        assert dem.tags()["FLOOD_SIM_SYNTHETIC"] == "1"
        assert "erfunden" in dem.tags()["TIFFTAG_IMAGEDESCRIPTION"]
        assert dem.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (dem.crs.to_epsg(), dem.res, dem.bounds[:2]) == (25832, (2.0, 2.0), (WEST, SOUTH))


def test_the_relief_is_that_of_a_steep_valley(town):
    dem = raster(town["dem"])
    assert dem.max() - dem.min() >= 120.0
    slope = np.hypot(*np.gradient(dem.astype(float), 2.0))
    assert np.percentile(slope, 75) > 0.2  # a quarter of the land is steeper than 20 %


def test_the_river_bed_never_rises_downstream(town):
    """A cell takes the bed at its nearest point of the axis, at most 2 m off: 0.56 % of 2 x 2 m, 2.3 cm, and rounding."""
    dem = raster(town["dem"])
    axis = to_map(river.course().xy)
    inside = axis[(axis[:, 0] > WEST + 1) & (axis[:, 0] < WEST + 1999)]
    bed = np.array([height_at(dem, x, y) for x, y in inside])
    assert np.all(bed - np.minimum.accumulate(bed) < 0.024)
    assert bed[0] - bed[-1] > 10.0
    bank = np.array([height_at(dem, x, y + 14.0) for x, y in inside])
    assert 1.8 < np.median(bank - bed) < 3.2


def test_water_stands_only_where_the_demo_says(town):
    dem = raster(town["dem"]).astype(float)
    houses = shapely.union_all([b["shape"] for b in layer(town["buildings"], "buildings")])
    shapely.prepare(houses)
    x, y = np.meshgrid(WEST + 1 + 2 * np.arange(1000), SOUTH + 1199 - 2 * np.arange(600))
    walls = shapely.contains_xy(houses, x, y)
    depth = flooded(dem + 50.0 * walls) - (dem + 50.0 * walls)
    told = np.zeros(dem.shape, bool)
    for kind, reach, least, most in (
        ("school", 70.0, 0.4, 0.7),
        ("underpass", 40.0, 0.8, 1.3),
        ("culvert", 130.0, 2.0, 4.0),
    ):
        at = place(town, kind)
        near = np.hypot(x - at.x, y - at.y) < reach
        assert least < depth[near & ~told].max() < most, kind
        told |= near
    assert depth[~told].max() < 0.4


def test_the_underpass_lies_below_the_embankment_and_its_surroundings(town):
    dem = raster(town["dem"])
    at = place(town, "underpass")
    street = height_at(dem, at.x, at.y)
    assert all(height_at(dem, at.x + side, at.y) - street > 4.5 for side in (-14, 14))  # the track on either side
    assert all(height_at(dem, at.x, at.y + along) - street > 0.5 for along in (-45, 45))  # the street before and after


def test_about_three_hundred_buildings_stand_clear_of_each_other_and_of_the_streets(town):
    shapes = np.array([b["shape"] for b in layer(town["buildings"], "buildings")])
    assert 280 <= len(shapes) <= 350
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=2.5)
    close = {tuple(sorted(pair)) for pair in zip(a.tolist(), b.tolist(), strict=True) if pair[0] != pair[1]}
    assert not close
    streets = layer(town["places"], "streets")
    assert len({s["name"] for s in streets}) == len(streets) >= 25
    roads = shapely.union_all([s["shape"].buffer(s["width_m"] / 2) for s in streets])
    stream = shapely.LineString(to_map(river.course().xy)).buffer(7.0)
    assert not shapely.intersects(shapes, roads).any()
    assert not shapely.intersects(shapes, stream).any()


def test_what_the_demo_tells_of_is_there(town):
    kinds = {p["kind"] for p in layer(town["places"], "places")}
    assert {"school", "kindergarten", "fire_station", "care_home", "hospital", "station", "church"} <= kinds
    for pipe in layer(town["places"], "culverts"):
        assert pipe["shape"] and pipe["diameter_m"] > 0 and pipe["invert_up_m"] > pipe["invert_down_m"]
    site, bank = (
        next(s["shape"] for s in layer(town["places"], "sites") if s["kind"] == k) for k in ("swale", "embankment")
    )
    assert site.area == pytest.approx(60 * 50, rel=0.001)
    assert bank.length == pytest.approx(30.0, abs=0.5)
    houses = [b["shape"] for b in layer(town["buildings"], "buildings")]
    assert sum(h.distance(bank) < 25.0 for h in houses) >= 2
    dem, cover = raster(town["dem"]), raster(town["land_cover"])
    heights = [height_at(dem, x, y) for x, y in site.buffer(-3.0).exterior.coords]
    assert max(heights) - min(heights) < 2.0  # over 78 m from corner to corner: fairly flat
    assert height_at(cover, site.centroid.x, site.centroid.y) == 4  # meadow
    assert min(heights) > height_at(dem, place(town, "school").x, place(town, "school").y) + 5.0  # uphill


def test_the_scenario_is_valid_and_its_gauges_are_in_the_open(town):
    scenario = Scenario.load(town["scenario"])
    assert all(Path(name).exists() for name in scenario.files().values())
    cover = raster(town["land_cover"])
    assert {g.id for g in scenario.gauges} == {"school", "underpass", "river"}
    assert all(height_at(cover, g.x, g.y) != 8 for g in scenario.gauges)


def test_an_existing_town_is_not_overwritten_unless_told(town):
    with pytest.raises(StorageError, match="there already"):
        make_town(town["dem"].parent)


def test_a_failure_leaves_nothing_half_written(tmp_path, monkeypatch):
    def disk_full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "build_town", lambda: None)
    monkeypatch.setattr(write, "_write", disk_full)
    with pytest.raises(StorageError, match="No space left"):
        make_town(tmp_path / "dem")
    assert list(tmp_path.iterdir()) == []


def flooded(ground: np.ndarray) -> np.ndarray:
    """Level to which each cell fills before water leaves over the edge of the raster (priority-flood)."""
    rows, cols = ground.shape
    z = ground.tolist()
    level: list[list[float | None]] = [[None] * cols for _ in range(rows)]
    heap: list[tuple[float, int, int]] = []
    for r in range(rows):
        for c in range(cols) if r in (0, rows - 1) else (0, cols - 1):
            level[r][c] = z[r][c]
            heap.append((z[r][c], r, c))
    heapq.heapify(heap)
    while heap:
        here, r, c = heapq.heappop(heap)
        for i, j in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if 0 <= i < rows and 0 <= j < cols and level[i][j] is None:
                level[i][j] = up = max(here, z[i][j])
                heapq.heappush(heap, (up, i, j))
    return np.array(level, float)
