"""Rain statistics of one place: how much rain in which time belongs to which return period.

A number out of a statistics never travels alone: it carries the name of the
statistics and the tolerance that its publisher states.

Between the return periods of the table the depth is linear in ln T, the form
h(D, T) = u(D) + w(D) ln T of DWA-A 531 (2012), by which KOSTRA-DWD-2010R was made; for
KOSTRA-DWD-2020, made with another distribution, it is an interpolation
between its close return periods. Between the durations ln h is linear in ln D,
the double-logarithmic form of DWA-A 531 (5.2.1). Outside the table there is no
answer: an error says where it ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flood_sim.errors import ScenarioError
from flood_sim.rain.curves import STEP_MIN, DepthDurationCurve

STANDARD_MIN = (
    5,
    10,
    15,
    20,
    30,
    45,
    60,
    90,
    120,
    180,
    240,
    360,
    540,
    720,
    1080,
    1440,
    2880,
    4320,
    5760,
    7200,
    8640,
    10080,
)
"""Durations in minutes for which KOSTRA-DWD gives values; a curve has a value at each of them."""

SAME = 1e-9
"""Relative difference below which two durations or return periods are the same one."""


@dataclass(frozen=True)
class RainValue:
    """A depth with what it takes to judge it.

    tolerance_percent: by how much the depth may be off, either way, as the
    publisher of the statistics states; None where nobody stated it. exact: the
    value stands in the table, it is not interpolated.
    """

    depth_mm: float
    tolerance_percent: float | None
    duration_min: float
    return_period_a: float
    statistics: str
    statistics_en: str
    exact: bool
    mark: str | None = None

    @property
    def range_mm(self) -> tuple[float, float] | None:
        """Lowest and highest depth within the tolerance."""
        if self.tolerance_percent is None:
            return None
        part = self.tolerance_percent / 100.0
        return self.depth_mm * (1.0 - part), self.depth_mm * (1.0 + part)

    @property
    def text_de(self) -> str:
        tolerance = (
            "Toleranzbereich nicht angegeben"
            if self.tolerance_percent is None
            else f"Toleranzbereich ±{self.tolerance_percent:.3g} %"
        )
        depth = f"{self.depth_mm:.1f}".replace(".", ",")
        return f"{depth} l/m² in {self.duration_min:g} min, T {self.return_period_a:g} nach {self.statistics} ({tolerance})"

    @property
    def text_en(self) -> str:
        tolerance = (
            "tolerance not stated" if self.tolerance_percent is None else f"tolerance ±{self.tolerance_percent:.3g} %"
        )
        return (
            f"{self.depth_mm:.1f} mm in {self.duration_min:g} min, "
            f"T {self.return_period_a:g} a by {self.statistics_en} ({tolerance})"
        )


@dataclass(frozen=True, eq=False)
class RainStatistics:
    """Table of rain depths [mm], durations [min] by return periods [a], for one place.

    depths_mm and tolerance_percent have the shape (durations, return periods);
    a tolerance that is not stated is nan. Both axes rise, and so does the
    depth along both (it may stay equal). mark: what about the values is not
    verified. ScenarioError names the row of a table that is none.
    """

    name: str
    durations_min: tuple[float, ...]
    return_periods_a: tuple[float, ...]
    depths_mm: np.ndarray
    source: str
    licence: str = "not stated"
    tolerance_percent: np.ndarray | None = None
    mark: str | None = None
    name_en: str = ""

    def __post_init__(self) -> None:
        shape = (len(self.durations_min), len(self.return_periods_a))
        depths = np.array(self.depths_mm, dtype=float)
        if depths.shape != shape or 0 in shape:
            raise self._wrong("the table has another shape than its axes", str(depths.shape), f"{shape}")
        given = np.full(shape, np.nan) if self.tolerance_percent is None else self.tolerance_percent
        tolerance = np.array(np.broadcast_to(np.asarray(given, dtype=float), shape))
        for name, axis in (("durations", self.durations_min), ("return periods", self.return_periods_a)):
            if not all(math.isfinite(v) and v > 0 for v in axis) or any(
                b <= a for a, b in zip(axis, axis[1:], strict=False)
            ):
                raise self._wrong(f"the {name} must be positive and rise", ", ".join(f"{v:g}" for v in axis))  # fmt: skip
        for row, duration in zip(depths, self.durations_min, strict=True):
            if not np.all(np.isfinite(row)) or np.any(row <= 0) or np.any(np.diff(row) < 0):
                raise self._wrong(
                    f"the depths for {duration:g} min must be positive and must not fall with the return period",
                    ", ".join(f"{v:g}" for v in row),
                )
        falling = np.argwhere(np.diff(depths, axis=0) < 0)
        if len(falling):
            i, k = falling[0]
            raise self._wrong(
                f"the depth falls with the duration, from {self.durations_min[i]:g} to {self.durations_min[i + 1]:g} min"
                f" at T = {self.return_periods_a[k]:g} a",
                f"{depths[i, k]:g} mm, then {depths[i + 1, k]:g} mm",
            )
        if np.any(tolerance < 0) or np.any(tolerance >= 100):
            raise self._wrong("a tolerance is given in percent", f"{np.nanmax(np.abs(tolerance)):g}", "0 up to 100 %")
        for array in (depths, tolerance):
            array.setflags(write=False)
        object.__setattr__(self, "depths_mm", depths)
        object.__setattr__(self, "tolerance_percent", tolerance)
        object.__setattr__(self, "name_en", self.name_en or self.name)

    def value(self, duration_min: float, return_period_a: float) -> RainValue:
        """Depth and tolerance for a duration [min] and a return period [a]; ScenarioError outside the table.

        Between two values of the table the larger of their tolerances holds.
        """
        i, a = self._place("duration", "min", self.durations_min, duration_min)
        k, b = self._place("return period", "a", self.return_periods_a, return_period_a)
        logs = np.log(self.depths_mm)
        near = logs[i] if a == 0 else (1.0 - a) * logs[i] + a * logs[i + 1]  # of every return period at this duration
        row = np.exp(near) if a else self.depths_mm[i]
        depth = row[k] if b == 0 else (1.0 - b) * row[k] + b * row[k + 1]
        cells = self._tolerance[i : i + 1 + (a > 0), k : k + 1 + (b > 0)]
        tolerance = None if np.isnan(cells).any() else float(cells.max())
        return RainValue(
            depth_mm=float(depth),
            tolerance_percent=tolerance,
            duration_min=float(duration_min),
            return_period_a=float(return_period_a),
            statistics=self.name,
            statistics_en=self.name_en,
            exact=a == 0 and b == 0,
            mark=self.mark,
        )

    def depth_mm(self, duration_min: float, return_period_a: float) -> float:
        """The depth of `value` alone."""
        return self.value(duration_min, return_period_a).depth_mm

    def reaches(self, duration_min: float, return_period_a: float) -> bool:
        """Whether the table holds this duration [min] and return period [a], or values on both sides of them."""
        asked = ((self.durations_min, duration_min), (self.return_periods_a, return_period_a))
        return all(axis[0] * (1 - SAME) <= value <= axis[-1] * (1 + SAME) for axis, value in asked)

    def return_period_a(self, depth_mm: float, duration_min: float) -> float:
        """Return period [a] of a depth in a duration; 0 below the table's first, inf above its last."""
        row = [self.depth_mm(duration_min, t) for t in self.return_periods_a]
        if depth_mm < row[0] * (1.0 - SAME):
            return 0.0
        if depth_mm > row[-1] * (1.0 + SAME):
            return math.inf
        return float(np.exp(np.interp(depth_mm, row, np.log(self.return_periods_a))))

    def curve(self, return_period_a: float, duration_min: float | None = None) -> DepthDurationCurve:
        """Depth over duration for one return period, for a model rain Euler type II.

        It has a value at every duration of the table, at KOSTRA's durations
        between them and at `duration_min`, so that the model rain of that
        duration holds the very depth that `value` gives.
        """
        if self.durations_min[0] > STEP_MIN:
            raise ScenarioError(
                "the statistics begin above the 5 minutes that the peak of a model rain Euler type II needs",
                where=self.name,
                value=f"{self.durations_min[0]:g} min",
                allowed=f"a table from {STEP_MIN:g} min on",
                hint="Add the shorter durations, or give depth and duration only (euler_ii with depth_mm): "
                "then the shipped curve is scaled to them",
            )
        first, last = self.durations_min[0], self.durations_min[-1]
        nodes = {*self.durations_min, *(float(d) for d in STANDARD_MIN if first < d < last)}
        nodes |= set() if duration_min is None else {float(duration_min)}
        durations = tuple(sorted(nodes))
        depths = tuple(self.depth_mm(d, return_period_a) for d in durations)
        year = f"T {return_period_a:g}"
        return DepthDurationCurve(f"{self.name}, {year}", f"{self.name_en}, {year}", durations, depths)

    def euler_ii(self, duration_min: float, return_period_a: float, **more: Any) -> dict[str, Any]:
        """The `storm` of a Scenario: model rain Euler type II with this duration and return period."""
        curve = self.curve(return_period_a, duration_min)
        pairs = [
            [d, round(h, 3)]
            for d, h in zip(curve.durations_min, curve.depths_mm, strict=True)
            if d <= duration_min * (1 + SAME)
        ]
        own = {"kind": "euler_ii", "duration_min": float(duration_min), "curve": pairs}
        return {**own, "statistics": self.name, "return_period_a": float(return_period_a), **more}

    def block(self, duration_min: float, return_period_a: float, **more: Any) -> dict[str, Any]:
        """The `storm` of a Scenario: block rain with the depth of this duration and return period."""
        depth = round(self.depth_mm(duration_min, return_period_a), 3)
        own = {"kind": "block", "depth_mm": depth, "duration_min": float(duration_min)}
        return {**own, "statistics": self.name, "return_period_a": float(return_period_a), **more}

    def frame(self) -> pd.DataFrame:
        """The depths in mm as a table to look at: a row for each duration [min], a column for each return period [a]."""
        rows = pd.Index(self.durations_min, name="duration_min")
        return pd.DataFrame(self.depths_mm, rows, pd.Index(self.return_periods_a, name="return_period_a"))

    @property
    def _tolerance(self) -> np.ndarray:
        return np.asarray(self.tolerance_percent)

    def _place(self, what: str, unit: str, axis: tuple[float, ...], value: float) -> tuple[int, float]:
        """Row at or below the value, and the logarithmic part of the way to the next one (0: the row itself)."""
        if not math.isfinite(value) or not axis[0] * (1 - SAME) <= value <= axis[-1] * (1 + SAME):
            only = f"{axis[0]:g}" if len(axis) == 1 else f"{axis[0]:g} to {axis[-1]:g}"
            raise ScenarioError(
                f"the statistics do not reach this {what}",
                where=self.name,
                value=f"{value:g} {unit}",
                allowed=f"{only} {unit}",
                hint=f"Values beyond a table are not made up: use statistics that hold this {what}",
            )
        for i, known in enumerate(axis):
            if abs(value - known) <= SAME * known:
                return i, 0.0
        i = int(np.searchsorted(axis, value)) - 1
        return i, math.log(value / axis[i]) / math.log(axis[i + 1] / axis[i])

    def _wrong(self, what: str, value: str, allowed: str | None = None) -> ScenarioError:
        return ScenarioError(what, where=f"rain statistics {self.name}", value=value, allowed=allowed)
