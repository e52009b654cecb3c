"""What lies on the card while a flow is computed there.

All arrays as in `backends.layout`, with three differences. A cell that takes no
water, ghosts included, has depth NO_WATER instead of a high ground, so that a
kernel knows it from its depth alone. h, u and v exist twice: `turn` says which
copy is the present, the other receives the next step; the turn is on the card
too, because only the card knows when a step was one too many. qx, qy are the
limited discharges of the last step, raw_x, raw_y the unlimited ones of this.
"""

from __future__ import annotations

from typing import Any, NamedTuple

NO_WATER = -1.0
MARGIN = 1
"""Rows of ghosts more than usual, north and south: a kernel may look at the neighbours of a ghost."""

# Places in the clock, an array of float64 on the card.
T = 0  # present time, s
END = 1  # steps are made until then
BEGIN = 2  # between these two times everything that forces the flow is linear in time
UNTIL = 3
DT = 4  # the step to be made, s; 0: nothing to do
LAST = 5  # 1 if that step ends at END
STEPS = 6  # made since the start
FASTEST = 7  # fastest wave after the last step, m/s
SHORTEST = 8  # shortest step since the start, s
RAINED_S = 9  # sum of the steps since the last `begin`, s
POURED_M3 = 10  # volume that area inflows gave since then, m3
DT_BEFORE = 11  # the last step, s; 0 before the first
SUPPLY = 12  # largest rain on a cell, m/s
REACH = 13  # Courant number times cell, m
MAX_STEP = 14  # s
CELL = 15  # m
SHARE = 16  # where between BEGIN and UNTIL the middle of the step lies, 0..1
ABSURD = 17  # a wave this fast is lost, m/s
CLOCK = 18

# Places in the flags, an array of int32 on the card.
TURN = 0
LOST = 1  # 1 once a value was not finite or absurd
FLAGS = 2

# Places in the pace, an array of float32 on the card: backends.layout.Pace, then the time after the step.
AFTER = 6
PACE = 7


class Water(NamedTuple):
    """Flat: cell (row, col) of (ny+2, nx+2) stands at (row + MARGIN) (nx+2) + col; h, u, v twice as long; float32."""

    h: Any
    u: Any
    v: Any
    residual: Any
    qx: Any
    qy: Any
    raw_x: Any
    raw_y: Any
    z: Any
    gn2: Any
    source: Any


class OpenFaces(NamedTuple):
    """The faces of the border, one entry each, by position in the flat arrays.

    cell: the one inside, inner: its opposite face. value (faces, 2): at BEGIN
    and UNTIL, linear between.
    """

    axis: Any
    face: Any
    cell: Any
    inner: Any
    side: Any
    kind: Any
    value: Any


class Metered(NamedTuple):
    """Faces whose discharge is summed; volume (faces, 2): forward and backward, m3, float64."""

    axis: Any
    face: Any
    side: Any
    volume: Any


class Timing(NamedTuple):
    """clock (CLOCK,) float64, flags (FLAGS,) int32, pace (PACE,) float32, fastest (blocks,) float32."""

    clock: Any
    flags: Any
    pace: Any
    fastest: Any


class Poured(NamedTuple):
    """Cells of area inflows, each once; source (cells, 2), m/s, at BEGIN and UNTIL."""

    cell: Any
    source: Any


class Supply(NamedTuple):
    """What the time step must foresee, at BEGIN and UNTIL, linear between.

    rate (inflows, 2): depth that each area inflow adds to its cells, m/s;
    volume (1, 2): what all area inflows give together, m3/s; entering (parts, 2):
    discharge per metre through each border with a given one, m2/s.
    """

    rate: Any
    volume: Any
    entering: Any
