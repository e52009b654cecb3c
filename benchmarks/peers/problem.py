"""What every solver is asked, and what it answers: plain arrays, no solver's own types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import valley


@dataclass(frozen=True)
class Problem:
    """Even rain for `storm_s` seconds on ground (ny, nx), row 0 in the north; dry at first.

    Walls on three sides, open in the south, where the ground falls on at `slope`.
    """

    ground: np.ndarray
    cell: float
    manning: float
    rain_m_s: float
    slope: float
    storm_s: float

    @property
    def rain_mm_h(self) -> float:
        return self.rain_m_s * 3.6e6

    @property
    def rain_m3(self) -> float:
        """All rain that falls."""
        return self.rain_m_s * self.storm_s * self.ground.size * self.cell**2

    def save(self, path: Path) -> None:
        np.savez(path, **asdict(self))

    @classmethod
    def load(cls, path: Path) -> Problem:
        with np.load(path) as found:
            return cls(ground=found["ground"], **{k: float(found[k]) for k in found.files if k != "ground"})


def steep_valley(size: int, storm_s: float) -> Problem:
    """The valley with a town on its floor under 90 mm/h."""
    return Problem(valley.town(size), valley.CELL_M, valley.MANNING, valley.RAIN_M_S, valley.TOWN_FALL, storm_s)


class Prepared(NamedTuple):
    """A solver ready to run: everything that is not the time loop has been done.

    advance(t) computes until t seconds; steps() counts since the start; depth()
    gives (ny, nx) in m, row 0 in the north. cells: what a step updates, which
    are triangles in ANUGA.
    """

    advance: Callable[[float], None]
    steps: Callable[[], int]
    depth: Callable[[], np.ndarray]
    cells: int
    settings: dict[str, Any]
    recorded: str = "nothing"
