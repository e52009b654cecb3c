"""What the solver needs to know of the border before the first step: who owns its faces, and what is to happen there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, WALL, Faces, Part
from flood_sim.solver.series import LARGEST


def check_border(faces: Faces, owner: np.ndarray, parts: Sequence[Part], ground: np.ndarray) -> tuple[str, ...]:
    """ScenarioError for a border that cannot be computed; else words on what is allowed, but may surprise.

    owner: for each face the index of its part or WALL; ground (ny, nx), m.
    """
    if owner.shape != (faces.size,):
        raise ScenarioError(
            "does not name an owner for each face of the border", where="Domain.owner", value=owner.shape,
            allowed=str((faces.size,)), hint="In the order of border_faces(active, outside)",
        )  # fmt: skip
    wrong = owner[(owner < WALL) | (owner >= len(parts))]
    if wrong.size:
        raise ScenarioError(
            "names a part that there is not", where="Domain.owner", value=int(wrong[0]),
            allowed=f"{WALL} for a wall, else 0 to {len(parts) - 1}",
        )  # fmt: skip
    words = []
    for k, part in enumerate(parts):
        _check_part(part)
        mine = owner == k
        if part.series is not None and part.kind == DISCHARGE and not mine.any() and part.series.values.any():
            raise ScenarioError(
                "has no open face of the border, so no water would enter", where=part.name,
                hint="Only cells that take water and lie on the border let any in",
            )  # fmt: skip
        if part.kind == LEVEL and mine.any():
            low = float(ground[faces.cell_row[mine] - 1, faces.cell_col[mine] - 1].min())
            words += _check_level(part, low)
    return tuple(words)


def _check_part(part: Part) -> None:
    """The value that its kind needs, and a number that can be computed with."""
    value, series = part.value, part.series
    if part.kind not in (NORMAL, LEVEL, DISCHARGE):
        raise ScenarioError(
            "is no kind of border", where=part.name, value=part.kind, allowed="NORMAL, LEVEL, DISCHARGE"
        )
    if part.kind == NORMAL and value is not None and not 0.0 < value <= LARGEST:
        raise ScenarioError("the energy slope is out of range", where=part.name, value=value, allowed="above 0, finite")
    if part.kind == LEVEL and ((value is None) == (series is None) or not abs(value or 0.0) <= LARGEST):
        raise ScenarioError(
            "needs a water level", where=part.name, value=value, allowed="a finite value in m, or a series of them"
        )
    if part.kind == DISCHARGE and (series is None or series.values.min() < 0.0):
        raise ScenarioError(
            "needs a discharge", where=part.name, value=None if series is None else f"{series.values.min():g} m3/s",
            allowed="a series in m3/s, 0 or more",
        )  # fmt: skip


def _check_level(part: Part, low: float) -> list[str]:
    """ScenarioError where still water outside never reaches the lowest ground `low`, m, of its border."""
    levels = np.array([part.value]) if part.series is None else part.series.values
    below = int((levels < low).sum())
    if below == levels.size:
        said = f"{levels[0]:g} m" if levels.size == 1 else f"{levels.min():g} to {levels.max():g} m"
        raise ScenarioError(
            "the water level lies below the ground along all of this border, so it would never act", where=part.name,
            value=said, allowed=f"at least {low:.3f} m, the lowest ground there",
            hint="Levels are heights of the same zero as the terrain (in Germany m above NHN, DHHN2016), not depths; "
            "for water that falls away freely take free outflow",
        )  # fmt: skip
    if not below:
        return []
    return [
        f"{part.name}: the water level lies below the lowest ground there ({low:.2f} m) at {below} of {levels.size} "
        "given times; then nothing enters, and what comes from inside falls away freely"
    ]
