"""From an area to a folder with terrain, buildings, land use, a manifest and a Scenario that runs."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flood_sim.errors import Cancelled, FetchError, StorageError
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.open_data.cache import Kept, TileCache, default_cache
from flood_sim.terrain.open_data.features import Features, read_features, stated_licence
from flood_sim.terrain.open_data.manifest import layer_said, manifest, write_manifest, write_scenario
from flood_sim.terrain.open_data.mosaic import write_mosaic
from flood_sim.terrain.open_data.plan import MOST_TILES, Plan, Progress, cache_folder, no_tiles, plan
from flood_sim.terrain.open_data.provider import Collection, Provider
from flood_sim.terrain.open_data.table import write_layer
from flood_sim.terrain.open_data.tiles import fetch_tiles
from flood_sim.terrain.open_data.web import Patience, Web

FILES = {"dem": "dem.tif", "buildings": "buildings.gpkg", "land_use": "land_use.gpkg", "scenario": "scenario.yaml"}
MANIFEST = "manifest.json"
BYTES_PER_CELL = 10
"""On the disk while the DEM is written: the raw raster (4) and the compressed one with its overviews (at most 6)."""


@dataclass(frozen=True)
class Fetched:
    """What a fetch brought: the files, the manifest as plain data, and notes on what a user should know."""

    folder: Path
    dem: Path
    buildings: Path | None
    land_use: Path | None
    scenario: Path
    manifest: dict[str, Any]
    notes: tuple[str, ...]


def fetch(
    provider: Provider,
    bbox: Bbox | Iterable[float],
    folder: str | Path,
    *,
    buildings: bool = True,
    land_use: bool = True,
    cache: str | Path | None = None,
    strict: bool = False,
    max_tiles: int = MOST_TILES,
    parallel: int = 4,
    overwrite: bool = False,
    patience: Patience | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    planned: Callable[[Plan], None] = lambda _: None,
    cancel: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Fetch an area of a provider's open data into `folder`.

    bbox: west, south, east, north in the provider's CRS (m); `Bbox.from_wgs84` turns degrees into one. The folder then
    holds dem.tif (COG), buildings.gpkg, land_use.gpkg, manifest.json and scenario.yaml; they appear when all are complete.
    cache: folder of the tiles, else the user's own; what is good there is not fetched again, what broke off goes on.
    strict: squares without a tile are an error, else they become no data with a note. max_tiles: a larger area is refused.
    parallel: downloads at a time. planned: is told what will be done before it starts. cancel: asked all the time.

    Raises FetchError (one line: which server, which file, why, what next), StorageError or Cancelled; the cache then keeps
    all that is good, and the folder is as it was.
    """
    area, folder = Bbox.of(bbox), Path(folder)
    roles = [role for role, wanted in (("buildings", buildings), ("land_use", land_use)) if wanted]
    _check_folder(folder, overwrite)
    tiles = TileCache(cache_folder(Path(cache) if cache is not None else default_cache(), provider))
    with tiles.locked(), Web(patience) as web:

        def told(state: Progress) -> None:
            if cancel():
                raise Cancelled("fetching was stopped", hint="What arrived so far is kept; the same command goes on")
            progress(state)

        todo = plan(provider, area, tiles, web, max_tiles=max_tiles, strict=strict, told=told)
        planned(todo)
        partial = None
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            _check_disk(folder.parent, BYTES_PER_CELL * todo.cells)
            _check_disk(tiles.folder, todo.bytes)
            kept, missing, notes = _terrain(web, todo, tiles, parallel, strict, told, cancel)
            layers = _layers(web, todo, roles, told)
            partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
            made = _write(partial, todo, kept, missing, layers, notes, told)
            _move_in(partial, folder)
        finally:
            if partial is not None:
                shutil.rmtree(partial, ignore_errors=True)
    there = {role: folder / name for role, name in FILES.items() if name in made["files"]}
    return Fetched(
        folder,
        there["dem"],
        there.get("buildings"),
        there.get("land_use"),
        there["scenario"],
        made,
        tuple(made["notes"]),
    )


def _terrain(
    web: Web,
    todo: Plan,
    cache: TileCache,
    parallel: int,
    strict: bool,
    told: Callable[[Progress], None],
    cancel: Callable[[], bool],
) -> tuple[dict[str, Kept], list[str], list[str]]:
    """The good tiles of the plan, the names of squares without one, and notes."""
    fetched, gone, notes = fetch_tiles(web, todo, cache, parallel=parallel, told=told, cancel=cancel)
    kept = {**todo.kept, **fetched}
    if gone:
        text = f"in the index, but the server does not have {', '.join(t.name for t in gone)}"
        if strict or not kept:
            raise FetchError(
                text, where=todo.index.url, hint="The index may be older or newer than the tiles: try again later"
            )
        notes.append(f"{text}; there the DEM holds no data")
    empty = [t.name for t in todo.tiles if t.name in kept and kept[t.name].heights == 0]
    if empty:
        notes.append(f"hold no height at all: {', '.join(empty)}")
    return kept, [*todo.missing, *(t.name for t in gone)], [*todo.notes, *notes]


def _layers(
    web: Web, todo: Plan, roles: list[str], told: Callable[[Progress], None]
) -> list[tuple[Collection, Features, str | None]]:
    found = []
    for collection in (c for c in todo.provider.collections if c.role in roles):
        phase = collection.role.replace("_", " ")
        told(Progress(phase, 0, None, "features"))
        licence = stated_licence(web, collection)

        def counted(done: int, total: int | None, phase: str = phase) -> None:
            told(Progress(phase, done, total, "features"))

        features = read_features(web, collection, todo.bbox, counted)
        found.append((collection, features, licence))
    return found


def _write(
    folder: Path, todo: Plan, kept: dict[str, Kept], missing: list[str],
    layers: list[tuple[Collection, Features, str | None]], notes: list[str], told: Callable[[Progress], None],
) -> dict[str, Any]:  # fmt: skip
    """All files of the result into an empty folder; gives the manifest."""
    provider = todo.provider
    attribution = "; ".join(s.attribution for s in provider.sources)
    files = {FILES["dem"]: (folder / FILES["dem"], [provider.terrain_source])}
    grid = write_mosaic(
        folder / FILES["dem"], [kept[t.name].file for t in todo.tiles if t.name in kept], todo.bbox, provider.crs,
        provider.cell_m, {"SOURCE": provider.source(provider.terrain_source).attribution},
        lambda done, total: told(Progress("terrain", done, total, "rows")),
    )  # fmt: skip
    notes = [*notes, *_gaps(todo, missing, grid)]
    said: dict[str, dict[str, Any]] = {}
    for collection, found, licence in layers:
        said[collection.role] = layer_said(collection, found, licence)
        notes += _notes_of(collection, found)
        if found.shapes:
            name = FILES[collection.role]
            write_layer(folder / name, collection.role, found.shapes, found.table, provider.crs)
            files[name] = (folder / name, [collection.source])
    houses = FILES["buildings"] if FILES["buildings"] in files else None
    title = f"{provider.name}, {todo.bbox}: 90 mm in 1 h"
    write_scenario(folder / FILES["scenario"], title, provider.crs, houses, bool(missing), attribution)
    files[FILES["scenario"]] = (folder / FILES["scenario"], [])
    made = manifest(todo, grid, kept, missing, said, files, notes)
    write_manifest(folder / MANIFEST, made)
    return made


def _gaps(todo: Plan, missing: list[str], grid: Grid) -> list[str]:
    if not missing:
        return []
    gone = [] if set(missing) == set(todo.missing) else [no_tiles(missing)]
    return [
        *gone,
        "the Scenario leaves cells without a height out (holes: mask), as nothing may be interpolated over such a gap",
    ]


def _notes_of(collection: Collection, found: Features) -> list[str]:
    what = collection.role.replace("_", " ")
    notes = []
    if not found.shapes:
        notes.append(f"no {what} in this area; no file of it is written")
    if found.twice:
        notes.append(f"{what}: {found.twice:,} features came on two pages and count once")
    for ids, done in ((found.repaired, "with crossing edges repaired"), (found.left_out, "without an area left out")):
        if ids:
            notes.append(f"{what}: {len(ids):,} features {done}: {', '.join(ids[:5])}{' ...' if len(ids) > 5 else ''}")
    return notes


def _check_folder(folder: Path, overwrite: bool) -> None:
    there = [n for n in (*FILES.values(), MANIFEST) if (folder / n).exists()]
    if folder.exists() and not folder.is_dir():
        raise StorageError("is a file, not a folder", where=str(folder))
    if there and not overwrite:
        raise StorageError(
            "holds fetched data already",
            where=str(folder),
            value=", ".join(there),
            hint="Choose another folder, or --overwrite",
        )


def _check_disk(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            errno.ENOSPC,
            f"{os.strerror(errno.ENOSPC)} ({needed / 1e9:.1f} GB needed, {free / 1e9:.1f} GB free)",
            str(folder),
        )


def _move_in(partial: Path, folder: Path) -> None:
    """Everything is complete: replace what lies there, the manifest last, and take away what is no longer part of it."""
    folder.mkdir(exist_ok=True)
    for name in (*FILES.values(), MANIFEST):
        if (partial / name).exists():
            os.replace(partial / name, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
