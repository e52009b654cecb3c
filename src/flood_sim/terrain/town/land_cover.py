"""What covers the ground: one code per cell, as the roughness table of the surface package reads it."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.ndimage import distance_transform_edt, gaussian_filter

from flood_sim.terrain.town import river
from flood_sim.terrain.town.buildings import Building, covered
from flood_sim.terrain.town.frame import CELL, Frame
from flood_sim.terrain.town.landmarks import LAWNS, SQUARES, SWALE
from flood_sim.terrain.town.lines import Curve, nearest
from flood_sim.terrain.town.noise import waves

ASPHALT, YARD, GARDEN, MEADOW, FOREST, BALLAST, WATER, ROOF = range(1, 9)
PAVED_AROUND = {"mixed": 5.0, "commercial": 22.0, "industrial": 16.0, "school": 8.0, "fire_station": 14.0,
                "station": 8.0, "hospital": 9.0, "farm": 9.0, "town_hall": 8.0}  # fmt: skip


def classify(
    frame: Frame,
    height: np.ndarray,
    stream: Curve,
    brooks: list[Curve],
    buildings: list[Building],
    paved: np.ndarray,
    track: np.ndarray,
) -> np.ndarray:
    """Codes 1 to 8, uint8 (ROWS, COLS): asphalt, yard, garden, meadow, forest, ballast, water, roof."""
    roofs = covered(buildings, frame)
    to_house = distance_transform_edt(~roofs) * CELL
    codes = np.full(height.shape, MEADOW, np.uint8)
    codes[_forest(frame, height, stream, to_house)] = FOREST
    on_floor = height - river.floor_level(frame.x, stream) < 4.0
    codes[to_house < np.where(on_floor, 30.0, 20.0) + 5.0 * waves(frame.x, frame.y, 40.0, 51)] = GARDEN
    codes[shapely.contains_xy(SWALE.polygon().buffer(4.0), frame.x, frame.y)] = MEADOW
    for area in LAWNS:
        codes[shapely.contains_xy(area, frame.x, frame.y)] = GARDEN
    for area in SQUARES:
        codes[shapely.contains_xy(area, frame.x, frame.y)] = YARD
    for use, reach in PAVED_AROUND.items():
        codes[covered([b for b in buildings if b.use == use], frame, reach)] = YARD
    codes[paved] = ASPHALT
    codes[track] = BALLAST
    for line, reach in ((stream, river.BED_HALF_WIDTH + 1.5), *((b, 2.0) for b in brooks)):
        window, distance, _ = nearest(line, frame, reach)
        codes[window][np.isfinite(distance)] = WATER
    codes[roofs] = ROOF
    return codes


def _forest(frame: Frame, height: np.ndarray, stream: Curve, to_house: np.ndarray) -> np.ndarray:
    """Woods on steep ground, in patches on the slopes, thick on the shaded southern side; fields on the plateau."""
    x, y = frame.x, frame.y
    above = height - river.floor_level(x, stream)
    slope = np.hypot(*np.gradient(gaussian_filter(height, 14.0 / CELL), CELL))
    wish = 3.2 * slope + 0.55 * waves(x, y, 110.0, 52) + 0.2 * waves(x, y, 30.0, 53)
    wish += np.where(y < 330.0, 0.5, 0.0) - np.clip((above - 88.0) / 25.0, 0.0, 0.8)
    return (above > 9.0) & (wish > 0.92) & (to_house > 34.0)
