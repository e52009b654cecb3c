"""The store of registered files: copy, check, identify, look up.

A file lives in `<data>/files/<id>/` beside its `meta.json`. The id is its kind
and the first 12 hex digits of its SHA-256, so that the same file always has
the same id. A registered DEM names its companions (buildings, land cover,
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
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from flood_sim.errors import NotFound, ScenarioError, StorageError, TerrainError
from flood_sim.scenario import Scenario
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.source import find_file

Kind = Literal["dem", "buildings", "raster", "places"]

ID = re.compile(r"(dem|buildings|raster|places)-[0-9a-f]{12}")
SUFFIXES: dict[str, tuple[str, ...]] = {
    "dem": (".tif", ".tiff", ".asc"),
    "raster": (".tif", ".tiff", ".asc"),
    "buildings": (".gpkg", ".geojson", ".json"),
    "places": (".gpkg",),
}
CHUNK = 1 << 20
DERIVED = ("meta.json", "ground.tif", "footprints.geojson", "places.geojson", "streets.geojson")
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
    places: str | None = None
    scenario: dict[str, Any] | None = None


Check = Callable[[Path], dict[str, Any]]
"""Looks at a copied file before it is registered: gives facts, raises TerrainError."""


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

    Raises TerrainError for a file that cannot be used, StorageError when it
    cannot be read or copied.
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
        except TerrainError as error:
            raise placed(error, source.name) from None
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
        raise NotFound(
            "no such file is registered", value=file_id[:60], hint="Register it with `flood-sim terrain add`"
        )
    return meta


def resolve(data: Path, file_id: str) -> Path:
    """The path of a registered file."""
    return Path(data) / "files" / file_id / get(data, file_id).file


def folder(data: Path, file_id: str) -> Path:
    """The folder of a registered file, where what is derived from it is cached."""
    return Path(data) / "files" / get(data, file_id).id


def list_files(data: Path, kind: Kind | None = None) -> list[FileMeta]:
    """All registered files, oldest first."""
    names = sorted(p.name for p in (Path(data) / "files").glob("*-*") if ID.fullmatch(p.name))
    found = [m for m in (_read_meta(Path(data), n) for n in names) if m is not None and kind in (None, m.kind)]
    return sorted(found, key=lambda m: (m.created, m.id))


def kind_at(place: str) -> Kind:
    """The kind of file that a scenario names at this place."""
    kinds: dict[str, Kind] = {"terrain.dem": "dem", "terrain.buildings.file": "buildings"}
    return kinds.get(place, "raster")


def check_ids(data: Path, scenario: Scenario) -> dict[str, FileMeta]:
    """Every file that a scenario names, by place; refuses paths and ids that do not fit.

    Raises ScenarioError for anything that is not an id, or an id of the wrong
    kind; NotFound for an id that nobody registered.
    """
    found: dict[str, FileMeta] = {}
    for place, value in scenario.files().items():
        if not ID.fullmatch(value):
            raise ScenarioError(
                "a path instead of an id: files are named by the id they were registered under",
                where=place,
                value=value[:60],
                allowed="dem-…, buildings-…, raster-… followed by 12 hex digits",
                hint="Register the file with `flood-sim terrain add`",
            )
        wanted = kind_at(place)
        if not value.startswith(f"{wanted}-"):
            raise ScenarioError("names a file of another kind", where=place, value=value, allowed=f"{wanted}-…")
        found[place] = get(data, value)
    return found


def placed(error: TerrainError, name: str) -> TerrainError:
    """The same error about the file as its user knows it, not about our copy."""
    return TerrainError(error.what, where=name, value=error.value, allowed=error.allowed, hint=error.hint)


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
