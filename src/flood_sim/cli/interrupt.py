"""Ctrl-C that lets the run tidy up: the first asks it to stop, the second stops at once."""

from __future__ import annotations

import signal
import sys
from types import FrameType, TracebackType
from typing import Any

from flood_sim.cli.failures import TERMINATED


class Terminated(SystemExit):
    """Somebody ended this process (SIGTERM)."""


class Interrupt:
    """While entered, SIGINT and SIGTERM set a flag that the run asks for between two steps."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if error is not None and self.signal == signal.SIGTERM:
            raise Terminated(TERMINATED) from None

    def asked(self) -> bool:
        """True once the user wants to stop."""
        return self.signal is not None

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        print("\nflood-sim: stopping (Ctrl-C again to stop at once)", file=sys.stderr)
