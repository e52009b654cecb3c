"""Where measures stand: what more water there is inside of them is wanted, and no disadvantage."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from flood_sim.results.dataset import Result
from flood_sim.results.parts import Part
from flood_sim.results.vectors import read_geojson

MEASURES = "measures.geojson"
CHANGED_M = 1e-3
"""A smaller change of the ground is one of rounding: results hold it in float32."""


class Measured:
    """Cells in the measures of `with_measures`: as drawn, in their width and a cell more, and where they changed the ground."""

    def __init__(self, without: Result, with_measures: Result) -> None:
        self._both = without, with_measures
        self._grid = with_measures.grid
        found, shapes = read_geojson(with_measures.path / MEASURES, self._grid.crs)
        widths = np.array([half_width_m(properties) for properties in found])
        drawn = shapely.buffer(np.array(shapes), widths + self._grid.cell)
        self._areas = shapely.union_all(drawn) if shapes else None
        if self._areas is not None:
            shapely.prepare(self._areas)

    def __getitem__(self, part: Part) -> np.ndarray:
        """Bool, the cells of a part of the grid."""
        if self._areas is None:
            return np.zeros(tuple(len(range(*s.indices(n))) for s, n in zip(part, self._grid.shape, strict=True)), bool)
        x, y = np.meshgrid(self._grid.x_centres()[part[1]], self._grid.y_centres()[part[0]])
        before, after = (np.asarray(r.dataset["ground"][part].values) for r in self._both)
        changed = np.abs(after - before) > CHANGED_M
        return shapely.contains_xy(self._areas, x, y) | changed | (np.isnan(before) != np.isnan(after))


def half_width_m(properties: dict[str, Any]) -> float:
    """How far a measure reaches beside its line; that of an embankment is in its ground, that of others in their outline."""
    return float(properties["width_m"]) / 2 if properties.get("kind") in ("swale", "emergency_flow_path") else 0.0
