"""The clock on the card: what the last step did, and how long the next one is.

One block after each step. The host reads the clock now and then; steps that it
ordered beyond the end find a time step of zero and do nothing.
"""

from numba import cuda, float32

from flood_sim.backends.cuda.formulas import device, entering_step, kernel, steps_to, supply_step, wave_step
from flood_sim.backends.cuda.layout import (
    ABSURD,
    AFTER,
    BEGIN,
    CELL,
    DT,
    DT_BEFORE,
    END,
    FASTEST,
    LAST,
    LOST,
    MAX_STEP,
    POURED_M3,
    RAINED_S,
    REACH,
    SHARE,
    SHORTEST,
    STEPS,
    SUPPLY,
    TURN,
    UNTIL,
    T,
)
from flood_sim.backends.cuda.step import between, block_maximum
from flood_sim.kernels.constants import ZERO, G


@device
def share_at(c, a, b):
    """Where between BEGIN and UNTIL the middle between a and b lies, 0..1."""
    return (0.5 * (a + b) - c[BEGIN]) / (c[UNTIL] - c[BEGIN])


@device
def longest_step(c, supply):
    """The Courant limit for the waves there are, and for those that the supply may raise."""
    reach = c[REACH]
    dt = min(c[MAX_STEP], wave_step(reach, c[FASTEST]))
    share = share_at(c, c[T], min(c[T] + dt, c[END]))
    rate = c[SUPPLY]
    for k in range(supply.rate.shape[0]):
        rate += between(supply.rate, k, share)
    if rate > 0.0:
        dt = min(dt, supply_step(reach, rate))
    entering = 0.0
    for k in range(supply.entering.shape[0]):
        entering = max(entering, between(supply.entering, k, share))
    if entering > 0.0:
        dt = min(dt, entering_step(reach, entering))
    return dt


@device
def book(time, supply):
    """What the step that was just made leaves in the clock."""
    c = time.clock
    dt = c[DT]
    c[STEPS] += 1.0
    c[SHORTEST] = min(c[SHORTEST], dt)
    c[RAINED_S] += dt
    c[POURED_M3] += between(supply.volume, 0, c[SHARE]) * dt
    c[T] = c[END] if c[LAST] == 1.0 else c[T] + dt
    c[DT_BEFORE] = dt
    time.flags[TURN] = 1 - time.flags[TURN]
    if not c[FASTEST] < c[ABSURD]:
        time.flags[LOST] = 1


@device
def plan(time, supply):
    """The next step: how long, and as the formulas need it."""
    c = time.clock
    p = time.pace
    c[DT] = 0.0
    if time.flags[LOST] == 1 or not c[T] < c[END]:
        return
    remaining = c[END] - c[T]
    count = steps_to(remaining, longest_step(c, supply))
    # the float32 time step of the formulas is the one that is booked
    dt = float(float32(remaining / count))
    before = c[DT_BEFORE] if c[DT_BEFORE] > 0.0 else dt
    c[LAST] = 1.0 if count == 1.0 else 0.0
    c[SHARE] = share_at(c, c[T], c[T] + dt)
    dx = c[CELL]
    p[0] = float32(dx)
    p[1] = float32(dt)
    p[2] = float32(G * dt / dx)
    p[3] = float32(dt / dx)
    p[4] = float32(before)
    p[5] = float32(before / dx)
    p[AFTER] = float32(c[T] + dt)
    c[DT] = dt


@kernel
def turn_clock(time, supply):
    """Book the step that was made, if one was, and plan the next."""
    line = cuda.threadIdx.x
    made = time.clock[DT] > 0.0
    cuda.syncthreads()  # all have looked before thread 0 plans the next
    if made:
        fastest = ZERO
        for k in range(line, time.fastest.size, cuda.blockDim.x):
            fastest = max(fastest, time.fastest[k])
        shared = cuda.shared.array(0, float32)  # of the size that the launch says
        block_maximum(shared, line, fastest)
        if line == 0:
            time.clock[FASTEST] = shared[0]
            book(time, supply)
    if line == 0:
        plan(time, supply)


@kernel
def begin(time, end, since, until, rain):
    """Go on to `end`; rain: largest supply of a cell by rain, m/s."""
    c = time.clock
    c[END] = end
    c[BEGIN] = since
    c[UNTIL] = until
    c[SUPPLY] = rain
    c[RAINED_S] = 0.0
    c[POURED_M3] = 0.0


@kernel
def pour(time, poured, source):
    """Source of the cells of area inflows in the coming step, m/s."""
    k = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    if k < poured.cell.size and time.clock[DT] > 0.0:
        source[poured.cell[k]] = float32(between(poured.source, k, time.clock[SHARE]))
