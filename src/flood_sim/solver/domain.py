"""What a simulation runs on: everything that build makes from a scenario, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flood_sim.solver.border import Part, border_faces
from flood_sim.solver.checks import check_domain, check_mask
from flood_sim.solver.laws import Law
from flood_sim.solver.rain_field import RainOnGrid
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.sills import Sills

TO_DERIVE = np.empty(0)
"""Stands for an array that follows from the others."""


def _to_derive() -> np.ndarray:
    return TO_DERIVE


@dataclass(frozen=True)
class AreaInflow:
    """Discharge (m3/s over s) spread evenly over a list of active cells."""

    name: str
    rows: np.ndarray
    cols: np.ndarray
    discharge: Linear


class ByClass:
    """An array (ny, nx) of few different values, one byte a cell: values[index]."""

    def __init__(self, index: np.ndarray, values: np.ndarray) -> None:
        self._index, self._values = index, values

    @property
    def shape(self) -> tuple[int, ...]:
        return self._index.shape

    def cut(self, part: Any) -> ByClass:
        """The part of it, as small."""
        return ByClass(self._index[part], self._values)

    def __getitem__(self, part: Any) -> np.ndarray:
        return np.asarray(self._values[self._index[part]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self._values.dtype)


@dataclass(frozen=True)
class Domain:
    """Arrays (ny, nx), row 0 in the north; SI units. ScenarioError for what cannot be computed.

    active: cells that take water. outside: cells beyond the model; a cell that
    is neither is a wall (a blocked building). rain_weight: 1 on open ground,
    more beside a building whose roof sheds its rain there, 0 elsewhere. bare:
    share of each cell, 0 to 1 or a mask, that is ground under no roof; its
    rain is booked as rain, the rest of rain_weight as roof water; None for the active cells. owner: for each face
    of `border_faces(active, outside)` the index of its part, -1 for a wall.
    manning may be 0, without friction, as exact solutions need it; a Scenario
    may not say so. laws: what acts beside the flow, in this order. sills: walls
    narrower than a cell, on faces. place names a cell to a person. Real arrays may be float32
    or float64; what follows from them is computed in float64. A mask does as
    rain_weight.
    """

    ground: np.ndarray
    active: np.ndarray
    cell: float
    manning: np.ndarray | ByClass
    outside: np.ndarray = field(default_factory=_to_derive)
    rain_weight: np.ndarray = field(default_factory=_to_derive)
    bare: np.ndarray | None = None
    depth: np.ndarray | None = None
    rain: Steps | RainOnGrid = field(default_factory=Steps)
    parts: tuple[Part, ...] = ()
    owner: np.ndarray = field(default_factory=_to_derive)
    inflows: tuple[AreaInflow, ...] = ()
    laws: tuple[Law, ...] = ()
    sills: Sills | None = None
    place: Callable[[int, int], str] = lambda row, col: f"row {row}, column {col}"

    def __post_init__(self) -> None:
        check_mask(self.active)
        if self.outside is TO_DERIVE:
            object.__setattr__(self, "outside", ~self.active)
        if self.rain_weight is TO_DERIVE:
            object.__setattr__(self, "rain_weight", self.active)
        if self.owner is TO_DERIVE:
            count = border_faces(self.active, self.outside).size if self.parts else 0
            object.__setattr__(self, "owner", np.zeros(count, np.int64))
        check_domain(self)

    @property
    def datum(self) -> float:
        """Height of the lowest active cell, m; the solver works with heights above it."""
        return float(self.ground.min(where=self.active, initial=np.inf))

    @property
    def under_the_sky(self) -> np.ndarray:
        """Share of each cell whose rain is booked as rain, (ny, nx)."""
        return self.active if self.bare is None else self.bare

    @property
    def cells(self) -> int:
        return int(self.active.sum())
