"""Land cover from polygons: ALKIS "tatsächliche Nutzung" or OpenStreetMap tags, burned as codes of the land-cover table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.features import rasterize

from flood_sim.errors import StorageError, TerrainError
from flood_sim.surface.land_cover import NO_CLASS, LandCoverTable, load_table, mappings, table_code
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.vector_file import Wanted, read_features

Scheme = Literal["alkis", "osm"]
COVER = Wanted(
    "areas", "polygons", ("Polygon",), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON), "land_use",
    "Use the areas of land use",
)  # fmt: skip
NUTZART = ("nutzart", "bez", "klasse")
"""Columns in which NRW's services name the kind of use; the first one found counts."""


@dataclass(frozen=True)
class Covered:
    """Codes of the table, uint8 (rows, cols), `NO_CLASS` where nothing lies; notes in plain words."""

    codes: np.ndarray
    notes: tuple[str, ...]


def rasterise(
    path: str | os.PathLike[str], grid: Grid, scheme: Scheme, *, table: LandCoverTable | None = None, fill: str | None = None,
) -> Covered:  # fmt: skip
    """Land cover of each cell from a GeoPackage or GeoJSON in the grid's CRS; a cell belongs to the polygon at its centre.

    Where polygons overlap, sealed classes win over open ones, then the smaller
    polygon. `fill` is the class (key) where none lies; without it such cells are
    left without a class, and a run refuses them. Raises TerrainError for a use
    that the mapping does not know.
    """
    table = table or load_table()
    if fill is not None and fill not in table.codes:
        raise TerrainError(
            "there is no such class to fill with", where="fill", value=fill, allowed=", ".join(table.codes)
        )
    columns = NUTZART if scheme == "alkis" else tuple(dict.fromkeys(key for key, _, _ in mappings()["osm"]))
    with refusals_as_errors(path):
        features = read_features(path, grid, COVER, columns)
    present = ~(shapely.is_missing(features.geometries) | shapely.is_empty(features.geometries))
    rows = [{name: column[k] for name, column in features.table.items()} for k in range(len(features.ids))]
    keys = [_key(row, scheme) if there else None for row, there in zip(rows, present, strict=True)]
    _refuse_unknown(path, scheme, rows, keys, present)
    shapes = [
        shapely.make_valid(g) if ok and not g.is_valid else g
        for g, ok in zip(features.geometries, present, strict=True)
    ]
    meant = [k for k, key in enumerate(keys) if key is not None]
    sealed = {c.key: c.sealed for c in table.classes}
    # burned in this order, the last one stays
    meant.sort(key=lambda k: (sealed[str(keys[k])], -shapes[k].area))
    codes = np.full(grid.shape, NO_CLASS, np.uint8)
    if meant:
        burn = [(shapes[k], table_code(str(keys[k]), table, scheme)) for k in meant]
        codes = np.asarray(
            rasterize(burn, out_shape=grid.shape, transform=grid.transform, fill=NO_CLASS, dtype="uint8")
        )
    bare = int((codes == NO_CLASS).sum())
    notes = []
    if bare and fill is not None:
        codes[codes == NO_CLASS] = table_code(fill, table, scheme)
        notes.append(f"{bare:,} of {codes.size:,} cells lie in no area and count as {fill}")
    elif bare:
        notes.append(f"{bare:,} of {codes.size:,} cells lie in no area; give a class to fill them")
    return Covered(codes, tuple(notes))


def write_codes(codes: np.ndarray, grid: Grid, path: str | os.PathLike[str]) -> None:
    """Codes as a GeoTIFF, whole or not at all; NO_CLASS is its nodata. StorageError where it cannot be written."""
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    profile: dict[str, Any] = {
        "driver": "GTiff", "height": grid.rows, "width": grid.cols, "count": 1, "dtype": "uint8", "crs": grid.crs.to_wkt(),
        "transform": grid.transform, "nodata": NO_CLASS, "compress": "deflate", "tiled": True,
    }  # fmt: skip
    try:
        with rasterio.open(part, "w", **profile) as file:
            file.write(codes, 1)
        part.replace(target)
    except (RasterioError, OSError) as error:
        raise StorageError(f"the land cover cannot be written ({error})", where=str(target)) from None
    finally:
        part.unlink(missing_ok=True)


def _key(row: Mapping[str, Any], scheme: Scheme) -> str | None:
    """The class of one feature; None where it says nothing of the ground."""
    if scheme == "alkis":
        use = next((row[c] for c in NUTZART if row.get(c)), None)
        return None if use is None else mappings()["alkis"].get(str(use).strip().lower(), "?")
    for tag, value, key in mappings()["osm"]:
        own = row.get(tag)
        if own not in (None, "", "no") and value in ("*", str(own)):
            return str(key)
    return None


def _refuse_unknown(
    path: str | os.PathLike[str], scheme: Scheme, rows: Sequence[Mapping[str, Any]], keys: Sequence[str | None], present: np.ndarray
) -> None:  # fmt: skip
    odd = sorted({str(next(v for v in row.values() if v)) for row, key in zip(rows, keys, strict=True) if key == "?"})
    if odd:
        raise TerrainError(
            f"no class for the use {', '.join(odd[:5])}{f' and {len(odd) - 5} more' if len(odd) > 5 else ''}",
            where=os.fspath(path), allowed=", ".join(mappings()[scheme]),
            hint="Correct the attribute, or report the use so that the mapping learns it",
        )  # fmt: skip
    if not any(key is not None for key, there in zip(keys, present, strict=True) if there):
        wanted = f"column {' or '.join(NUTZART)}" if scheme == "alkis" else "tags such as landuse, natural, highway"
        raise TerrainError("no area says what covers the ground", where=os.fspath(path), allowed=wanted)
