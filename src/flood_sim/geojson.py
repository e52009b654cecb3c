"""Vector layers as GeoJSON in EPSG:4326, the form in which the page draws them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from flood_sim.errors import TerrainError

DECIMALS = 7
"""Decimals of longitude and latitude: 1e-7 degree is about 1 cm."""

EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}


def collection(geometries: Iterable[BaseGeometry], properties: Iterable[Mapping[str, Any]], crs: CRS) -> dict[str, Any]:
    """A FeatureCollection in EPSG:4326 (longitude, latitude) from geometries in `crs`.

    `properties` runs along with `geometries`; empty geometries are left out.
    """
    to_lonlat = Transformer.from_crs(crs, 4326, always_xy=True)

    def turn(xy: np.ndarray) -> np.ndarray:
        lon, lat = to_lonlat.transform(xy[:, 0], xy[:, 1])
        return np.round(np.column_stack([lon, lat]), DECIMALS)

    features = [
        {
            "type": "Feature",
            "properties": dict(values),
            "geometry": shapely.geometry.mapping(shapely.transform(shapely.force_2d(shape), turn)),
        }
        for shape, values in zip(geometries, properties, strict=True)
        if shape is not None and not shape.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}


def read_layer(path: Path, layer: str | None = None) -> dict[str, Any]:
    """One layer of a vector file as FeatureCollection; without `layer` the file's first one.

    A layer that the file does not have gives an empty collection. Raises
    TerrainError when the file is not a vector file or says nothing of its CRS.
    """
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        if layer is not None and layer not in names:
            return dict(EMPTY)
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer or names[0])
    except Exception as error:  # pyogrio has no common base class for what GDAL reports
        raise TerrainError(
            f"is not a readable vector file ({type(error).__name__})", where=path.name, allowed="GeoPackage, GeoJSON"
        ) from None
    if not meta["crs"]:
        raise TerrainError("has no coordinate reference system", where=path.name, hint="Set its CRS, e.g. EPSG:25832")
    keys = [str(name) for name in meta["fields"]]
    rows = [{k: _plain(v) for k, v in zip(keys, values, strict=True)} for values in zip(*columns, strict=True)]
    return collection(shapely.from_wkb(wkb), rows or [{} for _ in wkb], CRS.from_user_input(meta["crs"]))


def write(path: Path, features: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(features, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _plain(value: Any) -> Any:
    """A value that JSON knows: numpy scalars unpacked, not-a-number to null, dates to text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
