"""The shortest way from the bottom of a sink through the ridge beside it to lower ground.

Own proposal. A bridge or a pipe that the DEM does not know leaves a ridge of an
embankment's width with a deep sink before it and lower ground behind it. So from
low cells of the sink straight lines are tried up to `reach` metres; a line
counts if it ends lower than it begins by `FALL` of its length.
(Breaching along least-cost paths, Lindsay and Dhun 2015, doi:10.1080/13658816.2014.975715,
finds ways over any distance; here only what a pipe under a road could be is wanted.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

FALL = 0.002
"""Least fall of a way through the ridge, m/m (own proposal): a pipe laid flatter silts up."""
STEEP = 0.1
"""m from cell to cell: on steeper ground the way is still on the slope of the ridge."""
STEPS = np.array([0.1, 0.25, 0.5])
"""A pipe begins at the bottom: starts within a tenth of the depth above the lowest cell are tried first, then up to a
quarter, to a half and all others; within a step the shortest way is taken (own proposal)."""
MOST_STARTS = 1500
MOST_TRIED = 60


@dataclass(frozen=True)
class Way:
    """A straight way through a ridge.

    start, end: (row, column). length: m, from centre to centre. bottom: ground at both ends, m.
    crest: the highest ground in between, m. width: length of the part that stands
    above half the depth of the sink at the start, m. volume: m³ that a full
    sink would lose through it.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    length: float
    bottom: tuple[float, float]
    crest: float
    width: float
    volume: float


def find_way(
    ground: np.ndarray, inside: np.ndarray, level: float, origin: tuple[int, int], cell: float, *, reach: float,
    least_depth: float, closed: np.ndarray | None,
) -> Way | None:  # fmt: skip
    """The shortest way from as near to the bottom of the sink as there is one (`STEPS`); None if there is none.

    ground: m, (rows, cols), NaN outside. inside: bool (window), the cells of
    the sink; origin: row and column of the window's corner. level: m, where the
    sink runs over. least_depth: m of water at the start of the way. closed: cells
    that no way may cross (buildings).
    """
    r0, c0 = origin
    part = ground[r0 : r0 + inside.shape[0], c0 : c0 + inside.shape[1]]
    heights = np.sort(part[inside].astype(np.float64))
    rows, cols = _starts(part, inside, level - least_depth, reach / cell)
    if not rows.size:
        return None
    z = part[rows, cols].astype(np.float64)
    volume = _drained(heights, level, z) * cell**2
    rows, cols = rows + r0, cols + c0
    ends, length = _nearest_lower(ground, inside, origin, rows, cols, z, cell, reach)
    for k in _best(z, float(heights[0]), level, length, reach)[:MOST_TRIED]:
        start = int(rows[k]), int(cols[k])
        end = _to_the_toe(ground, start, (int(ends[k, 0]), int(ends[k, 1])), reach / cell)
        at = _along(start, end)
        if closed is not None and closed[at].any():
            continue
        profile = ground[at].astype(np.float64)
        if not np.isfinite(profile).all():
            continue
        far = cell * float(np.hypot(end[0] - start[0], end[1] - start[1]))
        high = profile > 0.5 * (z[k] + level)
        width = float(np.count_nonzero(high) / profile.size * (far + cell))
        bottom = (float(z[k]), float(ground[end]))
        return Way(start, end, far, bottom, float(profile.max()), width, float(volume[k]))
    return None


def _best(z: np.ndarray, lowest: float, level: float, length: np.ndarray, reach: float) -> np.ndarray:
    """Ways that exist, the best first: by the step of `STEPS` that the start reaches, by length in tenths of the reach, by height."""
    found = np.flatnonzero(np.isfinite(length))
    above = (z[found] - lowest) / (level - lowest)
    tenths = np.floor(10 * length[found] / reach)
    return found[np.lexsort((length[found], z[found], tenths, np.searchsorted(STEPS, above)))]


def _starts(part: np.ndarray, inside: np.ndarray, highest: float, reach_cells: float) -> tuple[np.ndarray, np.ndarray]:
    """Low cells of the sink near its rim, thinned to the lowest of every three by three."""
    near_rim = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1] <= reach_cells
    rows, cols = np.nonzero(inside & near_rim & (part <= highest))
    z = part[rows, cols]
    order = np.argsort(z, kind="stable")
    block = (rows // 3) * (part.shape[1] // 3 + 1) + cols // 3
    _, first = np.unique(block[order], return_index=True)
    keep = order[np.sort(first)[:MOST_STARTS]]
    return rows[keep], cols[keep]


def _drained(heights: np.ndarray, level: float, down_to: np.ndarray) -> np.ndarray:
    """Water, in m times cells, that a full sink loses when it is drained down to each height; `heights` sorted."""
    total = np.concatenate([[0.0], np.cumsum(level - heights)])
    below = np.searchsorted(heights, down_to)
    return total[-1] - total[below] + below * (level - down_to)


def _nearest_lower(
    ground: np.ndarray, inside: np.ndarray, origin: tuple[int, int], rows: np.ndarray, cols: np.ndarray,
    z: np.ndarray, cell: float, reach: float,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """For each start the nearest cell outside the sink that lies lower, (n, 2), and how far it is, inf for none."""
    n = int(reach / cell)
    dr, dc = (k.ravel() for k in np.mgrid[-n : n + 1, -n : n + 1])
    far = np.hypot(dr, dc) * cell
    order = np.argsort(far, kind="stable")
    order = order[(far[order] > 0) & (far[order] <= reach)]
    dr, dc, far = dr[order], dc[order], far[order]
    wet = np.zeros(ground.shape, bool)
    wet[origin[0] : origin[0] + inside.shape[0], origin[1] : origin[1] + inside.shape[1]] = inside
    ends, length = np.zeros((rows.size, 2), np.int64), np.full(rows.size, np.inf)
    open_ = np.arange(rows.size)
    for a in range(0, far.size, 256):
        r, c = rows[open_, None] + dr[a : a + 256], cols[open_, None] + dc[a : a + 256]
        on = (r >= 0) & (r < ground.shape[0]) & (c >= 0) & (c < ground.shape[1])
        r, c = np.where(on, r, 0), np.where(on, c, 0)
        lower = on & ~wet[r, c] & (ground[r, c] <= z[open_, None] - FALL * far[a : a + 256])
        hit = lower.any(axis=1)
        first = lower.argmax(axis=1)[hit]
        ends[open_[hit], 0], ends[open_[hit], 1] = r[hit, first], c[hit, first]
        length[open_[hit]] = far[a + first]
        open_ = open_[~hit]
        if not open_.size:
            break
    return ends, length


def _to_the_toe(
    ground: np.ndarray, start: tuple[int, int], end: tuple[int, int], reach_cells: float
) -> tuple[int, int]:
    """The end of a way moved on, straight ahead, as long as the ground falls faster than `STEEP`: down to the foot of the ridge."""
    step = np.array([end[0] - start[0], end[1] - start[1]], float)
    step /= np.abs(step).max()
    here = end
    for n in range(1, int(reach_cells)):
        there = round(end[0] + n * step[0]), round(end[1] + n * step[1])
        if not (0 <= there[0] < ground.shape[0] and 0 <= there[1] < ground.shape[1]):
            break
        far = np.hypot(there[0] - start[0], there[1] - start[1])
        if far > reach_cells or not ground[there] <= ground[here] - STEEP:
            break
        here = there
    return here


def _along(start: tuple[int, int], end: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Cells under a straight line, twice as dense as the cells."""
    number = 2 * max(abs(end[0] - start[0]), abs(end[1] - start[1])) + 1
    rows, cols = (np.rint(np.linspace(a, b, number)).astype(np.int64) for a, b in zip(start, end, strict=True))
    return rows, cols


def guess_size(way: Way, stream: bool) -> float:
    """Diameter of a pipe that would fit, m, in steps of 0.1 m (own proposal: 0.6 m, below a stream 1.0 m).

    Never more than the height of the ridge leaves with 0.3 m of cover, never less than 0.3 m.
    """
    room = way.crest - max(way.bottom) - 0.3
    return round(float(np.clip(np.floor(min(1.0 if stream else 0.6, room) * 10) / 10, 0.3, 1.0)), 1)
