"""The exact cases, computed here and now: what `flood-sim verify` prints and the tests assert.

Each check computes a case of `flood_sim.cases` and compares figures with
limits; why a limit is what it is stands in the test file it names.
"""

from __future__ import annotations

from typing import Any

from flood_sim.verify import (
    building,
    dam_breaks,
    ea_benchmark,
    evil,
    losses,
    oscillations,
    rain,
    steady_flow,
    still_water,
    structures,
    symmetry,
)
from flood_sim.verify.check import Check, Checks

CHECKS: Checks = {
    name: check
    for part in (
        still_water,
        dam_breaks,
        oscillations,
        steady_flow,
        rain,
        losses,
        structures,
        symmetry,
        evil,
        building,
        ea_benchmark,
    )
    for name, check in part.CHECKS.items()
}


def verify() -> dict[str, dict[str, Any]]:
    """Compute every case: its name to its figures and `pass`."""
    return {name: {**(check := make()).figures, "pass": check.passed} for name, make in CHECKS.items()}


__all__ = ["CHECKS", "Check", "Checks", "verify"]
