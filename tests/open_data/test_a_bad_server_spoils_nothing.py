"""Whatever a server does, the answer is one clear line, and the cache holds good tiles only.

For every fault: the error (or note) names the tile or address and the reason in
one line; the folder asked for does not appear; each file in the cache is byte
for byte a tile that the server holds; and when the fault has passed, the same
call succeeds without fetching again what was good.
"""

import time

import pytest

from flood_sim.errors import FetchError, StorageError
from flood_sim.terrain.open_data import NRW, Patience, fetch

NAME = "dgm1_32_373_5678_1_nw_2024.tif"
PLACE = "373_5678"
HOPELESS = {
    "server busy for ever": ("always 503", r"answers 503 .*asked 3 times"),
    "wait too long": ("always 503 3600", r"503 .*asks to come back in 3600 s"),
    "forbidden": ("always 403", r"answers 403"),
    "web page": ("always html", r"is a web page, not a raster"),
    "cut short every time": ("always end 900", r"900 bytes came, the index says [\d,]+"),
    "longer than its length": ("always length -700", r"damaged|truncated|cannot be read"),
    "shorter than its length": ("always length 100", r"broke off|sent [\d,]+ of [\d,]+ bytes|has no more bytes"),
    "sent elsewhere": (
        "always redirect http://example.org/login",
        r"sends us on to another place \(http://example\.org\)",
    ),
    "sent to another port": ("always redirect http://127.0.0.1:9/x", r"sends us on to another place"),
    "sent to nonsense": ("always redirect http://[oops", r"sends us on to another place \(http://\[oops\)"),
    "sent to a port that is none": ("always redirect http://127.0.0.1:99999/", r"sends us on to another place"),
    "sent round in circles": ("always redirect ?again", r"more than 5 redirects"),
    "silent": ("always slow 1.2", r"does not answer in time"),
}


def one_line(error, *words):
    text = str(error)
    assert "\n" not in text and "Traceback" not in text and len(text) < 700
    for word in words:
        assert word in text, text
    return text


def good_only(cached, server):
    held = cached()
    for name, content in held.items():
        assert content == server.tiles[name], f"{name} in the cache is not the server's"
    return held


@pytest.mark.parametrize("case", HOPELESS)
def test_a_tile_that_cannot_be_had(server, get, cached, tmp_path, case):
    fault, reason = HOPELESS[case]
    server.fault(PLACE, fault)
    patience = Patience(connect_s=1, read_s=0.4, tries=3, backoff_s=0.01, longest_wait_s=1)
    with pytest.raises(FetchError, match=reason) as caught:
        get(patience=patience)
    one_line(caught.value, NAME, "3 of 4 tiles are here")
    assert not (tmp_path / "city").exists()
    assert set(good_only(cached, server)) == set(server.tiles) - {NAME}
    server.faults.clear()
    before = server.count("dgm1_32_372")
    assert get().dem.is_file()
    assert server.count("dgm1_32_372") == before and len(good_only(cached, server)) == 4


PASSING = {
    "busy": "503",
    "busy, asks for a second try at once": "503 0",
    "broken connection": "cut 400",
    "too many": "429 0",
}


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_is_tried_again(server, get, cached, case):
    server.fault(PLACE, PASSING[case], PASSING[case])
    assert get().dem.is_file()
    assert server.count(NAME) == 3 and len(good_only(cached, server)) == 4


def test_the_server_is_given_the_time_it_asks_for(server, get):
    """Retry-After: 1 is waited, although the own wait would be a hundredth of it."""
    server.fault(PLACE, "503 1")
    start = time.monotonic()
    get()
    assert time.monotonic() - start >= 1.0


WRONG_TILES = {
    "another zone": ({"crs": "EPSG:25833"}, "is in EPSG:25833"),
    "other cells": ({"cell": 20.0}, "has cells of 20 m; 10 m are expected"),
    "not metres": ({"add": 20_000.0}, "heights from 20"),
}


@pytest.mark.parametrize("case", WRONG_TILES)
def test_a_tile_that_is_not_what_it_says(server, get, cached, make, case):
    how, reason = WRONG_TILES[case]
    good = server.tiles[NAME]
    server.tiles[NAME] = make.tile(373, 5678, **{"cell": 10.0, **how})
    with pytest.raises(FetchError) as caught:
        get()
    one_line(caught.value, NAME, reason)
    assert NAME not in cached() and server.count(NAME) == 1  # asking again would not help
    server.tiles[NAME] = good
    assert get().dem.is_file()


def test_a_tile_of_another_place(server, get, cached):
    server.tiles[NAME] = server.tiles["dgm1_32_372_5678_1_nw_2021.tif"]
    with pytest.raises(FetchError) as caught:
        get()
    one_line(caught.value, NAME, "covers E 372000.0 to 373000.0", "not the square of 1000 m at E 373000 N 5678000")
    assert NAME not in cached()


def test_a_tile_that_no_picture_may_be(server, get, cached, make):
    """A VRT that points elsewhere, under the name of a tile, is never opened."""
    server.tiles[NAME] = b'<VRTDataset rasterXSize="100" rasterYSize="100"><SRS>EPSG:25832</SRS></VRTDataset>'
    with pytest.raises(FetchError, match="virtual raster"):
        get()
    assert NAME not in cached()


def test_a_tile_larger_than_any(server, get, cached, monkeypatch):
    monkeypatch.setattr(NRW, "most_tile_bytes", 2000)
    with pytest.raises(FetchError, match=r"the file has [\d,]+ bytes \(allowed: 2,000 bytes at most\)"):
        get()
    assert cached() == {}


def test_a_tile_that_the_index_names_but_the_server_lacks(server, get, cached, read):
    server.fault(PLACE, "always 404")
    fetched = get()
    assert any(f"the server does not have {NAME}" in n for n in fetched.notes)
    assert fetched.manifest["missing_tiles"] == [NAME] and NAME not in cached()
    assert read(fetched.dem)[0].mask.sum() == 30 * 30 and "holes: mask" in fetched.scenario.read_text()
    with pytest.raises(FetchError, match="the server does not have"):
        get(folder="strict", strict=True)


def test_a_dead_server_is_not_asked_four_hundred_times(server, get):
    """After three tiles in vain the others are left alone."""
    for east in range(374, 394):
        server.tiles[f"dgm1_32_{east}_5678_1_nw_2022.tif"] = server.tiles[NAME]
    server.fault("_1_nw_", "always 503")
    with pytest.raises(FetchError, match="0 of 22 tiles are here"):
        get((372_000, 5_678_000, 394_000, 5_679_000), parallel=2)
    assert len({a.path for a in server.asked}) <= 1 + 3 + 2


INDEXES = {
    "no list": {"files": []},
    "other layout": {"datasets": [{"files": [{"title": "dgm1_32_373_5678_1_nw_2024.tif"}]}]},
    "no tiles": {"datasets": [{"files": [{"name": "readme.txt"}]}]},
    "a list": [1, 2, 3],
    "nested nonsense": {"datasets": [None, {"files": "x"}, {"files": [None, 5]}]},
}


@pytest.mark.parametrize("case", INDEXES)
def test_an_index_of_another_layout(server, get, case):
    server.index = INDEXES[case]
    with pytest.raises(FetchError, match="the index of the tiles has another layout") as caught:
        get()
    one_line(caught.value, "index.json", "dgm1_32_373_5678_1_nw_2023.tif")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("always html", "web page (HTML) instead of data"),
        ("always 503", "503"),
        ("always end 30", "not JSON"),
        ("404", "404"),
    ],
)
def test_no_index(server, get, fault, reason):
    server.fault("index.json", fault)
    with pytest.raises(FetchError) as caught:
        get()
    one_line(caught.value, reason, "index.json")


def test_nobody_listens(tmp_path):
    patience = Patience(connect_s=1, tries=2, backoff_s=0.01)
    with pytest.raises(FetchError, match=r"no connection to 127\.0\.0\.1:9 .*asked 2 times"):
        fetch(
            NRW("http://127.0.0.1:9"),
            (372_000, 5_678_000, 373_000, 5_679_000),
            tmp_path / "x",
            cache=tmp_path / "c",
            patience=patience,
        )


def test_a_slow_trickle_counts_as_no_answer(server, get):
    server.tiles = {NAME: server.tiles[NAME]}
    server.fault(PLACE, "always trickle 0.5")
    patience = Patience(read_s=5, tries=1, slow_after_s=0.2, slow_bytes_per_s=1e9)
    with pytest.raises(FetchError, match=r"sends only \d+ bytes/s"):
        get((373_000, 5_678_000, 373_500, 5_678_500), patience=patience)


def test_a_good_tile_is_kept_when_its_successor_fails(server, get, cached):
    """The index says that the file changed; the new one does not come; the old one is still there, whole."""
    get()
    old = cached()
    server.sizes[NAME] = 77
    server.fault(PLACE, "always html")
    with pytest.raises(FetchError, match="web page"):
        get(folder="again")
    assert cached() == old


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-100], lambda b: b[:5000] + bytes([b[5000] ^ 1]) + b[5001:]], ids=["cut", "one bit"]
)
def test_a_tile_damaged_on_the_disk_is_fetched_again(server, get, cached, tmp_path, damage):
    get()
    tile = tmp_path / "cache" / "open_data" / "nrw" / "dgm1" / NAME
    tile.write_bytes(damage(tile.read_bytes()))
    fetched = get(overwrite=True)
    assert any(f"{NAME}: the file in the cache is not the one that was fetched" in n for n in fetched.notes)
    assert server.count(NAME) == 2 and len(good_only(cached, server)) == 4


def test_what_is_there_is_not_replaced_unasked(server, get, tmp_path):
    dem = get().dem.read_bytes()
    with pytest.raises(StorageError, match="holds fetched data already"):
        get()
    server.fault(PLACE, "always html")
    server.sizes[NAME] = 77
    with pytest.raises(FetchError):
        get(overwrite=True)
    assert (tmp_path / "city" / "dem.tif").read_bytes() == dem
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_one_cache_is_written_by_one(server, get, tmp_path):
    from flood_sim.terrain.open_data.cache import TileCache

    with (
        TileCache(tmp_path / "cache" / "open_data" / "nrw" / "dgm1").locked(),
        pytest.raises(StorageError, match="another fetch"),
    ):
        get()
