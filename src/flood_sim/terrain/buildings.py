"""Buildings: which cells their footprints cover, and what each does to ground, water and rain."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import shapely
from rasterio.features import rasterize
from scipy import ndimage

from flood_sim.terrain.acting import COLUMNS, Acting, acting_of
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.footprint_file import read_shapes
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.roofs import RoofRain, Roofs, roof_weights

__all__ = ["Acting", "BuildingActs", "Footprints", "GreenRoofs", "RoofRain", "act", "read_buildings", "roof_weights"]

_CORNERS = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Footprints:
    """Footprints on a grid.

    `labels`: int32 (rows, cols), 0 = open, k = footprint k, whose id, polygon and
    way of acting are `ids[k - 1]`, `polygons[k - 1]` and `acting[k - 1]`. A footprint too small
    to own a cell is listed but has none. `notes` say in plain words what was repaired or left out.
    """

    labels: np.ndarray
    ids: list[str]
    polygons: list[shapely.Polygon | shapely.MultiPolygon]
    notes: tuple[str, ...] = ()
    acting: tuple[Acting, ...] = ()


@dataclass(frozen=True)
class GreenRoofs:
    """Green roofs that hold the same depth of rain.

    storage_m: what each m² holds. roof_cells: their size in cells. cells: flat
    indices, int64 (n,), of the cells that get what runs over, and weight,
    float64 (n,), how much: once `storage_m` has fallen, rain of a cell grows by
    weight x rain depth. The weights sum to `roof_cells`.
    """

    storage_m: float
    roof_cells: int
    cells: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class BuildingActs:
    """What all buildings together do to a model.

    blocked: bool (rows, cols), cells without water. lifted: flat indices,
    int64 (n,), of the cells whose ground changes, and floor_m, float64 (n,), their new
    height. passable: bool (rows, cols), cells under a building that stay as they are.
    rain_weight: float64 (rows, cols), rain of a cell = weight x rain depth, with
    that of all roofs that shed to the ground around; without the next two.
    sewer_cells: roofs, in cells, whose rain goes to the sewer and leaves the
    model: cells x cell area x rain depth. green: roofs that hold rain.

    Sum of rain_weight + sewer_cells + sum of all roof_cells = open and roof cells
    of the model: no rain is lost.
    """

    blocked: np.ndarray
    lifted: np.ndarray
    floor_m: np.ndarray
    passable: np.ndarray
    rain_weight: np.ndarray
    sewer_cells: int
    green: tuple[GreenRoofs, ...]


def read_buildings(path: str | os.PathLike[str], grid: Grid, default: Acting | None = None) -> Footprints:
    """Footprints from GeoPackage or GeoJSON, burned where they cover a cell's centre.

    The columns mode, raise_m, threshold_m, roof and green_storage_mm of the file say how a
    building acts; where they are missing or empty, `default` does. A cell under
    several footprints belongs to the first in the file, but to a passable one before
    all others: a gateway is drawn inside the building it leads through. Raises
    TerrainError for another CRS than the grid's, no overlap, an unknown mode or a bad file.
    """
    with refusals_as_errors(path):
        shapes = read_shapes(path, grid, COLUMNS)
        acting = acting_of(shapes.table, shapes.ids, default or Acting())
    number = len(shapes.polygons)
    # burned from last to first, so that the first footprint of the file owns a shared cell
    order = sorted(range(number, 0, -1), key=lambda k: acting[k - 1].mode == "passable")
    burn = [(shapes.polygons[k - 1], k) for k in order]
    labels = rasterize(burn, out_shape=grid.shape, transform=grid.transform, fill=0, dtype="int32")
    notes = list(shapes.notes)
    lost = np.flatnonzero(np.bincount(labels.ravel(), minlength=number + 1)[1:] == 0)
    if lost.size:
        which = ", ".join(shapes.ids[i] for i in lost[:5])
        notes.append(f"{lost.size:,} footprints cover no cell centre of their own and do not act: {which}")
    return Footprints(labels, shapes.ids, shapes.polygons, tuple(notes), acting)


def act(
    footprints: Footprints, ground: np.ndarray, outside: np.ndarray, base: np.ndarray | None = None
) -> BuildingActs:
    """What the buildings do to a model; nothing is changed in place.

    ground: m, (rows, cols). outside: bool (rows, cols), cells outside the model. base: as `ground`, without walls and
    kerbs that measures put up, from which sills count; without it `ground`.
    """
    labels = np.where(outside, 0, footprints.labels)
    modes = np.array(["", *(a.mode for a in footprints.acting)], dtype=object)
    of = {mode: np.append([False], modes[1:] == mode) for mode in ("blocked", "raised", "threshold", "passable")}
    blocked = of["blocked"][labels]
    lifted = np.flatnonzero((of["raised"] | of["threshold"])[labels])
    floor = ground.ravel()[lifted].astype(np.float64)
    lift = np.array([0.0, *(a.raise_m if a.mode == "raised" else 0.0 for a in footprints.acting)])
    floor += lift[labels.ravel()[lifted]]
    sills = _sills(footprints, labels, ground if base is None else base, outside)
    sill = sills[labels.ravel()[lifted]]
    floor = np.where(np.isnan(sill), floor, sill)
    weight, sewer, green = _rain(footprints, labels, outside)
    return BuildingActs(blocked, lifted, floor, of["passable"][labels], weight, sewer, green)


def _sills(footprints: Footprints, labels: np.ndarray, ground: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Height above which water enters, (labels,), NaN for those that have no threshold.

    The highest ground of the footprint and of the cells around it counts, so that
    it is the same from every side.
    """
    sills = np.full(len(footprints.acting) + 1, np.nan)
    places = ndimage.find_objects(labels, len(footprints.acting))
    for k, (acting, place) in enumerate(zip(footprints.acting, places, strict=True), 1):
        if acting.mode != "threshold" or place is None:
            continue
        window = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in place)
        at_wall = ndimage.binary_dilation(labels[window] == k, _CORNERS) & ~outside[window]
        at_wall &= (labels[window] == k) | (labels[window] == 0)
        sills[k] = float(ground[window][at_wall].max()) + acting.threshold_m
    return sills


def _rain(
    footprints: Footprints, labels: np.ndarray, outside: np.ndarray
) -> tuple[np.ndarray, int, tuple[GreenRoofs, ...]]:
    """Rain weights, cells that shed to the sewer, and green roofs.

    Rain on a raised building with the ordinary roof runs off it like off any ground; no roof lets rain
    through to what is below it.
    """
    # one label more than footprints: 0, open ground
    plain = np.array([True, *(a.mode == "raised" and a.roof == "ground" for a in footprints.acting)])
    is_open = plain[labels] & ~outside
    roofs = Roofs(labels, is_open)
    number = roofs.area.size
    kind = np.array(["", *(a.roof for a in footprints.acting)], dtype=object)[:number]
    weight = is_open.astype(np.float64)
    roofs.shed(weight, kind == "ground")
    sewer = int(roofs.area[kind == "sewer"].sum())
    held = [a.green_storage_mm / 1000 if a.roof == "green" else np.nan for a in footprints.acting]
    green = []
    for storage, which in roofs.distinct(np.array([np.nan, *held])[:number]):
        over = np.zeros(weight.shape)
        roofs.shed(over, which)
        cells = np.flatnonzero(over)
        green.append(GreenRoofs(storage, int(roofs.area[which].sum()), cells, over.ravel()[cells]))
    return weight, sewer, tuple(green)
