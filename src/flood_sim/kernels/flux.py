"""Velocity and discharge of one cell face.

Momentum-conservative staggered scheme of Stelling and Duinmeijer (2003),
"A staggered conservative scheme for every Froude number in rapidly varied
shallow water flows", Int. J. Numer. Meth. Fluids 43, doi:10.1002/fld.537,
with hydrostatic sills, a guard against spurious energy where thin water drops
into deep water, and implicit friction. The depth at the face is of second order
where depth and ground are smooth, as in the hydrostatic reconstruction of Audusse
et al. (2004), doi:10.1137/S1064827503431090; the velocity carried along is of first.

Symbols: h depth (m), z ground (m), u velocity normal to the face (m/s), q
discharge per metre of face (m2/s), l and r the cells on the low- and the
high-index side; positive u flows from l to r.
"""

import math

from flood_sim.kernels.constants import DEPTH_DRY, DEPTH_FLOOR, FOUR, ONE, TWO_GRAVITY, ZERO
from flood_sim.kernels.formula import formula
from flood_sim.kernels.friction import drag, slow_down


@formula
def advection(u, uw, ue, us, un, qw, qe, qs, qn):
    """Upwind momentum entering the staggered control volume minus u times its mass.

    qw, qe, qs, qn: TWICE the mean of the stored, limited discharges through its
    four sides, m2/s. Because they are the fluxes that moved the mass, the new u
    is a convex combination of old velocities (maximum principle): no cap needed.
    """
    return (
        max(qw, ZERO) * (uw - u)
        - min(qe, ZERO) * (ue - u)
        + max(qs, ZERO) * (us - u)
        - min(qn, ZERO) * (un - u)
    )  # fmt: skip


@formula
def face(hl, hr, dz, rl, rr, jump, u, uw, ue, us, un, qw, qe, qs, qn, vt, gained, gn2dt, gdtdx, dtdx):
    """New velocity and raw discharge of a face, (m/s, m2/s).

    dz = z_r - z_l; jump: what of it is left at the face when the ground runs on in
    both cells. rl, rr: rise of the depth from the middle of each cell to its edge on
    the high side. vt: velocity along the face. gained: TWICE the mean depth that
    sources at their present rate give to both cells in a step as long as the last one, m; such water brings no momentum.
    gn2dt = g n^2 dt, gdtdx = g dt/dx of this step; dtdx = dt/dx of the LAST step,
    in which the discharges and the sources moved the mass: only so is the mixture
    a convex combination when the time step changes. Levels enter only as
    differences of h and z, never as z + h, so that water at rest stays at rest in
    float32 whatever the height above sea.

    Bernoulli bound: the fall may raise u to sqrt(u_in^2 + 2 g fall), no further,
    with u_in the velocity of the water that comes down with the fall. What enters
    from across stands beside the face, behind the same fall, and must not fall
    again (along a cliff each row would add one fall); what flows away from the
    face brings nothing. The mixture of old velocities itself is always allowed.
    In smooth flow the bound never acts: where u grows, g dh/dx exceeds u du/dx.
    It acts where a face has no supply and its dwindling rest would be accelerated
    for ever, and where perched water at rest meets a cliff. So a head H bounds
    u^2 by 2 g H everywhere.
    """
    # depths at the face over the sill: the larger of both grounds there; half a step ahead in time
    ahead = max(ONE - dtdx * abs(u), ZERO)
    ha = max(hl + ahead * rl - max(jump, ZERO), ZERO)
    hb = max(hr - ahead * rr + min(jump, ZERO), ZERO)
    per_mass = ONE / max(hl + hr, DEPTH_FLOOR)
    # perched water above a drop pushes with its own weight only, min(1, 2 h over the whole step / h mean)
    phi = min(ONE, FOUR * max(max(hl - max(dz, ZERO), hr + min(dz, ZERO)), DEPTH_FLOOR) * per_mass)
    fall = hl - hr - dz
    old = max(ONE - gained * per_mass, ZERO)
    w = u * old + dtdx * per_mass * advection(u, uw, ue, us, un, qw, qe, qs, qn)
    along = max(uw, ZERO) if fall > ZERO else -min(ue, ZERO)
    bound = math.sqrt(max(max(u * u, w * w), along * along + TWO_GRAVITY * abs(fall)))
    w += gdtdx * fall * phi
    # the depth the water comes from: the other side must not lower its friction (sheets would break into stairs)
    hu = ha if w > ZERO else hb
    w = slow_down(w, vt, drag(gn2dt, max(hu, DEPTH_FLOOR)) * phi)
    w = min(max(w, -bound), bound)
    w = w if hu > DEPTH_DRY else ZERO
    return w, w * hu
