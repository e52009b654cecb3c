"""Run every benchmark, print a table, keep the figures as JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import kernel_rate, machine, whole_run

RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="file for the figures (else benchmarks/results/)", metavar="FILE")
    parser.add_argument("--tiny", action="store_true", help="a few seconds, to see that everything works; no figures")
    parser.add_argument("--no-town", action="store_true", help="leave out the whole run of the shipped town")
    asked = parser.parse_args(arguments)
    console = Console()
    if asked.tiny:
        figures = kernel_rate.measure((64,), seconds=0.05, triad_elements=2**16, compile_time=False)
    else:
        figures = kernel_rate.measure()
    show_rates(figures, console)
    if not asked.no_town:
        town = whole_run.measure(*((2.0, 20.0) if asked.tiny else ()))
        figures["town"] = town
        show_town(town, console)
    path = asked.json or RESULTS / f"{figures['machine']['when'][:19].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    console.print(f"figures: {path}")
    return 0


def show_rates(figures: dict[str, Any], console: Console) -> None:
    about, cores = figures["machine"], figures["machine"]["cores"]
    console.print(f"{about['cpu']}, {cores} cores; {about['system']}; Python {about['python']}, "
                  f"Numba {about['libraries']['numba']}; commit {about['commit']}")  # fmt: skip
    for n, limit in figures["limits"].items():
        console.print(f"{n} thread(s) at best: triad {limit['triad_gb_s']:.1f} GB/s, "
                      f"multiply-add {limit['fma_gflop_s']:.0f} Gflop/s (float32)")  # fmt: skip
    for name, work in figures["work_per_cell_and_step"].items():
        console.print(
            f"per cell and step, {name.replace('_', ' ')}: {work['operations']} operations, {work['bytes']} bytes"
        )
    columns = ("grid", "maxima", "threads", "Mcell/s", "median", "per CPU s", "of m.-add", "of triad", "B/cell")
    title = (
        "Cell updates of the time loop: best stretch, share of multiply-add rate and bandwidth, memory of the solver"
    )
    table = Table(*columns, title=title, title_justify="left")
    for row in figures["rates"]:
        table.add_row(
            " x ".join(map(str, row["shape"])), "yes" if row["maxima"] else "no", str(row["threads"]),
            f"{row['mcell_s']:.0f}", f"{row['mcell_s_median']:.0f}", f"{row['mcell_cpu_s']:.0f}", f"{row['share_of_fma']:.0%}",
            f"{row['share_of_triad']:.0%}", f"{row['bytes_per_cell']:.1f}",
        )  # fmt: skip
    console.print(table)
    if figures["start"]:
        console.print(
            "first start {compile_s:.1f} s (compiles), later {cached_start_s:.1f} s".format(**figures["start"])
        )
    busy = max(figures["load"])
    if busy > machine.describe()["cores"] * 0.75 + 1:
        console.print(
            f"The machine was busy (load {busy:g} on {cores} cores): best of several repeats, take it as a lower bound."
        )


def show_town(town: dict[str, Any], console: Console) -> None:
    console.print(
        f"{town['title']}: {town['cells']} cells of {town['cell_m']:g} m, {town['simulated_min']:g} min in "
        f"{town['total_s']:.1f} s (loop {town['loop_wall_s']:.1f} s, {town['mcell_per_s']:.0f} Mcell/s with outputs on "
        f"{town['threads']} threads, {town['steps']} steps, mass error {town['mass_error']:.0e}, peak {town['peak_mib']:.0f} MiB)"
    )


if __name__ == "__main__":
    raise SystemExit(main())
