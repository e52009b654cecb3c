"""Itzi (local inertia after de Almeida and Bates 2013; Courty et al. 2017, doi:10.5194/gmd-10-1835-2017), itzi-core.

Settings: with its defaults (cfl 0.7, theta 0.9, dtmax 5 s) it creates
water on this terrain until it stops itself. Those here have the longest steps at
which halving them changes the depth by less than 1 mm (root mean square).
float32 arrays, as its own command line does. It records the largest depth and
speed at every step; that cannot be switched off.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from itzi_core import DomainData, SimulationBuilder, SimulationConfig, SurfaceFlowParameters, TemporalType
from itzi_core.providers.memory_input import MemoryRasterInputProvider

from benchmarks.peers.problem import Prepared, Problem

SETTINGS = {"cfl": 0.7, "theta": 0.7, "dtmax": 0.5}
OPEN, CLOSED = 2, 1
BEGIN = datetime(2000, 1, 1)


def prepare(problem: Problem, **settings: float) -> Prepared:
    chosen = {**SETTINGS, **settings}
    rows, cols = problem.ground.shape
    end = BEGIN + timedelta(seconds=problem.storm_s)
    where = DomainData(
        north=rows * problem.cell, south=0.0, east=cols * problem.cell, west=0.0, rows=rows, cols=cols, crs_wkt=""
    )
    kind = np.full(problem.ground.shape, CLOSED, np.uint8)
    kind[-1] = OPEN
    arrays = {
        "ground_elevation": problem.ground,
        "friction": np.full(problem.ground.shape, problem.manning),
        "rainfall_rate": np.full(problem.ground.shape, problem.rain_mm_h),
        "boundary_type": kind,
    }
    config = SimulationConfig(
        start_time=BEGIN, end_time=end, record_step=end - BEGIN, temporal_type=TemporalType.RELATIVE,
        input_map_names={key: key for key in arrays}, output_map_names={},
        surface_flow_parameters=SurfaceFlowParameters(**chosen),
    )  # fmt: skip
    source = MemoryRasterInputProvider(
        {"domain_data": where, "simulation_start_time": BEGIN, "simulation_end_time": end, "static_arrays": arrays}
    )
    builder = SimulationBuilder(config, np.zeros(problem.ground.shape, bool)).with_input_provider(source)
    simulation = builder.build().initialize()
    return Prepared(
        advance=lambda t: simulation.update_until(timedelta(seconds=t)),
        steps=lambda: int(simulation.time_steps_counters["since_start"]),
        depth=lambda: np.array(simulation.raster_domain.get_array("water_depth"), float),
        cells=problem.ground.size,
        settings={**chosen, "precision": "float32"},
        recorded="largest depth and speed",
    )
