"""The railway along the foot of the northern slope: embankment, ditch, and what passes underneath."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.terrain.town.frame import Frame
from flood_sim.terrain.town.lines import Curve, curve, heights_along, nearest

COURSE = ((-60, 602), (300, 620), (620, 636), (1040, 650), (1400, 668), (1750, 708), (2060, 758))
HALF_CREST = 5.0
BATTER = 0.67  # side slope of the embankment, 1 : 1.5
DITCH_OFFSET = 14.0
# Ditch on the uphill side: x, height above the track. Its low points are the
# brook at the culvert, the underpass and the passage in the east.
DITCH = (
    (-60, -3.9), (150, -3.4), (310, 0.5), (362, 0.5), (471, -3.7), (590, -1.7), (690, -3.5), (960, -2.4),
    (985, -2.0), (1040, -3.8), (1110, -2.4), (1180, -2.4), (1300, -3.6), (1420, -2.6), (1572, -3.6), (2060, -2.4),
)  # fmt: skip
CULVERT_X = 471.0
UNDERPASS_X = 1040.0
PASSAGES_X = (690.0, 1300.0, 1572.0)


@dataclass(frozen=True)
class Railway:
    """Axis of the track from west to east and its height `level` (n,)."""

    line: Curve
    level: np.ndarray

    def at(self, x: float) -> tuple[float, float]:
        """Northing and height of the track where it passes `x`."""
        return float(np.interp(x, self.line.xy[:, 0], self.line.xy[:, 1])), float(
            np.interp(x, self.line.xy[:, 0], self.level)
        )


def plan(height: np.ndarray) -> Railway:
    """Lay the track: one steady grade, some 4.5 m above the valley floor beside it."""
    line = curve(COURSE)
    beside = Curve(line.xy - (0.0, 24.0), line.s)
    inside = (line.xy[:, 0] > 0) & (line.xy[:, 0] < 2000)
    slope, start = np.polyfit(line.s[inside], heights_along(beside, height)[inside], 1)
    return Railway(line, start + slope * line.s + 4.4)


def build(height: np.ndarray, frame: Frame, railway: Railway) -> np.ndarray:
    """Raise the embankment (cutting through spurs) and dig the ditch on its uphill side."""
    line, level = railway.line, railway.level
    window, distance, index = nearest(line, frame, reach=60.0)
    out = height.copy()
    ground = out[window]
    near = np.isfinite(distance)
    distance = np.where(near, distance, 1e3)
    side = frame.y[window] - line.xy[index, 1]
    track = level[index]
    ditch = track + np.interp(line.xy[index, 0], [d[0] for d in DITCH], [d[1] for d in DITCH])
    uphill = near & (side > 0)
    fan = ditch + 0.02 * np.abs(distance - DITCH_OFFSET) - 0.15 * np.maximum(distance - 26.0, 0.0)
    ground = np.where(uphill, np.maximum(ground, np.minimum(fan, track)), ground)
    trench = ditch + 0.5 * np.maximum(np.abs(distance - DITCH_OFFSET) - 1.5, 0.0)
    ground = np.where(uphill, np.minimum(ground, trench), ground)
    flank = BATTER * np.maximum(distance - HALF_CREST, 0.0)
    low = np.where(near, track - flank, -np.inf)
    high = np.where(near, track + flank, np.inf)
    out[window] = np.clip(ground, low, high)
    return out


def crest(frame: Frame, railway: Railway) -> np.ndarray:
    """Cells of the track bed, bool (ROWS, COLS)."""
    window, distance, _ = nearest(railway.line, frame, reach=HALF_CREST + 1.0)
    out = np.zeros(frame.x.shape, bool)
    out[window] = distance <= HALF_CREST
    return out
