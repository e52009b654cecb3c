"""The place that measures change: ground, cover, buildings, and what is added to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from flood_sim.scenario.structures import Culvert
from flood_sim.terrain.buildings import Footprints
from flood_sim.terrain.grid import Grid


@dataclass(frozen=True)
class PlacedStorage:
    """A storage on its cells: `rows`, `cols` int64 (n,); volume [m³], inflow capacity of all cells together [m³/s]."""

    id: str
    rows: np.ndarray
    cols: np.ndarray
    volume_m3: float
    inflow_capacity_m3s: float


@dataclass(frozen=True)
class PlacedGreenRoof:
    """What the roof of a building holds: `label` of the building, spread over its whole roof [mm], in all [m³]."""

    id: str
    label: int
    storage_mm: float
    volume_m3: float


@dataclass(frozen=True)
class PlacedThreshold:
    """Water enters the building `label` only above this height [m] over the highest ground at its wall."""

    id: str
    label: int
    threshold_m: float


@dataclass
class Site:
    """Where measures act; `apply` changes it in place.

    ground: float64 (rows, cols), m, changed in place. active: bool (rows, cols),
    true where there is terrain and water can stand (false in blocked buildings).
    labels: int32 (rows, cols), 0 open, k = building k, whose id and polygon are
    `building_ids[k - 1]`, `building_polygons[k - 1]`. land_cover: codes (rows,
    cols), changed in place, None where the scenario has no land cover; `surfaces`
    gives the code of each key of its table. culverts: those of the scenario; a
    measure adds or replaces. base: the ground after digging, without what measures
    built on it; None where they built nothing.
    """

    grid: Grid
    ground: np.ndarray
    active: np.ndarray
    labels: np.ndarray
    building_ids: list[str] = field(default_factory=list)
    building_polygons: list[shapely.Polygon | shapely.MultiPolygon] = field(default_factory=list)
    land_cover: np.ndarray | None = None
    surfaces: dict[str, int] = field(default_factory=dict)
    culverts: list[Culvert] = field(default_factory=list)
    storages: list[PlacedStorage] = field(default_factory=list)
    green_roofs: list[PlacedGreenRoof] = field(default_factory=list)
    thresholds: list[PlacedThreshold] = field(default_factory=list)
    base: np.ndarray | None = None

    def copy(self) -> Site:
        """A site whose ground, cover and lists can be changed without touching this one."""
        return replace(
            self,
            ground=self.ground.copy(),
            land_cover=None if self.land_cover is None else self.land_cover.copy(),
            culverts=list(self.culverts),
            storages=list(self.storages),
            green_roofs=list(self.green_roofs),
            thresholds=list(self.thresholds),
        )

    @property
    def terrain(self) -> np.ndarray:
        """bool (rows, cols): cells that have a height, those under buildings included."""
        return self.active | (self.labels > 0)

    @classmethod
    def of(
        cls, grid: Grid, ground: np.ndarray, outside: np.ndarray, footprints: Footprints | None = None, *,
        land_cover: np.ndarray | None = None, surfaces: dict[str, int] | None = None, culverts: Sequence[Culvert] = (),
    ) -> Site:  # fmt: skip
        """A site of these arrays, which it keeps and changes; no height is needed where `outside` (bool) is true.

        Blocked buildings are closed to water, others are ground. Give the ground
        before raised buildings and thresholds are built: they stand on what measures make of it.
        """
        active = ~outside
        if footprints is None:
            labels: np.ndarray = np.broadcast_to(np.int32(0), grid.shape)
        else:
            labels = np.where(outside, 0, footprints.labels)
            active &= ~np.array([False, *(a.mode == "blocked" for a in footprints.acting)])[labels]
        return cls(
            grid, ground, active, labels,
            building_ids=footprints.ids if footprints is not None else [],
            building_polygons=footprints.polygons if footprints is not None else [],
            land_cover=land_cover, surfaces=surfaces or {}, culverts=list(culverts),
        )  # fmt: skip
