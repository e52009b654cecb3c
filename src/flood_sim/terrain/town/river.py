"""The river: its course, its bed that falls all the way, and the brooks that join it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.terrain.town.frame import Frame
from flood_sim.terrain.town.lines import Curve, curve, graded, heights_along, nearest

COURSE = (
    (2060, 535), (1960, 520), (1870, 480), (1780, 468), (1690, 502), (1600, 522), (1510, 486), (1430, 430),
    (1340, 398), (1250, 412), (1170, 438), (1080, 425), (1000, 386), (910, 366), (820, 384), (730, 420),
    (640, 424), (560, 384), (480, 336), (390, 322), (310, 352), (240, 398), (160, 408), (80, 372), (-60, 340),
)  # fmt: skip
NAME = "Muster"
BED_HALF_WIDTH = 5.0
BANK_SLOPE = 0.65
LEVEL_WEST = 135.0
FALL = 0.0056  # along the course

# Brooks, from their source to the river: depth of the channel and points.
BROOKS = (
    ("Mühlsiefen", 1.2, ((446, 1110), (468, 1060), (450, 965), (478, 870), (458, 780), (471, 700), (471, 655))),
    ("Mühlbach", 1.6, ((471, 611), (452, 590), (430, 545), (420, 480), (408, 420), (396, 340), (392, 322))),
    (
        "Kornbach",
        1.4,
        (
            (1296, 641),
            (1303, 633),
            (1310, 622),
            (1313, 604),
            (1320, 562),
            (1326, 530),
            (1340, 480),
            (1338, 430),
            (1332, 398),
        ),
    ),
    ("Südsiefen", 1.2, ((434, 10), (408, 120), (440, 215), (430, 290), (440, 327))),
    ("Ziegelsiefen", 1.2, ((1452, 10), (1472, 130), (1440, 235), (1448, 330), (1424, 428))),
)


def course() -> Curve:
    """From the eastern to the western edge, in the direction of flow."""
    return curve(COURSE, step=1.0)


def bed(line: Curve) -> np.ndarray:
    """Height (n,) of the river bed along its course: it never rises downstream."""
    return LEVEL_WEST + FALL * (line.s[-1] - line.s)


def floor_level(x: np.ndarray, line: Curve) -> np.ndarray:
    """Height of the valley floor on the river banks: the bed, smoothed over the meanders, plus the incision."""
    order = np.argsort(line.xy[:, 0])
    east, level = line.xy[order, 0], bed(line)[order]
    slope, start = np.polyfit(east, level, 1)
    return start + slope * x + 2.4


@dataclass(frozen=True)
class Brook:
    """A small stream: course in the direction of flow and height of its bed (n,)."""

    name: str
    line: Curve
    bed: np.ndarray


def brooks(height: np.ndarray) -> list[Brook]:
    """The side brooks: below the ground, falling all the way, not deeper than the river they join."""
    out = []
    stream = course()
    for name, depth, points in BROOKS:
        line = curve(points)
        ground = heights_along(line, height) - depth * np.clip(0.3 + line.s / 40.0, 0.0, 1.0)
        profile = graded(ground, line.step, np.ones(len(ground)), 8.0)
        least = 0.002 * line.s
        profile = np.minimum.accumulate(profile + least) - least
        gap = np.hypot(*(stream.xy - line.xy[-1]).T)
        if gap.min() < 12.0:
            profile = np.maximum(profile, bed(stream)[int(np.argmin(gap))] + 0.002 * (line.s[-1] - line.s))
        out.append(Brook(name, line, profile))
    return out


def carve(height: np.ndarray, frame: Frame, line: Curve, sides: list[Brook]) -> tuple[np.ndarray, np.ndarray]:
    """Cut the beds and their banks into the ground; also returns the cells of the channels (bool)."""
    channel = np.zeros(height.shape, bool)
    for axis, profile, half_width, bank, top in (
        (line, bed(line), BED_HALF_WIDTH, BANK_SLOPE, 11.0),
        *((b.line, b.bed, 1.2, 0.55, 5.0) for b in sides),
    ):
        height = _cut(height, frame, axis, profile, half_width, bank)
        window, distance, _ = nearest(axis, frame, reach=top)
        channel[window] |= np.isfinite(distance)
    return height, channel


def _cut(
    height: np.ndarray, frame: Frame, line: Curve, profile: np.ndarray, half_width: float, bank: float
) -> np.ndarray:
    """Lower the ground to a trapezoidal channel: flat bed of height `profile` (n,), banks rising by `bank`."""
    window, distance, index = nearest(line, frame, reach=half_width + 20.0)
    channel = profile[index] + bank * np.maximum(distance - half_width, 0.0)
    out = height.copy()
    out[window] = np.minimum(out[window], np.where(np.isfinite(distance), channel, np.inf))
    return out
