"""What a cell costs that has little to do: dry, outside the mask, or under a film of 0.1 mm.

A mild valley, one thread, no rain while the clock runs. Each line is the processor
time of one step of 0.1 s, best of several stretches, and its ratio to the same grid
with 1 cm of water everywhere. Three shapes of an inflow that wets a twentieth: a
flooded quarter, a river along the rows of the array, and the worst, a river across
them, which begins every row anew for a few cells.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation

CELL_M = 2.0
WET_SHARE = 0.05
ALL_WET = "1 cm everywhere"
QUARTER = f"flooded quarter, {WET_SHARE:.0%} wet"
ALONG = f"river along the rows, {WET_SHARE:.0%} wet"
ACROSS = f"river across the rows, {WET_SHARE:.0%} wet"
LARGE = (ALL_WET, QUARTER, ALONG, ACROSS)
STEP_S = 0.1
HOW = " ".join((__doc__ or "").split())


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"cases": [{"size", "case", "maxima", "ms_step", "of_all_wet", "wet_share", "active_share"}]}."""
    if tiny:
        return {"cases": _measured(48, rounds=2), "how": HOW}
    return {"cases": _measured(1024, rounds=8) + _measured(4096, rounds=3, only=LARGE), "how": HOW}


def _measured(size: int, *, rounds: int, only: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    rows = []
    for record in (False, True):
        cases = {name: domain for name, domain in _cases(*_valley(size)).items() if not only or name in only}
        sims = {name: Simulation(domain, threads=1, record=record, max_step=STEP_S) for name, domain in cases.items()}
        best = dict.fromkeys(sims, np.inf)
        for sim in sims.values():
            sim.advance(0.1)
        for _ in range(rounds):  # in turns, so that a busy moment does not hit one case alone
            for name, sim in sims.items():
                best[name] = min(best[name], _step_ms(sim))
        for name, sim in sims.items():
            rows.append({
                "size": size, "case": name, "maxima": record, "ms_step": best[name], "of_all_wet": best[name] / best[ALL_WET],
                "wet_share": float((sim.depth > 0).sum() / sim.domain.cells),
                "active_share": sim.domain.cells / sim.domain.active.size,
            })  # fmt: skip
    return rows


def _valley(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Ground, and distance from the valley's axis as a share of half the width."""
    x = np.arange(size)[None, :] * CELL_M
    y = np.arange(size)[:, None] * CELL_M
    middle = size * CELL_M / 2
    noise = 0.05 * np.random.default_rng(0).random((size, size))
    return 0.05 * np.abs(x - middle) - 0.005 * y + noise, np.broadcast_to(np.abs(x - middle) / middle, (size, size))


def _cases(ground: np.ndarray, far: np.ndarray) -> dict[str, Domain]:
    everywhere = np.ones(ground.shape, bool)
    size = ground.shape[0]
    rows, cols = np.mgrid[0:size, 0:size]
    # a city is no rectangle: a disc of half the area of the array
    city = (rows - size / 2) ** 2 + (cols - size / 2) ** 2 < size**2 / 2 / np.pi
    inside = np.abs(rows - size / 2) < size * np.sqrt(WET_SHARE) / 2
    quarter = inside & inside.T
    river = far < WET_SHARE

    def domain(depth: np.ndarray | float, *, active: np.ndarray = everywhere, ground: np.ndarray = ground) -> Domain:
        return Domain(
            ground, active, CELL_M, manning=np.full(ground.shape, 0.03), depth=np.where(active, depth, 0.0), rain=Steps(),
            parts=(Part("free", NORMAL, 0.005),),
        )  # fmt: skip

    def fed(wet: np.ndarray, ground: np.ndarray = ground) -> Domain:
        """0.3 m of water where `wet`, and 20 m3/s poured in near its end."""
        r, c = (index[: max(4, size // 4)] for index in np.nonzero(wet))
        pour = AreaInflow("inflow", r, c, Linear((0.0, 1e6), (20.0, 20.0)))
        return replace(domain(np.where(wet, 0.3, 0.0), ground=ground), inflows=(pour,))

    return {
        ALL_WET: domain(0.01),
        "1 m everywhere": domain(1.0),
        "film of 0.1 mm everywhere": domain(1e-4),
        "film of 5 µm, too thin to flow": domain(5e-6),
        "dry everywhere": domain(0.0),
        QUARTER: fed(quarter),
        ALONG: fed(river.T, ground.T),
        ACROSS: fed(river),
        "city, half of the array outside": domain(0.01, active=city),
    }


def _step_ms(sim: Simulation, steps: int = 32) -> float:
    before, began = sim.steps, time.process_time()
    sim.advance(sim.t + steps * STEP_S)
    return (time.process_time() - began) / (sim.steps - before) * 1e3


def show(figures: dict[str, Any], console: Console) -> None:
    table = Table(
        "size",
        "case",
        "maxima",
        "ms per step",
        "of all wet",
        "wet",
        title="Cells with little to do",
        title_justify="left",
    )
    for row in figures["cases"]:
        table.add_row(
            str(row["size"]), row["case"], "yes" if row["maxima"] else "no", f"{row['ms_step']:.2f}", f"{row['of_all_wet']:.2f}",
            f"{row['wet_share']:.1%}",
        )  # fmt: skip
    console.print(table)
