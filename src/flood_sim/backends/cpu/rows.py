"""Loops over one row. Each writes into rows it is given and allocates nothing.

A loop works on plain slices and has no branch, so that the compiler turns it
into vector instructions; look at the timing after every edit. Slices begin one
cell before the span, so that every index is provably not negative: an index
that might wrap round is not vectorised.
"""

from numba import njit

from flood_sim.kernels.boundary import border_face
from flood_sim.kernels.constants import HALF, ONE, QUARTER, ZERO
from flood_sim.kernels.flux import face
from flood_sim.kernels.formula import FLAGS
from flood_sim.kernels.mass import add_depth, outflow_share, wave_speed
from flood_sim.kernels.record import cell_discharge, speed_squared

# Without Numba's reference counts: every slice would touch a counter that all
# threads share, several hundred times a row. Nothing here allocates.
FAST = {**FLAGS, "cache": True, "_nrt": False}

STRETCH = 256
"""Cells looked at together for one that passed the threshold."""


@njit(**FAST)
def copy_row(row, out):
    for i in range(row.size):
        out[i] = row[i]


@njit(**FAST)
def copy_part(row, first, last, out):
    if first < last:
        copy_row(row[first:last], out[first:last])


@njit(**FAST)
def fill_row(out, value):
    for i in range(out.size):
        out[i] = value


@njit(**FAST)
def x_faces(s, j, first, last, rise, climb, u_new, q_new, pace):
    """Velocity and raw discharge of the x-faces of row j, from the old state."""
    h = s.h[j, first - 1 : last + 1]
    z = s.z[j, first - 1 : last + 1]
    gn2 = s.gn2[j, first - 1 : last + 1]
    u = s.u[j, first - 1 : last + 1]
    u_n = s.u[j - 1, first - 1 : last + 1]
    u_s = s.u[j + 1, first - 1 : last + 1]
    q = s.qx[j, first - 1 : last + 1]
    q_n = s.qy[j - 1, first - 1 : last + 1]
    q_s = s.qy[j, first - 1 : last + 1]
    v_n = s.v[j - 1, first - 1 : last + 1]
    v_s = s.v[j, first - 1 : last + 1]
    source = s.source[j, first - 1 : last + 1]
    r = rise[first - 1 : last + 1]
    c = climb[first - 1 : last + 1]
    u_out = u_new[first - 1 : last + 1]
    q_out = q_new[first - 1 : last + 1]
    u_out[0] = ZERO
    q_out[0] = ZERO
    for i in range(1, h.size - 1):
        k = i + 1
        w, f = face(
            h[i], h[k], z[k] - z[i], r[i], r[k], z[k] - z[i] - c[i] - c[k],
            u[i], u[i - 1], u[k], u_n[i], u_s[i],
            q[i - 1] + q[i], q[i] + q[k], q_n[i] + q_n[k], q_s[i] + q_s[k],
            QUARTER * (v_n[i] + v_n[k] + v_s[i] + v_s[k]), max(source[i] + source[k], ZERO) * pace.dt_before,
            HALF * (gn2[i] + gn2[k]) * pace.dt, pace.gdtdx, pace.dtdx_before,
        )  # fmt: skip
        u_out[i] = w
        q_out[i] = f


@njit(**FAST)
def y_faces(s, j, first, last, rise_n, climb_n, rise_s, climb_s, v_new, q_new, pace):
    """Velocity and raw discharge of the y-faces between rows j and j+1, from the old state."""
    h = s.h[j, first - 1 : last + 1]
    h_s = s.h[j + 1, first - 1 : last + 1]
    z = s.z[j, first - 1 : last + 1]
    z_s = s.z[j + 1, first - 1 : last + 1]
    gn2 = s.gn2[j, first - 1 : last + 1]
    gn2_s = s.gn2[j + 1, first - 1 : last + 1]
    v = s.v[j, first - 1 : last + 1]
    v_n = s.v[j - 1, first - 1 : last + 1]
    v_s = s.v[j + 1, first - 1 : last + 1]
    q = s.qy[j, first - 1 : last + 1]
    q_n = s.qy[j - 1, first - 1 : last + 1]
    q_s = s.qy[j + 1, first - 1 : last + 1]
    qx = s.qx[j, first - 1 : last + 1]
    qx_s = s.qx[j + 1, first - 1 : last + 1]
    u = s.u[j, first - 1 : last + 1]
    u_s = s.u[j + 1, first - 1 : last + 1]
    source = s.source[j, first - 1 : last + 1]
    source_s = s.source[j + 1, first - 1 : last + 1]
    r_n = rise_n[first - 1 : last + 1]
    r_s = rise_s[first - 1 : last + 1]
    c_n = climb_n[first - 1 : last + 1]
    c_s = climb_s[first - 1 : last + 1]
    v_out = v_new[first - 1 : last + 1]
    q_out = q_new[first - 1 : last + 1]
    for i in range(1, h.size - 1):
        k = i - 1
        w, f = face(
            h[i], h_s[i], z_s[i] - z[i], r_n[i], r_s[i], z_s[i] - z[i] - c_n[i] - c_s[i],
            v[i], v_n[i], v_s[i], v[k], v[i + 1],
            q_n[i] + q[i], q[i] + q_s[i], qx[k] + qx_s[k], qx[i] + qx_s[i],
            QUARTER * (u[k] + u[i] + u_s[k] + u_s[i]), max(source[i] + source_s[i], ZERO) * pace.dt_before,
            HALF * (gn2[i] + gn2_s[i]) * pace.dt, pace.gdtdx, pace.dtdx_before,
        )  # fmt: skip
        v_out[i] = w
        q_out[i] = f


@njit(**FAST)
def x_border(s, b, j, first, last, u_new, q_new, pace):
    """Replace the border faces among the x-faces [first, last) of row j."""
    for k in range(b.x_start[j], b.x_start[j + 1]):
        i = b.x_index[k]
        if not first <= i < last:
            continue
        side = b.x_side[k]
        c = i if side > ZERO else i + 1
        inner = i - 1 if side > ZERO else i + 1
        u, q = border_face(
            b.x_kind[k], b.x_value[k], s.h[j, c], s.z[j, c],
            side * s.u[j, i], side * s.u[j, inner], side * s.qx[j, i], s.gn2[j, c], pace,
        )  # fmt: skip
        u_new[i] = side * u
        q_new[i] = side * q


@njit(**FAST)
def y_border(s, b, j, first, last, v_new, q_new, pace):
    """Replace the border faces among the y-faces [first, last) between rows j and j+1."""
    for k in range(b.y_start[j], b.y_start[j + 1]):
        i = b.y_index[k]
        if not first <= i < last:
            continue
        side = b.y_side[k]
        r = j if side > ZERO else j + 1
        inner = j - 1 if side > ZERO else j + 1
        u, q = border_face(
            b.y_kind[k], b.y_value[k], s.h[r, i], s.z[r, i],
            side * s.v[j, i], side * s.v[inner, i], side * s.qy[j, i], s.gn2[r, i], pace,
        )  # fmt: skip
        v_new[i] = side * u
        q_new[i] = side * q


@njit(**FAST)
def limiter(s, j, first, last, qx, q_north, q_south, share, pace):
    """Share of its raw outgoing discharge that each cell of row j can give."""
    h = s.h[j, first - 1 : last + 1]
    q = qx[first - 1 : last + 1]
    q_n = q_north[first - 1 : last + 1]
    q_s = q_south[first - 1 : last + 1]
    out = share[first - 1 : last + 1]
    for i in range(1, h.size - 1):
        out[i] = outflow_share(h[i], q[i - 1], q[i], q_n[i], q_s[i], pace.dtdx)


@njit(**FAST)
def scale_x(raw, share, out, first, last):
    """Limited discharge of x-faces [first-1, last): scaled by the share of the cell it leaves."""
    q = raw[first - 1 : last]
    a = share[first - 1 : last]
    b = share[first : last + 1]
    o = out[first - 1 : last]
    for i in range(q.size):
        # arithmetic select: a conditional expression here is not vectorised
        o[i] = max(q[i], ZERO) * a[i] + min(q[i], ZERO) * b[i]


@njit(**FAST)
def scale_y(raw, share_north, share_south, out, first, last):
    """Limited discharge of y-faces [first, last)."""
    q = raw[first:last]
    a = share_north[first:last]
    b = share_south[first:last]
    o = out[first:last]
    for i in range(q.size):
        o[i] = max(q[i], ZERO) * a[i] + min(q[i], ZERO) * b[i]


@njit(**FAST)
def keep_inflow(start, index, side, row, raw, out, first, last):
    """Water that enters from outside is not limited by any cell's content; faces [first, last)."""
    for k in range(start[row], start[row + 1]):
        i = index[k]
        if first <= i < last and raw[i] * side[k] < ZERO:
            out[i] = raw[i]


@njit(**FAST)
def depths(s, j, first, last, q_north, q_south, h_old, pace):
    """New depth of row j from its limited discharges and its source; keeps the old in h_old."""
    h = s.h[j, first - 1 : last + 1]
    residual = s.residual[j, first - 1 : last + 1]
    qx = s.qx[j, first - 1 : last + 1]
    source = s.source[j, first - 1 : last + 1]
    q_n = q_north[first - 1 : last + 1]
    q_s = q_south[first - 1 : last + 1]
    old = h_old[first - 1 : last + 1]
    for i in range(1, h.size - 1):
        a = h[i]
        t, r = add_depth(a, residual[i], (qx[i - 1] - qx[i] + q_n[i] - q_s[i]) * pace.dtdx + source[i] * pace.dt)
        old[i] = a
        residual[i] = r
        h[i] = t


@njit(**FAST)
def velocities(s, j, first, last, u_new, v_north, v_south, speed_in, speed_out):
    """Store the new velocities of row j; running maximum of the wave speed, column by column.

    speed_in and speed_out are different rows: in place the compiler makes a
    masked store, five times slower.
    """
    h = s.h[j, first - 1 : last + 1]
    u = s.u[j, first - 1 : last + 1]
    v = s.v[j, first - 1 : last + 1]
    u_in = u_new[first - 1 : last + 1]
    v_n = v_north[first - 1 : last + 1]
    v_s = v_south[first - 1 : last + 1]
    low = speed_in[first - 1 : last + 1]
    high = speed_out[first - 1 : last + 1]
    for i in range(1, h.size - 1):
        a = u_in[i]
        b = v_s[i]
        w = wave_speed(h[i], u_in[i - 1], a, v_n[i], b)
        u[i] = a
        v[i] = b
        high[i] = max(w, low[i])


@njit(**FAST)
def maxima(s, m, j, first, last, u_new, v_north, v_south, q_north, q_south, t):
    """Largest depth, speed and unit discharge of row j after this step."""
    u = u_new[first - 1 : last + 1]
    v_n = v_north[first - 1 : last + 1]
    v_s = v_south[first - 1 : last + 1]
    h = s.h[j, first - 1 : last + 1]
    qx = s.qx[j, first - 1 : last + 1]
    m_h = m.h[j, first - 1 : last + 1]
    m_t = m.time_h[j, first - 1 : last + 1]
    m_s = m.speed2[j, first - 1 : last + 1]
    m_x = m.qx[j, first - 1 : last + 1]
    m_y = m.qy[j, first - 1 : last + 1]
    q_n = q_north[first - 1 : last + 1]
    q_s = q_south[first - 1 : last + 1]
    for i in range(1, h.size - 1):
        d = h[i]
        m_t[i] = t if d > m_h[i] else m_t[i]
        m_h[i] = max(d, m_h[i])
        x = cell_discharge(qx[i - 1], qx[i])
        y = cell_discharge(q_n[i], q_s[i])
        q2 = x * x + y * y
        m_s[i] = max(m_s[i], speed_squared(q2, d, u[i - 1], u[i], v_n[i], v_s[i]))
        a = m_x[i]
        b = m_y[i]
        more = q2 > a * a + b * b
        m_x[i] = x if more else a
        m_y[i] = y if more else b


@njit(**FAST)
def passed(row, before, threshold):
    """How many cells of a row came to the threshold or fell below it."""
    count = 0
    for i in range(row.size):
        count += (row[i] >= threshold) != (before[i] >= threshold)
    return count


@njit(**FAST)
def wet_spells(s, m, j, first, last, h_old, threshold, t):
    """Arrival and wet time of row j: only stretches in which a cell passed the threshold are touched."""
    for begin in range(first, last, STRETCH):
        end = min(begin + STRETCH, last)
        h = s.h[j, begin:end]
        old = h_old[begin:end]
        if passed(h, old, threshold) > 0:
            m_a = m.arrival[j, begin:end]
            m_w = m.wet_s[j, begin:end]
            for i in range(h.size):
                wet = ONE if h[i] >= threshold else ZERO
                was_wet = ONE if old[i] >= threshold else ZERO
                m_a[i] = min(m_a[i], t if h[i] >= threshold else m_a[i])
                m_w[i] += (was_wet - wet) * t
