"""ANUGA (finite volumes on triangles, discontinuous elevation; Davies and Roberts 2015), flow algorithm DE0, its default.

Two triangles in each cell, both at the height of the cell. float64. Its
transmissive border pumps water in on this terrain, so the border in the south
is held at a level below the ground, over which water falls freely.
"""

from __future__ import annotations

import anuga
import numpy as np

from benchmarks.peers.problem import Prepared, Problem

SETTINGS = {"flow_algorithm": "DE0"}
BELOW_GROUND_M = 2.0


def prepare(problem: Problem, **settings: str) -> Prepared:
    chosen = {**SETTINGS, **settings}
    rows, cols = problem.ground.shape
    points, triangles, edges = anuga.rectangular(cols, rows, len1=cols * problem.cell, len2=rows * problem.cell)
    domain = anuga.Domain(points, triangles, edges)
    domain.set_flow_algorithm(chosen["flow_algorithm"])
    domain.set_store(False)
    middle = domain.get_centroid_coordinates()
    col = (middle[:, 0] // problem.cell).astype(int)
    row = rows - 1 - (middle[:, 1] // problem.cell).astype(int)
    ground = problem.ground[row, col]
    domain.set_quantity("elevation", numeric=ground, location="centroids")
    domain.set_quantity("friction", problem.manning)
    domain.set_quantity("stage", numeric=ground, location="centroids")
    wall = anuga.Reflective_boundary(domain)
    low = anuga.Dirichlet_boundary([float(problem.ground[-1].min()) - BELOW_GROUND_M, 0.0, 0.0])
    domain.set_boundary({"left": wall, "right": wall, "top": wall, "bottom": low})
    anuga.Rate_operator(domain, rate=problem.rain_m_s)
    counted = {"steps": 0}

    def advance(t: float) -> None:
        for _ in domain.evolve(yieldstep=t - domain.get_time(), finaltime=t):
            counted["steps"] += domain.number_of_steps

    def depth() -> np.ndarray:
        height = domain.quantities["stage"].centroid_values - domain.quantities["elevation"].centroid_values
        mean = np.zeros(problem.ground.shape)
        np.add.at(mean, (row, col), height / 2)
        return mean

    return Prepared(
        advance=advance,
        steps=lambda: int(counted["steps"]),
        depth=depth,
        cells=len(triangles),
        settings={**chosen, "precision": "float64", "cfl": float(domain.get_cfl())},
    )
