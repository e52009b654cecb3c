"""Where a run works until its result is whole: one folder with a stable name, so that a killed run can go on.

Beside the target DIR lies `.DIR.partial`: `result` becomes DIR by one rename,
`checkpoints` holds what a new attempt goes on from, `lock` is held by the
process that works here and falls with it, however that ends.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from flood_sim.errors import ResultError
from flood_sim.results.folder import PartialFolder

LOCK, RESULT, CHECKPOINTS = "lock", "result", "checkpoints"


class WorkFolder(PartialFolder):
    """A PartialFolder that outlives its process; leaving it removes everything unless `keep` was set.

    ResultError if another process works on the same result at this moment, or
    if a folder of that name is not ours.
    """

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        self.keep = False
        super().__init__(target, overwrite=overwrite)
        self.checkpoints = self.root / CHECKPOINTS

    def _make(self) -> Path:
        self.root = self.target.with_name(f".{self.target.name}.partial")
        self._lock = FileLock(self.root / LOCK)
        while not self._claim():
            pass
        try:
            strange = {entry.name for entry in self.root.iterdir()} - {LOCK, RESULT, CHECKPOINTS}
            if strange:
                raise ResultError(
                    "holds files that are not a run's", where=str(self.root), value=", ".join(sorted(strange)[:3]),
                    hint="Remove this folder yourself, or choose another folder for the result",
                )  # fmt: skip
            path = self.root / RESULT
            path.mkdir(exist_ok=True)
        except BaseException:
            self._lock.release()
            raise
        return path

    def _claim(self) -> bool:
        """Hold the lock; False if it was that of a run which ended, and removed it, in this moment."""
        self.root.mkdir(exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ResultError(
                "another run writes this result at this moment", where=str(self.target),
                hint="Wait for it, or choose another folder",
            ) from None  # fmt: skip
        if (self.root / LOCK).exists():
            return True
        self._lock.release()
        return False

    def publish(self) -> None:
        """Flush every file and rename the result; checkpoints go when it stands."""
        super().publish()
        self._remove()

    def discard(self) -> None:
        """A writer that gives up leaves its files: whoever entered this folder decides."""

    def _remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        with suppress(OSError):
            os.unlink(self.root / LOCK)
            self.root.rmdir()
        self._lock.release()
        self._remove_parents()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.keep:
            self._lock.release()
        elif self._lock.is_locked:
            self._remove()
