"""Class colours of the maps, from the table of variables, as the tile reader wants them.

Classes are half-open, [lower, upper), and values are never rounded before they
are classed: 9.9 cm stays below a class that begins at 10 cm.
"""

from __future__ import annotations

import math

from flood_sim.errors import NotFound
from flood_sim.variables import DIFFERENCE, DIFFERENCE_CLASSES, LEGENDS, LegendClass

Colour = tuple[int, int, int, int]
IntervalColormap = list[tuple[tuple[float, float], Colour]]

ALL: dict[str, tuple[LegendClass, ...]] = {**LEGENDS, DIFFERENCE.key: DIFFERENCE_CLASSES}
"""Also that of two results."""

TRANSPARENT: Colour = (0, 0, 0, 0)


def interval_colormap(key: str) -> IntervalColormap:
    """((from, to), (r, g, b, alpha)) for each class of `key`; transparent below the first."""
    classes = legend(key)
    below = ((-math.inf, classes[0].lower), TRANSPARENT)
    return [below, *(((c.lower, math.inf if c.upper is None else c.upper), _rgba(c.colour)) for c in classes)]


def classify(key: str, value: float) -> LegendClass | None:
    """The class that holds the value; None below the first class and for NaN."""
    for c in legend(key):
        if c.lower <= value and (c.upper is None or value < c.upper):
            return c
    return None


def legend(key: str) -> tuple[LegendClass, ...]:
    """The classes of a variable; NotFound names those that have a legend."""
    if key not in ALL:
        raise NotFound("there is no legend for this variable", value=key, allowed=", ".join(ALL))
    return ALL[key]


def _rgba(colour: str) -> Colour:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue, 255
