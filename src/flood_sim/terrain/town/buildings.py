"""About three hundred footprints: landmarks by hand, houses in rows along the streets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.special import ndtr
from shapely import LineString, Polygon

from flood_sim.terrain.town.frame import DEPTH, SEED, WIDTH, Frame, cell_of
from flood_sim.terrain.town.landmarks import KEPT_FREE, LANDMARKS, SWALE, Block
from flood_sim.terrain.town.lines import Curve
from flood_sim.terrain.town.noise import waves
from flood_sim.terrain.town.streets import Street


@dataclass(frozen=True)
class Building:
    """A footprint in local metres, what it is used for, and its name or address."""

    id: str
    use: str
    name: str
    polygon: Polygon


@dataclass(frozen=True)
class Row:
    """How houses stand along a street, all in metres: ranges of frontage, depth and gap, distance from the kerb."""

    frontage: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    setback: tuple[float, float]
    missing: float  # share of plots without a house
    use: str = "residential"


ROWS = {
    "core": Row((14, 28), (11, 14), (3, 4.5), (2, 3), 0.05, "mixed"),
    "town": Row((12, 22), (10, 12), (3.5, 7), (3, 5), 0.26),
    "homes": Row((10, 14), (9, 12), (6, 8), (5.5, 7.5), 0.66),
    "villas": Row((13, 17), (11, 13), (18, 30), (7, 10), 0.5),
}
BUILT_UP = (430.0, 1560.0)  # houses along Talstraße between these eastings only
STEEPEST = 0.42


def place(
    height: np.ndarray, frame: Frame, streets: list[Street], barriers: list[tuple[Curve, float]]
) -> list[Building]:
    """Landmarks first, then the rows; nothing overlaps a street, a barrier or a neighbour.

    `barriers` are lines (river, brooks, track) with the distance to keep from them.
    """
    done = [Building("", m.use, m.name, m.polygon()) for m in LANDMARKS]
    roads = [LineString(s.line.xy).buffer(s.plan.width / 2 + 1.2) for s in streets]
    closed = [LineString(line.xy[::4]).buffer(reach) for line, reach in barriers]
    free = shapely.union_all([*roads, *closed, *KEPT_FREE, SWALE.polygon().buffer(5.0)])
    shapely.prepare(free)
    slope = np.hypot(*np.gradient(height, 2.0))
    random = np.random.Generator(np.random.PCG64([SEED, 40]))
    for street in streets:
        row = ROWS.get(street.plan.zone)
        if row is None:
            continue
        for side in (1, -1):
            done += _row(street, side, row, done, free, slope, random)
    done.sort(key=lambda b: (round(-b.polygon.centroid.y / 40), b.polygon.centroid.x))
    return [replace(b, id=f"b{n:03d}") for n, b in enumerate(done, 1)]


def _row(street, side, row, done, free, slope, random) -> list[Building]:
    """One side of a street; side +1 is the left (odd numbers), -1 the right (even numbers)."""
    line, number = street.line, 1 if side > 0 else 2
    heading = line.heading()
    out: list[Building] = []
    at = 4.0
    while at < line.s[-1] - 4.0:
        frontage, depth, gap, setback, missing = (
            lo + (hi - lo) * random.random() for lo, hi in (row.frontage, row.depth, row.gap, row.setback, (0.0, 1.0))
        )
        k = int(np.searchsorted(line.s, at + frontage / 2))
        if k >= len(line.s):
            break
        house = _house(line.xy[k], heading[k], side, street.plan.width / 2 + setback, frontage, depth)
        if _empty(house) < row.missing:
            at += frontage + gap
            number += 2
        elif _fits(house, street, done, out, free, slope):
            out.append(Building("", _use(row, missing), f"{street.plan.name} {number}", house))
            at += frontage + gap
            number += 2
        else:
            at += 3.0
    return out


def _empty(house: Polygon) -> float:
    """A number in (0, 1), evenly spread over the town, that changes over some 40 m: plots stay empty in groups."""
    centre = house.centroid
    wave = float(waves(np.array([centre.x]), np.array([centre.y]), 34.0, 41)[0])
    return float(ndtr(wave))


def _use(row: Row, draw: float) -> str:
    """Shops on the ground floor in the core, one house in three a pure residence."""
    return "residential" if row.use == "mixed" and draw > 0.7 else row.use


def _house(point, heading, side: int, kerb: float, frontage: float, depth: float) -> Polygon:
    normal = side * np.array([-heading[1], heading[0]])
    x, y = point + normal * (kerb + depth / 2)
    return Block(x, y, frontage, depth, float(np.degrees(np.arctan2(heading[1], heading[0])))).polygon()


def _fits(house: Polygon, street: Street, done, row, free, slope) -> bool:
    x, y = house.centroid.x, house.centroid.y
    if not (14.0 < x < WIDTH - 14.0 and 14.0 < y < DEPTH - 14.0):
        return False
    if street.plan.name == "Talstraße" and not BUILT_UP[0] < x < BUILT_UP[1]:
        return False
    if slope[cell_of(x, y)] > STEEPEST or free.intersects(house):
        return False
    return all(abs(b.polygon.centroid.x - x) > 90.0 or b.polygon.distance(house) > 3.0 for b in (*done, *row))


def covered(buildings: list[Building], frame: Frame, margin: float = 0.0) -> np.ndarray:
    """Cells whose centre lies in a footprint widened by `margin` metres, bool (ROWS, COLS)."""
    out = np.zeros(frame.x.shape, bool)
    for building in buildings:
        window = window_of(building.polygon, margin)
        area = building.polygon.buffer(margin) if margin else building.polygon
        out[window] |= shapely.contains_xy(area, frame.x[window], frame.y[window])
    return out


def window_of(polygon: Polygon, margin: float) -> tuple[slice, slice]:
    """The part of the grid around a polygon."""
    x0, y0, x1, y1 = polygon.bounds
    top, left = cell_of(max(x0 - margin, 0.0), min(y1 + margin, DEPTH - 0.01))
    bottom, right = cell_of(min(x1 + margin, WIDTH - 0.01), max(y0 - margin, 0.0))
    return slice(top, bottom + 1), slice(left, right + 1)
