"""The rung "sinks": where the rain of a storm collects, by volume, and which ways it takes. No time in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flood_sim.build import Build
from flood_sim.preview.answer import PASSING, UPSTREAM, Figures, Preview
from flood_sim.preview.pouring import Pouring, pour_on_dem, pour_scenario
from flood_sim.preview.vectors import sink_layers
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.flow import Hierarchy, Settled, hierarchy_of, settle
from flood_sim.terrain.flow.kept import kept_hierarchy
from flood_sim.terrain.flow.origin import REACH_M, Origin, origin


@dataclass(frozen=True)
class Sinks:
    """The answer with what it was found from: `preview` for maps and figures, the rest to ask further."""

    preview: Preview
    pouring: Pouring
    hierarchy: Hierarchy
    settled: Settled

    def origin(self, x: float, y: float, *, reach_m: float = REACH_M) -> Origin:
        """Woher kommt das Wasser hier? With the rain of this storm, before losses."""
        p = self.pouring
        return origin(self.hierarchy, p.grid, x, y, p.rain_mm, weight=p.weight, reach_m=reach_m)


def sinks(
    source: Build | Dem | Pouring, rain_mm: float | None = None, *, keep: Path | bool = True, vectors: bool = False,
    hierarchy: Hierarchy | None = None,
) -> Sinks:  # fmt: skip
    """Sinks and flow paths of a storm by fill, spill, merge; volumes close to 1e-9 and better.

    source: a scenario that was built, or a DEM with the depth of the rain in mm, or what was made of them. keep: where the drainage of the terrain
    is kept for the next storm (True: the user's cache, False: nowhere). hierarchy: of this very terrain, from an earlier
    answer. vectors: also catchments, flow paths and spill points. Raises TerrainError and ScenarioError.
    """
    begin = time.perf_counter()
    pouring = source if isinstance(source, Pouring) else _poured(source, rain_mm)
    known = hierarchy is not None
    if hierarchy is None:
        if keep is False:
            hierarchy = hierarchy_of(pouring.land)
        else:
            hierarchy, known = kept_hierarchy(pouring.land, None if keep is True else keep)
    found = time.perf_counter()
    settled = settle(hierarchy, pouring.excess)
    end = time.perf_counter()
    figures = Figures(
        rain_m3=pouring.brought_m3,
        taken_m3=max(pouring.brought_m3 - settled.in_m3, 0.0),  # rounding may leave a trace below
        in_m3=settled.in_m3,
        stored_m3=settled.stored_m3,
        left_m3=settled.left_m3,
        cold_s=None if known else end - begin,
        cached_s=end - (begin if known else found),
    )
    upstream = np.where(hierarchy.on_grid(hierarchy.basin) >= 0, hierarchy.upstream_area, np.nan).astype(np.float32)
    passing = np.where(np.isnan(settled.depth), np.nan, settled.passing).astype(np.float32)
    preview = Preview(
        "sinks", pouring.grid, settled.depth.astype(np.float32), figures,
        maps={PASSING.key: (PASSING, passing), UPSTREAM.key: (UPSTREAM, upstream)},
        vectors=sink_layers(hierarchy, settled, pouring.grid) if vectors else {},
        notes=pouring.notes, title=pouring.title, synthetic=pouring.synthetic,
    )  # fmt: skip
    return Sinks(preview, pouring, hierarchy, settled)


def _poured(source: Build | Dem, rain_mm: float | None) -> Pouring:
    return pour_scenario(source) if isinstance(source, Build) else pour_on_dem(source, rain_mm or 0.0)
