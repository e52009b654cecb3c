"""A process beside the service for answers in seconds: it can be ended when one takes too long, and its faults stay its own."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from flood_sim.errors import FloodSimError
from flood_sim_api.services.turns import Busy, Turns

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""How often a waiting request looks whether the service ends."""

COMPILING_S = 600.0
"""More time for the first question to a process: on a new machine the solver is compiled with it, which takes minutes
on a slow one and is kept for all that follow."""


class TooSlow(FloodSimError):
    """An answer in seconds that did not come in time."""

    slug, title, status = "too-slow", "The answer took too long", 503


class Ended(FloodSimError):
    """The process beside the service was ended from outside, or ran out of memory."""

    slug, title, status = "aside", "The answer could not be computed", 503


class Aside:
    """One process that answers one question after the other; started with the first, ended with the service.

    `keep`: whether it lives on for the next question, with what it remembers.
    """

    def __init__(self, *, threads: int, most_waiting: int, timeout_s: float, keep: bool) -> None:
        self._threads, self._timeout, self._keep = threads, timeout_s, keep
        self._turns = Turns(most_waiting)
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._process: Any = None
        self._line: Connection | None = None

    def ask(self, function: str, *given: Any) -> Any:
        """What a function gives, named as `module:function` and computed over there; errors of the library come back.

        By name, so that the service itself never loads what it computes with. Busy when too many wait already, TooSlow when it takes longer than allowed
        (the process is ended then), Ended when it dies.
        """
        with self._turns.at(), self._turn:
            if self._closed.is_set():
                raise Busy("the service ends")
            fresh = self._process is None or not self._process.is_alive()
            line = self._start() if fresh else self._line
            assert line is not None
            try:
                line.send((function, given))
                self._await(line, self._timeout + (COMPILING_S if fresh else 0.0))
                done, answer = line.recv()
            except (EOFError, OSError):
                self._end()
                raise Ended(
                    "the computing process was ended, often for lack of memory",
                    hint="Choose coarser cells or a smaller area",
                ) from None
            except BaseException:
                self._end()
                raise
            if not self._keep:
                self._end()
        if done:
            return answer
        if isinstance(answer, FloodSimError):
            raise answer
        log.error("%s failed:\n%s", function, answer)
        raise RuntimeError(f"{function} failed")

    def close(self) -> None:
        """End the process; who waits is told. Harmless when called twice."""
        self._closed.set()
        with self._turn:
            self._end()

    def _await(self, line: Connection, allowed_s: float) -> None:
        ends = time.monotonic() + allowed_s
        while not line.poll(min(LOOK_S, max(ends - time.monotonic(), 0.0))):
            if self._closed.is_set():
                raise Busy("the service ends")
            if time.monotonic() >= ends:
                raise TooSlow(f"it was stopped after {allowed_s:g} s", hint="Choose coarser cells or a smaller area")

    def _start(self) -> Connection:
        self._end()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._threads), name="flood-sim-aside", daemon=True
        )
        self._process.start()
        theirs.close()
        self._line = ours
        return ours

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join(5.0)
        self._process = self._line = None


def _serve(line: Connection, threads: int) -> None:
    """What the process does: answer until the line is cut."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes, but the service decides
    # before anything compiled is imported
    os.environ.update(NUMBA_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads), NUMBA_THREADING_LAYER="omp")
    with suppress(EOFError, OSError):
        while True:
            function, given = line.recv()
            line.send(_tried(function, given))


def _tried(function: str, given: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        module, _, name = function.partition(":")
        return True, getattr(importlib.import_module(module), name)(*given)
    except FloodSimError as error:
        return False, error
    except MemoryError:
        return False, Ended("the memory does not suffice", hint="Choose coarser cells or a smaller area")
    except Exception:
        import traceback

        return False, traceback.format_exc()
