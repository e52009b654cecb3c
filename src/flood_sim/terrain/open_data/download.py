"""One file from a server onto the disk, going on where an earlier attempt broke off.

What has arrived lies in `FILE.part`, and beside it which version of the file it
belongs to (ETag or Last-Modified). Only with such a version is the rest asked
for (Range with If-Range); a server that changed the file, or cannot do it,
sends all of it and the part begins anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data.address import host
from flood_sim.terrain.open_data.web import Again, Web

Told = Callable[[int], None]
"""Is told how many bytes of the file are there."""


@dataclass(frozen=True)
class Received:
    """A complete part: its size, the size that the server named (None if none), and the version of the file."""

    bytes: int
    announced: int | None
    etag: str | None
    modified: str | None


@dataclass(frozen=True)
class _Version:
    url: str
    etag: str | None
    modified: str | None

    @property
    def validator(self) -> str | None:
        """For If-Range: a weak ETag does not promise the same bytes."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


def download(web: Web, url: str, part: Path, most_bytes: int, told: Told = lambda _: None) -> Received:
    """All bytes of `url` into `part`. Again where it broke off (call it through `web.tried`), FetchError where it is hopeless."""
    offset, known = _left_over(part, url)
    headers = {"Accept-Encoding": "identity"}  # so that lengths and ranges count the bytes of the file
    if offset and known is not None and known.validator is not None:
        headers |= {"Range": f"bytes={offset}-", "If-Range": known.validator}
    with web.open(url, headers, fine=(200, 206, 416)) as response:
        if response.status_code == 416:
            discard(part)
            raise Again(f"{host(url)} has no more bytes of the part that is here; it begins anew")
        if response.status_code == 206:
            announced = _continued(response, part, offset, url)
        else:
            offset, announced = 0, _length(response)
        if announced is not None and announced > most_bytes:
            raise FetchError(f"the file has {announced:,} bytes", where=url, allowed=f"{most_bytes:,} bytes at most")
        version = _Version(url, response.headers.get("etag"), response.headers.get("last-modified"))
        _note(part).write_text(json.dumps(asdict(version)), encoding="utf-8")
        size = offset
        with part.open("ab" if offset else "wb") as file:
            for chunk in web.chunks(response, most_bytes - offset):
                file.write(chunk)
                size += len(chunk)
                told(size)
    if announced is not None and size != announced:
        if size > announced:
            discard(part)
        raise Again(f"{host(url)} sent {size:,} of {announced:,} bytes")
    return Received(size, announced, version.etag, version.modified)


def discard(part: Path) -> None:
    """Forget what arrived."""
    for path in (part, _note(part)):
        path.unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _left_over(part: Path, url: str) -> tuple[int, _Version | None]:
    """How many bytes of which version are here; (0, None) for nothing or for those of another address."""
    try:
        known = _Version(**json.loads(_note(part).read_text(encoding="utf-8")))
        size = part.stat().st_size
    except (OSError, ValueError, TypeError):
        return 0, None
    return (size, known) if known.url == url else (0, None)


def _length(response: httpx.Response) -> int | None:
    if response.headers.get("content-encoding", "identity") != "identity":
        return None  # the length is that of the packed file
    text = response.headers.get("content-length", "")
    return int(text) if re.fullmatch(r"\d{1,15}", text) else None


def _continued(response: httpx.Response, part: Path, offset: int, url: str) -> int | None:
    """The size of the whole file, from the answer to a Range; Again where it goes on elsewhere than asked."""
    match = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", response.headers.get("content-range", ""))
    if match is None or int(match[1]) != offset or offset == 0:
        discard(part)
        raise Again(f"{host(url)} goes on at another byte than asked")
    return None if match[3] == "*" else int(match[3])
