"""Two threads against one, beside what a loop of multiply-adds in cache gains in the same minute.

That loop touches no memory and never waits: what it does not gain, the machine
does not give (two threads of one core, other programs, a lower clock). Both are
measured in turns and the best of each counts.
"""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console

from benchmarks import limits
from benchmarks.kernel_rate import WARM_UP_S, gorge
from flood_sim.solver.simulation import Simulation


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"pure_1", "pure_2" (Gflop/s), "pure_gain", "sizes": [{"size", "maxima", "gain", "share"}]}."""
    rounds = 2 if tiny else 12
    rates: dict[int, float] = {1: 0.0, 2: 0.0}
    sims = {}
    for size in (48,) if tiny else (1024,):
        domain = gorge(size)
        for record in (False, True):
            for threads in (1, 2):
                sim = Simulation(domain, threads=threads, record=record)
                sim.advance(1.0 if tiny else WARM_UP_S / 3)
                sims[size, record, threads] = sim
    best = dict.fromkeys(sims, 0.0)
    for _ in range(rounds):
        for threads in (1, 2):
            seconds = 0.01 if tiny else 0.2
            rates[threads] = max(rates[threads], limits.multiply_add_rate(threads, seconds=seconds))
            for (size, record, n), sim in sims.items():
                if n == threads:
                    before, began = sim.steps, time.perf_counter()
                    sim.advance(sim.t + 15 * min(sim.shortest_step, 1.0))
                    cells = (sim.steps - before) * size * size
                    best[size, record, n] = max(best[size, record, n], cells / (time.perf_counter() - began) / 1e6)
    pure = rates[2] / rates[1]
    found = []
    for (size, record, n), rate in best.items():
        if n == 2:
            one = best[size, record, 1]
            found.append({"size": size, "maxima": record, "mcell_s_1": one, "mcell_s_2": rate,
                          "gain": rate / one, "share": rate / one / pure})  # fmt: skip
    return {
        "pure_1": rates[1],
        "pure_2": rates[2],
        "pure_gain": pure,
        "sizes": found,
        "how": " ".join((__doc__ or "").split()),
    }


def show(figures: dict[str, Any], console: Console) -> None:
    for row in figures["sizes"]:
        console.print(
            f"two threads, {row['size']}², {'all' if row['maxima'] else 'no'} maxima: {row['gain']:.2f} x one thread; multiply-adds "
            f"in cache {figures['pure_gain']:.2f} x: share {row['share']:.0%}"
        )
