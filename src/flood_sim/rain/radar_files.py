"""Radar composites wherever they lie: files, folders, archives as the weather service publishes them.

Plain, .gz and .bz2 files, and tar archives of them, also archives of days inside
an archive of a month. Nothing is unpacked to the disk, and no more is read of
one composite than the largest there is.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from flood_sim.errors import ScenarioError

LARGEST = 64 * 2**20
"""Bytes of a composite; the largest grid of the service (4,800 x 4,400 cells of 2 bytes) has 42 MB."""
DEEPEST = 2
"""Archives inside archives."""
_DAY = re.compile(r"_(\d{8})\.tar")
_MOMENT = re.compile(r"-(?:20)?(\d{10})-")
DAMAGED = (OSError, EOFError, tarfile.TarError, zlib.error, lzma.LZMAError)


def composites(
    paths: Iterable[str | os.PathLike[str]], begin: datetime | None = None, end: datetime | None = None
) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every composite; those whose name tells of a time clearly outside begin to end are left out.

    ScenarioError for what is not there or damaged.
    """
    for path in paths:
        where = Path(path)
        if "://" in os.fspath(path) or not where.exists():
            raise ScenarioError("there is no such file or folder", where=os.fspath(path), hint="Download it first")
        files = sorted(p for p in where.rglob("*") if p.is_file()) if where.is_dir() else [where]
        for file in files:
            try:
                with file.open("rb") as stream:
                    yield from _inside(file.name, stream, str(file), (begin, end), 0)
            except DAMAGED as error:
                words = getattr(error, "strerror", None) or error
                raise ScenarioError(
                    f"cannot be read: damaged or truncated ({words})", where=str(file), hint="Download it again"
                ) from None


def _inside(
    name: str, stream: IO[bytes], where: str, period: tuple[datetime | None, datetime | None], depth: int
) -> Iterator[tuple[str, bytes]]:
    if _is_outside(name, *period):
        return
    if ".tar" in name.lower() or name.lower().endswith(".tgz"):
        if depth >= DEEPEST:
            raise ScenarioError("archives lie too deep inside each other", where=where)
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            for member in archive:
                inner = archive.extractfile(member) if member.isreg() else None
                if inner is not None:
                    base = os.path.basename(member.name)
                    yield from _inside(base, inner, f"{where}: {base}", period, depth + 1)
        return
    data = _bytes(stream)
    if len(data) > LARGEST:
        raise ScenarioError("is larger than any radar composite", where=where, allowed=f"up to {LARGEST >> 20} MiB")
    yield where, data


def _bytes(stream: IO[bytes]) -> bytes:
    head = stream.read(4)
    rest = io.BytesIO(head + stream.read(LARGEST + 1))
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(rest) as unpacked:
            return unpacked.read(LARGEST + 1)
    if head.startswith(b"BZh"):
        with bz2.open(rest) as unpacked:
            return unpacked.read(LARGEST + 1)
    return rest.getvalue()


def _is_outside(name: str, begin: datetime | None, end: datetime | None) -> bool:
    """Whether the name says a time that is a day (of a composite: two hours) or more away."""
    day, moment = _DAY.search(name), _MOMENT.search(name)
    try:
        if day:
            first = datetime.strptime(day[1], "%Y%m%d").replace(tzinfo=UTC) - timedelta(days=1)
            last = first + timedelta(days=3)
        elif moment:
            first = datetime.strptime(moment[1], "%y%m%d%H%M").replace(tzinfo=UTC) - timedelta(hours=2)
            last = first + timedelta(hours=4)
        else:
            return False
    except ValueError:
        return False
    return (begin is not None and last < begin) or (end is not None and first > end)
