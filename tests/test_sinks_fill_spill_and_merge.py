"""Fill, spill, merge against a slow simulation of lakes, volumes to the last bit, and what mirrors and turns must keep.

The slow method keeps a list of lakes: it fills each to its lowest saddle, gives what is more to the basin beyond, and
joins two lakes that stand full at one saddle, until nothing moves (Barnes, Callaghan and Wickert 2021,
doi:10.5194/esurf-9-105-2021). Both work on the same heights in float64; they add in another order: 1e-9 m of depth.
Volumes: 1e-9 relative is asked of the product; float64 sums of so few cells stay within 1e-12.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow import Culvert, fill, find_hierarchy, open_edges, settle


def rough(seed, rows=9, cols=12, *, masked=True):
    rng = np.random.default_rng(seed)
    z = rng.permutation(rows * cols).reshape(rows, cols).astype(np.float32) / 4  # every height once
    if masked:
        z[rng.random(z.shape) < 0.06] = np.nan
    active = np.isfinite(z) & ((rng.random(z.shape) > 0.1) if masked else True)
    return z, active, rng


def saddles(z, active, edge, basin, culverts):
    """(height, lower cell, basin here, basin there) of every side between two basins, both ways; 0 is outside."""
    found = []
    rows, cols = z.shape
    for r, c in zip(*np.nonzero(active), strict=True):
        for i, j in ((r, c + 1), (r + 1, c), (r, c - 1), (r - 1, c)):
            if 0 <= i < rows and 0 <= j < cols and active[i, j]:
                found.append((max(z[r, c], z[i, j]), min(z[r, c], z[i, j]), basin[r, c], basin[i, j]))
        if edge[r, c]:
            found.append((z[r, c], -np.inf, basin[r, c], 0))
    for k in culverts:
        for a, b in ((k.inlet, k.outlet), (k.outlet, k.inlet)):
            found.append((max(z[a], z[b]), min(z[a], z[b]), basin[a], basin[b]))
    return [s for s in found if s[2] != s[3]]


def slowly_settled(z, active, edge, basin, excess, culverts=()):
    """Depth of every cell and the volume that left, for cells of 1 m2."""
    ways = saddles(z, active, edge, basin, culverts)
    lake = {k: frozenset([k]) for k in np.unique(basin[active]) if k > 0}
    volume = {lake[k]: float(excess[basin == k].sum()) for k in lake}
    left = float(excess[basin == 0].sum())

    def lowest(basins):
        return min((w for w in ways if w[2] in basins and w[3] not in basins), default=(np.inf, 0, 0, 0))

    def room(basins, level):
        return (
            np.inf
            if level == np.inf
            else float(np.maximum(level - z[np.isin(basin, list(basins))], 0).sum(dtype=float))
        )

    moved = True
    while moved:
        moved = False
        for one in sorted(volume, key=sorted):
            if one not in volume:
                continue
            level, _, _, there = lowest(one)
            more = volume[one] - room(one, level)
            if more <= 1e-11:
                continue
            moved = True
            volume[one] -= more
            if there == 0:
                left += more
                continue
            other = lake[there]
            level_there, _, _, back = lowest(other)
            if back in one and volume[other] >= room(other, level_there) - 1e-11:
                both = one | other
                volume[both] = volume.pop(one) + volume.pop(other) + more
                lake.update(dict.fromkeys(both, both))
            else:
                volume[other] += more
    depth = np.where(active, 0.0, np.nan)
    for basins, water in volume.items():
        inside = np.isin(basin, list(basins))
        heights = np.sort(z[inside].astype(float))
        candidates = (water + np.cumsum(heights)) / np.arange(1, heights.size + 1)
        level = candidates[np.flatnonzero(candidates > heights)[-1]] if water > 1e-11 else -np.inf
        depth[inside] = np.maximum(level - z[inside], 0)
    return depth, left


@pytest.mark.parametrize("mean_m", [0.1, 1.0, 4.0, 30.0])
@pytest.mark.parametrize("seed", range(10))
def test_sinks_hold_what_a_slow_simulation_of_lakes_holds(seed, mean_m):
    z, active, rng = rough(seed)
    edge = open_edges(active, np.isnan(z)) & (rng.random(z.shape) < 0.3)
    cells = [tuple(map(int, c)) for c in np.argwhere(active)]
    ends = rng.choice(len(cells), 4, replace=False)
    culverts = [Culvert(cells[ends[0]], cells[ends[1]]), Culvert(cells[ends[2]], cells[ends[3]])] if seed % 2 else []
    excess = np.where(active, rng.random(z.shape) * 2 * mean_m, 0.0)
    h = find_hierarchy(z, 1.0, active=active, edge=edge, culverts=culverts)
    got = settle(h, excess)
    depth, left = slowly_settled(z, active, edge, h.on_grid(h.basin), excess, culverts)
    np.testing.assert_allclose(got.depth, depth, atol=1e-9)
    assert got.left_m3 == pytest.approx(left, rel=1e-9, abs=1e-9)


def rainy(seed, mm, closed, *, masked=True):
    z, active, rng = rough(seed, 40, 50, masked=masked)
    z += rng.random(z.shape).astype(np.float32)
    edge = np.zeros(z.shape, bool) if closed else None
    return find_hierarchy(z, 2.0, active=active, edge=edge), np.where(active, rng.random(z.shape) * mm / 500, 0.0)


@given(st.integers(0, 10**6), st.floats(0.01, 2000), st.booleans())
def test_no_water_is_made_or_lost(seed, mm, closed):
    h, excess = rainy(seed, mm, closed)
    s = settle(h, excess)
    assert s.in_m3 == pytest.approx(float(excess.sum() * 4), rel=1e-12)
    assert s.stored_m3 + s.left_m3 == pytest.approx(s.in_m3, rel=1e-12)
    assert s.laid_m3 == pytest.approx(s.stored_m3, rel=1e-9)
    assert float(np.nansum(s.depth)) * 4 == pytest.approx(s.stored_m3, rel=1e-9)
    out = h.on_grid(h.bare) == 9
    at_edge = s.over[(h.far == -1) & (h.bare[np.maximum(h.near, 0)] != 9)].sum()
    assert s.passing[out].sum() + at_edge == pytest.approx(s.left_m3, rel=1e-9, abs=1e-9)
    if closed:
        assert s.left_m3 == 0


@given(st.integers(0, 10**6), st.floats(1, 2000))
def test_water_stands_level_and_below_no_open_saddle(seed, mm):
    """Wet neighbours share a level unless one spills over the ground between; nothing stands above the filled ground."""
    h, excess = rainy(seed, mm, False, masked=False)  # a court closed by walls may fill above all ground
    s = settle(h, excess)
    z, filled = h.on_grid(h.z).astype(float), fill(h).height
    level = z + s.depth
    assert (level <= filled + 1e-9).all()
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        wet = (s.depth[one] > 1e-9) & (s.depth[other] > 1e-9)
        np.testing.assert_allclose(level[one][wet], level[other][wet], atol=1e-9)


@pytest.mark.parametrize("turn", [np.fliplr, np.flipud, np.transpose, np.rot90, lambda a: np.rot90(a, 2)])
def test_a_turned_terrain_gives_the_turned_answer(turn):
    """Every height stands once, so there is one answer; sums run in another order: 1e-9 m."""
    z, _, rng = rough(5, 30, 41, masked=False)
    active = rng.random(z.shape) > 0.08
    excess = np.where(active, rng.random(z.shape), 0.0)
    h, t = find_hierarchy(z, 1.0, active=active), find_hierarchy(turn(z), 1.0, active=turn(active))
    one, other = settle(h, excess), settle(t, turn(excess))
    np.testing.assert_allclose(turn(one.depth), other.depth, atol=1e-9)
    np.testing.assert_allclose(turn(one.passing), other.passing, atol=1e-9)
    np.testing.assert_array_equal(turn(h.upstream_area), t.upstream_area)
    assert one.left_m3 == pytest.approx(other.left_m3, rel=1e-12)


def test_one_sink_fills_to_the_level_by_hand():
    """A pit 1 m deep in a hollow of 9 m2, 0.5 m deep: 0.5 m3 fill the pit, 9 x 0.25 m3 stand 0.25 m over it."""
    z = np.full((7, 7), 10.0, np.float32)
    z[2:5, 2:5] = 9.5
    z[3, 3] = 9.0
    excess = np.zeros(z.shape)
    excess[3, 3] = 0.5 + 9 * 0.25
    s = settle(find_hierarchy(z, 1.0), excess)
    assert s.depth[3, 3] == pytest.approx(0.75, abs=1e-12) and s.depth[2, 2] == pytest.approx(0.25, abs=1e-12)
    assert s.left_m3 == 0
    excess[3, 3] = 0.5 + 9 * 0.5 + 3.0
    s = settle(find_hierarchy(z, 1.0), excess)
    assert s.left_m3 == pytest.approx(3.0, abs=1e-12) and s.depth[3, 3] == 1.0


def test_no_rain_leaves_all_dry_and_a_pool_takes_all_in_a_closed_model():
    z = np.full((5, 6), 2.0, np.float32)
    h = find_hierarchy(z, 1.0, edge=np.zeros(z.shape, bool))
    assert settle(h, 0.0).depth.max() == 0
    np.testing.assert_allclose(settle(h, 0.05).depth, 0.05, atol=1e-12)


def test_an_excess_that_cannot_be_is_refused():
    h = find_hierarchy(np.ones((4, 5)), 1.0)
    for bad in (-0.1, np.nan, np.inf, np.where(np.eye(4, 5) > 0, -1.0, 1.0)):
        with pytest.raises(TerrainError, match="negative or not a number"):
            settle(h, bad)
    with pytest.raises(TerrainError, match="another shape"):
        settle(h, np.ones((5, 4)))
