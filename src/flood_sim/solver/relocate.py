"""Moves laws and inflows onto other cells: a window of the grid, or coarser cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.domain import AreaInflow
from flood_sim.solver.laws import Law
from flood_sim.solver.points import Inlets, Manholes, Storage, Storages
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs

Move = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""From rows and columns to the new ones, and which of them there are; of the others row and column mean nothing."""


def moved(law: Law, move: Move, shape: tuple[int, ...], area: float = 1.0) -> tuple[Law | None, list[str]]:
    """The law on its new cells of a model of `shape`, None where nothing is left of it; and the names of what was left out.

    area: of an old cell, in new cells. Laws of whole fields (`Ground`) are not moved here: TypeError.
    """
    match law:
        case Culverts():
            ends = [(_end(link.mouths[0], move, shape), _end(link.mouths[1], move, shape), link) for link in law.links]
            links = [_linked(a, b, link) for a, b, link in ends]
            kept = tuple(link for link in links if link is not None)
            lost = [f"culvert {old.id}" for new, old in zip(links, law.links, strict=True) if new is None]
            return (Culverts(kept) if kept else None), lost
        case Inlets() | Manholes():
            rows, cols, here = move(law.rows, law.cols)
            lost = [] if here.all() else [f"{int((~here).sum())} of {here.size} {law.name}"]
            if not here.any():
                return None, lost
            if isinstance(law, Manholes):
                return replace(law, rows=rows[here], cols=cols[here], discharge=law.discharge[:, :, here]), lost
            return replace(law, rows=rows[here], cols=cols[here]), lost
        case Storages():
            gone = [n for s in law.storages for n in left_out(f"storage {s.id}", move(s.rows, s.cols)[2])]
            stores = [_stored(storage, move, shape) for storage in law.storages]
            left = tuple(storage for storage in stores if storage is not None)
            return (Storages(left) if left else None), gone
        case GreenRoofs():
            rows, cols, here = move(law.rows, law.cols)
            if not here.any():
                return None, []
            weight = law.weight[here] * area
            return GreenRoofs(rows[here], cols[here], weight, law.storage[here]), []
        case SewerRoofs():
            rows, cols, here = move(law.rows, law.cols)
            # its water is only booked: of several old cells in a new one every so-and-so-many-th stands for all
            every = max(1, round(1.0 / area))
            return (SewerRoofs(rows[here][::every], cols[here][::every]) if here.any() else None), []
        case _:
            raise TypeError(f"{law.name} cannot be moved to other cells")


def moved_inflow(inflow: AreaInflow, move: Move, shape: tuple[int, ...]) -> AreaInflow | None:
    """An area inflow on its new cells, each once, with the share of its discharge that enters there."""
    rows, cols, here = move(inflow.rows, inflow.cols)
    if not here.any():
        return None
    series, share = inflow.discharge, float(here.mean())
    if share < 1.0:
        series = series.times_of(share)
    rows, cols = _once(rows[here], cols[here], shape)
    return AreaInflow(inflow.name, rows, cols, series)


def left_out(name: str, here: np.ndarray, what: str = "cells") -> list[str]:
    """What to say of a thing with so many cells (or else), of which only some are there; nothing if all are."""
    if here.all():
        return []
    return [f"{int((~here).sum())} of {here.size} {what} of {name}" if here.any() else name]


def _once(rows: np.ndarray, cols: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rows, cols = np.divmod(np.unique(np.asarray(rows, np.int64) * shape[1] + cols), shape[1])
    return rows, cols


def _end(mouth: Mouth, move: Move, shape: tuple[int, ...]) -> Mouth | None:
    rows, cols, here = move(mouth.rows, mouth.cols)
    return Mouth(*_once(rows[here], cols[here], shape), mouth.invert_m) if here.any() else None


def _linked(one: Mouth | None, other: Mouth | None, link: Culvert) -> Culvert | None:
    """None where an end is gone, or both come to lie in one cell."""
    if one is None or other is None:
        return None
    shared = set(zip(one.rows.tolist(), one.cols.tolist(), strict=True)) & set(
        zip(other.rows.tolist(), other.cols.tolist(), strict=True)
    )
    return None if shared else replace(link, mouths=(one, other))


def _stored(storage: Storage, move: Move, shape: tuple[int, ...]) -> Storage | None:
    """With the share of its volume and rate that its cells there have."""
    rows, cols, here = move(storage.rows, storage.cols)
    if not here.any():
        return None
    rows, cols = _once(rows[here], cols[here], shape)
    share = float(here.mean())
    return replace(storage, rows=rows, cols=cols, volume=storage.volume * share, rate=storage.rate * share)
