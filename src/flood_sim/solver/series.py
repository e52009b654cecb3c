"""Quantities over time as the solver needs them: means over a step, and until when they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from flood_sim.errors import ScenarioError

LARGEST = float(np.finfo(np.float32).max)
"""Beyond this a number is infinite to an engine that computes in single precision."""


@dataclass(frozen=True)
class Steps:
    """Constant between edges, zero outside. Rain: m/s over seconds."""

    edges: tuple[float, ...] = (0.0,)
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.values) + 1:
            raise ScenarioError(
                "n values need n+1 edges", where="Steps", value=f"{len(self.edges)} edges, {len(self.values)} values"
            )
        _check("Steps", self.edges, self.values)

    def at(self, t: float) -> float:
        """Value that holds from t on."""
        k = int(np.searchsorted(self.edges, t, side="right")) - 1
        return self.values[k] if 0 <= k < len(self.values) else 0.0

    def valid_until(self, t: float) -> float:
        """The next time after t at which the value may change; infinity after the last edge."""
        k = int(np.searchsorted(self.edges, t, side="right"))
        return self.edges[k] if k < len(self.edges) else np.inf


class Linear:
    """Linear between points; outside them constant, or zero where `zero_outside`."""

    def __init__(self, times: tuple[float, ...], values: tuple[float, ...], *, zero_outside: bool = False) -> None:
        if not len(times) or len(times) != len(values):
            raise ScenarioError(
                "each time needs a value", where="Linear", value=f"{len(times)} times, {len(values)} values"
            )
        _check("Linear", times, values)
        self.times = np.asarray(times, float)
        self.values = np.asarray(values, float)
        self._zero_outside = zero_outside
        parts = np.diff(self.times) * (self.values[1:] + self.values[:-1]) / 2
        self._sums = np.concatenate(([0.0], np.cumsum(parts)))

    def times_of(self, share: float) -> Linear:
        """The same with every value times `share`."""
        return Linear(tuple(self.times), tuple(self.values * share), zero_outside=self._zero_outside)

    def at(self, t: float) -> float:
        edge = 0.0 if self._zero_outside else None
        return float(np.interp(t, self.times, self.values, left=edge, right=edge))

    def _integral(self, t: float) -> float:
        """Integral from the first point to t, both inside the points."""
        k = min(max(int(np.searchsorted(self.times, t, side="right")) - 1, 0), len(self.times) - 1)
        return float(self._sums[k] + (t - self.times[k]) * (self.values[k] + self._inside(t)) / 2)

    def _inside(self, t: float) -> float:
        return float(np.interp(t, self.times, self.values))

    def mean(self, a: float, b: float) -> float:
        """Mean over [a, b], exact."""
        first, last = float(self.times[0]), float(self.times[-1])
        inside = self._integral(min(max(b, first), last)) - self._integral(min(max(a, first), last))
        if not self._zero_outside:
            inside += max(min(b, first) - a, 0.0) * self.values[0] + max(b - max(a, last), 0.0) * self.values[-1]
        return inside / (b - a)

    def valid_until(self, t: float) -> float:
        """The next point after t; steps end there so that no kink is averaged away."""
        k = int(np.searchsorted(self.times, t, side="right"))
        return float(self.times[k]) if k < len(self.times) else np.inf

    def valid_since(self, t: float) -> float:
        """The last point at or before t; minus infinity before the first."""
        k = int(np.searchsorted(self.times, t, side="right"))
        return float(self.times[k - 1]) if k else -np.inf

    def ends(self, a: float, b: float) -> tuple[float, float]:
        """Values just after a and just before b, where no point lies between."""
        if self._zero_outside and (b <= self.times[0] or a >= self.times[-1]):
            return 0.0, 0.0
        return self.at(a), self.at(b)


def _check(where: str, times: Sequence[float], values: Sequence[float]) -> None:
    """ScenarioError for a time or value that single precision calls infinite, and for times that do not increase."""
    for number in (*times, *values):
        if not abs(number) <= LARGEST:
            raise ScenarioError("every time and value must be finite", where=where, value=number)
    for earlier, later in pairwise(times):
        if not later > earlier:
            raise ScenarioError("times must increase", where=where, value=f"{later} after {earlier}")
