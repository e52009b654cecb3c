"""What makes a measure impossible, in both languages and with its place."""

from __future__ import annotations

from flood_sim.errors import ScenarioError


class MeasureError(ScenarioError):
    """A measure that cannot be: the sentences of a ScenarioError, a code, one German sentence, and where (x, y)."""

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        value: object = None,
        allowed: str | None = None,
        hint: str | None = None,
        code: str = "impossible",
        de: str = "Die Maßnahme ist so nicht möglich.",
        xy: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(what, where=where, value=value, allowed=allowed, hint=hint)
        self.code = code
        self.de = de
        self.xy = xy
