"""The Starkregenindex of 2015: one table of depths for every place, for 60 and 240 minutes.

Not the index of 2018, which is in use for hazard maps and depends on the place
(rain.starkregenindex). Its depths are much higher: 90 mm in 1 h are index 8
here, and index 10 by KOSTRA-DWD in Wuppertal. Every value says which table it
is from. The published table does not tell index 1, 2 and 3 apart.

Source: Schmitt 2015, table `schmitt_ortsunabhaengig_2015` of the public package intensity_duration_frequency_analysis.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from flood_sim.errors import ScenarioError

NAME_DE = "Schmitt 2015 (ortsunabhängig)"
NAME_EN = "Schmitt 2015 (the same for every place)"

EDGES_MM: dict[int, tuple[float, ...]] = {
    60: (15, 30, 40, 50, 60, 75, 100, 130, 160, 200),
    240: (20, 45, 55, 60, 75, 85, 120, 150, 180, 220),
}
"""Depth in mm at which a class begins, by duration in minutes: index 1 to 3 together, then 4, 5, ... 12."""

CLASSES: tuple[tuple[int, int], ...] = ((1, 3), *((i, i) for i in range(4, 13)))


@dataclass(frozen=True)
class Index2015:
    """First and last index of the class of a depth; both 0 below the table."""

    lowest: int
    highest: int
    depth_mm: float
    duration_min: int

    @property
    def text_de(self) -> str:
        depth = f"{self.depth_mm:.4g}".replace(".", ",")
        return f"{self._shown('unter')}: {depth} l/m² in {self.duration_min} min nach {NAME_DE}"

    @property
    def text_en(self) -> str:
        return f"{self._shown('below')}: {self.depth_mm:.4g} mm in {self.duration_min} min by {NAME_EN}"

    def _shown(self, below: str) -> str:
        if not self.highest:
            return f"{below} SRI 1"
        return f"SRI {self.lowest}" if self.lowest == self.highest else f"SRI {self.lowest}–{self.highest}"


def index_2015(depth_mm: float, duration_min: float) -> Index2015:
    """Index of 2015 of a depth [mm] in 60 or 240 min; a depth on an edge belongs to the higher class."""
    if duration_min not in EDGES_MM:
        raise ScenarioError(
            "the table of 2015 has no such duration",
            where=NAME_EN,
            value=f"{duration_min:g} min",
            allowed="60 or 240 min",
            hint="For other durations use the local index of 2018 with rain statistics",
        )
    if not (math.isfinite(depth_mm) and depth_mm >= 0):
        raise ScenarioError("a depth of rain must not be negative", where=NAME_EN, value=f"{depth_mm:g} mm")
    k = bisect_right(EDGES_MM[int(duration_min)], depth_mm) - 1
    lowest, highest = CLASSES[k] if k >= 0 else (0, 0)
    return Index2015(lowest, highest, float(depth_mm), int(duration_min))


def depths_2015(index: int, duration_min: float) -> tuple[float, float]:
    """Lowest depth [mm] of an index and the one at which the next begins (inf: no end); 1, 2 and 3 share theirs."""
    if isinstance(index, bool) or index not in range(1, 13):
        raise ScenarioError("no such Starkregenindex", where=NAME_EN, value=index, allowed="1 to 12")
    index_2015(0.0, duration_min)
    edges = (*EDGES_MM[int(duration_min)], math.inf)
    k = next(i for i, (low, high) in enumerate(CLASSES) if low <= index <= high)
    return edges[k], edges[k + 1]
