"""Compare the CUDA backend on Numba's simulator with the CPU, on small models: prints the differences as JSON.

    NUMBA_ENABLE_CUDASIM=1 python tools/simulated_card.py

The simulator makes a Python thread of every thread of the card: ten cells a
millisecond at best. It runs the kernels' logic, their borders and races of
order, with the formulas as compiled for the CPU; it says nothing of the speed
or of the rounding of a card.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from flood_sim.backends.layout import Maxima
from flood_sim.errors import UnstableRun
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, Part, border_faces
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation

CELLS = ("h", "residual")
X_FACES, Y_FACES = ("u", "qx"), ("v", "qy")


def quarter() -> Domain:
    """8 x 12 rough cells with everything at once.

    A building inside, a corner outside, ponds at the start; a free border, a
    level that changes and one that stays, a discharge that begins and ends
    within the run; two area inflows that share a cell; rain in two blocks with
    roof water; kinks of the series at other times than those of the rain.
    """
    ny, nx = 12, 8
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:ny, 0:nx]
    ground = 0.1 * np.abs(x - nx / 2) + 0.03 * (ny - y) + 0.2 * random.random((ny, nx))
    active = np.ones((ny, nx), bool)
    active[4:6, 2:4] = False
    outside = np.zeros((ny, nx), bool)
    outside[0, :2] = True
    active[0, :2] = False
    faces = border_faces(active, outside)
    owner = np.full(faces.size, -1)
    for part, where in enumerate((
        (faces.axis == 1) & (faces.side == 1),
        (faces.axis == 0) & (faces.side == -1),
        (faces.axis == 0) & (faces.side == 1) & (faces.cell_row > 6),
        (faces.axis == 1) & (faces.side == -1),
    )):  # fmt: skip
        owner[where] = part
    weight = active.astype(float)
    weight[6, 3] = 3.0
    ponds = np.where(random.random((ny, nx)) < 0.4, 0.3 * random.random((ny, nx)), 0.0)
    return Domain(
        ground, active, 1.0, np.full((ny, nx), 0.03), outside=outside, depth=ponds * active, rain_weight=weight,
        rain=Steps((0.0, 1.5, 4.0, 1e9), (2e-5, 8e-5, 0.0)), owner=owner,
        parts=(
            Part("free", NORMAL), Part("tide", LEVEL, series=Linear((0.0, 2.0, 9.0), (0.5, 0.9, 0.3))),
            Part("lake", LEVEL, 0.7),
            Part("brook", DISCHARGE, series=Linear((0.5, 2.5, 4.5), (0.1, 1.5, 0.2), zero_outside=True)),
        ),
        inflows=(
            AreaInflow("burst", np.array([7, 7, 8]), np.array([3, 4, 4]),
                       Linear((1.0, 2.0, 3.5), (0.1, 0.5, 0.0), zero_outside=True)),
            AreaInflow("spring", np.array([8, 9]), np.array([4, 4]), Linear((0.0, 30.0), (0.05, 0.05))),
        ),
    )  # fmt: skip


def still() -> Domain:
    """A lake at rest over a rough bed with an island."""
    ny, nx = 7, 9
    random = np.random.default_rng(2)
    ground = 300.0 + random.random((ny, nx))
    ground[3, 4] = 303.0
    return Domain(ground, np.ones((ny, nx), bool), 2.0, np.zeros((ny, nx)), depth=np.maximum(302.0 - ground, 0.0))


def differences(cpu: Simulation, card: Simulation) -> dict[str, float]:
    """Largest difference of every array, where there is water to be had."""
    for sim in (cpu, card):
        sim.fetch(*cpu.state._fields, "maxima")
    active = np.pad(cpu.domain.active, 1)
    places = {
        **dict.fromkeys(CELLS, active),
        **dict.fromkeys(X_FACES, active | np.roll(active, -1, axis=1)),
        **dict.fromkeys(Y_FACES, active | np.roll(active, -1, axis=0)),
    }
    found = {name: _largest(getattr(cpu.state, name)[where], getattr(card.state, name)[where])
             for name, where in places.items()}  # fmt: skip
    for name in Maxima._fields:
        found[f"max {name}"] = _largest(getattr(cpu.maxima, name)[active], getattr(card.maxima, name)[active])
    for name, value in cpu.balance().as_dict().items():
        if name.endswith("_m3"):
            found[name] = abs(value - card.balance().as_dict()[name])
    found["shortest_step"] = abs(cpu.shortest_step - card.shortest_step)
    found["steps"] = abs(cpu.steps - card.steps)
    return found


def _largest(a: np.ndarray, b: np.ndarray) -> float:
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return float(np.abs(np.subtract(a, b, where=~same, out=np.zeros_like(a))).max())


def compared() -> dict[str, Any]:
    """Everything at once, in stretches that cut the series anywhere."""
    cpu, card = Simulation(quarter()), Simulation(quarter(), device="cuda")
    for t in (0.7, 2.2, 5.0):
        cpu.advance(t)
        card.advance(t)
    return {**differences(cpu, card), "made": card.steps, "mass_error": card.balance().relative_error,
            "cpu_mass_error": cpu.balance().relative_error}  # fmt: skip


def varied() -> dict[str, Any]:
    """Rain that varies in space; it changes within an area inflow, which is poured on top of it."""
    fields = 1e-4 * np.random.default_rng(4).random((3, 3, 2))
    rain = RainOnGrid(
        (0.0, 0.4, 1.1, 1e9), fields, Between.linear(np.arange(12) / 5, 3), Between.nearest(np.arange(8) // 4)
    )
    cpu, card = (Simulation(replace(quarter(), rain=rain), device=name) for name in ("cpu", "cuda"))
    for t in (0.7, 1.3):
        cpu.advance(t)
        card.advance(t)
    return {**differences(cpu, card), "made": card.steps, "rained": card.balance().rain_m3,
            "mass_error": card.balance().relative_error}  # fmt: skip


def at_rest() -> dict[str, Any]:
    card = Simulation(still(), device="cuda", record=False)
    before = card.depth.copy()
    card.advance(6.0)
    card.fetch("u", "v")
    return {"made": card.steps, "speed": float(max(np.abs(card.state.u).max(), np.abs(card.state.v).max())),
            "depth": _largest(before, card.depth)}  # fmt: skip


def interrupted() -> dict[str, Any]:
    """A simulation that goes on from the memory of another."""
    whole, first, second = (Simulation(quarter(), device="cuda") for _ in range(3))
    whole.advance(1.0)
    whole.advance(1.7)
    first.advance(1.0)
    second.restore(first.memory())
    second.advance(1.7)
    return differences(whole, second)


def lost() -> dict[str, Any]:
    """A value that is not a number is found, and said, before the end.

    With a maximum that drops it, as a card's does: the CPU's keeps it.
    """
    from flood_sim.backends.cuda import step

    def clipped(*arguments: Any) -> tuple[Any, Any]:
        d, r = exact(*arguments)
        return np.fmax(d, np.float32(0.0)), r

    exact, step.add_depth = step.add_depth, clipped
    domain = quarter()
    domain.depth[9, 6] = np.nan
    card = Simulation(domain, device="cuda")
    try:
        card.advance(5.0)
    except UnstableRun as error:
        return {"said": str(error), "t": card.t}
    finally:
        step.add_depth = exact
    return {"said": "", "t": card.t}


def frozen() -> dict[str, Any]:
    """What was frozen for an output stays what it was while the flow goes on."""
    card = Simulation(quarter(), device="cuda")
    card.advance(0.5)
    then = card.engine.freeze()
    card.fetch("h", "qx", "qy")
    before = {name: getattr(card.state, name).copy() for name in ("h", "qx", "qy")}
    card.advance(0.8)
    card.fetch("h")
    late = then.arrays()
    return {"difference": max(_largest(before[name], late[name]) for name in before),
            "moved": _largest(before["h"], card.state.h)}  # fmt: skip


def blocks() -> dict[str, Any]:
    """The same bits, however the card cuts the model into blocks."""
    from flood_sim.backends.cuda import engine

    found = []
    for block in ((12, 1), (3, 4)):
        engine.BLOCK = block
        card = Simulation(quarter(), device="cuda")
        card.advance(0.8)
        found.append(card)
    return differences(*found)


CASES: tuple[Callable[[], dict[str, Any]], ...] = (compared, varied, at_rest, interrupted, lost, frozen, blocks)


def main(names: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for case in CASES:
        if not names or case.__name__ in names:
            yield case.__name__, case()


if __name__ == "__main__":
    sys.setswitchinterval(1e-4)  # the simulator polls its threads: let them run in between
    print(json.dumps(dict(main(sys.argv[1:]))))
