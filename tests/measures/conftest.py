"""The ground on which measures are drawn: a slope with two houses; coordinates in m east and south of its corner."""

import numpy as np
import pytest
import shapely
from pyproj import CRS

from flood_sim.measures.site import Site
from flood_sim.terrain.grid import Grid

WEST, NORTH = 360_000.0, 6_040_000.0


def _at(*points):
    return tuple((WEST + x, NORTH - y) for x, y in points)


@pytest.fixture(scope="session")
def at():
    """Points in m east and south of the north-west corner, as coordinates."""
    return _at


@pytest.fixture(scope="session")
def box():
    """A rectangle west, north, east, south, in m east and south of the north-west corner."""
    return lambda w, n, e, s: _at((w, n), (e, n), (e, s), (w, s))


@pytest.fixture(scope="session")
def grid():
    return Grid(WEST, NORTH, 1.0, 100, 120, CRS.from_epsg(25832))


@pytest.fixture
def slope(grid):
    """Falls by 1.5 % to the south and 0.4 % to the west, with a little roughness that is always the same."""
    y, x = np.mgrid[0 : grid.rows, 0 : grid.cols] + 0.5
    return 120.0 - 0.015 * y + 0.004 * x + 0.01 * np.sin(1.7 * x + 0.9 * y)


@pytest.fixture
def site(grid, slope):
    """The slope, a yard all over, with a house of 10 m x 8 m and one of 6 m x 6 m."""
    houses = [
        shapely.Polygon(_at((w, n), (e, n), (e, s), (w, s))) for w, n, e, s in ((20, 20, 30, 28), (80, 60, 86, 66))
    ]
    labels = np.zeros(grid.shape, np.int32)
    labels[20:28, 20:30], labels[60:66, 80:86] = 1, 2
    return Site(
        grid, slope, labels == 0, labels, ["school", "hut"], houses,
        land_cover=np.full(grid.shape, 2, np.uint8), surfaces={"yard": 2, "garden": 3, "meadow": 4},
    )  # fmt: skip
