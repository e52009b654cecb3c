"""Landlab's OverlandFlow (local inertia after de Almeida et al. 2012; Adams et al. 2017, doi:10.5194/gmd-10-1645-2017).

Settings: `steep_slopes` (limits the Froude number to one), and a step of
at most `longest_step_s`, because its own time step looks at the depth alone:
140 s on dry ground; with 1 s, halving the steps changes the depth by less than
1 mm (root mean square). float64. The border in the south is a row of nodes that
stay almost dry; the other borders are closed.
"""

from __future__ import annotations

import numpy as np
from landlab import RasterModelGrid
from landlab.components import OverlandFlow

from benchmarks.peers.problem import Prepared, Problem

SETTINGS = {"alpha": 0.7, "theta": 0.8, "longest_step_s": 1.0}


def prepare(problem: Problem, **settings: float) -> Prepared:
    chosen = {**SETTINGS, **settings}
    rows, cols = problem.ground.shape
    grid = RasterModelGrid((rows + 2, cols + 2), xy_spacing=problem.cell)
    heights = np.pad(problem.ground, 1, mode="edge")
    heights[-1] -= problem.slope * problem.cell
    grid.add_field("topographic__elevation", heights[::-1].ravel().copy(), at="node")
    grid.add_zeros("surface_water__depth", at="node")
    grid.set_closed_boundaries_at_grid_edges(True, True, True, False)
    flow = OverlandFlow(
        grid, alpha=chosen["alpha"], theta=chosen["theta"], mannings_n=problem.manning,
        rainfall_intensity=problem.rain_m_s, steep_slopes=True,
    )  # fmt: skip
    clock = {"t": 0.0, "steps": 0}

    def advance(t: float) -> None:
        while clock["t"] < t:
            dt = min(flow.calc_time_step(), chosen["longest_step_s"], t - clock["t"])
            flow.run_one_step(dt=dt)
            clock["t"] += dt
            clock["steps"] += 1

    return Prepared(
        advance=advance,
        steps=lambda: int(clock["steps"]),
        depth=lambda: grid.at_node["surface_water__depth"].reshape(rows + 2, cols + 2)[::-1][1:-1, 1:-1].copy(),
        cells=problem.ground.size,
        settings={**chosen, "steep_slopes": True, "precision": "float64"},
    )
