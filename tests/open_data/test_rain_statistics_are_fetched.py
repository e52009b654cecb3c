"""DWD's archives come over the network once; what arrived before a fault is kept, and nothing else passes for an archive.

A local server holds archives in DWD's published layout. Values are printed
numbers and come back exactly.
"""

import io
import zipfile

import pytest

from flood_sim.errors import FetchError, ScenarioError, TerrainError
from flood_sim.rain import kostra
from flood_sim.rain.kostra.fetching import fetch
from flood_sim.terrain.open_data.web import Patience

YEARS = (1, 2, 3, 5, 10, 20, 30, 50, 100)
PATH = "/KOSTRA_DWD_2020/asc/StatRR_KOSTRA-DWD-2020_D{:05d}_ASC.zip"
HEADER = "ncols 300\nnrows 300\nxllcorner 3600000\nyllcorner 2300000\ncellsize 5000\nNODATA_value -9999\n"
EMPTY = " ".join(["-9999"] * 300)
QUICK = Patience(tries=2, backoff_s=0.01)


def archive(duration):
    """One cell, 133104 (Wuppertal-Elberfeld), with 10, 11 … mm."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for kind, base in (("Hn", 10), ("UC", 15)):
            for k, t in enumerate(YEARS):
                rows = [EMPTY] * 300
                rows[133] = " ".join(["-9999"] * 104 + [str(base + k)] + ["-9999"] * 195)
                file.writestr(f"{kind}_KOSTRA-DWD-2020_D{duration:05d}_T{t:03d}.asc", HEADER + "\n".join(rows) + "\n")
    return made.getvalue()


@pytest.fixture(scope="module")
def archives():
    return {d: archive(d) for d in (60, 120)}


def test_the_missing_archives_are_brought_once(server, archives, tmp_path):
    server.extra = {PATH.format(d): body for d, body in archives.items()}
    added = fetch(durations_min=(60, 120), folder=tmp_path, base_url=server.url, patience=QUICK)
    assert [(a.duration_min, a.cells) for a in added] == [(60, 1), (120, 1)]
    found = kostra.statistics_at(7.15, 51.256, 4326, folder=tmp_path).value(60, 100)
    assert found.depth_mm == 18 and found.tolerance_percent == 23
    asked = len(server.asked)
    assert fetch(durations_min=(60, 120), folder=tmp_path, base_url=server.url, patience=QUICK) == []
    assert len(server.asked) == asked


def test_what_arrived_before_a_fault_is_kept(server, archives, tmp_path):
    server.extra = {PATH.format(60): archives[60]}
    with pytest.raises(FetchError, match="D00120_ASC.zip"):
        fetch(durations_min=(60, 120), folder=tmp_path, base_url=server.url, patience=QUICK)
    assert kostra.held(folder=tmp_path) == (60,)
    assert not list(tmp_path.glob(".incoming-*"))


def test_a_web_page_is_no_archive(server, archives, tmp_path):
    server.extra = {PATH.format(60): archives[60]}
    fetch(durations_min=(60,), folder=tmp_path, base_url=server.url, patience=QUICK)
    server.extra = {PATH.format(120): b"<!doctype html><title>busy</title>"}
    with pytest.raises(ScenarioError, match="D00120_ASC.zip: .*not a zip archive"):
        fetch(durations_min=(60, 120), folder=tmp_path, base_url=server.url, patience=QUICK)
    assert kostra.statistics_at(7.15, 51.256, 4326, folder=tmp_path).value(60, 100).depth_mm == 18


def test_an_unknown_duration_is_named(tmp_path):
    with pytest.raises(ScenarioError, match="no such duration.*61.*allowed: 5, 10"):
        fetch(durations_min=(61,), folder=tmp_path)


def test_a_mirror_with_a_password_in_its_address_is_refused_without_repeating_it(tmp_path):
    for address in ("https://me:secret@mirror.example/kostra", "file:///etc", "ftp://mirror.example"):
        with pytest.raises(TerrainError, match="without user, password") as caught:
            fetch(durations_min=(60,), folder=tmp_path, base_url=address)
        assert "secret" not in str(caught.value)


def test_a_value_over_a_missing_duration_says_so(server, archives, tmp_path):
    server.extra = {PATH.format(d): body for d, body in archives.items()}
    fetch(durations_min=(60, 120), folder=tmp_path, base_url=server.url, patience=QUICK)
    assert kostra.statistics_at(7.15, 51.256, 4326, folder=tmp_path).mark == (
        "interpolated over durations that were not taken in: 90 min"
    )
