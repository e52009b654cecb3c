"""The contract with the user: one frozen description of what to compute.

A Scenario reads and writes JSON and YAML, refuses unknown keys and carries the
unit of every number in its name. File fields hold paths (command line,
notebook) or ids of registered files (API). `content_id` identifies the answer:
equal ids mean equal results.
"""

from flood_sim.scenario.boundary import Boundary, FixedLevel, FreeOutflow, Inflow, LevelSeries, Wall, Where
from flood_sim.scenario.initial import Dry, Initial, InitialDepth, InitialLevel
from flood_sim.scenario.model import FORMAT_VERSION, Scenario
from flood_sim.scenario.numerics import Gauge, Numerics, Outputs, Section
from flood_sim.scenario.parts import Line, Point, Ring, seconds
from flood_sim.scenario.storm import BlockRain, EulerII, NoRain, Storm, TableRain, storm_end_min
from flood_sim.scenario.surface import ConstantRoughness, LandCoverRoughness, RasterRoughness, Roughness, Surface
from flood_sim.scenario.terrain import Buildings, Terrain

__all__ = [
    "BlockRain",
    "Boundary",
    "Buildings",
    "ConstantRoughness",
    "Dry",
    "EulerII",
    "FORMAT_VERSION",
    "FixedLevel",
    "FreeOutflow",
    "Gauge",
    "Inflow",
    "Initial",
    "InitialDepth",
    "InitialLevel",
    "LandCoverRoughness",
    "LevelSeries",
    "Line",
    "NoRain",
    "Numerics",
    "Outputs",
    "Point",
    "RasterRoughness",
    "Ring",
    "Roughness",
    "Scenario",
    "Section",
    "Storm",
    "Surface",
    "TableRain",
    "Terrain",
    "Wall",
    "Where",
    "seconds",
    "storm_end_min",
]
