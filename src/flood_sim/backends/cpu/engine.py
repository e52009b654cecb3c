"""The CPU backend as one object: threads, working memory and the compiled step."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import nullcontext

import numba
import numpy as np

from flood_sim.backends.cpu.look import fastest_face, first_bad, not_finite
from flood_sim.backends.cpu.step import allocate_work, read_meter, step
from flood_sim.backends.cpu.tiles import TILE, look, make_tiles
from flood_sim.backends.layout import (
    Border,
    Maxima,
    Meter,
    Pace,
    Spans,
    State,
    allocate_maxima,
    allocate_state,
    make_spans,
)
from flood_sim.kernels.constants import G

_WORKQUEUE_LOCK = threading.Lock()


_LAYERS: dict[type, str] = {}


def _warm_up(dtype: type) -> str:
    """Compile, or load from the cache, everything a run calls, once; returns the threading layer."""
    if dtype in _LAYERS:
        return _LAYERS[dtype]
    state, maxima = allocate_state(4, 4, dtype), allocate_maxima(4, 4, dtype)
    integers: np.ndarray = np.zeros(8, np.int64)
    reals: np.ndarray = np.zeros(8, dtype)
    empty = {"start": integers, "index": integers[:0], "kind": integers[:0], "side": reals[:0], "value": reals[:0],
             "low": reals[:0], "high": reals[:0]}  # fmt: skip
    border = Border(*(empty[name.split("_")[1]] for name in Border._fields))
    meter = Meter(integers[:0], integers[:0], integers[:0], reals[:0], integers[:0], np.zeros((1, 2)))
    spans = make_spans(np.pad(np.ones((4, 4), bool), 1))
    work = allocate_work(1, 4, dtype)
    one = dtype(1.0)
    tiles = make_tiles(4, 4, border, [])
    with _WORKQUEUE_LOCK:
        look(state, tiles, True)
        step(state, border, maxima, spans, tiles, *work, Pace(*(one,) * 6), True, one, one)
    read_meter(state, meter, 1.0, 1.0)
    not_finite(state.h.ravel())
    _LAYERS[dtype] = str(numba.threading_layer())
    return _LAYERS[dtype]


def in_turn(dtype: type) -> threading.Lock | nullcontext:
    """To be held while parallel loops run: numba's own pool aborts the process when two threads enter it at once."""
    return _WORKQUEUE_LOCK if _warm_up(dtype) == "workqueue" else nullcontext()


class CpuEngine:
    """Steps one state. Not for use by two threads at once; two engines may run in two threads."""

    device = "cpu"
    lost = False

    def __init__(
        self, state: State, border: Border, maxima: Maxima, spans: Spans, meter: Meter, cell: float, *,
        record: bool, threshold: float, threads: int | None, areas: Iterable[tuple[np.ndarray, np.ndarray]] = (),
    ) -> None:  # fmt: skip
        """areas: rows and columns (padded) of the cells that each area inflow pours into."""
        self.state, self.border, self.maxima, self.spans, self.meter = state, border, maxima, spans, meter
        self._cell, self._record = cell, record
        self.record_every = 1  # steps; above 1 arrival and wet time are not kept, they need every step
        self._stepped = 0
        self._type = state.h.dtype.type
        self._threshold = self._type(threshold)
        blocks = spans.block.size - 1
        self.threads = min(threads or numba.config.NUMBA_NUM_THREADS, numba.config.NUMBA_NUM_THREADS, blocks)
        self._work, self._seams, self._fastest = allocate_work(blocks, state.h.shape[1] - 2, self._type)
        ny, nx = state.h.shape
        self._tiles = make_tiles(ny - 2, nx - 2, border, areas)
        self._known = 0  # steps for which the tiles awake are known
        self._everywhere = True
        self._guard = in_turn(self._type)

    def step(self, dt: float, t: float, before: float) -> float:
        """Advance by dt to time t, after a step `before` (0: the first), s; returns the fastest wave, m/s (NaN where the state is lost)."""
        f = self._type
        with self._guard:
            numba.set_num_threads(self.threads)
            if self._known == 0:
                look(self.state, self._tiles, self._everywhere)
                self._known, self._everywhere = TILE, False
            self._known -= 1
            record = self._record and self._stepped % self.record_every == 0
            self._stepped += 1
            step(
                self.state, self.border, self.maxima, self.spans, self._tiles, self._work, self._seams, self._fastest,
                self._pace(dt, before or dt), record, self._threshold, f(t),
            )  # fmt: skip
        read_meter(self.state, self.meter, dt, self._cell)
        return float(self._fastest.max())

    def rouse(self) -> None:
        """The state or its source was changed from outside: look everywhere for what can move."""
        self._known, self._everywhere = 0, True

    def keep_awake(self) -> None:
        """Compute every cell in every step, as a measure of what skipping brings."""
        self._tiles.spring[:] = True
        self.rouse()

    @property
    def awake_share(self) -> float:
        """Share of the tiles that were computed in the last step."""
        return float(self._tiles.awake.mean())

    def _pace(self, dt: float, before: float) -> Pace:
        cell = self._cell
        return Pace(*(self._type(v) for v in (cell, dt, G * dt / cell, dt / cell, before, before / cell)))

    def first_not_finite(self) -> tuple[str, int, int, float] | None:
        """Field, row, column (of the model) and value of the first value that is not finite."""
        return first_bad(self.state)

    def fastest_cell(self) -> tuple[int, int, float]:
        """Row, column and speed of the fastest face."""
        return fastest_face(self.state)

    @property
    def bytes_per_cell(self) -> float:
        """Memory of the solver with its working rows, per cell of the grid."""
        arrays = [*self.state, *self.maxima, self._work, self._seams]
        ny, nx = self.state.h.shape
        return sum(a.nbytes for a in arrays) / ((ny - 2) * (nx - 2))
