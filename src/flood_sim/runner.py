"""One scenario, computed and published: the same call for command line, notebook and service."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flood_sim import geojson, peak_memory
from flood_sim.build import Build, build
from flood_sim.checkpoint import Checkpoints, Key, Schedule
from flood_sim.compiled import engine_version
from flood_sim.errors import Cancelled, MassBalanceError, TerrainError, UnstableRun
from flood_sim.provenance import Attempt, manifest
from flood_sim.recording import Recording
from flood_sim.restart import Restart
from flood_sim.results.dataset import Result
from flood_sim.results.folder import TemporaryFolder, refuse_existing, storing
from flood_sim.results.vectors import write_geojson
from flood_sim.results.work import WorkFolder
from flood_sim.results.writer import ResultWriter
from flood_sim.scenario import Scenario
from flood_sim.solver import fields
from flood_sim.solver.simulation import Simulation
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.source import checksum, find_file

MASS_LIMIT = 1e-5
"""Largest relative error of the water balance that is published; rounding stays below 1e-6."""
TELL_EVERY_S = 0.25
BALANCE_EVERY_S = 2.0
HOPELESS = (UnstableRun, MassBalanceError)
"""What would happen again after going on from a checkpoint; whatever else ends a run keeps the last one."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a run is; times in s, depth in m."""

    phase: str
    simulated_s: float
    duration_s: float
    steps: int
    wall_s: float
    eta_s: float | None
    mass_error: float
    max_depth_m: float
    mcell_per_s: float


def content_id(scenario: Scenario) -> str:
    """The id of the answer: scenario with the checksums of its files, and the engine's version."""
    return _identity(scenario, checksums(scenario.files()))


def checksums(files: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of every input file, named by place, by its name; TerrainError with its place if it cannot be read."""
    sums = {}
    for place, name in files.items():
        where = f"{place}: {name}"
        with refusals_as_errors(where):
            file = find_file(name)
        try:
            sums[name] = checksum(file)
        except OSError as error:
            raise TerrainError(f"cannot be read: {error.strerror}", where=where) from None
    return sums


def _identity(scenario: Scenario, sums: Mapping[str, str]) -> str:
    return scenario.content_id(sums.__getitem__, engine_version())


def run(
    scenario: Scenario,
    output: str | Path | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    run_id: str | None = None,
    names: Mapping[str, str] | None = None,
    checkpoints: Schedule | None = Schedule(),
    anew: bool = False,
    say: Callable[[str], None] = log.warning,
) -> Result:
    """Compute a scenario and publish its Result in the folder `output`.

    Without `output` the result lives in a temporary folder until neither the
    Result nor anything of its dataset is in use. `progress` is called a few
    times a second; `cancel` is asked after every step and every file, and ends
    the run with Cancelled. `names` says what the manifest calls the input files
    (default: their file names). Nothing is published unless the run came to its
    end, every value is finite and the water balances.

    A run that was ended from outside (killed, cancelled, disk full) goes on
    from its last checkpoint when the same scenario is run into the same
    `output` again, and ends with the same bits; `say` is told so in one line.
    `checkpoints` is their schedule, None writes none. `anew` removes what is
    there and begins at the start. CheckpointError if the checkpoints there
    belong to another scenario or engine; ResultError if another process
    computes into `output` at this moment.
    """
    scenario = Scenario.checked(scenario)
    temporary = TemporaryFolder() if output is None else None
    target = temporary.path / "result" if temporary is not None else Path(str(output))
    watch = _Watch(scenario, progress, cancel)
    peak_memory.forget()
    try:
        watch.say("preparing")
        refuse_existing(Path(os.path.abspath(target)), overwrite=overwrite)
        sums = checksums(scenario.files())
        attempt = Attempt(_identity(scenario, sums), run_id or uuid.uuid4().hex, sums, names or {})
        with WorkFolder(target, overwrite=overwrite) as work:
            key = Key(attempt.content_id, engine_version(), scenario.title)
            threads = scenario.numerics.threads or os.cpu_count() or 1
            kept = Checkpoints(work.checkpoints, key, say, threads=threads)
            with _keeping(work, kept, say):
                # first what may refuse the scenario: `anew` must not cost the checkpoints of one that can be computed
                built = build(scenario)
                _check_unchanged(built, sums)
                sim = built.simulation()
                restart = Restart(attempt, kept, work.path, say, anew=anew)
                result = _compute(built, sim, work, restart, watch, checkpoints if output is not None else None)
    except BaseException:
        if temporary is not None:
            temporary.remove()
        raise
    return result if temporary is None else replace(result, owner=temporary)


@contextmanager
def _keeping(work: WorkFolder, kept: Checkpoints, say: Callable[[str], None]) -> Iterator[None]:
    """Decide what stays when the run does not come to its end."""
    try:
        yield
    except BaseException as error:
        work.keep = bool(kept) and not isinstance(error, HOPELESS)
        if work.keep and kept.ours:
            say(f"the last checkpoint is kept in {work.root.name}: the same run goes on from there")
        raise


def _compute(
    built: Build, sim: Simulation, work: WorkFolder, restart: Restart, watch: _Watch, schedule: Schedule | None
) -> Result:
    recording = Recording(built, sim)
    restart.restore(sim, recording)
    watch.follow(sim, restart.wall_s)
    with ResultWriter(work, built.dem.grid, recording.output_times, {}, kept=restart.files) as writer:
        restart.begin(schedule, sim, recording, writer, watch.wall, watch.ask)

        def tick() -> None:
            watch.tick()
            restart.tick()

        for event in recording.ahead:
            sim.advance(event, tick)
            recording.take(writer)
        watch.say("finishing")
        _check_balance(sim)
        with storing(work.target):
            if built.footprints is not None:
                shapes = built.footprints
                write_geojson(writer.path / "footprints.geojson", shapes.polygons, shapes.ids, built.dem.grid.crs)
            if built.scenario.measures:
                geojson.write(writer.path / "measures.geojson", built.measures)
        found = fields.maxima(sim)
        performance = {"wall_s": watch.wall(), **restart.performance()}
        told = manifest(restart.attempt, built, sim, recording.output_times, found, performance)
        return writer.finish(found, recording.gauges, recording.sections, told, watch.ask)


class _Watch:
    """Tells progress, estimates the end and asks whether to stop."""

    def __init__(
        self, scenario: Scenario, progress: Callable[[Progress], None] | None, cancel: Callable[[], bool] | None
    ) -> None:
        self._duration = scenario.numerics.duration_min * 60
        self._progress, self._cancel = progress, cancel
        self._sim: Simulation | None = None
        self._began = self._told = time.perf_counter()
        self._balanced = 0.0
        self._mass_error = 0.0

    def follow(self, sim: Simulation, earlier_s: float = 0.0) -> None:
        """The first step is near; `earlier_s` went into what a checkpoint brought."""
        self._sim = sim
        self._began = time.perf_counter() - earlier_s
        self.tick()

    def wall(self) -> float:
        """Seconds of stepping, those of earlier attempts that count included."""
        return time.perf_counter() - self._began

    def ask(self) -> None:
        """Cancelled if somebody wants it."""
        if self._cancel is not None and self._cancel():
            t = self._sim.t if self._sim else 0.0
            raise Cancelled(f"stopped after {t:.0f} s of simulated time; nothing was published")

    def tick(self) -> None:
        self.ask()
        if self._progress is not None and time.perf_counter() - self._told >= TELL_EVERY_S:
            self.say("running")

    def say(self, phase: str) -> None:
        if self._progress is None:
            return
        self._told = time.perf_counter()
        sim = self._sim
        if sim is None:
            self._progress(Progress(phase, 0.0, self._duration, 0, 0.0, None, 0.0, 0.0, 0.0))
            return
        if self._told - self._balanced > BALANCE_EVERY_S:
            self._balanced, self._mass_error = self._told, sim.balance().relative_error
        wall = self.wall()
        share = sim.t / self._duration
        self._progress(
            Progress(
                phase, sim.t, self._duration, sim.steps, wall, wall * (1 - share) / share if share > 0.01 else None,
                self._mass_error, sim.deepest, sim.steps * sim.domain.cells / max(wall, 1e-9) / 1e6,
            )
        )  # fmt: skip


def _check_unchanged(built: Build, sums: Mapping[str, str]) -> None:
    """The content id must name what was computed on, not what the files held a moment before.

    The heights were summed while they were read; the other files are small and are summed once more.
    """
    files, dem = built.scenario.files(), built.scenario.terrain.dem
    now = checksums({place: name for place, name in files.items() if name != dem}) | {dem: built.dem.checksum}
    for place, name in files.items():
        if now[name] != sums[name]:
            where, hint = f"{place}: {name}", "Run again when it is complete"
            raise TerrainError("was changed while it was read", where=where, hint=hint)


def _check_balance(sim: Simulation) -> None:
    balance = sim.balance()
    if not balance.relative_error <= MASS_LIMIT:
        raise MassBalanceError(
            f"{balance.residual_m3:+.3g} m3 of {balance.supplied_m3:.4g} m3 are unexplained; nothing was published",
            value=f"{balance.relative_error:.1e}", allowed=f"up to {MASS_LIMIT:g}",
        )  # fmt: skip
