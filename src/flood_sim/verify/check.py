"""What a check says: figures, limits, and the test that explains them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Figures of one case and the largest (or, for names in `at_least`, least) values allowed."""

    figures: dict[str, float]
    limits: dict[str, float]
    test: str
    at_least: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        def met(name: str, limit: float) -> bool:
            value = self.figures[name]
            return value >= limit if name in self.at_least else value <= limit

        return all(met(name, limit) for name, limit in self.limits.items())


Checks = dict[str, Callable[[], Check]]
"""Name of a case to the function that computes it."""
