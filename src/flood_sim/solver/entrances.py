"""Entrances of culverts: the constants of inlet control and the entrance loss, as HDS-5 gives them.

FHWA, Hydraulic Design of Highway Culverts (HDS-5): table A.1 (3rd ed. 2012; table 9 in the 2nd,
2001) for the form of the equation, K, M, c, Y and the correction for slope, table C.2 (12) for
ke. Read in two reprints of table A.1 and in EPA SWMM 5.2 (culvert.c), which agree; the edition
of 1985 had K = 0.0078 for the groove end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["circular", "box"]
Form = Literal["square_edge", "groove_end", "bevelled", "wingwalls", "projecting", "mitred"]


@dataclass(frozen=True)
class Entrance:
    """Inlet control: form 1 or 2, k, m (weir), c, y (orifice), ks (times the slope). ke: loss in velocity heads.

    chart: chart and scale of HDS-5.
    """

    form: int
    k: float
    m: float
    c: float
    y: float
    ke: float
    chart: str
    ks: float = -0.5


ENTRANCES: dict[tuple[Shape, Form], Entrance] = {
    ("circular", "square_edge"): Entrance(1, 0.0098, 2.0, 0.0398, 0.67, 0.5, "1-1, concrete, square edge in a headwall"),
    ("circular", "groove_end"): Entrance(1, 0.0018, 2.0, 0.0292, 0.74, 0.2, "1-2, concrete, groove end in a headwall"),
    ("circular", "bevelled"): Entrance(1, 0.0018, 2.5, 0.0300, 0.74, 0.2, "3-A, ring bevelled at 45 degrees"),
    ("circular", "wingwalls"): Entrance(1, 0.0098, 2.0, 0.0398, 0.67, 0.5, "1-1, as in a headwall"),
    ("circular", "projecting"): Entrance(1, 0.0340, 1.5, 0.0553, 0.54, 0.9, "2-3, metal pipe that projects from the fill"),
    ("circular", "mitred"): Entrance(1, 0.0210, 1.33, 0.0463, 0.75, 0.7, "2-2, metal pipe cut to the slope", ks=0.7),
    ("box", "square_edge"): Entrance(1, 0.0610, 0.75, 0.0400, 0.80, 0.5, "8-2, headwall or wingwalls of 90 or 15 degrees"),
    ("box", "bevelled"): Entrance(2, 0.4950, 0.667, 0.0314, 0.82, 0.2, "10-2, headwall, bevels of 45 degrees"),
    ("box", "wingwalls"): Entrance(1, 0.0260, 1.0, 0.0347, 0.81, 0.4, "8-1, wingwalls of 30 to 75 degrees"),
    ("box", "projecting"): Entrance(1, 0.0340, 1.5, 0.0496, 0.57, 0.9, "16-3, thin metal box that projects"),
}  # fmt: skip
"""HDS-5 knows no mitred box and no groove end of a box."""
