"""Manning's n goes from that of thin water (up to 2 cm) to that of deep water (from 10 cm), linearly.

Uniform flow down a slope has the depth at which q = h^(5/3) sqrt(S) / n(h) carries
the discharge (Manning). Fed at the top, from 20 % too little and 30 % too much
water, at 1, 5 and 20 cm: 1e-5 of the depth, some roundings of float32, after the
wave has had three times as long as it needs. Elsewhere n is what the depth says to
the rounding of a float32.
"""

import numpy as np
import pytest

from flood_sim.cases import losses as cases
from flood_sim.kernels.constants import G
from flood_sim.kernels.roughness import gn2_of_depth
from flood_sim.solver.ground import Zones
from flood_sim.solver.simulation import Simulation
from flood_sim.verify import losses


@pytest.mark.parametrize("name", [n for n in losses.CHECKS if "roughness" in n])
def test_uniform_flow_has_the_depth_of_its_roughness(name):
    check = losses.CHECKS[name]()
    assert check.passed, check.figures


def test_the_roughness_of_another_depth_would_be_seen():
    """With n of deep water alone 1 cm would run 42 % thinner."""
    case = cases.RoughSheet(0.01)
    assert case.n == case.shallow
    other = (case.discharge * case.deep / np.sqrt(case.slope)) ** 0.6
    assert other < 0.6 * case.depth


@pytest.mark.parametrize(
    ("depth", "n"), [(0.0, 0.14), (0.02, 0.14), (0.04, 0.115), (0.06, 0.09), (0.1, 0.04), (3.0, 0.04)]
)
def test_n_is_linear_between_two_and_ten_centimetres(depth, n):
    root = np.sqrt(G)
    found = gn2_of_depth.py_func(np.float32(depth), np.float32(0.14 * root), np.float32(0.04 * root))
    assert float(found) == pytest.approx(G * n**2, rel=1e-6)
    sim = Simulation(
        cases.level_ground(cases.even(Zones.of(1, shallow=0.14, deep=0.04), depth_dependent=True), depth=depth)
    )
    assert sim.state.gn2[1:-1, 1:-1] == pytest.approx(G * n**2, rel=1e-6)


def test_roughness_follows_water_that_comes_and_goes():
    """A pool that a sewer empties from 15 cm to 1 cm in 50 s: a pass sees the depth of its time; walls have none."""
    law = cases.even(Zones.of(1, shallow=0.14, deep=0.04, capacity=0.0028, threshold=0.01), depth_dependent=True)
    domain = cases.level_ground(law, depth=0.15)
    sim = Simulation(domain)
    for t in (5.0, 25.0, 40.0, 60.0):
        sim.advance(t)
        h = sim.depth[0, 0]
        n = np.interp(h, (0.02, 0.10), (0.14, 0.04))
        # the steps since the last pass let depth, which only a pass changes here, be
        assert sim.state.gn2[1:-1, 1:-1] == pytest.approx(G * n**2, rel=1e-5)
    assert not sim.state.gn2[0].any()
    assert sim.depth == pytest.approx(0.01, abs=1e-8)
