"""The formulas of one cell and face, run as plain Python without compilation, against slow references.

Tolerance 1e-6 relative: float32 arithmetic; the inverse cube root is a series that
ends within two roundings of float32.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_sim.kernels import boundary, flux, friction, mass, slope

f32 = np.float32
depths = st.floats(1e-3, 100.0).map(f32)
speeds = st.floats(-20.0, 20.0).map(f32)


@given(st.floats(1e-6, 1e4).map(f32))
def test_inverse_cube_root(x):
    compiled, plain = friction.inverse_cube_root(x), friction.inverse_cube_root.py_func(x)
    assert compiled == pytest.approx(float(x) ** (-1 / 3), rel=1e-6)
    assert plain == pytest.approx(float(x) ** (-1 / 3), rel=1e-6)


def test_inverse_cube_root_in_float64():
    """(1 - e)^(-1/3) to e^5, |e| <= 0.104: the rest is (728/6561) e^6 = 1.4e-7."""
    for x in np.logspace(-6, 4, 2000):
        assert friction.inverse_cube_root(x) == pytest.approx(x ** (-1 / 3), rel=1.5e-7)


@given(speeds, speeds, st.floats(0.0, 1e4).map(f32))
def test_friction_is_the_root_of_its_equation(u, v, s):
    """u' (1 + s |U'|) = u with |U'| = |u'/u| sqrt(u^2 + v^2): the root is exact and keeps the sign."""
    w = float(friction.slow_down(u, v, s))
    assert abs(w) <= abs(float(u)) * (1 + 1e-6)
    assert w * float(u) >= 0.0
    if abs(float(u)) > 1e-3:
        modulus = abs(w / float(u)) * math.hypot(float(u), float(v))
        assert w * (1 + float(s) * modulus) == pytest.approx(float(u), rel=1e-4)


@given(depths, depths, st.floats(-10, 10).map(f32), st.floats(-0.5, 0.5).map(f32), st.floats(0, 1).map(f32), speeds)
def test_a_face_mirrors(h_left, h_right, dz, slope, left_over, u):
    """Seen from the other side a face has the opposite velocity and discharge."""
    rl, rr, jump = slope * h_left, slope * h_right, left_over * dz
    rest = (*(f32(0),) * 4, f32(0), f32(0), f32(0.001), f32(0.1), f32(0.01))
    one = flux.face.py_func(h_left, h_right, dz, rl, rr, jump, u, u, u, u, u, *rest)
    other = flux.face.py_func(h_right, h_left, -dz, -rr, -rl, -jump, -u, -u, -u, -u, -u, *rest)
    assert one[0] == pytest.approx(-float(other[0]), rel=1e-4, abs=1e-5)
    assert one[1] == pytest.approx(-float(other[1]), rel=1e-4, abs=1e-5)


def test_no_water_flows_over_a_higher_sill():
    u, q = flux.face(
        f32(1.0), f32(0.0), f32(8.0), f32(0), f32(0), f32(8.0), *(f32(0),) * 11, f32(0.001), f32(0.1), f32(0.01)
    )
    assert (u, q) == (0, 0)


@given(depths, st.lists(st.floats(-5, 5).map(f32), min_size=4, max_size=4), st.floats(1e-3, 1.0).map(f32))
def test_the_limiter_never_gives_more_than_there_is(h, q, dtdx):
    share = mass.outflow_share(h, *q, dtdx)
    west, east, north, south = (float(v) for v in q)
    leaving = max(east, 0) - min(west, 0) + max(south, 0) - min(north, 0)
    assert 0 <= share <= 1
    assert share * leaving * float(dtdx) <= float(h) * (1 + 1e-6)


@given(st.floats(0.5, 1000.0), st.integers(100, 2000))
def test_compensated_depth_keeps_a_drizzle(h, count):
    """Adding 1e-8 m a thousand times to deep water adds it all."""
    depth, residual = f32(h), f32(0)
    for _ in range(count):
        depth, residual = mass.add_depth(depth, residual, f32(1e-8))
    gained = float(depth) - float(residual) - float(f32(h))
    assert gained == pytest.approx(count * 1e-8, rel=1e-2)


@given(st.floats(2e-5, 100.0).map(f32), st.floats(0.01, 0.2), st.floats(1e-4, 0.5).map(f32))
def test_normal_outflow_is_mannings(h, n, fall):
    """Where the water arrives at the speed of uniform flow."""
    manning = float(h) ** (2 / 3) * math.sqrt(float(fall)) / n
    u, q = boundary.normal_outflow(h, f32(9.81 * n * n), fall, f32(manning), f32(1))
    assert u == pytest.approx(manning, rel=1e-4)
    assert q == pytest.approx(float(u) * float(h), rel=1e-5)


@given(st.floats(2e-5, 100.0).map(f32), st.floats(0.001, 0.2), st.floats(1e-4, 0.5).map(f32), speeds)
def test_normal_outflow_does_not_pull(h, n, fall, u_in):
    """No faster than what arrives and the head and fall of its cell of 2 m: u^2 <= u_in^2 + 2 g (h + S dx)."""
    u, _ = boundary.normal_outflow(h, f32(9.81 * n * n), fall, u_in, f32(2))
    head = max(float(u_in), 0.0) ** 2 + 2 * 9.81 * (float(h) + 2 * float(fall))
    manning = float(h) ** (2 / 3) * math.sqrt(float(fall)) / n
    assert u == pytest.approx(min(manning, math.sqrt(head)), rel=1e-4)


levels = st.floats(-100, 100).map(f32)


@given(levels, levels, levels)
def test_half_slope_stays_between_its_neighbours(before, here, after):
    """Half the smaller of both differences, 0 at an extreme; the mirror image has the opposite slope."""
    half = float(slope.half_slope(before, here, after))
    steps = float(here - before), float(after - here)
    expected = min(steps, key=abs) / 2 if steps[0] * steps[1] > 0 else 0.0
    assert half == pytest.approx(expected, rel=1e-6, abs=1e-30)
    assert float(slope.half_slope(after, here, before)) == -half


@given(st.floats(1e-4, 50.0).map(f32), depths)
def test_inflow_enters_at_critical_depth_or_deeper(q, h):
    u, flow = boundary.discharge_inflow(h, q)
    assert flow == -q
    depth = float(q) / -float(u)
    assert depth >= (float(q) ** 2 / 9.81) ** (1 / 3) * (1 - 1e-5)
