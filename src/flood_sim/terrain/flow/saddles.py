"""Saddles between basins: where, and how high water must stand, to pass from one to the next."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _count(label, width):
    number = 0
    for c in range(width, label.size - width):
        here = label[c]
        if here >= 0:
            e, s = label[c + 1], label[c + width]
            number += (e >= 0 and e != here) + (s >= 0 and s != here)
    return number


@njit(cache=True, nogil=True)
def between(z, label, width):
    """Every side between cells of two basins: both cells (flat) and the higher of their heights, m."""
    number = _count(label, width)
    one, other, height = np.empty(number, np.int32), np.empty(number, np.int32), np.empty(number, np.float32)
    k = 0
    for c in range(width, label.size - width):
        here = label[c]
        if here < 0:
            continue
        for d in (c + 1, c + width):
            if label[d] >= 0 and label[d] != here:
                one[k], other[k], height[k] = c, d, max(z[c], z[d])
                k += 1
    return one, other, height


@njit(cache=True, nogil=True)
def order(height, beyond):
    """Indices that sort saddles by height, equal ones by the drop beyond: the lower of its two cells, both float32.

    Without the second, of two ways down from one crest the scan order would choose. A radix sort by 11 bits.
    """
    index, spare = np.arange(height.size).astype(np.int32), np.empty(height.size, np.int32)
    for values in (beyond, height):
        bits = values.view(np.uint32).copy()
        for i in range(bits.size):  # as unsigned numbers in the order of the heights
            bits[i] = ~bits[i] if bits[i] >> 31 else bits[i] | np.uint32(0x80000000)
        for shift in (0, 11, 22):
            starts = np.zeros(2049, np.int64)
            for i in range(bits.size):
                starts[((bits[i] >> shift) & 2047) + 1] += 1
            starts = np.cumsum(starts)
            for i in range(bits.size):
                b = (bits[index[i]] >> shift) & 2047
                spare[starts[b]] = index[i]
                starts[b] += 1
            index, spare = spare, index
    return index
