"""Polygons beside a result, as the page draws them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from flood_sim import geojson


def write_geojson(path: Path, polygons: Sequence[BaseGeometry], ids: Sequence[str], crs: CRS) -> None:
    """Write `polygons` of `crs` with their `ids` as FeatureCollection in EPSG:4326, 7 decimals."""
    geojson.write(path, geojson.collection(polygons, [{"id": name} for name in ids], crs))


def read_geojson(path: Path, crs: CRS) -> tuple[list[dict[str, Any]], list[BaseGeometry]]:
    """Properties and geometries, turned into `crs`, of a layer beside a result; none where there is no such file.

    Features without a geometry are left out.
    """
    if not path.is_file():
        return [], []
    features = [f for f in json.loads(path.read_text(encoding="utf-8"))["features"] if f["geometry"]]
    to_grid = Transformer.from_crs(4326, crs, always_xy=True)

    def turn(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(to_grid.transform(xy[:, 0], xy[:, 1]))

    shapes = [shapely.transform(shapely.geometry.shape(f["geometry"]), turn) for f in features]
    return [f["properties"] for f in features], shapes
