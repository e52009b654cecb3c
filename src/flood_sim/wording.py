"""Words and numbers of sentences for people that several parts of the house write."""

from __future__ import annotations

import math


def counted(number: int, one: str, many: str) -> str:
    """1 building, 2 buildings."""
    return f"{number} {one if number == 1 else many}"


def hectares_de(area: float) -> str:
    return hectares_en(area).replace("less than", "weniger als").replace(".", ",")


def hectares_en(area: float) -> str:
    """Rounded to 0.1 ha; nothing that is there is said to be 0.0, and what is not finite is not known."""
    if not math.isfinite(area):
        return "? ha"
    return "less than 0.1 ha" if 0.0 < area < 0.05 else f"{area:.1f} ha"
