"""Starkregenindex (SRI) 1 to 12 after Schmitt et al. 2018: local, by the rain statistics of a place.

Index 1 to 7 are classes of the return period T, each up to and including its
upper bound; index 8 to 12 are classes of the factor on the depth of T = 100 a.
Where the published factors leave a gap, a factor belongs to the class below
the next one (1.395 is 8, 2.79 is 11); a depth above that of T = 100 a and
below 1.2 times it is 8, because its return period is above 100 a. Less than
the depth of T = 1 a has no index (0).

Every index and every depth names the statistics behind it: by another table of
the same place the same rain may belong to another class.

Source: Schmitt et al. 2018, KA 65(2), 113-120; bounds and factors as in the public package
intensity_duration_frequency_analysis (heavy_rainfall_index.py), method as described by Universität Freiburg (sri_bw).
The table of 2015, which holds for every place, is another thing: rain.starkregenindex_2015.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flood_sim.errors import ScenarioError
from flood_sim.rain.statistics import SAME, RainStatistics

METHOD_DE = "Starkregenindex nach Schmitt 2018 (ortsbezogen)"
METHOD_EN = "Starkregenindex after Schmitt 2018 (local)"


@dataclass(frozen=True)
class IndexClass:
    """One of the twelve classes. Up to index 7 it ends at the return period `until_a`, and `anchor_a` stands for it;
    from index 8 on it begins at `factor` times the depth of T = 100 a, published up to `until_factor`."""

    index: int
    word_de: str
    word_en: str
    colour: str
    until_a: float | None = None
    anchor_a: float | None = None
    factor: float | None = None
    until_factor: float | None = None


_HEAVY, _INTENSE = ("Starkregen", "heavy rain"), ("intensiver Starkregen", "intense heavy rain")
_RARE, _EXTREME = (
    ("außergewöhnlicher Starkregen", "exceptional heavy rain"),
    ("extremer Starkregen", "extreme heavy rain"),
)

CLASSES: tuple[IndexClass, ...] = (
    IndexClass(1, *_HEAVY, "#b0e619", until_a=2, anchor_a=2),
    IndexClass(2, *_HEAVY, "#ccff99", until_a=5, anchor_a=5),
    IndexClass(3, *_INTENSE, "#e6ff4d", until_a=10, anchor_a=10),
    IndexClass(4, *_INTENSE, "#fff400", until_a=25, anchor_a=25),
    IndexClass(5, *_INTENSE, "#ffa000", until_a=30, anchor_a=30),
    IndexClass(6, *_RARE, "#ff5600", until_a=75, anchor_a=50),
    IndexClass(7, *_RARE, "#ff2800", until_a=100, anchor_a=100),
    IndexClass(8, *_EXTREME, "#f71e3d", factor=1.2, until_factor=1.39),
    IndexClass(9, *_EXTREME, "#ff1a63", factor=1.4, until_factor=1.59),
    IndexClass(10, *_EXTREME, "#f70982", factor=1.6, until_factor=2.19),
    IndexClass(11, *_EXTREME, "#eb15bf", factor=2.2, until_factor=2.78),
    IndexClass(12, *_EXTREME, "#bd1cdc", factor=2.8),
)
TOP_A = 100.0
"""Return period whose depth the factors of index 8 to 12 multiply."""


@dataclass(frozen=True)
class Starkregenindex:
    """The index of a depth, with the statistics behind it. index 0: below the depth of T = 1 a.

    return_period_a: of the depth, None above T = 100 a (an extreme rain is given none). factor: depth over the depth
    of T = 100 a, None where the statistics do not reach 100 a.
    """

    index: int
    depth_mm: float
    duration_min: float
    statistics: str
    statistics_en: str
    return_period_a: float | None
    factor: float | None
    mark: str | None = None

    @property
    def word_de(self) -> str:
        return CLASSES[self.index - 1].word_de if self.index else "unter Starkregenindex 1"

    @property
    def word_en(self) -> str:
        return CLASSES[self.index - 1].word_en if self.index else "below index 1"

    @property
    def text_de(self) -> str:
        shown = f"SRI {self.index}, {self.word_de}" if self.index else self.word_de
        return f"{shown}: {_de(self.depth_mm)} l/m² in {self.duration_min:g} min nach {self.statistics} (Schmitt 2018)"

    @property
    def text_en(self) -> str:
        shown = f"SRI {self.index}, {self.word_en}" if self.index else self.word_en
        return f"{shown}: {self.depth_mm:.4g} mm in {self.duration_min:g} min by {self.statistics_en} (Schmitt 2018)"


@dataclass(frozen=True)
class IndexDepths:
    """Depths in mm that have an index: above lower_mm (index 8 on: from it on), up to upper_mm (None: no end).

    anchor_mm is the published value that stands for the class: T = 50 a for index 6, its upper bound for the other
    classes up to 7, its lowest published factor from 8 on.
    """

    index: int
    lower_mm: float
    upper_mm: float | None
    anchor_mm: float
    duration_min: float
    statistics: str
    statistics_en: str
    mark: str | None = None


def index_of(depth_mm: float, duration_min: float, statistics: RainStatistics) -> Starkregenindex:
    """Starkregenindex of a depth [mm] that falls in a duration [min]; ScenarioError where the statistics end."""
    if not (math.isfinite(depth_mm) and depth_mm >= 0):
        raise ScenarioError(
            "a depth of rain must not be negative",
            where="Starkregenindex",
            value=f"{depth_mm:g} mm",
            allowed="0 or more",
        )
    last = statistics.return_periods_a[-1]
    top = statistics.depth_mm(duration_min, TOP_A) if last >= TOP_A * (1 - SAME) else None
    years = statistics.return_period_a(depth_mm, duration_min)
    if top is not None and depth_mm > top * (1 + SAME):
        index = max((c.index for c in CLASSES if c.factor and depth_mm >= c.factor * top * (1 - SAME)), default=8)
        return _found(index, depth_mm, duration_min, statistics, None, depth_mm / top)
    if math.isinf(years) or (years == 0 and statistics.return_periods_a[0] > 1):
        side = "above" if math.isinf(years) else "below"
        raise ScenarioError(
            f"the depth lies {side} what the statistics hold for this duration, so it has no index by them",
            where=statistics.name,
            value=f"{depth_mm:g} mm in {duration_min:g} min",
            allowed=f"return periods {statistics.return_periods_a[0]:g} to {last:g} a",
            hint="Use statistics that hold T = 1 to 100 a, such as KOSTRA-DWD",
        )
    index = next((c.index for c in CLASSES if c.until_a and years <= c.until_a * (1 + SAME)), 7) if years else 0
    return _found(index, depth_mm, duration_min, statistics, years or None, depth_mm / top if top else None)


def depths_of(index: int, duration_min: float, statistics: RainStatistics) -> IndexDepths:
    """Depths [mm] in a duration [min] that have this Starkregenindex; ScenarioError for an index that is none."""
    if isinstance(index, bool) or index not in range(1, 13):
        raise ScenarioError("no such Starkregenindex", where="Starkregenindex", value=index, allowed="1 to 12")
    one = CLASSES[int(index) - 1]
    if one.until_a is not None and one.anchor_a is not None:
        below = CLASSES[one.index - 2].until_a if one.index > 1 else 1.0
        lower, upper, anchor = (statistics.depth_mm(duration_min, t) for t in (below or 1.0, one.until_a, one.anchor_a))
        return _depths(one.index, lower, upper, anchor, duration_min, statistics)
    top = statistics.depth_mm(duration_min, TOP_A)
    factor = one.factor or 1.0
    then = CLASSES[one.index].factor if one.index < 12 else None
    lower = top if one.index == 8 else factor * top
    return _depths(one.index, lower, then * top if then else None, factor * top, duration_min, statistics)


def why_indices_differ(
    one: RainStatistics, other: RainStatistics, duration_min: float, return_period_a: float
) -> tuple[str, str]:
    """One sentence, German and English: what two statistics say of the same rain, and what follows for the index."""
    a, b = (s.depth_mm(duration_min, return_period_a) for s in (one, other))
    return (
        f"Für {duration_min:g} min und T {return_period_a:g} nennt {one.name} {_de(a)} l/m² und {other.name} "
        f"{_de(b)} l/m² (Verhältnis {_de(a / b, 2)}): derselbe Regen hat deshalb je nach Statistik einen anderen "
        "Starkregenindex, und jeder Index gilt nur mit der Statistik, die dabeisteht.",
        f"For {duration_min:g} min and T {return_period_a:g} a, {one.name_en} gives {a:.1f} mm and {other.name_en} "
        f"{b:.1f} mm (ratio {a / b:.2f}): the same rain therefore has another Starkregenindex by each, and an index "
        "holds only with the statistics named beside it.",
    )


def _found(
    index: int, depth: float, duration: float, statistics: RainStatistics, years: float | None, factor: float | None
) -> Starkregenindex:
    names = (statistics.name, statistics.name_en)
    return Starkregenindex(index, float(depth), float(duration), *names, years, factor, statistics.mark)


def _depths(
    index: int, lower: float, upper: float | None, anchor: float, duration: float, statistics: RainStatistics
) -> IndexDepths:
    names = (statistics.name, statistics.name_en)
    return IndexDepths(index, lower, upper, anchor, float(duration), *names, statistics.mark)


def _de(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace(".", ",")
