"""A result appears whole or not at all, and a failing run never costs an older result.

Faults are injected where they happen in life: the store cannot write (ENOSPC),
the flush fails, the last rename fails, the user stops the run, the folder may
not be written. After each, the target folder holds what it held before and no
remains lie beside it.
"""

import errno
import os

import pytest
import zarr

from flood_sim.errors import ResultError, StorageError
from flood_sim.results.dataset import open_result
from flood_sim.results.sample import GRID, TIMES, snapshot, write_sample
from flood_sim.results.writer import ResultWriter


@pytest.fixture
def older(tmp_path):
    return write_sample(tmp_path / "town", title="älter").path


def untouched(older):
    assert open_result(older).manifest["title"] == "älter"
    assert [p.name for p in older.parent.iterdir()] == [older.name]


def full_disk(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def full_store(*_args, **_kwargs):
    full_disk()


def test_an_existing_result_is_refused_before_anything_is_computed(older):
    with pytest.raises(ResultError, match="exists already.*overwrite"):
        ResultWriter(older, GRID, TIMES, {})
    untouched(older)


def test_overwrite_replaces_it_at_the_very_end(older):
    with ResultWriter(older, GRID, TIMES, {}, overwrite=True) as writer:
        writer.snapshot(0, snapshot(0))
        assert open_result(older).manifest["title"] == "älter"
    untouched(older)
    assert write_sample(older, overwrite=True, title="neu").manifest["title"] == "neu"
    assert [p.name for p in older.parent.iterdir()] == ["town"]


def test_overwrite_never_deletes_what_is_no_result(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(ResultError, match="not a result of this program"):
        ResultWriter(tmp_path / "home", GRID, TIMES, {}, overwrite=True)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ResultError, match="not a result"):
        ResultWriter(tmp_path / "file", GRID, TIMES, {}, overwrite=True)
    assert (tmp_path / "home" / "letter.txt").read_text() == "dear"
    (tmp_path / "empty").mkdir()
    assert write_sample(tmp_path / "empty", overwrite=True).path.name == "empty"


def test_a_full_disk_during_the_run(older, monkeypatch):
    writer = ResultWriter(older, GRID, TIMES, {}, overwrite=True)
    writer.snapshot(0, snapshot(0))
    monkeypatch.setattr(zarr.storage.LocalStore, "set", full_store)
    with pytest.raises(StorageError, match="disk is full.*Free some space"):
        writer.snapshot(1, snapshot(1))
    monkeypatch.undo()
    untouched(older)


@pytest.mark.parametrize("place", ["os.fsync", "os.rename", "flood_sim.results.cog.gdal_copy"])
def test_a_full_disk_at_the_end(older, monkeypatch, place):
    monkeypatch.setattr(place, full_disk)
    with pytest.raises(StorageError, match="disk is full"):
        write_sample(older, overwrite=True, title="neu")
    monkeypatch.undo()
    untouched(older)


def test_a_failing_last_rename_brings_the_older_result_back(older, monkeypatch):
    rename, calls = os.rename, []

    def second_fails(source, target):
        calls.append(target)
        if len(calls) == 2:
            full_disk()
        rename(source, target)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(StorageError):
        write_sample(older, overwrite=True, title="neu")
    assert len(calls) == 3
    untouched(older)


def test_the_user_stops_the_run(older):
    with pytest.raises(KeyboardInterrupt), ResultWriter(older, GRID, TIMES, {}, overwrite=True) as writer:
        writer.snapshot(0, snapshot(0))
        raise KeyboardInterrupt
    untouched(older)


def test_output_times_that_were_not_written_are_noticed(tmp_path):
    from flood_sim.results.sample import fields, manifest
    from flood_sim.results.series import Series

    with ResultWriter(tmp_path / "a" / "r", GRID, TIMES, {}) as writer:
        writer.snapshot(0, snapshot(0))
        with pytest.raises(ResultError, match="2 of 3 output times"):
            writer.finish(fields(), Series(), Series(), manifest())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="is a file, not a folder"):
        ResultWriter(tmp_path / "file" / "r", GRID, TIMES, {})

    def denied(*_args, **_kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("pathlib.Path.mkdir", denied)
    with pytest.raises(StorageError, match="no permission.*may write"):
        ResultWriter(tmp_path / "r", GRID, TIMES, {})


def test_aborting_twice_is_harmless_and_finish_is_final(tmp_path):
    writer = ResultWriter(tmp_path / "r", GRID, TIMES, {})
    writer.abort()
    writer.abort()
    assert list(tmp_path.iterdir()) == []
    result = write_sample(tmp_path / "r")
    assert result.path.is_dir()
