"""What the heights tell: values that no terrain has, single cells that stand out, wrong units.

The raster is scanned strip by strip, so that a DEM larger than the memory can
be checked while it is averaged to coarser cells.
"""

from __future__ import annotations

import numpy as np

from flood_sim.terrain import hints
from flood_sim.terrain.findings import Finding
from flood_sim.terrain.header import Header

LOWEST_M, HIGHEST_M = -500.0, 9000.0
SPIKE_M = 100.0
IMPOSSIBLE_SPIKE_M = 1000.0
"""Towers and cranes of a surface model reach some 100 m; nothing single stands 1000 m above its neighbours."""
_AT_ONCE = 500_000
_RING = tuple((dr, dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if (dr, dc) != (0, 0))


class HeightScan:
    """Statistics of all heights of a raster, fed strip by strip from north to south."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.valid = 0
        self.lowest, self.highest = np.inf, -np.inf
        self._lowest_not_zero = np.inf
        self._zeros = 0
        self._whole = True
        self._infinite: list[str] = []
        self._infinite_count = 0
        self._absurd: list[tuple[float, str]] = []
        self._absurd_count = 0
        self._absurd_values: set[float] = set()
        self._pairs = self._steep = 0
        self._spikes = 0
        self._worst_spike: tuple[float, float, str] | None = None
        self._above = np.full((1, header.cols), np.nan)
        self._next_row = 0

    def add(self, values: np.ndarray) -> None:
        """Take the next rows; infinite values are counted and turned into NaN in place."""
        infinite = np.isinf(values)
        if infinite.any():
            self._infinite_count += int(infinite.sum())
            self._infinite.append(self._place(infinite))
            values[infinite] = np.nan
        finite = values[~np.isnan(values)]
        if finite.size:
            self._add_range(values, finite)
        self._add_neighbours(np.concatenate((self._above, values)), self._next_row - len(self._above))
        self._above = np.concatenate((self._above, values))[-2:]
        self._next_row += len(values)

    def finish(self) -> list[Finding]:
        """Everything found; the file is known to hold at least one height."""
        blank = np.full((1, self.header.cols), np.nan)
        self._add_neighbours(np.concatenate((self._above, blank)), self._next_row - len(self._above), last=True)
        return [*self._values_found(), *self._spikes_found(), *self._doubts()]

    def units_doubted(self) -> list[Finding]:
        """Asked only where cells are measured in metres: is the relief absurd against the extent?"""
        extent = max(self.header.rows, self.header.cols) * self.header.cell
        relief = self.highest - self.lowest
        steep = self._steep / max(self._pairs, 1)
        if self._absurd_count or (relief <= extent and steep <= 0.5):
            return []
        what = f"{relief:,.0f} m of relief over {extent:,.0f} m of terrain"
        if relief <= extent:
            what = f"{steep:.0%} of the ground is steeper than 45 degrees"
        text = f"{what}: the heights are probably not in metres (centimetres, millimetres, feet?)"
        return [Finding("units", "warning", text, hints.to_metres(self.header, None))]

    def _place(self, cells: np.ndarray) -> str:
        row, col = divmod(int(cells.argmax()), cells.shape[1])
        return self.header.place(self._next_row + row, col)

    def _add_range(self, values: np.ndarray, finite: np.ndarray) -> None:
        low, high = float(finite.min()), float(finite.max())
        self.valid += finite.size
        self.lowest, self.highest = min(self.lowest, low), max(self.highest, high)
        if low == 0.0:
            self._zeros += int((finite == 0.0).sum())
            low = float(finite.min(initial=np.inf, where=finite != 0.0))
        self._lowest_not_zero = min(self._lowest_not_zero, low)
        self._whole = self._whole and bool((finite == np.rint(finite)).all())
        if self.lowest < LOWEST_M or self.highest > HIGHEST_M:
            with np.errstate(invalid="ignore"):
                absurd = (values < LOWEST_M) | (values > HIGHEST_M)
            if absurd.any():
                found = values[absurd]
                self._absurd_count += found.size
                self._absurd.append((float(found[0]), self._place(absurd)))
                self._absurd_values.update(float(v) for v in np.unique(found)[:3])

    def _add_neighbours(self, z: np.ndarray, first: int, last: bool = False) -> None:
        """Steps and spikes in all rows of `z` but its first and last; row 0 of `z` is row `first` of the raster."""
        with np.errstate(invalid="ignore"):
            across = np.abs(z[:, 1:] - z[:, :-1])
            down = np.abs(z[1:] - z[:-1])
            self._pairs += int(np.isfinite(down).sum())
            self._steep += int((down > self.header.cell).sum())
            jumps = np.zeros(z.shape, dtype=bool)
            jumps[:, 1:] |= across > SPIKE_M
            jumps[:, :-1] |= across > SPIKE_M
            jumps[1:] |= down > SPIKE_M
            jumps[:-1] |= down > SPIKE_M
        rows, cols = np.nonzero(jumps[1:-1])
        for at in range(0, rows.size, _AT_ONCE):
            self._judge(z, rows[at : at + _AT_ONCE] + 1, cols[at : at + _AT_ONCE], first)

    def _judge(self, z: np.ndarray, rows: np.ndarray, cols: np.ndarray, first: int) -> None:
        """Compare the suspects with the median of their up to eight neighbours."""
        wide = np.pad(z, ((0, 0), (1, 1)), constant_values=np.nan)
        ring = np.stack([wide[rows + dr, cols + 1 + dc] for dr, dc in _RING])
        enough = np.isfinite(ring).sum(axis=0) >= 3
        rows, cols, ring = rows[enough], cols[enough], ring[:, enough]
        if not rows.size:
            return
        out = z[rows, cols] - np.nanmedian(ring, axis=0)
        tall = np.abs(out) > SPIKE_M
        self._spikes += int(tall.sum())
        if tall.any():
            worst = int(np.abs(out).argmax())
            if self._worst_spike is None or abs(out[worst]) > abs(self._worst_spike[0]):
                row, col = int(rows[worst]), int(cols[worst])
                self._worst_spike = (float(out[worst]), float(z[row, col]), self.header.place(first + row, col))

    def _values_found(self) -> list[Finding]:
        found = []
        if self._infinite_count:
            text = f"{self._infinite_count:,} cells hold an infinite height, the first in {self._infinite[0]}"
            hint = "Set them to the no-data value of the file; a hole can then be filled or masked"
            found.append(Finding("infinite", "error", text, hint))
        if self._absurd_count:
            value, place = self._absurd[0]
            text = (
                f"{self._absurd_count:,} cells hold heights that the Earth does not have, the first {value:g} m in {place}"
                f"; {LOWEST_M:g} to {HIGHEST_M:g} m are possible"
            )
            hint = "Are the heights in centimetres, millimetres or feet? Convert them to metres"
            if len(self._absurd_values) == 1:
                hint = hints.mark_no_data(self.header, value)
            found.append(Finding("absurd_height", "error", text, hint))
        return found

    def _spikes_found(self) -> list[Finding]:
        if self._worst_spike is None or self._absurd_count:
            return []
        out, value, place = self._worst_spike
        number = "a single cell stands" if self._spikes == 1 else f"{self._spikes:,} single cells stand"
        text = (
            f"{number} out from the neighbours by more than {SPIKE_M:g} m, "
            f"the worst by {out:+.0f} m ({value:.1f} m) in {place}"
        )
        impossible = abs(out) > IMPOSSIBLE_SPIKE_M
        hint = "Set such cells to the no-data value; a hole can then be filled"
        return [Finding("spike", "error" if impossible else "warning", text, hint)]

    def _doubts(self) -> list[Finding]:
        found = []
        if self.lowest == self.highest:
            text = f"all heights are the same ({self.lowest:g} m): the terrain is flat"
            found.append(Finding("flat", "warning", text, "Right for a test; a real DEM is never flat"))
        elif self._whole:
            text = "all heights are whole metres: the ground has steps of 1 m, which steer and hold water"
            found.append(Finding("whole_metres", "warning", text, "Use a DEM with heights in centimetres or finer"))
        if self._zeros and np.isfinite(self._lowest_not_zero) and self._lowest_not_zero > 20.0:
            text = (
                f"{self._zeros:,} cells are exactly 0 m high while all others lie above {self._lowest_not_zero:.0f} m"
            )
            found.append(Finding("zeros", "warning", text, hints.mark_no_data(self.header, 0.0)))
        return found
