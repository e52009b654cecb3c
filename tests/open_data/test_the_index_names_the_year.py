"""Which file a square of the map is comes from the index: its year differs from square to square and changes."""

import json

import pytest

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data import NRW, Bbox


def years(fetched):
    return {t["name"]: t["year"] for t in fetched.manifest["tiles"]}


def test_every_tile_has_its_own(server, get):
    fetched = get()
    assert years(fetched) == {
        "dgm1_32_372_5679_1_nw_2021.tif": 2021, "dgm1_32_373_5679_1_nw_2024.tif": 2024,
        "dgm1_32_372_5678_1_nw_2021.tif": 2021, "dgm1_32_373_5678_1_nw_2024.tif": 2024,
    }  # fmt: skip
    assert fetched.manifest["years"] == {"2021": 2, "2024": 2}


def test_a_changed_year_is_fetched_and_said(server, get, cached, read, make):
    get()
    del server.tiles["dgm1_32_372_5678_1_nw_2021.tif"]
    new = server.add(372, 5678, 2025, add=2.0)
    fetched = get(overwrite=True)
    assert years(fetched)[new] == 2025
    assert any(f"{new}: new in the index, the cache held dgm1_32_372_5678_1_nw_2021.tif" in n for n in fetched.notes)
    assert sum(".tif" in a.path for a in server.asked) == 5
    z, place, _, _ = read(fetched.dem)
    assert z.data[-1, 0] == make.height(place.c + 5, 5_678_705) + 2


def test_of_two_years_the_newer(server, get):
    server.add(372, 5678, 2018, add=9.0)
    assert years(get())["dgm1_32_372_5678_1_nw_2021.tif"] == 2021
    assert server.count("2018") == 0


def test_a_tile_published_again_under_its_name(server, get, read, truth):
    get()
    name = server.add(372, 5678, 2021, add=0.5, empty=(slice(0, 3), slice(0, 3)))
    fetched = get(overwrite=True)
    assert any(f"{name}: changed on the server since" in n for n in fetched.notes) and server.count(name) == 2


def test_an_index_without_sizes(server, get):
    server.index = json.loads(json.dumps(server.index_json()))
    for entry in server.index["datasets"][0]["files"]:
        entry.pop("size")
        entry.pop("timestamp", None)
    assert get().dem.is_file()


def test_an_index_that_errs_about_a_size_is_not_believed_more_than_the_file(server, get):
    """The file is whole by its own length and reads to the last cell: used, and said."""
    name = "dgm1_32_372_5678_1_nw_2021.tif"
    server.sizes[name] = 12
    assert any(f"{name}: " in n and "the index says 12; it reads whole" in n for n in get().notes)


@pytest.mark.parametrize(
    ("bbox", "reason"),
    [
        (
            (900_000, 5_000_000, 901_000, 5_001_000),
            r"no tile of Nordrhein-Westfalen .*inside E 372000 to 374000, N 5678000 to 5680000",
        ),
        (
            (300_000, 5_600_000, 400_000, 5_700_000),
            r"the area is too large: 100,000 m x 100,000 m need about 10,000 tiles.*500 tiles",
        ),
        ((0, 0, 1e300, 1e300), "the area is too large"),
        ((373_000, 5_678_000, 372_000, 5_679_000), "west is not west of east"),
        ((372_000, 5_679_000, 373_000, 5_679_000), "south is not south of north"),
        ((float("nan"), 0, 1, 2), "not four finite numbers"),
        ((1, 2, 3), "3 numbers instead of four"),
        ((7.1, 51.2, 7.2, 51.3), r"look like degrees.*--bbox-wgs84"),
    ],
)
def test_areas_that_are_none(server, get, tmp_path, bbox, reason):
    from flood_sim.errors import TerrainError

    with pytest.raises(TerrainError, match=reason):
        get(bbox)
    assert server.count(".tif") == 0 and not (tmp_path / "city").exists()


def test_more_tiles_where_asked_for(server, get):
    with pytest.raises(FetchError, match="1 tiles"):
        get(max_tiles=1)
    assert get(max_tiles=4).dem.is_file()


def test_degrees_become_the_rectangle_around_them():
    """Corners turned into EPSG:25832 by PROJ lie inside; the rectangle is at most 1 m wider than their extent and that of the sides."""
    import pyproj

    degrees = (7.10, 51.20, 7.25, 51.30)
    box = Bbox.from_wgs84(degrees, NRW.crs)
    to_map = pyproj.Transformer.from_crs(4326, 25832, always_xy=True).transform
    steps = [k / 50 for k in range(51)]
    sides = [to_map(7.10 + 0.15 * s, lat) for s in steps for lat in (51.20, 51.30)]
    sides += [to_map(lon, 51.20 + 0.10 * s) for s in steps for lon in (7.10, 7.25)]
    x, y = zip(*sides, strict=True)
    assert 0 <= min(x) - box.west < 1.1 and 0 <= box.east - max(x) < 1.1
    assert 0 <= min(y) - box.south < 1.5 and 0 <= box.north - max(y) < 1.5


@pytest.mark.parametrize(
    "url",
    ["ftp://x/y", "x", "https://user:secret@host/", "file:///etc", "https://host/?key=1", "http://", "https://h:99999"],
)
def test_addresses_that_are_none(url):
    from flood_sim.errors import TerrainError

    with pytest.raises(TerrainError, match="not an address to fetch from") as caught:
        NRW(url)
    assert "secret" not in str(caught.value)
