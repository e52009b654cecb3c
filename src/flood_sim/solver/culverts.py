"""Culverts, pipes and underpasses: links that carry water between two places of the ground, both ways.

Described here; `solver.culvert_flow` puts them into force, `kernels.culvert` has the hydraulics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.checks import check_cells
from flood_sim.solver.entrances import ENTRANCES, Form, Shape

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain
    from flood_sim.solver.laws import Acting

FAR = 30.0
"""m between an invert and the ground at its mouth beyond which a depth was given for a height, or another datum."""


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
    barrels: how many of them lie side by side. blocked: share of the opening that
    carries nothing, 0 to 1; what is left works as if it were alone.
    """

    id: str
    mouths: tuple[Mouth, Mouth]
    shape: Shape
    width: float
    height: float
    length: float
    manning: float
    entrance: Form = "square_edge"
    barrels: int = 1
    blocked: float = 0.0


@dataclass(frozen=True)
class Culverts:
    """All culverts of a domain as a Law. Their water counts on the ledger's line in_culverts while it is in between."""

    links: tuple[Culvert, ...]

    @property
    def name(self) -> str:
        return "culverts"

    def check(self, domain: Domain) -> None:
        """ScenarioError for a culvert that cannot be computed."""
        for link in self.links:
            _check_barrel(link)
            for mouth, end in zip(link.mouths, ("upstream", "downstream"), strict=True):
                where = f"culvert {link.id}, {end} end"
                check_cells(domain, where, mouth.rows, mouth.cols)
                ground = float(domain.ground[mouth.rows, mouth.cols].min())
                if not abs(mouth.invert_m - ground) <= FAR:
                    raise ScenarioError(
                        "the invert lies far from the ground there", where=where, value=f"{mouth.invert_m:g} m",
                        allowed=f"{ground - FAR:.2f} to {ground + FAR:.2f} m",
                        hint="Give the height of the bottom, of the same zero as the terrain, not a depth",
                    )  # fmt: skip
            one, other = ({(int(r), int(c)) for r, c in zip(m.rows, m.cols, strict=True)} for m in link.mouths)
            if one & other:
                raise ScenarioError(
                    "both ends lie in one cell, so it would carry nothing", where=f"culvert {link.id}",
                    value=domain.place(*min(one & other)), allowed=f"ends at least {domain.cell:g} m apart",
                    hint="Draw it from the inlet to the outlet, or compute on smaller cells",
                )  # fmt: skip

    def numbers(self) -> Iterable[np.ndarray]:
        for link in self.links:
            e = ENTRANCES[link.shape, link.entrance]
            constants = (e.form, e.k, e.m, e.c, e.y, e.ks, e.ke, link.shape == "box", link.barrels, link.blocked)
            yield np.array([link.width, link.height, link.length, link.manning, *constants], np.float64)
            for mouth in link.mouths:
                yield from (mouth.rows, mouth.cols, np.array([mouth.invert_m]))

    def start(self, domain: Domain, state: State) -> Acting:
        from flood_sim.solver.culvert_flow import CulvertFlow  # it needs the description

        return CulvertFlow(self, domain, state)


def _check_barrel(link: Culvert) -> None:
    where = f"culvert {link.id}"
    if (link.shape, link.entrance) not in ENTRANCES:
        known = ", ".join(form for shape, form in ENTRANCES if shape == link.shape)
        raise ScenarioError(
            f"nothing is known of this entrance of a culvert that is {link.shape}", where=where, value=link.entrance,
            allowed=known or "circular, box",
        )  # fmt: skip
    for name in ("width", "height", "length", "manning"):
        if not 0.0 < getattr(link, name) < np.inf:
            raise ScenarioError(f"{name} is out of range", where=where, value=getattr(link, name), allowed="above 0")
    if link.shape == "circular" and link.width != link.height:
        raise ScenarioError(
            "a circle is as high as wide", where=where, value=f"{link.width:g} m wide, {link.height:g} m high"
        )
    if link.barrels < 1 or not 0.0 <= link.blocked <= 1.0:
        raise ScenarioError(
            "is out of range", where=where, value=f"{link.barrels} barrels, {link.blocked:g} blocked",
            allowed="1 or more barrels, 0 to 1 blocked",
        )  # fmt: skip
