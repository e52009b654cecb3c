"""Fill, spill, merge: how much of a storm's water each sink keeps, and how much runs over where.

A sink keeps water up to its volume; what is more runs over its saddle to the
pit beyond; when both sides of a saddle are full they stand as one and fill the
sink above them. Where the water of the sinks ends up does not depend on the
order; each step of it is taken once (Barnes, Callaghan and Wickert 2021,
doi:10.5194/esurf-9-105-2021; here with a disjoint-set forest in place of their
recursion).
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def inflows(basin, leaves, excess, weight, width):
    """Volume that runs to each pit, m3, and straight out of the model, [0]; from the excess (ny, nx) x weight.

    excess: m of water on each cell, or one value as (1, 1); weight: m2 of a cell. Beside it the least excess.
    """
    total, least = np.zeros(leaves + 1), np.inf
    rows, cols = basin.size // width - 2, width - 2
    same = excess.size == 1
    for r in range(rows):
        for k in range(cols):
            leaf = basin[(r + 1) * width + k + 1]
            if leaf >= 0:
                x = np.float64(excess[0, 0] if same else excess[r, k])
                total[leaf] += x * weight
                least = min(least, x)
    return total, least


@njit(cache=True, nogil=True)
def _find(jump, v):
    while jump[v] != v:
        jump[v] = jump[jump[v]]
        v = jump[v]
    return v


@njit(cache=True, nogil=True)
def _run_over(v, parent, left, right, full, target, to, jump):
    """Say where the water of a full sink goes: over its saddle, or into the sink above if that side is full too."""
    p = parent[v]
    sibling = left[p] + right[p] - v if p > 0 else 0
    to[v] = p if p > 0 and full[sibling] else target[v]
    jump[v] = to[v]


@njit(cache=True, nogil=True)
def _pour(leaf, water, stop, parent, left, right, own, held, full, target, to, jump, extra):
    """Pour water (m3) into a leaf; what the tree under `stop` cannot keep is added to its extra. Returns what leaves."""
    while water > 0.0:
        v = _find(jump, leaf)
        if v == 0:
            return water
        if full[v]:
            extra[v] += water
            return 0.0
        room = own[v] - held[v]
        if water < room:
            held[v] += water
            return 0.0
        water -= room
        held[v] = own[v]
        full[v] = True
        if v == stop:
            extra[v] += water
            return 0.0
        _run_over(v, parent, left, right, full, target, to, jump)
    return 0.0


@njit(cache=True, nogil=True)
def settle(water, parent, left, right, volume, target, tops):
    """Let the water of every leaf (m3, [0] leaves at once) find its place.

    target: for each node the leaf beyond its saddle, 0 for the outside. Returns for each node: own room used (m3, a
    merged sink's above its parts), whether it is full, the volume that ran over its saddle (m3); and the volume
    that left the model.
    """
    size, leaves = parent.size, water.size - 1
    own, held, extra, full = np.empty(size), np.zeros(size), np.zeros(size), np.zeros(size, np.bool_)
    own[0] = np.inf
    for v in range(1, size):
        own[v] = max(volume[v] - (volume[left[v]] + volume[right[v]]), 0.0) if v > leaves else volume[v]
    to, jump = np.arange(size), np.arange(size)
    for v in range(1, size):
        inside = water[v] if v <= leaves else 0.0
        if v > leaves:
            a, b = left[v], right[v]
            for one, other in ((a, b), (b, a)):
                if full[one] and not full[other]:
                    to[one] = jump[one] = target[one]
                    x, extra[one] = extra[one], 0.0
                    _pour(target[one], x, other, parent, left, right, own, held, full, target, to, jump, extra)
                    if full[other]:
                        break
            if not (full[a] and full[b]):
                continue
            for one in (a, b):
                if to[one] == one:
                    to[one] = jump[one] = v
            inside = extra[a] + extra[b]
        held[v] = min(inside, own[v])
        full[v] = inside >= own[v]
        extra[v] = inside - held[v]
    left_model = water[0]
    for i in range(tops.size - 1, -1, -1):
        v = tops[i]
        if full[v]:
            to[v] = jump[v] = target[v]
            left_model += _pour(target[v], extra[v], 0, parent, left, right, own, held, full, target, to, jump, extra)
    return held, full, _over(water, held, full, parent, to), left_model


@njit(cache=True, nogil=True)
def _over(water, held, full, parent, to):
    """Volume that ran over each saddle: what came in less what stayed, summed along the ways the water took."""
    size = parent.size
    came, waiting = np.zeros(size), np.zeros(size, np.int32)
    for v in range(1, size):
        came[v] = water[v] if v < water.size else 0.0
        if to[v] != v:
            waiting[to[v]] += 1
    over, stack = np.zeros(size), np.empty(size, np.int64)
    top = 0
    for v in range(1, size):
        if waiting[v] == 0:
            stack[top] = v
            top += 1
    while top > 0:
        top -= 1
        v = stack[top]
        if to[v] == v:
            continue
        gone = max(came[v] - held[v], 0.0)
        if to[v] != parent[v] or parent[v] == 0:
            over[v] = gone
        came[to[v]] += gone
        waiting[to[v]] -= 1
        if waiting[to[v]] == 0 and to[v] > 0:
            stack[top] = to[v]
            top += 1
    return over


@njit(cache=True, nogil=True)
def lakes(parent, left, right, held, full, leaves):
    """For each node the sink whose level its water shares, and for each such sink the volume in it (m3)."""
    size = parent.size
    lake, total = np.arange(size).astype(np.int32), held.copy()
    for v in range(leaves + 1, size):
        if full[left[v]] and full[right[v]]:
            total[v] += total[left[v]] + total[right[v]]
    for v in range(size - 1, 0, -1):
        p = parent[v]
        if p > 0 and full[left[p]] and full[right[p]]:
            lake[v] = lake[p]
    return lake, total
