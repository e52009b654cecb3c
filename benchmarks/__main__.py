"""Run the benchmarks, print tables, keep the figures as JSON: python -m benchmarks [PART ...].

Parts that are not asked for keep the figures that the JSON file already has, so
that a long list can be measured piece by piece. `peers` needs `pip install
.[bench]`, `city` 17 GB of free memory and 20 GB of disk, `gpu` a CUDA card and `.[cuda]`; these are
run only when asked for by name or with --all.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from benchmarks import cells, city, gpu, kernel_rate, laws, machine, outputs, scaling, start, whole_run
from benchmarks.peers import race, table

RESULTS = Path(__file__).resolve().parent / "results"
TINY_STORM_S = 20.0


class Piece(NamedTuple):
    """One part: what measures it, what prints it, and whether it spreads over the top of the file."""

    measure: Callable[[argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any], Console], None]
    always: bool = True
    on_top: bool = False


def _kernel(asked: argparse.Namespace) -> dict[str, Any]:
    if asked.tiny:
        return kernel_rate.measure((64,), seconds=0.05, triad_elements=2**16)
    return kernel_rate.measure()


def _town(asked: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own, whose memory is that of the run alone."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(whole_run.measure, *((2.0, 20.0) if asked.tiny else ())).result()


def _peers(asked: argparse.Namespace) -> dict[str, Any]:
    if asked.tiny:
        return race.measure(32, (TINY_STORM_S,), python=asked.peers_python, repeats=1)
    return race.measure(storms_s=tuple(asked.storms), python=asked.peers_python, limit_s=asked.limit)


PARTS: dict[str, Piece] = {
    "kernel": Piece(_kernel, kernel_rate.show, on_top=True),
    "start": Piece(lambda a: start.measure(tiny=a.tiny), start.show),
    "scaling": Piece(lambda a: scaling.measure(tiny=a.tiny), scaling.show),
    "cells": Piece(lambda a: cells.measure(tiny=a.tiny), cells.show),
    "laws": Piece(lambda a: laws.measure(tiny=a.tiny), laws.show),
    "outputs": Piece(lambda a: outputs.measure(tiny=a.tiny), outputs.show),
    "town": Piece(_town, whole_run.show),
    "peers": Piece(_peers, table.show, always=False),
    "gpu": Piece(lambda a: gpu.measure(tiny=a.tiny), gpu.show, always=False),
    "city": Piece(lambda a: city.measure(tiny=a.tiny), city.show, always=False),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)}")
    parser.add_argument("--all", action="store_true", help="every part, peers, city and gpu as well")
    parser.add_argument("--json", type=Path, help="file for the figures (else benchmarks/results/)", metavar="FILE")
    parser.add_argument("--tiny", action="store_true", help="a few seconds, to see that everything works; no figures")
    parser.add_argument("--peers-python", metavar="PYTHON", help="an interpreter that has the peers (else this one)")
    parser.add_argument(
        "--storms", type=float, nargs="+", default=[600.0, 7200.0], metavar="S", help="storms of the peers"
    )
    parser.add_argument("--limit", type=float, default=2400.0, metavar="S", help="longest time loop of a peer")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.parts if name not in PARTS]
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    console = Console(width=None if Console().is_terminal else 150)
    path = asked.json or RESULTS / f"{machine.describe()['when'][:19].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name in asked.parts or [n for n, piece in PARTS.items() if piece.always or asked.all]:
        figures.update(_measured(name, asked, figures, console))
        # after every part: what has been measured survives what comes
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    console.print(f"figures: {path}")
    return 0


def _measured(name: str, asked: argparse.Namespace, figures: dict[str, Any], console: Console) -> dict[str, Any]:
    """The entries that a part adds to the file: its figures, and when, where and how busy."""
    piece = PARTS[name]
    console.rule(name)
    before, began = machine.load(), time.perf_counter()
    found = piece.measure(asked)
    about = machine.describe()
    loads = [before, machine.load()]
    piece.show({"machine": about, **found} if piece.on_top else found, console)
    if max(loads) > about["cores"] * 0.75 + 1:
        console.print(f"The machine was busy (load {max(loads):g} on {about['cores']} cores): take it as a bound.")
    part = {"when": about["when"], "commit": about["commit"], "load": loads, "took_s": time.perf_counter() - began}
    return {
        "machine": figures.get("machine", about),
        "parts": {**figures.get("parts", {}), name: part},
        **({**found, "machine": about} if piece.on_top else {name: found}),
    }


if __name__ == "__main__":
    raise SystemExit(main())
