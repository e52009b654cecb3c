"""What would put a wrong place of the terrain right: a pipe, or ground lowered along a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import shapely

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
