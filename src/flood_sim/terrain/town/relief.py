"""The valley before anybody built in it: floor, slopes, hollows and roughness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from flood_sim.terrain.town import river
from flood_sim.terrain.town.frame import CELL, Frame, cell_of
from flood_sim.terrain.town.lines import Curve, curve, nearest
from flood_sim.terrain.town.noise import waves

Points = tuple[tuple[float, float], ...]

# Foot of the northern and of the southern slope.
NORTH_FOOT: Points = (
    (-60, 588), (140, 600), (250, 600), (338, 562), (420, 604), (620, 622), (1040, 634), (1400, 652), (1750, 690), (2060, 738),
)  # fmt: skip
SOUTH_FOOT: Points = (
    (-60, 250), (200, 285), (420, 250), (650, 318), (900, 285), (1150, 345), (1450, 318), (1750, 392), (2060, 420),
)  # fmt: skip

# Slope of the hillside against the distance from its foot.
NORTH_SLOPE: Points = (
    (-30, 0), (0, 0.04), (60, 0.14), (150, 0.23), (280, 0.31), (380, 0.30), (460, 0.20), (560, 0.11), (900, 0.09),
)  # fmt: skip
SOUTH_SLOPE: Points = ((-20, 0), (0, 0.05), (40, 0.18), (120, 0.30), (230, 0.35), (330, 0.28), (500, 0.18))


@dataclass(frozen=True)
class Hollow:
    """A side valley, drawn from its mouth to its head.

    Contours bend uphill by `reach` metres along the line and by a share that
    decays over `width` metres beside it; the bend grows over the first `ramp`
    metres from the mouth, so that the floor of the hollow rises all the way.
    """

    points: Points
    reach: float
    width: float = 55.0
    ramp: float = 260.0


HOLLOWS = (
    Hollow(((1040, 600), (1042, 690), (1070, 770), (1086, 860), (1068, 950), (1092, 1040), (1080, 1110)), 75.0, 62.0),
    Hollow(((470, 580), (478, 680), (452, 770), (486, 860), (446, 960), (474, 1060), (440, 1130)), 105.0, 60.0),
    Hollow(((462, 800), (395, 880), (380, 960), (330, 1040)), 45.0, 38.0, 120.0),
    Hollow(((480, 850), (545, 930), (560, 1010)), 35.0, 32.0, 110.0),
    Hollow(((1570, 640), (1576, 740), (1616, 820), (1592, 910), (1644, 1010), (1622, 1110)), 95.0, 60.0),
    Hollow(((1596, 880), (1536, 960), (1505, 1050)), 40.0, 35.0, 120.0),
    Hollow(((1612, 960), (1700, 1040), (1725, 1110)), 40.0, 35.0, 120.0),
    Hollow(((760, 620), (756, 720), (784, 830), (748, 940), (772, 1030)), 48.0, 45.0),
    Hollow(((150, 590), (146, 700), (176, 800), (136, 930), (160, 1040)), 60.0, 50.0),
    Hollow(((1300, 640), (1306, 740), (1334, 850), (1304, 950), (1320, 1010)), 42.0, 42.0),
    Hollow(((1850, 700), (1862, 810), (1836, 920), (1880, 1040)), 62.0, 50.0),
    Hollow(((612, 620), (620, 740), (640, 860)), 22.0, 30.0),
    Hollow(((912, 630), (905, 740), (925, 870), (910, 950)), 26.0, 34.0),
    Hollow(((1185, 640), (1200, 760), (1190, 880)), 24.0, 32.0),
    Hollow(((1440, 650), (1452, 780), (1446, 900)), 26.0, 32.0),
    Hollow(((255, 600), (250, 740), (270, 840)), 24.0, 32.0),
    Hollow(((430, 310), (446, 220), (404, 130), (436, 10)), 75.0, 50.0, 200.0),
    Hollow(((900, 310), (886, 220), (920, 120), (890, 0)), 62.0, 48.0, 200.0),
    Hollow(((1450, 350), (1436, 240), (1474, 140), (1450, 10)), 75.0, 50.0, 200.0),
    Hollow(((1820, 430), (1834, 330), (1796, 220), (1830, 100)), 60.0, 48.0, 200.0),
    Hollow(((140, 290), (130, 190), (160, 80)), 40.0, 40.0, 180.0),
    Hollow(((660, 330), (680, 210), (655, 100)), 36.0, 40.0, 180.0),
    Hollow(((1180, 340), (1170, 220), (1200, 100)), 40.0, 40.0, 180.0),
    Hollow(((1640, 360), (1650, 260), (1625, 130)), 36.0, 38.0, 180.0),
)  # fmt: skip


def natural(frame: Frame, stream: Curve) -> np.ndarray:
    """Heights (ROWS, COLS) of the land without streets, railway and houses, river bed not yet cut."""
    x, y = frame.x, frame.y
    north = y - _line(NORTH_FOOT, x) + 5.0 * waves(x, y, 150.0, 1)
    south = _line(SOUTH_FOOT, x) - y + 9.0 * waves(x, y, 150.0, 2)
    up = np.maximum(north, south)
    bend = np.zeros_like(up)
    for hollow in HOLLOWS:
        bend += _bend(frame, hollow, up)
    bend = gaussian_filter(bend, 14.0 / CELL)  # no creases halfway between two arms
    steep = np.clip((up - 60.0) / 200.0, 0.0, 1.0)
    rills = 9.0 * waves(x + 10 * waves(x, y, 110.0, 3), y, 52.0, 4, stretch=3.5) * steep
    floor = _floor(frame, stream)
    broad = 1.0 + 0.07 * waves(x, y, 420.0, 5)
    hill = broad * (_climb(NORTH_SLOPE, north - bend - rills) + _climb(SOUTH_SLOPE, south - bend - rills))
    return floor + hill + _roughness(frame, hill)


def _line(points: Points, x: np.ndarray) -> np.ndarray:
    smooth = curve(points).xy
    return np.interp(x, smooth[:, 0], smooth[:, 1])


def _floor(frame: Frame, stream: Curve) -> np.ndarray:
    """The valley floor: it falls with the river and towards it, with a low terrace along the banks."""
    _, distance, _ = nearest(stream, frame, reach=3000.0)
    away = np.minimum(np.hypot(20.0, distance) - 20.0, 260.0)
    t = np.clip((distance - 24.0 - 9.0 * waves(frame.x, frame.y, 130.0, 6)) / 22.0, 0.0, 1.0)
    terrace = 0.8 * t * t * (3 - 2 * t)
    return river.floor_level(frame.x, stream) + 0.0055 * away + terrace - 0.5


def _bend(frame: Frame, hollow: Hollow, up: np.ndarray) -> np.ndarray:
    """How far (m) the contours of the hillside bend uphill in a hollow; `up` is the distance from the foot."""
    window, distance, _ = nearest(curve(hollow.points), frame, reach=6.0 * hollow.width)
    mouth = up[cell_of(*hollow.points[0])]
    t = np.clip((up[window] - mouth) / hollow.ramp, 0.0, 1.0)
    rounded = np.hypot(distance, 0.3 * hollow.width) - 0.3 * hollow.width
    out = np.zeros_like(up)
    out[window] = hollow.reach * t * t * (3 - 2 * t) * np.exp(-rounded / hollow.width)
    return out


def _climb(table: Points, distance: np.ndarray) -> np.ndarray:
    """Height gained at a distance from the foot of a slope: the integral of its slope."""
    at = np.arange(-100.0, 1300.0, 1.0)
    slope = np.interp(at, [t[0] for t in table], [t[1] for t in table])
    gained = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2)])
    return np.interp(distance, at, gained)


def _roughness(frame: Frame, hill: np.ndarray) -> np.ndarray:
    """Bumpy hillsides and an almost even valley floor; `hill` is the height over the floor."""
    x, y = frame.x, frame.y
    on_hill = np.clip(hill / 25.0, 0.0, 1.0)
    coarse = 0.9 * waves(x, y, 85.0, 13) + 0.35 * waves(x, y, 28.0, 14)
    fine = 0.035 * waves(x, y, 9.0, 15) + 0.012 * waves(x, y, 4.0, 16)
    return on_hill * coarse + 0.05 * waves(x, y, 60.0, 17) + fine * (0.4 + 0.6 * on_hill)
