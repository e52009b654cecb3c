"""Lines in the plane: smooth curves through given points, distances to them, graded profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solveh_banded
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from flood_sim.terrain.town.frame import CELL, DEPTH, Frame


@dataclass(frozen=True)
class Curve:
    """A line sampled at equal steps.

    `xy` holds local points (n, 2), `s` the distance along the line in metres (n,).
    """

    xy: np.ndarray
    s: np.ndarray

    @property
    def step(self) -> float:
        return float(self.s[1] - self.s[0])

    def at(self, s: float) -> np.ndarray:
        """The point (2,) at distance `s` from the start."""
        return np.array([np.interp(s, self.s, self.xy[:, k]) for k in (0, 1)])

    def heading(self) -> np.ndarray:
        """Unit vectors (n, 2) along the line."""
        d = np.gradient(self.xy, axis=0)
        return d / np.hypot(d[:, 0], d[:, 1])[:, None]

    def position_of(self, point: tuple[float, float]) -> float:
        """Distance along the line of its point nearest to `point`."""
        return float(self.s[np.argmin(np.hypot(*(self.xy - point).T))])


def curve(points, step: float = 1.0, smooth: bool = True) -> Curve:
    """A Catmull-Rom spline (centripetal) through `points`, or straight pieces, resampled every `step` metres."""
    p = np.asarray(points, float)
    if smooth and len(p) > 2:
        p = _catmull_rom(p)
    s = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(p, axis=0).T))])
    n = max(int(round(s[-1] / step)), 2)
    at = np.linspace(0.0, s[-1], n + 1)
    return Curve(np.column_stack([np.interp(at, s, p[:, 0]), np.interp(at, s, p[:, 1])]), at)


def _catmull_rom(p: np.ndarray) -> np.ndarray:
    """Barry-Goldman pyramid with knots spaced by the square root of the chord."""
    q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    u = np.linspace(0.0, 1.0, 40, endpoint=False)[:, None]
    for a, b, c, d in zip(q, q[1:], q[2:], q[3:], strict=False):
        t0 = 0.0
        t1, t2, t3 = t0 + np.cumsum([np.hypot(*(n - m)) ** 0.5 for m, n in ((a, b), (b, c), (c, d))])
        t = t1 + (t2 - t1) * u
        ab = (t1 - t) / (t1 - t0) * a + (t - t0) / (t1 - t0) * b
        bc = (t2 - t) / (t2 - t1) * b + (t - t1) / (t2 - t1) * c
        cd = (t3 - t) / (t3 - t2) * c + (t - t2) / (t3 - t2) * d
        abc = (t2 - t) / (t2 - t0) * ab + (t - t0) / (t2 - t0) * bc
        bcd = (t3 - t) / (t3 - t1) * bc + (t - t1) / (t3 - t1) * cd
        out.append((t2 - t) / (t2 - t1) * abc + (t - t1) / (t2 - t1) * bcd)
    return np.vstack([*out, p[-1:]])


def nearest(line: Curve, frame: Frame, reach: float) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Distance of the cells around a line to it, and where along it.

    Returns the window of the grid that holds every cell within `reach` metres,
    the distances in it (inf beyond `reach`) and the index of the nearest
    sample of the line (0 beyond `reach`).
    """
    (x0, y0), (x1, y1) = line.xy.min(axis=0) - reach, line.xy.max(axis=0) + reach
    rows, cols = frame.x.shape
    c0, c1 = np.clip([int(x0 // CELL), int(x1 // CELL) + 1], 0, cols)
    r0, r1 = np.clip([int((DEPTH - y1) // CELL), int((DEPTH - y0) // CELL) + 1], 0, rows)
    window = (slice(r0, r1), slice(c0, c1))
    cells = np.column_stack([frame.x[window].ravel(), frame.y[window].ravel()])
    distance, index = cKDTree(line.xy).query(cells, distance_upper_bound=reach)
    shape = frame.x[window].shape
    return window, distance.reshape(shape), np.where(np.isfinite(distance), index, 0).reshape(shape)


def heights_along(line: Curve, height: np.ndarray) -> np.ndarray:
    """Heights (n,) of the ground under the samples of a line, bilinear, continued beyond the edge."""
    rows = (DEPTH - line.xy[:, 1]) / CELL - 0.5
    cols = line.xy[:, 0] / CELL - 0.5
    return map_coordinates(height, [rows, cols], order=1, mode="nearest")


def graded(ground: np.ndarray, step: float, weight: np.ndarray, stiffness: float) -> np.ndarray:
    """The longitudinal profile a road builder would choose: close to the ground, without bumps.

    Minimises sum(weight (h - ground)^2) + stiffness^4 sum(h'')^2 step over the
    samples; bumps shorter than about 2 pi `stiffness` metres disappear
    (Whittaker's smoother). `weight` (n,) is large where the height is prescribed.
    """
    n = len(ground)
    if n < 4:
        return np.array(ground)
    c = (stiffness / step) ** 4
    main = np.full(n, 6.0)
    main[[0, -1]], main[[1, -2]] = 1.0, 5.0
    off = np.full(n, -4.0)
    off[[1, -1]] = -2.0
    band = np.zeros((3, n))
    band[0, 2:] = c
    band[1] = c * off
    band[2] = c * main + weight
    if n == 4:
        band[2, [1, 2]] = c * 5.0 + weight[[1, 2]]
    return solveh_banded(band, weight * ground)
