"""How fast the rung "quick" is, and how far from the full run: python -m benchmarks.preview_quick [--only PART] [--keep DIR] [--tiny].

Adds its figures to docs/proofs/preview.json and to src/flood_sim/preview/distances.json. Terrains as benchmarks.preview, and
Musterstadt also on cells of 2 m. Each is computed 4 and 8 times coarser and held against the maximum depth of the full run:
critical success index from 10 cm and 30 cm, and, where the full run has 10 cm or more, root mean square and mean
of the difference. Speed: 4 km² at 1 m, made of Musterstadt (its ground interpolated, mirrored to the south until it
is square), its own storm of 90 mm in 1 h and 1 h of run-off, with the losses of the ground; from arrays in memory to the
map of maxima, wall time on two threads, best and median of five, compiled code taken from the cache; to be run while
nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import zoom

from benchmarks import machine
from benchmarks.preview import DISTANCES, PROOF, Case, cases
from flood_sim import Scenario
from flood_sim.build import Build, build
from flood_sim.preview import critical_success_index, quick
from flood_sim.preview.coarse import coarsen
from flood_sim.preview.label import THRESHOLDS_M
from flood_sim.preview.quick import RECORD_EVERY
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.simulation import Simulation
from flood_sim.terrain.shipped import town_scenario

FACTORS = (4, 8)
SIDE = 2000
END_S = 7200.0
WET_M = 0.1


def all_cases(*, tiny: bool) -> Iterator[Case]:
    """Those of every rung, and Musterstadt on the cells of its DEM."""
    yield from cases(tiny=tiny)
    if not tiny:
        data = Scenario.load(town_scenario()).model_dump(mode="json")
        data["terrain"]["cell_m"] = 2.0
        yield Case("musterstadt2", "Musterstadt (2 m)", "Musterstadt (2 m)", Scenario.parse(data))


def full_run(made: Build, kept: Path | None) -> tuple[np.ndarray, float]:
    """Maximum depth (m) of the full run and its processor time (s); from the file `kept`, or written to it."""
    if kept is not None and kept.is_file():
        with np.load(kept) as found:
            return found["maximum"], float(found["cpu_s"])
    simulation = made.simulation()
    began = time.process_time()
    simulation.advance(made.scenario.numerics.duration_min * 60)
    spent = time.process_time() - began
    maximum = np.where(made.domain.active, simulation.maxima.h[1:-1, 1:-1], np.nan)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, maximum=maximum, cpu_s=spent)
    return maximum, spent


def distance(case: Case, keep: Path | None) -> list[dict[str, Any]]:
    """Figures of the rung against the full run of a case, for each factor."""
    made = build(case.scenario)
    full, full_s = full_run(made, None if keep is None else keep / f"{case.name}.npz")
    quick(made, FACTORS[-1])  # compiled
    wet = full >= WET_M
    found = []
    for factor in FACTORS:
        began = time.process_time()
        depth = quick(made, factor).preview.depth
        quick_s = time.process_time() - began
        csi = [critical_success_index(depth, full, t) for t in THRESHOLDS_M]
        off = (depth - full)[wet].astype(float)
        found.append({
            "case": f"{case.name}-{factor}", "title_de": f"{case.title_de}, {factor}-fach gröber",
            "title_en": f"{case.title_en}, {factor} times coarser", "csi": [None if c is None else round(c, 3) for c in csi],
            "rmse_m": round(float(np.sqrt(np.mean(off**2))), 3) if off.size else None,
            "bias_m": round(float(off.mean()), 3) if off.size else None,
            "cells": int(full.size), "full_cpu_s": round(full_s, 1), "quick_cpu_s": round(quick_s, 2),
        })  # fmt: skip
        print(json.dumps(found[-1]), flush=True)
    return found


def quarter(side: int = SIDE) -> Domain:
    """A town of side x side cells of 1 m with houses, roughness by land cover, losses and free borders."""
    data = Scenario.load(town_scenario()).model_dump(mode="json")
    data["terrain"]["cell_m"] = 2.0
    town = build(Scenario.parse(data)).domain

    def grown(values: np.ndarray) -> np.ndarray:
        large = np.repeat(np.repeat(np.asarray(values), 2, axis=0), 2, axis=1)
        return np.ascontiguousarray(np.vstack([large, large[::-1]])[:side, :side])

    ground = zoom(town.ground.astype(float), 2, order=1)
    active = grown(town.active)
    laws = tuple(replace(law, zone=grown(law.zone)) for law in town.laws if isinstance(law, Ground))
    return Domain(
        ground=np.vstack([ground, ground[::-1]])[:side, :side].astype(np.float32), active=active,
        outside=np.zeros_like(active), cell=1.0, manning=grown(np.asarray(town.manning[:], np.float32)),
        rain_weight=grown(town.rain_weight) * active, rain=town.rain, parts=town.parts, laws=laws,
    )  # fmt: skip


def answer_once(fine: Domain, end: float, threads: int) -> dict[str, float]:
    """One answer: wall time of its parts and processor time of all of it, s; how much it computed."""
    marks, began = [time.perf_counter()], time.process_time()
    coarse = coarsen(fine, 8, threads)
    marks.append(time.perf_counter())
    simulation = Simulation(coarse.domain, threads=threads)
    simulation.engine.record_every = RECORD_EVERY
    simulation.advance(end)
    marks.append(time.perf_counter())
    coarse.lay_back(simulation.maxima.h[1:-1, 1:-1])
    marks.append(time.perf_counter())
    parts = dict(zip(("coarsen_s", "flow_s", "lay_back_s"), np.diff(marks).tolist(), strict=True))
    return {
        **parts, "wall_s": marks[-1] - marks[0], "cpu_s": time.process_time() - began,
        "coarse_cells": coarse.domain.cells, "steps": simulation.steps,
    }  # fmt: skip


def speed(*, tiny: bool) -> dict[str, Any]:
    """Seconds for the parts of the answer on 4 km² at 1 m, 8 times coarser."""
    fine = quarter(400 if tiny else SIDE)
    end, times = (60.0, 1) if tiny else (END_S, 5)
    answer_once(fine, 60.0, 2)  # loads compiled code
    two = sorted((answer_once(fine, end, 2) for _ in range(times)), key=lambda one: one["wall_s"])
    one = min((answer_once(fine, end, 1) for _ in range(min(times, 2))), key=lambda one: one["wall_s"])
    return {
        "cells": fine.cells, "one_thread_s": one["wall_s"], "median_s": two[len(two) // 2]["wall_s"], **two[0],
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """The figures as Markdown."""
    rows = [
        "| terrain | CSI from 10 cm | CSI from 30 cm | RMSE (m) | bias (m) | full run, CPU (s) | quick, CPU (s) |",
        "|---|---|---|---|---|---|---|",
    ]
    for d in found["distance"]:
        csi = " | ".join("–" if c is None else f"{c:.2f}" for c in d["csi"])
        rows.append(
            f"| {d['title_en']} | {csi} | {d['rmse_m']:.2f} | {d['bias_m']:+.2f} | {d['full_cpu_s']:.1f} | {d['quick_cpu_s']:.1f} |"
        )
    s = found["speed"]
    rows += [
        "",
        f"{s['cells']:,} open cells of 1 m, 8 times coarser: {s['coarse_cells']:,} cells, {s['steps']:,} steps for 2 h. From "
        f"arrays in memory to the map of maxima **{s['wall_s']:.1f} s** on two threads, best of five (median {s['median_s']:.1f} s): "
        f"coarsening {s['coarsen_s']:.2f} s, flow {s['flow_s']:.2f} s, laying back {s['lay_back_s']:.2f} s; processor time "
        f"{s['cpu_s']:.1f} s. On one thread {s['one_thread_s']:.1f} s.",
        "",
        f"{found['machine']['cpu']}; Numba {found['machine']['libraries']['numba']}, commit {found['machine']['commit']}; "
        f"CSI, RMSE and bias of commit {found['distance_commit']}.",
    ]
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preview_quick", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="to see that everything works; nothing is written")
    parser.add_argument("--only", choices=("distance", "speed"), help="keep the other part as it was measured")
    parser.add_argument("--keep", type=Path, help="folder in which the full runs are kept for the next time")
    asked = parser.parse_args(arguments)
    whole = json.loads(PROOF.read_text(encoding="utf-8")) if PROOF.is_file() else {}
    found = {**whole.get("quick", {}), "machine": machine.describe()}
    if asked.only != "speed":
        found["distance"] = [d for case in all_cases(tiny=asked.tiny) for d in distance(case, asked.keep)]
        found["distance_commit"] = found["machine"]["commit"]
    if asked.only != "distance":
        found["speed"] = speed(tiny=asked.tiny)
    print(table(found) if "distance" in found and "speed" in found else json.dumps(found, indent=1))
    if not asked.tiny:
        # read anew: the other rung may have been measured meanwhile
        whole = json.loads(PROOF.read_text(encoding="utf-8")) if PROOF.is_file() else {}
        PROOF.write_text(json.dumps({**whole, "quick": found}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if "distance" in found:
            keys = ("case", "title_de", "title_en", "csi")
            shown = json.loads(DISTANCES.read_text(encoding="utf-8"))
            shown["quick"] = [{key: d[key] for key in keys} for d in found["distance"]]
            DISTANCES.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
