"""A wall drawn anywhere, at any angle, lets no water through: not over sides of cells, and not over corners.

The cells of a line must share sides one with the next. Seen from the flow: with
the cells of the wall closed, the ground on both sides is not connected, even when
steps over corners are allowed (scipy.ndimage.label). Topology, so no tolerance.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from flood_sim.measures.apply import apply
from flood_sim.scenario.measures import Embankment, FloodWall, MobileBarrier
from flood_sim.terrain.lines import line_cells

CORNERS = np.ones((3, 3), bool)
number = st.floats(-30, 150, allow_nan=False)
whole = st.integers(-5, 125)
points = st.lists(st.tuples(st.one_of(number, whole), st.one_of(number, whole)), min_size=2, max_size=5, unique=True)


@given(points)
def test_cells_of_a_line_share_sides(grid, at, drawn):
    """One with the next, wherever the line stays inside; there and back are the same cells; along grows."""
    cells = line_cells(at(*drawn), grid)
    back = line_cells(at(*drawn)[::-1], grid)
    assert set(zip(cells.rows, cells.cols, strict=True)) == set(zip(back.rows, back.cols, strict=True))
    assert (np.diff(cells.along_m) >= -1e-9).all()
    assert ((cells.rows >= 0) & (cells.rows < grid.rows) & (cells.cols >= 0) & (cells.cols < grid.cols)).all()
    inside = all(0 <= x < grid.cols and 0 < y <= grid.rows for x, y in drawn)
    steps = np.abs(np.diff(cells.rows)) + np.abs(np.diff(cells.cols))
    assert not inside or (steps == 1).all()


@given(st.lists(st.floats(5, 95), min_size=2, max_size=6))
def test_a_wall_from_edge_to_edge_parts_the_ground(grid, at, heights):
    """A zigzag from the western to the eastern edge, through places given by hypothesis."""
    x = np.linspace(-3, grid.cols + 3, len(heights))
    cells = line_cells(at(*zip(x, heights, strict=True)), grid)
    wall = np.zeros(grid.shape, bool)
    wall[cells.rows, cells.cols] = True
    parts, _ = ndimage.label(~wall, CORNERS)
    assert not set(parts[0][~wall[0]]) & set(parts[-1][~wall[-1]])


def test_a_ring_closes(site, grid, at):
    """Around a house, with a crest at one level: the water inside the ring cannot leave below the crest."""
    ring = at((15.3, 15.2), (34.8, 16.9), (36.1, 33.4), (13.7, 31.8), (15.3, 15.2))
    apply((FloodWall(id="w", line=ring, crest_m=121.0),), site)
    low = (site.ground < 121.0) & site.terrain
    parts, _ = ndimage.label(low, CORNERS)
    assert parts[24, 17] != 0 and parts[24, 17] != parts[60, 60]


@pytest.mark.parametrize("kind", [FloodWall, MobileBarrier, Embankment])
def test_every_kind_of_wall_is_as_tight(site, at, kind):
    site.ground[:] = 100.0
    apply((kind(id="m", line=at((0, 41.5), (60, 44), (120, 57.2)), height_m=0.6),), site)
    parts, _ = ndimage.label(site.ground < 100.6, CORNERS)
    assert parts[10, 60] != parts[90, 60] and site.ground.max() == 100.6


def test_an_embankment_has_its_crest_and_its_sides(site, at, grid):
    """3 m of crest and sides 1 : 2, 1 m high: level over 3 m, then falling by 0.5 m a metre, both ways."""
    site.ground[:] = 100.0
    apply(
        (Embankment(id="e", line=at((10, 50.5), (110, 50.5)), height_m=1.0, crest_width_m=3.0, side_slope=2.0),), site
    )
    assert site.ground[46:55, 60].tolist() == [100, 100.25, 100.75, 101, 101, 101, 100.75, 100.25, 100]
