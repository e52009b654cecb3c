"""The answer of a rung of the preview: on the same grid as the full run's maximum depth, which it stands in for."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from flood_sim.errors import TerrainError
from flood_sim.preview.label import LABELS, Label, Rung, distance_de, distance_en
from flood_sim.preview.layers import write_layers
from flood_sim.results.cog import write_cog
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES, Variable

PASSING = Variable(
    "passing_volume", "V", "m3", "water that runs through each cell in the whole storm", "Durchfließende Wassermenge"
)
UPSTREAM = Variable("upstream_area", "A", "m2", "contributing area of each cell", "Einzugsgebiet")


@dataclass(frozen=True)
class Figures:
    """Volumes in m3: rain_m3 = taken_m3 + in_m3 and in_m3 = stored_m3 + left_m3, but for rounding.

    rain_m3: rain, inflow and water at the start. taken_m3: by the surface where it fell. in_m3: what runs.
    stored_m3: what stands on the terrain, left_m3: what left it. cold_s: seconds for all of it; None where a part was
    taken from an earlier answer. cached_s: for what a next storm on the same terrain needs.
    """

    rain_m3: float
    taken_m3: float
    in_m3: float
    stored_m3: float
    left_m3: float
    cold_s: float | None
    cached_s: float


@dataclass(frozen=True)
class Layer:
    """Geometries in the CRS of the grid with columns of the same length."""

    geometries: Sequence[BaseGeometry]
    columns: dict[str, Sequence[Any]]


@dataclass(frozen=True)
class Preview:
    """What a rung answers; arrays (rows, cols) of the grid, float32, NaN where the full run has no water either.

    depth: m, as `max_depth` of a full run. maps: further fields by key of their variable, flow paths always among
    those of the rung "sinks". vectors: layers by name, if they were asked for.
    """

    rung: Rung
    grid: Grid
    depth: np.ndarray
    figures: Figures
    maps: dict[str, tuple[Variable, np.ndarray]] = field(default_factory=dict)
    vectors: dict[str, Layer] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    title: str = ""
    synthetic: bool = False

    @property
    def label(self) -> Label:
        return LABELS[self.rung]

    @property
    def distance_de(self) -> str:
        return distance_de(self.rung)

    @property
    def distance_en(self) -> str:
        return distance_en(self.rung)

    def tags(self) -> dict[str, str]:
        """What every file of this preview says of itself."""
        words = self.label
        tags = {
            "FLOOD_SIM_PREVIEW": self.rung, "FLOOD_SIM_LABEL_DE": words.label_de, "FLOOD_SIM_LABEL_EN": words.label_en,
            "FLOOD_SIM_SHOWS_DE": words.shows_de, "FLOOD_SIM_SHOWS_EN": words.shows_en,
            "FLOOD_SIM_LEAVES_OUT_DE": words.leaves_out_de, "FLOOD_SIM_LEAVES_OUT_EN": words.leaves_out_en,
            "FLOOD_SIM_DISTANCE_DE": self.distance_de, "FLOOD_SIM_DISTANCE_EN": self.distance_en,
        }  # fmt: skip
        if self.title:
            tags["TIFFTAG_IMAGEDESCRIPTION"] = self.title
        return tags | ({"FLOOD_SIM_SYNTHETIC": "1"} if self.synthetic else {})

    def write(self, path: Path) -> list[Path]:
        """Write the depth as COG to `path` (.tif), each further map beside it and the vectors as GeoPackage.

        The names of the others are made from that of the first. All appear when all are whole. Returns the files.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.stem}."))
        try:
            files = [path.name]
            write_cog(folder / path.name, self.depth, VARIABLES["max_depth"], self.grid, self.tags())
            for key, (variable, values) in self.maps.items():
                files.append(f"{path.stem}.{key}.tif")
                write_cog(folder / files[-1], values, variable, self.grid, self.tags())
            if self.vectors:
                files.append(f"{path.stem}.gpkg")
                write_layers(folder / files[-1], self.vectors, self.grid.crs, self.tags())
            for name in files:
                os.replace(folder / name, path.parent / name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return [path.parent / name for name in files]


def critical_success_index(depth: np.ndarray, reference: np.ndarray, threshold_m: float) -> float | None:
    """Hits / (hits + misses + false alarms) of the cells at least `threshold_m` deep; NaN is dry.

    None where the reference is nowhere so deep. Raises TerrainError for arrays of different shape.
    """
    if depth.shape != reference.shape:
        raise TerrainError("the two are on different grids", value=str(depth.shape), allowed=str(reference.shape))
    ours, theirs = depth >= threshold_m, reference >= threshold_m
    if not theirs.any():
        return None
    return float((ours & theirs).sum() / (ours | theirs).sum())


def relative_error(figures: Figures) -> float:
    """What the volumes miss of closing, relative to what runs."""
    missing = abs(figures.in_m3 - figures.stored_m3 - figures.left_m3)
    return missing / figures.in_m3 if figures.in_m3 > 0 else math.copysign(missing, 1.0)
