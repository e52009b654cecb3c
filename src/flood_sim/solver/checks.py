"""What the solver needs of its input, looked at before the first step.

A Scenario is checked where it is read, in the words of its keys; here stands
what would give a wrong answer, or none, whoever made the Domain: arrays that do
not fit each other, values that no computation survives, water that is sent into
a wall, a water level below the ground.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.backends.cuda.device import choose
from flood_sim.errors import CheckpointError, DeviceError, ScenarioError
from flood_sim.solver.rain_field import check_rain
from flood_sim.solver.series import LARGEST

if TYPE_CHECKING:
    from flood_sim.backends.layout import Maxima, Meter, State
    from flood_sim.solver.border import Part
    from flood_sim.solver.domain import AreaInflow, Domain
    from flood_sim.solver.laws import Law
    from flood_sim.solver.sills import Sills

COURANT = 0.6
"""The limit of the scheme in two dimensions is 1/sqrt(2); at 0.7 ripples of a still pool grow."""
ROWS = 64
"""Looked at together, so that a whole city needs no second copy of itself."""


def check_settings(
    *, courant: float, max_step: float, threshold: float, threads: int | None, dtype: type, device: str
) -> None:
    """ScenarioError for a setting of a Simulation that is out of range."""
    if not 0.0 < courant <= COURANT:
        raise ScenarioError(
            "the Courant number is out of range", where="courant", value=courant, allowed=f"above 0, at most {COURANT}",
            hint=f"Leave it out: {COURANT} is stable on any terrain",
        )  # fmt: skip
    for name, value in (("max_step", max_step), ("threshold", threshold)):
        if not 0.0 < value <= LARGEST:
            raise ScenarioError("is out of range", where=name, value=value, allowed="above 0 and finite")
    if threads is not None and threads < 1:
        raise ScenarioError("is out of range", where="threads", value=threads, allowed="1 or more, None for all cores")
    if dtype not in (np.float32, np.float64):
        raise ScenarioError("is no type to compute in", where="dtype", value=dtype, allowed="float32, float64")
    if device not in ("cpu", "cuda"):
        raise ScenarioError("is no device", where="device", value=device, allowed="cpu, cuda")


def check_device(device: str, domain: Domain, *, record: bool) -> None:
    """DeviceError if a card is asked for and none can be used, or cannot hold the model or compute one of its laws."""
    if device == "cuda":
        refuse_laws((*domain.laws, *(() if domain.sills is None else (domain.sills,))))
        choose(device, domain.active.size, record=record)


def refuse_laws(laws: Iterable[Law | Sills]) -> None:
    """DeviceError that names what a CUDA card cannot compute."""
    names = ", ".join(law.name for law in laws)
    if names:
        raise DeviceError(
            f"a CUDA card cannot compute {names} yet", where="numerics.device", value="cuda", allowed="cpu, auto",
            hint="Use numerics.device: cpu",
        )  # fmt: skip


def check_mask(active: np.ndarray) -> None:
    """ScenarioError unless it is a mask with a cell to compute."""
    if not (isinstance(active, np.ndarray) and active.dtype == bool and active.ndim == 2):
        value = f"{active.dtype} {active.shape}" if isinstance(active, np.ndarray) else type(active).__name__
        raise ScenarioError("is no mask of cells", where="Domain.active", value=value, allowed="bool (rows, columns)")
    if not active.any():
        raise ScenarioError(
            "the mask holds no cell: there is nothing to compute", where="Domain.active",
            value=f"0 of {active.size} cells", allowed="at least one cell",
            hint="True is a cell that takes water; check whether the mask was turned round",
        )  # fmt: skip


def check_domain(domain: Domain) -> None:
    """ScenarioError for a size of cells, arrays, rain or area inflows that cannot be computed."""
    if not 0.0 < domain.cell <= LARGEST:
        raise ScenarioError(
            "the size of the cells is out of range", where="Domain.cell", value=f"{domain.cell} m",
            allowed="above 0 and finite", hint="Give the length of an edge in m",
        )  # fmt: skip
    _check_arrays(domain)
    check_rain(domain.rain, domain.active.shape)
    for inflow in domain.inflows:
        _check_inflow(inflow, domain)
    if domain.sills is not None:
        domain.sills.check(domain)
    for law in domain.laws:
        law.check(domain)


def _check_arrays(domain: Domain) -> None:
    active = domain.active
    named = {
        "ground": (-LARGEST, "a finite height in m"), "manning": (0.0, "0 (no friction) or more, finite"),
        "depth": (0.0, "0 or more, finite"), "rain_weight": (0.0, "0 or more, finite"), "bare": (0.0, "0 to 1"),
    }  # fmt: skip
    for name in ("outside", *named):
        array = getattr(domain, name)
        if array is not None and array.shape != active.shape:
            raise ScenarioError(
                "has another shape than the mask of active cells", where=f"Domain.{name}", value=array.shape,
                allowed=str(active.shape),
            )  # fmt: skip
    for name, (low, allowed) in named.items():
        if getattr(domain, name) is not None:
            high = 1.0 if name == "bare" else LARGEST
            _refuse_first(domain, name, _beyond(active, getattr(domain, name), low, high), "is out of range", allowed)
    outside = domain.outside
    _refuse_first(
        domain, "outside", lambda rows: active[rows] & outside[rows], "holds an active cell", "cells beyond the model"
    )
    for name in ("rain_weight", "bare"):
        if getattr(domain, name) is not None:
            _refuse_first(
                domain, name, _not_zero(active, getattr(domain, name)), "lets rain fall where no water can be",
                "0 on cells that are not active",
            )  # fmt: skip


def _beyond(active: np.ndarray, values: np.ndarray, low: float, high: float) -> Callable[[slice], np.ndarray]:
    """Active cells of some rows whose value is not a number from `low` to `high`."""
    return lambda rows: active[rows] & ~((values[rows] >= low) & (values[rows] <= high))


def _not_zero(active: np.ndarray, values: np.ndarray) -> Callable[[slice], np.ndarray]:
    """Cells of some rows that take no water and whose value is not 0."""
    return lambda rows: ~active[rows] & (values[rows] != 0.0)


def _refuse_first(domain: Domain, name: str, bad: Callable[[slice], np.ndarray], what: str, allowed: str) -> None:
    """ScenarioError that names the first cell which `bad`, asked for a few rows at a time, calls bad."""
    for rows in _strips(domain):
        found = bad(rows)
        if found.any():
            row, col = (int(k[0]) for k in np.nonzero(found))
            row += rows.start
            raise ScenarioError(
                f"{what}, first at {domain.place(row, col)}", where=f"Domain.{name}",
                value=getattr(domain, name)[row, col], allowed=allowed,
            )  # fmt: skip


def _check_inflow(inflow: AreaInflow, domain: Domain) -> None:
    where = f"inflow {inflow.name}"
    check_cells(domain, where, inflow.rows, inflow.cols)
    check_once(domain, where, inflow.rows, inflow.cols)
    if inflow.discharge.values.min() < 0.0:
        raise ScenarioError(
            "a discharge below zero takes water away", where=where, value=f"{inflow.discharge.values.min():g} m3/s",
            allowed="0 or more",
        )  # fmt: skip


def check_cells(domain: Domain, where: str, rows: np.ndarray, cols: np.ndarray) -> None:
    """ScenarioError unless they name at least one cell of the model, and only such as take water."""
    rows, cols = np.asarray(rows), np.asarray(cols)
    if not rows.size or rows.shape != cols.shape:
        raise ScenarioError(
            "names no cells to pour into", where=where, value=f"{rows.size} rows, {cols.size} columns",
            allowed="as many rows as columns, at least one",
        )  # fmt: skip
    ny, nx = domain.active.shape
    beyond = (rows < 0) | (rows >= ny) | (cols < 0) | (cols >= nx)
    if beyond.any():
        k = int(np.flatnonzero(beyond)[0])
        raise ScenarioError(
            "lies beyond the grid", where=where, value=f"row {rows[k]}, column {cols[k]}",
            allowed=f"rows 0 to {ny - 1}, columns 0 to {nx - 1}",
        )  # fmt: skip
    closed = ~domain.active[rows, cols]
    if closed.any():
        k = int(np.flatnonzero(closed)[0])
        raise ScenarioError(
            f"pours into a wall: {int(closed.sum())} of its {rows.size} cells take no water", where=where,
            value=domain.place(int(rows[k]), int(cols[k])), allowed="active cells", hint="Name open cells only",
        )  # fmt: skip


def check_once(domain: Domain, where: str, rows: np.ndarray, cols: np.ndarray) -> None:
    """ScenarioError for a cell that is named twice."""
    if np.unique(rows * domain.active.shape[1] + cols).size < rows.size:
        raise ScenarioError("names a cell twice", where=where, hint="Name each cell once")


IDENTITY = (
    "rows", "columns", "active cells", "size of a cell", "datum", "ground", "roughness", "mask", "rain weights",
    "border", "laws", "metered faces", "threshold", "bytes of a value", "groups of the border", "cells with maxima",
)  # fmt: skip
"""What each number of an identity stands for."""


def identity(domain: Domain, state: State, maxima: Maxima, meter: Meter, threshold: float) -> np.ndarray:
    """Numbers that Simulations of the same Domain and settings of what is recorded share, and others do not.

    As IDENTITY names them: counts, lengths (m) and checksums, float64. Owner of the faces of the border and sections
    count as metered faces. Rain and area inflows are left out: what is supplied from now on may be another.
    """
    sums = [
        *(zlib.crc32(np.ascontiguousarray(array).data) for array in (state.z, state.gn2)),
        _checksum(domain.active[rows] for rows in _strips(domain)),
        # a mask is as good as weights of 0 and 1
        _checksum(np.asarray(domain.rain_weight[rows], np.float64) for rows in _strips(domain)),
        _checksum(chain(*(_numbers(part) for part in domain.parts), domain.sills.numbers() if domain.sills else ())),
        _checksum(numbers for law in domain.laws for numbers in law.numbers()),
        _checksum(
            np.asarray(array, np.float64) for array in (meter.axis, meter.row, meter.col, meter.side, meter.group)
        ),
    ]
    counts = [state.h.dtype.itemsize, len(domain.parts), maxima.h.size]
    return np.array([*domain.active.shape, domain.cells, domain.cell, domain.datum, *sums, threshold, *counts], float)


def _strips(domain: Domain) -> Iterator[slice]:
    return (slice(first, first + ROWS) for first in range(0, domain.active.shape[0], ROWS))


def _numbers(part: Part) -> Iterator[np.ndarray]:
    """What a part of the border does, whatever it is called."""
    yield np.array([part.kind, math.nan if part.value is None else part.value])
    if part.series is not None:
        yield from (part.series.times, part.series.values)


def _checksum(arrays: Iterable[np.ndarray]) -> int:
    """CRC-32 of arrays one after the other."""
    return reduce(lambda sum_, array: zlib.crc32(np.ascontiguousarray(array).data, sum_), arrays, 0)


def check_memory(own: np.ndarray, memory: Mapping[str, np.ndarray]) -> None:
    """CheckpointError if `memory` was made by a Simulation of another identity than `own`."""
    found = np.asarray(memory["domain"]) if "domain" in memory else np.empty(0)
    if found.shape != own.shape:
        raise _foreign("nothing says whose it is", "nothing that says which", own)
    others = [name for name, a, b in zip(IDENTITY, found, own, strict=True) if a != b]
    if others:
        raise _foreign(f"differs in {', '.join(others)}", _described(found), own)


def _foreign(why: str, value: str, own: np.ndarray) -> CheckpointError:
    return CheckpointError(
        f"belongs to another Domain; nothing was taken over from it: {why}", where="memory", value=value,
        allowed=_described(own),
        hint="Restore it into a Simulation of the same ground, roughness, border, sections and threshold",
    )  # fmt: skip


def _described(found: np.ndarray) -> str:
    rows, cols, cells, cell, datum = found[:5].tolist()
    return f"{rows:.0f} x {cols:.0f} cells of {cell:g} m, {cells:.0f} active, lowest ground {datum:g} m"
