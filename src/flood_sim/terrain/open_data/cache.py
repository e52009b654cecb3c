"""Tiles on the disk, each under its name (year included) with a note of its checksum.

A tile enters only when it is complete and checked, by one rename; until then it
is a `.part` beside it. So a failed download never touches a good tile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from flood_sim.errors import StorageError
from flood_sim.terrain.open_data.download import Received, discard
from flood_sim.terrain.open_data.provider import Tile
from flood_sim.terrain.source import checksum

CACHE_ENV = "FLOOD_SIM_CACHE_DIR"


@dataclass(frozen=True)
class Kept:
    """A good tile: file, its square, SHA-256, bytes, cells with a height, when and whence it came.

    `index_bytes`, `index_dated`: what the index said of it then.
    """

    file: Path
    west: float
    south: float
    year: int | None
    sha256: str
    bytes: int
    heights: int
    fetched: str
    url: str
    etag: str | None = None
    modified: str | None = None
    index_bytes: int | None = None
    index_dated: str | None = None


class TileCache:
    """The tiles of one data set in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one at a time may fetch into a folder. StorageError where another does."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise StorageError(
                "another fetch is writing into this cache",
                where=str(self.folder),
                hint="Wait for it, or give --cache another folder",
            ) from None
        except OSError as error:
            raise StorageError(
                f"the cache cannot be written: {error.strerror or error}",
                where=str(self.folder),
                hint="Give --cache another folder",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def part(self, tile: Tile) -> Path:
        """Where the tile lies while it is incomplete."""
        return self.folder / f".{tile.name}.part"

    def look_up(self, tile: Tile) -> tuple[Kept | None, str | None]:
        """The good tile of this name, or None and why it has to be fetched again (None if it never was here)."""
        file = self.folder / tile.name
        try:
            note = json.loads(self._note(tile).read_text(encoding="utf-8"))
            kept = Kept(file=file, **note)
        except FileNotFoundError:
            return None, None
        except (OSError, ValueError, TypeError):
            return None, f"{tile.name}: the note of its checksum cannot be read; fetched again"
        if not file.is_file() or file.stat().st_size != kept.bytes or checksum(file) != kept.sha256:
            return None, f"{tile.name}: the file in the cache is not the one that was fetched; fetched again"
        if (kept.index_bytes, kept.index_dated) != (tile.bytes, tile.dated):
            return None, f"{tile.name}: changed on the server since {kept.fetched[:10]}; fetched again"
        return kept, None

    def held(self) -> dict[tuple[float, float], list[str]]:
        """Names of all tiles in the cache, of any year, by their square."""
        found: dict[tuple[float, float], list[str]] = {}
        for path in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else ():
            try:
                note = json.loads(path.read_text(encoding="utf-8"))
                found.setdefault((note["west"], note["south"]), []).append(path.name.removesuffix(".json"))
            except (OSError, ValueError, TypeError, KeyError):
                continue  # look_up says so of a tile that is wanted
        return found

    def accept(self, tile: Tile, part: Path, received: Received, heights: int) -> Kept:
        """Let a complete and checked part in. The tile first, its note last: without its own note no tile counts."""
        kept = Kept(
            file=self.folder / tile.name, west=tile.west, south=tile.south, year=tile.year,
            sha256=checksum(part), bytes=part.stat().st_size, heights=heights,
            fetched=datetime.now(UTC).isoformat(timespec="seconds"), url=tile.url, etag=received.etag,
            modified=received.modified, index_bytes=tile.bytes, index_dated=tile.dated,
        )  # fmt: skip
        note = {k: v for k, v in asdict(kept).items() if k != "file"}
        written = self._note(tile).with_suffix(".new")
        written.write_text(json.dumps(note, indent=1), encoding="utf-8")
        os.replace(part, kept.file)
        os.replace(written, self._note(tile))
        discard(part)
        return kept

    def _note(self, tile: Tile) -> Path:
        return self.folder / f"{tile.name}.json"


def default_cache() -> Path:
    """The user's own cache folder, or what FLOOD_SIM_CACHE_DIR names."""
    named = os.environ.get(CACHE_ENV)
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("flood_sim", appauthor=False))
