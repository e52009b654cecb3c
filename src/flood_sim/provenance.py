"""What the manifest says of a run: what was asked, from which files, computed by what, and how the water balances."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from llvmlite import binding as llvm

from flood_sim.build import Build
from flood_sim.compiled import engine_version
from flood_sim.peak_memory import peak_bytes
from flood_sim.results.parts import Values, largest
from flood_sim.scenario import storm_end_min
from flood_sim.solver.ledger import Ledger
from flood_sim.solver.simulation import Simulation

WORTH_SAYING = 0.005
"""Share of all water that leaves over the border from which on it is said."""
LIBRARIES = ("numpy", "numba", "scipy", "rasterio", "xarray", "zarr", "pydantic")


@dataclass(frozen=True)
class Attempt:
    """One attempt at a result: its own id, and the checkpoints it built on.

    sums: SHA-256 of the input files by name. names: what the manifest calls
    them. resumed: one entry for each time the computation went on from a
    checkpoint, the newest last.
    """

    content_id: str
    run_id: str
    sums: Mapping[str, str]
    names: Mapping[str, str]
    resumed: list[dict[str, Any]] = field(default_factory=list)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def computer() -> dict[str, Any]:
    """The machine, in words that name nobody."""
    return {
        "system": platform.system(),
        "processor": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(logical=True),
        "python": platform.python_version(),
    }


def compiler() -> dict[str, str]:
    """What decides on the last bits besides formulas and device: runs that agree in all three end with the same ones."""
    features = hashlib.sha256(llvm.get_host_cpu_features().flatten().encode()).hexdigest()[:12]
    cpu = f"{llvm.get_host_cpu_name()} {features}"
    return {"cpu": cpu, **{name: version(name) for name in ("numba", "llvmlite", "numpy")}}


def libraries() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}


def manifest(
    attempt: Attempt, built: Build, sim: Simulation, output_times: Sequence[float], found: Mapping[str, Values],
    performance: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The manifest of a finished run; `found` are its fields without time, `performance` what the clock said."""
    scenario, grid = built.scenario, built.dem.grid
    balance = sim.balance()

    def shown(name: str) -> str:
        return attempt.names.get(name, Path(name).name)

    return {
        "content_id": attempt.content_id,
        "run_id": attempt.run_id,
        "rung": "full",
        "title": scenario.title,
        "scenario": scenario.with_files(shown).model_dump(mode="json", exclude_none=True),
        "inputs": [
            {"place": place, "name": shown(name), "sha256": attempt.sums[name]}
            for place, name in scenario.files().items()
        ],
        "created": now(),
        "resumed": attempt.resumed,
        "engine": engine_version(),
        "version": version("flood-sim"),
        "libraries": libraries(),
        "machine": computer(),
        "grid": {
            "west": grid.west,
            "north": grid.north,
            "cell_m": grid.cell,
            "rows": grid.rows,
            "cols": grid.cols,
            "crs_wkt": grid.crs.to_wkt(),
            "epsg": grid.crs.to_epsg(),
            "active_cells": built.domain.cells,
        },
        "terrain": {"name": built.dem.name},
        "synthetic": built.dem.synthetic,
        "storm": {
            "label": built.storm.label,
            "label_en": built.storm.label_en,
            "depth_mm": built.storm.total_m * 1000,
            "duration_min": storm_end_min(scenario.storm),
        },
        "area": built.area,
        "borders": borders(sim),
        "notes": [*built.notes, *_left(balance)],
        "output_times_s": list(output_times),
        "threshold_m": scenario.outputs.threshold_cm / 100,
        "ledger": balance.as_dict(),
        "extremes": {
            "max_depth_m": largest(found["max_depth"]),
            "max_speed_m_s": largest(found["max_speed"]),
            "max_unit_discharge_m2_s": largest(found["max_unit_discharge"]),
            "shortest_step_s": sim.shortest_step,
        },
        "performance": {
            **performance,
            "steps": sim.steps,
            "cells": built.domain.cells,
            "mcell_per_s": sim.steps * built.domain.cells / max(performance["wall_s"], 1e-9) / 1e6,
            "threads": sim.engine.threads,
            "device": sim.engine.device,
            "peak_mib": peak_bytes() / 2**20,
        },
    }


def borders(sim: Simulation) -> list[dict[str, Any]]:
    """What passed each part of the border since the start, m3."""
    out, back = sim.border_volumes().T
    return [
        {"name": part.name, "outflow_m3": float(a), "inflow_m3": float(b)}
        for part, a, b in zip(sim.domain.parts, out, back, strict=True)
    ]


def _left(balance: Ledger) -> list[str]:
    """That water reached an open border, with how much: it is not lost silently."""
    if balance.outflow_m3 < WORTH_SAYING * max(balance.supplied_m3, 1e-9):
        return []
    share = 100 * balance.outflow_m3 / balance.supplied_m3
    out = f"{balance.outflow_m3:,.0f}" if balance.outflow_m3 >= 100 else f"{balance.outflow_m3:.3g}"
    return [f"{out} m3 ({share:.0f} % of all water) left over the open border of the model"]
