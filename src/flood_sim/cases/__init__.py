"""Idealised flows with exact solutions: one place for tests, `flood-sim verify`, benchmarks and notebooks.

Each case builds a Domain and knows its exact answer. x runs east from the
western edge of the model; depths in m, times in s.
"""

from flood_sim.cases.building import BuildingInFlume
from flood_sim.cases.bump import CREST, FlowOverBump, bump, bump_at_rest, bump_centres
from flood_sim.cases.channel import MadeChannel
from flood_sim.cases.dam_break import DamBreak
from flood_sim.cases.ea_benchmark import DisconnectedWaterBody, FloodplainDepressions, MomentumOverObstruction
from flood_sim.cases.evil import EVIL
from flood_sim.cases.losses import RoughSheet, lossy_valley
from flood_sim.cases.oscillation import Oscillation, PulsingBowl, SwayInBowl, SwayInTrough
from flood_sim.cases.plane import RainOnPlane
from flood_sim.cases.rough_dam_break import RoughDamBreak
from flood_sim.cases.still_water import drizzled_lake, flow_energy, lake, rippled_pool, rough_ground
from flood_sim.cases.structures import LinkedPonds, dam, structures
from flood_sim.cases.v_catchment import V_PUBLISHED, VCatchment
from flood_sim.cases.valley import TURNS, framed, lifted, turned, valley

__all__ = [
    "CREST",
    "EVIL",
    "V_PUBLISHED",
    "TURNS",
    "BuildingInFlume",
    "DamBreak",
    "DisconnectedWaterBody",
    "FloodplainDepressions",
    "FlowOverBump",
    "LinkedPonds",
    "MadeChannel",
    "MomentumOverObstruction",
    "Oscillation",
    "PulsingBowl",
    "RainOnPlane",
    "RoughDamBreak",
    "RoughSheet",
    "SwayInBowl",
    "SwayInTrough",
    "VCatchment",
    "bump",
    "bump_at_rest",
    "bump_centres",
    "dam",
    "drizzled_lake",
    "flow_energy",
    "framed",
    "lake",
    "lifted",
    "lossy_valley",
    "rippled_pool",
    "rough_ground",
    "structures",
    "turned",
    "valley",
]
