"""The CUDA backend as one object: a state on the card that advances by itself.

The host orders steps in batches and does not wait for them: how long each is,
and when enough are made, is decided on the card. After each batch the clock is
copied out; the host reads one while the next batch runs.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import config, cuda

from flood_sim.backends.cpu.look import fastest_face, first_bad
from flood_sim.backends.cuda import layout
from flood_sim.backends.cuda.arrays import Frame, get_state, metered, put_state, water_on_card
from flood_sim.backends.cuda.clock import begin, pour, turn_clock
from flood_sim.backends.cuda.driven import Driven
from flood_sim.backends.cuda.layout import Timing
from flood_sim.backends.cuda.staging import Frozen, Staging
from flood_sim.backends.cuda.step import ROWS, cells, faces
from flood_sim.backends.cuda.survey import BLOCKS, survey
from flood_sim.backends.layout import Border, Maxima, Meter, Segment, State

BLOCK = (12, 1) if config.ENABLE_CUDASIM else (32, 8)
"""Threads of a block along a row and across; of each the simulator makes a thread of the system."""
THREADS = BLOCK[0] * BLOCK[1]
BATCH = 32
"""Most steps between two looks at the clock."""


@dataclass(frozen=True)
class Look:
    """The clock as it was after some step; valid once waited for."""

    clock: np.ndarray = field(default_factory=lambda: cuda.pinned_array(layout.CLOCK, np.float64))
    flags: np.ndarray = field(default_factory=lambda: cuda.pinned_array(layout.FLAGS, np.int32))
    copied: Any = field(default_factory=lambda: cuda.event())

    @property
    def lost(self) -> bool:
        return bool(self.flags[layout.LOST])

    @property
    def ended(self) -> bool:
        return self.lost or not self.clock[layout.T] < self.clock[layout.END]


class CudaEngine:
    """Steps one state on the card; the host's arrays are what `fetch` last brought."""

    device = "cuda"
    threads = 1

    def __init__(
        self, state: State, border: Border, maxima: Maxima, meter: Meter, active: np.ndarray, cell: float, *,
        areas: Sequence[tuple[np.ndarray, np.ndarray]], entering: int, record: bool, threshold: float,
        courant: float, max_step: float, absurd: float,
    ) -> None:  # fmt: skip
        """active: padded mask. areas: padded rows and columns of each area inflow; entering: borders with a discharge."""
        self.state, self.border, self.maxima, self.meter = state, border, maxima, meter
        self._active, self._record, self._threshold = active, record, np.float32(threshold)
        self.stream = cuda.stream()
        self._frame = frame = Frame(state.h.shape, THREADS)
        ny, nx = state.h.shape[0] - 2, state.h.shape[1] - 2
        self._across = -(-(nx + 1) // BLOCK[0])
        self._down = -(-ny // (BLOCK[1] * ROWS))
        self._sizes = (np.int32(ny), np.uint64(frame.row), np.int32(self._down))
        self._water = water_on_card(frame)
        self._maxima = Maxima(*(frame.allocate(1 if record else 0) for _ in Maxima._fields))
        self._driven = Driven(frame, border, areas, entering)
        self._metered = metered(frame, meter)
        clock = np.zeros(layout.CLOCK)
        clock[layout.SHORTEST] = np.inf
        clock[layout.REACH], clock[layout.CELL] = courant * cell, cell
        clock[layout.MAX_STEP], clock[layout.ABSURD] = max_step, absurd
        self._timing = Timing(
            cuda.to_device(clock), cuda.to_device(np.zeros(layout.FLAGS, np.int32)),
            cuda.to_device(np.zeros(layout.PACE, np.float32)),
            cuda.to_device(np.zeros(self._across * self._down, np.float32)),
        )  # fmt: skip
        self._looks = deque(Look() for _ in range(3))
        self.seen = self._looks[0]
        self.step_kernels = self.kernels()
        self._staging: Staging | None = None
        self._fetched: set[str] = set()
        """What of the host's arrays is as on the card."""

    # -- to and from the host ----------------------------------------------

    @property
    def poured(self) -> np.ndarray:
        """Positions of the cells of area inflows in the host's flat arrays (ny+2, nx+2)."""
        return self._driven.cells

    def upload(self, *, t: float, steps: int, fastest: float, dt_before: float, shortest: float = math.inf) -> None:
        """Take the host's state, maxima and metered volumes as the present; `fastest`: its fastest wave, m/s."""
        self.stream.synchronize()
        put_state(self._frame, self._water, self.state, self._active)
        if self._record:
            for name in Maxima._fields:
                self._frame.put(getattr(self._maxima, name), getattr(self.maxima, name))
        self._put_volumes(self.meter.volume.copy(), np.zeros((self.meter.row.size, 2)))
        clock = self._timing.clock.copy_to_host()
        for place, value in (
            (layout.T, t), (layout.END, t), (layout.STEPS, steps), (layout.FASTEST, fastest),
            (layout.DT_BEFORE, dt_before), (layout.SHORTEST, shortest), (layout.DT, 0.0), (layout.RAINED_S, 0.0),
            (layout.POURED_M3, 0.0),
        ):  # fmt: skip
            clock[place] = value
        self._timing.clock.copy_to_device(clock)
        self._timing.flags.copy_to_device(np.zeros(layout.FLAGS, np.int32))
        self._fetched = {*State._fields, "maxima", "volume"}
        self.settle()

    def fetch(self, *names: str) -> None:
        """Bring arrays of the state, "maxima" or "volume" (of the meter) to the host, as they are now.

        What was brought since the last step is not brought again.
        """
        self.settle()
        missing = set(names) - self._fetched
        self._fetched |= missing
        turn = int(self.seen.flags[layout.TURN])
        get_state(self._frame, self._water, self.state, turn, missing.intersection(State._fields))
        if "maxima" in missing and self._record:
            for name in Maxima._fields:
                self._frame.get(getattr(self._maxima, name), getattr(self.maxima, name))
        if "volume" in missing:
            self.meter.volume[:] = self._volume_before
            np.add.at(self.meter.volume, self.meter.group, self._metered.volume.copy_to_host())

    def first_not_finite(self) -> tuple[str, int, int, float] | None:
        """Field, row, column (of the model) and value of the first value that is not finite."""
        if not self.seen.lost:  # the card looks at every step
            return None
        self.fetch("h", "u", "v")
        return first_bad(self.state)

    def fastest_cell(self) -> tuple[int, int, float]:
        """Row, column and speed of the fastest face."""
        self.fetch("u", "v")
        return fastest_face(self.state)

    def survey(self) -> tuple[float, float]:
        """Sum of the depths less their residuals, and the largest depth, m, without copying them to the host."""
        self.settle()
        offset = np.uint64(int(self.seen.flags[layout.TURN]) * self._frame.size)
        found = [cuda.device_array(BLOCKS, np.float64) for _ in range(2)]
        survey[BLOCKS, THREADS, self.stream, 16 * THREADS](self._water.h, self._water.residual, offset, *found)
        self.stream.synchronize()
        volumes, depths = (array.copy_to_host() for array in found)
        return float(volumes.sum()), float(depths.max())

    @property
    def bytes_per_cell(self) -> float:
        """Memory of the card per cell of the grid."""
        used = sum(array.nbytes for array in (*self._water, *self._maxima))
        return used / ((self._frame.rows - 2) * (self._frame.row - 2))

    def freeze(self) -> Frozen:
        """Begin to copy out depth and discharges as they are now; steps ordered from now on do not touch them."""
        self.settle()
        if self._staging is None:
            self._staging = Staging(self._frame, self.stream)
        return self._staging.take(self._water, int(self.seen.flags[layout.TURN]))

    def memory(self) -> dict[str, np.ndarray]:
        """What going on with the same bits needs besides the host's arrays and the clock."""
        self.settle()
        return {"volume_before": self._volume_before, "passed": self._metered.volume.copy_to_host()}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        """Take back what `memory` gave, after `upload`."""
        self._put_volumes(np.array(memory["volume_before"]), np.array(memory["passed"]))

    def _put_volumes(self, before: np.ndarray, passed: np.ndarray) -> None:
        """Volume of each metered group, and of each of its faces since then, m3."""
        self._volume_before = before
        if passed.size:
            self._metered.volume.copy_to_device(passed)

    def settle(self) -> None:
        """Wait until every step that was ordered is made, and read the clock."""
        self._read(self._order_look())

    # -- time ---------------------------------------------------------------

    @property
    def lost(self) -> bool:
        """Whether a value was not finite, or a wave absurd, when the clock was last seen."""
        return self.seen.lost

    def advance(
        self, end: float, segment: Segment, rain: float, rain_there: np.ndarray, source: np.ndarray | None,
        tick: Callable[[], None],
    ) -> None:  # fmt: skip
        """Step to `end` within a segment.

        rain: the largest on a cell, m/s; rain_there: on each cell of `poured`;
        source (ny+2, nx+2): on all, None where it did not change. `tick` runs after every look; then `seen` is a
        clock of a moment ago. A state that is lost stands still before `end`.
        """
        self._fetched.clear()
        if source is not None:
            self._frame.put(self._water.source, source)
        self._driven.put(segment, rain_there)
        begin[1, 1, self.stream](self._timing, end, segment.begin, segment.until, rain)
        turn_clock[1, THREADS, self.stream, 4 * THREADS](self._timing, self._driven.supply)
        ahead: deque[tuple[Look, int]] = deque()
        self.settle()
        while not self.seen.ended:
            count = self._left(end) - sum(n for _, n in ahead)
            if len(ahead) < len(self._looks) - 1 and (count > 0 or not ahead):
                count = min(max(count, 1), BATCH)
                for _ in range(count):
                    self._order_step()
                ahead.append((self._order_look(), count))
            else:
                self._read(ahead.popleft()[0])
                self._fetched.clear()
                tick()
        self.settle()

    def _left(self, end: float) -> int:
        """Steps to the end as they look from the clock last seen."""
        clock = self.seen.clock
        dt = clock[layout.DT] or clock[layout.DT_BEFORE]
        return math.ceil((end - clock[layout.T]) / dt) if dt > 0.0 else 1

    def kernels(self) -> dict[str, Callable[[], None]]:
        """The kernels of one step in their order; each call puts one into the queue of the card."""
        time, water, stream = self._timing, self._water, self.stream
        poured, open_, meter = self._driven.poured, self._driven.faces, self._metered
        recording = (self._record, self._threshold)
        pouring = pour[self._blocks(poured.cell.size), THREADS, stream]
        facing = faces[self._grid(open_.face.size), BLOCK, stream]
        summing = cells[self._grid(meter.face.size), BLOCK, stream, 4 * THREADS]
        turning = turn_clock[1, THREADS, stream, 4 * THREADS]
        found = {
            "faces": lambda: facing(water, open_, time, *self._sizes),
            "cells": lambda: summing(water, self._maxima, meter, time, *self._sizes, *recording),
            "clock": lambda: turning(time, self._driven.supply),
        }
        return {"pour": lambda: pouring(time, poured, water.source), **found} if poured.cell.size else found

    def _order_step(self) -> None:
        for launch in self.step_kernels.values():
            launch()

    def _blocks(self, count: int) -> int:
        return -(-count // THREADS)

    def _grid(self, extra: int) -> tuple[int, int]:
        """Blocks for the model, and below them for so many listed faces."""
        return self._across, self._down + -(-self._blocks(extra) // self._across)

    def _order_look(self) -> Look:
        self._looks.rotate(1)
        look = self._looks[0]
        self._timing.clock.copy_to_host(look.clock, stream=self.stream)
        self._timing.flags.copy_to_host(look.flags, stream=self.stream)
        look.copied.record(self.stream)
        return look

    def _read(self, look: Look) -> None:
        look.copied.synchronize()
        self.seen = look
