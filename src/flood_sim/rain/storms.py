"""From a Storm of the scenario to rain rates over time.

The Simulation asks for a value and how long it stays valid, so that no time
step has to straddle a change of the rain.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.rain.curves import SHIPPED, STEP_MIN, DepthDurationCurve
from flood_sim.scenario import BlockRain, EulerII, NoRain, RunOff, Storm, TableRain

NARROW = "\u202f"


@dataclass(frozen=True)
class Hyetograph:
    """Rain rate as a step function of time, the same over the whole model.

    `edges_s` are the n+1 edges [s after the start of the run] of n intervals,
    the first is 0; `rates_m_s` the rate in each [m/s]. After the last edge it
    is dry. `label` is German, `label_en` English.
    """

    edges_s: tuple[float, ...]
    rates_m_s: tuple[float, ...]
    label: str
    label_en: str

    @property
    def total_m(self) -> float:
        """Depth of the whole storm in m."""
        return math.fsum(r * (b - a) for r, (a, b) in zip(self.rates_m_s, pairwise(self.edges_s), strict=True))

    @property
    def end_s(self) -> float:
        """When the rain stops."""
        return self.edges_s[-1]

    def rate_until(self, t: float) -> tuple[float, float]:
        """Rate [m/s] at time t [s] and the time at which it changes next (inf if never)."""
        k = bisect_right(self.edges_s, t) - 1
        if k < 0:
            return 0.0, self.edges_s[0]
        if k >= len(self.rates_m_s):
            return 0.0, math.inf
        return self.rates_m_s[k], self.edges_s[k + 1]

    def rate_at(self, t: float) -> float:
        """Rate [m/s] at time t [s]; at an edge the rate of the interval that begins there."""
        return self.rate_until(t)[0]


Design = BlockRain | TableRain | EulerII
"""Storms that somebody designed: of these the climate surcharge and the names hold."""


def hyetograph(storm: Storm) -> Hyetograph:
    """Rain rates and honest label of a storm that is the same everywhere.

    The label begins with the name under which the storm was published, if it
    has one, and names the statistics behind its depth and a climate surcharge.
    ScenarioError if no curve reaches its duration, or if it varies in space.
    """
    match storm:
        case NoRain():
            return Hyetograph((0.0,), (), "kein Regen", "no rain")
        case BlockRain():
            return _steps((0.0, storm.duration_min), (storm.depth_mm,), storm, "Blockregen", "block rain")
        case TableRain(edges_min=edges, depths_mm=depths):
            if edges[0] > 0:
                edges, depths = (0.0, *edges), (0.0, *depths)
            return _steps(edges, depths, storm, "Regenverlauf nach Tabelle", "rain from a table")
        case EulerII():
            return _euler_ii(storm)
        case RunOff():
            kind_de = "Abflusswert: Versickerung, Anfangsverlust und Kanal sind schon abgezogen"
            kind_en = "run-off value: infiltration, initial loss and sewer are already taken off"
            return _steps((0.0, storm.duration_min), (storm.depth_mm,), storm, kind_de, kind_en)
        case _:
            raise ScenarioError(
                "a measured storm has no single hyetograph", where="storm", value=f"kind {storm.kind}",
                hint="It is read as a rain field over time and space (flood_sim.rain.field)",
            )  # fmt: skip


def euler_ii(increments_mm: np.ndarray) -> np.ndarray:
    """Model rain Euler type II: order the 5-minute increments of a curve around the peak.

    The peak interval begins at 0.3 D rounded down to 5 minutes. The k intervals
    before it and the peak itself hold the k+1 largest increments in ascending
    order, the rest follow in descending order; the sum stays what it was.
    Source: DWA-A 118 (2006); the public package
    `intensity_duration_frequency_analysis` gives the same order for 60 and 120 min.
    """
    before_peak = (3 * len(increments_mm)) // 10
    descending = np.sort(increments_mm)[::-1]
    return np.concatenate([descending[: before_peak + 1][::-1], descending[before_peak + 1 :]])


def _euler_ii(storm: EulerII) -> Hyetograph:
    curve = SHIPPED
    named_de, named_en = f"Verlauf nach {SHIPPED.name}", f"shape of {SHIPPED.name_en}"
    if storm.curve is not None:
        durations, depths = zip(*storm.curve, strict=True)
        if (durations, depths) != (SHIPPED.durations_min, SHIPPED.depths_mm):
            curve = DepthDurationCurve("aus dem Szenario", "of the scenario", durations, depths)
            known = storm.statistics is not None  # named once, behind
            named_de = "" if known else "Verlauf nach angegebener Regenstatistik"
            named_en = "" if known else "shape of the statistics given"
    increments = curve.increments_mm(storm.duration_min)
    if storm.depth_mm is not None:
        factor = storm.depth_mm / float(curve.depths_at(np.array([storm.duration_min]))[0])
        increments = increments * factor
        if abs(factor - 1.0) > 1e-9:
            named_de = f"Verlauf skaliert nach {SHIPPED.name}"
            named_en = f"shape scaled from {SHIPPED.name_en}"
    edges = tuple(STEP_MIN * i for i in range(len(increments) + 1))
    depths_mm = tuple(float(d) for d in euler_ii(increments))
    kind_de = f"Modellregen Euler Typ II ({named_de})" if named_de else "Modellregen Euler Typ II"
    kind_en = f"Euler type II ({named_en})" if named_en else "Euler type II"
    return _steps(edges, depths_mm, storm, kind_de, kind_en)


def _steps(
    edges_min: tuple[float, ...], depths_mm: tuple[float, ...], storm: Design | RunOff, kind_de: str, kind_en: str
) -> Hyetograph:
    factor = 1.0 if isinstance(storm, RunOff) else storm.factor
    edges = tuple(60.0 * e for e in edges_min)
    rates = tuple(factor * d / 1000.0 / (b - a) for d, (a, b) in zip(depths_mm, pairwise(edges), strict=True))
    total, minutes = f"{factor * math.fsum(depths_mm):.4g}", f"{edges_min[-1]:g}"
    names_de, names_en = ([], []) if isinstance(storm, RunOff) else _names(storm)
    published = [storm.label] if storm.label else []
    de = [f"{_comma(total)}{NARROW}l/m² in {_comma(minutes)}{NARROW}min", kind_de]
    en = [f"{total} mm in {minutes} min", kind_en]
    return Hyetograph(edges, rates, ", ".join(published + de + names_de), ", ".join(published + en + names_en))


def _names(storm: Design) -> tuple[list[str], list[str]]:
    """Return period and statistics, which hold without the surcharge, and the surcharge; German and English."""
    de, en = [], []
    years = "" if storm.return_period_a is None else f"T {storm.return_period_a:g}"
    if storm.statistics:
        de.append(f"{years} nach {storm.statistics}".strip())
        en.append(f"{years} by {storm.statistics}".strip())
    elif years:
        de.append(years)
        en.append(years)
    if storm.surcharge_percent:
        percent = f"{storm.surcharge_percent:+g}".replace("-", "−")
        de.append(f"mit Klimazuschlag {_comma(percent)}{NARROW}%")
        en.append(f"with climate surcharge {percent} %")
    return de, en


def _comma(number: str) -> str:
    return number.replace(".", ",")
