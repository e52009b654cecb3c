"""Polygons of buildings from GeoPackage or GeoJSON, and from nothing else."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from flood_sim.terrain.crs import describe, horizontal, parse_crs, same_crs
from flood_sim.terrain.findings import refuse
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.source import find_file, read_head

PREFERRED_LAYER = "buildings"
LARGEST_JSON = 256 << 20
SAVE_AS = "Save the footprints as GeoPackage"
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_JSON_TYPES = {"FeatureCollection", "Feature", "Polygon", "MultiPolygon", "GeometryCollection"}


@dataclass(frozen=True)
class Shapes:
    """Valid polygons with their ids, in the order of the file, and what was repaired or left out."""

    ids: list[str]
    polygons: list[shapely.Polygon | shapely.MultiPolygon]
    notes: list[str]


def read_shapes(path: str | os.PathLike[str], grid: Grid) -> Shapes:
    """The polygons of a file that meet the grid; Refusal for a wrong file, CRS or place."""
    file = find_file(path)
    check_kind(file, read_head(file))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = _choose_layer(file)
            info = pyogrio.read_info(file, layer=layer, force_total_bounds=True)
            _check_crs(info["crs"], grid)
            meta, fids, wkb, columns = pyogrio.raw.read(
                file, layer=layer, columns=["id"], force_2d=True, return_fids=True, bbox=grid.bounds
            )
            geometries = shapely.from_wkb(wkb, on_invalid="ignore") if wkb is not None else np.empty(0, dtype=object)
    except (DataSourceError, DataLayerError, shapely.GEOSException) as error:
        text = f"the file is damaged or truncated ({' '.join(str(error).split())[:120]})"
        raise refuse("damaged", text, "Copy or export it again") from None
    own = columns[0] if len(columns) else fids
    ids = [_name(i) or f"#{f}" for i, f in zip(own, fids, strict=True)]
    return _polygons(ids, geometries, info, grid)


def check_kind(file: Path, head: bytes) -> None:
    """GeoPackage by its SQLite header, GeoJSON by its type; GDAL would open far more."""
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return
        raise refuse("not_footprints", "is an SQLite database, but not a GeoPackage", SAVE_AS)
    if file.stat().st_size > LARGEST_JSON and head.lstrip().startswith(b"{"):
        text = f"is too large for GeoJSON: {file.stat().st_size:,} bytes, at most {LARGEST_JSON:,}"
        raise refuse("too_large", text, SAVE_AS)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        try:
            content = json.loads(file.read_bytes())
        except (ValueError, RecursionError) as error:
            raise refuse("damaged", f"is not valid JSON: {error}", "Copy or export it again") from None
        if content.get("type") in _JSON_TYPES:
            return
        raise refuse("not_footprints", f"is JSON, but not GeoJSON (type {content.get('type')!r})", SAVE_AS)
    what = "a Shapefile" if head.startswith(b"\x00\x00\x27\x0a") else "neither GeoPackage nor GeoJSON"
    raise refuse("not_footprints", f"is {what}; footprints are read from GeoPackage or GeoJSON", SAVE_AS)


def _choose_layer(file: Path) -> str:
    layers = [(str(name), kind) for name, kind in pyogrio.list_layers(file)]
    areas = [name for name, kind in layers if kind and ("Polygon" in kind or kind in ("Unknown", "GeometryCollection"))]
    if PREFERRED_LAYER in areas:
        return PREFERRED_LAYER
    if len(areas) == 1:
        return areas[0]
    if areas:
        text = f"holds several layers of polygons: {', '.join(areas)}"
        raise refuse("layers", text, f"Name the layer of the footprints {PREFERRED_LAYER!r}")
    shown = ", ".join(f"{name} ({kind})" for name, kind in layers) or "no layer"
    raise refuse("no_polygons", f"holds no layer of polygons, only {shown}", "Use the outlines of the buildings")


def _check_crs(text: str | None, grid: Grid) -> None:
    if not text:
        raise refuse("no_crs", "the file names no CRS", f"Save it with the terrain's CRS {describe(grid.crs)}")
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        crs = parse_crs(text)
    if not same_crs(crs, grid.crs):
        json_hint = " (GeoJSON without a crs member is EPSG:4326)" if crs.to_epsg() == 4326 else ""
        text = f"the footprints are in {describe(horizontal(crs))}{json_hint}, the terrain is in {describe(grid.crs)}"
        raise refuse("crs_differs", text, "Project them to the terrain's CRS first (QGIS: Export > Save as)")


def _polygons(ids: list[str], geometries: np.ndarray, info: dict, grid: Grid) -> Shapes:
    notes = []
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    kinds = shapely.get_type_id(geometries)
    area = present & np.isin(kinds, _POLYGONS)
    if (~area).any():
        notes.append(f"{int((~area).sum()):,} features without an area (empty, point or line) left out")
    broken = area & ~shapely.is_valid(geometries)
    if broken.any():
        which = ", ".join(ids[i] for i in np.flatnonzero(broken)[:5])
        notes.append(f"{int(broken.sum()):,} footprints with crossing or touching edges repaired: {which}")
        for i in np.flatnonzero(broken):
            geometries[i] = _only_area(shapely.make_valid(geometries[i]))
        area &= ~shapely.is_empty(geometries)
    on_grid = area & shapely.intersects(geometries, shapely.box(*grid.bounds))
    if not on_grid.any():
        raise refuse("no_overlap", _no_overlap(info, grid), "Are these the buildings of this terrain?")
    left_out = int(info["features"]) - len(geometries) + int((area & ~on_grid).sum())
    if left_out > 0:
        notes.append(f"{left_out:,} of {info['features']:,} features do not lie on the terrain and are left out")
    keep = np.flatnonzero(on_grid)
    return Shapes([ids[i] for i in keep], list(geometries[keep]), notes)


def _only_area(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of what make_valid left; lines and points have no roof."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), _POLYGONS)])


def _no_overlap(info: dict, grid: Grid) -> str:
    west, south, east, north = grid.bounds
    text = "no footprint lies on the terrain"
    if not info["features"]:
        return f"{text}: the file is empty"
    fw, fs, fe, fn = info["total_bounds"] or (np.nan,) * 4
    return (
        f"{text}: footprints E {fw:.0f} to {fe:.0f}, N {fs:.0f} to {fn:.0f}; "
        f"terrain E {west:.0f} to {east:.0f}, N {south:.0f} to {north:.0f}"
    )


def _name(value: object) -> str:
    """An id as text; a column of whole numbers with gaps arrives as floats. Empty for a missing one."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.15g}"
    return "" if value is None else str(value)
