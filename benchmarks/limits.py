"""What the machine can do at best: memory traffic and multiply-adds, measured with the same compiler.

Triad a = b + s c after McCalpin (1995), "Memory bandwidth and machine balance
in current high performance computers": two reads and one write per element,
the fetch of the line to be written not counted. Multiply-adds: a chain of 16
per element, on data that stay in the first-level cache; two operations each.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import njit, prange

CONTRACT: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy", "nogil": True}
CHAIN = 16
IN_CACHE = 2048
"""Elements of 4 bytes: 8 KiB, a quarter of the smallest first-level cache in use."""


@njit(parallel=True, **CONTRACT)
def triad(a, b, c, s):
    for i in prange(a.size):
        a[i] = b[i] + s * c[i]


@njit(**CONTRACT)
def _chain(a, b, c, repeats):
    for _ in range(repeats):
        for i in range(a.size):
            x = a[i]
            for _ in range(CHAIN):
                x = x * b + c
            a[i] = x


@njit(parallel=True, **CONTRACT)
def multiply_adds(rows, b, c, repeats):
    """One row for each thread."""
    for k in prange(rows.shape[0]):
        _chain(rows[k], b, c, repeats)


def best_seconds(work: Callable[[], object], seconds: float) -> float:
    """Shortest of the repeats that fit: others may use the machine, nobody can make it faster than it is."""
    best = float("inf")
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def measure(threads: int, *, elements: int = 32 * 2**20, seconds: float = 4.0) -> dict[str, float]:
    """Bandwidth in GB/s and float32 rate in Gflop/s (a multiply-add is two) with so many threads.

    elements: of each of the three arrays of the triad; 32 Mi are 128 MiB, four times a large cache.
    """
    one = np.float32(1.0)
    numba.set_num_threads(threads)
    a, b, c = (np.ones(elements, np.float32) for _ in range(3))
    triad(a[:8], b[:8], c[:8], one)
    moved = best_seconds(lambda: triad(a, b, c, one), seconds / 2)
    return {
        "triad_gb_s": 3 * a.nbytes / moved / 1e9,
        "fma_gflop_s": multiply_add_rate(threads, seconds=seconds / 2, repeats=max(1, elements // 4096)),
    }


def multiply_add_rate(threads: int, *, seconds: float, repeats: int = 2048) -> float:
    """Gflop/s of multiply-adds on data in the first-level cache; repeats: passes in one call."""
    numba.set_num_threads(threads)
    rows = np.ones((threads, IN_CACHE), np.float32)
    half, tenth = np.float32(0.5), np.float32(0.1)
    multiply_adds(rows, half, tenth, 1)
    computed = best_seconds(lambda: multiply_adds(rows, half, tenth, repeats), seconds)
    return 2 * CHAIN * rows.size * repeats / computed / 1e9
