"""The store of registered files: copy, check, identify, look up.

A file lives in `<data>/files/<id>/` beside its `meta.json`. The id is its kind
and the first 12 hex digits of its SHA-256, so that the same file always has
the same id. A registered DEM names its companions (buildings, land cover, lines,
places) and a scenario to start from.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from flood_sim.errors import FloodSimError, NotFound, StorageError, TerrainError
from flood_sim.registry.kinds import ID, SUFFIXES, Kind
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.source import find_file

CHUNK = 1 << 20
WORKLIST = "worklist.gpkg"
DERIVED = ("meta.json", "ground.tif", "footprints.geojson", "places.geojson", "streets.geojson", WORKLIST)
"""Names of what is kept beside a registered file."""


class FileMeta(BaseModel):
    """What is known of a registered file (`meta.json`); the second half is filled for a DEM only."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    name: str
    file: str
    sha256: str
    bytes: int
    created: str
    facts: dict[str, Any] = {}
    synthetic: bool = False
    crs: str | None = None
    buildings: str | None = None
    land_cover: str | None = None
    land_cover_table: str | None = None
    lines: str | None = None
    places: str | None = None
    scenario: dict[str, Any] | None = None


Check = Callable[[Path], dict[str, Any]]
"""Looks at a copied file before it is registered: gives facts, raises TerrainError or ScenarioError."""


def default_data_folder() -> Path:
    """Where registered files and results live unless the user says otherwise."""
    return Path(platformdirs.user_data_dir("flood_sim", appauthor=False))


def add_file(
    data: Path,
    path: str | Path,
    kind: Kind,
    name: str | None = None,
    *,
    crs: str | None = None,
    check: Check | None = None,
) -> FileMeta:
    """Copy a file into the data folder, check it and give it an id.

    The copy is what is checked and hashed, so a file that changes meanwhile
    cannot slip through. Nothing is registered when the check fails. A file that
    is there already keeps its id, name and companions; another `crs` corrects
    what was said of it before.

    Raises TerrainError or ScenarioError for a file that cannot be used,
    StorageError when it cannot be read or copied.
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if suffix not in SUFFIXES[kind]:
        raise TerrainError(
            f"cannot be registered as {kind}",
            where=source.name,
            value=suffix or None,
            allowed=", ".join(SUFFIXES[kind]),
        )
    with refusals_as_errors(source):
        find_file(source)
    with _incoming(Path(data)) as folder:
        copy = folder / _stored_name(source)
        digest, size = _copy(source, copy)
        file_id = f"{kind}-{digest[:12]}"
        known = _read_meta(Path(data), file_id)
        if known is not None:
            if known.sha256 != digest:
                raise StorageError(f"id {file_id} is taken by another file", where=source.name)
            if crs in (None, known.crs):
                return known
        try:
            facts = (check or _checks(kind, crs))(copy)
        except FloodSimError as error:
            raise placed(error, source.name, copy) from None
        if known is not None:
            return update(Path(data), file_id, crs=crs, facts=facts)
        meta = FileMeta(
            id=file_id,
            kind=kind,
            name=name or str(facts.get("name") or source.stem),
            file=copy.name,
            sha256=digest,
            bytes=size,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            facts=facts,
            synthetic=bool(facts.get("synthetic", False)),
            crs=crs,
        )
        _write_meta(folder, meta)
        try:
            os.replace(folder, Path(data) / "files" / file_id)
        except OSError as error:
            known = _read_meta(Path(data), file_id)  # another process was faster with the same file
            if known is None:
                raise StorageError(f"cannot be stored: {error.strerror}", where=source.name) from None
            return known
        return meta


def update(data: Path, file_id: str, **changes: Any) -> FileMeta:
    """Change fields of `meta.json` in one step (companions, name, scenario)."""
    meta = get(data, file_id).model_copy(update=changes)
    _write_meta(Path(data) / "files" / file_id, meta)
    return meta


def get(data: Path, file_id: str) -> FileMeta:
    """What is known of a registered file; NotFound names an id that nobody registered."""
    meta = _read_meta(Path(data), file_id) if ID.fullmatch(file_id) else None
    if meta is None:
        raise NotFound("no such file is registered", value=file_id[:60], hint="Register it with `flood-sim files add`")
    return meta


def get_terrain(data: Path, file_id: str) -> FileMeta:
    """What is known of a registered DEM; NotFound for any other id."""
    meta = get(data, file_id)
    if meta.kind != "dem":
        raise NotFound("no such terrain", value=file_id)
    return meta


def resolve(data: Path, file_id: str) -> Path:
    """The path of a registered file."""
    return Path(data) / "files" / file_id / get(data, file_id).file


def folder(data: Path, file_id: str) -> Path:
    """The folder of a registered file, where what is derived from it is cached."""
    return Path(data) / "files" / get(data, file_id).id


def remove(data: Path, file_id: str) -> FileMeta:
    """Forget a registered file; results that were computed with it stay. NotFound for an id that nobody registered."""
    meta = get(data, file_id)
    place = Path(data) / "files" / meta.id
    aside = place.with_name(f".removed-{meta.id}-{os.getpid()}")
    try:
        os.replace(place, aside)  # at once, then at leisure: no half of it is ever found
        shutil.rmtree(aside)
    except OSError as error:
        raise StorageError(f"cannot be removed: {error.strerror}", where=meta.id) from None
    return meta


def list_files(data: Path, kind: Kind | None = None) -> list[FileMeta]:
    """All registered files, oldest first."""
    names = sorted(p.name for p in (Path(data) / "files").glob("*-*") if ID.fullmatch(p.name))
    found = [m for m in (_read_meta(Path(data), n) for n in names) if m is not None and kind in (None, m.kind)]
    return sorted(found, key=lambda m: (m.created, m.id))


def placed(error: FloodSimError, name: str, copy: Path | None = None) -> FloodSimError:
    """The same error about the file as its user knows it, not about our copy; a line in it is kept."""
    where = name
    if copy is not None and error.where:
        found = error.where.replace(str(copy), name).replace(copy.name, name)
        where = found if found.startswith(name) else name
    return type(error)(error.what, where=where, value=error.value, allowed=error.allowed, hint=error.hint)


@contextmanager
def undone_on_error(data: Path) -> Iterator[set[str]]:
    """Ids put into the given set are as before when the block fails: forgotten, or described as they were."""
    before = {meta.id: meta for meta in list_files(data)}
    added: set[str] = set()
    try:
        yield added
    except BaseException:
        for file_id in added:
            if file_id in before:
                _write_meta(data / "files" / file_id, before[file_id])
            else:
                shutil.rmtree(data / "files" / file_id, ignore_errors=True)
        raise


# --- inside ----------------------------------------------------------------


def _checks(kind: Kind, crs: str | None) -> Check:
    from flood_sim.registry import checks  # reads rasters: not needed to look an id up

    return checks.for_kind(kind, crs)


@contextmanager
def _incoming(data: Path) -> Iterator[Path]:
    """A private folder beside the registered ones; whatever is left in it is removed."""
    try:
        (data / "files").mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=data / "files"))
    except OSError as error:
        raise StorageError(f"the data folder cannot be written: {error.strerror}", where=str(data)) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stored_name(source: Path) -> str:
    """The file's own name as far as it is plain, so that a run can call its terrain by it."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", source.stem)[:60].strip("_") + source.suffix.lower()
    return name if name not in DERIVED and not name.startswith(".") else f"file{source.suffix.lower()}"


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as reader, target.open("xb") as writer:
            while block := reader.read(CHUNK):
                digest.update(block)
                writer.write(block)
                size += len(block)
    except OSError as error:
        raise StorageError(f"cannot be copied: {error.strerror}", where=source.name) from None
    return digest.hexdigest(), size


def _read_meta(data: Path, file_id: str) -> FileMeta | None:
    try:
        return FileMeta.model_validate_json((data / "files" / file_id / "meta.json").read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, ValueError):
        raise StorageError(
            "the description of a registered file is damaged", where=f"files/{file_id}/meta.json"
        ) from None


def _write_meta(folder: Path, meta: FileMeta) -> None:
    """Written beside and renamed, so that a reader never sees half a file."""
    part = folder / ".meta.json.part"
    try:
        part.write_text(json.dumps(meta.model_dump(mode="json"), ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(part, folder / "meta.json")
    except OSError as error:
        raise StorageError(f"cannot be written: {error.strerror}", where=f"files/{meta.id}") from None
