"""Features of one layer from GeoPackage or GeoJSON, and from nothing else."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

LARGEST_JSON = 256 << 20
_JSON_TYPES = {
    "FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What a layer must be, in the words of its error messages.

    plural: what its features are called. of: what its geometries are called.
    kinds: names of geometry types a layer of them may carry. prefer: the name
    that decides between several layers. advice: what to use if there is none.
    """

    plural: str
    of: str
    kinds: tuple[str, ...]
    types: tuple[shapely.GeometryType, ...]
    prefer: str
    advice: str

    @property
    def save_as(self) -> str:
        return f"Save the {self.plural} as GeoPackage"


FOOTPRINTS = Wanted(
    "footprints", "polygons", ("Polygon",), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    "buildings", "Use the outlines of the buildings",
)  # fmt: skip
LINES = Wanted(
    "lines", "lines", ("LineString",), (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "lines", "Draw walls, kerbs and break lines as lines",
)  # fmt: skip


@dataclass(frozen=True)
class Features:
    """Features of a layer that may meet the grid, in the order of the file.

    ids: the column `id` (`#` and the row number where it is empty), without it the row number. geometries: shapely, None
    where a feature has none. table: the columns asked for, None for each missing
    value; a column that the file lacks is not there. total: features in the file,
    bounds: of all of them (None in an empty file).
    """

    ids: list[str]
    geometries: np.ndarray
    table: dict[str, list[Any]]
    total: int
    bounds: tuple[float, float, float, float] | None


def read_features(
    path: str | os.PathLike[str], grid: Grid, wanted: Wanted, columns: Sequence[str] = (), *, layer: str | None = None,
    heights: bool = False,
) -> Features:  # fmt: skip
    """Features near the grid; Refusal for a wrong file, layer or CRS.

    columns: attributes to read; letters count as lower case. heights: keep the
    third coordinate. layer: by name, else the only one with such geometries.
    """
    file = find_file(path)
    check_kind(file, read_head(file), wanted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = _choose_layer(file, wanted, layer)
            info = pyogrio.read_info(file, layer=layer, force_total_bounds=True)
            _check_crs(info["crs"], grid, wanted)
            named = {str(f).lower(): str(f) for f in info["fields"]}
            found = {c: named[c] for c in ("id", *columns) if c in named}
            meta, fids, wkb, values = pyogrio.raw.read(
                file,
                layer=layer,
                columns=list(found.values()),
                force_2d=not heights,
                return_fids=True,
                bbox=grid.bounds,
            )
            geometries = shapely.from_wkb(wkb, on_invalid="ignore") if wkb is not None else np.empty(0, dtype=object)
    except (DataSourceError, DataLayerError, shapely.GEOSException) as error:
        text = f"the file is damaged or truncated ({' '.join(str(error).split())[:120]})"
        raise refuse("damaged", text, "Copy or export it again") from None
    back = {file_name: asked for asked, file_name in found.items()}
    table = {back[str(name)]: [_plain(v) for v in column] for name, column in zip(meta["fields"], values, strict=True)}
    own = table.pop("id", fids)
    ids = [name_of(i) or f"#{f}" for i, f in zip(own, fids, strict=True)]
    bounds = info["total_bounds"]
    return Features(ids, geometries, table, int(info["features"]), tuple(bounds) if bounds is not None else None)


def check_kind(file: Path, head: bytes, wanted: Wanted) -> None:
    """GeoPackage by its SQLite header, GeoJSON by its type; GDAL would open far more."""
    if head.startswith(b"SQLite format 3\x00"):
        if head[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return
        raise refuse(f"not_{wanted.plural}", "is an SQLite database, but not a GeoPackage", wanted.save_as)
    if file.stat().st_size > LARGEST_JSON and head.lstrip().startswith(b"{"):
        text = f"is too large for GeoJSON: {file.stat().st_size:,} bytes, at most {LARGEST_JSON:,}"
        raise refuse("too_large", text, wanted.save_as)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        try:
            content = json.loads(file.read_bytes())
        except (ValueError, RecursionError) as error:
            raise refuse("damaged", f"is not valid JSON: {error}", "Copy or export it again") from None
        kind = content.get("type")
        if isinstance(kind, str) and kind in _JSON_TYPES:
            return
        text = f"is JSON, but not GeoJSON (type {kind!r:.40})"
        raise refuse(f"not_{wanted.plural}", text, wanted.save_as)
    what = "a Shapefile" if head.startswith(b"\x00\x00\x27\x0a") else "neither GeoPackage nor GeoJSON"
    text = f"is {what}; {wanted.plural} are read from GeoPackage or GeoJSON"
    raise refuse(f"not_{wanted.plural}", text, wanted.save_as)


def no_overlap(features: Features, grid: Grid, wanted: Wanted) -> str:
    """That no feature lies on the terrain, and where both lie."""
    west, south, east, north = grid.bounds
    text = f"no {wanted.plural.removesuffix('s')} lies on the terrain"
    if not features.total:
        return f"{text}: the file is empty"
    fw, fs, fe, fn = features.bounds or (np.nan,) * 4
    return (
        f"{text}: {wanted.plural} E {fw:.0f} to {fe:.0f}, N {fs:.0f} to {fn:.0f}; "
        f"terrain E {west:.0f} to {east:.0f}, N {south:.0f} to {north:.0f}"
    )


def name_of(value: object) -> str:
    """An id as text; a column of whole numbers with gaps arrives as floats. Empty for a missing one."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.15g}"
    return "" if value is None else str(value)


def _choose_layer(file: Path, wanted: Wanted, asked: str | None) -> str:
    layers = [(str(name), kind) for name, kind in pyogrio.list_layers(file)]
    shown = ", ".join(f"{name} ({kind})" for name, kind in layers) or "no layer"
    loose = ("Unknown", "GeometryCollection")
    fitting = [
        name for name, kind in layers if kind and (any(k in kind for k in wanted.kinds) or kind.split(" ")[0] in loose)
    ]
    if asked is not None:
        if asked in fitting:
            return asked
        raise refuse("layers", f"holds no layer of {wanted.of} named {asked!r}, only {shown}", "Check the layer's name")
    if wanted.prefer in fitting:
        return wanted.prefer
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        text = f"holds several layers of {wanted.of}: {', '.join(fitting)}"
        raise refuse("layers", text, f"Name the layer of the {wanted.plural} {wanted.prefer!r}")
    raise refuse(f"no_{wanted.of}", f"holds no layer of {wanted.of}, only {shown}", wanted.advice)


def _check_crs(text: str | None, grid: Grid, wanted: Wanted) -> None:
    if not text:
        raise refuse("no_crs", "the file names no CRS", f"Save it with the terrain's CRS {describe(grid.crs)}")
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        crs = parse_crs(text)
    if not same_crs(crs, grid.crs):
        json_hint = " (GeoJSON without a crs member is EPSG:4326)" if crs.to_epsg() == 4326 else ""
        text = (
            f"the {wanted.plural} are in {describe(horizontal(crs))}{json_hint}, the terrain is in {describe(grid.crs)}"
        )
        raise refuse("crs_differs", text, "Project them to the terrain's CRS first (QGIS: Export > Save as)")


def _plain(value: object) -> Any:
    """A value as Python knows it; None for what is missing."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value
