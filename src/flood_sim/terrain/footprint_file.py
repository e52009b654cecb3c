"""Polygons of buildings and how each acts, from GeoPackage or GeoJSON."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from flood_sim.terrain.findings import refuse
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.vector_file import FOOTPRINTS, Features, no_overlap, read_features


@dataclass(frozen=True)
class Shapes:
    """Valid polygons with their ids, in the order of the file, and what was repaired or left out.

    table: the columns asked for, one value a polygon, None where it is missing.
    """

    ids: list[str]
    polygons: list[shapely.Polygon | shapely.MultiPolygon]
    notes: list[str]
    table: dict[str, list[Any]] = field(default_factory=dict)


def read_shapes(path: str | os.PathLike[str], grid: Grid, columns: Sequence[str] = ()) -> Shapes:
    """The polygons of a file that meet the grid; Refusal for a wrong file, CRS or place."""
    return _polygons(read_features(path, grid, FOOTPRINTS, columns), grid)


def _polygons(features: Features, grid: Grid) -> Shapes:
    ids, geometries = features.ids, features.geometries
    notes = []
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    area = present & np.isin(shapely.get_type_id(geometries), FOOTPRINTS.types)
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
        raise refuse("no_overlap", no_overlap(features, grid, FOOTPRINTS), "Are these the buildings of this terrain?")
    left_out = features.total - len(geometries) + int((area & ~on_grid).sum())
    if left_out > 0:
        notes.append(f"{left_out:,} of {features.total:,} features do not lie on the terrain and are left out")
    keep = np.flatnonzero(on_grid)
    table = {name: [column[i] for i in keep] for name, column in features.table.items()}
    return Shapes([ids[i] for i in keep], list(geometries[keep]), notes, table)


def _only_area(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of what make_valid left; lines and points have no roof."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), FOOTPRINTS.types)])
