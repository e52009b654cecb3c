"""Points that take water from the ground or bring it up: inlets, storages, manholes.

Skeleton: the descriptions that build makes; the laws themselves follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Inlets:
    """Law: inlets that swallow by depth.

    rows, cols: int64 (n,), one entry a point; several may lie in one cell.
    depths (m, beginning with 0) and rates (m3/s of one inlet): linear between, constant above.
    open_share: 1 less the blocked share.
    """

    rows: np.ndarray
    cols: np.ndarray
    depths: np.ndarray
    rates: np.ndarray
    open_share: float = 1.0
    name: str = "inlets"


@dataclass(frozen=True)
class Storage:
    """Takes water from its cells at up to `rate` (m3/s, all cells together) until it holds `volume` (m3)."""

    id: str
    rows: np.ndarray
    cols: np.ndarray
    volume: float
    rate: float


@dataclass(frozen=True)
class Storages:
    """Law: storages, each with its own cells."""

    storages: tuple[Storage, ...]
    name: str = "storages"


@dataclass(frozen=True)
class Manholes:
    """Law: water that comes up at n points.

    rows, cols: int64 (n,). times: s (m,), rising. discharge: m3/s (m, n), linear between times, zero before the
    first and after the last.
    """

    rows: np.ndarray
    cols: np.ndarray
    times: np.ndarray
    discharge: np.ndarray
    name: str = "manholes"
