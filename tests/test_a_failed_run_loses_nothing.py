"""Whatever stops a run, nothing half done is published and no older result is lost.

Faults are injected into real runs of a small terrain: the disk fills up, the folder
may not be written, the user stops it (in this process, and by a signal to a real
`flood-sim run`), the flow leaves physics, the water balance does not close. After
each the folder around the target holds what it held before.
"""

import errno
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import zarr

from flood_sim.backends.cpu.engine import CpuEngine
from flood_sim.build import build
from flood_sim.errors import Cancelled, MassBalanceError, ResultError, StorageError, TerrainError, UnstableRun
from flood_sim.results.dataset import open_result
from flood_sim.results.sample import write_sample
from flood_sim.results.store import ZarrStore
from flood_sim.runner import run
from flood_sim.scenario import Scenario
from flood_sim.solver.simulation import Simulation

WEST, NORTH = 360_000.0, 6_040_000.0


@pytest.fixture
def data(write_raster):
    """Rain on a slope of 1 m cells, 9 min with an output every minute."""
    ground = 20 + 0.05 * np.add.outer(np.arange(12), np.arange(16))
    return {
        "title": "new",
        "terrain": {"dem": write_raster(ground)},
        "storm": {"kind": "block", "depth_mm": 30, "duration_min": 5},
        "numerics": {"duration_min": 9},
        "outputs": {"every_min": 1},
    }


@pytest.fixture
def scenario(data):
    return Scenario.parse(data)


@pytest.fixture
def target(tmp_path):
    """Where the result would go: alone in its folder."""
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs" / "town"


@pytest.mark.parametrize("place", ["terrain.dem", "terrain.buildings.file", "surface.roughness.file"])
def test_a_file_that_changes_while_it_is_read_is_not_computed(
    data, target, write_raster, write_footprints, monkeypatch, place
):
    """The content id was taken of other bytes. The file grows after it was summed: the terrain before it is read."""
    data["terrain"]["buildings"] = {"file": write_footprints((4, -8, 6, -6))}
    data["surface"] = {"roughness": {"kind": "raster", "file": write_raster(np.full((12, 16), 0.03), "n.tif")}}
    asked = Scenario.parse(data)
    run(asked, target)

    def grow(when):
        if when == (place == "terrain.dem"):
            with Path(asked.files()[place]).open("ab") as file:
                file.write(b" ")

    def slow(scenario):
        grow(True)
        built = build(scenario)
        grow(False)
        return built

    monkeypatch.setattr("flood_sim.runner.build", slow)
    with pytest.raises(TerrainError, match=rf"^{place}: .* was changed while it was read\. Run again"):
        run(asked, target.with_name("late"))
    assert [p.name for p in target.parent.iterdir()] == ["town"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("sample") / "town", title="older").path


@pytest.fixture
def older(sample, target):
    """A result that stands there already."""
    return Path(shutil.copytree(sample, target))


def nothing_written(target):
    assert list(target.parent.iterdir()) == []


def untouched(older):
    assert open_result(older).manifest["title"] == "older"
    assert [p.name for p in older.parent.iterdir()] == [older.name]


def full_disk(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def after(calls, original, fault):
    """`original` for so many calls, then `fault`."""
    count = 0

    def method(*args, **kwargs):
        nonlocal count
        count += 1
        return original(*args, **kwargs) if count <= calls else fault(*args, **kwargs)

    return method


# --- the disk ---------------------------------------------------------------------


def test_the_disk_fills_up_during_the_run(scenario, older, monkeypatch):
    monkeypatch.setattr(ZarrStore, "write_step", after(7, ZarrStore.write_step, full_disk))
    with pytest.raises(StorageError, match="disk is full.*Free some space"):
        run(scenario, older, overwrite=True)
    untouched(older)


@pytest.mark.parametrize(
    "place", ["flood_sim.results.cog.gdal_copy", "os.fsync", "os.rename", "flood_sim.runner.write_geojson"]
)
def test_the_disk_fills_up_at_the_end(data, older, write_footprints, monkeypatch, place):
    with_house = data | {
        "terrain": data["terrain"] | {"buildings": {"file": write_footprints((5, -8, 9, -4), name="../houses.geojson")}}
    }
    monkeypatch.setattr(place, full_disk)
    with pytest.raises(StorageError, match="disk is full"):
        run(Scenario.parse(with_house), older, overwrite=True)
    untouched(older)


def test_the_store_refuses_a_chunk(scenario, target, monkeypatch):
    async def refuse(*_args, **_kwargs):
        full_disk()

    steps = []

    def tell(progress):
        steps.append(progress)
        monkeypatch.setattr(zarr.storage.LocalStore, "set", refuse)

    monkeypatch.setattr("flood_sim.runner.TELL_EVERY_S", 0.0)
    with pytest.raises(StorageError, match="disk is full"):
        run(scenario, target, progress=tell)
    assert steps
    nothing_written(target)


def test_a_folder_that_may_not_be_written_is_noticed_before_the_first_step(scenario, target, monkeypatch):
    def denied(*_args, **_kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("pathlib.Path.mkdir", denied)
    monkeypatch.setattr(Simulation, "advance", never)
    with pytest.raises(StorageError, match="no permission.*may write"):
        run(scenario, target)
    monkeypatch.undo()
    nothing_written(target)


def never(*_args, **_kwargs):
    raise AssertionError("this must not be reached")


@pytest.mark.parametrize("reached", ["flood_sim.runner.build", "flood_sim.runner.Simulation.advance"])
def test_an_existing_folder_is_refused_before_anything_is_computed(scenario, older, monkeypatch, reached):
    """Before the terrain is read, even: a large one takes minutes."""
    monkeypatch.setattr(reached, never)
    with pytest.raises(ResultError, match=r"town: exists already\. .*--overwrite"):
        run(scenario, older)
    untouched(older)


def test_a_folder_that_is_no_result_is_never_overwritten(scenario, target):
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    with pytest.raises(ResultError, match="not a result of this program"):
        run(scenario, target, overwrite=True)
    assert (target / "letter.txt").read_text() == "dear"


def test_a_good_run_replaces_the_older_one(scenario, older):
    """Else the tests above would prove nothing."""
    assert run(scenario, older, overwrite=True).manifest["title"] == "new"
    assert [p.name for p in older.parent.iterdir()] == [older.name]


def test_without_an_output_folder_nothing_stays_behind(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    result = run(scenario)
    assert result.path.is_dir()
    del result
    assert list((tmp_path / "tmp").iterdir()) == []
    dataset = run(scenario).dataset  # read later, when nobody holds the Result any more
    assert float(dataset["max_depth"].max()) > 0.001
    del dataset
    gc.collect()
    assert list((tmp_path / "tmp").iterdir()) == []
    with pytest.raises(Cancelled):
        run(scenario, cancel=lambda: True)
    assert list((tmp_path / "tmp").iterdir()) == []


# --- the user ---------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 1, 100])
def test_cancel_stops_after_the_step(scenario, older, steps):
    asked = 0

    def cancel():
        nonlocal asked
        asked += 1
        return asked > steps

    with pytest.raises(Cancelled, match=r"stopped after \d+ s of simulated time; nothing was published"):
        run(scenario, older, overwrite=True, cancel=cancel)
    assert asked == steps + 1
    untouched(older)


def test_cancel_while_the_files_are_written_publishes_nothing(scenario, older):
    phase = ""

    def heard(progress):
        nonlocal phase
        phase = progress.phase

    with pytest.raises(Cancelled, match="stopped after 540 s"):
        run(scenario, older, overwrite=True, progress=heard, cancel=lambda: phase == "finishing")
    untouched(older)


def test_a_terrain_that_changes_while_it_is_read_is_refused(data, scenario, older, monkeypatch):
    """Else the content id would name heights that nobody computed on."""
    dem = Path(data["terrain"]["dem"])

    def changed(asked):
        dem.write_bytes(dem.read_bytes() + b"more")
        return build(asked)

    monkeypatch.setattr("flood_sim.runner.build", changed)
    with pytest.raises(TerrainError, match="changed while it was read"):
        run(scenario, older, overwrite=True)
    untouched(older)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_a_signal_stops_the_command_and_leaves_nothing(data, target, number, code):
    """A run of hours; the signal comes when it is under way."""
    long = data | {
        "numerics": {"duration_min": 40_000, "max_step_s": 0.01},
        "outputs": {"every_min": 60, "series_every_s": 3600},
    }
    path = target.parent.parent / "long.json"
    path.write_text(Scenario.parse(long).to_json())
    process = subprocess.Popen(
        [sys.executable, "-m", "flood_sim", "run", str(path), "-o", str(target)],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while not list(target.parent.iterdir()) and time.monotonic() < until and process.poll() is None:
            time.sleep(0.05)
        assert process.poll() is None and list(target.parent.iterdir()), "the run did not begin"
        time.sleep(0.3)
        process.send_signal(number)
        said, errors = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == code
    assert "Traceback" not in errors and said == ""
    last = [line for line in errors.splitlines() if line.strip()][-1]
    if number == signal.SIGINT:
        assert last.startswith("flood-sim: stopped after") and "nothing was published" in last
    nothing_written(target)


# --- physics ----------------------------------------------------------------------


def spoilt(monkeypatch, step, array, value):
    """From that step on the state holds `value` at row 3, column 5."""
    original, count = CpuEngine.step, 0

    def spoil(self, dt, t, dt_before):
        nonlocal count
        count += 1
        if count == step:
            getattr(self.state, array)[4, 6] = value
        return original(self, dt, t, dt_before)

    monkeypatch.setattr(CpuEngine, "step", spoil)


@pytest.mark.parametrize("array", ["h", "u", "v"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_ends_the_run_with_its_place(scenario, older, monkeypatch, array, value):
    """Place, time and value; found at the next look, 64 steps later at most, with the cell or a neighbour of it."""
    spoilt(monkeypatch, 70, array, value)
    with pytest.raises(UnstableRun) as caught:
        run(scenario, older, overwrite=True)
    found = str(caught.value)
    assert "is not finite after" in found and "s of simulated time" in found
    assert found.startswith("x 3600") and ", y 60399" in found and "(row " in found
    assert "got nan" in found or "got inf" in found or "got -inf" in found
    untouched(older)


def test_a_speed_beyond_physics_ends_the_run(scenario, older, monkeypatch):
    spoilt(monkeypatch, 70, "h", 1e6)
    with pytest.raises(
        UnstableRun, match=r"x 36000.*faster than physics allows after .* m/s\); allowed: below 1000 m/s"
    ):
        run(scenario, older, overwrite=True)
    untouched(older)


@pytest.mark.parametrize("extra", [-2.0, 0.05])
def test_a_balance_that_does_not_close_is_not_published(scenario, older, monkeypatch, extra):
    original = Simulation.balance

    def broken(self):
        ledger = original(self)
        ledger.rain_m3 += extra
        return ledger

    monkeypatch.setattr(Simulation, "balance", broken)
    with pytest.raises(
        MassBalanceError, match=r"m3 of .* m3 are unexplained; nothing was published.*allowed: up to 1e-05"
    ):
        run(scenario, older, overwrite=True)
    untouched(older)


def test_water_that_appears_in_the_state_is_noticed(scenario, target, monkeypatch):
    """20 l into one cell, of 5.8 m3 of rain: not a broken ledger but a broken state."""
    spoilt(monkeypatch, 70, "h", 0.02 + 0.02)
    with pytest.raises(MassBalanceError):
        run(scenario, target)
    nothing_written(target)
