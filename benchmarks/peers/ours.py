"""This solver, with its defaults: no setting is chosen for this terrain."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.problem import Prepared, Problem
from flood_sim.solver.border import NORMAL, Part, border_faces
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation


def prepare(problem: Problem, *, maxima: bool = False) -> Prepared:
    active = np.ones(problem.ground.shape, bool)
    faces = border_faces(active, ~active)
    owner = np.where((faces.axis == 1) & (faces.side == 1), 0, -1)
    domain = Domain(
        problem.ground, active, problem.cell, manning=np.full(problem.ground.shape, problem.manning),
        rain=Steps((0.0, problem.storm_s), (problem.rain_m_s,)), parts=(Part("south", NORMAL, problem.slope),), owner=owner,
    )  # fmt: skip
    simulation = Simulation(domain, threads=1, record=maxima)
    return Prepared(
        advance=simulation.advance,
        steps=lambda: simulation.steps,
        depth=lambda: np.array(simulation.depth, float),
        cells=problem.ground.size,
        settings={"precision": "float32", "all": "defaults"},
        recorded="seven maxima" if maxima else "nothing",
    )
