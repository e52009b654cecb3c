"""A rain field as one GeoTIFF: band k holds the depth, mm, in interval k; what else it needs stands in its tags.

Read through the same guard as every raster: a local GeoTIFF by content, its
size looked at before a cell is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import numpy as np
import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError

from flood_sim.errors import ScenarioError, StorageError
from flood_sim.rain.field import RainField, Sampling
from flood_sim.terrain.crs import horizontal
from flood_sim.terrain.findings import Refusal, refuse
from flood_sim.terrain.geotiff import GeoTiff, open_geotiff, small_cache
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.header import Header
from flood_sim.terrain.header_checks import check_bomb, check_pixels
from flood_sim.terrain.source import find_file, kind_of_raster, read_head

PREFIX = "FLOOD_SIM_RAIN_"
EDGES = PREFIX + "EDGES_MIN"
TEXTS = ("source", "licence", "label", "label_en")
LARGEST_BYTES = 2**30
"""Depths of one field in memory; a day in steps of 5 minutes over 100 x 100 km in cells of 250 m has 184 MB."""
LONGEST_TAG = 2**20
HOW = "Make one with flood-sim rain radar or flood-sim rain gauges, or RainField.from_dataarray(...).write(FILE)"


@contextmanager
def refusals_as_scenario_errors(where: str | os.PathLike[str]) -> Iterator[None]:
    """At the public border: what the guard of rasters refuses is a fault of the storm."""
    try:
        yield
    except Refusal as refusal:
        found = refusal.finding
        raise ScenarioError(found.text, where=os.fspath(where), hint=found.hint) from None


def write(field: RainField, path: str | os.PathLike[str]) -> None:
    """Write the field; what stood there before stays until the new file is whole."""
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    tags = {EDGES: json.dumps([s / 60.0 for s in field.edges_s]), PREFIX + "SAMPLING": field.sampling}
    tags |= {PREFIX + name.upper(): getattr(field, name) for name in TEXTS}
    tags[PREFIX + "NOTES"] = json.dumps(field.notes, ensure_ascii=False)
    if field.start is not None:
        tags[PREFIX + "START"] = field.start.astimezone(UTC).isoformat()
    try:
        with small_cache(), rasterio.open(
            beside, "w", driver="GTiff", dtype="float32", count=field.intervals, height=field.grid.rows,
            width=field.grid.cols, crs=field.grid.crs.to_wkt(), transform=field.grid.transform, nodata=np.nan,
            compress="deflate", predictor=3, interleave="band",
        ) as file:  # fmt: skip
            file.update_tags(**tags)
            file.write(field.depth_mm.astype(np.float32))
        os.replace(beside, path)
    except (RasterioError, OSError) as error:
        raise StorageError(f"the rain field cannot be written ({error})", where=str(path)) from None
    finally:
        beside.unlink(missing_ok=True)


def read(path: str | os.PathLike[str]) -> RainField:
    """The field that `write` wrote; ScenarioError says why a file is none."""
    with refusals_as_scenario_errors(path):
        file = find_file(path)
        if kind_of_raster(read_head(file)) != "GTiff":
            raise refuse("no_rain_field", "is no GeoTIFF, as rain fields are", HOW)
        header = GeoTiff(file).header
        _check(header)
        try:
            with small_cache(), closing(open_geotiff(file)) as dataset:
                tags = {k: v for k, v in dataset.tags().items() if k.startswith(PREFIX) and len(v) <= LONGEST_TAG}
                if EDGES not in tags:
                    raise refuse("no_rain_field", f"is a raster, but no rain field: its tag {EDGES} is missing", HOW)
                edges = _edges(tags[EDGES], header.bands)
                depth = dataset.read().astype(np.float32)
        except RasterioError:
            raise refuse("truncated", "the file is truncated or damaged", "Make or copy it again") from None
    if header.nodata is not None:
        depth[depth == np.float32(header.nodata)] = np.nan
    west, north = header.at(0, 0)
    assert header.crs is not None
    grid = Grid(west, north, header.cell, header.rows, header.cols, _known(header.crs))
    texts = {name: tags.get(PREFIX + name.upper(), "") for name in TEXTS}
    try:
        return RainField(
            grid, edges, depth, start=_start(tags.get(PREFIX + "START")), sampling=_sampling(tags), **texts,
            notes=tuple(str(note) for note in json.loads(tags.get(PREFIX + "NOTES", "[]"))),
        )  # fmt: skip
    except ScenarioError as error:
        raise ScenarioError(
            error.what, where=os.fspath(path), value=error.value, allowed=error.allowed, hint=error.hint
        ) from None
    except ValueError as error:
        raise ScenarioError(f"a tag of the rain field is damaged ({error})", where=os.fspath(path), hint=HOW) from None


def _check(header: Header) -> None:
    if header.images != 1 or header.dtype not in ("float32", "float64"):
        raise refuse("no_rain_field", f"holds {header.dtype}, not depths in mm as float32", HOW)
    if header.scale != 1.0 or header.offset != 0.0:
        raise refuse("no_rain_field", "stores scaled values; depths must stand in mm", HOW)
    if header.crs is None or not horizontal(header.crs).is_projected:
        raise refuse("no_crs", "names no projected coordinate reference system", HOW)
    for finding in check_bomb(header) + check_pixels(header):
        raise Refusal(finding)
    needed = header.cells * header.bands * 4
    if needed > LARGEST_BYTES:
        raise refuse(
            "too_large", f"needs {needed / 2**30:.1f} GiB of memory; up to {LARGEST_BYTES / 2**30:.0f} GiB are read",
            "Cut it to the surroundings of the model, or take larger cells",
        )  # fmt: skip


def _edges(text: str, bands: int) -> tuple[float, ...]:
    try:
        minutes = [float(m) for m in json.loads(text)]
    except (ValueError, TypeError):
        raise refuse("edges", f"its tag {EDGES} is no list of minutes", HOW) from None
    if len(minutes) != bands + 1 or not np.isfinite(minutes).all():
        raise refuse("edges", f"its tag {EDGES} has {len(minutes)} edges for {bands} bands; n bands need n+1", HOW)
    return tuple(round(60.0 * m, 6) for m in minutes)


def _start(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _sampling(tags: dict[str, str]) -> Sampling:
    found = tags.get(PREFIX + "SAMPLING", "nearest")
    if found not in get_args(Sampling):
        raise ValueError(f"{PREFIX}SAMPLING = {found!r}")
    return found  # type: ignore[return-value]


def _known(crs: CRS) -> CRS:
    flat = horizontal(crs)
    code = flat.to_epsg()
    return CRS.from_epsg(code) if code else flat
