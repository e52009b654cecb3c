"""What soil takes in during one pass, as depth in m on the share of a cell that is not sealed.

What a pass needs of the parameters of a zone and of its length is computed once
per zone (`solver.losing`), so that no cell needs an exponential. None of the
formulas subtracts what is nearly equal: they keep the precision of their arguments.
"""

import math

from numpy import float32

from flood_sim.kernels.constants import HALF, TWO, ZERO
from flood_sim.kernels.formula import formula

SMALLEST = float32(1e-30)
"""Keeps divisions finite where soil takes nothing."""


@formula
def share_of(got, want):
    """got / want, 0 where nothing is wanted; in single precision, which the memory of soil has."""
    return float32(got) / max(float32(want), SMALLEST)


@formula
def horton_intake(state, base, gain):
    """What soil can take in a pass of length dt after Horton, m, while it is covered throughout.

    f = fc + (f0 - fc) exp(-k tp). tp is not the clock but the time in which
    unlimited supply would have brought in as much as has come in: a dry spell or a
    weak rain wears nothing off (EPA SWMM Reference Manual Volume I,
    EPA/600/R-15/162A, 4.2). state = exp(-k tp), base = fc dt,
    gain = (f0 - fc) (1 - exp(-k dt)) / k.
    """
    return base + gain * state


@formula
def horton_state(state, worn, share):
    """exp(-k tp) after soil took `share` 0..1 of what it could take; worn = 1 - exp(-k dt).

    Linear in between: along the chord of the cumulative intake, whose middle lies (k dt)^2 / 8 below it.
    """
    return state - state * (share * worn)


@formula
def green_ampt_intake(taken, steady, suction):
    """What soil can take in a pass after Green and Ampt (1911), m.

    F dF/dt = K (F + S), S = psi dtheta, by the trapezoidal rule, which makes a
    quadratic of it: F'^2 - F^2 = K dt (F + F') + 2 K dt S. Exact where suction alone
    draws, however long dt. taken = F so far, steady = K dt, suction = S, all m.
    """
    half = HALF * steady
    more = half * half + steady * (taken + TWO * suction)
    # sqrt(F^2 + more) - F
    return half + more / max(math.sqrt(taken * taken + more) + taken, SMALLEST)


@formula
def curve_number_loss(before, after, retention, abstraction):
    """What of the rain between P = before and P = after does not run off, m.

    Q = (P - Ia)^2 / (P - Ia + S), 0 up to Ia (USDA 1986, Technical Release 55,
    equation 2-1). With e = P - Ia > 0 the loss beyond Ia is e - Q = e S / (e + S),
    which grows from e to e' by (e' - e) S^2 / ((e + S) (e' + S)).
    """
    e0 = max(before - abstraction, ZERO)
    e1 = max(after - abstraction, ZERO)
    share = retention * retention / max((e0 + retention) * (e1 + retention), SMALLEST)
    return (after - before) - (e1 - e0) + (e1 - e0) * share
