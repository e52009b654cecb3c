"""One scenario, computed and published: the same call for command line, notebook and service."""

from __future__ import annotations

import os
import platform
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from flood_sim.build import Build, build
from flood_sim.compiled import engine_version
from flood_sim.errors import Cancelled, MassBalanceError, TerrainError
from flood_sim.recording import Recording
from flood_sim.results.dataset import Result
from flood_sim.results.folder import TemporaryFolder, refuse_existing, storing
from flood_sim.results.vectors import write_geojson
from flood_sim.results.writer import ResultWriter
from flood_sim.scenario import Scenario, storm_end_min
from flood_sim.solver import fields
from flood_sim.solver.simulation import Simulation
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.source import checksum, find_file

MASS_LIMIT = 1e-5
"""Largest relative error of the water balance that is published; rounding stays below 1e-6."""
TELL_EVERY_S = 0.25
BALANCE_EVERY_S = 2.0
LIBRARIES = ("numpy", "numba", "scipy", "rasterio", "xarray", "zarr", "pydantic")


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
    return _identity(scenario, _checksums(scenario))


def _checksums(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of every input file by its name; TerrainError with its place in the scenario if it cannot be read."""
    sums = {}
    for place, name in scenario.files().items():
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
) -> Result:
    """Compute a scenario and publish its Result in the folder `output`.

    Without `output` the result lives in a temporary folder until neither the
    Result nor anything of its dataset is in use. `progress` is called a few
    times a second; `cancel` is asked after every step and every file, and ends
    the run with Cancelled. `names` says what the manifest calls the input files
    (default: their file names). Nothing is published unless the run came to its
    end, every value is finite and the water balances.
    """
    temporary = TemporaryFolder() if output is None else None
    target = temporary.path / "result" if temporary is not None else Path(str(output))
    watch = _Watch(scenario, progress, cancel)
    try:
        watch.say("preparing")
        refuse_existing(Path(os.path.abspath(target)), overwrite=overwrite)
        sums = _checksums(scenario)
        built = build(scenario)
        _check_unchanged(built, sums)
        sim = built.simulation()
        watch.follow(sim)
        recording = Recording(built, sim)
        with ResultWriter(target, built.dem.grid, recording.output_times, {}, overwrite=overwrite) as writer:
            for event in recording.events:
                sim.advance(event, watch.tick)
                recording.take(writer)
            watch.say("finishing")
            _check_balance(sim)
            if built.footprints is not None:
                with storing(target):
                    shapes = built.footprints
                    write_geojson(writer.path / "footprints.geojson", shapes.polygons, shapes.ids, built.dem.grid.crs)
            found = fields.maxima(sim)
            manifest = _manifest(
                built, sim, recording, found, sums, run_id or uuid.uuid4().hex, names or {}, watch.wall()
            )
            result = writer.finish(found, recording.gauges, recording.sections, manifest, watch.ask)
    except BaseException:
        if temporary is not None:
            temporary.remove()
        raise
    return result if temporary is None else replace(result, owner=temporary)


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

    def follow(self, sim: Simulation) -> None:
        self._sim = sim
        self._began = time.perf_counter()
        self.tick()

    def wall(self) -> float:
        """Seconds since the first step."""
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
                self._mass_error, float(sim.depth.max()), sim.steps * sim.domain.cells / max(wall, 1e-9) / 1e6,
            )
        )  # fmt: skip


def _check_unchanged(built: Build, sums: Mapping[str, str]) -> None:
    """The content id must name the heights that were computed on, not those of a moment before."""
    dem = built.scenario.terrain.dem
    if built.dem.checksum != sums[dem]:
        raise TerrainError("was changed while it was read", where=dem, hint="Run again when it is complete")


def _check_balance(sim: Simulation) -> None:
    balance = sim.balance()
    if not balance.relative_error <= MASS_LIMIT:
        raise MassBalanceError(
            f"{balance.residual_m3:+.3g} m3 of {balance.supplied_m3:.4g} m3 are unexplained; nothing was published",
            value=f"{balance.relative_error:.1e}", allowed=f"up to {MASS_LIMIT:g}",
        )  # fmt: skip


def _manifest(
    built: Build, sim: Simulation, recording: Recording, found: dict[str, np.ndarray], sums: Mapping[str, str],
    run_id: str, names: Mapping[str, str], wall_s: float,
) -> dict[str, Any]:  # fmt: skip
    scenario, grid = built.scenario, built.dem.grid

    def shown(name: str) -> str:
        return names.get(name, Path(name).name)

    return {
        "content_id": _identity(scenario, sums),
        "run_id": run_id,
        "title": scenario.title,
        "scenario": scenario.with_files(shown).model_dump(mode="json", exclude_none=True),
        "inputs": [
            {"place": place, "name": shown(name), "sha256": sums[name]} for place, name in scenario.files().items()
        ],
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "engine": engine_version(),
        "version": version("flood-sim"),
        "libraries": {name: version(name) for name in LIBRARIES},
        "machine": {
            "system": platform.system(),
            "processor": platform.processor() or platform.machine(),
            "cores": psutil.cpu_count(logical=True),
            "python": platform.python_version(),
        },  # fmt: skip
        "grid": {
            "west": grid.west,
            "north": grid.north,
            "cell_m": grid.cell,
            "rows": grid.rows,
            "cols": grid.cols,
            "crs_wkt": grid.crs.to_wkt(),
            "epsg": grid.crs.to_epsg(),
            "active_cells": built.domain.cells,
        },  # fmt: skip
        "terrain": {"name": built.dem.name},
        "synthetic": built.dem.synthetic,
        "storm": {
            "label": built.storm.label,
            "label_en": built.storm.label_en,
            "depth_mm": built.storm.total_m * 1000,
            "duration_min": storm_end_min(scenario.storm),
        },  # fmt: skip
        "notes": list(built.notes),
        "output_times_s": list(recording.output_times),
        "threshold_m": scenario.outputs.threshold_cm / 100,
        "ledger": sim.balance().as_dict(),
        "extremes": {
            "max_depth_m": float(np.nanmax(found["max_depth"])),
            "max_speed_m_s": float(np.nanmax(found["max_speed"])),
            "max_unit_discharge_m2_s": float(np.nanmax(found["max_unit_discharge"])),
            "shortest_step_s": sim.shortest_step,
        },  # fmt: skip
        "performance": {
            "wall_s": wall_s,
            "steps": sim.steps,
            "cells": built.domain.cells,
            "mcell_per_s": sim.steps * built.domain.cells / max(wall_s, 1e-9) / 1e6,
            "threads": sim.engine.threads,
            "device": "cpu",
            "peak_mib": _peak_mib(),
        },  # fmt: skip
    }


def _peak_mib() -> float:
    """Largest memory of this process so far."""
    try:
        import resource

        kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return kib / 1024 / (1024 if platform.system() == "Darwin" else 1)
    except ImportError:  # Windows
        return psutil.Process().memory_info().peak_wset / 2**20
