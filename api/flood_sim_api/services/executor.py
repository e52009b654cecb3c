"""Who computes: one Dask worker process, started when the first run comes."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from flood_sim_api.services import worker
from flood_sim_api.services.worker import TOPIC, Job, Outcome, execute

log = logging.getLogger(__name__)

STOP_S = 3.0
"""Time for the current run to notice the end of the service and to clean up after itself."""


@dataclass(frozen=True)
class Listener:
    """Where an executor reports to; called from its own threads."""

    progress: Callable[[dict[str, Any]], None]
    finished: Callable[[str, Outcome], None]


class Executor(Protocol):
    """Executes jobs one after the other; cancelling is by the job's flag file."""

    def submit(self, job: Job) -> None: ...

    def close(self) -> None: ...


class DaskExecutor:
    """One worker process behind a scheduler on loopback.

    Jobs wait here and not in Dask: when the worker dies, Dask blames every task
    it held, and a waiting run must not fail for its neighbour. `allowed-failures`
    is 0, so a run that kills its worker fails at once; the nanny then starts a
    new worker for the next run.
    """

    def __init__(self, listener: Listener, threads: int) -> None:
        self._listener = listener
        self._threads = threads
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def submit(self, job: Job) -> None:
        with self._changed:
            self._waiting.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="flood-sim-executor", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """End the worker process; what still waits is dropped, its row tells so."""
        with self._changed:
            self._closing = True
            self._waiting.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(STOP_S + 10.0)

    def _serve(self) -> None:
        cluster = client = None
        try:
            while (job := self._next()) is not None:
                try:
                    if client is None:
                        cluster, client = self._start()
                    outcome = self._compute(client, job)
                except Exception as error:
                    log.exception("run %s could not be executed", job.run_id)
                    outcome = Outcome("failed", "executor", type(error).__name__)
                    self._end(client, cluster)
                    client = cluster = None  # the next run gets new ones
                try:
                    self._listener.finished(job.run_id, outcome)
                except Exception:  # a full disk must not end the executor; the next start settles the row
                    log.exception("the end of run %s could not be written down", job.run_id)
        finally:
            self._end(client, cluster)

    @staticmethod
    def _end(*parts: Any) -> None:
        for part in parts:
            if part is not None:
                with suppress(Exception):  # the processes end with this one in any case
                    part.close(timeout=5)

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return None if self._closing else self._waiting.popleft()

    def _start(self) -> tuple[Any, Any]:
        import dask  # slow to import, and most starts of the service only show results
        from distributed import Client, LocalCluster

        threads = str(self._threads)
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 0,
                # Dask sets OMP for its own sums but not Numba's; the solver's threads are ours to choose
                "distributed.nanny.pre-spawn-environ": {
                    "NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "NUMBA_THREADING_LAYER": "omp",
                    "MALLOC_TRIM_THRESHOLD_": 65536,
                },
                # the solver's arrays cannot be spilled to disk, and pausing would stop a run for ever
                "distributed.worker.memory.spill": False,
                "distributed.worker.memory.target": False,
                "distributed.worker.memory.pause": False,
                "distributed.worker.profile.enabled": False,
                "distributed.scheduler.http.routes": [],
            }
        )  # fmt: skip
        cluster = LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", silence_logs=logging.CRITICAL,
            preload=[worker.__name__],
            # Dask opens its own HTTP server in any case: with no pages, and not on a port that may be taken
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        )  # fmt: skip
        client = Client(cluster)
        client.subscribe_topic(TOPIC, lambda event: self._listener.progress(event[1]))
        return cluster, client

    def _compute(self, client: Any, job: Job) -> Outcome:
        from distributed import CancelledError, KilledWorker, TimeoutError

        future = client.submit(execute, job, key=f"run-{job.run_id}", pure=False)
        while True:
            try:
                return future.result(timeout=1.0)
            except TimeoutError:
                if self._closing:
                    return self._last_chance(future)
            except KilledWorker:
                return Outcome("failed", "killed")
            except CancelledError:
                return Outcome("failed", "stopped")

    @staticmethod
    def _last_chance(future: Any) -> Outcome:
        """The service ends: its flag is set; give the run a moment to remove its partial result."""
        try:
            future.result(timeout=STOP_S)
        except Exception:
            log.warning("a run did not stop in time; its worker is ended")
        return Outcome("failed", "stopped")
