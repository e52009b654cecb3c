"""How water drains over a terrain: sinks and how they nest, directions, contributing areas. Arrays in, arrays out."""

from flood_sim.terrain.flow.cells import Culvert
from flood_sim.terrain.flow.fill import Filled, Sink, fill
from flood_sim.terrain.flow.hierarchy import Hierarchy, find_hierarchy, open_edges
from flood_sim.terrain.flow.storm import Settled, settle

__all__ = ["Culvert", "Filled", "Hierarchy", "Settled", "Sink", "fill", "find_hierarchy", "open_edges", "settle"]
