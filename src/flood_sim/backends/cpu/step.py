"""One time step: a single in-place pass over blocks of rows.

A block walks south. At row j it computes the raw faces of row j from the old
state, limits them, and then finishes row j-1 with delayed writes, because the
old u, v, qy of row j-1 were still needed. All working rows stay in cache; no
whole array is copied.

Blocks run in parallel. Where two meet, the faces that both need are computed
from the old state before any block starts (`seams`), so that no block reads
what another has overwritten, and any number of threads gives the same bits.
"""

import numpy as np
from numba import njit, prange

from flood_sim.backends.cpu.rows import (
    FAST,
    copy_part,
    copy_row,
    depths,
    fill_row,
    keep_inflow,
    limiter,
    maxima,
    scale_x,
    scale_y,
    velocities,
    wet_spells,
    x_border,
    x_faces,
    y_border,
    y_faces,
)
from flood_sim.backends.cpu.sills import x_sills, y_sills
from flood_sim.backends.cpu.slopes import slopes_x, slopes_y
from flood_sim.backends.cpu.tiles import face_list, row_list, slope_list, span
from flood_sim.kernels.constants import ONE, ZERO

# a call hands over some hundred words: with narrow spans that would cost as much as the work
INLINE = {**FAST, "forceinline": True}

SEAM_ROWS = 17
WORK_ROWS = 20
WAKE_CELLS = 8192
"""Cells of seams up to which one thread prepares them all: to wake the others and wait for them takes some 60 µs."""


def allocate_work(n_blocks: int, nx: int, dtype: type) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Working rows of each block, rows shared at each seam, fastest wave of each block."""
    work: np.ndarray = np.zeros((n_blocks, WORK_ROWS, nx + 2), dtype)
    seam: np.ndarray = np.zeros((max(n_blocks - 1, 1), SEAM_ROWS, nx + 2), dtype)
    return work, seam, np.zeros(n_blocks, dtype)


@njit(**INLINE)
def raw_x(s, b, p, tiles, j, rise, climb, u_new, q_new, pace):
    n = row_list(j)
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.first[j], p.last[j])
        if first < last:
            slopes_x(s, j, first, last, rise, climb)
            x_faces(s, j, first, last, rise, climb, u_new, q_new, pace)
            x_border(s, b, j, first - 1, last, u_new, q_new, pace)
            x_sills(s, b, j, first, last, u_new, q_new, pace)


@njit(**INLINE)
def row_slopes(s, p, tiles, j, rise, climb):
    """Slopes along y for the faces on both sides of row j; the last row, outside, has none."""
    if j == p.first.size - 1:
        fill_row(rise, ZERO)
        fill_row(climb, ZERO)
        return
    n = slope_list(j, p.first.size - 2)
    for k in range(tiles.n_spans[n]):
        first, last = span(
            tiles, n, k, min(p.face_first[j - 1], p.face_first[j]), max(p.face_last[j - 1], p.face_last[j])
        )
        if first < last:
            slopes_y(s, j, first, last, rise, climb)


@njit(**INLINE)
def raw_y(s, b, p, tiles, j, rise_n, climb_n, rise_s, climb_s, v_new, q_new, pace):
    n = face_list(j, p.first.size - 2)
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.face_first[j], p.face_last[j])
        if first < last:
            y_faces(s, j, first, last, rise_n, climb_n, rise_s, climb_s, v_new, q_new, pace)
            y_border(s, b, j, first, last, v_new, q_new, pace)
            y_sills(s, b, j, first, last, v_new, q_new, pace)


@njit(**INLINE)
def limit(s, p, tiles, j, qx, q_north, q_south, share, pace):
    n = row_list(j)
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.first[j], p.last[j])
        if first < last:
            limiter(s, j, first, last, qx, q_north, q_south, share, pace)


@njit(**INLINE)
def limit_x(s, b, p, tiles, j, raw, share):
    """Limited discharge of the x-faces of row j."""
    n = row_list(j)
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.first[j], p.last[j])
        if first < last:
            scale_x(raw, share, s.qx[j], first, last)
            keep_inflow(b.x_start, b.x_index, b.x_side, j, raw, s.qx[j], first - 1, last)


@njit(**INLINE)
def limit_y(b, p, tiles, j, raw, share_north, share_south, out):
    """Limited discharge of the y-faces between rows j and j+1."""
    n = face_list(j, p.first.size - 2)
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.face_first[j], p.face_last[j])
        if first < last:
            scale_y(raw, share_north, share_south, out, first, last)
            keep_inflow(b.y_start, b.y_index, b.y_side, j, raw, out, first, last)


@njit(**FAST)
def prepare_seam(s, b, p, tiles, j, seam, pace):
    """Raw faces and limiter of row j (last of a block) and row j+1 (first of the next); slopes of row j."""
    v_above, q_above = seam[9], seam[10]
    rise, climb = seam[11], seam[12]
    rise_x, climb_x, rise_n, climb_n = seam[13], seam[14], seam[15], seam[16]
    row_slopes(s, p, tiles, j - 1, rise_n, climb_n)
    row_slopes(s, p, tiles, j, rise, climb)
    raw_y(s, b, p, tiles, j - 1, rise_n, climb_n, rise, climb, v_above, q_above, pace)
    raw_x(s, b, p, tiles, j, rise_x, climb_x, seam[0], seam[1], pace)
    row_slopes(s, p, tiles, j + 1, rise_n, climb_n)
    raw_y(s, b, p, tiles, j, rise, climb, rise_n, climb_n, seam[2], seam[3], pace)
    raw_x(s, b, p, tiles, j + 1, rise_x, climb_x, seam[4], seam[5], pace)
    row_slopes(s, p, tiles, j + 2, rise_x, climb_x)
    raw_y(s, b, p, tiles, j + 1, rise_n, climb_n, rise_x, climb_x, v_above, seam[8], pace)
    limit(s, p, tiles, j, seam[1], q_above, seam[3], seam[6], pace)
    limit(s, p, tiles, j + 1, seam[5], seam[3], seam[8], seam[7], pace)


@njit(**INLINE)
def finish_row(
    s, b, m, p, tiles, j, u_new, v_north, v_south, q_north, h_old, fast_in, fast_out, pace, record, threshold, t
):
    """Depth, maxima and velocities of row j from its limited discharges: the delayed writes."""
    q_south = s.qy[j]
    n = row_list(j)
    done = 0  # columns before this one have their fastest wave
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.first[j], p.last[j])
        if first >= last:
            continue
        depths(s, j, first, last, q_north, q_south, h_old, pace)
        for d in range(b.drain_start[j], b.drain_start[j + 1]):
            s.h[j, b.drain_index[d]] = ZERO
            s.residual[j, b.drain_index[d]] = ZERO
        if record:
            maxima(s, m, j, first, last, u_new, v_north, v_south, q_north, q_south, t)
            wet_spells(s, m, j, first, last, h_old, threshold, t)
        copy_part(fast_in, done, first, fast_out)
        velocities(s, j, first, last, u_new, v_north, v_south, fast_in, fast_out)
        s.u[j, first - 1] = u_new[first - 1]
        done = last
    copy_part(fast_in, done, fast_in.size, fast_out)
    # faces south of this row may lie beyond its own cells
    n = face_list(j, p.first.size - 2)
    for k in range(tiles.n_spans[n]):
        first, last = span(tiles, n, k, p.face_first[j], p.face_last[j])
        copy_part(v_south, first, min(last, p.first[j]), s.v[j])
        copy_part(v_south, max(first, p.last[j]), last, s.v[j])


@njit(**INLINE)
def rests(tiles, j, ny):
    """Whether nothing of rows j-1 and j, their faces and the slopes of row j+1 is awake."""
    found = tiles.n_spans[row_list(j - 1)] + tiles.n_spans[face_list(j - 1, ny)] + tiles.n_spans[slope_list(j, ny)]
    return found + tiles.n_spans[slope_list(min(j + 1, ny), ny)] == 0


@njit(**FAST)
def walk_block(s, b, m, p, tiles, k, seams, w, pace, record, threshold, t):
    """Advance the rows of block k; returns its fastest wave in m/s."""
    a = p.block[k]
    e = p.block[k + 1] - 1
    is_last = k == p.block.size - 2
    u0, u1 = w[0], w[1]  # new u of the row above and of this row
    v0, v1, v2 = w[2], w[3], w[4]  # new v of the face rows j-2, j-1, j
    y1, y2 = w[5], w[6]  # raw q of the face rows j-1, j
    f0, f1 = w[7], w[8]  # limiter of the row above and of this row
    raw, h_old, qn = w[9], w[10], w[11]
    fast0, fast1 = w[12], w[13]
    rise_x, climb_x = w[14], w[15]
    rise0, climb0 = w[16], w[17]  # slopes along y of row j
    rise1, climb1 = w[18], w[19]  # and of row j+1
    fill_row(fast0, ZERO)
    fill_row(fast1, ZERO)
    if k > 0:
        seam = seams[k - 1]
        copy_row(seam[2], v1)
        copy_row(seam[3], y1)
        copy_row(seam[6], f0)
    else:
        fill_row(v1, ZERO)
        fill_row(y1, ZERO)
        fill_row(f0, ONE)
        y_border(s, b, a - 1, 0, v1.size, v1, y1, pace)
        row_slopes(s, p, tiles, a, rise0, climb0)
    for j in range(a, e + 2):
        if a < j < e and rests(tiles, j, p.first.size - 2):
            continue
        if j > e:
            fill_row(f1, ONE)
            if not is_last:
                copy_row(seams[k][7], f1)
        else:
            if j + 1 == e and not is_last:
                copy_row(seams[k][11], rise1)
                copy_row(seams[k][12], climb1)
            elif j < e or is_last:
                row_slopes(s, p, tiles, j + 1, rise1, climb1)
            if j == a and k > 0:
                seam = seams[k - 1]
                copy_row(seam[4], u1)
                copy_row(seam[5], raw)
                copy_row(seam[7], f1)
                copy_row(seam[8], y2)
                copy_row(seam[9], v2)
            elif j == e and not is_last:
                seam = seams[k]
                copy_row(seam[0], u1)
                copy_row(seam[1], raw)
                copy_row(seam[2], v2)
                copy_row(seam[3], y2)
                copy_row(seam[6], f1)
            else:
                raw_x(s, b, p, tiles, j, rise_x, climb_x, u1, raw, pace)
                raw_y(s, b, p, tiles, j, rise0, climb0, rise1, climb1, v2, y2, pace)
                limit(s, p, tiles, j, raw, y1, y2, f1, pace)
            limit_x(s, b, p, tiles, j, raw, f1)
        if j > a:
            limit_y(b, p, tiles, j - 1, y1, f0, f1, s.qy[j - 1])
            finish_row(s, b, m, p, tiles, j - 1, u0, v0, v1, qn, h_old, fast0, fast1, pace, record, threshold, t)
            fast0, fast1 = fast1, fast0
            qn = s.qy[j - 1]
        else:
            # the faces north of this block belong to the block above, or to the northern border
            limit_y(b, p, tiles, j - 1, y1, f0, f1, qn)
            if k == 0:
                for i in range(p.face_first[j - 1], p.face_last[j - 1]):
                    s.qy[j - 1, i] = qn[i]
                    s.v[j - 1, i] = v1[i]
        v0, v1, v2 = v1, v2, v0
        y1, y2 = y2, y1
        u0, u1 = u1, u0
        f0, f1 = f1, f0
        rise0, rise1 = rise1, rise0
        climb0, climb1 = climb1, climb0
    fastest = ZERO
    for i in range(fast0.size):
        fastest = max(fastest, fast0[i])
    return fastest


@njit(**FAST)
def read_meter(s, meter, dt, dx):
    """Add the volume that passed each metered face in this step."""
    for k in range(meter.row.size):
        j = meter.row[k]
        i = meter.col[k]
        q = s.qx[j, i] if meter.axis[k] == 0 else s.qy[j, i]
        volume = np.float64(q * meter.side[k]) * dt * dx
        meter.volume[meter.group[k], 0] += max(volume, 0.0)
        meter.volume[meter.group[k], 1] -= min(volume, 0.0)


@njit(parallel=True, **{**FAST, "_nrt": True})
def step(s, b, m, p, tiles, work, seams, fastest, pace, record, threshold, t):
    """Advance everything by pace.dt to time t; the fastest wave of each block is left in `fastest`."""
    n = p.block.size - 1
    if (n - 1) * s.h.shape[1] <= WAKE_CELLS:
        for k in range(n - 1):
            prepare_seam(s, b, p, tiles, p.block[k + 1] - 1, seams[k], pace)
    else:
        for k in prange(n - 1):
            prepare_seam(s, b, p, tiles, p.block[k + 1] - 1, seams[k], pace)
    for k in prange(n):
        fastest[k] = walk_block(s, b, m, p, tiles, k, seams, work[k], pace, record, threshold, t)
