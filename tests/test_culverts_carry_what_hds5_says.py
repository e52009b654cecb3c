"""A culvert carries what the method of HDS-5 says: published example, hand calculations, and what must hold for any barrel.

Hydraulic Design of Highway Culverts, FHWA HDS-5. Inlet control: HW/D = Hc/D + K X^M + ks S (weir, X <= 3.5) and
c X^2 + Y + ks S (orifice, X >= 4), X = 1.811 Q / (A D^0.5) in SI units, Hc the energy at critical depth.
Outlet control: the level at the outlet plus friction and (1 + ke) V^2 / 2g; a backwater calculation where the barrel is not full.
The higher headwater holds.

Tolerances: hand calculations were made with five figures, 2e-4. The published example was read from
nomographs, which HDS-5 itself calls accurate to some 10 % of the equations; found is 3 %. Its short
cut for outlet control, the hydraulic grade line from (dc + D)/2, is itself an estimate from backwater
calculations: 3 % of the headwater (found: 2.3 %) where it stands above 1.2 D. The direct step method over sixteen depths needs
no more than 1 % more or less depth at the inlet than 3,000 short reaches (found: 0.33 %).
"""

import itertools
import math
from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from flood_sim.kernels import culvert
from flood_sim.kernels.constants import G
from flood_sim.solver.entrances import ENTRANCES

Barrel = namedtuple("Barrel", "shape width height length manning form k m c y ks ke")


def barrel(shape="box", entrance="square_edge", width=2.0, height=1.5, length=30.0, manning=0.013):
    e = ENTRANCES[shape, entrance]
    kind = culvert.BOX if shape == "box" else culvert.CIRCLE
    height = height if shape == "box" else width
    return Barrel(kind, width, height, length, manning, e.form, e.k, e.m, e.c, e.y, e.ks, e.ke)


barrels = st.builds(
    lambda kind, w, h, slender, n: barrel(*kind, width=w, height=h, length=slender * h, manning=n),
    st.sampled_from(sorted(ENTRANCES)), st.floats(0.2, 5.0), st.floats(0.2, 3.0), st.floats(3.0, 200.0),
    st.floats(0.009, 0.035),
)  # fmt: skip


@pytest.mark.parametrize(
    ("q", "level", "tw"),
    [(11.327, 32.96, 0.793), (16.990, 33.93, 0.945), (19.822, 34.71, 1.05), (22.654, 35.52, 1.158), (24.069, 35.81, 1.18)],
)  # fmt: skip
def test_published_performance_curve(q, level, tw):
    """HDS-5 (2001), chapter III, problem 4 in SI: box 2.134 m square, square edges, 60.96 m at 5 %, inlet at 30.480 m.

    n = 0.012 (concrete). Two of its tailwaters are between those that are given.
    """
    b = barrel(width=2.134, height=2.134, length=60.96, manning=0.012)
    fall = 0.05 * 60.96
    hw = max(culvert.headwater_of_inlet(b, q, fall), culvert.headwater_of_barrel(b, q, tw, fall))
    assert hw == pytest.approx(level - 30.480, rel=0.03)
    assert culvert.discharge(b, level - 30.480, tw, fall, 0.0) == pytest.approx(q, rel=0.03)


def test_an_inlet_as_a_weir_by_hand():
    """Box 2.0 x 1.5 m, L = 30 m, fall 0.3 m (S = 0.01), Q = 3 m3/s.

    q = 1.5 m2/s, dc = (1.5^2/9.81)^(1/3) = 0.61210, Hc = 1.5 dc = 0.91815; X = 1.811 * 3 / (3 * 1.22474) = 1.47868;
    HW = 0.91815 + 1.5 * (0.061 * 1.47868^0.75 - 0.5 * 0.01) = 0.91815 + 1.5 * (0.081798 - 0.005) = 1.03335 m.
    The barrel asks for more: with ke = 0.5 nothing enters below the least of p + 1.5 V^2/2g, 1.5 p at
    p = dc * 1.5^(1/3) = 0.70068, 1.05102 m.
    """
    b = barrel()
    assert culvert.critical_depth(b, 3.0) == pytest.approx(0.61210, rel=2e-4)
    assert culvert.headwater_of_inlet(b, 3.0, 0.3) == pytest.approx(1.03335, rel=2e-4)
    assert culvert.headwater_of_barrel(b, 3.0, 0.0, 0.3) == pytest.approx(1.05102, rel=2e-4)
    bevelled = barrel(entrance="bevelled")  # form 2: 1.5 * 0.495 * 1.47868^0.667 = 0.96382
    assert culvert.headwater_of_inlet(bevelled, 3.0, 0.3) == pytest.approx(0.96382, rel=2e-4)


def test_an_inlet_as_an_orifice_by_hand():
    """Box, Q = 9: X = 4.43604, HW = 1.5 * (0.04 * 19.6785 + 0.80 - 0.005) = 2.37321 m.

    Circle of 1 m, Q = 2, level: X = 1.811 * 2 / 0.785398 = 4.61167, HW = 0.0398 * 21.2675 + 0.67 = 1.51645 m;
    cut to the slope at S = 0.02: 0.0463 * 21.2675 + 0.75 + 0.7 * 0.02 = 1.74869 m.
    """
    assert culvert.headwater_of_inlet(barrel(), 9.0, 0.3) == pytest.approx(2.37321, rel=2e-4)
    assert culvert.discharge(barrel(), 2.37321, 0.0, 0.3, 0.0) == pytest.approx(9.0, rel=2e-4)
    pipe = barrel("circular", width=1.0, length=20.0)
    assert culvert.headwater_of_inlet(pipe, 2.0, 0.0) == pytest.approx(1.51645, rel=2e-4)
    mitred = barrel("circular", "mitred", width=1.0, length=20.0)
    assert culvert.headwater_of_inlet(mitred, 2.0, 0.4) == pytest.approx(1.74869, rel=2e-4)


def test_a_full_barrel_by_hand():
    """Box 2.0 x 1.5 m, L = 30 m, n = 0.013, fall 0.3 m, Q = 6, tailwater 2.0 m: V = 2 m/s, R = 3/7 m.

    H = (1 + 0.5 + 19.62 * 0.013^2 * 30 / R^(4/3)) V^2/2g = (1.5 + 0.30785) * 0.203874 = 0.36857; HW = 2 + 0.36857 - 0.3 = 2.06857 m.
    """
    assert culvert.headwater_of_barrel(barrel(), 6.0, 2.0, 0.3) == pytest.approx(2.06857, rel=2e-4)
    assert culvert.discharge(barrel(), 2.06857, 2.0, 0.3, 0.0) == pytest.approx(6.0, rel=2e-4)
    head = 2.0 + 0.3 - 2.0
    assert culvert.discharge(barrel(), 2.0, 2.0, 0.3, 0.0) == pytest.approx(
        math.sqrt(head / culvert.full_loss(barrel())), rel=1e-12
    )


@given(barrels, st.floats(1e-4, 0.99))
def test_critical_depth_is_critical(b, share):
    """q^2 T = g A^3: 1e-6, steep near the crown of a circle where the surface vanishes."""
    y = share * b.height
    area, _ = culvert.section(b, y)
    top = b.width if b.shape == culvert.BOX else 2 * math.sqrt(y * (b.height - y))
    assert culvert.critical_depth(b, math.sqrt(G * area**3 / top)) == pytest.approx(y, rel=1e-6)


@given(barrels, st.floats(0.01, 3.0), st.floats(0.0, 2.0), st.floats(-0.02, 0.05))
def test_discharge_needs_the_headwater_that_there_is(b, here, there, slope):
    """What is found solves both controls (1e-6), and inlet and barrel alone carry no less."""
    hw, tw, fall = here * b.height, there * b.height, slope * b.length
    q = culvert.discharge(b, hw, tw, fall, 0.0)
    if hw + fall <= tw:
        assert q == 0.0
    if q > 0.0:
        needed = max(culvert.headwater_of_inlet(b, q, fall), culvert.headwater_of_barrel(b, q, tw, fall))
        assert needed == pytest.approx(hw, rel=1e-6)


@given(barrels, st.floats(-8.0, -1.0), st.floats(-8.0, 0.0), st.floats(-0.02, 0.12))
def test_shallow_water_finds_its_way_through_every_inlet(b, here, there, slope):
    """Down to 1e-8 m of headwater or of difference: a finite discharge, and some from a hundredth of the barrel on.

    A correction of the published formula that does not depend on the discharge (mitred: + 0.7 S) must not ask for
    headwater where nothing flows: it holds for the charts, which begin at Q / (A D^0.5) of about 0.5.
    """
    hw, fall = 10.0**here * b.height, slope * b.length
    for tw in (0.0, hw + fall - 10.0**there * b.height):
        q = culvert.discharge(b, hw, tw, fall, 0.0)
        assert math.isfinite(q) and q >= 0.0
    if here > -2.0 and fall >= 0.0:
        assert culvert.discharge(b, hw, 0.0, fall, 0.0) > 0.0


@given(barrels, st.lists(st.floats(0.01, 3.0), min_size=2, max_size=2), st.floats(0.0, 2.5), st.floats(-0.02, 0.05))
def test_a_higher_level_carries_more(b, levels, there, slope):
    """Never less with more water here, never more with more water there: 1e-6, as the headwater is met."""
    low, high = sorted(levels)
    fall = slope * b.length
    one, more = (culvert.discharge(b, h * b.height, there * b.height, fall, 0.0) for h in (low, high))
    assert more >= one * (1 - 1e-6)
    dammed = culvert.discharge(b, low * b.height, (there + 0.1) * b.height, fall, 0.0)
    assert dammed <= one * (1 + 1e-6)


@given(barrels, st.floats(0.0, 0.05))
def test_inlets_need_more_for_more(b, slope):
    """Weir, transition and orifice of every published entrance rise with the discharge, without a step back."""
    area, _ = culvert.section(b, b.height)
    per_x = area * math.sqrt(b.height) / culvert.METRIC
    heads = [
        culvert.headwater_of_inlet(b, x * per_x, slope * b.length) for x in (0.1, 1, 2, 3, 3.49, 3.51, 3.8, 4.0, 4.2, 6)
    ]
    assert all(b > a for a, b in itertools.pairwise(heads))


def energy(b, q, p):
    area, _ = culvert.section(b, p)
    return p + (q / area) ** 2 / (2 * G)


def short_reaches(b, q, tw, slope, number=3000):
    """Depth at the inlet by the standard step method: E1 - E2 = ((Sf1 + Sf2) / 2 - S) dx, never below critical depth."""
    dc = culvert.critical_depth(b, q)
    p, dx = max(tw, dc), b.length / number
    for _ in range(number):
        head = energy(b, q, p) + dx * (0.5 * culvert.friction_slope(b, q, p) - slope)

        def off(y, head=head):
            return energy(b, q, y) - 0.5 * dx * culvert.friction_slope(b, q, y) - head

        if off(b.height) <= 0:
            p = b.height - off(b.height)
        else:
            p = dc if off(dc) >= 0 else brentq(off, dc, b.height, xtol=1e-9)
    return p


@pytest.mark.parametrize("shape", ["box", "circular"])
@pytest.mark.parametrize(
    ("q", "tw", "slope"),
    [(0.4, 0.0, 0.0), (0.9, 0.6, 0.002), (1.2, 1.0, 0.001), (0.7, 0.0, 0.02), (0.5, 1.5, 0.03), (0.2, 0.3, -0.004)],
)
def test_a_few_depths_are_enough(shape, q, tw, slope):
    """Mild, steep, level and adverse barrels; a free outlet, a drowned one, a jump in the barrel."""
    b = barrel(shape, width=1.2, height=1.2, length=60.0)
    p = culvert.depth_at_inlet(b, q, culvert.critical_depth(b, q), tw, slope)
    assert p == pytest.approx(short_reaches(b, q, tw, slope), rel=0.01)


@pytest.mark.parametrize("shape", ["box", "circular"])
def test_backwater_ends_where_the_short_cut_of_hds5_does(shape):
    """Free outlet, barrel full over most of its length: HW from (dc + D)/2 + H - L S."""
    b = barrel(shape, width=1.2, height=1.2, length=60.0, manning=0.024)
    area, _ = culvert.section(b, 1.2)
    for x in (3.0, 3.5, 4.0, 5.0):
        q = x * area * math.sqrt(1.2) / culvert.METRIC
        short = 0.5 * (culvert.critical_depth(b, q) + 1.2) + culvert.full_loss(b) * q * q - 0.002 * 60
        assert short >= 1.2 * 1.2
        assert culvert.headwater_of_barrel(b, q, 0.0, 0.12) == pytest.approx(short, rel=0.03)


@given(st.floats(0.0, 10.0), st.floats(1e-3, 10.0), st.floats(0.0, 1e6))
def test_a_column_goes_towards_the_steady_discharge_and_not_beyond(q, steady, push):
    """q' (1 + push q' / steady^2) = q + push: between the old and the steady discharge for any step (1e-9)."""
    new = culvert.set_in_motion(q, steady, push)
    assert min(q, steady) * (1 - 1e-9) <= new <= max(q, steady) * (1 + 1e-9)
    assert new * (1 + push * new / steady**2) == pytest.approx(q + push, rel=1e-9)


def test_formulas_are_plain_functions():
    b = barrel("circular", width=0.8)
    for hw, tw in ((0.3, 0.1), (0.9, 0.2), (2.0, 1.5)):
        plain = culvert.discharge.py_func(b, hw, tw, 0.1, 0.0)
        assert culvert.discharge(b, hw, tw, 0.1, 0.0) == pytest.approx(plain, rel=1e-9)
