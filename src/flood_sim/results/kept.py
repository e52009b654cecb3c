"""Files of a result in the making that a checkpoint builds on: flushed, and known by size and CRC-32.

What a table names is exactly as it was when the checkpoint was written, or the
checkpoint is not used; whatever else lies in the folder is removed before going on.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from flood_sim.results.folder import flush_entries

Table = dict[str, list[int]]
"""Name relative to the folder of the result, with `/`: size in bytes and CRC-32."""
PIECE = 8 * 2**20


def secure(root: Path, places: Iterable[Path]) -> Table:
    """Flush all files below these folders, and the folders up to the root; gives the table of the files."""
    files = [Path(parent, name) for place in places for parent, _, names in os.walk(place) for name in names]
    flush_entries(files)
    flush_entries({root / folder for path in files for folder in path.relative_to(root).parents})
    return {path.relative_to(root).as_posix(): [path.stat().st_size, _crc(path)] for path in files}


def damaged(root: Path, table: Mapping[str, list[int]]) -> str | None:
    """The first file that is missing or not as it was."""
    for name, (size, crc) in table.items():
        path = root / name
        try:
            if path.stat().st_size != size or _crc(path) != crc:
                return name
        except OSError:
            return name
    return None


def remove_others(root: Path, table: Mapping[str, list[int]]) -> None:
    """Remove every file that the table does not name."""
    for parent, _, names in os.walk(root):
        for path in (Path(parent, name) for name in names):
            if path.relative_to(root).as_posix() not in table:
                path.unlink()


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            crc = zlib.crc32(piece, crc)
    return crc
