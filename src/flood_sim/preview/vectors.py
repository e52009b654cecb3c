"""Sinks, their catchments, flow paths and spill points of a storm as vector layers."""

from __future__ import annotations

import numpy as np
import shapely
from rasterio.features import shapes

from flood_sim.preview.answer import Layer
from flood_sim.terrain.flow import Hierarchy, Settled
from flood_sim.terrain.flow.shapes import flow_paths
from flood_sim.terrain.grid import Grid

LEAST_SINK_M3 = 10.0
LEAST_PATH_M2 = 5000.0


def sink_layers(
    hierarchy: Hierarchy,
    settled: Settled,
    grid: Grid,
    *,
    sink_m3: float = LEAST_SINK_M3,
    path_m2: float = LEAST_PATH_M2,
) -> dict[str, Layer]:
    """Layers flow_paths, catchments and spill_points; small sinks and small paths are left out.

    A catchment is the ground from which water runs to the sink over no other sink that holds `sink_m3`; what runs over
    into it from another is at its spill point.
    """
    h, s = hierarchy, settled
    nodes = np.arange(h.parent.size)
    big = np.flatnonzero((s.lake == nodes) & (s.volume >= sink_m3) & (nodes > 0))
    return {
        "flow_paths": _paths(h, s, grid, path_m2),
        "catchments": _catchments(h, s, grid, big),
        "spill_points": _spills(h, s, grid, big),
    }


def _paths(h: Hierarchy, s: Settled, grid: Grid, least_m2: float) -> Layer:
    lines, last = flow_paths(h, grid, at_least_m2=least_m2)
    row, col = h.row_col(last)
    columns = {
        "upstream_ha": np.round(h.cells_above[last] * h.area / 1e4, 3),
        "passing_m3": np.round(s.passing[row, col], 1),
    }
    return Layer(lines, columns)


def _catchments(h: Hierarchy, s: Settled, grid: Grid, big: np.ndarray) -> Layer:
    number = np.zeros(h.parent.size, np.int32)
    number[big] = np.arange(1, big.size + 1)
    of_leaf = number[s.lake[: h.leaves + 1]]
    of_leaf[0] = 0
    labels = of_leaf[np.maximum(h.on_grid(h.basin), 0)]
    parts: list[list[shapely.Polygon]] = [[] for _ in big]
    if big.size:
        for shape, value in shapes(labels, mask=labels > 0, connectivity=4, transform=grid.transform):
            parts[int(value) - 1].append(shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:]))
    wet = np.bincount(labels[s.depth > 0], minlength=big.size + 1)[1:]
    level = s.level[big]
    columns = {
        "sink": np.arange(1, big.size + 1),
        "volume_m3": np.round(s.volume[big], 2),
        "level_m": np.round(level, 3),
        "water_m2": wet * h.area,
        "catchment_ha": np.round(np.bincount(labels.ravel(), minlength=big.size + 1)[1:] * h.area / 1e4, 4),
        "full": s.full[big].astype(int),
        "over_m3": np.round(s.over[big], 2),
    }
    return Layer([shapely.MultiPolygon(p) for p in parts], columns)


def _spills(h: Hierarchy, s: Settled, grid: Grid, big: np.ndarray) -> Layer:
    sink = np.arange(1, big.size + 1)
    runs = s.over[big] > 0
    at = big[runs]
    row, col = h.row_col(h.near[at])
    points = shapely.points(grid.west + (col + 0.5) * grid.cell, grid.north - (row + 0.5) * grid.cell)
    columns = {
        "sink": sink[runs],
        "level_m": np.round(h.spill[at], 3),
        "over_m3": np.round(s.over[at], 2),
        "out_of_model": (h.far[at] < 0).astype(int),
    }
    return Layer(list(np.atleast_1d(points)), columns)
