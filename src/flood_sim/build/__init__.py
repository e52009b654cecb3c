"""From a Scenario to a Simulation: the only place that turns descriptions into arrays and laws."""

from flood_sim.build.assemble import Build, build

__all__ = ["Build", "build"]
