"""Culverts, pipes and underpasses: links that carry water between two places of the ground, both ways.

Skeleton: the descriptions that build makes; the law itself follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Entrance = Literal["square_edge", "headwall", "projecting", "mitred"]


@dataclass(frozen=True)
class Mouth:
    """One end of a culvert: active cells (rows, cols, int64) and the height of its bottom there, m as the ground."""

    rows: np.ndarray
    cols: np.ndarray
    invert_m: float


@dataclass(frozen=True)
class Culvert:
    """A link between two mouths; SI.

    height: of a box; of a circle the same as width (its diameter). length: of the barrel. manning: n.
    barrels: how many of them lie side by side. blocked: share of the opening that is blocked, 0 to 1.
    """

    id: str
    mouths: tuple[Mouth, Mouth]
    shape: Literal["circular", "box"]
    width: float
    height: float
    length: float
    manning: float
    entrance: Entrance = "square_edge"
    barrels: int = 1
    blocked: float = 0.0


@dataclass(frozen=True)
class Culverts:
    """Law: all culverts of a domain."""

    links: tuple[Culvert, ...]
    name: str = "culverts"
