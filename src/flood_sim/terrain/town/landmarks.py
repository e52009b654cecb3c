"""The buildings that a town is known by, drawn by hand, and the land kept free around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon
from shapely.affinity import rotate, translate
from shapely.geometry import box

from flood_sim.terrain.town.frame import cell_of


@dataclass(frozen=True)
class Block:
    """A rectangle: centre, length along its axis, width across it, axis turned `angle` degrees from east."""

    x: float
    y: float
    length: float
    width: float
    angle: float = 0.0

    def polygon(self) -> Polygon:
        flat = box(-self.length / 2, -self.width / 2, self.length / 2, self.width / 2)
        return translate(rotate(flat, self.angle, origin=(0, 0)), self.x, self.y)


@dataclass(frozen=True)
class Landmark:
    """A named building made of blocks that touch."""

    name: str
    use: str
    blocks: tuple[Block, ...]

    def polygon(self) -> Polygon:
        return shapely.union_all([b.polygon() for b in self.blocks])


LANDMARKS = (
    Landmark("Grundschule Schulstraße", "school", (Block(1072, 548, 14, 46), Block(1090, 564, 26, 13))),
    Landmark("Turnhalle", "school", (Block(1102, 535, 26, 16, 2),)),
    Landmark("Kita Quellweg", "kindergarten", (Block(1172, 744, 24, 14, -2),)),
    Landmark("Feuerwache", "fire_station", (Block(528, 461, 38, 15, 7), Block(515, 448, 12, 14, 7))),
    Landmark("Pflegeheim Haus am Korn", "care_home", (Block(1216, 562, 52, 15), Block(1196, 547, 14, 22))),
    Landmark("Krankenhaus", "hospital", (Block(1480, 640, 62, 17, 4), Block(1500, 654, 17, 16, 4))),
    Landmark("Bahnhof", "station", (Block(860, 617, 48, 12, 1), Block(860, 617, 16, 16, 1))),
    Landmark("Kirche", "church", (Block(868, 452, 34, 16, 4), Block(847, 450.5, 10, 10, 4))),
    Landmark("Rathaus", "town_hall", (Block(863, 556, 36, 18), Block(863, 544, 12, 10))),
    Landmark("Umspannstation", "utility", (Block(1349, 515, 13, 9, 55),)),
    Landmark("Federnwerk, Halle 1", "industrial", (Block(225, 534, 84, 34, 4),)),
    Landmark("Federnwerk, Halle 2", "industrial", (Block(302, 528, 44, 40, 4),)),
    Landmark("Federnwerk, Lager", "industrial", (Block(222, 492, 60, 22, 4),)),
    Landmark("Federnwerk, Verwaltung", "industrial", (Block(300, 486, 34, 12, -8),)),
    Landmark("Markthalle", "commercial", (Block(1436, 516, 40, 24, 14),)),
    Landmark("Vereinsheim", "public", (Block(1800, 634, 22, 11, 5),)),
    Landmark("Hof Oberheide", "farm", (Block(706, 1108, 28, 12, 20),)),
    Landmark("Hof Oberheide, Scheune", "farm", (Block(732, 1128, 28, 14, 20),)),
    Landmark("Hof Niederheide", "farm", (Block(1250, 1082, 24, 12, -15),)),
    Landmark("Hof Niederheide, Scheune", "farm", (Block(1276, 1094, 14, 26, -15),)),
    Landmark("Wasserbehälter", "utility", (Block(948, 1060, 18, 18, 10),)),
    Landmark("Am Siefen 4", "residential", (Block(1058.5, 763, 11, 10, 4),)),
    Landmark("Am Siefen 2", "residential", (Block(1044.5, 764, 10, 10, 4),)),
)  # fmt: skip

# Open land on which nobody builds: x0, y0, x1, y1.
SQUARES = (
    box(1046, 516, 1122, 580),  # school yard
    box(838, 502, 890, 545),  # market square
    box(822, 592, 898, 626),  # station forecourt
    box(1444, 624, 1520, 632),  # drive of the hospital
)
LAWNS = (
    box(840, 425, 892, 472),  # churchyard
    box(1180, 530, 1248, 584),  # garden of the care home
    box(1812, 622, 1916, 690),  # sports ground
    box(1430, 622, 1530, 662),  # hospital grounds
)
KEPT_FREE = SQUARES + LAWNS

# Measure B: 1500 m3 in a swale of 60 m x 50 m x 0.5 m on city land in the hollow above the railway.
SWALE = Block(1080, 803, 60, 50, 4)
SWALE_DEPTH_M = 0.5
EMBANKMENT_B = ((1065.0, 771.0), (1095.0, 773.0))
EMBANKMENT_HEIGHT_M = 1.0


def flatten_site(height: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Make the meadow for the swale a gentle terrace: 1.5 % down the hollow, almost level across it."""
    dx, dy = x - SWALE.x, y - SWALE.y
    level = float(height[(np.abs(dx) < 20) & (np.abs(dy) < 4)].mean())
    plane = level + 0.014 * dy + 0.00002 * np.abs(dx) ** 3 + 0.004 * dx
    away = np.hypot(dx / (SWALE.length / 2), dy / (SWALE.width / 2))
    t = np.clip((2.6 - away) / 1.6, 0.0, 1.0)
    weight = t * t * (3 - 2 * t)
    return height + weight * (plane - height)


# The low point of Schulstraße: an old pond, filled in and built on, with Talstraße as its dam.
BASIN = Block(1062, 549, 84, 56)
BASIN_SILL = (1014.0, 505.0)
BASIN_DEPTH = 0.62
BASIN_AXIS = 1045.0


def sink_basin(height: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Lower the ground around the school to an almost level basin, lowest along Schulstraße."""
    floor = height[cell_of(*BASIN_SILL)] - BASIN_DEPTH + 0.010 * np.abs(x - BASIN_AXIS)
    dx = np.maximum(np.abs(x - BASIN.x) - BASIN.length / 2, 0.0)
    dy = np.maximum(np.abs(y - BASIN.y) - BASIN.width / 2, 0.0)
    t = np.clip(1.0 - np.hypot(dx, dy) / 24.0, 0.0, 1.0)
    weight = t * t * (3 - 2 * t)
    return np.minimum(height, height + weight * (floor - height))
