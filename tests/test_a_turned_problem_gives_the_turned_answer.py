"""A rotated, mirrored or transposed problem gives the rotated, mirrored or transposed answer, at any height and place.

The equations have no preferred direction, height or origin. Height and origin
leave every bit of float32 as it is. Of a turn there remains: sums of four fluxes are rounded in
another order after a turn: a few roundings of a depth of 0.3 m (3e-8 m each) in
1,500 steps that damp them; 1e-6 m in float32, 1e-14 m in float64.
"""

import numpy as np
import pytest
import rasterio

from flood_sim import cases
from flood_sim.runner import run
from flood_sim.scenario import Scenario
from flood_sim.solver import fields
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import symmetry


@pytest.mark.parametrize("turn", cases.TURNS)
def test_turned_valley(turn):
    check = symmetry.turned_valley(turn)
    assert check.passed, check.figures


@pytest.mark.parametrize("make", [cases.valley, cases.lossy_valley])
def test_turned_valley_in_float64_agrees_to_rounding(make):
    """Also where the ground takes water in every way and its roughness follows the depth."""
    domain = make()
    one = Simulation(domain, dtype=np.float64)
    other = Simulation(cases.turned(domain, "transposed"), dtype=np.float64)
    one.advance(600.0)
    other.advance(600.0)
    assert np.abs(one.depth.T - other.depth).max() < 1e-14


def test_maxima_and_directions_turn_too():
    domain = cases.valley()
    one, other = Simulation(domain), Simulation(cases.turned(domain, "rotated by 90°"))
    one.advance(600.0)
    other.advance(600.0)
    turn = cases.TURNS["rotated by 90°"]
    a, b = ({key: field[:] for key, field in fields.maxima(sim).items()} for sim in (one, other))
    for key in ("max_depth", "max_speed", "max_unit_discharge"):
        assert np.nanmax(np.abs(turn(a[key]) - b[key])) < 1e-4, key
    # counter-clockwise by 90°: what flowed east (90°) flows north (0°)
    strong = b["max_unit_discharge"] > 1e-3
    difference = (turn(a["direction_at_max"]) - 90.0 - b["direction_at_max"] + 180.0) % 360.0 - 180.0
    assert np.abs(difference[strong]).max() < 0.5


@pytest.mark.parametrize("by", [1000.0, -412.3, 8000.0])
def test_a_valley_at_another_height_gives_the_same_bits(by):
    """The solver counts heights from its lowest cell, in float64: float32 then rounds the same relief."""
    check = symmetry.lifted_valley(by)
    assert check.passed, check.figures


def test_in_float64_the_height_shows_in_its_rounding_only():
    """One rounding of a height of 1,000 m is 1e-13 m; after 10 min 5e-14 m of depth are left of it."""
    domain = cases.valley()
    one, other = (Simulation(d, dtype=np.float64) for d in (domain, cases.lifted(domain, 1000.0)))
    one.advance(600.0)
    other.advance(600.0)
    assert np.abs(one.depth - other.depth).max() < 1e-12


@pytest.mark.parametrize("frame", [(1, 1, 1, 1), symmetry.FRAME, (129, 33, 3, 0)])
def test_a_valley_elsewhere_in_a_larger_grid_gives_the_same_bits(frame, monkeypatch):
    """Rows keep their length, so vectors round alike; blocks of rows are cut elsewhere and must not show."""
    monkeypatch.setattr(symmetry, "FRAME", frame)
    check = symmetry.framed_valley()
    assert check.passed, check.figures


def test_where_the_grid_lies_in_its_crs_does_not_matter(tmp_path):
    """The same heights as a file 5,000 km further and 1,000 m higher give the same depths, bit by bit."""
    domain = cases.valley()
    shape = domain.ground.shape
    depths = []
    for k, (west, north, up) in enumerate([(360_000.0, 5_680_000.0, 0.0), (833_334.0, 700_000.5, 1000.0)]):
        path = tmp_path / f"valley{k}.tif"
        place = rasterio.Affine(2.0, 0, west, 0, -2.0, north)
        with rasterio.open(
            path, "w", driver="GTiff", dtype="float64", count=1, height=shape[0], width=shape[1], crs="EPSG:25832",
            transform=place,
        ) as file:  # fmt: skip
            file.write(domain.ground + 100.0 + up, 1)
        result = run(Scenario.parse({
            "terrain": {"dem": str(path)}, "storm": {"kind": "block", "depth_mm": 20, "duration_min": 5},
            "outputs": {"every_min": 5}, "numerics": {"duration_min": 10},
        }))  # fmt: skip
        depths.append(result.dataset["depth"].values)
    assert np.nanmax(depths[0]) > 0.05
    np.testing.assert_array_equal(*depths)
