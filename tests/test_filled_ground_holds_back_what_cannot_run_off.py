"""Filling, sinks and directions against slow methods that are obviously right, on grids small enough for them.

Filled height of a cell = the lowest, over all ways to the outside over the sides of cells, of the highest ground on
the way (a priority flood from the edge, here with heapq; Barnes, Lehman and Mulla 2014,
doi:10.1016/j.cageo.2013.04.024). Heights are taken as they are (float32), so levels must agree to the bit; volumes are
float64 sums in another order: 1e-12 relative.
"""

import heapq

import numpy as np
import pytest

from flood_sim.errors import TerrainError
from flood_sim.terrain.flow import Culvert, fill, find_hierarchy, open_edges

SIDES = ((0, 1), (1, 0), (0, -1), (-1, 0))


def slowly_filled(z, active, edge, culverts=()):
    """Priority flood over sides of cells, with culverts as sides."""
    rows, cols = z.shape
    level = np.full(z.shape, np.inf)
    heap = [(float(z[r, c]), r, c) for r, c in zip(*np.nonzero(edge & active), strict=True)]
    for h, r, c in heap:
        level[r, c] = h
    heapq.heapify(heap)
    while heap:
        h, r, c = heapq.heappop(heap)
        if h > level[r, c]:
            continue
        near = [(r + i, c + j) for i, j in SIDES]
        near += [k.outlet for k in culverts if k.inlet == (r, c)] + [k.inlet for k in culverts if k.outlet == (r, c)]
        for i, j in near:
            if 0 <= i < rows and 0 <= j < cols and active[i, j] and max(h, z[i, j]) < level[i, j]:
                level[i, j] = max(h, z[i, j])
                heapq.heappush(heap, (float(level[i, j]), i, j))
    return np.where(active, level, np.nan)


def rough(seed, *, steps=0, rows=23, cols=31):
    """Noise; with `steps` rounded to few heights, so that there are flats and equal saddles; holes and buildings."""
    rng = np.random.default_rng(seed)
    z = rng.random((rows, cols)) * 10
    if steps:
        z = np.round(z / 10 * steps)
    z = z.astype(np.float32)
    z[rng.random(z.shape) < 0.05] = np.nan
    active = np.isfinite(z) & (rng.random(z.shape) > 0.1)
    return z, active, open_edges(active, np.isnan(z))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [0, 1, 3, 12])
def test_filled_heights_are_those_of_a_priority_flood(seed, steps):
    z, active, edge = rough(seed, steps=steps)
    h = find_hierarchy(z, 2.0, active=active)
    filled = fill(h)
    slow = slowly_filled(z, active, edge)
    cut_off = np.isinf(slow)  # courts without a way out have no level of their own there
    np.testing.assert_array_equal(np.where(cut_off, 0, filled.height), np.where(cut_off, 0, slow))
    held = 4.0 * np.sum((slow - z)[active & ~cut_off], dtype=float)
    finite = np.isfinite(h.volume[h.tops])
    assert h.volume[h.tops][finite].sum() == pytest.approx(held, rel=1e-12)
    assert sum(s.volume for s in filled.sinks) == pytest.approx(held, rel=1e-12)
    assert_directions_lead_out(h, filled, cut_off)


def assert_directions_lead_out(h, filled, cut_off):
    """Every cell reaches the outside, never rises on the filled ground, and counts all that pass it."""
    rows, cols = h.shape
    step = {1: (0, 1), 2: (1, 1), 3: (1, 0), 4: (1, -1), 5: (0, -1), 6: (-1, -1), 7: (-1, 0), 8: (-1, 1)}
    code, above = h.on_grid(h.drained), np.zeros(h.shape, int)
    links = {
        tuple(np.ravel(h.row_col(a))): tuple(np.ravel(h.row_col(b)))
        for a, b in zip(h.link_from, h.link_to, strict=True)
    }
    for r, c in zip(*np.nonzero(code != 255), strict=True):
        here = (int(r), int(c))
        for _ in range(rows * cols):
            above[here] += 1
            k = int(code[here])
            if k == 9 or (k == 11 and cut_off[here]):
                break
            there = links[here] if k == 10 else (here[0] + step[k][0], here[1] + step[k][1])
            if not cut_off[here]:
                assert filled.height[there] <= filled.height[here]
            if k in (2, 4, 6, 8):  # not between two cells that touch only at a corner
                assert (
                    np.nanmin([filled.height[here[0], there[1]], filled.height[there[0], here[1]]])
                    <= filled.height[here]
                )
            here = there
        else:
            raise AssertionError(f"the way from {r}, {c} does not end")
    np.testing.assert_array_equal(h.on_grid(h.cells_above), above)


@pytest.mark.parametrize("seed", range(3))
def test_a_culvert_passes_water_that_stands_at_it(seed):
    z, active, edge = rough(seed)
    rng = np.random.default_rng(100 + seed)
    cells = np.argwhere(active)
    culverts = [Culvert(tuple(map(int, a)), tuple(map(int, b))) for a, b in rng.choice(cells, (4, 2), replace=False)]
    h = find_hierarchy(z, 1.0, active=active, culverts=culverts)
    slow = slowly_filled(z, active, edge, culverts)
    cut_off = np.isinf(slow)
    filled = fill(h)
    np.testing.assert_array_equal(np.where(cut_off, 0, filled.height), np.where(cut_off, 0, slow))
    assert_directions_lead_out(h, filled, cut_off)


def test_a_culvert_drains_a_dammed_valley_down_to_its_invert():
    z = np.tile(np.arange(20, dtype=np.float32)[::-1], (5, 1))  # falls to the east
    z[[0, -1]], z[:, 0] = 50, 50
    z[:, 12] = 30  # an embankment
    dammed = fill(find_hierarchy(z, 1.0)).sinks[0]
    assert dammed.level == 30 and dammed.spill in ((1, 11), (2, 11), (3, 11))
    pipe = Culvert((2, 11), (2, 13), inlet_m=9.0)
    held = fill(find_hierarchy(z, 1.0, culverts=[pipe]))
    assert held.sinks[0].level == 9.0 and held.sinks[0].spill == (2, 11) and held.sinks[0].beyond == (2, 13)
    h = find_hierarchy(z, 1.0, culverts=[Culvert((2, 11), (2, 13))])
    assert fill(h).sinks == ()
    assert h.upstream_area[2, 13] >= 3 * 12


def test_a_flat_plateau_and_equal_ground_hold_nothing_and_drain():
    for z in (np.full((9, 13), 7.0, np.float32), np.pad(np.full((7, 7), 5.0, np.float32), 3)):
        h = find_hierarchy(z, 1.0)
        filled = fill(h)
        assert filled.sinks == () and filled.depth.max() == 0
        assert_directions_lead_out(h, filled, np.zeros(z.shape, bool))


def test_a_pit_at_the_border_drains_and_one_behind_a_wall_holds():
    z = np.full((5, 5), 3.0, np.float32)
    z[0, 2] = 1.0
    assert fill(find_hierarchy(z, 1.0)).sinks == ()
    closed = np.zeros(z.shape, bool)
    closed[4] = True  # only the south is open
    (sink,) = fill(find_hierarchy(z, 2.0, edge=closed)).sinks
    assert (sink.pit, sink.level, sink.volume, sink.area, sink.deepest) == ((0, 2), 3.0, 8.0, 4.0, 2.0)


def test_a_wall_that_runs_askew_holds():
    z = np.full((9, 9), 2.0, np.float32)
    z[4, 4] = 1.0
    ring = [(1, 4), (2, 3), (3, 2), (4, 1), (5, 2), (6, 3), (7, 4), (6, 5), (5, 6), (4, 7), (3, 6), (2, 5)]
    for r, c in ring:
        z[r, c] = 5.0
    (sink,) = fill(find_hierarchy(z, 1.0)).sinks
    assert sink.level == 5.0


def test_water_outside_holds_water_inside():
    z = np.full((4, 6), 3.0, np.float32)
    z[1:3, 2] = 1.0
    level = np.where(open_edges(np.isfinite(z)), 4.0, np.nan)
    assert fill(find_hierarchy(z, 1.0, edge_level=level)).depth.min() == 1.0


def test_what_cannot_drain_is_refused():
    z = np.ones((4, 4))
    with pytest.raises(TerrainError, match="no cell that takes water"):
        find_hierarchy(np.full((3, 3), np.nan), 1.0)
    with pytest.raises(TerrainError, match="both ends lie in one cell"):
        find_hierarchy(z, 1.0, culverts=[Culvert((1, 1), (1, 1))])
    with pytest.raises(TerrainError, match="no open cell.*row 9"):
        find_hierarchy(z, 1.0, culverts=[Culvert((1, 1), (9, 1))])
