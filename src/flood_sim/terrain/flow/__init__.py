"""How water drains over a terrain: sinks and how they nest, directions, contributing areas. Arrays in, arrays out."""

from flood_sim.terrain.flow.cells import Culvert
from flood_sim.terrain.flow.fill import Filled, Sink, fill
from flood_sim.terrain.flow.hierarchy import Hierarchy, find_hierarchy, hierarchy_of
from flood_sim.terrain.flow.land import Land, make_land, open_edges
from flood_sim.terrain.flow.storm import Settled, settle

__all__ = [
    "Culvert", "Filled", "Hierarchy", "Land", "Settled", "Sink", "fill", "find_hierarchy", "hierarchy_of", "make_land",
    "open_edges", "settle",
]  # fmt: skip
