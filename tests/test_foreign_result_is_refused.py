"""A folder that is not a complete result of this program is refused in one line that says why.

Nothing is guessed: a missing file of the Zarr store would otherwise be read
silently as "no value", a newer format as garbage.
"""

import contextlib
import json
import random
import shutil

import pytest

from flood_sim.errors import ResultError
from flood_sim.results.dataset import open_result
from flood_sim.results.sample import write_sample


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("good") / "town").path


@pytest.fixture
def town(good, tmp_path):
    return shutil.copytree(good, tmp_path / "town")


def refused(folder):
    with pytest.raises(ResultError) as caught:
        open_result(folder)
    text = str(caught.value)
    assert "\n" not in text and str(folder) in text and len(text) < 600
    return text


def edit(folder, **changes):
    path = folder / "manifest.json"
    data = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in data.items() if v is not None}))


def test_the_copy_itself_opens(town):
    assert open_result(town).dataset["max_depth"].shape == (41, 67)


def test_no_folder_an_empty_one_and_a_file(tmp_path):
    assert "no such folder" in refused(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no manifest.json" in refused(tmp_path / "empty")
    (tmp_path / "file").write_text("x")
    assert "no such folder" in refused(tmp_path / "file")


@pytest.mark.parametrize(
    "text", ['{"name": "a web page"}', "[1, 2]", "3", '{"format_version": "1"}', '{"format_version": 1}']
)
def test_the_manifest_of_another_program(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    assert "not the manifest of a result" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'{"format_version": 1, "gri'])
def test_a_damaged_manifest(town, content):
    (town / "manifest.json").write_bytes(content)
    assert "is damaged" in refused(town)


def test_a_newer_format(town):
    edit(town, format_version=2)
    text = refused(town)
    assert "newer version" in text and "format_version 2" in text and "up to 1" in text


@pytest.mark.parametrize("name", ["result.zarr", "max_depth.tif", "gauges.csv", "scenario.json"])
def test_a_missing_part_is_named(town, name):
    part = town / name
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    assert f"incomplete: {name} missing" in refused(town)


def test_a_damaged_dataset(town):
    (town / "result.zarr" / "zarr.json").write_text("{")
    assert "cannot be read" in refused(town)
    (town / "result.zarr" / "zarr.json").unlink()
    assert "cannot be read" in refused(town)


def test_any_damage_to_its_metadata_is_one_line(town):
    """200 random bytes of the metadata are changed, one at a time: it opens or is refused, nothing else."""
    path = town / "result.zarr" / "zarr.json"
    good, rng = path.read_bytes(), random.Random(7)
    for _ in range(200):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] = rng.randrange(32, 127)
        path.write_bytes(bad)
        with contextlib.suppress(ResultError):
            open_result(town)


@pytest.mark.parametrize("name", ["depth/c/1/0/0", "max_speed/c/0/0"])
def test_a_lost_or_empty_data_file(town, name):
    (town / "result.zarr" / name).write_bytes(b"")
    assert f"1 of {name.split('/')[0]}" in refused(town)
    (town / "result.zarr" / name).unlink()
    assert f"1 of {name.split('/')[0]}" in refused(town)


def test_a_dataset_of_another_run(town):
    grid = json.loads((town / "manifest.json").read_text())["grid"]
    edit(town, grid=grid | {"rows": 40})
    assert "does not fit the grid" in refused(town)
    edit(town, grid={"west": 0})
    assert "cannot be read" in refused(town)


def test_damaged_series(town):
    (town / "gauges.csv").write_text("time_s,a\n0,1\n60\n")
    with pytest.raises(ResultError, match=r"gauges\.csv.*damaged"):
        _ = open_result(town).gauges
