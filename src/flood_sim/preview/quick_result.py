"""A quick answer as a Result folder: opened, shown and compared as that of a full run, and replaced by it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from flood_sim import geojson
from flood_sim.compiled import source_hash
from flood_sim.kernels.constants import SPEED_DEPTH
from flood_sim.preview.label import distances
from flood_sim.preview.quick import QuickAnswer
from flood_sim.provenance import Attempt, manifest
from flood_sim.results.dataset import Result
from flood_sim.results.folder import storing
from flood_sim.results.series import Series
from flood_sim.results.vectors import write_geojson
from flood_sim.results.writer import ResultWriter
from flood_sim.runner import checksums, content_id
from flood_sim.solver import fields


class _Course:
    """Arrival (first time at or above the threshold, s) and duration (s), linear between the snapshots."""

    def __init__(self, shape: tuple[int, ...], threshold: float) -> None:
        self._threshold = threshold
        self._before: np.ndarray | None = None
        self._t = 0.0
        self.deepest = np.zeros(shape, np.float32)
        self.arrival = np.full(shape, np.inf, np.float32)
        self.duration = np.zeros(shape, np.float32)

    def take(self, t: float, depth: np.ndarray) -> None:
        wet = depth >= self._threshold
        before, step = self._before, t - self._t
        if before is None:
            self.arrival[wet] = t
        else:
            was = before >= self._threshold
            rise = depth - before
            # share of the step after which the threshold is passed
            at = np.divide(self._threshold - before, rise, out=np.zeros_like(depth), where=rise != 0.0).clip(0.0, 1.0)
            came = wet & ~was
            self.arrival[came] = np.minimum(self.arrival[came], self._t + at[came] * step)
            self.duration += step * np.where(wet & was, 1.0, np.where(came, 1.0 - at, np.where(was, at, 0.0)))
        np.maximum(self.deepest, depth, out=self.deepest)
        self._before, self._t = depth, t


def quick_id(answer: QuickAnswer) -> str:
    """Id of the answer: of the full run it stands for, how many times coarser, and the code of the preview."""
    told = f"{content_id(answer.built.scenario)} quick {answer.coarse.factor} {source_hash('preview')}"
    return hashlib.sha256(told.encode()).hexdigest()


def write_result(
    answer: QuickAnswer, output: str | Path, *, overwrite: bool = False, run_id: str | None = None,
    names: Mapping[str, str] | None = None, still_wanted: Callable[[], None] = lambda: None,
) -> Result:  # fmt: skip
    """Write a quick answer as a complete Result; its manifest says `rung: quick`, with label and measured distance.

    Depth and velocity at each output time; speed, discharge and directions are those of the coarse cells where water
    is laid. Arrival and duration are linear between output times, gauges are read at output times. `names` says what the manifest
    calls the input files. Raises ResultError for a folder that cannot be written.
    """
    built, sim = answer.built, answer.simulation
    active = built.domain.active
    course = _Course(active.shape, float(sim.threshold))
    gauges = _Gauges(answer)
    with ResultWriter(Path(output), built.dem.grid, answer.times_s, {}, overwrite=overwrite) as writer:
        for k, t in enumerate(answer.times_s):
            still_wanted()
            now = answer.at(k)
            writer.snapshot(k, now)
            course.take(t, np.nan_to_num(now["depth"]))
            gauges.take(t, now)
        with storing(Path(output)):
            if built.footprints is not None:
                shapes = built.footprints
                write_geojson(writer.path / "footprints.geojson", shapes.polygons, shapes.ids, built.dem.grid.crs)
            if built.scenario.measures:
                geojson.write(writer.path / "measures.geojson", built.measures)
        found = _maxima(answer, course)
        told = _manifest(answer, found, run_id or uuid.uuid4().hex, names or {})
        return writer.finish(found, gauges.series, answer.sections, told, still_wanted)


def _maxima(answer: QuickAnswer, course: _Course) -> dict[str, np.ndarray]:
    """Fields without time on the fine cells, float32, NaN where no water can be."""
    coarse, active = answer.coarse, answer.built.domain.active
    of_coarse = {key: np.asarray(field[:]) for key, field in fields.maxima(answer.simulation).items()}
    # the level may tilt another way at another time, so a snapshot may be deeper somewhere than the largest volume
    deepest = np.maximum(np.nan_to_num(answer.preview.depth), course.deepest)
    wet = deepest > 0.0

    def spread(key: str, where: np.ndarray, otherwise: float) -> np.ndarray:
        return np.where(where, coarse.spread(np.nan_to_num(of_coarse[key], nan=otherwise)), otherwise)

    speed = of_coarse["max_unit_discharge"] / np.maximum(of_coarse["max_depth"], SPEED_DEPTH)
    late = spread("time_of_max_depth", wet, np.nan)
    arrived = np.where(
        np.isinf(course.arrival), np.where(deepest >= answer.simulation.threshold, late, np.nan), course.arrival
    )
    found = {
        "ground": np.asarray(answer.built.domain.ground),
        "max_depth": deepest,
        "time_of_max_depth": late,
        "max_speed": spread("max_speed", deepest >= SPEED_DEPTH, 0.0),
        "max_unit_discharge": np.where(wet, coarse.spread(np.nan_to_num(speed)) * deepest, 0.0),
        "direction_at_max": spread("direction_at_max", wet, np.nan),
        "arrival_time": arrived,
        "duration": course.duration,
    }
    return {key: np.where(active, values, np.nan).astype(np.float32) for key, values in found.items()}


class _Gauges:
    """Depth, level and speed of each gauge's cell, as a full run writes them."""

    def __init__(self, answer: QuickAnswer) -> None:
        ids = [g.id for g in answer.built.scenario.gauges]
        self._cells = answer.built.gauges
        self._ground = answer.built.domain.ground
        names = ("depth_m", "level_m", "speed_m_s")
        self.series = Series("time_s", [], {f"{i} {name}": [] for i in ids for name in names})

    def take(self, t: float, now: Mapping[str, np.ndarray]) -> None:
        self.series.times.append(t)
        values = []
        for cell in self._cells:
            depth = float(now["depth"][cell])
            speed = float(np.hypot(now["velocity_x"][cell], now["velocity_y"][cell]))
            values += [depth, depth + float(self._ground[cell]), speed]
        for column, value in zip(self.series.columns.values(), values, strict=True):
            column.append(value)


def _manifest(
    answer: QuickAnswer, found: Mapping[str, np.ndarray], run_id: str, names: Mapping[str, str]
) -> dict[str, Any]:
    built, coarse = answer.built, answer.coarse
    attempt = Attempt(quick_id(answer), run_id, checksums(built.scenario.files()), names)
    performance = {"wall_s": sum(answer.spent_s.values()), **answer.spent_s}
    told = manifest(attempt, built, answer.simulation, answer.times_s, found, performance)
    label, preview = answer.preview.label, answer.preview
    told["rung"] = "quick"
    told["preview"] = {
        "factor": coarse.factor, "coarse_cell_m": coarse.domain.cell, "left_out": list(coarse.left_out),
        "label_de": label.label_de, "label_en": label.label_en, "shows_de": label.shows_de, "shows_en": label.shows_en,
        "leaves_out_de": label.leaves_out_de, "leaves_out_en": label.leaves_out_en,
        "distance_de": preview.distance_de, "distance_en": preview.distance_en,
        "distances": [{"case": d.case, "csi": list(d.csi)} for d in distances("quick")],
    }  # fmt: skip
    told["notes"] = [*told["notes"], *(note for note in preview.notes if note not in told["notes"])]
    cells, steps = coarse.domain.cells, answer.simulation.steps
    told["performance"] |= {"cells": cells, "mcell_per_s": steps * cells / max(answer.spent_s["compute_s"], 1e-9) / 1e6}
    return told
