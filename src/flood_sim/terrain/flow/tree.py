"""The tree of sinks: which merge, how high, and where each runs over when it is full.

Leaves are the pits. Two sinks that meet at a saddle are the children of one
that stands above both; a sink that meets water already joined to the outside is
a top of the tree. The saddles used are a least spanning tree of the basins
(Kruskal 1956), which also gives the level to which each basin fills.

Sources: Barnes, Callaghan and Wickert 2020, doi:10.5194/esurf-8-431-2020 (hierarchy);
Cordonnier, Bovy and Braun 2019, doi:10.5194/esurf-7-549-2019 (basins, spanning tree).
"""

from __future__ import annotations

import numpy as np
from numba import njit

NOWHERE, OUTSIDE = -2, -1
"""Instead of the cell beyond a saddle: there is none (closed model), and beyond lies the outside."""


@njit(cache=True, nogil=True)
def _find(up, k):
    while up[k] != k:
        up[k] = up[up[k]]
        k = up[k]
    return k


@njit(cache=True, nogil=True)
def grow(leaves, label, one, other, height, ranked):
    """Merge basins 1 to `leaves` and the outside, 0, at saddles from the lowest to the highest.

    one, other (flat cells, other -1 for the outside), height, ranked: the saddles and their order. Returns for every
    node (0 the outside, then leaves, then merged ones, each later than its children): parent (0 for tops), left, right
    (0 for leaves), spill (m, inf where a closed model has no way out), near and far (cells of the saddle where it runs
    over), then tops in the order in which they were joined, and the indices of the saddles that joined anything.
    """
    size = 2 * leaves + 1
    parent, left, right = np.zeros(size, np.int32), np.zeros(size, np.int32), np.zeros(size, np.int32)
    spill = np.full(size, np.inf)
    near, far = np.full(size, NOWHERE, np.int32), np.full(size, NOWHERE, np.int32)
    up, top = np.arange(leaves + 1), np.arange(leaves + 1)
    tops, used = np.empty(leaves, np.int32), np.empty(leaves, np.int32)
    node, joined, taken = leaves + 1, 0, 0
    for i in ranked:
        a, b = one[i], other[i]
        ra, rb = _find(up, label[a]), _find(up, label[b] if b >= 0 else 0)
        if ra == rb:
            continue
        used[taken] = i
        taken += 1
        outside = _find(up, 0)
        if ra == outside:
            a, b, ra, rb = b, a, rb, ra
        va, vb = top[ra], top[rb]
        spill[va], near[va], far[va] = height[i], a, b
        up[ra] = rb
        if rb == outside:
            tops[joined] = va
            joined += 1
        else:
            spill[vb], near[vb], far[vb] = height[i], b, a
            left[node], right[node] = va, vb
            parent[va] = parent[vb] = node
            top[rb] = node
            node += 1
    for v in range(1, node):
        if parent[v] == 0 and far[v] == NOWHERE:
            tops[joined] = v
            joined += 1
    return (
        parent[:node].copy(), left[:node].copy(), right[:node].copy(), spill[:node].copy(), near[:node].copy(),
        far[:node].copy(), tops[:joined].copy(), used[:taken].copy(),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def way_out(leaves, seeds, label, one, other, used):
    """From every basin the saddle on its way out: its near and far cell for each leaf, index 0 unused.

    used: the saddles of the spanning tree. seeds: all leaves, in the order in which they serve as the end of a closed
    model (lowest pit first); such an end has no saddle (near NOWHERE).
    """
    start = np.zeros(leaves + 2, np.int64)
    for i in used:
        start[label[one[i]] + 1] += 1
        start[(label[other[i]] if other[i] >= 0 else 0) + 1] += 1
    start = np.cumsum(start)
    at, edge = start[:-1].copy(), np.empty(2 * used.size, np.int32)
    for i in used:
        a, b = label[one[i]], label[other[i]] if other[i] >= 0 else 0
        edge[at[a]], edge[at[b]] = i, i
        at[a] += 1
        at[b] += 1
    near, far = np.full(leaves + 1, NOWHERE, np.int32), np.full(leaves + 1, NOWHERE, np.int32)
    seen = np.zeros(leaves + 1, np.bool_)
    queue = np.empty(leaves + 1, np.int32)
    for s in range(-1, leaves):
        root = 0 if s < 0 else seeds[s]
        if seen[root]:
            continue
        seen[root] = True
        queue[0] = root
        head, tail = 0, 1
        while head < tail:
            basin = queue[head]
            head += 1
            for e in range(start[basin], start[basin + 1]):
                i = edge[e]
                a, b = one[i], other[i]
                inside, beyond = (b, a) if label[a] == basin else (a, b)
                if inside < 0 or seen[label[inside]]:
                    continue
                new = label[inside]
                seen[new] = True
                near[new], far[new] = inside, beyond
                queue[tail] = new
                tail += 1
    return near, far


@njit(cache=True, nogil=True)
def crests(leaves, parent, spill):
    """The highest level (m) that each leaf's water can reach: the spill of its top.

    Where a closed model has no way out, that of the last sink below its top; -inf for a leaf that is a top itself.
    """
    crest = np.empty(parent.size)
    crest[0] = -np.inf
    for v in range(parent.size - 1, 0, -1):
        above = crest[parent[v]]
        own = spill[v] if spill[v] < np.inf else -np.inf
        crest[v] = above if above > -np.inf else own
    return crest[: leaves + 1].copy()


@njit(cache=True, nogil=True)
def _jumps(parent):
    """For every node an ancestor further up (Myers 1983), so that a search up the tree takes logarithmic time."""
    depth, jump = np.zeros(parent.size, np.int32), np.zeros(parent.size, np.int32)
    for v in range(parent.size - 1, 0, -1):
        p = parent[v]
        depth[v] = depth[p] + 1
        j = jump[p]
        jump[v] = jump[j] if depth[p] - depth[j] == depth[j] - depth[jump[j]] else p
    return jump


@njit(cache=True, nogil=True)
def smallest_sink(v, height, parent, jump, spill):
    """The lowest node above leaf v whose water can stand higher than `height`; 0 if none can."""
    while v > 0 and spill[v] <= height:
        j = jump[v]
        v = j if j > 0 and spill[j] <= height else parent[v]
    return v


@njit(cache=True, nogil=True)
def capacities(z, label, crest, parent, spill, area):
    """Cells that each node can put under water, and the volume (m3) it holds when full; inf where it has no way out."""
    jump = _jumps(parent)
    cells, total = np.zeros(parent.size, np.int64), np.zeros(parent.size)
    for c in range(z.size):
        leaf = label[c]
        if leaf > 0 and z[c] < crest[leaf]:
            v = smallest_sink(leaf, z[c], parent, jump, spill)
            cells[v] += 1
            total[v] += z[c]
    for v in range(1, parent.size):
        if parent[v] > 0:
            cells[parent[v]] += cells[v]
            total[parent[v]] += total[v]
    volume = np.empty(parent.size)
    volume[0] = np.inf
    for v in range(1, parent.size):
        volume[v] = area * (spill[v] * cells[v] - total[v]) if spill[v] < np.inf else np.inf
    return cells, volume
