"""The service itself: its folder, its database, its executor, and what it does with runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

from flood_sim import registry
from flood_sim.compiled import engine_version
from flood_sim.errors import FloodSimError
from flood_sim.rain.observed import labels
from flood_sim.results.manifest import MANIFEST_NAME
from flood_sim.scenario import Scenario
from flood_sim_api.db.models import RunRow
from flood_sim_api.db.session import open_database
from flood_sim_api.services import found
from flood_sim_api.services.aside import Aside
from flood_sim_api.services.executor import DaskExecutor, Executor, Listener
from flood_sim_api.services.folder import DataFolder
from flood_sim_api.services.previews import Previews
from flood_sim_api.services.runs import Runs
from flood_sim_api.services.turns import Busy, Turns
from flood_sim_api.services.worker import Job, Outcome
from flood_sim_api.services.worklists import Worklists
from flood_sim_api.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""How often finished results of other commands are looked for while runs are listed."""

MakeExecutor = Callable[[Listener, int], Executor]


class Service:
    """Everything behind the routes. `open` claims the data folder, `close` gives it back."""

    def __init__(self, settings: Settings, make_executor: MakeExecutor = DaskExecutor) -> None:
        self.settings = settings
        self.folder = DataFolder(settings.data_dir)
        self.stopping = threading.Event()
        self._closed = False
        self._make_executor = make_executor
        self._engine: Engine | None = None
        self._runs: Runs | None = None
        self._executor: Executor | None = None
        self._looked = 0.0
        beside: dict[str, Any] = {"threads": settings.threads, "most_waiting": settings.max_waiting}
        self.sketches = Aside(timeout_s=settings.preview_timeout_s, keep=True, **beside)
        self.quicks = Aside(timeout_s=settings.preview_timeout_s, keep=True, **beside)  # nobody who draws waits for one
        self.chores = Aside(timeout_s=settings.chore_timeout_s, keep=False, **beside)
        self.previews = Previews(self.folder.path, settings.max_previews)
        self._asides = (self.sketches, self.quicks, self.chores)
        queues = tuple(Turns(settings.max_waiting) for _ in range(3))
        self.comparing, self.sending, looking = queues
        self.worklists = Worklists(self.folder.path, self.chores, looking)
        self.most_waiting = settings.max_waiting * (len(self._asides) + len(queues))

    @property
    def runs(self) -> Runs:
        if self._runs is None:
            raise RuntimeError("the service is not open")
        return self._runs

    @property
    def ready(self) -> bool:
        return self._runs is not None and not self.stopping.is_set()

    def open(self) -> Service:
        """Claim the folder, open the database, settle what an earlier service left behind."""
        self.folder.claim(self.settings.host, self.settings.port)
        try:
            self._engine, sessions = open_database(self.folder.database)
            self._runs = Runs(sessions, self.folder)
            found.settle(self._runs, self.folder)
            found.adopt(self._runs, self.folder)
            self.previews.clear()
            self._executor = self._make_executor(Listener(self._runs.progress, self._finished), self.settings.threads)
        except BaseException:
            self.close()
            raise
        return self

    def warm_up(self) -> None:
        """Have ready what answers while somebody draws, before the first one asks."""
        with suppress(FloodSimError):  # then the first one waits a little
            self.sketches.ask("flood_sim_api.services.sketch:ready")

    def close(self) -> None:
        """Stop the runs, end the worker, give the folder back. Harmless when called twice."""
        if self._closed:
            return
        self._closed = True
        self.stopping.set()
        try:
            if self._runs is not None:
                for row in self._runs.active():
                    self.folder.cancel_flag(row.id).touch()
            for aside in self._asides:
                aside.close()
            if self._executor is not None:
                self._executor.close()
            if self._runs is not None:
                found.settle(self._runs, self.folder)
        finally:
            if self._engine is not None:
                self._engine.dispose()
            self.folder.release()

    # -- runs --

    def start(self, scenario: Scenario) -> tuple[RunRow, bool]:
        """Accept a scenario that names files by id; gives the run and whether it is a new one."""
        files = registry.check_ids(self.folder.path, scenario)
        checksums = {meta.id: meta.sha256 for meta in files.values()}

        def content(of: Scenario) -> str:
            return of.content_id(checksums.__getitem__, engine_version())

        content_id = content(scenario)
        existing = self.runs.with_content(content_id)
        if existing is not None and self.get(existing.id).state == existing.state:
            return existing, False
        if self.runs.count_queued() >= self.settings.max_queued:
            raise Busy("wait until one of them has ended", value=self.settings.max_queued)
        (storm_label, storm_label_en), terrain = labels(scenario.storm), files["terrain.dem"]
        row, new = self.runs.add(
            content_id,
            title=scenario.title or terrain.name,
            scenario=scenario.model_dump(mode="json", exclude_none=True),
            terrain=terrain.id,
            terrain_name=terrain.name,
            storm_label=storm_label,
            storm_label_en=storm_label_en,
            synthetic=terrain.synthetic,
            duration_s=scenario.numerics.duration_min * 60.0,
            comparison=f"{content(without_measures(scenario))}-{content_id}" if scenario.measures else None,
        )
        if new and self._executor is not None:
            self._executor.submit(self._job(row, scenario, files))
        return row, new

    def get(self, run_id: str) -> RunRow:
        """The row of a run; one whose result was removed from the disk is no longer done."""
        row = self.runs.get(run_id)
        if row.state == "done" and not (self.folder.run(run_id) / MANIFEST_NAME).exists():
            self.runs.lose(run_id)
            return self.runs.get(run_id)
        return row

    def cancel(self, run_id: str) -> RunRow:
        return self.runs.request_cancel(run_id)

    def look_for_results(self) -> None:
        """Adopt results that another command finished in this data folder meanwhile."""
        if time.monotonic() - self._looked > LOOK_EVERY_S:
            self._looked = time.monotonic()
            found.adopt(self.runs, self.folder)

    def _job(self, row: RunRow, scenario: Scenario, files: dict[str, registry.FileMeta]) -> Job:
        return Job(
            run_id=row.id,
            scenario=scenario.model_dump(mode="json", exclude_none=True),
            files={m.id: str(registry.resolve(self.folder.path, m.id)) for m in files.values()},
            names={m.id: m.name for m in files.values()},
            output=str(self.folder.run(row.id)),
            cancel_flag=str(self.folder.cancel_flag(row.id)),
            threads=self.settings.threads,
            every_s=self.settings.progress_every_s,
        )

    def _finished(self, run_id: str, outcome: Outcome) -> None:
        """Called by the executor when a run has ended, however it ended."""
        values: dict[str, Any] = {}
        if outcome.state != "done" and self.stopping.is_set():
            outcome = Outcome("failed", "stopped")
        if outcome.state == "done":
            try:
                values = found.figures(self.folder.run(run_id))
            except FloodSimError as error:  # removed or damaged in the same moment
                outcome = Outcome("failed", error.slug, str(error))
        if outcome.state != "done":
            self.folder.remove_partial(run_id)
        if not self.runs.finish(run_id, outcome, **values):
            log.info("run %s had ended before: %s", run_id, outcome.state)
        self.folder.cancel_flag(run_id).unlink(missing_ok=True)


def without_measures(scenario: Scenario) -> Scenario:
    """Bestand: the same scenario without its measures."""
    return scenario.model_copy(update={"measures": ()})
