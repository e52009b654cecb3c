"""What covers the ground, as roughness and as the law of its losses."""

from __future__ import annotations

import numpy as np

from flood_sim import placing
from flood_sim.build.place import check_values, compact
from flood_sim.build.site import LaidOut
from flood_sim.build.switches import said_of_curve_number
from flood_sim.scenario import (
    Areas,
    CapacitySewer,
    ConstantInfiltration,
    ConstantInitialLoss,
    ConstantRoughness,
    CurveNumber,
    FlatSewer,
    GreenAmpt,
    Horton,
    LandCoverInitialLoss,
    LandCoverRoughness,
    Scenario,
    Surface,
)
from flood_sim.solver.domain import ByClass
from flood_sim.solver.ground import Ground, Infiltration, Zones
from flood_sim.surface.land_cover import NO_CLASS, OUTSIDE_N, LandCoverClass
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.raster import read_aligned

MM_H = 1.0 / 3.6e6
"""m/s in a mm/h."""
SEWER, RIVER, ROOF = 1, 2, 4
"""Flags of a zone beside its class."""
FLAGS = 8

BARE = LandCoverClass(
    code=1,
    key="ground",
    label_de="Boden",
    label_en="ground",
    n=OUTSIDE_N,
    n_shallow=OUTSIDE_N,
    sealed=0,
    initial_loss_mm=0,
)
"""Stands for all ground where there is no land cover."""


def manning(scenario: Scenario, laid: LaidOut, grid: Grid) -> np.ndarray | ByClass:
    """Manning's n of each cell, for deep water."""
    roughness = scenario.surface.roughness
    match roughness:
        case ConstantRoughness():
            return np.broadcast_to(np.float64(roughness.n), grid.shape)
        case LandCoverRoughness():
            codes = laid.site.land_cover
            assert codes is not None  # the Surface refuses it else
            n = np.full(256, OUTSIDE_N)
            for entry in laid.table.classes:
                n[entry.code] = entry.n
            return ByClass(codes, n)
        case _:
            n = read_aligned(roughness.file, grid, resampling="average", what="roughness")
            bad = laid.active & ~((n > 0.0) & (n <= 1.0))
            check_values(n, bad, "above 0, at most 1", "Manning's n", roughness.file, grid)
            return compact(np.where(laid.active, n, 0.0))


def ground_law(scenario: Scenario, laid: LaidOut, grid: Grid, notes: list[str]) -> Ground | None:
    """Losses and depth-dependent roughness; None where nothing is lost and the roughness stands."""
    surface = scenario.surface
    notes += said_of_curve_number(surface)
    classes = _by_code(laid)
    varies = isinstance(surface.roughness, LandCoverRoughness) and surface.roughness.depth_dependent
    varies = varies and any(c.n_shallow > c.n for c in classes.values())
    sink = isinstance(surface.sewer, FlatSewer | CapacitySewer) or surface.river is not None
    if not (varies or sink or surface.infiltration.kind != "none" or surface.initial_loss.kind != "none"):
        return None
    flags = _flags(surface, laid, grid)
    codes = laid.site.land_cover
    place: np.ndarray = flags if codes is None else codes.astype(np.uint16) * FLAGS + flags
    present = np.flatnonzero(np.bincount(place.ravel(), minlength=1))
    zone_of: np.ndarray = np.zeros(int(present[-1]) + 1, np.uint8 if present.size <= 256 else np.uint16)
    zone_of[present] = np.arange(present.size)
    zones = Zones(*np.array([_zone(surface, classes, int(p), codes is not None) for p in present], float).T)
    takes = any(getattr(zones, name).any() for name in ("wetting", "flat", "capacity", "river"))
    infiltration = _kind(surface)
    if not takes and not varies and infiltration == "none":
        return None
    return Ground(zone_of[place], zones, infiltration, varies)


def _by_code(laid: LaidOut) -> dict[int, LandCoverClass]:
    if laid.site.land_cover is None:
        return {NO_CLASS: BARE}
    return {NO_CLASS: BARE, **{c.code: c for c in laid.table.classes}}


def _flags(surface: Surface, laid: LaidOut, grid: Grid) -> np.ndarray:
    """SEWER where a sewer takes water, RIVER where a river does, ROOF on the floors of buildings; uint16 (rows, cols)."""
    flags: np.ndarray = np.zeros(grid.shape, np.uint16)
    sewer = surface.sewer
    if isinstance(sewer, FlatSewer | CapacitySewer):
        flags |= SEWER if sewer.areas is None else SEWER * _inside(sewer.areas, grid, "surface.sewer.areas")
    if surface.river is not None:
        flags |= RIVER * _inside(surface.river, grid, "surface.river")
    flags.ravel()[laid.floors] |= ROOF
    flags[~laid.active] = 0
    return flags


def _inside(areas: Areas, grid: Grid, where: str) -> np.ndarray:
    return placing.area_mask(areas, grid, where).astype(np.uint16)


def _zone(surface: Surface, classes: dict[int, LandCoverClass], place: int, by_cover: bool) -> tuple[float, ...]:
    """One row of `Zones`, in the order of its fields."""
    code, flags = divmod(place, FLAGS)
    entry = classes[code if by_cover else NO_CLASS]
    if flags & ROOF:
        entry = _roofed(entry, classes)
    sewer = surface.sewer
    flat = capacity = threshold = 0.0
    if flags & SEWER and isinstance(sewer, FlatSewer | CapacitySewer):
        rate = sewer.rate_mm_h * MM_H * (entry.to_sewer if sewer.sealed_only else 1.0)
        if isinstance(sewer, FlatSewer):
            flat = rate
        else:
            capacity, threshold = rate, sewer.threshold_mm / 1000
    river = float(bool(flags & RIVER))
    a, b, c = _parameters(surface, entry)
    return (
        _wetting(surface, entry),
        1.0 - entry.sealed,
        a,
        b,
        c,
        flat,
        capacity,
        threshold,
        river,
        entry.n_shallow,
        entry.n,
    )


def _roofed(entry: LandCoverClass, classes: dict[int, LandCoverClass]) -> LandCoverClass:
    """The class of the cell as it is under a raised building or inside one with a threshold: nothing seeps through its floor."""
    wetting = next((c.initial_loss_mm for c in classes.values() if c.key == "building"), entry.initial_loss_mm)
    return entry.model_copy(update={"sealed": 1.0, "sewered": 1.0, "initial_loss_mm": wetting})


def _wetting(surface: Surface, entry: LandCoverClass) -> float:
    match surface.initial_loss:
        case ConstantInitialLoss(depth_mm=depth):
            return depth / 1000
        case LandCoverInitialLoss():
            return entry.initial_loss_mm / 1000
        case _:
            return 0.0


def _kind(surface: Surface) -> Infiltration:
    kind = surface.infiltration.kind
    return "horton" if kind == "constant" else kind


def _parameters(surface: Surface, entry: LandCoverClass) -> tuple[float, float, float]:
    """a, b, c of the kind of infiltration: the scenario's own values, else those of the class."""
    infiltration = surface.infiltration
    match infiltration:
        case ConstantInfiltration():
            rate = entry.constant_mm_h if infiltration.rate_mm_h is None else infiltration.rate_mm_h
            return rate * MM_H, rate * MM_H, 1.0
        case Horton(f0_mm_h=f0, fc_mm_h=fc, k_per_h=k):
            if f0 is None or fc is None or k is None:
                f0, fc, k = entry.horton
            return f0 * MM_H, fc * MM_H, k / 3600
        case GreenAmpt(conductivity_mm_h=conductivity, suction_mm=suction, moisture_deficit=deficit):
            if conductivity is None or suction is None or deficit is None:
                conductivity, suction, deficit = entry.green_ampt
            return conductivity * MM_H, suction * deficit / 1000, 0.0
        case CurveNumber():
            cn = entry.cn if infiltration.cn is None else infiltration.cn
            retention = (25400 / cn - 254) / 1000  # TR-55, eq. 2-4, in m
            return retention, retention * infiltration.initial_abstraction_ratio, 0.0
        case _:
            return 0.0, 0.0, 0.0
