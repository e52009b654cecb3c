"""Polygons for the page: GeoJSON in longitude and latitude (RFC 7946)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS, Transformer

DECIMALS = 7
"""About one centimetre."""


def write_geojson(path: Path, polygons: Sequence[shapely.Geometry], ids: Sequence[str], crs: CRS) -> None:
    """Write `polygons` of `crs` with their `ids` as FeatureCollection in EPSG:4326."""
    transformer = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True)

    def to_degrees(points: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(transformer.transform(points[:, 0], points[:, 1])), DECIMALS)

    flat = shapely.force_2d(np.asarray(polygons, dtype=object)) if len(polygons) else np.array([], dtype=object)
    wound = shapely.orient_polygons(shapely.transform(flat, to_degrees), exterior_cw=False)
    features = [
        {"type": "Feature", "id": name, "properties": {"id": name}, "geometry": shapely.geometry.mapping(shape)}
        for name, shape in zip(ids, wound, strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8")
