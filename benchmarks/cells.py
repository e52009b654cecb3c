"""What a cell costs that has little to do: dry, outside the mask, or under a film of 0.1 mm.

A mild valley of 1024 x 1024 cells, one thread, no rain while the clock runs.
Each line is the processor time of one step, best of several stretches, and its
ratio to the same grid with 1 cm of water everywhere.
"""

from __future__ import annotations

import time
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


def measure(*, tiny: bool = False) -> dict[str, Any]:
    """{"cases": [{"case", "maxima", "ms_step", "of_all_wet", "wet_share", "active_share"}]}."""
    size, rounds = (48, 2) if tiny else (1024, 12)
    cases = _cases(*_valley(size))
    rows = []
    for record in (False, True):
        sims = {name: Simulation(domain, threads=1, record=record) for name, domain in cases.items()}
        best = dict.fromkeys(sims, np.inf)
        for sim in sims.values():
            sim.advance(0.1)
        for _ in range(rounds):  # in turns, so that a busy moment does not hit one case alone
            for name, sim in sims.items():
                best[name] = min(best[name], _step_ms(sim))
        for name, sim in sims.items():
            rows.append({
                "case": name, "maxima": record, "ms_step": best[name], "of_all_wet": best[name] / best[ALL_WET],
                "wet_share": float((sim.depth > 0).sum() / sim.domain.cells),
                "active_share": sim.domain.cells / sim.domain.active.size,
            })  # fmt: skip
    return {"cases": rows, "how": " ".join((__doc__ or "").split())}


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
    river = np.where(far < WET_SHARE, 0.3, 0.0)

    def domain(depth: np.ndarray | float, *, active: np.ndarray = everywhere, inflow: bool = False) -> Domain:
        r, c = np.nonzero((rows < max(2, size // 128)) & (far < WET_SHARE))
        return Domain(
            ground, active, CELL_M, manning=np.full(ground.shape, 0.03), depth=np.where(active, depth, 0.0), rain=Steps(),
            parts=(Part("free", NORMAL, 0.005),),
            inflows=(AreaInflow("river", r, c, Linear((0.0, 1e6), (20.0, 20.0))),) if inflow else (),
        )  # fmt: skip

    return {
        ALL_WET: domain(0.01),
        "1 m everywhere": domain(1.0),
        "film of 0.1 mm everywhere": domain(1e-4),
        "film of 5 µm, too thin to flow": domain(5e-6),
        "dry everywhere": domain(0.0),
        f"river with inflow, {WET_SHARE:.0%} wet": domain(river, inflow=True),
        "city, half of the array outside": domain(0.01, active=city),
    }


def _step_ms(sim: Simulation, steps: int = 6) -> float:
    before, began = sim.steps, time.process_time()
    sim.advance(sim.t + steps * min(sim.shortest_step, 0.1))
    return (time.process_time() - began) / (sim.steps - before) * 1e3


def show(figures: dict[str, Any], console: Console) -> None:
    table = Table(
        "case", "maxima", "ms per step", "of all wet", "wet", title="Cells with little to do", title_justify="left"
    )
    for row in figures["cases"]:
        table.add_row(
            row["case"], "yes" if row["maxima"] else "no", f"{row['ms_step']:.2f}", f"{row['of_all_wet']:.2f}",
            f"{row['wet_share']:.1%}",
        )  # fmt: skip
    console.print(table)
