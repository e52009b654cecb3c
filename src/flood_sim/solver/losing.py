"""The losses of the ground in force on a state: when a pass is due, what it needs, what it booked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.backends.cpu import ground as loops
from flood_sim.backends.cpu import losses
from flood_sim.backends.cpu.engine import in_turn
from flood_sim.backends.layout import make_spans
from flood_sim.kernels.constants import G
from flood_sim.solver.rain_field import falling

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.ground import Ground

INNER = (slice(1, -1), slice(1, -1))
INTERVAL_S, INTERVAL_STEPS, LONGEST_S = 1.0, 6, 5.0
"""A pass is due after so many seconds and so many steps, or after the longest; a river is emptied at every step.

In six steps a wave crosses at most 3.6 cells, and in five seconds the heaviest rain brings a tenth of a millimetre.
"""
LINES = ("wetting_m3", "infiltration_m3", "sewer_flat_m3", "sewer_capacity_m3", "river_m3")
"""Of the Ledger, in the order of the columns of the sums."""
NOWHERE = (np.empty(0, np.int64), np.empty(0, np.int64))


class Losing:
    """Takes at time t what the ground took since the last pass: the water of that time has arrived, and some has left.

    until: up to when losses are taken and booked, s; a river's always up to now.
    """

    springs = NOWHERE

    def __init__(self, law: Ground, domain: Domain, state: State) -> None:
        self._law, self._domain, self._state = law, domain, state
        active, zones = np.pad(domain.active, 1), law.zones
        dtype = state.h.dtype.type
        self._spans = make_spans(active)
        blocks, cols = self._spans.block.size - 1, active.shape[1]
        self._rules = loops.Rules(
            bool(zones.wetting.any()), _kind(law), bool(zones.flat.any()), bool(zones.capacity.any()),
            law.depth_dependent,
        )  # fmt: skip
        self._lasting = _lasting(law, self._rules.kind, dtype)
        n = zones.size
        # the zone after the last is that of cells where no water can be: all its parameters are 0
        zone = np.full(active.shape, n, np.uint8 if n < 256 else np.uint16)
        np.copyto(zone[INNER], law.zone, where=domain.active, casting="same_kind")
        self._rains = self._rules.flat or self._rules.kind == loops.CURVE_NUMBER

        def room(needed: bool) -> np.ndarray:
            return np.zeros(active.shape if needed else (1, 1), dtype)

        self._arrays = loops.Losses(
            zone, room(self._rules.wetting), room(self._rules.kind > loops.STEADY), room(self._rains),
            *(np.ones((active.shape[0], cols // loops.STRETCH + 2), bool) for _ in range(2)),
        )  # fmt: skip
        if self._rules.wetting:
            np.take(np.append(zones.wetting, 0.0).astype(dtype), zone, out=self._arrays.left)
        if self._rules.kind == loops.HORTON:
            self._arrays.soil[:] = 1.0
        where = np.nonzero((zones.river > 0.0)[law.zone] & domain.active)
        self._river = tuple((k + 1).astype(np.int32) for k in where)
        self._work = loops.allocate_ground(blocks, cols - 2, dtype)
        self._sums: np.ndarray = np.zeros((blocks, loops.LINES))
        self.until, self._steps = 0.0, 0
        self._rain_until = -math.inf if self._rains else math.inf
        self.roughen()

    def roughen(self) -> None:
        """Set the roughness of every cell for its depth, where it follows the depth; a pass does so later."""
        if self._rules.roughness:
            loops.set_roughness(self._state, self._arrays, self._table(0.0), self._work.own[0])

    def supply(self, t: float) -> float:
        return 0.0

    def act(self, t: float, dt: float) -> None:
        # a pass sees one rate of rain
        other_rain = t >= self._rain_until
        if self._due(t - self.until) or (other_rain and t > self.until):
            self._pass(t - self.until)
            self.until, self._steps = t, 0
        if other_rain:
            self._lay(t)
        if self._river[0].size:
            self._sums[0, loops.RIVER] += loops.empty_rivers(self._state, *self._river)
        self._steps += 1

    def booked(self) -> Mapping[str, float]:
        volumes = self._sums.sum(axis=0) * self._domain.cell**2
        return dict(zip(LINES, volumes.tolist(), strict=True))

    def memory(self) -> dict[str, np.ndarray]:
        kept = {"since": np.array([self.until, self._steps]), "sums": self._sums}
        named = {"left": self._arrays.left, "soil": self._arrays.soil, "gn2": self._state.gn2}
        return kept | {name: named[name] for name in self._kept}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        self.until, self._steps = float(memory["since"][0]), int(memory["since"][1])
        self._sums[:] = memory["sums"]
        for name, array in (("left", self._arrays.left), ("soil", self._arrays.soil), ("gn2", self._state.gn2)):
            if name in self._kept:
                array[:] = memory[name]
        self._arrays.wet[:] = self._arrays.due[:] = True
        if self._rains:
            self._lay(self.until)

    @property
    def _kept(self) -> list[str]:
        """Arrays that change."""
        rules = self._rules
        needed = {"left": rules.wetting, "soil": rules.kind > loops.STEADY, "gn2": rules.roughness}
        return [name for name, is_needed in needed.items() if is_needed]

    def _lay(self, t: float) -> None:
        rain = self._domain.rain
        falling(rain, t).lay(self._domain.rain_weight, self._domain.under_the_sky, self._arrays.rain[INNER])
        self._rain_until = rain.valid_until(t)

    def _due(self, elapsed: float) -> bool:
        return elapsed >= LONGEST_S or (elapsed >= INTERVAL_S and self._steps >= INTERVAL_STEPS)

    def _pass(self, dt: float) -> None:
        with in_turn(self._state.h.dtype.type):
            loops.take_losses(
                self._state,
                self._spans,
                self._arrays,
                self._table(dt),
                self._rules,
                self._state.h.dtype.type(dt),
                self._work,
                self._sums,
            )

    def _table(self, dt: float) -> np.ndarray:
        """What a pass of dt s needs to know of each zone, (TABLE_ROWS, zones + 1); the last zone is of zeros."""
        z = self._law.zones
        table = self._lasting.copy()
        rows = table[:, :-1]
        rows[losses.CAPACITY] = z.capacity * dt
        kind = self._rules.kind
        if kind == loops.STEADY:
            rows[losses.BASE] = z.unsealed * np.where(z.c > 0.0, z.b, z.a) * dt
        elif kind == loops.HORTON:
            worn = -np.expm1(-z.c * dt)
            # (1 - exp(-k dt)) / k is dt where k is 0
            mean = np.divide(worn, z.c, out=np.full(z.size, dt), where=z.c > 0.0)
            rows[losses.BASE] = z.unsealed * z.b * dt
            rows[losses.GAIN] = z.unsealed * (z.a - z.b) * mean
            rows[losses.WORN] = worn
        elif kind == loops.GREEN_AMPT:
            rows[losses.STEADY] = z.a * dt
        return table


def _lasting(law: Ground, kind: int, dtype: type) -> np.ndarray:
    """The table of the zones with what no time enters."""
    z = law.zones
    table: np.ndarray = np.zeros((losses.TABLE_ROWS, z.size + 1), dtype)
    rows = table[:, :-1]
    rows[losses.FLAT], rows[losses.THRESHOLD] = z.flat, z.threshold
    rows[losses.SHALLOW], rows[losses.DEEP] = z.shallow * math.sqrt(G), z.deep * math.sqrt(G)
    if kind == loops.GREEN_AMPT:
        rows[losses.UNSEALED], rows[losses.SUCTION] = z.unsealed, z.b
    elif kind == loops.CURVE_NUMBER:
        rows[losses.UNSEALED], rows[losses.RETENTION], rows[losses.ABSTRACTION] = z.unsealed, z.a, z.b
    return table


def _kind(law: Ground) -> int:
    """Number of the kind of infiltration in the loops; none where no zone takes anything."""
    z = law.zones
    if law.infiltration == "none" or not (z.unsealed > 0.0).any():
        return loops.NONE
    if law.infiltration == "horton":
        return loops.STEADY if ((z.a == z.b) | (z.c == 0.0)).all() else loops.HORTON
    return {"green_ampt": loops.GREEN_AMPT, "curve_number": loops.CURVE_NUMBER}[law.infiltration]
