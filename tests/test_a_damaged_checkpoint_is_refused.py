"""A checkpoint that is not whole, or not this run's, is never gone on from; and no checkpoint ever costs a run.

A run that was killed left two checkpoints, at steps 60 and 400. Then bytes are cut off or turned round, files go
missing, another scenario or another version comes, the disk fills up. Either the one before is used, or the run begins
anew, or it is refused before the first step with every byte left as it was; the result, where there is one, has the
bits of an undisturbed run.
"""

import errno
import os
import random
import shutil
import struct
import zlib
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import restarts

from flood_sim.backends.cpu.engine import CpuEngine
from flood_sim.checkpoint import Checkpoints, Key, Schedule, file
from flood_sim.checkpoint.schedule import Timer
from flood_sim.cli import main
from flood_sim.errors import Cancelled, CheckpointError, ResultError, StorageError, UnstableRun
from flood_sim.results.dataset import open_result
from flood_sim.results.kept import damaged
from flood_sim.results.store import ZarrStore
from flood_sim.runner import run
from flood_sim.scenario import Scenario
from flood_sim.solver.checks import identity
from flood_sim.solver.simulation import Simulation

STEPS = (60, 400)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The killed run, its scenario and the undisturbed result; each test works on a copy."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def data(made, write_raster, write_footprints, monkeypatch):
    dem, houses = made / "dem.tif", made / "houses.geojson"
    if not houses.exists():
        shutil.copy(write_raster(restarts.terrain(), cell=2.0), dem)
        shutil.copy(write_footprints((60, -50, 72, -40)), houses)
    data = restarts.scenario(str(dem), str(houses), 360_000.0, 6_040_000.0)
    if not (made / "undisturbed").exists():
        asked = Scenario.parse(data)
        run(asked, made / "undisturbed", checkpoints=None)
        restarts.attempt(asked, made / "town", monkeypatch, checkpoints_at=STEPS, dies_at=430)
    return data


@pytest.fixture
def asked(data):
    return Scenario.parse(data)


@pytest.fixture
def work(made, data, tmp_path):
    """The folder of a copy of the killed run; its result would be `town` beside it."""
    (tmp_path / "runs").mkdir()
    return shutil.copytree(made / ".town.partial", tmp_path / "runs" / ".town.partial")


@pytest.fixture
def older(work):
    return work / "checkpoints" / "00000001.checkpoint"


@pytest.fixture
def newest(work):
    return work / "checkpoints" / "00000002.checkpoint"


def goes_on(asked, work, made, monkeypatch, *, steps, **options):
    """Run it again: it goes on after so many steps (None: begins anew) and ends as if undisturbed; what was said."""
    said = []
    result = restarts.attempt(asked, work.parent / "town", monkeypatch, say=said.append, **options)
    assert [r["steps"] for r in result.manifest["resumed"]] == ([] if steps is None else [steps])
    assert restarts.differences(made / "undisturbed", result.path) == []
    assert [p.name for p in work.parent.iterdir()] == ["town"]
    return "\n".join(said)


def refused(asked, work, match, **options):
    """Clear words before the first step, and every byte as it was."""
    before = contents(work)
    with pytest.raises(CheckpointError, match=match) as caught:
        run(asked, work.parent / "town", **options)
    assert "nothing was overwritten" in str(caught.value) and "--anew" in str(caught.value)
    assert contents(work) == before and not (work.parent / "town").exists()


def contents(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "lock"}


def test_the_newest_is_used(asked, work, made, monkeypatch):
    """Else the tests below would prove nothing."""
    said = goes_on(asked, work, made, monkeypatch, steps=400)
    assert "goes on from the checkpoint of" in said and said.count("\n") == 0


# --- another machine --------------------------------------------------------------


CHANGES = {
    "nothing": ({}, ""),
    "the device": ({"device": "cuda"}, "another device (cuda after cpu) than before"),
    "the processor": ({"compiler": {"cpu": "6502"}}, "another processor or compiler than before"),
    "both": (
        {"device": "cuda", "compiler": {"cpu": "6502"}},
        "another processor or compiler and device (cuda after cpu) than before",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_run_that_goes_on_elsewhere_says_so(asked, work, made, monkeypatch, what):
    """The same bits are promised on the same processor, compiler and device only. Here, only their names change."""
    change, words = CHANGES[what]
    if "device" in change:
        monkeypatch.setattr(CpuEngine, "device", change["device"])
    if "compiler" in change:
        monkeypatch.setattr("flood_sim.provenance.compiler", lambda: change["compiler"])
    said = goes_on(asked, work, made, monkeypatch, steps=400)
    assert said.count("\n") == bool(change) and words in said
    assert ("the last bits may differ from a run in one go" in said) == bool(change)
    (entry,) = open_result(work.parent / "town").manifest["resumed"]
    assert (entry["same_machine"], entry["device"]) == (not change, "cpu")


# --- damage -----------------------------------------------------------------------


def test_a_file_that_is_cut_off_anywhere(work, newest):
    whole = newest.read_bytes()
    for kept in (0, 7, 63, 64, 65, len(whole) // 2, len(whole) - 1):
        newest.write_bytes(whole[:kept])
        with pytest.raises(CheckpointError, match=r"00000002\.checkpoint: is damaged"):
            file.read(newest)


def test_a_cut_off_file_costs_one_checkpoint(asked, work, newest, made, monkeypatch):
    newest.write_bytes(newest.read_bytes()[:5000])
    said = goes_on(asked, work, made, monkeypatch, steps=60)
    assert "a checkpoint is not used: 00000002.checkpoint is damaged" in said


def test_one_flipped_bit_anywhere(work, newest):
    """Preamble, blocks and header: 300 places, the first and the last byte among them."""
    whole, rng = newest.read_bytes(), random.Random(5)
    places = [0, 8, 12, 16, 24, 32, 63, 64, len(whole) - 1] + [rng.randrange(len(whole)) for _ in range(300)]
    for place in places:
        newest.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << rng.randrange(8))]) + whole[place + 1 :])
        with pytest.raises(CheckpointError, match=r"00000002\.checkpoint: is damaged"):
            file.read(newest)
    newest.write_bytes(whole)
    assert file.read(newest).about["steps"] == 400


def test_both_damaged_begins_anew(asked, work, newest, older, made, monkeypatch):
    newest.write_bytes(b"")
    older.write_bytes(older.read_bytes() + b"x")
    said = goes_on(asked, work, made, monkeypatch, steps=None)
    assert said.count("is not used") == 2


def test_an_output_that_the_checkpoint_builds_on(asked, work, newest, older, made, monkeypatch):
    """Missing, longer or flipped; the snapshot at 0 s belongs to both checkpoints, the last one to the newest only."""
    tables = [file.read(path).about["files"] for path in (older, newest)]
    late = sorted(tables[1].keys() - tables[0].keys())[0]
    path, whole = work / "result" / late, (work / "result" / late).read_bytes()
    for spoilt in (None, whole + b"x", whole[:-1] + bytes([whole[-1] ^ 1])):
        path.unlink(missing_ok=True)
        if spoilt is not None:
            path.write_bytes(spoilt)
        assert damaged(work / "result", tables[0]) is None
        assert damaged(work / "result", tables[1]) == late
    said = goes_on(asked, work, made, monkeypatch, steps=60)
    assert f"builds on an output that is missing or damaged: {late}" in said


def test_an_output_that_both_build_on(asked, work, older, made, monkeypatch):
    (work / "result" / sorted(file.read(older).about["files"])[0]).write_bytes(b"other")
    goes_on(asked, work, made, monkeypatch, steps=None)


def test_a_damaged_one_does_not_push_out_a_good_one(asked, work, newest, monkeypatch):
    """After going on from step 60 the last two are whole ones again."""
    newest.write_bytes(b"")
    restarts.attempt(asked, work.parent / "town", monkeypatch, checkpoints_at=(30,), dies_at=40)
    assert [file.read(p).about["steps"] for p in sorted((work / "checkpoints").iterdir())] == [60, 90]


# --- foreign ----------------------------------------------------------------------


def test_another_scenario(data, work, made, monkeypatch):
    other = Scenario.parse(data | {"title": "drier", "storm": {"kind": "block", "depth_mm": 5, "duration_min": 3}})
    refused(other, work, r"belongs to another scenario.*got \w+\).*allowed: 'drier'")
    assert restarts.attempt(other, work.parent / "town", monkeypatch, anew=True).manifest["resumed"] == []


def test_another_title_or_number_of_threads_is_no_other_scenario(data, work, monkeypatch):
    other = Scenario.parse(data | {"title": "renamed", "numerics": {"duration_min": 3, "threads": 2}})
    assert len(restarts.attempt(other, work.parent / "town", monkeypatch).manifest["resumed"]) == 1


def test_another_terrain_under_the_same_name(data, work, tmp_path):
    changed = tmp_path / "dem.tif"
    shutil.copy(data["terrain"]["dem"], changed)
    with changed.open("ab") as dem:
        dem.write(b"\0")
    refused(Scenario.parse(data | {"terrain": data["terrain"] | {"dem": str(changed)}}), work, "another scenario")


def test_another_engine(asked, work, monkeypatch):
    monkeypatch.setattr("flood_sim.runner.engine_version", lambda: "9.9.9+other")
    refused(asked, work, r"another version of the engine; .*got 0\..*allowed: 9\.9\.9\+other")


def test_another_format(asked, work, newest):
    """A whole file of a later version: neither damaged nor readable."""
    whole = bytearray(newest.read_bytes())
    whole[8:16] = struct.pack("<II", file.FORMAT_VERSION + 1, 0)
    whole[12:16] = struct.pack("<I", zlib.crc32(whole[:64]))
    newest.write_bytes(whole)
    refused(asked, work, r"another format.*got format 2\); allowed: format 1")


def test_the_command_line_says_it_in_one_line(data, work, tmp_path, capsys):
    path = tmp_path / "scenario.json"
    path.write_text(Scenario.parse(data | {"outputs": {"every_min": 3}}).to_json(), encoding="utf-8")
    line = ["run", str(path), "-o", str(work.parent / "town")]
    assert main(line) == CheckpointError.exit_code
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("flood-sim: ") and "belongs to another scenario" in said and "--anew" in said
    assert main([*line, "--anew"]) == 0


def test_the_command_line_says_that_it_goes_on(data, work, tmp_path, capsys):
    path = tmp_path / "scenario.json"
    path.write_text(Scenario.parse(data).to_json(), encoding="utf-8")
    assert main(["run", str(path), "-o", str(work.parent / "town")]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("flood-sim: ")]
    assert len(said) == 1 and "goes on from the checkpoint of" in said[0] and "of 3 min are computed" in said[0]


def test_files_of_somebody_else_are_left_alone(asked, work):
    (work / "letter.txt").write_text("dear")
    with pytest.raises(ResultError, match=r"holds files that are not a run's \(got letter\.txt\)"):
        run(asked, work.parent / "town", anew=True)
    assert (work / "letter.txt").exists() and (work / "checkpoints").exists()


def test_two_runs_into_one_folder(asked, tmp_path, monkeypatch):
    """The second is refused while the first computes; the first is not disturbed."""
    monkeypatch.setattr("flood_sim.runner.TELL_EVERY_S", 0.0)
    caught = []

    def second(progress):
        if not caught and progress.phase == "running":
            with pytest.raises(ResultError, match="another run writes this result at this moment") as error:
                run(asked, tmp_path / "town")
            caught.append(error)

    run(asked, tmp_path / "town", progress=second)
    assert caught and [p.name for p in tmp_path.iterdir() if "town" in p.name] == ["town"]


def test_an_orphan_never_publishes(asked, work, made, tmp_path, monkeypatch):
    """Its folder was moved to the next attempt's place, which ends well; what the orphan still writes goes nowhere."""
    ours = tmp_path / "attempt-2"

    def taken_over(progress):
        if progress.phase == "running" and not ours.exists():
            ours.mkdir()
            os.rename(work, ours / ".town.partial")
            (ours / ".town.partial" / "lock").unlink()
            goes_on(asked, ours / ".town.partial", made, monkeypatch, steps=400)

    monkeypatch.setattr("flood_sim.runner.TELL_EVERY_S", 0.0)
    with pytest.raises((OSError, KeyError, ResultError, StorageError)):
        run(asked, work.parent / "town", progress=taken_over)
    assert not (work.parent / "town").exists()
    assert restarts.differences(made / "undisturbed", ours / "town") == []


# --- a disk that refuses ----------------------------------------------------------


def _for(place, original, fault):
    """The call as it was, but for checkpoints."""

    def call(first, *args, **kwargs):
        if any(str(name).endswith(place) for name in (first, *args)):
            raise OSError(fault, os.strerror(fault))
        return original(first, *args, **kwargs)

    return call


@pytest.mark.parametrize(
    ("what", "fault", "words"),
    [
        ("open", errno.EROFS, "Read-only file system"),
        ("open", errno.EACCES, "Permission denied"),
        ("rename", errno.ENOSPC, "No space left on device"),
        ("blocks", errno.ENOSPC, "No space left on device"),
        ("space", errno.ENOSPC, "too little space is left on the disk"),
        ("memory", 0, "not enough memory"),
    ],
)
def test_a_checkpoint_that_cannot_be_written_is_a_note(asked, work, made, monkeypatch, what, fault, words):
    """The run goes on to the right end; while it lasts the older checkpoints stay and nothing half written does."""
    before, seen = sorted((work / "checkpoints").iterdir()), []

    def refuse(*_args, **_kwargs):
        raise OSError(fault, os.strerror(fault)) if fault else MemoryError

    if what == "space":
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr("shutil.disk_usage", lambda place: usage(10**9, 10**9, 100))
    elif what in ("blocks", "memory"):
        monkeypatch.setattr(file, "_pack", refuse)
    elif what == "open":
        monkeypatch.setattr("pathlib.Path.open", _for(".writing", Path.open, fault))
    else:
        monkeypatch.setattr("os.rename", _for(".checkpoint", os.rename, fault))
    monkeypatch.setattr(Checkpoints, "write", _watched(Checkpoints.write, work / "checkpoints", seen))
    said = goes_on(asked, work, made, monkeypatch, steps=400, checkpoints_at=(10, 20))
    assert said.count(f"a checkpoint could not be written, the run goes on: {words}") == 1
    assert seen == [before] * 2


def test_an_older_checkpoint_makes_room(asked, work, monkeypatch):
    """Where only its own size is missing; the newest stays until the new one is whole."""
    present = sorted((work / "checkpoints").iterdir())
    kept = Checkpoints(work / "checkpoints", Key("a", "1"), print)
    kept.begin(None, 1000)
    usage = namedtuple("usage", "total used free")
    for free, left in ((1999 - present[0].stat().st_size, present), (1999, present[1:])):
        monkeypatch.setattr("shutil.disk_usage", lambda place, free=free: usage(10**9, 10**9, free))
        done = kept.write(lambda: ({}, {"x": np.zeros(3)}))
        assert done == (left != present)
        assert sorted((work / "checkpoints").iterdir())[: len(left)] == left


def _watched(write, folder, seen):
    def method(self, *args):
        done = write(self, *args)
        seen.append(sorted(folder.iterdir()))
        return done

    return method


def test_a_full_disk_that_ends_the_run_keeps_the_checkpoint(asked, work, made, monkeypatch):
    """An output could not be written: the run must stop, and goes on when there is room again."""

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    said = []
    with monkeypatch.context() as patch, pytest.raises(StorageError, match="disk is full"):
        patch.setattr(ZarrStore, "write_step", full)
        run(asked, work.parent / "town", say=said.append)
    assert said[-1] == "the last checkpoint is kept in .town.partial: the same run goes on from there"
    goes_on(asked, work, made, monkeypatch, steps=400)


def test_cancelling_keeps_the_checkpoint(asked, work, made, monkeypatch):
    with pytest.raises(Cancelled):
        run(asked, work.parent / "town", cancel=lambda: True)
    goes_on(asked, work, made, monkeypatch, steps=400)


def test_cancelling_need_not_wait_for_a_checkpoint(asked, work, made, monkeypatch):
    """A large one takes long: it is left off in the middle, and those before stay."""
    inside = []

    def slow(block):
        inside.append(block)
        return pack(block)

    pack = file._pack
    with monkeypatch.context() as patch, pytest.raises(Cancelled):
        patch.setattr(file, "_pack", slow)
        restarts.attempt(asked, work.parent / "town", patch, checkpoints_at=(5,), cancel=lambda: bool(inside))
    assert len(inside) < 10
    assert len(list((work / "checkpoints").iterdir())) == 2
    goes_on(asked, work, made, monkeypatch, steps=400)


def test_what_would_happen_again_keeps_nothing(asked, work, monkeypatch):
    """A flow that leaves physics does so from every checkpoint."""

    def unstable(self):
        raise UnstableRun("is not finite")

    monkeypatch.setattr(Simulation, "check", unstable)
    with pytest.raises(UnstableRun):
        run(asked, work.parent / "town")
    assert list(work.parent.iterdir()) == []


def test_a_state_that_is_not_finite_is_never_a_checkpoint(asked, tmp_path, monkeypatch):
    """It is looked for before each, not only every 64 steps."""
    original = Checkpoints.write

    def spoilt(self, take, still_wanted):
        take.__self__._sim.state.h[50, 30] = np.nan
        return original(self, take, still_wanted)

    monkeypatch.setattr(Checkpoints, "write", spoilt)
    with pytest.raises(UnstableRun, match="not finite"):
        restarts.attempt(asked, tmp_path / "town", monkeypatch, checkpoints_at=(3,))
    assert not (tmp_path / ".town.partial").exists()


# --- what it costs ----------------------------------------------------------------


@pytest.mark.parametrize("cost_s", [0.01, 1.0, 40.0, 3000.0])
def test_checkpoints_never_take_more_than_their_share(cost_s):
    """A night of steps of 0.5 s by a clock of our own. Bound: share 2 % after every checkpoint, however slow the disk.

    The cost of the first is a guess; here it is guessed 0.05 s, so the first alone may exceed the share once.
    """
    clock, tries = [0.0], []
    timer = Timer(Schedule(every_s=300.0, share=0.02), 0, lambda: clock[0])
    while clock[0] < 36_000:
        clock[0] += 0.5
        if timer.due():
            began = clock[0]
            clock[0] += cost_s
            timer.took(began)
            tries.append(clock[0])
    assert tries[0] == pytest.approx(300.0 + cost_s)
    assert all(b - a >= 300.0 for a, b in zip(tries, tries[1:], strict=False))
    assert all((k + 1) * cost_s <= 0.02 * t for k, t in enumerate(tries) if k > 0)
    assert len(tries) >= {0.01: 119, 1.0: 119, 40.0: 17, 3000.0: 1}[cost_s]


@pytest.mark.prove
def test_checkpoints_cost_at_most_three_percent(data, tmp_path):
    """A run of some 30 s that would like a checkpoint every second and gets fewer: what was measured, not what was planned.

    Bound 3 %: the share is 2 %, and the last one may take longer than the one it was reckoned by.
    """
    long = Scenario.parse(data | {"numerics": {"duration_min": 100, "max_step_s": 0.05}})
    told = run(long, tmp_path / "town", checkpoints=Schedule(every_s=1.0)).manifest["performance"]
    assert told["checkpoints"] >= 1
    assert told["checkpoint_s"] <= 0.03 * told["wall_s"], told


def test_whose_a_memory_is_is_reckoned_once(asked, tmp_path, monkeypatch):
    """The checksums go over the whole ground; three checkpoints share them."""
    reckoned = []

    def counted(*args):
        reckoned.append(args)
        return identity(*args)

    monkeypatch.setattr("flood_sim.solver.simulation.identity", counted)
    restarts.attempt(asked, tmp_path / "town", monkeypatch, checkpoints_at=(3, 5, 7), dies_at=8)
    assert len(reckoned) == 1


def test_a_short_run_pays_nothing(asked, tmp_path, monkeypatch):
    """Not even a look at the memory: on a card it would be fetched for it."""
    monkeypatch.setattr(Simulation, "memory", lambda self: pytest.fail("was asked for"))
    result = run(asked, tmp_path / "town")
    assert result.manifest["performance"]["checkpoints"] == 0
    assert result.manifest["performance"]["checkpoint_s"] == 0.0


@pytest.mark.parametrize("wrong", [{"every_s": -1.0}, {"share": float("nan")}])
def test_an_impossible_schedule_is_refused(wrong):
    with pytest.raises(CheckpointError, match="0 or more"):
        Schedule(**wrong)


def test_any_array_comes_back_as_it_was(tmp_path):
    """Shapes without a cell, numbers alone, views that do not lie in one piece, more than one block, NaN payloads."""
    rng = np.random.default_rng(1)
    arrays = {
        "number": np.array(0.1), "count": np.array(2**62), "none": np.empty((0, 3)), "truth": rng.uniform(size=9) < 0.5,
        "view": rng.normal(size=(40, 50))[::2, ::3], "large": rng.normal(size=(1500, 1500)),
        "odd": np.array([np.nan, -0.0, np.inf, np.float32(1e-45)], np.float32),
    }  # fmt: skip
    for threads in (1, 3):
        file.write(tmp_path / "x", {"words": "Überflutung"}, arrays, threads=threads)
        found = file.read(tmp_path / "x", threads=threads)
        assert found.about == {"words": "Überflutung"} and list(found.arrays) == list(arrays)
        for name, array in arrays.items():
            back = found.arrays[name]
            assert (back.shape, back.dtype, back.tobytes()) == (array.shape, array.dtype, array.tobytes()), name


def test_whose_it_is_is_told_even_without_a_title(tmp_path):
    Checkpoints(tmp_path, Key("a", "1"), print).write(lambda: ({}, {"x": np.zeros(3)}))
    with pytest.raises(CheckpointError, match=r"belongs to another scenario.*got a\); allowed: b"):
        Checkpoints(tmp_path, Key("b", "1"), print).latest()
