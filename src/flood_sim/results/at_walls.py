"""Water at the walls of buildings: what stands in a strip outside each footprint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from flood_sim.results.dataset import Result
from flood_sim.results.parts import Values
from flood_sim.results.vectors import read_geojson
from flood_sim.terrain.grid import Grid

FOOTPRINTS = "footprints.geojson"
FROM_M, TO_M = 1.0, 2.0
"""The strip, m outside the wall (default of the practice); where the cells are coarser, the cells next to the wall."""
SHARE = 0.9
"""Quantile of the strip that counts: one bad cell must not decide."""


@dataclass(frozen=True)
class AtWalls:
    """Depths outside the walls of n buildings, m; NaN where no open cell lies beside one."""

    ids: tuple[str, ...]
    depth_m: np.ndarray
    largest_m: np.ndarray


def footprints(result: Result) -> tuple[tuple[str, ...], list[shapely.Geometry]]:
    """Ids and polygons of the buildings of a result in the CRS of its terrain; none if it has none."""
    found, shapes = read_geojson(result.path / FOOTPRINTS, result.grid.crs)
    return tuple(str(properties["id"]) for properties in found), shapes


def at_walls(depth: Values, grid: Grid, ids: tuple[str, ...], shapes: list[shapely.Geometry]) -> AtWalls:
    """The 90 % quantile and the largest depth in the strip outside each footprint.

    depth: m (rows, cols), NaN where no water can be. The strip are the open cells
    whose centres lie 1 to 2 m outside the wall; if there are none, those within
    1.5 cells of it.
    """
    found = np.array([_strip(depth, grid, shape) for shape in shapes]).reshape(-1, 2)
    return AtWalls(ids, found[:, 0], found[:, 1])


def _strip(depth: Values, grid: Grid, shape: shapely.Geometry) -> tuple[float, float]:
    reach = max(TO_M, 1.5 * grid.cell)
    west, south, east, north = shape.buffer(reach).bounds
    rows = slice(
        *np.clip([_down((grid.north - north) / grid.cell), _down((grid.north - south) / grid.cell) + 1], 0, grid.rows)
    )
    cols = slice(
        *np.clip([_down((west - grid.west) / grid.cell), _down((east - grid.west) / grid.cell) + 1], 0, grid.cols)
    )
    here = np.asarray(depth[rows, cols])
    if not here.size:
        return np.nan, np.nan
    x, y = np.meshgrid(grid.x_centres()[cols], grid.y_centres()[rows])
    away = shapely.distance(shape, shapely.points(x, y))
    for strip in ((away >= FROM_M) & (away <= TO_M), (away > 0.0) & (away <= reach)):
        values = here[strip & ~np.isnan(here)]
        if values.size:
            return float(np.quantile(values, SHARE)), float(values.max())
    return np.nan, np.nan


def _down(value: float) -> int:
    return int(np.floor(value))
