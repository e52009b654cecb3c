"""When to write a checkpoint: often enough to lose little, seldom enough to cost next to nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from flood_sim.errors import CheckpointError

FIRST_BYTES_PER_S = 200e6
"""Speed at which the first checkpoint of a run is taken to be written, before one was measured: a slow disk's."""
FIRST_LEAST_S = 0.05
"""What flushing alone takes."""


@dataclass(frozen=True)
class Schedule:
    """every_s: wall time between two checkpoints, s. share: of the wall time of the run they may take, all together.

    Where the disk is slow or the model large, the second makes the first longer:
    the next checkpoint waits until it, too, fits into the share.
    """

    every_s: float = 300.0
    share: float = 0.02

    def __post_init__(self) -> None:
        for name in ("every_s", "share"):
            value = getattr(self, name)
            if not value >= 0:  # NaN, too
                raise CheckpointError("the schedule is not possible", where=name, value=value, allowed="0 or more")


class Timer:
    """Watches what checkpoints cost and says when the next one is due.

    expected_bytes: size of one before compression, from which the cost of the
    first is guessed. clock: seconds of wall time.
    """

    def __init__(
        self, schedule: Schedule | None, expected_bytes: int = 0, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._schedule, self._clock = schedule, clock
        self._began = clock()
        self._next = self._began + schedule.every_s if schedule else math.inf
        self._cost = FIRST_LEAST_S + expected_bytes / FIRST_BYTES_PER_S
        self.spent_s = 0.0

    def due(self) -> bool:
        """Asked after every step: one look at the clock."""
        now = self._clock()
        if now < self._next or self._schedule is None:
            return False
        return self.spent_s + self._cost <= self._schedule.share * (now - self._began)

    def took(self, began: float) -> None:
        """One was tried from `began` until now, with or without success; the next waits its turn."""
        now = self._clock()
        self._cost = now - began
        self.spent_s += self._cost
        self._next = now + self._schedule.every_s if self._schedule else math.inf

    def now(self) -> float:
        return self._clock()
