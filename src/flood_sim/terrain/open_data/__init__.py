"""Terrain, buildings and land use from the open data of a state: the only place that uses the network.

`fetch(NRW(), bbox, folder)` is all a notebook needs; another state is one class (`Provider`).
"""

from collections.abc import Callable

from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.open_data.fetching import Fetched, fetch
from flood_sim.terrain.open_data.nrw import NRW
from flood_sim.terrain.open_data.plan import Plan, Progress, plan
from flood_sim.terrain.open_data.provider import Collection, Index, Licence, Provider, Source, Tile
from flood_sim.terrain.open_data.web import Patience, Web

PROVIDERS: dict[str, Callable[[str | None], Provider]] = {NRW.key: NRW}
"""What the command line offers by name, each made from the address of a mirror (None: the state's own servers)."""

__all__ = [
    "NRW", "PROVIDERS", "Bbox", "Collection", "Fetched", "Index", "Licence", "Patience", "Plan", "Progress", "Provider",
    "Source", "Tile", "Web", "fetch", "plan",
]  # fmt: skip
