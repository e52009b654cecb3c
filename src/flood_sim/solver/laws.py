"""What acts on the water between two steps, beside the flow itself: losses of the ground, culverts, inlets, storages.

A Law is described once, frozen, as part of a Domain (`Domain.laws`); each
Simulation makes of it something `Acting`, which keeps what it has taken and
given. Before every step the acting law is asked what it may supply, so that the
step is short enough, and then acts over the length of that step.

Water is taken from depth directly, and never more than there is (`take`); what
is given enters through the source of the step, as rain does, so that it brings
no momentum (`State.source`). Each law books volumes on lines of the Ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from flood_sim.backends.layout import State
    from flood_sim.solver.domain import Domain


class Law(Protocol):
    """The description of a law: arrays on the grid of its Domain, checked when the Domain is made."""

    @property
    def name(self) -> str:
        """What it is called where it is refused or fails."""

    def check(self, domain: Domain) -> None:
        """ScenarioError for what cannot be computed on this domain."""

    def numbers(self) -> Iterable[np.ndarray]:
        """Arrays that say what the law does; part of the identity of a checkpoint."""

    def start(self, domain: Domain, state: State) -> Acting:
        """Put it into force on a state."""


class Acting(Protocol):
    """A law in force on one state.

    springs: rows and columns (padded) of the cells it may give water to; they never sleep.
    """

    springs: tuple[np.ndarray, np.ndarray]

    def supply(self, t: float) -> float:
        """Look at the state at time t (s); the largest rate (m/s) at which any cell will be given water in the next step."""

    def act(self, t: float, dt: float) -> None:
        """Take and give what the step from t to t + dt (s) brings; `Forcing` has set `source` to the rain already."""

    def booked(self) -> Mapping[str, float]:
        """Volumes since the start, m3, by the name of a line of the Ledger."""

    def memory(self) -> dict[str, np.ndarray]:
        """All that going on with the same bits needs; views."""

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        """Take back what `memory` gave."""


class Laws:
    """The laws of a domain, in force on one state, as one.

    named: each of them, in their order, by its kind and number within the kind: whatever other laws there are, as in a
    window of a domain, what a law remembers has the same name. acting: the same without names.
    """

    def __init__(self, domain: Domain, state: State) -> None:
        self.named: dict[str, Acting] = {}
        seen: Counter[str] = Counter()
        for law in domain.laws:
            kind = type(law).__name__.lower()
            self.named[f"law_{kind}{seen[kind]}"] = law.start(domain, state)
            seen[kind] += 1
        self.acting = list(self.named.values())

    def __bool__(self) -> bool:
        return bool(self.acting)

    @property
    def springs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [law.springs for law in self.acting]

    def supply(self, t: float) -> float:
        """As if the largest supplies of all laws met in one cell, m/s."""
        return sum(law.supply(t) for law in self.acting)

    def act(self, t: float, dt: float) -> None:
        for law in self.acting:
            law.act(t, dt)

    def booked(self) -> dict[str, float]:
        """Lines of the Ledger, m3; two laws may share one."""
        lines: dict[str, float] = {}
        for law in self.acting:
            for name, volume in law.booked().items():
                lines[name] = lines.get(name, 0.0) + volume
        return lines

    def memory(self) -> dict[str, np.ndarray]:
        return {f"{own}_{name}": a for own, law in self.named.items() for name, a in law.memory().items()}

    def restore(self, memory: Mapping[str, np.ndarray]) -> None:
        for own, law in self.named.items():
            begin = f"{own}_"
            law.restore({name.removeprefix(begin): a for name, a in memory.items() if name.startswith(begin)})
