"""The data folder of a service: its places, its lock, and keeping its paths out of replies."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from flood_sim.errors import StorageError

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")
"""Run ids: UUIDs of the service, or the plain names that other commands give. Never a path."""


class DataFolder:
    """`<data>/` with service.lock, service.json, runs.sqlite, files/, runs/ and cancel/."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path.expanduser()))
        self.runs = self.path / "runs"
        self.database = self.path / "runs.sqlite"
        self.about = self.path / "service.json"
        self.instance = secrets.token_hex(8)
        self._flags = self.path / "cancel"
        self._lock = FileLock(self.path / "service.lock", thread_local=False)  # opened and closed by different threads

    def claim(self, host: str, port: int) -> None:
        """Become the only service on this folder; StorageError says which other one holds it."""
        try:
            for place in (self.runs, self.path / "files", self._flags):
                place.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            for flag in self._flags.iterdir():
                flag.unlink(missing_ok=True)
            self.announce(host, port)
        except Timeout:
            raise StorageError(
                f"another service works on this data folder: {self._holder()}", where=str(self.path),
                hint="Use that one, stop it, or give another folder with --data-dir",
            ) from None  # fmt: skip
        except OSError as error:
            self._lock.release()
            raise StorageError(
                f"the data folder cannot be written: {error.strerror}", where=str(self.path),
                hint="Give another folder with --data-dir",
            ) from None  # fmt: skip

    def announce(self, host: str, port: int) -> None:
        """Write service.json: process, address and the instance that GET /about repeats."""
        text = json.dumps({"pid": os.getpid(), "host": host, "port": port, "instance": self.instance})
        part = self.about.with_name(f".{self.about.name}.part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, self.about)

    def release(self) -> None:
        if self._lock.is_locked:
            self.about.unlink(missing_ok=True)
            self._lock.release()

    def run(self, run_id: str) -> Path:
        """The folder of a run's result; the id must have been checked."""
        if not RUN_ID.fullmatch(run_id):
            raise ValueError("not a run id")
        return self.runs / run_id

    def cancel_flag(self, run_id: str) -> Path:
        """The file whose existence tells the worker to stop: cheap to poll, survives everything."""
        return self._flags / self.run(run_id).name

    def remove_partial(self, run_id: str) -> None:
        """What a killed worker left behind of this run's result."""
        for rest in self.runs.glob(f".{self.run(run_id).name}.partial*"):
            shutil.rmtree(rest, ignore_errors=True)

    def scrub(self, text: str) -> str:
        """The text without any path of this machine: below the data folder only the file's name stays."""
        text = re.sub(re.escape(str(self.path)) + r"[^\s'\",;:)]*", lambda m: Path(m[0]).name, text)
        return re.sub(r"(?<![\w.:/])(?:[A-Za-z]:\\|/)(?:[\w.+-]+[/\\])+([\w.+-]+)", r"\1", text)

    def _holder(self) -> str:
        other = read_announcement(self.path)
        if other is None:
            return "which one is not known"
        return f"process {other['pid']} at http://{other['host']}:{other['port']}"


def read_announcement(data: Path) -> dict[str, Any] | None:
    """service.json of the service that holds (or held) this data folder."""
    try:
        about = json.loads((data / "service.json").read_text(encoding="utf-8"))
        return about if {"pid", "host", "port", "instance"} <= about.keys() else None
    except (OSError, ValueError, AttributeError):
        return None
