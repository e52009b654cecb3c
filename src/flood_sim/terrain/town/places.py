"""What the map names: places, culverts, and the site of measure B."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from flood_sim.terrain.town import river
from flood_sim.terrain.town.buildings import Building
from flood_sim.terrain.town.frame import cell_of
from flood_sim.terrain.town.landmarks import (
    EMBANKMENT_B,
    EMBANKMENT_HEIGHT_M,
    LANDMARKS,
    SWALE,
    SWALE_DEPTH_M,
)
from flood_sim.terrain.town.lines import Curve
from flood_sim.terrain.town.railway import CULVERT_X, UNDERPASS_X, Railway

UNNAMED = {"residential", "commercial", "farm"}  # uses whose landmarks are no places
SCHOOL_GAUGE = (1061.0, 547.0)
RIVER_GAUGE_X = 150.0


Values = dict[str, str | float]


@dataclass(frozen=True)
class Feature:
    """A geometry in local metres and its attributes; every feature of one layer has the same keys."""

    geometry: BaseGeometry
    values: Values


def points(buildings: list[Building], railway: Railway) -> list[Feature]:
    """Places with name and kind."""
    named = {m.name for m in LANDMARKS if m.use not in UNNAMED}
    marks = [(b.polygon.representative_point(), b.name, b.use) for b in buildings if b.name in named]
    marks += [
        (Point(UNDERPASS_X, railway.at(UNDERPASS_X)[0]), "Unterführung Siefenstraße", "underpass"),
        (Point(CULVERT_X, railway.at(CULVERT_X)[0]), "Durchlass Mühlsiefen", "culvert"),
        (Point(914, 366), "Musterbrücke", "bridge"),
        (Point(864, 523), "Marktplatz", "market_square"),
        (Point(1864, 656), "Sportplatz", "sports_ground"),
        (Point(SWALE.x, SWALE.y), "Siefenwiese (städtisch)", "meadow"),
    ]
    return [Feature(p, {"name": name, "kind": kind}) for p, name, kind in marks]


def culverts(height: np.ndarray, stream: Curve, brooks: list[river.Brook], railway: Railway) -> list[Feature]:
    """Pipes under the railway and under the town; the DEM does not contain them."""
    above, below = (next(b for b in brooks if b.name == name) for name in ("Mühlsiefen", "Mühlbach"))
    y, _ = railway.at(UNDERPASS_X)
    mouth = int(np.argmin(np.hypot(*(stream.xy - (1086.0, 426.0)).T)))
    drain = LineString([(UNDERPASS_X, y), (1034, 560), (1040, 490), tuple(stream.xy[mouth])])
    street = float(height[cell_of(UNDERPASS_X, y)])
    return [
        _pipe(
            LineString([tuple(above.line.xy[-1]), tuple(below.line.xy[0])]),
            "Durchlass Mühlsiefen", 1.0, float(above.bed[-1]), float(below.bed[0]),
        ),
        _pipe(drain, "Entwässerung der Unterführung", 0.6, street - 0.8, float(river.bed(stream)[mouth]) + 0.2),
    ]  # fmt: skip


def _pipe(line: LineString, name: str, diameter: float, upper: float, lower: float) -> Feature:
    values: Values = {"name": name, "shape": "circular", "diameter_m": diameter}
    return Feature(line, {**values, "invert_up_m": round(upper, 2), "invert_down_m": round(lower, 2)})


def sites() -> list[Feature]:
    """Measure B: the swale (dug by `depth_m`) and the embankment (raised by `height_m`)."""
    swale: Values = {"name": "Mulde Siefenwiese", "kind": "swale", "depth_m": SWALE_DEPTH_M, "height_m": 0.0}
    bank: Values = {
        "name": "Verwallung Siefenwiese",
        "kind": "embankment",
        "depth_m": 0.0,
        "height_m": EMBANKMENT_HEIGHT_M,
    }
    return [Feature(SWALE.polygon(), swale), Feature(LineString(EMBANKMENT_B), bank)]


def gauges(stream: Curve, railway: Railway) -> dict[str, tuple[float, float]]:
    """Points worth recording, by id."""
    at = int(np.argmin(np.abs(stream.xy[:, 0] - RIVER_GAUGE_X)))
    x, y = (round(float(v), 1) for v in stream.xy[at])
    return {"school": SCHOOL_GAUGE, "underpass": (UNDERPASS_X + 1.0, railway.at(UNDERPASS_X)[0] - 4.0), "river": (x, y)}


def river_section(stream: Curve) -> LineString:
    """Across the river at its gauge from the northern to the southern bank: the flow to the west counts positive."""
    at = int(np.argmin(np.abs(stream.xy[:, 0] - RIVER_GAUGE_X)))
    x, y = np.round(stream.xy[at], 1)
    return LineString([(x, y + 14.0), (x, y - 14.0)])
