"""Retention basins: "500 m³" finds its depth from its area, on ground as it lies.

What counts is the water that stays: below the lowest place of the rim (the spill
level), or below the crest of a dam. With heights z of the cells, bottom b, level
of the full basin f, distance t from the drawn edge and sides 1 : n, the dug
ground is g = min(z, max(b, f - t / n)) and the volume is the sum over the cells of
cell² · max(0, f - g). It is solved for, cell by cell, so that it is met exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from scipy.optimize import brentq

from flood_sim.measures.fault import MeasureError
from flood_sim.measures.shape import Cells, Points, named, polygon_cells
from flood_sim.measures.words import de
from flood_sim.scenario.measures import Basin
from flood_sim.terrain.grid import Grid

DEEPEST_M = 20.0
AGREES = 0.10
"""volume_m3 and depth_m of one basin may differ by this much from each other, as drawn outlines do; the volume counts."""


@dataclass(frozen=True)
class BasinDesign:
    """A basin that holds what it says.

    Levels in m of the terrain's zero: `bottom_m`; `full_m`, at which it spills;
    `rim_m`, the lowest place of its rim before any dam, at `rim_xy`. `depth_m`
    is that of the water when full, `volume_m3` what it then holds, of which
    `before_m3` stayed there already, `dug_m3` what is dug out. `dam`: cells
    raised to `full_m`, highest by `dam_height_m`. `cells` with their new `ground`.
    """

    cells: Cells
    ground: np.ndarray
    bottom_m: float
    full_m: float
    rim_m: float
    rim_xy: tuple[float, float]
    volume_m3: float
    before_m3: float
    dug_m3: float
    area_m2: float
    dam: Cells
    dam_height_m: float

    @property
    def depth_m(self) -> float:
        return self.full_m - self.bottom_m


def basin_depth_for(
    volume_m3: float, polygon: Points, ground: np.ndarray, grid: Grid, *, active: np.ndarray | None = None,
    side_slope: float = 0.0,
) -> BasinDesign:  # fmt: skip
    """How deep must a basin of this outline be, to hold this volume?

    ground: float64 (rows, cols) in m; active: bool, false where no water can
    stand; sides 1 : side_slope. ScenarioError where it cannot be.
    """
    basin = Basin(id="basin", polygon=tuple(polygon), volume_m3=volume_m3, side_slope=side_slope)
    return design(basin, ground, np.isfinite(ground) if active is None else active, None, grid)


def design(basin: Basin, ground: np.ndarray, active: np.ndarray, labels: np.ndarray | None, grid: Grid) -> BasinDesign:
    """The basin on this ground. `active` as in `Site`; cells with a label in `labels` are buildings, a tight wall."""
    terrain = active if labels is None else active | (labels > 0)
    cells = polygon_cells(basin, basin.polygon, grid, terrain)
    cells = cells.take(active[cells.rows, cells.cols])
    if not cells.size:
        raise MeasureError(
            "covers no open cell of the terrain",
            where=named(basin),
            hint="Draw it away from buildings",
            code="over_building",
            de="Das Becken liegt ganz unter Gebäuden.",
        )
    rim, rim_xy = _rim(basin, cells, ground, active, labels, grid)
    form = _Form(basin, cells, ground, grid)
    bottom, full = _levels(basin, form, rim, rim_xy)
    dam = _dam(cells, ground, active, full) if full > rim else Cells(np.zeros(0, np.int64), np.zeros(0, np.int64))
    height = float((full - ground[dam.rows, dam.cols]).max()) if dam.size else 0.0
    if dam.size and not basin.dam:
        raise MeasureError(
            f"the ground cannot hold it: full it stands at {full:.2f} m, and its rim lies at {rim:.2f} m at x {rim_xy[0]:.1f}, "
            f"y {rim_xy[1]:.1f}", where=named(basin),
            hint=f"Set dam: true for a dam of about {dam.size * grid.cell:.0f} m, up to {height:.2f} m high, or leave bottom_m out",
            code="needs_dam", xy=rim_xy,
            de=f"Das Gelände hält das Wasser nicht: Voll stünde es auf {de(full, 2)} m, der tiefste Rand liegt auf {de(rim, 2)} m. "
            f"Nötig ist ein Damm von ca. {de(dam.size * grid.cell)} m Länge, bis {de(height, 2)} m hoch (dam: true).",
        )  # fmt: skip
    new = form.dug(bottom, full)
    return BasinDesign(
        cells=cells, ground=new, bottom_m=float(new.min()), full_m=full, rim_m=rim, rim_xy=rim_xy,
        volume_m3=form.held(bottom, full), before_m3=form.area * float(np.maximum(rim - form.z, 0.0).sum()),
        dug_m3=form.area * float((form.z - new).sum()), area_m2=form.area * cells.size, dam=dam, dam_height_m=height,
    )  # fmt: skip


class _Form:
    """The shape of a basin: what is dug, and what it holds, for any bottom and level."""

    def __init__(self, basin: Basin, cells: Cells, ground: np.ndarray, grid: Grid) -> None:
        self.area = grid.cell**2
        self.z = ground[cells.rows, cells.cols]
        self.run = None
        if basin.side_slope > 0.0:
            edge = shapely.LinearRing(basin.polygon)
            self.run = shapely.distance(edge, shapely.points(*cells.xy(grid))) / basin.side_slope

    def dug(self, bottom: float, full: float) -> np.ndarray:
        """Ground of the cells after digging."""
        floor = np.full(self.z.shape, bottom) if self.run is None else np.maximum(bottom, full - self.run)
        return np.minimum(self.z, floor)

    def held(self, bottom: float, full: float) -> float:
        """m³ between the dug ground and the level of the full basin."""
        return self.area * float(np.maximum(full - self.dug(bottom, full), 0.0).sum())


def _levels(basin: Basin, form: _Form, rim: float, rim_xy: tuple[float, float]) -> tuple[float, float]:
    """Bottom and level when full."""
    volume, depth, bottom = basin.volume_m3, basin.depth_m, basin.bottom_m
    if bottom is not None and bottom >= (rim if volume is None and depth is None else form.z.max()):
        raise MeasureError(
            f"its bottom lies above the ground: the lowest place of the rim is at {rim:.2f} m (x {rim_xy[0]:.1f}, y {rim_xy[1]:.1f})",
            where=named(basin), value=f"bottom_m = {bottom:g}", allowed=f"below {rim:.2f} m",
            code="bottom_above_ground", xy=rim_xy, de=f"Die Sohle liegt über dem Gelände: Der tiefste Rand liegt auf {de(rim, 2)} m.",
        )  # fmt: skip
    if volume is None:
        if bottom is None:
            assert depth is not None  # the model asks for one of three
            return rim - depth, rim
        return bottom, max(rim, bottom + depth) if depth is not None else rim
    if bottom is not None:
        low = float(bottom)
        if form.held(low, rim) >= volume:
            return low, rim
        return low, _root(lambda full: form.held(low, full) - volume, max(rim, low), rim + DEEPEST_M, basin, volume)
    if depth is not None and basin.dam:
        return _dug_and_dammed(basin, form, volume, depth)
    highest = max(rim, float(form.z.max()))
    if form.held(highest, rim) >= volume:  # a hollow that holds it already: nothing to dig
        return highest, rim
    low = _root(lambda b: form.held(b, rim) - volume, rim, rim - DEEPEST_M, basin, volume)
    if depth is not None:
        _refuse_mismatch(basin, volume, depth, rim - low, form)
    return low, rim


def _dug_and_dammed(basin: Basin, form: _Form, volume: float, depth: float) -> tuple[float, float]:
    """Water about `depth` deep over a level bottom at the lowest ground inside: as little as can be is dug."""
    lowest = float(form.z.min())
    full = _root(lambda f: form.held(lowest, f) - volume, lowest, lowest + DEEPEST_M, basin, volume)
    _refuse_mismatch(basin, volume, depth, full - lowest, form)
    return lowest, full


def _refuse_mismatch(basin: Basin, volume: float, depth: float, needed: float, form: _Form) -> None:
    if abs(needed - depth) > AGREES * depth:
        area = form.area * form.z.size
        raise MeasureError(
            f"{volume:.10g} m³ on {area:.0f} m² need {needed:.2f} m of depth here", where=named(basin), value=f"depth_m = {depth:g}",
            allowed=f"{needed / (1 + AGREES):.2f} to {needed / (1 - AGREES):.2f} m",
            hint=f"Leave depth_m out, or draw about {volume / depth:.0f} m²", code="volume_and_depth",
            de=f"{de(volume)} m³ auf {de(area)} m² brauchen hier {de(needed, 2)} m Tiefe, angegeben sind {de(depth, 2)} m.",
        )  # fmt: skip


def _root(missing: Callable[[float], float], start: float, end: float, basin: Basin, volume: float) -> float:
    """Where a volume is met between two levels; ScenarioError when it is met nowhere."""
    if missing(end) < 0.0:
        raise MeasureError(
            f"its outline is too small for {volume:.10g} m³: even {abs(end - start):g} m deep it holds only {missing(end) + volume:.0f} m³",
            where=named(basin), hint="Draw it larger, or make its sides steeper" if basin.side_slope else "Draw it larger", code="outline_too_small",
            de=f"Die Fläche ist zu klein für {de(volume)} m³: Auch {de(abs(end - start))} m tief fasst sie nur {de(missing(end) + volume)} m³.",
        )  # fmt: skip
    if missing(start) >= 0.0:
        return start
    return float(brentq(missing, start, end, xtol=1e-13, rtol=1e-15, maxiter=500))


def _rim(
    basin: Basin, cells: Cells, ground: np.ndarray, active: np.ndarray, labels: np.ndarray | None, grid: Grid
) -> tuple[float, tuple[float, float]]:
    """Height and place of the lowest cell that shares a side with the basin; ScenarioError at the edge of the terrain."""
    member = np.zeros(ground.shape, bool)
    member[cells.rows, cells.cols] = True
    lowest, at = np.inf, (0, 0)
    for dr, dc in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        r, c = cells.rows + dr, cells.cols + dc
        within = (r >= 0) & (r < grid.rows) & (c >= 0) & (c < grid.cols)
        beside = active[r[within], c[within]]
        if labels is not None:
            beside = beside | (labels[r[within], c[within]] > 0)
        if not within.all() or not beside.all():
            k = int(np.flatnonzero(~within)[0]) if not within.all() else int(np.flatnonzero(within)[~beside][0])
            x, y = grid.west + (cells.cols[k] + 0.5) * grid.cell, grid.north - (cells.rows[k] + 0.5) * grid.cell
            raise MeasureError(
                f"reaches the edge of the terrain at x {x:.1f}, y {y:.1f}; there its water would leave", where=named(basin),
                hint="Draw it inside the terrain, or take a larger piece of terrain", code="edge_of_terrain", xy=(x, y),
                de="Das Becken reicht bis an den Rand des Geländes; dort liefe sein Wasser ab.",
            )  # fmt: skip
        r, c = r[~member[r, c] & active[r, c]], c[~member[r, c] & active[r, c]]
        if r.size and (low := int(np.argmin(ground[r, c]))) >= 0 and ground[r[low], c[low]] < lowest:
            lowest, at = float(ground[r[low], c[low]]), (int(r[low]), int(c[low]))
    if not np.isfinite(lowest):  # buildings all round
        lowest, at = float(ground[cells.rows, cells.cols].min()), (int(cells.rows[0]), int(cells.cols[0]))
    return lowest, (grid.west + (at[1] + 0.5) * grid.cell, grid.north - (at[0] + 0.5) * grid.cell)


def _dam(cells: Cells, ground: np.ndarray, active: np.ndarray, full: float) -> Cells:
    """Cells around the basin, those at its corners included, that lie below its level when full."""
    top, left = max(cells.rows.min() - 1, 0), max(cells.cols.min() - 1, 0)
    window = np.s_[top : cells.rows.max() + 2, left : cells.cols.max() + 2]
    member = np.zeros(ground[window].shape, bool)
    member[cells.rows - top, cells.cols - left] = True
    around = ndimage.binary_dilation(member, np.ones((3, 3), bool)) & ~member & active[window] & (ground[window] < full)
    rows, cols = np.nonzero(around)
    return Cells(rows + top, cols + left)
