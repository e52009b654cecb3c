"""The rung "quick": the same engine on coarser cells, its water laid back onto the fine terrain, with its course over time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_sim.backends.cpu.engine import CpuEngine
from flood_sim.build import Build, build
from flood_sim.errors import ScenarioError
from flood_sim.preview.answer import Figures, Preview
from flood_sim.preview.coarse import Coarse, coarsen
from flood_sim.preview.coarse_sections import CoarseSections
from flood_sim.recording import times
from flood_sim.results.series import Series
from flood_sim.scenario import Scenario
from flood_sim.solver import fields
from flood_sim.solver.ledger import SUPPLIED, Ledger
from flood_sim.solver.simulation import Simulation
from flood_sim.solver.start import Start

FACTORS = (4, 8)
LARGEST_FACTOR = 16
FEW_CELLS = 600_000
"""Up to so many open cells the rung is computed 4 times coarser within seconds, above 8 times."""

RECORD_EVERY = 4
"""Steps between two looks at the maxima, a few seconds: a tenth of the time is saved, no flood peaks in between."""


@dataclass(frozen=True)
class Snapshot:
    """Coarse fields at one time: depth m, velocity towards east and north m/s, float32, NaN where no water can be."""

    depth: np.ndarray
    velocity_x: np.ndarray
    velocity_y: np.ndarray


@dataclass(frozen=True)
class QuickAnswer:
    """The answer with its course over time; `preview` for the map of the largest depth and the figures.

    simulation: the coarse one at its end. times_s: of the snapshots. spent_s: seconds for each part of the work.
    """

    preview: Preview
    built: Build
    coarse: Coarse
    simulation: Simulation
    times_s: tuple[float, ...]
    snapshots: tuple[Snapshot, ...]
    sections: Series
    spent_s: dict[str, float]

    def at(self, index: int) -> dict[str, np.ndarray]:
        """Depth (m) and velocity (m/s) of output time `index` on the fine cells, float32, NaN where no water can be."""
        snapshot, active = self.snapshots[index], self.coarse.fine.active
        depth = self.coarse.lay_back(np.nan_to_num(snapshot.depth))
        moved = {key: self.coarse.spread(np.nan_to_num(getattr(snapshot, key))) for key in ("velocity_x", "velocity_y")}
        fine = {"depth": depth, **{key: np.where(depth > 0.0, values, 0.0) for key, values in moved.items()}}
        return {key: np.where(active, values, np.nan).astype(np.float32) for key, values in fine.items()}

    def start(self, index: int) -> Start:
        """The state of output time `index` as one that a fine Simulation of this terrain, or of a window of it, starts from.

        The laid water with the velocity of its coarse cell, mean of both sides on each face. Losses of the ground begin anew.
        """
        fine = self.at(index)
        depth = np.nan_to_num(fine["depth"])
        east, south = np.nan_to_num(fine["velocity_x"]), -np.nan_to_num(fine["velocity_y"])
        active = self.coarse.fine.active
        u, v = np.zeros((depth.shape[0], depth.shape[1] + 1)), np.zeros((depth.shape[0] + 1, depth.shape[1]))
        beside, below = active[:, :-1] & active[:, 1:], active[:-1] & active[1:]
        u[:, 1:-1] = np.where(beside, (east[:, :-1] + east[:, 1:]) / 2, 0.0)
        v[1:-1] = np.where(below, (south[:-1] + south[1:]) / 2, 0.0)
        qx, qy = np.zeros_like(u), np.zeros_like(v)
        qx[:, 1:-1] = u[:, 1:-1] * np.where(u[:, 1:-1] > 0, depth[:, :-1], depth[:, 1:])
        qy[1:-1] = v[1:-1] * np.where(v[1:-1] > 0, depth[:-1], depth[1:])
        return Start(self.times_s[index], depth, u, v, qx, qy)


def quick(
    source: Build | Scenario, factor: int | None = None, *, threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> QuickAnswer:  # fmt: skip
    """The quick dynamic answer to a scenario. factor: how many times coarser, 2 to 16 (None: 4 or 8 by the number of cells).

    progress is told the share of the simulated time that is done. Raises ScenarioError, TerrainError and UnstableRun as
    a full run does.
    """
    began = time.perf_counter()
    built = source if isinstance(source, Build) else build(source)
    read = time.perf_counter()
    numerics = built.scenario.numerics
    cells = built.domain.cells
    factor = _checked(factor, built) if factor is not None else FACTORS[cells > FEW_CELLS]
    threads = threads or numerics.threads or os.cpu_count() or 1
    coarse = coarsen(built.domain, factor, threads)
    sections = CoarseSections(built, coarse)
    simulation = Simulation(
        coarse.domain, courant=numerics.courant, max_step=numerics.max_step_s, threads=threads,
        threshold=built.scenario.outputs.threshold_cm / 100, sections=sections.faces,
    )  # fmt: skip
    if isinstance(simulation.engine, CpuEngine):
        simulation.engine.record_every = RECORD_EVERY
    end = numerics.duration_min * 60
    output_times = times(built.scenario.outputs.every_min * 60, end)
    snapshots = []
    made = time.perf_counter()
    for t in output_times:
        simulation.advance(t)
        sections.take(t, simulation)
        now = fields.snapshot(simulation)
        snapshots.append(Snapshot(*(np.asarray(now[key][:]) for key in ("depth", "velocity_x", "velocity_y"))))
        if progress is not None:
            progress(t / end)
    computed = time.perf_counter()
    depth = coarse.lay_back(simulation.maxima.h[1:-1, 1:-1])
    depth[~built.domain.active] = np.nan
    done = time.perf_counter()
    spent = {
        "read_s": read - began,
        "coarsen_s": made - read,
        "compute_s": computed - made,
        "lay_back_s": done - computed,
    }
    figures = _figures(simulation.balance(), done - read)
    notes = (*built.notes, *_said(coarse), *sections.notes)
    preview = Preview(
        "quick", built.dem.grid, depth, figures, notes=notes, title=built.scenario.title or "",
        synthetic=built.dem.synthetic,
    )  # fmt: skip
    return QuickAnswer(preview, built, coarse, simulation, output_times, tuple(snapshots), sections.series, spent)


def scenario_of_dem(dem: Path, rain_mm: float, crs: str | None = None) -> Scenario:
    """A DEM alone as a Scenario: block rain in 1 h, watched for 2 h, all edges open, everything else as by default."""
    return Scenario.parse({
        "terrain": {"dem": str(dem.absolute()), "crs": crs},
        "storm": {"kind": "block", "depth_mm": rain_mm, "duration_min": 60},
        "boundaries": [{"kind": "free", "where": {"edge": "all"}}], "numerics": {"duration_min": 120},
    })  # fmt: skip


def _checked(factor: int, built: Build) -> int:
    rows, cols = built.domain.active.shape
    most = min(LARGEST_FACTOR, rows, cols)
    if not (isinstance(factor, int) and 2 <= factor <= most):
        raise ScenarioError(
            "cannot compute so many times coarser", where="factor", value=factor, allowed=f"2 to {most}",
            hint="4 is nearer to the full run, 8 faster",
        )  # fmt: skip
    return factor


def _figures(ledger: Ledger, seconds: float) -> Figures:
    """In the words of all rungs: what the surface took is neither stored nor gone over the border."""
    supplied = sum(getattr(ledger, name) for name in SUPPLIED)
    runs = ledger.stored_m3 + ledger.outflow_m3 - ledger.residual_m3
    return Figures(supplied, max(supplied - runs, 0.0), runs, ledger.stored_m3, ledger.outflow_m3, seconds, seconds)


def _said(coarse: Coarse) -> list[str]:
    cell, fine = coarse.domain.cell, coarse.fine.cell
    notes = [f"computed on cells of {cell:g} m, its water laid back onto cells of {fine:g} m"]
    if coarse.left_out:
        notes.append(f"left out because both ends lie in one coarse cell: {', '.join(coarse.left_out)}")
    return notes
