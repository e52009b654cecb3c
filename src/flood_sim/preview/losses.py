"""Rain less what the surface takes where it falls: what runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from flood_sim.rain.storms import Hyetograph
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground
from flood_sim.solver.rain_field import RainOnGrid, Varied, falling
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation


def rain_and_excess(domain: Domain, storm: Hyetograph) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Rain on each cell with that of the roofs that shed onto it, what of it runs, both m, and the cells of rivers (None: none).

    The ground of each zone is given the mean storm by the engine itself, on a cell of its own from which nothing
    flows, and takes what it takes by the end of the rain. What soaks in on the way, or after the rain, is not known
    here. Where more rain comes together (beside a roof, under the core of a storm) the ground takes the same depth.
    A green roof holds back its storage and sheds the rest; a roof to the sewer gives all its rain there.
    """
    rain = _rain(domain)
    excess, river = rain.copy(), None
    for law in domain.laws:
        if isinstance(law, Ground):
            taken = taken_by_zone(law, storm)
            excess -= taken[law.zone]
            if law.zones.river.any():
                river = law.zones.river[law.zone] > 0
    np.clip(excess, 0.0, None, out=excess)
    for law in domain.laws:
        if isinstance(law, GreenRoofs):
            fallen = _fallen(domain, law.rows, law.cols)
            np.add.at(rain, (law.rows, law.cols), law.weight * fallen)
            np.add.at(excess, (law.rows, law.cols), law.weight * np.maximum(fallen - law.storage, 0.0))
        elif isinstance(law, SewerRoofs):
            np.add.at(rain, (law.rows, law.cols), _fallen(domain, law.rows, law.cols))
    return rain, excess, river


def weight_with_green(domain: Domain) -> np.ndarray:
    """Rain of each cell in multiples of the storm, before losses: `Domain.rain_weight` with the green roofs that shed onto it."""
    weight = domain.rain_weight
    for law in domain.laws:
        if isinstance(law, GreenRoofs):
            weight = np.array(weight, np.float64)
            np.add.at(weight, (law.rows, law.cols), law.weight)
    return weight


def _fallen(domain: Domain, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Depth of the storm at some cells, m."""
    falls, depth = domain.rain, np.zeros(rows.size)
    for begin, end in zip(falls.edges, falls.edges[1:], strict=False):
        depth += falling(falls, begin).at(rows, cols) * (end - begin)
    return depth


def _rain(domain: Domain) -> np.ndarray:
    """Sum of the storm on each active cell, m, with the rain of roofs that shed at once."""
    falls = domain.rain
    weight = np.where(domain.active, domain.rain_weight, 0.0)
    if not isinstance(falls, RainOnGrid):
        depth = sum(r * (b - a) for r, a, b in zip(falls.values, falls.edges, falls.edges[1:], strict=False))
        return np.asarray(weight * depth)
    total, part = np.zeros(domain.active.shape), np.empty(domain.active.shape)
    for k, field in enumerate(falls.rates):
        Varied(field, falls.rows, falls.cols).lay(weight, domain.active, part)
        total += part * (falls.edges[k + 1] - falls.edges[k])
    return total


def taken_by_zone(ground: Ground, storm: Hyetograph) -> np.ndarray:
    """Depth (m) that the ground of each zone has taken of the storm when the rain ends, nothing flowing."""
    number, zones = ground.zones.size, ground.zones
    if ground.infiltration == "none" and not any(a.any() for a in (zones.wetting, zones.flat, zones.capacity)):
        return np.zeros(number)
    alone = np.arange(2 * number - 1)[None, :] % 2 == 0
    zone = (np.arange(2 * number - 1)[None, :] // 2).astype(ground.zone.dtype)
    dry_land = replace(zones, river=np.zeros(number))
    column = Domain(
        ground=np.zeros(alone.shape, np.float32), active=alone, outside=np.zeros(alone.shape, bool), cell=1.0,
        manning=np.full(alone.shape, 0.03), rain=Steps(storm.edges_s, storm.rates_m_s),
        laws=(Ground(zone, dry_land, ground.infiltration),),
    )  # fmt: skip
    simulation = Simulation(column, record=False, threads=1)
    simulation.advance(storm.end_s)
    stands = simulation.depth[0, ::2].astype(np.float64)
    return np.clip(storm.total_m - stands, 0.0, None)
