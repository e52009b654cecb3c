"""A place where the terrain model probably lies, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import shapely

Kind = Literal["dam", "spike", "pit", "block", "new_building"]

LABELS_DE: dict[Kind, str] = {
    "dam": "Damm im Weg des Wassers",
    "spike": "einzelne Spitze",
    "pit": "einzelnes Loch",
    "block": "Gebäude ohne Grundriss",
    "new_building": "Gebäude jünger als das Geländemodell",
}
LABELS_EN: dict[Kind, str] = {
    "dam": "dam in the way of the water",
    "spike": "single spike",
    "pit": "single pit",
    "block": "building without footprint",
    "new_building": "building newer than the terrain model",
}
SUGGESTION_DE, SUGGESTION_EN = "Vorschlag, vor Ort prüfen", "suggestion, check on site"

Point = tuple[float, float]


@dataclass(frozen=True)
class CulvertProposal:
    """A pipe through a ridge: `line` from the pit to lower ground (CRS of the terrain), inverts in m at both ends.

    The size is a guess (`ridge.guess_size`) and says so wherever it is shown.
    """

    line: tuple[Point, Point]
    width_m: float
    inverts_m: Point
    shape: Literal["circular", "box"] = "circular"
    height_m: float | None = None
    blockage: float = 0.0
    roughness_n: float = 0.013

    def as_dict(self, id: str, note: str) -> dict[str, Any]:
        """As an entry of `surface.culverts` of a scenario."""
        return {
            "id": id,
            "title": note,
            "line": [list(p) for p in self.line],
            "shape": self.shape,
            "width_m": self.width_m,
            "height_m": self.width_m if self.height_m is None else self.height_m,
            "inverts_m": list(self.inverts_m),
            "length_m": round(shapely.LineString(self.line).length, 2),
            "roughness_n": self.roughness_n,
            "blockage": self.blockage,
        }


@dataclass(frozen=True)
class CutProposal:
    """The ground lowered along `line` over `width_m` to a bottom straight between both ends, m."""

    line: tuple[Point, Point]
    width_m: float
    bottom_m: Point

    def as_dict(self, id: str, note: str) -> dict[str, Any]:
        """As an entry of `terrain.corrections` of a scenario."""
        return {
            "id": id,
            "note": note,
            "line": [list(p) for p in self.line],
            "width_m": self.width_m,
            "bottom_m": list(self.bottom_m),
        }


Proposal = CulvertProposal | CutProposal


@dataclass(frozen=True)
class Fault:
    """One finding of the terrain doctor.

    x, y: where to go and look (CRS of the terrain). geometry: the water that a
    dam holds back, else the cell or the outline. water_held_m3: what the
    proposal would let go when the sink is full (0 where no water is held);
    size_m: depth of the fill at a dam, else how far the place stands out.
    ridge_width_m: of a dam at half its height, None for others. crossed_by:
    roads and streams that cross the ridge there, by name. evidence: 0 to 1,
    how much speaks for a fault (`evidence.weigh`). sentence_de, sentence_en: for people.
    """

    kind: Kind
    x: float
    y: float
    geometry: shapely.Geometry
    water_held_m3: float
    size_m: float
    sentence_de: str
    sentence_en: str
    ridge_width_m: float | None = None
    crossed_by: tuple[str, ...] = ()
    evidence: float = 1.0
    proposal: Proposal | None = None

    @property
    def score(self) -> float:
        """By this the list is ranked: water held back, m³, weighed by the evidence."""
        return self.water_held_m3 * self.evidence


def ranked(faults: list[Fault]) -> list[Fault]:
    """Most water first; where none is held, what stands out most."""
    return sorted(faults, key=lambda f: (-f.score, -f.size_m, f.x, f.y))
