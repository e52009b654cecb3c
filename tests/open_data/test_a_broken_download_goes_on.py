"""What has arrived is not asked for again: the server counts the bytes that it sends."""

import pytest

from flood_sim.errors import Cancelled, FetchError
from flood_sim.terrain.open_data import Patience

NAME = "dgm1_32_373_5678_1_nw_2024.tif"
ONE = (373_000, 5_678_000, 373_500, 5_678_500)
ONCE = Patience(tries=1, read_s=2)


def sent(server):
    return [(a.range, a.sent) for a in server.asked if NAME in a.path]


def test_within_one_fetch(server, get, cached):
    whole = server.tiles[NAME]
    server.fault(NAME, "cut 3000", "cut 1000")
    get(ONE)
    assert sent(server) == [(None, 3000), ("bytes=3000-", 1000), ("bytes=4000-", len(whole) - 4000)]
    assert cached()[NAME] == whole


def test_by_the_next_fetch(server, get, cached, tmp_path):
    whole = server.tiles[NAME]
    server.fault(NAME, "cut 3000")
    with pytest.raises(FetchError, match="broke off"):
        get(ONE, patience=ONCE)
    assert cached() == {}
    get(ONE)
    assert sent(server) == [(None, 3000), ("bytes=3000-", len(whole) - 3000)]
    assert cached()[NAME] == whole
    left = {p.name for p in (tmp_path / "cache" / "open_data" / "nrw" / "dgm1").iterdir()}
    assert left <= {NAME, f"{NAME}.json", ".lock"}


def test_from_the_start_where_the_file_changed_meanwhile(server, get, cached, make):
    """Two halves of two files would be a tile that never was: If-Range names the version of the first half."""
    server.fault(NAME, "cut 3000")
    with pytest.raises(FetchError):
        get(ONE, patience=ONCE)
    server.tiles[NAME], server.etag = make.tile(373, 5678, add=1.0), "v2"
    get(ONE)
    assert sent(server)[1] == ("bytes=3000-", len(server.tiles[NAME]))
    assert cached()[NAME] == server.tiles[NAME]


def test_from_the_start_where_the_server_cannot_go_on(server, get, cached):
    server.ranges = False
    server.fault(NAME, "cut 3000")
    get(ONE)
    assert [n for _, n in sent(server)] == [3000, len(server.tiles[NAME])] and cached()[NAME] == server.tiles[NAME]


def test_all_that_is_good_is_used_by_the_next_fetch(server, get):
    get()
    first = len(server.asked)
    fetched = get(folder="again")
    assert [a.path for a in server.asked[first:] if ".tif" in a.path] == []
    assert all(t["from_cache"] for t in fetched.manifest["tiles"])


def test_several_at_a_time_and_no_more_than_asked(server, get):
    server.dwell_s = 0.15
    get(parallel=3, buildings=False, land_use=False)
    assert server.busiest == 3


def test_ctrl_c_keeps_what_came(server, get, cached, tmp_path):
    """The flag is asked all the time; what was good stays, the folder does not appear."""
    done = []
    with pytest.raises(Cancelled):
        get(parallel=1, progress=lambda p: done.append(p), cancel=lambda: len(cached()) >= 2)
    assert 2 <= len(cached()) < 4 and not (tmp_path / "city").exists()
    get()
    assert sum(".tif" in a.path for a in server.asked) <= 5


def test_progress_tells_phase_and_share(server, get):
    told = []
    get(progress=told.append)
    assert list(dict.fromkeys(p.phase for p in told)) == ["index", "cache", "tiles", "buildings", "land use", "terrain"]
    last = [p for p in told if p.phase == "tiles"][-1]
    assert last.done == pytest.approx(last.total) == pytest.approx(sum(map(len, server.tiles.values())) / 1e6)
