"""With measures minus without: where less water stands, where more, and which buildings notice."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from flood_sim.results.at_walls import at_walls, footprints
from flood_sim.results.cog import write_cog
from flood_sim.results.comparable import BESIDES, check_comparable, differences, rung_of
from flood_sim.results.dataset import Result
from flood_sim.results.measured import Measured
from flood_sim.results.parts import Part, parts
from flood_sim.variables import DIFFERENCE
from flood_sim.wording import counted, hectares_de, hectares_en

COUNTS_M = 0.05
"""A smaller difference is noise: a DGM1 is good to 15 to 20 cm (rule of wording)."""
DEPTHS_M = (0.1, 0.3, 0.5)
AFFECTED_M = 0.1
ROWS = 512
BESIDES_NAMES = {
    "terrain": ("Gelände", "terrain"), "surface": ("Oberfläche", "surface"), "boundaries": ("Ränder", "boundaries"),
    "initial": ("Wasser zu Beginn", "water at the start"),
}  # fmt: skip
WATER_LAW_DE = (
    "§ 37 WHG regelt den Wasserabfluss zwischen Grundstücken. Die Liste sagt, wo die Rechnung mehr Wasser zeigt; "
    "eine rechtliche Bewertung ist sie nicht."
)
WATER_LAW_EN = (
    "§ 37 WHG (German water act) governs the run-off between properties. The list says where the computation shows more "
    "water; it is no legal assessment."
)


@dataclass(frozen=True)
class Building:
    """Water at the wall of one building, m, without and with the measures."""

    id: str
    without_m: float
    with_m: float

    @property
    def difference_m(self) -> float:
        return self.with_m - self.without_m


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two results of the same terrain and storm: `without` (Bestand) and `with_measures` (mit Maßnahme).

    Cells that can hold water in only one of both, such as those of a building that a threshold opens, have no difference
    and count in no figure.
    """

    without: Result
    with_measures: Result

    def __post_init__(self) -> None:
        check_comparable(self.without, self.with_measures)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.without.grid.shape

    def __getitem__(self, part: Part) -> np.ndarray:
        """Largest depth with minus without, m, float32; 0 where the difference does not count, NaN where not both can hold water."""
        before, after = self._both(part)
        return _counting(after - before)

    @cached_property
    def buildings(self) -> tuple[Building, ...]:
        """Every building with open ground beside it."""
        ids, shapes = footprints(self.without)
        both = [at_walls(_Depth(self, k), self.without.grid, ids, shapes).depth_m for k in (0, 1)]
        return tuple(
            Building(name, float(a), float(b)) for name, a, b in zip(ids, *both, strict=True) if not np.isnan(a + b)
        )

    @property
    def worse(self) -> list[Building]:
        """At least 5 cm more water at the wall; the most affected first."""
        return sorted((b for b in self.buildings if b.difference_m >= COUNTS_M), key=lambda b: -b.difference_m)

    @property
    def better(self) -> list[Building]:
        """At least 5 cm less water at the wall; the most relieved first."""
        return sorted((b for b in self.buildings if b.difference_m <= -COUNTS_M), key=lambda b: b.difference_m)

    @cached_property
    def figures(self) -> dict[str, Any]:
        """Areas in ha, buildings in numbers."""
        area = self.without.grid.cell**2 / 1e4
        less = more = more_inside = 0
        wet = {name: dict.fromkeys(DEPTHS_M, 0) for name in ("without", "with")}
        measured = Measured(self.without, self.with_measures)
        for part in parts(self.shape, ROWS):
            inside = measured[part]
            both = self._both(part)
            difference = _counting(both[1] - both[0])
            more_here = difference >= COUNTS_M
            less += int((difference <= -COUNTS_M).sum())
            more_inside += int((more_here & inside).sum())
            more += int((more_here & ~inside).sum())
            for name, depth in zip(("without", "with"), both, strict=True):
                for edge in DEPTHS_M:
                    wet[name][edge] += int((depth >= edge).sum())
        deep = {
            f"ha_from_{edge * 100:.0f}_cm": {name: round(cells[edge] * area, 3) for name, cells in wet.items()}
            for edge in DEPTHS_M
        }
        return {
            "counts_from_cm": COUNTS_M * 100,
            "less_water_ha": round(less * area, 3),
            "more_water_ha": round(more * area, 3),
            "more_water_in_measures_ha": round(more_inside * area, 3),
            **deep,
            "buildings": len(self.buildings),
            "affected_buildings": {
                "without": sum(b.without_m >= AFFECTED_M for b in self.buildings),
                "with": sum(b.with_m >= AFFECTED_M for b in self.buildings),
            },
            "buildings_worse": len(self.worse),
            "buildings_better": len(self.better),
        }

    def sentences(self) -> dict[str, list[str]]:
        """What to say, disadvantages first."""
        f = self.figures
        worse, better = f["buildings_worse"], f["buildings_better"]
        more, less = f["more_water_ha"], f["less_water_ha"]
        rungs = [rung_of(result) for result in (self.without, self.with_measures)]
        if rungs[0] != rungs[1]:
            return _neutral(
                f"zwei Arten der Rechnung derselben Maßnahmen: von „{rungs[0][0]}“ zu „{rungs[1][0]}“",
                f"two ways of computing the same measures, from “{rungs[0][1]}” to “{rungs[1][1]}”", f,
            )  # fmt: skip
        if differ := {where.split(".")[0] for where, _, _ in differences(self.without, self.with_measures)}:
            names = [BESIDES_NAMES[part] for part in BESIDES if part in differ]
            return _neutral(
                f"zwei Rechnungen derselben Maßnahmen mit anderen Angaben: {', '.join(de for de, _ in names)}",
                f"two runs of the same measures that differ in: {', '.join(en for _, en in names)}", f,
            )  # fmt: skip
        de = [
            f"Nachteile: an {counted(worse, 'Gebäude', 'Gebäuden')} steht mind. 5 cm mehr Wasser, "
            f"auf {hectares_de(more)} außerhalb der Maßnahmen.",
            f"Vorteile: an {counted(better, 'Gebäude', 'Gebäuden')} steht mind. 5 cm weniger Wasser, "
            f"auf {hectares_de(less)}.",
            WATER_LAW_DE,
        ]
        en = [
            f"Disadvantages: at least 5 cm more water at {counted(worse, 'building', 'buildings')}, "
            f"on {hectares_en(more)} outside the measures.",
            f"Advantages: at least 5 cm less water at {counted(better, 'building', 'buildings')}, on {hectares_en(less)}.",
            WATER_LAW_EN,
        ]
        return {"de": de, "en": en}

    def write(self, folder: str | Path) -> Path:
        """difference.tif (m, COG), buildings.csv (Nachteile first) and comparison.json; each appears whole."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tif = folder / f".difference.{os.getpid()}.tif"
        try:
            write_cog(tif, self, DIFFERENCE, self.without.grid, {"COUNTS_FROM_M": f"{COUNTS_M:g}"})
            tif.replace(folder / "difference.tif")
        finally:
            tif.unlink(missing_ok=True)
        rows = [*self.worse, *self.better]
        table = folder / ".buildings.csv"
        with table.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["id", "without_cm", "with_cm", "difference_cm"])
            out.writerows([b.id, *(f"{100 * v:.1f}" for v in (b.without_m, b.with_m, b.difference_m))] for b in rows)
        table.replace(folder / "buildings.csv")
        told = {
            "without": self.without.manifest["content_id"], "with": self.with_measures.manifest["content_id"],
            "figures": self.figures, "sentences": self.sentences(),
        }  # fmt: skip
        text = folder / ".comparison.json"
        text.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return text.replace(folder / "comparison.json")

    def _both(self, part: Part) -> tuple[np.ndarray, np.ndarray]:
        """Largest depths without and with, m; NaN in both where one of them can hold no water."""
        before, after = (np.asarray(r.dataset["max_depth"][part].values) for r in (self.without, self.with_measures))
        shared = ~(np.isnan(before) | np.isnan(after))
        return np.where(shared, before, np.float32(np.nan)), np.where(shared, after, np.float32(np.nan))


def _counting(difference: np.ndarray) -> np.ndarray:
    """Float32, with 0 where it is noise."""
    return np.where(np.abs(difference) < COUNTS_M, 0.0, difference).astype(np.float32)


def _neutral(what_de: str, what_en: str, f: dict[str, Any]) -> dict[str, list[str]]:
    """Two answers for the same measures: neither is an advantage."""
    worse, better = f["buildings_worse"], f["buildings_better"]
    return {
        "de": [
            f"Verglichen sind {what_de}.",
            f"An {counted(worse, 'Gebäude', 'Gebäuden')} steht mind. 5 cm mehr Wasser, an {better} mind. 5 cm weniger.",
        ],
        "en": [
            f"Compared are {what_en}.",
            f"At least 5 cm more water at {counted(worse, 'building', 'buildings')}, at least 5 cm less at {better}.",
        ],
    }


class _Depth:
    """The largest depth of one of both results (0: without, 1: with) where both can hold water, read part by part."""

    def __init__(self, comparison: Comparison, which: int) -> None:
        self._comparison, self._which = comparison, which

    @property
    def shape(self) -> tuple[int, ...]:
        return self._comparison.shape

    def __getitem__(self, part: Part) -> np.ndarray:
        return self._comparison._both(part)[self._which]
