"""Ridges that hold water back and are probably open in truth: a bridge, a pipe or a passage that the DEM does not know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from rasterio.features import shapes as outlines
from rasterio.transform import from_origin
from scipy import ndimage

from flood_sim.terrain.cuts import burn_cut
from flood_sim.terrain.doctor import sentences
from flood_sim.terrain.doctor.evidence import NAME_DE, Crossing, Network, called, crossings, weigh
from flood_sim.terrain.doctor.fault import Fault
from flood_sim.terrain.doctor.proposal import CulvertProposal, CutProposal, Proposal
from flood_sim.terrain.doctor.ridge import Way, find_way, guess_size
from flood_sim.terrain.flow import Sink, fill, find_hierarchy
from flood_sim.terrain.grid import Grid

PASSAGE_M = 6.0
"""Width of a street through a ridge where the layer of streets names none (own proposal: two lanes)."""
APART_M = 10.0
"""Nearer to a way already found, a second one is the rest of the same fault (own proposal)."""
SHALLOW_M = 0.9
"""A ridge lower than this has no room for a pipe of 0.3 m with cover: a cut is proposed (own proposal)."""


@dataclass(frozen=True)
class DamSearch:
    """What counts as a dam; all own proposals.

    reach_m: longest way through a ridge. least_depth_m, least_volume_m3: of the water behind it.
    rounds: how often the search is repeated with everything found so far opened: behind one dam
    stands the next.
    """

    reach_m: float = 30.0
    least_depth_m: float = 0.5
    least_volume_m3: float = 20.0
    rounds: int = 4


def find_dams(
    ground: np.ndarray, grid: Grid, *, search: DamSearch, networks: tuple[Network, ...] = (),
    closed: np.ndarray | None = None,
) -> list[Fault]:  # fmt: skip
    """The ridges through which a short way leads from a deep sink to lower ground.

    ground: m, (rows, cols), NaN outside; left as it is. closed: bool, cells no way may
    cross (buildings). The water of a dam found in a later round is what stands there
    once the earlier ones are open.
    """
    open_ground = np.array(ground, np.float64)
    faults: list[Fault] = []
    ways: list[shapely.LineString] = []
    for _ in range(search.rounds):
        filled = fill(find_hierarchy(open_ground, grid.cell), at_least_m3=search.least_volume_m3)
        deep = [s for s in filled.sinks if s.deepest >= search.least_depth_m]
        if not deep:
            break
        places = ndimage.find_objects(filled.labels)
        new: list[shapely.LineString] = []
        for sink in deep:
            window = places[sink.number - 1]
            inside = filled.labels[window] == sink.number
            origin = window[0].start, window[1].start
            way = find_way(
                open_ground, inside, sink.level, origin, grid.cell, reach=search.reach_m,
                least_depth=search.least_depth_m, closed=closed,
            )  # fmt: skip
            if way is None or way.volume < search.least_volume_m3:
                continue
            line = _line(way, grid)
            if any(line.distance(old) < max(APART_M, 2 * grid.cell) for old in (*ways, *new)):
                continue  # the rest of a fault that is listed
            faults.append(_fault(way, line, sink, _outline(inside, origin, grid), grid, search, networks))
            new.append(line)
        for line, fault in zip(new, faults[len(faults) - len(new) :], strict=True):
            assert fault.proposal is not None
            _open(open_ground, grid, line, fault.proposal)
        ways += new
        if not new:
            break
    return faults


def _open(ground: np.ndarray, grid: Grid, line: shapely.LineString, proposal: Proposal) -> None:
    bottom = proposal.inverts_m if isinstance(proposal, CulvertProposal) else proposal.bottom_m
    burn_cut(ground, grid, list(line.coords), grid.cell, bottom, outside=np.isnan(ground), deepest_m=np.inf)


def _line(way: Way, grid: Grid) -> shapely.LineString:
    return shapely.LineString([
        (round(grid.west + (c + 0.5) * grid.cell, 2), round(grid.north - (r + 0.5) * grid.cell, 2))
        for r, c in (way.start, way.end)
    ])  # fmt: skip


def _outline(inside: np.ndarray, origin: tuple[int, int], grid: Grid) -> shapely.Geometry:
    """The surface of the water behind the dam."""
    west, north = grid.west + origin[1] * grid.cell, grid.north - origin[0] * grid.cell
    parts = outlines(inside.astype(np.uint8), inside, transform=from_origin(west, north, grid.cell, grid.cell))
    return shapely.union_all([shapely.geometry.shape(shape) for shape, _ in parts])


def _fault(
    way: Way, line: shapely.LineString, sink: Sink, outline: shapely.Geometry, grid: Grid, search: DamSearch,
    networks: tuple[Network, ...],
) -> Fault:  # fmt: skip
    crossed = crossings(line, networks, grid.cell)
    proposal = _proposal(way, line, crossed)
    depth = sink.level - way.bottom[0]
    german, english = sentences.dam(way, depth, crossed)
    middle = line.interpolate(0.5, normalized=True)
    return Fault(
        "dam", round(middle.x, 2), round(middle.y, 2), outline, way.volume, depth, german, english,
        ridge_width_m=way.width, crossed_by=called(crossed, NAME_DE),
        evidence=weigh(crossed, bool(networks), way.width, search.reach_m), proposal=proposal,
    )  # fmt: skip


def _proposal(way: Way, line: shapely.LineString, crossed: tuple[Crossing, ...]) -> Proposal:
    """A street that leads through gets a passage of its width, a ridge too low for a pipe a cut, all else a pipe."""
    ends = line.coords[0], line.coords[-1]
    bottom = round(way.bottom[0], 2), round(way.bottom[1], 2)
    through = [c for c in crossed if c.along and c.what != "stream"]
    if through:
        width = max((c.width for c in through if np.isfinite(c.width)), default=PASSAGE_M)
        return CutProposal(ends, width, bottom)
    if way.crest - max(way.bottom) < SHALLOW_M:
        return CutProposal(ends, 1.0, bottom)
    return CulvertProposal(ends, guess_size(way, any(c.what == "stream" for c in crossed)), bottom)
