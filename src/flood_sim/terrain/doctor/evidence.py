"""Roads and streams: what crosses a ridge, and how much that speaks for an opening the DEM does not know."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import shapely

from flood_sim.errors import TerrainError
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.vector_file import LINES, read_features

What = Literal["road", "railway", "stream"]
NAME_DE: dict[What, str] = {"road": "Straße", "railway": "Bahn", "stream": "Gewässer"}
NAME_EN: dict[What, str] = {"road": "road", "railway": "railway", "stream": "stream"}
ALONG = 0.7
"""Cosine between a line and the way through the ridge (45°) from which on the line leads through, not over."""


@dataclass(frozen=True)
class Network:
    """Roads, railways or streams. lines: shapely; names and widths (m, NaN unknown) along with them."""

    what: What
    lines: np.ndarray
    names: tuple[str, ...]
    widths: np.ndarray
    tree: shapely.STRtree


@dataclass(frozen=True)
class Crossing:
    """A line that meets a way through a ridge. along: it leads through the ridge with it, not over it. width: m, NaN unknown."""

    what: What
    name: str
    along: bool
    width: float


def read_network(path: str | os.PathLike[str], grid: Grid, what: What, layer: str | None = None) -> Network:
    """A layer of lines with the columns `name` and `width_m`, where it has them; TerrainError for a bad file."""
    with refusals_as_errors(path):
        found = read_features(path, grid, LINES, ("name", "width_m"), layer=layer)
    is_line = ~shapely.is_missing(found.geometries) & np.isin(shapely.get_type_id(found.geometries), LINES.types)
    keep = np.flatnonzero(is_line)
    if not keep.size:
        raise TerrainError(
            f"no {what} lies on the terrain", where=str(path), hint="Leave it out, or give that of this terrain"
        )
    names = found.table.get("name", [None] * len(found.ids))
    widths = found.table.get("width_m", [None] * len(found.ids))
    lines = found.geometries[keep]
    wide = np.array([_width(widths[k]) for k in keep])
    return Network(what, lines, tuple(str(names[k] or "") for k in keep), wide, shapely.STRtree(lines))


def crossings(way: shapely.LineString, networks: tuple[Network, ...], slack: float) -> tuple[Crossing, ...]:
    """What meets a way, or passes it within `slack` metres or half of its own width; each name once."""
    found: dict[tuple[str, str], Crossing] = {}
    for network in networks:
        half = np.fmax(network.widths / 2, slack)
        for k in np.sort(network.tree.query(way, predicate="dwithin", distance=float(half.max()))):
            line = network.lines[k]
            if way.distance(line) > half[k]:
                continue
            along = _along(line, way, way.buffer(half[k]))
            key = (network.what, network.names[k])
            if key not in found or along:
                found[key] = Crossing(network.what, network.names[k], along, float(network.widths[k]))
    return tuple(found.values())


def weigh(crossed: tuple[Crossing, ...], asked: bool, width: float, reach: float) -> float:
    """How much speaks for a fault, 0 to 1 (own proposal).

    A line across counts 1, none where lines were given 0.5, lines not given 0.75; a ridge as
    wide as the search reaches counts half of a thin one.
    """
    lines = 1.0 if crossed else (0.5 if asked else 0.75)
    return float(lines * (1.0 - 0.5 * min(width / reach, 1.0)))


def called(crossed: tuple[Crossing, ...], names: dict[What, str]) -> tuple[str, ...]:
    """Each crossing in words: what it is, and its name if it has one."""
    return tuple(f"{names[c.what]} {c.name}".strip() for c in crossed)


def _along(line: shapely.Geometry, way: shapely.LineString, zone: shapely.Geometry) -> bool:
    """Whether most of the line near the way runs in its direction and through its whole length."""
    inside = shapely.intersection(line, zone)
    steps = np.concatenate(
        [np.diff(shapely.get_coordinates(p), axis=0) for p in shapely.get_parts(inside)] or [[[0, 0]]]
    )
    length = np.hypot(*steps.T)
    (x0, y0), (x1, y1) = way.coords[0], way.coords[-1]
    direction = np.array([x1 - x0, y1 - y0]) / max(way.length, 1e-9)
    total = float(length.sum())
    return total >= 0.8 * way.length and float(np.abs(steps @ direction).sum()) >= ALONG * total


def _width(value: object) -> float:
    try:
        width = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
    return width if 0 < width < 100 else float("nan")


def layer_of(text: str) -> tuple[Path, str | None]:
    """FILE or FILE|LAYER, as QGIS writes it (also FILE|layername=LAYER)."""
    file, _, layer = text.partition("|")
    return Path(file), layer.removeprefix("layername=") or None
