"""Write what the documents say of keys, variables and accuracy from the code itself.

    .venv/bin/python -m tools.make_docs            write
    .venv/bin/python -m tools.make_docs --check    only say which documents are stale (exit code 1)
    .venv/bin/python -m tools.make_docs --measure  first compute the exact cases anew

A part between `<!-- made: NAME -->` and `<!-- end: NAME -->` belongs to this script.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import machine
from tools.scenario_tables import tables

from flood_sim.variables import LEGENDS, VARIABLES, Variable

ROOT = Path(__file__).resolve().parent.parent
ACCURACY = ROOT / "docs" / "proofs" / "accuracy.json"
SPEED = ROOT / "docs" / "proofs" / "benchmarks.json"
DOCUMENTS = ("README.md", "docs/accuracy.md", "docs/architecture.md", "docs/preview.md", "docs/result-format.md", "docs/scenario.md",
             "docs/surface.md")  # fmt: skip

CLAIMS: tuple[tuple[str, str, str, str], ...] = (
    ("lake at rest, float32", "speed_m_s", "Still water over rough ground with buildings stays still: largest speed", "m/s"),
    ("Ritter dam break", "l1", "Dam break on a dry bed (Ritter 1892), 400 cells: error of depth, L1", ""),
    ("Stoker dam break", "l1", "Dam break on a wet bed (Stoker 1957), 400 cells: error of depth, L1", ""),
    ("Stoker dam break", "shock_speed_error", "… its shock: error of speed", ""),
    ("Dressler dam break", "friction_effect_missed", "Dam break on a rough bed (Dressler 1952): share of the effect of friction missed", ""),
    ("Thacker", "decay_per_period", "Water that sways in a bowl (Thacker 1981): swing lost per period", ""),
    ("flow over a bump", "l1", "Flow over a bump, slow, through critical, with a jump: error of depth, L1", ""),
    ("flow over a bump", "jump_cells_off", "… place of the jump", "cells"),
    ("made channel", "l1", "Channels made for a depth (MacDonald 1997), with friction and rain: error of depth, L1", ""),
    ("rain on a plane", "against_discrete", "Rain on a plane (kinematic wave): water on it, against the discrete solution", ""),
    ("rain on a plane", "against_continuous", "… against the continuous solution", ""),
    ("rain on a plane", "rising_limb_l1", "… rising limb of the hydrograph, L1", ""),
    ("V-catchment", "l1", "Two planes and a channel (Di Giammarco 1996): hydrograph, L1", ""),
    ("dam break at a building", "around_building", "Dam break at a building, as measured in a flume: mean depths around it", ""),
    ("rippled frictionless pool", "largest_growth", "Ripples on a frictionless pool die down: energy, later / before", ""),
    ("worst of", "relative_mass_error", "Cliffs, needles, noise, torrents, no speed beyond the head there is: mass error", ""),
    ("steep valley", "difference_m", "A turned or mirrored valley gives the turned answer: difference of depth", "m"),
    ("drizzle on deep water", "lost_share_of_rain", "10 mm/h on metres of water: share of the rain that is lost", ""),
    ("one thread equals many", "different_cells", "One thread equals many: cells that differ in any bit", ""),
)  # fmt: skip
"""Case (or what the names of several begin with), figure, what it says, unit: the rows of the README."""


def measure() -> None:
    from flood_sim.verify import CHECKS

    found = {}
    for name, make in CHECKS.items():
        check = make()
        found[name] = {
            "figures": {key: float(f"{value:.3g}") for key, value in check.figures.items()},
            "limits": {key: float(f"{value:.3g}") for key, value in check.limits.items()},
            "at_least": sorted(check.at_least),
            "test": check.test,
            "pass": check.passed,
        }
    ACCURACY.parent.mkdir(parents=True, exist_ok=True)
    record = {"machine": machine.describe(), "cases": found}
    ACCURACY.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def cases() -> dict[str, Any]:
    return json.loads(ACCURACY.read_text(encoding="utf-8"))["cases"]


def claims() -> str:
    """The README's table: the worst figure of each claim."""
    rows = ["| claim | measured | allowed | test |", "|---|---|---|---|"]
    for begin, figure, text, unit in CLAIMS:
        chosen = [c for name, c in cases().items() if name.startswith(begin) and figure in c["figures"]]
        worst = max(chosen, key=lambda c: c["figures"][figure])
        value, limit = (f"{worst[part][figure]:.2g}" for part in ("figures", "limits"))
        unit = f" {unit}" if unit else ""
        rows.append(f"| {text} | {value}{unit} | ≤ {limit}{unit} | {_link(worst['test'], '')} |")
    return "\n".join(rows)


def accuracy() -> str:
    """Every figure of every case."""
    rows = ["| case | figure | measured | allowed | test |", "|---|---|---|---|---|"]
    for name, case in cases().items():
        for figure, limit in case["limits"].items():
            sign = "≥" if figure in case["at_least"] else "≤"
            value = f"{case['figures'][figure]:.3g}"
            rows.append(
                f"| {name} | {figure.replace('_', ' ')} | {value} | {sign} {limit:.3g} | {_link(case['test'], '../')} |"
            )
    return "\n".join(rows)


def _link(test: str, up: str) -> str:
    return f"[{Path(test).stem.removeprefix('test_').replace('_', ' ')}]({up}{test})"


def variables() -> str:
    rows = [
        "| key | symbol | unit | meaning | positive | cell methods | on disk | file |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for v in VARIABLES.values():
        dims = "(time, y, x)" if v.over_time else "(y, x)"
        rows.append(
            f"| `{v.key}` | {v.symbol.replace('|', chr(92) + '|')} | {v.unit} | {v.long_name} | {v.positive or '–'} | "
            f"{v.cell_methods or '–'} | {_on_disk(v)} {dims} | {f'`{v.file}`' if v.file else '–'} |"
        )
    return "\n".join(rows)


def _on_disk(variable: Variable) -> str:
    packing = variable.packing
    return f"{packing.dtype} × {packing.scale:g}" if packing else "float32"


def legends() -> str:
    rows = ["| map | class | colour | Deutsch |", "|---|---|---|---|"]
    rows += [
        f"| `{key}` | {c.label_en} | `{c.colour}` | {c.label_de} |" for key, classes in LEGENDS.items() for c in classes
    ]
    return "\n".join(rows)


def speed() -> str:
    """The figures of the benchmarks, with the machine they were measured on."""
    found = json.loads(SPEED.read_text(encoding="utf-8"))
    about = found["machine"]
    rows = [
        "| grid | maxima | threads | Mcell/s | of multiply-add rate | of bandwidth | bytes per cell |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in found["rates"]:
        rows.append(
            f"| {' × '.join(map(str, r['shape']))} | {'yes' if r['maxima'] else 'no'} | {r['threads']} | {r['mcell_s']:.0f} | "
            f"{r['share_of_fma']:.0%} | {r['share_of_triad']:.0%} | {r['bytes_per_cell']:.0f} |"
        )
    best = ", ".join(
        f"{n} thread{'s' * (n != '1')} {v['triad_gb_s']:.0f} GB/s and {v['fma_gflop_s']:.0f} Gflop/s"
        for n, v in found["limits"].items()
    )
    work = found["work_per_cell_and_step"]
    flow, both = work["flow"], work["flow_and_maxima"]
    alone = max(r["mcell_cpu_s"] for r in found["rates"] if r["threads"] == 1 and not r["maxima"])
    town = found["town"]
    lines = [
        "\n".join(rows),
        f"{about['cpu']}, {about['cores']} cores, {about['system']}, Python {about['python']}, Numba "
        f"{about['libraries']['numba']}, commit {about['commit']}. The machine's own best, measured in the same run with the "
        f"same compiler (triad, float32 multiply-add counted as two): {best}. One cell and step: {flow['operations']} "
        f"operations and {flow['bytes']} bytes, with maxima {both['operations']} and {both['bytes']}, counted from the sources "
        "(`benchmarks/count.py`). Best of many short stretches: other programs ran on the machine (load "
        f"{min(found['load']):g} to {max(found['load']):g} on {about['cores']} cores), so idle it is rather faster; per second "
        f"of processor time one core made {alone:.0f} Mcell/s. First start {found['start']['compile_s']:.0f} s (compiles), "
        f"later {found['start']['cached_start_s']:.1f} s.",
        f"The demo, from files to files: {town['cells']} cells of {town['cell_m']:g} m, {town['simulated_min']:g} min in "
        f"{town['total_s']:.0f} s, {town['steps']} steps, {town['threads']} threads, peak {town['peak_mib']:.0f} MiB.",
    ]
    return "\n\n".join(lines)


def land_cover() -> str:
    """The shipped table of classes, and what its marks mean."""
    from flood_sim.surface.land_cover import GROUPS, load_table

    table = load_table()
    rows = [
        "| code | key | | n deep | n shallow | sealed | initial loss mm | constant mm/h | Horton f0, fc, k | Green-Ampt K, ψ, Δθ | CN | marks |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for c in table.classes:
        own = {**table.defaults, **c.marks}
        open_ground = c.sealed < 1
        taken = [group for group in GROUPS if open_ground or group in ("n", "sealed", "initial_loss")]
        marks = ", ".join(sorted({own[group] for group in taken}))
        soil = (
            f"{c.constant_mm_h:g}",
            ", ".join(f"{v:g}" for v in c.horton),
            ", ".join(f"{v:g}" for v in c.green_ampt),
            f"{c.cn:g}",
        )
        cells = soil if open_ground else ("–",) * 4
        rows.append(
            f"| {c.code} | `{c.key}` | {c.label_de} | {c.n:g} | {c.n_shallow:g} | {c.sealed:g} | {c.initial_loss_mm:g} | "
            f"{' | '.join(cells)} | {marks} |"
        )
    return "\n".join(rows) + "\n\n" + "\n".join(f"- `{name}`: {words}" for name, words in table.marks.items())


def preview() -> str:
    """How far the previews are from the full run, and how fast."""
    from benchmarks.preview import PROOF, table  # the engine comes with it

    return table(json.loads(PROOF.read_text(encoding="utf-8")))


def preview_quick() -> str:
    """How far the quick answer is from the full run, and how fast."""
    from benchmarks.preview_quick import PROOF, table  # the engine comes with it

    return table(json.loads(PROOF.read_text(encoding="utf-8"))["quick"])


def floors() -> str:
    """The floors of the architecture test, as far as there is something on them."""
    tree = ast.parse((ROOT / "tests" / "test_architecture.py").read_text(encoding="utf-8"))
    named = {
        t.id: n.value for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    }
    package = ROOT / "src" / "flood_sim"
    built = [[u for u in sorted(units) if _exists(package, u)] for units in ast.literal_eval(named["FLOORS"])]
    return "\n".join(["```text", *(", ".join(units) for units in reversed(built) if units), "```"])


def _exists(package: Path, unit: str) -> bool:
    return unit == "api" or (package / unit).is_dir() or (package / f"{unit}.py").is_file()


PARTS: dict[str, Callable[[], str]] = {
    "claims": claims, "accuracy": accuracy, "variables": variables, "legends": legends, "scenario": tables,
    "speed": speed, "floors": floors, "preview": preview, "preview_quick": preview_quick, "land_cover": land_cover,
}  # fmt: skip


def filled(text: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- made: {name} -->\n{PARTS[name]()}\n<!-- end: {name} -->"

    return re.sub(r"<!-- made: (?P<name>\w+) -->.*?<!-- end: (?P=name) -->", fill, text, flags=re.DOTALL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--measure", action="store_true")
    asked = parser.parse_args()
    if asked.measure:
        measure()
    stale = []
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = filled(text)
        if new != text:
            stale.append(name)
            if not asked.check:
                path.write_text(new, encoding="utf-8")
    if stale:
        print(f"{'stale' if asked.check else 'written'}: {', '.join(stale)}")
    return 1 if stale and asked.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
