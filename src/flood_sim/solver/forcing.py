"""Water that comes from above and from area inflows: the source array, and what it adds up to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.rain_field import DRY, Fall, Falling, falling

INNER = (slice(1, -1), slice(1, -1))


class Forcing:
    """Sets the source array (m/s, padded) of a state.

    springs: rows and columns (padded) of cells that laws give water to: their source is the rain again before
    each step, and the laws add to it. fall: the rain on all cells together, m/s (a metre of it on a cell is cell^2 m3). until:
    when the rain changes or a series has a kink next, s.
    """

    def __init__(
        self, domain: Domain, source: np.ndarray, springs: Sequence[tuple[np.ndarray, np.ndarray]] = ()
    ) -> None:
        self.domain, self.source = domain, source
        poured = [*((i.rows, i.cols) for i in domain.inflows), *((rows - 1, cols - 1) for rows, cols in springs)]
        self._poured = _once(poured, domain.active.shape)
        self.fall = Fall(0.0, 0.0, 0.0)
        self.rain_until = self.until = -1.0
        self._falling: Falling = DRY

    def begin(self, t: float) -> bool:
        """Set what holds from t on; whether the rain is another than before."""
        fresh = t >= self.rain_until
        if fresh:
            d = self.domain
            self._falling, self.rain_until = falling(d.rain, t), d.rain.valid_until(t)
            self.fall = self._falling.lay(d.rain_weight, d.under_the_sky, self.source[INNER])
        kinks = [inflow.discharge.valid_until(t) for inflow in self.domain.inflows]
        self.until = min([self.rain_until, *kinks])
        return fresh

    def forget(self) -> None:
        """The clock was set to another time: look anew what holds then."""
        self.rain_until = -1.0

    def pour(self, a: float, b: float) -> float:
        """Add the mean of every area inflow from a to b to its cells; all of them together, m3/s."""
        rows, cols = self._poured
        if rows.size:
            self.source[rows + 1, cols + 1] = self.rain_at(rows, cols)
        for inflow in self.domain.inflows:  # areas may overlap
            self.source[inflow.rows + 1, inflow.cols + 1] += self._depth_rate(inflow, a, b)
        return sum(inflow.discharge.mean(a, b) for inflow in self.domain.inflows)

    def rain_at(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """What the rain now gives to some cells, roof water with it, m/s."""
        return np.asarray(self._falling.at(rows, cols) * self.domain.rain_weight[rows, cols])

    def supply_between(self, a: float, b: float) -> float:
        """The most that a cell may get from a to b, m/s, as if all areas overlapped where the rain is heaviest."""
        return self.fall.heaviest + sum(self._depth_rate(inflow, a, b) for inflow in self.domain.inflows)

    def _depth_rate(self, inflow: AreaInflow, a: float, b: float) -> float:
        """Mean depth that an inflow adds to each of its cells from a to b, m/s."""
        return inflow.discharge.mean(a, b) / (inflow.rows.size * self.domain.cell**2)


def _once(places: Sequence[tuple[np.ndarray, np.ndarray]], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of every cell that is named, each once."""
    flat = [np.asarray(rows, np.int64) * shape[1] + cols for rows, cols in places]
    rows, cols = np.divmod(np.unique(np.concatenate([np.empty(0, np.int64), *flat])), shape[1])
    return rows, cols
