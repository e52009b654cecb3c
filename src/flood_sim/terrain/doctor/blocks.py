"""Buildings that do not fit: blocks on no footprint, and footprints younger than the survey of the ground."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import numpy as np
import shapely
from rasterio.features import shapes as outlines
from scipy import ndimage

from flood_sim.terrain.doctor import sentences
from flood_sim.terrain.doctor.fault import Fault
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.footprint_file import read_shapes
from flood_sim.terrain.grid import Grid

BUILT = ("built", "baujahr")
"""Columns that hold the year or the date of a building; `beginnt` of the cadastre changes with every update and does not count."""


@dataclass(frozen=True)
class BlockSearch:
    """What looks like a building; all own proposals.

    least_height_m: above the ground around. least_m2, most_m2: size. widest_m: the shorter side at
    most. upright: share of the outline that drops by half of the height or more within one cell.
    compact: share of the smallest rectangle around it that it fills.
    """

    least_height_m: float = 2.5
    least_m2: float = 25.0
    most_m2: float = 5000.0
    widest_m: float = 40.0
    upright: float = 0.7
    compact: float = 0.65


def find_blocks(
    ground: np.ndarray, grid: Grid, search: BlockSearch, footprints: np.ndarray | None
) -> tuple[list[Fault], np.ndarray]:
    """Raised blocks with upright sides on no footprint, and a mask of all blocks, with footprint or not.

    ground: m, (rows, cols), NaN outside. footprints: bool, cells under known buildings.
    A DGM1 has no buildings, so that there is nothing to find; a surface model is full of them.
    """
    height = _above_ground(ground, grid.cell, search)
    labels, number = ndimage.label(height >= search.least_height_m)
    mask = np.zeros(ground.shape, bool)
    faults = []
    for k, window in enumerate(ndimage.find_objects(labels), 1):
        wide = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in window)
        inside = labels[wide] == k
        area = float(np.count_nonzero(inside)) * grid.cell**2
        if not search.least_m2 <= area <= search.most_m2 or not _upright(ground[wide], inside, height[wide], search):
            continue
        shape = _outline(inside, wide, grid)
        if area < search.compact * shapely.minimum_rotated_rectangle(shape).area:
            continue
        mask[wide] |= inside
        if footprints is not None and footprints[wide][inside].mean() > 0.2:
            continue
        tall = float(np.median(height[wide][inside]))
        at = shapely.point_on_surface(shape)
        faults.append(Fault("block", at.x, at.y, shape, 0.0, tall, *sentences.block(area, tall)))
    return faults, mask


def _above_ground(ground: np.ndarray, cell: float, search: BlockSearch) -> np.ndarray:
    """Height above what is left when everything narrower than `widest_m` is taken off (white top-hat)."""
    size = 2 * int(np.ceil(search.widest_m / cell / 2)) + 1
    known = np.isfinite(ground)
    low = ndimage.minimum_filter(np.where(known, ground, np.inf), size, mode="nearest")
    base = ndimage.maximum_filter(np.where(np.isfinite(low), low, -np.inf), size, mode="nearest")
    return np.where(known, ground - base, 0.0)


def _upright(ground: np.ndarray, inside: np.ndarray, height: np.ndarray, search: BlockSearch) -> bool:
    """Whether most sides of the block drop by half of its height within a cell."""
    half = 0.5 * float(np.median(height[inside]))
    steep = sides = 0
    for axis in (0, 1):
        edge = np.diff(inside.astype(np.int8), axis=axis)
        drop = np.diff(ground, axis=axis) * edge
        meets = (edge != 0) & np.isfinite(drop)
        sides += int(meets.sum())
        steep += int((drop[meets] >= half).sum())
    return sides > 0 and steep >= search.upright * sides


def _outline(inside: np.ndarray, window: tuple[slice, ...], grid: Grid) -> shapely.Geometry:
    transform = grid.transform * grid.transform.translation(window[1].start, window[0].start)
    parts = outlines(inside.astype(np.uint8), inside, transform=transform)
    return shapely.union_all([shapely.geometry.shape(shape) for shape, _ in parts])


def find_newer(path: str | os.PathLike[str], grid: Grid, surveyed: int) -> tuple[list[Fault], str | None]:
    """Footprints whose column `built` or `baujahr` names a year after the survey; and what could not be judged, in words."""
    with refusals_as_errors(path):
        shapes = read_shapes(path, grid, BUILT)
    column = next((shapes.table[name] for name in BUILT if name in shapes.table), None)
    if column is None:
        return [], f"the footprints say nothing of their age (columns {' or '.join(BUILT)}): newer ones are not found"
    years = [_year(value) for value in column]
    faults = []
    for name, shape, year in zip(shapes.ids, shapes.polygons, years, strict=True):
        if year is not None and year > surveyed:
            at = shapely.point_on_surface(shape)
            faults.append(
                Fault(
                    "new_building",
                    at.x,
                    at.y,
                    shape,
                    0.0,
                    float(year - surveyed),
                    *sentences.newer(name, year, surveyed),
                )
            )
    unknown = years.count(None)
    note = (
        f"{unknown:,} of {len(years):,} footprints name no year: whether they are newer is not known"
        if unknown
        else None
    )
    return faults, note


def _year(value: object) -> int | None:
    """The year of a number or of a date as text (2019, 2019-04-01, 01.04.2019)."""
    if isinstance(value, int | float):
        return int(value) if 1000 <= value <= 2999 else None
    found = re.search(r"(?<!\d)[12]\d{3}(?!\d)", str(value)) if value else None
    return int(found.group()) if found else None
