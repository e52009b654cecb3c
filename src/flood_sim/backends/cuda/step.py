"""One time step in three kernels: raw faces, then the cells, then the clock.

A thread owns a few cells of one column, and the faces east and south of them.
No thread reads what another writes in the same kernel: h, u and v go to their
second copy, and the shares of the limiter are computed anew by each neighbour,
which costs less than storing them.

Extra blocks, below those of the model, take the faces of the border (in
`faces`) and those that are metered (in `cells`), one thread each.

Positions are uint64: with a signed one Numba asks at every access whether it
is to be counted from the end (measured in machine code: half of it).
"""

import numpy as np
from numba import cuda, float32

from flood_sim.backends.cuda import layout
from flood_sim.backends.cuda.formulas import (
    add_depth,
    border_face,
    cell_discharge,
    device,
    face,
    half_slope,
    kernel,
    outflow_share,
    speed_squared,
    wave_speed,
)
from flood_sim.backends.cuda.layout import AFTER, DT, SHARE, TURN
from flood_sim.backends.layout import Pace
from flood_sim.kernels.constants import DEPTH_DRY, HALF, ONE, QUARTER, ZERO

ROWS = 8
"""Cells of one thread."""
LARGEST = float32(1e30)
"""m or m/s; what is not below it is lost."""
EAST = np.uint64(1)
MARGIN = np.uint64(layout.MARGIN)
ROWS_AROUND = np.uint64(2 + 2 * layout.MARGIN)


@device
def pace_of(p):
    return Pace(p[0], p[1], p[2], p[3], p[4], p[5])


@device
def between(series, k, share):
    """Value of row k, (begin, end), that is linear in time."""
    return series[k, 0] + (series[k, 1] - series[k, 0]) * share


@device
def raw_face(w, hl, hr, velocity, along, q, q_along, k, p, ahead, aside, pace):
    """New velocity and raw discharge of the face between cell k and cell k + ahead.

    velocity, q: through the face, along, q_along: through the faces at right
    angles to it; p: position of k in the present copy; aside: to the next face
    beside this one. East: ahead 1, aside a row; south: ahead a row, aside 1.
    Depth and ground run on within both cells as the cells behind them let them;
    one that takes no water counts as dry.
    """
    here = q[k]
    zl, zr = w.z[k], w.z[k + ahead]
    dz = zr - zl
    rise_l = half_slope(max(w.h[p - ahead], ZERO), hl, hr)
    rise_r = half_slope(hl, hr, max(w.h[p + ahead + ahead], ZERO))
    climb_l = half_slope(w.z[k - ahead], zl, zr)
    climb_r = half_slope(zl, zr, w.z[k + ahead + ahead])
    return face(
        hl, hr, dz, rise_l, rise_r, dz - climb_l - climb_r,
        velocity[p], velocity[p - ahead], velocity[p + ahead], velocity[p - aside], velocity[p + aside],
        q[k - ahead] + here, here + q[k + ahead],
        q_along[k - aside] + q_along[k - aside + ahead], q_along[k] + q_along[k + ahead],
        QUARTER * (along[p - aside] + along[p - aside + ahead] + along[p] + along[p + ahead]),
        max(w.source[k] + w.source[k + ahead], ZERO) * pace.dt_before,
        HALF * (w.gn2[k] + w.gn2[k + ahead]) * pace.dt, pace.gdtdx, pace.dtdx_before,
    )  # fmt: skip


@device
def open_face(w, b, k, old, new, share, pace):
    """Store velocity and raw discharge of border face k; old, new: where the copies begin."""
    velocity, limited_q, raw = (w.u, w.qx, w.raw_x) if b.axis[k] == 0 else (w.v, w.qy, w.raw_y)
    at, cell, side = b.face[k], b.cell[k], b.side[k]
    speed, q = border_face(
        b.kind[k], float32(between(b.value, k, share)), w.h[old + cell], w.z[cell], side * velocity[old + at],
        side * velocity[old + b.inner[k]], side * limited_q[at], w.gn2[cell], pace,
    )  # fmt: skip
    velocity[new + at] = side * speed
    raw[at] = side * q


@kernel
def faces(w, b, time, ny, row, rows):
    """Velocity and raw discharge of every face, from the old state.

    row: cells from one row to the next; rows: rows of blocks over the model.
    Faces of cells that take no water are not written: they stay walls, or what
    the border makes of them.
    """
    if time.clock[DT] == 0.0:
        return
    size = row * (np.uint64(ny) + ROWS_AROUND)
    old = size if time.flags[TURN] == 1 else np.uint64(0)
    new = size - old
    pace = pace_of(time.pace)
    if cuda.blockIdx.y >= rows:
        block = (cuda.blockIdx.y - rows) * cuda.gridDim.x + cuda.blockIdx.x
        k = (block * cuda.blockDim.y + cuda.threadIdx.y) * cuda.blockDim.x + cuda.threadIdx.x
        if k < b.face.size:
            open_face(w, b, k, old, new, time.clock[SHARE], pace)
        return
    i = np.uint64(cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x)
    j = cuda.blockIdx.y * cuda.blockDim.y * ROWS + cuda.threadIdx.y + 1
    if i < EAST or i + EAST + EAST > row:
        return
    last = min(j + cuda.blockDim.y * ROWS, ny + 1)
    while j < last:
        k = (np.uint64(j) + MARGIN) * row + i
        p = old + k
        here = w.h[p]
        east = w.h[p + EAST]
        south = w.h[p + row]
        u = v = qx = qy = ZERO
        if not (here <= DEPTH_DRY and east <= DEPTH_DRY and south <= DEPTH_DRY):
            # both before anything is stored: what they share is loaded once
            u, qx = raw_face(w, here, east, w.u, w.v, w.qx, w.qy, k, p, EAST, row, pace)
            v, qy = raw_face(w, here, south, w.v, w.u, w.qy, w.qx, k, p, row, EAST, pace)
        # a depth that is not a number is water, and will be found
        if not (here < ZERO or east < ZERO):
            w.u[new + k] = u
            w.raw_x[k] = qx
        if not (here < ZERO or south < ZERO):
            w.v[new + k] = v
            w.raw_y[k] = qy
        j += cuda.blockDim.y


@device
def share_of(w, h, k, row, dtdx):
    """Share of its raw outgoing discharge that a cell can give; what enters from outside is not limited."""
    share = outflow_share(h, w.raw_x[k - EAST], w.raw_x[k], w.raw_y[k - row], w.raw_y[k], dtdx)
    return ONE if h < ZERO else share


@device
def limited(q, share_low, share_high):
    """Discharge scaled by the share of the cell that it leaves."""
    return max(q, ZERO) * share_low + min(q, ZERO) * share_high


@device
def read_meter(w, meter, k, old, row, pace):
    """Add the volume that passes metered face k in this step."""
    at = meter.face[k]
    across = EAST if meter.axis[k] == 0 else row
    low = share_of(w, w.h[old + at], at, row, pace.dtdx)
    high = share_of(w, w.h[old + at + across], at + across, row, pace.dtdx)
    q = limited(w.raw_x[at] if meter.axis[k] == 0 else w.raw_y[at], low, high)
    volume = np.float64(q * meter.side[k]) * np.float64(pace.dt) * np.float64(pace.dx)
    meter.volume[k, 0] += max(volume, 0.0)
    meter.volume[k, 1] -= min(volume, 0.0)


@device
def record(m, k, d, old, x, y, u_west, u, v_north, v, threshold, t):
    """Largest depth, speed and unit discharge, arrival and wet time of one cell.

    Reads and writes only what may change: most cells have passed their peak.
    """
    if d > m.h[k]:
        m.h[k] = d
        m.time_h[k] = t
    q2 = x * x + y * y
    if q2 > ZERO:
        speed2 = speed_squared(q2, d, u_west, u, v_north, v)
        if speed2 > m.speed2[k]:
            m.speed2[k] = speed2
        a = m.qx[k]
        b = m.qy[k]
        if q2 > a * a + b * b:
            m.qx[k] = x
            m.qy[k] = y
    wet = d >= threshold
    if wet != (old >= threshold):
        if wet:
            m.arrival[k] = min(m.arrival[k], t)
            m.wet_s[k] -= t
        else:
            m.wet_s[k] += t


@device
def update_cell(w, m, k, old, new, row, pace, recording, threshold, t):
    """New depth, limited discharges and maxima of a cell; returns its fastest wave, LARGEST where it is lost."""
    p = old + k
    before = w.h[p]
    h_west, h_east, h_north, h_south = w.h[p - EAST], w.h[p + EAST], w.h[p - row], w.h[p + row]
    dtdx = pace.dtdx
    own = share_of(w, before, k, row, dtdx)
    west = limited(w.raw_x[k - EAST], share_of(w, h_west, k - EAST, row, dtdx), own)
    east = limited(w.raw_x[k], own, share_of(w, h_east, k + EAST, row, dtdx))
    north = limited(w.raw_y[k - row], share_of(w, h_north, k - row, row, dtdx), own)
    south = limited(w.raw_y[k], own, share_of(w, h_south, k + row, row, dtdx))
    n = new + k
    u, u_west, v, v_north = w.u[n], w.u[n - EAST], w.v[n], w.v[n - row]
    d, r = add_depth(before, w.residual[k], (west - east + north - south) * dtdx + w.source[k] * pace.dt)
    if r != r:  # the card's maximum of NaN and 0 is 0: the residual knows what the clipped depth does not
        d = r
    w.h[n] = d
    w.residual[k] = r
    w.qx[k] = east
    w.qy[k] = south
    # a face whose low cell takes no water belongs to nobody else
    if h_west < ZERO:
        w.qx[k - EAST] = west
    if h_north < ZERO:
        w.qy[k - row] = north
    if recording:
        x, y = cell_discharge(west, east), cell_discharge(north, south)
        record(m, k, d, before, x, y, u_west, u, v_north, v, threshold, t)
    # a maximum hides NaN: whatever is not below LARGEST counts as LARGEST
    return wave_speed(d, u, u_west, v, v_north) if d + abs(u) + abs(v) < LARGEST else LARGEST


@kernel
def cells(w, m, meter, time, ny, row, rows, recording, threshold):
    """Limiter, depth, maxima and the fastest wave of each block, from the raw faces."""
    if time.clock[DT] == 0.0:
        return
    size = row * (np.uint64(ny) + ROWS_AROUND)
    old = size if time.flags[TURN] == 1 else np.uint64(0)
    new = size - old
    pace = pace_of(time.pace)
    line = cuda.threadIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if cuda.blockIdx.y >= rows:
        block = (cuda.blockIdx.y - rows) * cuda.gridDim.x + cuda.blockIdx.x
        k = block * cuda.blockDim.x * cuda.blockDim.y + line
        if k < meter.face.size:
            read_meter(w, meter, k, old, row, pace)
        return
    t = time.pace[AFTER]
    i = np.uint64(cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x)
    j = cuda.blockIdx.y * cuda.blockDim.y * ROWS + cuda.threadIdx.y + 1
    fastest = ZERO
    if i >= EAST and i + EAST + EAST <= row:
        last = min(j + cuda.blockDim.y * ROWS, ny + 1)
        while j < last:
            k = (np.uint64(j) + MARGIN) * row + i
            if not w.h[old + k] < ZERO:
                fastest = max(fastest, update_cell(w, m, k, old, new, row, pace, recording, threshold, t))
            j += cuda.blockDim.y
    shared = cuda.shared.array(0, float32)  # of the size that the launch says
    block_maximum(shared, line, fastest)
    if line == 0:
        time.fastest[cuda.blockIdx.y * cuda.gridDim.x + cuda.blockIdx.x] = shared[0]


@cuda.jit(device=True)
def block_maximum(shared, line, value):
    """Leave the largest value of the block's threads in shared[0], as thread 0 sees it."""
    shared[line] = value
    cuda.syncthreads()
    count = cuda.blockDim.x * cuda.blockDim.y
    if line < 32:
        for k in range(line + 32, count, 32):
            shared[line] = max(shared[line], shared[k])
    cuda.syncthreads()
    if line == 0:
        for k in range(1, min(32, count)):
            shared[0] = max(shared[0], shared[k])
