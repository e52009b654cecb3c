"""The water that is there at the start."""

from __future__ import annotations

import numpy as np

from flood_sim.build.place import check_values
from flood_sim.errors import ScenarioError
from flood_sim.scenario import Dry, InitialDepth, InitialLevel, Scenario
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.raster import read_aligned

DEEPEST = 1000.0
"""m of water at the start; more is a slip of the unit."""
HEIGHTS = "Heights count from the zero of the terrain (in Germany m above NHN, DHHN2016)"


def initial_depth(scenario: Scenario, grid: Grid, ground: np.ndarray, active: np.ndarray) -> np.ndarray | None:
    match scenario.initial:
        case Dry():
            return None
        case InitialLevel(level_m=level):
            depth = np.where(active, np.maximum(level - ground, 0.0), 0.0)
            deepest = float(depth.max())
            if not 0.0 < deepest <= DEEPEST:
                low = float(ground[active].min())
                fault = "below the whole terrain" if deepest == 0.0 else f"more than {DEEPEST:g} m above the terrain"
                raise ScenarioError(
                    f"the level lies {fault}", where="initial.level_m", value=f"{level:g} m",
                    allowed=f"above {low:.2f} m, the lowest ground, at most {low + DEEPEST:.2f} m", hint=HEIGHTS,
                )  # fmt: skip
            return depth
        case InitialDepth(file=file):
            depth = read_aligned(file, grid, resampling="average", what="initial depth")
            depth = np.where(np.isnan(depth) & active, 0.0, depth)
            bad = active & ~((depth >= 0.0) & (depth <= DEEPEST))
            check_values(depth, bad, f"0 or more, at most {DEEPEST:g} m", "initial depth", file, grid)
            return depth
