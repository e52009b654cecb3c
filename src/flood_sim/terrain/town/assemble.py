"""The order of the works: land, site, railway, streets, waters, houses, cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flood_sim.terrain.town import buildings, land_cover, landmarks, pads, railway, relief, river, streets
from flood_sim.terrain.town.frame import Frame
from flood_sim.terrain.town.lines import Curve

CLEARANCE = 6.0  # half width of the gap that a street leaves in the embankment


@dataclass(frozen=True)
class Town:
    """Everything there is to write.

    `height` float64 (rows, cols) in m, rounded to 1 mm; `cover` uint8 codes;
    all geometry in local metres.
    """

    frame: Frame
    height: np.ndarray
    cover: np.ndarray
    streets: list[streets.Street]
    buildings: list[buildings.Building]
    railway: railway.Railway
    stream: Curve
    brooks: list[river.Brook]


def build_town() -> Town:
    """Musterstadt, the same every time."""
    frame = Frame.of_town()
    stream = river.course()
    height = relief.natural(frame, stream)
    height = landmarks.flatten_site(height, frame.x, frame.y)
    height = landmarks.sink_basin(height, frame.x, frame.y)
    rails = railway.plan(height)
    height = railway.build(height, frame, rails)
    track = railway.crest(frame, rails)
    for x in (railway.UNDERPASS_X, *railway.PASSAGES_X):
        track &= np.abs(frame.x - x) > CLEARANCE
    height, roads, paved = streets.build(height, frame, rails, track)
    brooks = river.brooks(height)
    height, channel = river.carve(height, frame, stream, brooks)  # bridges are not part of the ground
    barriers = [(stream, 18.0), (rails.line, 19.0), *((b.line, 9.0) for b in brooks)]
    houses = buildings.place(height, frame, roads, barriers)
    built = channel | track | paved
    height = pads.level(height, frame, houses, buildings.covered(houses, frame), built)
    cover = land_cover.classify(frame, height, stream, [b.line for b in brooks], houses, paved, track)
    return Town(frame, np.round(height, 3), cover, roads, houses, rails, stream, brooks)
