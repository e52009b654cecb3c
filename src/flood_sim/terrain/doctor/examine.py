"""The terrain doctor: all places of a DEM that are probably wrong, ranked by the water they hold back."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np

from flood_sim.errors import TerrainError
from flood_sim.terrain.buildings import read_buildings
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.doctor.blocks import BlockSearch, find_blocks, find_newer
from flood_sim.terrain.doctor.dams import DamSearch, find_dams
from flood_sim.terrain.doctor.evidence import Network
from flood_sim.terrain.doctor.fault import Fault, ranked
from flood_sim.terrain.doctor.marks import find_marks

MOST_OF_A_KIND = 500
NOT_FOUND = (
    "not looked for: groups of wrong cells, water that stands for want of a pipe longer than the search reaches, "
    "dams lower than the least depth, and cuttings and fillings since the survey without a dated footprint"
)


@dataclass(frozen=True)
class Search:
    """Thresholds of the doctor; all own proposals, to be changed where a city knows better.

    least_mark_m: how far a single cell stands out.
    """

    dams: DamSearch = field(default_factory=DamSearch)
    blocks: BlockSearch = field(default_factory=BlockSearch)
    least_mark_m: float = 1.0


@dataclass(frozen=True)
class Diagnosis:
    """faults: most water first. notes: what was not or could not be looked for. per_km2: faults by area of the terrain."""

    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    per_km2: float


def examine(
    dem: Dem, *, search: Search | None = None, networks: tuple[Network, ...] = (),
    buildings: str | os.PathLike[str] | None = None, surveyed: int | None = None,
) -> Diagnosis:  # fmt: skip
    """Look for dams in the way of water, spikes, pits, blocks without footprint and buildings newer than the DEM.

    networks: roads, railways and streams, which make a dam likelier (`evidence.read_network`).
    buildings: footprints; no dam is looked for through one. surveyed: year of the DEM's survey,
    for the age of buildings. Nothing is changed. Raises TerrainError for a bad file or year.
    """
    search = search or Search()
    if surveyed is not None and not 1900 <= surveyed <= 2200:
        raise TerrainError("no year of a survey", value=surveyed, allowed="1900 to 2200")
    notes = []
    footprints = None
    newer: list[Fault] = []
    if buildings is not None:
        footprints = read_buildings(buildings, dem.grid).labels > 0
        if surveyed is not None:
            newer, note = find_newer(buildings, dem.grid, surveyed)
            notes += [note] if note else []
        else:
            notes.append("the year of the DEM is not given: buildings newer than it are not looked for")
    blocks, closed = find_blocks(dem.height, dem.grid, search.blocks, footprints)
    if len(blocks) > 20 and footprints is None:
        notes.append(
            f"{len(blocks):,} blocks look like buildings: is this a surface model (DOM) instead of the ground?"
        )
    if footprints is not None:
        closed |= footprints
    dams = find_dams(dem.height, dem.grid, search=search.dams, networks=networks, closed=closed)
    marks = find_marks(np.where(closed, np.nan, dem.height), dem.grid, search.least_mark_m)
    if not networks:
        notes.append("no roads and streams are given: nothing says whether one crosses a dam")
    kept: list[Fault] = []
    for faults in (dams, marks, blocks, newer):
        best = ranked(faults)
        if len(best) > MOST_OF_A_KIND:
            notes.append(f"{len(best):,} faults of the kind {best[0].kind}: the first {MOST_OF_A_KIND} are listed")
        kept += best[:MOST_OF_A_KIND]
    area = float(np.count_nonzero(np.isfinite(dem.height))) * dem.grid.cell**2 / 1e6
    return Diagnosis(tuple(ranked(kept)), (*notes, NOT_FOUND), len(kept) / area)
