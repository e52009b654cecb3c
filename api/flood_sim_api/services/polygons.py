"""What was drawn on the map, in the CRS of the terrain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from flood_sim import registry
from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario

MOST_CORNERS = 10_000


def in_terrain(data: Path, scenario: Scenario, drawn: dict[str, Any]) -> Scenario:
    """The scenario with a drawn GeoJSON Polygon (EPSG:4326) as its area, other keys of `terrain.area` kept."""
    meta = registry.check_ids(data, scenario)["terrain.dem"]
    xy = _turned(_ring(drawn), CRS.from_wkt(meta.facts["crs_wkt"]))
    content = scenario.model_dump(mode="json")
    area = content["terrain"]["area"] or {}
    content["terrain"]["area"] = {**area, "polygon": np.round(xy, 2).tolist()}
    return Scenario.parse(content)


def _ring(drawn: dict[str, Any]) -> np.ndarray:
    """Corners of the polygon, (n, 2) in degrees, the last one not the first again."""
    shape = drawn.get("geometry") if drawn.get("type") == "Feature" else drawn
    rings = shape.get("coordinates") if isinstance(shape, dict) and shape.get("type") == "Polygon" else None
    if not isinstance(rings, list) or len(rings) != 1:
        raise ScenarioError("is no GeoJSON Polygon without holes", where="drawn")
    try:
        lonlat = np.array([(float(p[0]), float(p[1])) for p in rings[0]]).reshape(-1, 2)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise ScenarioError("its coordinates are not pairs of numbers", where="drawn") from None
    if len(lonlat) > MOST_CORNERS:
        raise ScenarioError("has too many corners", where="drawn", value=len(lonlat), allowed=f"at most {MOST_CORNERS}")
    if len(lonlat) > 1 and (lonlat[0] == lonlat[-1]).all():
        lonlat = lonlat[:-1]
    inside = np.isfinite(lonlat).all() and (np.abs(lonlat) <= (180, 90)).all()
    if len(lonlat) < 3 or not inside:
        raise ScenarioError("needs at least three corners in degrees", where="drawn", allowed="-180 to 180, -90 to 90")
    return lonlat


def _turned(lonlat: np.ndarray, crs: CRS) -> np.ndarray:
    xy = np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1]))
    if not np.isfinite(xy).all():
        raise ScenarioError("lies off the terrain", where="drawn")
    return xy
