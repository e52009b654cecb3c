"""A run that dies at any moment and goes on from its last checkpoint ends with the same bits as one that never died.

Law: the state after step n+1 is a function of the state after step n and the scenario alone. So what a checkpoint
holds must be the whole state: depth with its residual, velocities and discharges, maxima, volumes, clock, series. If
one of them were left out, rounded or taken at another moment, the end would differ. Tolerance: none, every array of the
dataset, every pixel of the maps, every character of the series, ledger and extremes are compared exactly; only run id,
times of day and speed may differ.

Deaths: an exception that nothing catches, at random steps, and SIGKILL from outside to a real process; the number of
threads changes from one life to the next.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import restarts

from flood_sim.build import build
from flood_sim.results.dataset import open_result
from flood_sim.runner import run
from flood_sim.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def data(write_raster, write_footprints):
    """A small flow in which everything moves."""
    dem = write_raster(restarts.terrain(), cell=2.0)
    houses = write_footprints((60, -50, 72, -40), (90, -80, 96, -70))
    return restarts.scenario(dem, houses, 360_000.0, 6_040_000.0)


@pytest.fixture
def asked(data):
    return Scenario.parse(data)


@pytest.fixture
def undisturbed(asked, tmp_path):
    return run(asked, tmp_path / "undisturbed", checkpoints=None)


@pytest.mark.parametrize("seed", range(3))
def test_death_at_random_steps(asked, undisturbed, tmp_path, monkeypatch, seed):
    """Some seven lives, each dying up to 40 steps after its last checkpoint: what came after that is computed again."""
    rng = random.Random(seed)
    steps = undisturbed.manifest["performance"]["steps"]
    target, lives, result = tmp_path / "killed", 0, None
    while result is None:
        at = rng.randint(1, max(1, steps // 4))
        lives += 1
        result = restarts.attempt(
            restarts.with_threads(asked, 1 + lives % 2), target, monkeypatch,
            checkpoints_at=(at // 2, at), dies_at=at + rng.randint(0, 40),
        )  # fmt: skip
    resumed = result.manifest["resumed"]
    assert len(resumed) == lives - 1 >= 2
    assert [r["steps"] for r in resumed] == sorted(r["steps"] for r in resumed)
    assert len({r["run_id"] for r in resumed} | {result.manifest["run_id"]}) == lives
    assert restarts.differences(undisturbed.path, target) == []
    assert not (tmp_path / ".killed.partial").exists()


def test_death_while_the_files_are_written(asked, undisturbed, tmp_path, monkeypatch):
    """Maps and metadata are half there already; they are written again."""
    steps = undisturbed.manifest["performance"]["steps"]
    target, half = tmp_path / "killed", (steps // 2,)
    for files in (0, 2, 5):  # there are five maps; each is asked for, and the publishing
        dies = _dies_at_file(files)
        assert restarts.attempt(asked, target, monkeypatch, checkpoints_at=half, **dies) is None
        assert len(list((tmp_path / ".killed.partial" / "result").glob("*.tif"))) == files
        half = ()
    assert restarts.attempt(asked, target, monkeypatch) is not None
    assert restarts.differences(undisturbed.path, target) == []


def _dies_at_file(count):
    asks = None

    def heard(progress):
        nonlocal asks
        if progress.phase == "finishing":
            asks = 0

    def cancel():
        nonlocal asks
        if asks is not None:
            asks += 1
            if asks > count:
                raise restarts.Killed
        return False

    return {"progress": heard, "cancel": cancel}


def test_a_checkpoint_at_every_step_changes_nothing(data, tmp_path):
    rain = {"kind": "block", "depth_mm": 10, "duration_min": 0.3}
    short = Scenario.parse(data | {"storm": rain, "numerics": {"duration_min": 0.3}})
    run(short, tmp_path / "a", checkpoints=None)
    result = run(short, tmp_path / "b", checkpoints=restarts.ALWAYS)
    assert result.manifest["performance"]["checkpoints"] == result.manifest["performance"]["steps"]
    assert restarts.differences(tmp_path / "a", tmp_path / "b") == []


def test_the_comparison_sees_a_single_bit(asked, undisturbed, tmp_path, monkeypatch):
    """Else the tests above would prove nothing: the residual of the depth is some 1e-9 m, and it is missed."""
    target = tmp_path / "killed"
    assert restarts.attempt(asked, target, monkeypatch, checkpoints_at=(100,), dies_at=100) is None
    sim = build(asked).simulation()
    restore = type(sim).restore

    def forgetful(self, memory):
        restore(self, memory)
        self.state.residual[:] = 0.0

    with monkeypatch.context() as patch:
        patch.setattr(type(sim), "restore", forgetful)
        assert restarts.attempt(asked, target, monkeypatch) is not None
    assert "max_depth" in restarts.differences(undisturbed.path, target)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_memory_of_a_simulation_is_all_there_is(asked, dtype):
    """Without files: at 20 random times the memory moves to a new Simulation with another number of threads."""
    built, rng = build(asked), random.Random(3)
    one, two = (_simulation(built, dtype, threads) for threads in (1, 2))
    ticks = sorted(rng.uniform(0, 180) for _ in range(20))
    for k, t in enumerate(ticks):
        one.advance(t)
        moved = _simulation(built, dtype, 1 + k % 2)
        moved.restore({name: np.array(values) for name, values in two.memory().items()})
        two = moved
        two.advance(t)
        for name, values in one.memory().items():
            assert np.asarray(values).tobytes() == np.asarray(two.memory()[name]).tobytes(), (name, t)
    assert one.balance() == two.balance()


def _simulation(built, dtype, threads):
    from flood_sim.solver.simulation import Simulation

    return Simulation(built.domain, sections=built.sections, threads=threads, dtype=dtype)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_kill_9_from_outside(data, tmp_path):
    _killed_until_it_ends(data, tmp_path, kills=3, seed=1, minutes=2)


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize("seed", range(4))
def test_kill_9_from_outside_at_length(data, tmp_path, seed):
    """25 deaths in each of four runs."""
    _killed_until_it_ends(data, tmp_path, kills=25, seed=seed, minutes=60)


def _killed_until_it_ends(data, tmp_path, *, kills, seed, minutes):
    """SIGKILL at a random moment after a new checkpoint: among steps, while writing a checkpoint, an output or a map."""
    rng = random.Random(seed)
    asked = Scenario.parse(data | {"numerics": {"duration_min": minutes, "max_step_s": 0.05}})
    path, target = tmp_path / "scenario.json", tmp_path / "killed"
    path.write_text(asked.to_json(), encoding="utf-8")
    folder = tmp_path / ".killed.partial" / "checkpoints"
    for life in range(kills + 1):
        before = _newest(folder)
        process = _start(path, target, every_s=0.02, threads=1 + life % 2)
        try:
            until = time.monotonic() + 120
            while life < kills and _newest(folder) == before and process.poll() is None:
                assert time.monotonic() < until, "no checkpoint came"
                time.sleep(0.005)
            if life < kills:
                time.sleep(rng.uniform(0, 0.3))
                os.kill(process.pid, signal.SIGKILL)
            said, errors = process.communicate(timeout=240)
        finally:
            if process.poll() is None:
                process.kill()
        assert process.returncode == (0 if life == kills else -signal.SIGKILL), errors
        assert (target.exists(), folder.exists()) == ((True, False) if life == kills else (False, True))
        assert life == 0 or "goes on from the checkpoint of" in said or said == ""  # "": killed with the words unsent
    assert len(open_result(target).manifest["resumed"]) == kills
    _start(path, tmp_path / "undisturbed", every_s=1e9, threads=1).communicate(timeout=240)
    assert restarts.differences(tmp_path / "undisturbed", target) == []


def _start(path, target, *, every_s, threads):
    command = [sys.executable, "-m", "tools.restarts", str(path), str(target), str(every_s), str(threads)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _newest(folder):
    return max((p.name for p in folder.glob("*.checkpoint")), default="") if folder.exists() else ""
