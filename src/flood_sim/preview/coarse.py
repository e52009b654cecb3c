"""A Domain on coarser cells: as much water, the lowest ways, and its walls kept as sills between cells."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from flood_sim.preview import blocks
from flood_sim.preview.coarse_border import coarse_border
from flood_sim.preview.coarse_ground import coarse_ground
from flood_sim.preview.lay_back import DRY_M, fill, water_slopes
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.laws import Law
from flood_sim.solver.rain_field import Between, RainOnGrid
from flood_sim.solver.relocate import moved, moved_inflow
from flood_sim.solver.sills import HIGHEST, Sills

WALL_M = 0.1
"""A way to the next coarse cell that leads higher than this over both their lowest grounds is a sill."""
ROUGHNESS_SHARE = 0.7
"""Manning's n of a coarse cell in shares of the mean of its cells.

Its water is thought to be spread evenly over a flat bottom; really it runs deeper, and so faster, in the lowest part.
Chosen by measurement (docs/preview.md): on Musterstadt water came too late and too much of it stood about with 1.
"""


@dataclass(frozen=True)
class Coarse:
    """A coarse Domain with the fine one it stands for.

    z: fine ground above the datum, m, float32. left_out: what of the fine domain is not in the coarse one, by name.
    """

    fine: Domain
    domain: Domain
    factor: int
    z: np.ndarray
    wall_east: np.ndarray
    wall_south: np.ndarray
    left_out: tuple[str, ...]
    threads: int

    def lay_back(self, depth: np.ndarray) -> np.ndarray:
        """Depth (m, of the coarse cells) as depth on the fine cells, m, float32 (rows, cols); 0 on what takes no water.

        The water of each coarse cell stays in it, exact to rounding.
        """
        shape = self.domain.active.shape
        depth = np.ascontiguousarray(depth, np.float64)
        out = np.empty(self.z.shape, np.float32)
        level = np.zeros(shape)
        none = np.zeros(shape)
        self._fill(depth, none, none, level, out)
        wet = (depth > DRY_M) & self.domain.active
        x, y = water_slopes(level, wet, self.wall_east, self.wall_south)
        self._fill(depth, np.ascontiguousarray(x / self.factor), np.ascontiguousarray(y / self.factor), level, out)
        return out

    def _fill(
        self, depth: np.ndarray, x: np.ndarray, y: np.ndarray, level: np.ndarray, out: np.ndarray
    ) -> None:  # fmt: skip
        in_strips(
            lambda a, b: fill(self.z, self.fine.active, self.factor, depth, x, y, a, b, level, out),
            depth.shape[0],
            self.threads,
        )

    def spread(self, values: np.ndarray) -> np.ndarray:
        """A value of each coarse cell on all its fine cells."""
        rows, cols = self.fine.active.shape
        f = self.factor
        return np.repeat(np.repeat(values, f, axis=0)[:rows], f, axis=1)[:, :cols]


def coarsen(fine: Domain, factor: int, threads: int | None = None) -> Coarse:
    """A Domain on cells `factor` times as long: the lowest ground of each block, all of its rain, inflow and laws.

    A coarse cell takes water if one of its cells does. Where the way between the lowest cells of two neighbours, inside
    these two blocks, leads over ground higher than WALL_M above both, a sill stands on the face between them; where no way
    leads (a row of houses), a closed one. A sill counts in the depth at which each block, filled flat, reaches its crest.
    """
    threads = threads or os.cpu_count() or 1
    active, rows, cols = fine.active, *fine.active.shape
    shape = -(-rows // factor), -(-cols // factor)
    z = np.subtract(fine.ground, fine.datum, dtype=np.float64).astype(np.float32)
    manning = np.ascontiguousarray(fine.manning[:], np.float32)
    weight = np.ascontiguousarray(fine.rain_weight, np.float32)
    low, rough, rain = (np.zeros(shape) for _ in range(3))
    open_, beyond = (np.zeros(shape, np.int64) for _ in range(2))
    in_strips(
        lambda a, b: blocks.gather(
            z, active, fine.outside, manning, weight, factor, a, b, low, open_, beyond, rough, rain
        ),
        shape[0],
        threads,
    )
    inside = open_ > 0
    outside = ~inside & (beyond > 0)
    ground = np.where(inside, low, 0.0)
    sills, walls = _sills(z, active, factor, ground, inside, threads)

    def move(r: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.asarray(r) // factor, np.asarray(c) // factor, np.ones(np.shape(r), bool)

    laws, left_out = _laws(fine, move, shape, factor)
    owner, parts, entering = coarse_border(fine, factor, inside, outside)
    inflows = [moved_inflow(inflow, move, shape) for inflow in fine.inflows]
    domain = Domain(
        ground=ground + fine.datum,
        active=inside,
        outside=outside,
        cell=fine.cell * factor,
        manning=np.where(inside, ROUGHNESS_SHARE * rough, 0.0),
        rain_weight=np.where(inside, rain, 0.0),
        bare=_bare(fine, factor, open_),
        depth=None if fine.depth is None else _mean_depth(fine, factor, shape),
        rain=_rain(fine, factor, shape),
        parts=parts,
        owner=owner,
        inflows=tuple(i for i in (*inflows, *entering) if isinstance(i, AreaInflow)),
        laws=laws,
        sills=sills,
        place=lambda r, c: fine.place(r * factor, c * factor),
    )
    return Coarse(fine, domain, factor, z, walls[0], walls[1], tuple(left_out), threads)


def _bare(fine: Domain, factor: int, open_: np.ndarray) -> np.ndarray:
    """Share of each coarse cell that is ground under no roof; open_: how many of its cells take water."""
    if fine.bare is None:
        return open_ / factor**2
    rows, cols = (np.arange(0, n, factor) for n in fine.bare.shape)
    cells = np.add.reduceat(np.add.reduceat(fine.bare, rows, axis=0, dtype=np.float64), cols, axis=1)
    return np.asarray(cells / factor**2)


def in_strips(work: Callable[[int, int], Any], rows: int, threads: int) -> None:
    """Call `work(first, last)` for parts of the rows, side by side; it must let go of the interpreter."""
    if threads <= 1 or rows < 2 * threads:
        work(0, rows)
        return
    cuts = np.linspace(0, rows, 4 * threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, cuts[:-1].tolist(), cuts[1:].tolist()))


def _sills(
    z: np.ndarray, active: np.ndarray, factor: int, ground: np.ndarray, inside: np.ndarray, threads: int
) -> tuple[Sills | None, list[np.ndarray]]:
    """Sills between coarse cells, and where they stand east and south of each cell."""
    walls, found = [], []
    for axis in (0, 1):
        crest = np.full(ground.shape, blocks.BEHIND)
        in_strips(
            lambda a, b, axis=axis, crest=crest: blocks.crossings(z, active, factor, axis == 1, a, b, crest),  # type: ignore[misc]
            ground.shape[0], threads,
        )  # fmt: skip
        beyond = np.roll(ground, -1, axis=1 - axis)
        both = inside & np.roll(inside, -1, axis=1 - axis)
        both[(slice(None), -1) if axis == 0 else -1] = False
        wall = both & (crest - np.maximum(ground, beyond) > WALL_M)
        walls.append(wall)
        row, col = np.nonzero(wall)
        level = crest[row, col]
        heights = []
        for r, c in ((row, col), (row + (axis == 1), col + (axis == 0))):
            depth = np.empty(row.size)
            closed = ~np.isfinite(level)
            blocks.filled(z, active, factor, r, c, np.where(closed, 0.0, level), depth)
            heights.append(np.where(closed, HIGHEST, depth))
        found.append(Sills(np.full(row.size, axis), row, col, *heights))
    joined = Sills(
        *(np.concatenate([getattr(s, name) for s in found]) for name in ("axis", "row", "col", "low", "high"))
    )
    return (joined if joined.row.size else None), walls


def _laws(fine: Domain, move: Any, shape: tuple[int, int], factor: int) -> tuple[tuple[Law, ...], list[str]]:
    laws: list[Law] = []
    left_out: list[str] = []
    for law in fine.laws:
        if isinstance(law, Ground):
            laws.append(coarse_ground(law, fine.active, factor, shape))
            continue
        found, lost = moved(law, move, shape, 1.0 / factor**2)
        left_out += lost
        if found is not None:
            laws.append(found)
    return tuple(laws), left_out


def _mean_depth(fine: Domain, factor: int, shape: tuple[int, int]) -> np.ndarray:
    assert fine.depth is not None
    rows, cols = fine.active.shape
    padded = np.zeros((shape[0] * factor, shape[1] * factor))
    np.copyto(padded[:rows, :cols], fine.depth, where=fine.active)
    return padded.reshape(shape[0], factor, shape[1], factor).mean(axis=(1, 3))


def _rain(fine: Domain, factor: int, shape: tuple[int, int]) -> Any:
    """The storm of a coarse cell is that of the fine cell in its middle."""
    rain = fine.rain
    if not isinstance(rain, RainOnGrid):
        return rain

    def thin(places: Between, n: int) -> Between:
        k = np.minimum(np.arange(n) * factor + factor // 2, places.first.size - 1)
        return Between(places.first[k], places.then[k], places.share[k])

    return RainOnGrid(rain.edges, rain.rates, thin(rain.rows, shape[0]), thin(rain.cols, shape[1]))
