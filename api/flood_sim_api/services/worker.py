"""What runs in the worker process: one scenario, from its files to its result folder."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from flood_sim.errors import Cancelled, FloodSimError

log = logging.getLogger(__name__)

TOPIC = "flood-sim-progress"
POLL_S = 0.1
"""How often the flag file is looked at; a step can be shorter than a look at the disk."""

Emit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Job:
    """All that a worker needs; plain values, so that it can cross to another process.

    `scenario` names files by id, `files` gives the path and `names` the display
    name of each id.
    """

    run_id: str
    scenario: dict[str, Any]
    files: Mapping[str, str]
    names: Mapping[str, str]
    output: str
    cancel_flag: str
    threads: int
    every_s: float


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `slug` and `detail` say why it did not end well, `problem` in the parts of the error."""

    state: Literal["done", "failed", "cancelled"]
    slug: str | None = None
    detail: str | None = None
    problem: dict[str, Any] | None = None


def execute(job: Job, emit: Emit | None = None) -> Outcome:
    """Run the job; never raises, because an exception class may not survive the way back."""
    emit = emit or _log_event
    cancelled = _flag_reader(Path(job.cancel_flag))
    try:
        if cancelled():
            return Outcome("cancelled")
        emit({"run_id": job.run_id, "phase": "preparing"})
        from flood_sim.runner import run  # the engine is compiled code: only the worker loads it
        from flood_sim.scenario import Scenario

        scenario = Scenario.model_validate(job.scenario)
        if scenario.numerics.threads is None:
            numerics = scenario.numerics.model_copy(update={"threads": job.threads})
            scenario = scenario.model_copy(update={"numerics": numerics})
        run(
            scenario.with_files(lambda file_id: job.files[file_id]),
            Path(job.output),
            progress=_throttled(job, emit),
            cancel=cancelled,
            run_id=job.run_id,
            names={job.files[file_id]: name for file_id, name in job.names.items()},
            checkpoints=None,  # what a run that did not end leaves is removed, and no run goes on
        )
        return Outcome("done")
    except Cancelled:
        return Outcome("cancelled")
    except FloodSimError as error:
        return Outcome("failed", error.slug, str(error), _parts(error))
    except MemoryError:
        return Outcome("failed", "memory")
    except Exception as error:
        log.exception("run %s failed", job.run_id)
        return Outcome("failed", "internal", type(error).__name__)


def _parts(error: FloodSimError) -> dict[str, Any]:
    value = None if error.value is None else str(error.value)
    kind = {"slug": error.slug, "title": error.title, "status": error.status}
    return kind | {
        "what": error.what,
        "where": error.where,
        "value": value,
        "allowed": error.allowed,
        "hint": error.hint,
    }


def _flag_reader(flag: Path) -> Callable[[], bool]:
    looked, seen = -POLL_S, False

    def cancelled() -> bool:
        nonlocal looked, seen
        now = time.monotonic()
        if now - looked >= POLL_S:
            looked, seen = now, flag.exists()
        return seen

    return cancelled


def _throttled(job: Job, emit: Emit) -> Callable[[Any], None]:
    """Pass on every change of phase, and otherwise one report per interval."""
    last, phase = -job.every_s, ""

    def report(progress: Any) -> None:
        nonlocal last, phase
        now = time.monotonic()
        if progress.phase == phase and now - last < job.every_s:
            return
        last, phase = now, progress.phase
        emit({"run_id": job.run_id, **asdict(progress)})

    return report


def _log_event(message: dict[str, Any]) -> None:
    from distributed import get_worker

    get_worker().log_event(TOPIC, message)


def dask_setup(_worker: Any) -> None:
    """Preload of the worker process: Ctrl-C and a system's stop reach all processes, but the service decides.

    A worker that died of them would be started again while the service ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
