"""Who waits for what: one at a time for each name, and never so many that nobody is left to answer the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flood_sim.errors import FloodSimError


class Busy(FloodSimError):
    """More wait than the service accepts."""

    slug, title, status = "busy", "Too many requests are waiting", 503


class Turns:
    """Turns at named things; more than `most` requests that wait or work in all are refused."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = threading.Lock()
        self._waiting = 0
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def at(self, name: str = "") -> Iterator[None]:
        """Wait for the turn at a name and hold it. Busy when too many wait already."""
        with self._count:
            if self._waiting >= self._most:
                raise Busy("wait until one of them is answered", value=self._waiting, allowed=f"at most {self._most}")
            self._waiting += 1
            lock, users = self._locks.get(name, (threading.Lock(), 0))
            self._locks[name] = lock, users + 1
        try:
            with lock:
                yield
        finally:
            with self._count:
                self._waiting -= 1
                users = self._locks[name][1]
                if users > 1:
                    self._locks[name] = lock, users - 1
                else:
                    del self._locks[name]
