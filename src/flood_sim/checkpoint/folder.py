"""The checkpoints of one run: the last two that are whole, and whose they are."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flood_sim.checkpoint import file
from flood_sim.checkpoint.file import Checkpoint
from flood_sim.checkpoint.schedule import Schedule, Timer
from flood_sim.errors import CheckpointError, StorageError
from flood_sim.results.folder import flush_entry

KEPT = 2
"""If the newest is damaged, the one before it is used."""
SUFFIX = ".checkpoint"
WRITING = ".writing"
NOTHING = "nothing was overwritten"
START_ANEW = "Choose another folder for the result, or begin anew (--anew), which removes it"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Key:
    """Whose a checkpoint is: the content id (scenario, files and engine), and what to tell a person about it."""

    content_id: str
    engine: str
    title: str = ""


class Checkpoints:
    """Writes and finds the checkpoints in `folder`.

    Only what belongs to the same `key` is ever used. `say` is told in one line
    what a person should know: what was refused, and what could not be written.
    """

    def __init__(self, folder: Path, key: Key, say: Say, *, threads: int = 1) -> None:
        self.folder, self._key, self._say, self._threads = folder, key, say, threads
        self._timer = Timer(None)
        self.ours = False
        """Whether a whole one of this run lies here."""
        self.written = 0
        self._size = 0
        self._refused: list[Path] = []
        self._told = ""

    # -- going on -------------------------------------------------------------

    def latest(self, usable: Callable[[Checkpoint], str | None] = lambda found: None) -> Checkpoint | None:
        """The newest one that is whole, belongs to this run and is `usable` (else the reason); None: begin anew.

        Damaged ones are passed over, with a word; CheckpointError if the newest
        whole one belongs to another scenario, engine or format: nothing is
        changed then.
        """
        for path in reversed(self._present()):
            try:
                found = file.read(path, threads=self._threads)
                self._refuse_foreign(found)
                reason = usable(found)
                if reason is None:
                    self.ours = True
                    return found
            except file.OtherFormat as error:
                raise CheckpointError(
                    f"{error.what}; {NOTHING}",
                    where=str(path),
                    value=error.value,
                    allowed=error.allowed,
                    hint=START_ANEW,
                ) from None
            except Foreign:
                raise
            except CheckpointError as error:
                reason = error.what
            self._say(f"a checkpoint is not used: {path.name} {reason}")
            self._refused.append(path)
        return None

    def _refuse_foreign(self, found: Checkpoint) -> None:
        key, about = self._key, found.about
        if about.get("content_id") == key.content_id:
            return
        if about.get("engine") != key.engine:
            what, value, allowed = "was written by another version of the engine", about.get("engine"), key.engine
        else:
            what, value = "belongs to another scenario", _called(about.get("title"), about.get("content_id"))
            allowed = _called(key.title, key.content_id)
        raise Foreign(
            f"a checkpoint for this result {what}; {NOTHING}", where=str(found.path), value=value,
            allowed=allowed, hint=START_ANEW,
        )  # fmt: skip

    def _present(self) -> list[Path]:
        """From the oldest to the newest."""
        try:
            return sorted(p for p in self.folder.iterdir() if p.suffix == SUFFIX and p.stem.isdigit())
        except OSError:
            return []

    def __bool__(self) -> bool:
        """Is there one, whole or not?"""
        return bool(self._present())

    def clear(self) -> None:
        """Remove all."""
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- writing --------------------------------------------------------------

    def begin(self, schedule: Schedule | None, expected_bytes: int) -> None:
        """The first step is near: the clock of the schedule runs. None writes no checkpoints.

        What `latest` refused is removed, so that the last two are good ones again.
        """
        for path in self._refused:
            with suppress(OSError):
                path.unlink()
        self._timer = Timer(schedule, expected_bytes)
        self._size = expected_bytes

    def due(self) -> bool:
        return self._timer.due()

    @property
    def spent_s(self) -> float:
        """Wall time that checkpoints took, s."""
        return self._timer.spent_s

    def write(
        self, take: Callable[[], tuple[dict[str, Any], Mapping[str, np.ndarray]]],
        still_wanted: Callable[[], None] = lambda: None,
    ) -> bool:  # fmt: skip
        """Write what `take()` gives (what to say about it, arrays); the older ones but one are removed.

        A disk that is full or refuses is told and forgotten: the run goes on,
        the checkpoints before stay, and nothing half written does. False then.
        `still_wanted` may raise to stop while it is written.
        """
        began = self._timer.now()
        part = self.folder / WRITING
        try:
            self._make_room()
            about, arrays = take()
            whose = {"content_id": self._key.content_id, "engine": self._key.engine, "title": self._key.title}
            self._size = file.write(part, about | whose, arrays, threads=self._threads, still_wanted=still_wanted)
            present = self._present()
            number = int(present[-1].stem) + 1 if present else 1
            os.rename(part, self.folder / f"{number:08d}{SUFFIX}")
            for place in (self.folder, self.folder.parent, self.folder.parent.parent):
                flush_entry(place)
            self.written += 1
            self._told = ""
            self.ours = True
            for old in self._present()[:-KEPT]:
                old.unlink()
            return True
        except BaseException as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if not isinstance(error, OSError | StorageError | MemoryError):
                raise
            if _reason(error) != self._told:  # once, not every five minutes of a night
                self._told = _reason(error)
                self._say(f"a checkpoint could not be written, the run goes on: {self._told}")
            return False
        finally:
            self._timer.took(began)

    def _make_room(self) -> None:
        """Space for one more, leaving as much again for the result; an older checkpoint gives way first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        free, older = shutil.disk_usage(self.folder).free, self._present()[: 1 - KEPT]
        if free + sum(path.stat().st_size for path in older) < 2 * self._size:
            raise OSError(errno.ENOSPC, "too little space is left on the disk")
        if free < 2 * self._size:
            for path in older:
                path.unlink()


class Foreign(CheckpointError):
    """A whole checkpoint of another scenario or engine."""


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory"
    return getattr(error, "what", None) or getattr(error, "strerror", None) or str(error)


def _called(title: str | None, content_id: str | None) -> str:
    return f"{title!r} ({content_id})" if title else f"{content_id}"
