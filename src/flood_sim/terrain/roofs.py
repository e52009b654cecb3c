"""Where the rain on roofs goes: evenly to the open cells around each footprint, none of it lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from flood_sim.errors import TerrainError

_AROUND = tuple((dr, dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if (dr, dc) != (0, 0))


class RoofRain(NamedTuple):
    """Where the rain goes when roofs shed it onto the ground around.

    `weight`: float64 (rows, cols), rain of a cell = weight x rain depth: 1 on
    open ground, more in the ring of a building, 0 in blocked or inactive cells.
    `roof_share`: the part of all rain that fell on roofs, 0 to 1.
    """

    weight: np.ndarray
    roof_share: float


def roof_weights(labels: np.ndarray, open_mask: np.ndarray) -> RoofRain:
    """Rain on a roof goes evenly to the open cells around that footprint.

    labels: int (rows, cols), 0 = no building, k = footprint k; must be 0 outside
    the model, so that every cell with a label that is not open is a roof.
    open_mask: bool (rows, cols), true where rain reaches the ground.

    The ring of a footprint are the open cells that touch it over a side or a
    corner. Touching footprints that have no ring of their own (the inside of a
    closed block) act as one and use the rings of the footprints they touch; where
    there is none either, each roof cell sheds to its nearest open cell. The
    weights sum to the number of open and roof cells.
    """
    roofs = Roofs(labels, open_mask)
    weight = open_mask.astype(np.float64)
    if roofs.cells == 0:
        return RoofRain(weight, 0.0)
    roofs.shed(weight, np.ones(roofs.area.size, bool))
    return RoofRain(weight, roofs.cells / (roofs.cells + int(np.count_nonzero(open_mask))))


class Roofs:
    """The rings of all footprints (see `roof_weights`), to shed the rain of some or of all of them.

    area: roof cells of each footprint by label, (labels,). cells: of all together.
    """

    def __init__(self, labels: np.ndarray, open_mask: np.ndarray) -> None:
        self._labels, self._open = labels, open_mask
        self._roof = (labels > 0) & ~open_mask
        self.area = np.bincount(labels[self._roof])
        self.cells = int(self.area.sum())
        if self.cells == 0:
            return
        if not open_mask.any():
            raise TerrainError("buildings cover the whole terrain; no open cell is left", hint="Use buildings: raised")
        self._ring, touching = _contacts(np.where(self._roof, labels, 0), open_mask)
        has_ring = np.zeros(self.area.size, dtype=bool)
        has_ring[self._ring[:, 0]] = True
        self._inner = np.flatnonzero((self.area > 0) & ~has_ring)
        if self._inner.size:
            self._group = _groups(self._inner, touching, self.area.size)
            self._borrowed = _borrowed_rings(self._group, touching, self._ring, has_ring)

    def shed(self, weight: np.ndarray, which: np.ndarray) -> None:
        """Add the rain of the footprints of `which` (bool by label) to `weight`, float64 (rows, cols), in place."""
        if self.cells == 0:
            return
        area = np.where(which, self.area, 0)
        _shed(weight, self._ring, area)
        if self._inner.size:
            self._shed_inner(weight, which, area)

    def _shed_inner(self, weight: np.ndarray, which: np.ndarray, area: np.ndarray) -> None:
        group = self._group
        group_area = np.bincount(group[self._inner], weights=area[self._inner])
        _shed(weight, self._borrowed, group_area)
        served = np.zeros(group_area.size, dtype=bool)
        served[self._borrowed[:, 0]] = True
        stranded = np.zeros(area.size, dtype=bool)
        stranded[self._inner] = ~served[group[self._inner]]
        stranded &= which
        _shed_to_nearest(weight, self._roof & stranded[self._labels * self._roof], self._open)

    def distinct(self, values: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
        """Each value that footprints with a roof carry, with the labels (bool) that carry it; NaN carries nothing.

        values: float (labels,), one of each label.
        """
        for value in np.unique(values[(self.area > 0) & np.isfinite(values)]):
            yield float(value), (values == value) & (self.area > 0)


def _contacts(own: np.ndarray, open_mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unique pairs (footprint, flat index of an open cell beside it) and (footprint, footprint beside it).

    own: footprint of each roof cell, 0 elsewhere.
    """
    rows, cols = own.shape
    number = int(own.max()) + 1
    r, c = np.nonzero(_border(own))
    k = own[r, c].astype(np.int64)
    to_open, to_roof = [], []
    for dr, dc in _AROUND:
        inside = (r + dr >= 0) & (r + dr < rows) & (c + dc >= 0) & (c + dc < cols)
        here, at = k[inside], (r[inside] + dr) * cols + c[inside] + dc
        is_open = open_mask.ravel()[at]
        to_open.append(here[is_open] * own.size + at[is_open])
        other = own.ravel()[at]
        meets = (other > 0) & (other != here)
        to_roof.append(here[meets] * number + other[meets])
    ring, touch = np.unique(np.concatenate(to_open)), np.unique(np.concatenate(to_roof))
    return np.column_stack(np.divmod(ring, own.size)), np.column_stack(np.divmod(touch, number))


def _border(own: np.ndarray) -> np.ndarray:
    """Roof cells with a neighbour that is not of the same footprint; only these touch anything."""
    border = np.zeros(own.shape, dtype=bool)
    whole, first, last = slice(None), slice(None, -1), slice(1, None)
    for one, other in (
        ((whole, first), (whole, last)),
        ((first, whole), (last, whole)),
        ((first, first), (last, last)),
        ((first, last), (last, first)),
    ):
        differ = own[one] != own[other]
        border[one] |= differ
        border[other] |= differ
    return border & (own > 0)


def _shed(weight: np.ndarray, pairs: np.ndarray, area: np.ndarray) -> None:
    """Spread the `area` (cells) of each footprint evenly over its cells in `pairs`."""
    if not len(pairs):
        return
    size = np.bincount(pairs[:, 0], minlength=area.size)
    share = area[pairs[:, 0]] / size[pairs[:, 0]]
    weight += np.bincount(pairs[:, 1], weights=share, minlength=weight.size).reshape(weight.shape)


def _groups(inner: np.ndarray, touching: np.ndarray, number: int) -> np.ndarray:
    """Number of the group (from 0) of each ringless footprint that touch one another; -1 for all others."""
    is_inner = np.zeros(number, dtype=bool)
    is_inner[inner] = True
    both = touching[is_inner[touching].all(axis=1)] if len(touching) else touching.reshape(0, 2)
    graph = coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(number, number))
    _, part = connected_components(graph, directed=False)
    group = np.full(number, -1)
    group[inner] = np.unique(part[inner], return_inverse=True)[1]
    return group


def _borrowed_rings(group: np.ndarray, touching: np.ndarray, ring: np.ndarray, has_ring: np.ndarray) -> np.ndarray:
    """Unique pairs (group, flat index of an open cell in the ring of a footprint that the group touches)."""
    links = touching[(group[touching[:, 0]] >= 0) & has_ring[touching[:, 1]]]
    pairs = [
        np.column_stack((np.full(high - low, g), ring[low:high, 1]))
        for g, low, high in zip(
            group[links[:, 0]],
            np.searchsorted(ring[:, 0], links[:, 1], "left"),
            np.searchsorted(ring[:, 0], links[:, 1], "right"),
            strict=True,
        )
    ]
    return np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), dtype=np.int64)


def _shed_to_nearest(weight: np.ndarray, stranded: np.ndarray, open_mask: np.ndarray) -> None:
    """Each stranded roof cell gives its rain to the open cell nearest to it."""
    if not stranded.any():
        return
    nearest = ndimage.distance_transform_edt(~open_mask, return_distances=False, return_indices=True)
    np.add.at(weight, (nearest[0][stranded], nearest[1][stranded]), 1.0)
