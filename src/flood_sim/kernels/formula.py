"""How a formula of one cell or face is compiled, and the loops that call it.

A sum is never reassociated: the residual of a compensated depth would cancel to
zero, and with it the rain that falls on deep water (measured: all of a drizzle).
A division or root is never approximated: compilers do so in the vector part of a
loop only, and a cell's last bits would depend on where in its row it stands. So
the answer is the same bit by bit for any vector width. Neither costs time here.
"""

from numba import njit

FLAGS = {"fastmath": {"nnan", "ninf", "nsz", "contract"}, "error_model": "numpy", "nogil": True}
"""No NaN, infinity or signed zero is looked for; a product and a sum may be fused."""


def formula(function):
    """Compile as part of whatever calls it."""
    return njit(**FLAGS, forceinline=True)(function)
