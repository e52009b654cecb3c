"""A place where the terrain model probably lies, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import shapely

from flood_sim.terrain.doctor import sentences
from flood_sim.terrain.doctor.proposal import Proposal

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
BEFORE_DE, BEFORE_EN = f" {SUGGESTION_DE}: ", f" {SUGGESTION_EN.capitalize()}: "


@dataclass(frozen=True)
class Fault:
    """One finding of the terrain doctor.

    x, y: where to go and look (CRS of the terrain). geometry: the water that a
    dam holds back, else the cell or the outline. water_held_m3: what the
    proposal would let go when the sink is full (0 where no water is held);
    size_m: depth of the fill at a dam, else how far the place stands out.
    ridge_width_m: of a dam at half its height, None for others. crossed_by:
    roads and streams that cross the ridge there, by name. evidence: 0 to 1,
    how much speaks for a fault (`evidence.weigh`). finding_de, finding_en: what
    was found, for people; `sentence_de` and `sentence_en` say with it what is proposed now.
    """

    kind: Kind
    x: float
    y: float
    geometry: shapely.Geometry
    water_held_m3: float
    size_m: float
    finding_de: str
    finding_en: str
    ridge_width_m: float | None = None
    crossed_by: tuple[str, ...] = ()
    evidence: float = 1.0
    proposal: Proposal | None = None

    @property
    def sentence_de(self) -> str:
        return self.finding_de + (BEFORE_DE + self._words[0] if self._words else "")

    @property
    def sentence_en(self) -> str:
        return self.finding_en + (BEFORE_EN + self._words[1] if self._words else "")

    @property
    def _words(self) -> tuple[str, str] | None:
        return None if self.proposal is None else sentences.proposed(self.proposal, lower=self.kind == "spike")

    @property
    def score(self) -> float:
        """By this the list is ranked: water held back, m³, weighed by the evidence."""
        return self.water_held_m3 * self.evidence


def ranked(faults: list[Fault]) -> list[Fault]:
    """Most water first; where none is held, what stands out most."""
    return sorted(faults, key=lambda f: (-f.score, -f.size_m, f.x, f.y))
