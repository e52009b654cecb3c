"""Physical constants and numerical floors shared by every formula.

They are float32 scalars so that a formula keeps the precision of the arrays it
is called with: float32 with float32, float64 with float64. Values that would
suffer from float32 rounding (g times a time step) are passed in by the caller.
"""

from numpy import float32

ZERO = float32(0.0)
QUARTER = float32(0.25)
HALF = float32(0.5)
ONE = float32(1.0)
TWO = float32(2.0)
FOUR = float32(4.0)
THIRD = float32(1.0 / 3.0)
TWO_NINTHS = float32(2.0 / 9.0)

G = 9.81
"""Acceleration of gravity, m/s2, as a plain number for what is not compiled."""

GRAVITY = float32(G)
TWO_GRAVITY = float32(2.0 * G)

DEPTH_FLOOR = float32(1e-6)
"""Keeps divisions by a depth finite, m."""

DEPTH_DRY = float32(1e-5)
"""Below this upwind depth nothing flows, m: 10 micrometres, a hundredth of a rain film."""

OUTFLOW_SHARE = float32(1.0 - 1e-5)
"""Largest share of a cell's water that may leave in one step; below one so that rounding cannot go negative."""

FLUX_FLOOR = float32(1e-20)
"""Keeps the limiter's division finite when nothing leaves, m."""

SPEED_DEPTH = float32(0.02)
"""Speed of a cell is recorded only while it is at least this deep, m."""
