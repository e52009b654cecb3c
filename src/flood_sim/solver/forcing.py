"""Water that comes from above and from area inflows: the source array, and what it adds up to."""

from __future__ import annotations

import numpy as np

from flood_sim.solver.domain import AreaInflow, Domain

INNER = (slice(1, -1), slice(1, -1))


class Forcing:
    """Sets the source array (m/s, padded) of a state.

    rate: rain now, m/s. supply: the largest on a cell by rain, m/s. until: when
    the rain changes or a series has a kink next, s.
    """

    def __init__(self, domain: Domain, source: np.ndarray) -> None:
        self.domain, self.source = domain, source
        self.rate = self.supply = 0.0
        self.rain_until = self.until = -1.0
        self._heaviest = float(domain.rain_weight.max())

    def begin(self, t: float) -> bool:
        """Set what holds from t on; whether the rain is another than before."""
        fresh = t >= self.rain_until
        if fresh:
            rain = self.domain.rain
            self.rate, self.rain_until = rain.at(t), rain.valid_until(t)
            # in float64 and rounded once, without an array of that size
            weight, out = self.domain.rain_weight, self.source[INNER]
            np.multiply(weight, self.rate, out=out, dtype=np.float64, casting="unsafe")
            self.supply = self.rate * self._heaviest
        kinks = [inflow.discharge.valid_until(t) for inflow in self.domain.inflows]
        self.until = min([self.rain_until, *kinks])
        return fresh

    def forget(self) -> None:
        """The clock was set to another time: look anew what holds then."""
        self.rain_until = -1.0

    def pour(self, a: float, b: float) -> float:
        """Add the mean of every area inflow from a to b to its cells; all of them together, m3/s."""
        weight = self.domain.rain_weight
        for inflow in self.domain.inflows:
            self.source[inflow.rows + 1, inflow.cols + 1] = self.rate * weight[inflow.rows, inflow.cols]
        for inflow in self.domain.inflows:  # areas may overlap
            self.source[inflow.rows + 1, inflow.cols + 1] += self._depth_rate(inflow, a, b)
        return sum(inflow.discharge.mean(a, b) for inflow in self.domain.inflows)

    def supply_between(self, a: float, b: float) -> float:
        """The most that a cell may get from a to b, m/s, as if all areas overlapped where the rain is heaviest."""
        return self.supply + sum(self._depth_rate(inflow, a, b) for inflow in self.domain.inflows)

    def _depth_rate(self, inflow: AreaInflow, a: float, b: float) -> float:
        """Mean depth that an inflow adds to each of its cells from a to b, m/s."""
        return inflow.discharge.mean(a, b) / (inflow.rows.size * self.domain.cell**2)
