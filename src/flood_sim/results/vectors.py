"""Polygons beside a result, as the page draws them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from flood_sim import geojson


def write_geojson(path: Path, polygons: Sequence[BaseGeometry], ids: Sequence[str], crs: CRS) -> None:
    """Write `polygons` of `crs` with their `ids` as FeatureCollection in EPSG:4326, 7 decimals."""
    geojson.write(path, geojson.collection(polygons, [{"id": name} for name in ids], crs))
