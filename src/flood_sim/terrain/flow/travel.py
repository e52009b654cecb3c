"""Hydrographs where a catchment enters a cut-out: rain excess delayed by the time that water needs to get there.

A time-area method: each cell outside sends its excess, undamped, after the sum of
the travel times along its way. Speed on a step of slope S: 4.918 sqrt(S) m/s,
shallow concentrated flow over unpaved ground (USDA-NRCS 1986, TR-55, appendix F:
16.1345 sqrt(S) ft/s), or a stated one. Sinks on the way count as full, nothing is
stored: simple, on the side of too much water, unverified against measured floods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from flood_sim.errors import ScenarioError
from flood_sim.terrain.flow.cells import DIAGONAL, LINK, NONE, receiver
from flood_sim.terrain.flow.cutout import Cutout, Entry, outside_only
from flood_sim.terrain.flow.hierarchy import Hierarchy

TR55_UNPAVED = 4.918
"""m/s at slope 1: 16.1345 ft/s."""
LEAST_SLOPE = 0.005
METHOD_DE = (
    "Zufluss am Rand: Regen auf dem Einzugsgebiet außerhalb, ohne Verluste durch Versickerung, Benetzung und Kanal (also eher "
    "zu viel Wasser), verzögert um die Fließzeit nach TR-55 (vereinfacht, ungeprüft)"
)
METHOD_EN = (
    "inflow at the edge: rain on the catchment outside, without losses to soil, wetting and sewer (so rather too much "
    "water), delayed by its travel time after TR-55 (simple, unverified)"
)


@dataclass(frozen=True)
class Feed:
    """Discharge at an entry. times: s; discharge: m3/s at these, linear between; volume: m3, what it integrates to."""

    entry: Entry
    times: np.ndarray
    discharge: np.ndarray
    volume: float


def feeds(
    hierarchy: Hierarchy, cutout: Cutout, edges_s: Sequence[float], rates_m_s: Sequence[float], *,
    share: np.ndarray | None = None, velocity_m_s: float | None = None, step_s: float = 60.0,
) -> tuple[Feed, ...]:  # fmt: skip
    """Hydrographs at the entries of a cut-out.

    edges_s (n+1), rates_m_s (n): rain excess, constant between edges. share: (ny, nx), multiples of it that run on each
    cell (roofs, losses), 1 without. velocity_m_s: one speed everywhere in place of TR-55. step_s: the hydrograph is
    linear between such steps; its volume is that of the excess on the ground above the entry.
    """
    if velocity_m_s is not None and not 0.01 <= velocity_m_s <= 10.0:
        raise ScenarioError("is out of range", where="velocity_m_s", value=velocity_m_s, allowed="0.01 to 10 m/s")
    if not cutout.entries:
        return ()
    h = hierarchy
    active = h.on_grid(h.basin) >= 0
    code, _ = outside_only(h, cutout.mask & active)
    number = np.zeros(h.z.size, np.int32)
    number[[e.from_index for e in cutout.entries]] = np.arange(1, len(cutout.entries) + 1)
    weight = np.ones(h.shape) if share is None else np.asarray(share, np.float64)
    level = np.where(h.basin > 0, np.maximum(h.z, h.crest[np.maximum(h.basin, 0)]), h.z).astype(np.float32)
    after, entry = _travel_times(
        code, level, h.offsets, h.link_from, h.link_to, number, h.cell, h.shape[1] + 2,
        TR55_UNPAVED, LEAST_SLOPE, 0.0 if velocity_m_s is None else velocity_m_s,
    )  # fmt: skip
    inner = h.on_grid(entry) > 0
    bins = (h.on_grid(after)[inner] / step_s).astype(np.int64)
    table = np.zeros((len(cutout.entries), int(bins.max(initial=0)) + 1))
    np.add.at(table, (h.on_grid(entry)[inner] - 1, bins), weight[inner] * h.area)
    rain = _per_step(edges_s, rates_m_s, step_s)
    found = []
    for k, place in enumerate(cutout.entries):
        volumes = np.convolve(table[k], rain)
        stop = int(np.flatnonzero(volumes)[-1]) + 1 if volumes.any() else 0
        discharge = np.concatenate(([0.0], volumes[:stop] / step_s, [0.0]))
        times = np.concatenate(([0.0], (np.arange(stop) + 1.0) * step_s, [(stop + 1.0) * step_s]))
        found.append(Feed(place, times, discharge, float(volumes.sum())))
    return tuple(found)


def _per_step(edges_s: Sequence[float], rates_m_s: Sequence[float], step_s: float) -> np.ndarray:
    """Depth (m) that falls in each step of step_s from 0 on."""
    edges = np.asarray(edges_s, float)
    sums = np.concatenate(([0.0], np.cumsum(np.diff(edges) * np.asarray(rates_m_s, float))))
    at = np.arange(int(np.ceil(edges[-1] / step_s)) + 1) * step_s
    return np.diff(np.interp(at, edges, sums))


@njit(cache=True, nogil=True)
def _travel_times(code, level, off, link_from, link_to, number, cell, width, factor, least_slope, velocity):
    """Time (s) from each cell to where its water enters, and the number of that entry (0: none)."""
    after, entry = np.full(code.size, -1.0, np.float32), np.zeros(code.size, np.int32)
    way = np.empty(code.size, np.int32)
    for start in range(code.size):
        if code[start] == NONE or after[start] >= 0.0:
            continue
        c, length, found, total = start, 0, np.int32(0), np.float64(0.0)
        while True:
            if after[c] >= 0.0:
                found, total = entry[c], np.float64(after[c])
                break
            way[length] = c
            length += 1
            r = receiver(c, code, off, link_from, link_to)
            if r < 0:
                found = number[c]
                break
            c = r
        for i in range(length - 1, -1, -1):
            c = way[i]
            r = receiver(c, code, off, link_from, link_to)
            if r >= 0:
                total += _step_time(c, r, code[c], level, cell, width, factor, least_slope, velocity)
            after[c], entry[c] = total, found
    return after, entry


@njit(cache=True, nogil=True)
def _step_time(c, r, k, level, cell, width, factor, least_slope, velocity):
    """Length over speed of one step, s."""
    length = cell / DIAGONAL if k in (2, 4, 6, 8) else cell
    if k == LINK:
        down, across = r // width - c // width, r % width - c % width
        length = cell * np.sqrt(np.float64(down * down + across * across))
    if velocity > 0.0:
        return length / velocity
    return length / (factor * np.sqrt(max((level[c] - level[r]) / length, least_slope)))
