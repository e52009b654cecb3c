"""Velocity and discharge of one cell face.

Momentum-conservative staggered scheme of Stelling and Duinmeijer (2003),
"A staggered conservative scheme for every Froude number in rapidly varied
shallow water flows", Int. J. Numer. Meth. Fluids 43, doi:10.1002/fld.537,
with hydrostatic sills, a guard against spurious energy where thin water drops
into deep water, and implicit friction.

Symbols: h depth (m), z ground (m), u velocity normal to the face (m/s), q
discharge per metre of face (m2/s), l and r the cells on the low- and the
high-index side; positive u flows from l to r.
"""

import math

from numba import njit

from flood_sim.kernels.constants import DEPTH_DRY, DEPTH_FLOOR, FOUR, ONE, TWO_GRAVITY, ZERO
from flood_sim.kernels.friction import drag, slow_down


@njit(fastmath=True, error_model="numpy", nogil=True, forceinline=True)
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


@njit(fastmath=True, error_model="numpy", nogil=True, forceinline=True)
def face(hl, hr, dz, u, uw, ue, us, un, qw, qe, qs, qn, vt, gained, gn2dt, gdtdx, dtdx):
    """New velocity and raw discharge of a face, (m/s, m2/s).

    dz = z_r - z_l. vt: velocity along the face. gained: TWICE the mean depth that
    sources gave to both cells in the last step, m; such water brings no momentum.
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
    # depths over the sill max(z_l, z_r); of the higher cell exactly its own, however thin
    ha = max(hl - max(dz, ZERO), ZERO)
    hb = max(hr + min(dz, ZERO), ZERO)
    hf = max(max(ha, hb), DEPTH_FLOOR)
    per_mass = ONE / max(hl + hr, DEPTH_FLOOR)
    # perched water above a drop pushes with its own weight only, min(1, 2 hf / h mean)
    phi = min(ONE, FOUR * hf * per_mass)
    fall = hl - hr - dz
    old = max(ONE - gained * per_mass, ZERO)
    w = u * old + dtdx * per_mass * advection(u, uw, ue, us, un, qw, qe, qs, qn)
    along = max(uw, ZERO) if fall > ZERO else -min(ue, ZERO)
    bound = math.sqrt(max(max(u * u, w * w), along * along + TWO_GRAVITY * abs(fall)))
    w = slow_down(w + gdtdx * fall * phi, vt, drag(gn2dt, hf) * phi)
    w = min(max(w, -bound), bound)
    hu = ha if w > ZERO else hb
    w = w if hu > DEPTH_DRY else ZERO
    return w, w * hu
