"""How much ground drains to each cell, for comparing storages with what flows to them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flood_sim.measures.site import Site
from flood_sim.terrain.flow import Culvert, Hierarchy, Land, hierarchy_of, make_land


def contributing_m2(site: Site, find: Callable[[Land], Hierarchy] = hierarchy_of) -> np.ndarray:
    """Contributing area of every cell on the filled ground, m² (rows, cols); culverts carry it on, roofs do not count.

    find: gives the drainage of a terrain, such as one that is kept.
    """
    ends = [(c, site.grid.index(*c.line[0]), site.grid.index(*c.line[-1])) for c in site.culverts]
    pipes = [
        Culvert(up, down)
        for c, up, down in ends
        if up and down and up != down and site.active[up] and site.active[down]
    ]
    return find(make_land(site.ground, site.grid.cell, active=site.active, culverts=pipes)).upstream_area
