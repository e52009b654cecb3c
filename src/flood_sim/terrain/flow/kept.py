"""The drainage of a terrain on disk, so that the next storm on it needs no second search."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from flood_sim.compiled import source_hash
from flood_sim.terrain.flow.hierarchy import Hierarchy, hierarchy_of
from flood_sim.terrain.flow.land import Land

LARGEST_BYTES = 4 << 30
"""The folder is kept below this size; what was used longest ago goes first."""
_GIVEN = ("shape", "cell", "z", "end_cell", "offsets")


def default_folder() -> Path:
    """Where drainages are kept unless told otherwise: the user's cache."""
    return user_cache_path("flood_sim") / "drainage"


def key(land: Land) -> str:
    """SHA-256 over all that the drainage follows from: heights, edges, culverts, and the code that finds it."""
    digest = hashlib.sha256(f"{source_hash('terrain/flow')} {land.shape} {land.cell!r}".encode())
    links = land.link_one, land.link_other, land.link_height
    for array in (land.z, land.edge_cell, land.edge_level, land.end_cell, *links):
        digest.update(np.ascontiguousarray(array).data)
        digest.update(b"\0")
    return digest.hexdigest()


def kept_hierarchy(land: Land, folder: Path | None = None) -> tuple[Hierarchy, bool]:
    """The drainage of `land`, and whether it was kept; otherwise it is found now and kept for the next time.

    A file that is damaged or cannot be written costs time, never an answer.
    """
    path = (folder or default_folder()) / f"{key(land)}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        found = load(path, land)
        with contextlib.suppress(OSError):
            os.utime(path)
        return found, True
    found = hierarchy_of(land)
    with contextlib.suppress(OSError):
        save(found, path)
        _prune(path.parent, path)
    return found, False


def save(hierarchy: Hierarchy, path: Path) -> None:
    """Write all but the heights, which the terrain has; the file appears only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{f.name: getattr(hierarchy, f.name) for f in fields(hierarchy) if f.name not in _GIVEN})
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, land: Land) -> Hierarchy:
    """What `save` wrote of the same land. OSError, ValueError, KeyError or BadZipFile for a file that is not that."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {f.name: file[f.name] for f in fields(Hierarchy) if f.name not in _GIVEN}
    if arrays["basin"].shape != land.z.shape:
        raise ValueError("of another terrain")
    return Hierarchy(shape=land.shape, cell=land.cell, z=land.z, end_cell=land.end_cell, **arrays)


def _prune(folder: Path, newest: Path) -> None:
    files = sorted(((p.stat(), p) for p in folder.glob("*.npz")), key=lambda f: f[0].st_mtime, reverse=True)
    total = 0
    for stat, path in files:
        total += stat.st_size
        if total > LARGEST_BYTES and path != newest:
            path.unlink(missing_ok=True)
