"""How fast the previews are, and how far from the full run: python -m benchmarks.preview [--only PART] [--tiny].

Writes docs/proofs/preview.json, and the critical success indices also into the
program (src/flood_sim/preview/distances.json), which shows them beside every
preview. The real terrains are not part of the repository: FLOOD_SIM_CASES names
their folder; without it only the demo town is measured. Speed is processor time
of one core, the best of three, compiled code taken from the cache.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pyproj import CRS
from scipy.ndimage import zoom

from benchmarks import machine, valley
from flood_sim import Scenario, run
from flood_sim.build import Build, build
from flood_sim.preview import Preview, critical_success_index, sinks
from flood_sim.preview.label import THRESHOLDS_M
from flood_sim.terrain.flow import hierarchy_of, make_land, settle
from flood_sim.terrain.flow.kept import kept_hierarchy
from flood_sim.terrain.flow.origin import origin
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.shipped import town_scenario

ROOT = Path(__file__).resolve().parent.parent
PROOF = ROOT / "docs" / "proofs" / "preview.json"
DISTANCES = ROOT / "src" / "flood_sim" / "preview" / "distances.json"
CASES = Path(os.environ.get("FLOOD_SIM_CASES", ROOT.parent / "shared" / "cases"))
CLOSED = [{"kind": "wall", "where": {"edge": "all"}}]
STORM_M = 0.05

RUNGS: dict[str, Callable[[Build], Preview]] = {"sinks": lambda b: sinks(b, keep=False).preview}


class Case(NamedTuple):
    """A scenario to hold the previews against, with its name in both languages."""

    name: str
    title_de: str
    title_en: str
    scenario: Scenario


def cases(*, tiny: bool) -> Iterator[Case]:
    """The demo town and, where they are, the real terrains."""
    town = Scenario.load(town_scenario())
    if tiny:
        data = town.model_dump(mode="json")
        data["terrain"]["cell_m"], data["gauges"], data["sections"] = 20.0, [], []
        data["numerics"]["duration_min"] = data["storm"]["duration_min"] = 2.0
        yield Case("musterstadt", "Musterstadt", "Musterstadt", Scenario.parse(data))
        return
    yield Case("musterstadt", "Musterstadt (4 m)", "Musterstadt (4 m)", town)
    if CASES.is_dir():
        newcastle = {
            "terrain": {"dem": str(CASES / "newcastle_rain" / "dem_2m.tif")},
            "storm": {"kind": "block", "depth_mm": 29.0, "duration_min": 30}, "boundaries": CLOSED,
            "numerics": {"duration_min": 30},
        }  # fmt: skip
        yield Case("newcastle", "Newcastle (2 m)", "Newcastle (2 m)", Scenario.parse(newcastle))
        minnesota = {
            "terrain": {"dem": str(CASES / "lidar_minnesota" / "dem_1m.tif")},
            "storm": {"kind": "block", "depth_mm": 50.0, "duration_min": 60}, "boundaries": CLOSED,
            "surface": {"roughness": {"kind": "constant", "n": 0.05}}, "numerics": {"duration_min": 180},
        }  # fmt: skip
        yield Case("minnesota", "Minnesota (1 m)", "Minnesota (1 m)", Scenario.parse(minnesota))


def distance(case: Case) -> dict[str, dict[str, Any]]:
    """Figures of each rung against the full run of a case."""
    with tempfile.TemporaryDirectory() as folder:
        full = np.asarray(run(case.scenario, Path(folder) / "full").dataset["max_depth"])
    found = {}
    made = build(case.scenario)
    for rung, answer in RUNGS.items():
        preview = answer(made)
        csi = [critical_success_index(preview.depth, full, t) for t in THRESHOLDS_M]
        found[rung] = {
            "case": case.name, "title_de": case.title_de, "title_en": case.title_en,
            "csi": [None if c is None else round(c, 3) for c in csi],
            "cells": int(full.size), "figures": asdict(preview.figures),
        }  # fmt: skip
    return found


def best(action: Callable[[], Any], times: int = 3) -> float:
    """Processor time in s, the best of so many."""
    found = []
    for _ in range(times):
        began = time.process_time()
        action()
        found.append(time.process_time() - began)
    return min(found)


def hills(size: int) -> np.ndarray:
    """Gentle hills of every size and noise of 2 cm: one cell in twenty is a pit. Heights (size, size), m."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    z = 0.02 * x + 0.01 * y + 0.02 * rng.standard_normal((size, size), np.float32)
    for length in (8, 32, 128, 512):
        waves = rng.standard_normal((size // length + 3, size // length + 3))
        z += 0.02 * length * zoom(waves, length, order=1)[:size, :size]
    return np.asarray(z, np.float32)


TERRAINS: dict[str, Callable[[int], np.ndarray]] = {"steep valleys with buildings": valley.gorge, "rough hills": hills}


def speed(name: str, size: int) -> dict[str, Any]:
    """Processor times in s of the rung "sinks" on a square terrain."""
    ground = TERRAINS[name](size).astype(np.float32)
    grid = Grid(0.0, size * valley.CELL_M, valley.CELL_M, size, size, CRS.from_epsg(25832))
    land = make_land(ground, valley.CELL_M)
    hierarchy = hierarchy_of(land)
    x, y = grid.x_centres(), grid.y_centres()
    row, col = (int(k) for k in divmod(int(hierarchy.on_grid(hierarchy.cells_above).argmax()), size))
    settled = settle(hierarchy, STORM_M)
    with tempfile.TemporaryDirectory() as folder:
        kept_hierarchy(land, Path(folder))
        from_disk = best(lambda: kept_hierarchy(make_land(ground, valley.CELL_M), Path(folder)))
    return {
        "terrain": name, "cells": size * size, "sinks": hierarchy.leaves,
        "drainage_s": best(lambda: hierarchy_of(make_land(ground, valley.CELL_M))),
        "from_disk_s": from_disk,
        "storm_s": best(lambda: settle(hierarchy, STORM_M)),
        "origin_s": best(lambda: origin(hierarchy, grid, x[col], y[row], 50.0)),
        "volume_error": abs(settled.laid_m3 + settled.left_m3 - settled.in_m3) / settled.in_m3,
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """The figures as Markdown."""
    rows = ["| terrain | rung | CSI from 10 cm | CSI from 30 cm |", "|---|---|---|---|"]
    for rung, of_rung in found["distance"].items():
        for d in of_rung:
            csi = " | ".join("–" if c is None else f"{c:.2f}" for c in d["csi"])
            rows.append(f"| {d['title_en']}, {d['cells']:,} cells | {rung} | {csi} |")
    rows += [
        "", "| terrain | cells | sinks | drainage, cold (s) | from disk (s) | storm (s) | origin of a place (s) | volume error |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for s in found["speed"]:
        rows.append(
            f"| {s['terrain']} | {s['cells']:,} | {s['sinks']:,} | {s['drainage_s']:.2f} | {s['from_disk_s']:.2f} | {s['storm_s']:.2f} | "
            f"{s['origin_s']:.2f} | {s['volume_error']:.0e} |"
        )
    about = found["machine"]
    rows += ["", f"{about['cpu']}, one core, processor time, best of three; Numba {about['libraries']['numba']}, commit {about['commit']}."]  # fmt: skip
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preview", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="to see that everything works; nothing is written")
    parser.add_argument("--only", choices=("distance", "speed"), help="keep the other part as it was measured")
    asked = parser.parse_args(arguments)
    # the other part, and what benchmarks.preview_quick measured
    old = json.loads(PROOF.read_text(encoding="utf-8")) if PROOF.is_file() else {}
    found = {**old, "machine": machine.describe()}
    if asked.only != "speed":
        measured = [distance(case) for case in cases(tiny=asked.tiny)]
        found["distance"] = {rung: [m[rung] for m in measured] for rung in RUNGS}
    if asked.only != "distance":
        sizes = (64,) if asked.tiny else (2048, 4096)
        found["speed"] = [speed(name, n) for name in TERRAINS for n in sizes]
    print(table(found))
    if not asked.tiny:
        PROOF.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        keys = ("case", "title_de", "title_en", "csi")
        shown = json.loads(DISTANCES.read_text(encoding="utf-8"))
        shown |= {rung: [{key: d[key] for key in keys} for d in of] for rung, of in found["distance"].items()}
        DISTANCES.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
