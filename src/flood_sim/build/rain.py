"""The storm over time and, where it was measured, over space."""

from __future__ import annotations

import numpy as np

from flood_sim import placing
from flood_sim.rain.observed import observed
from flood_sim.rain.storms import Hyetograph, hyetograph
from flood_sim.scenario import FieldRain, GaugeRain, Scenario
from flood_sim.solver.rain_field import RainOnGrid
from flood_sim.solver.series import Steps
from flood_sim.terrain.grid import Grid


def rain(scenario: Scenario, grid: Grid, active: np.ndarray, notes: list[str]) -> tuple[Hyetograph, Steps | RainOnGrid]:
    """The storm as mean over the model, and what falls where."""
    storm = scenario.storm
    if isinstance(storm, GaugeRain | FieldRain):
        found = observed(storm, grid, active)
        notes += found.notes
        even, field = found.hyetograph, found.field
        if field is not None:
            return even, RainOnGrid(field.edges_s, field.rates_m_s, *placing.between(field.grid, grid, field.sampling))
    else:
        even = hyetograph(storm)
    return even, Steps(tuple(round(t, 6) for t in even.edges_s), even.rates_m_s)
