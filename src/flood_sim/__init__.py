"""Heavy-rain (Starkregen) simulation: a DEM and a storm in, a flood-depth map out."""

from importlib.metadata import version as _version
from typing import Any

from flood_sim.compiled import use_own_cache as _use_own_cache

_use_own_cache()

__version__ = _version("flood-sim")
__all__ = ["Scenario", "__version__", "open_result", "run"]


def __getattr__(name: str) -> Any:
    # imported when used: the command line shows its help without loading the solver
    if name == "Scenario":
        from flood_sim.scenario import Scenario

        return Scenario
    if name == "run":
        from flood_sim.runner import run

        return run
    if name == "open_result":
        from flood_sim.results.dataset import open_result

        return open_result
    raise AttributeError(f"module 'flood_sim' has no attribute {name!r}")
