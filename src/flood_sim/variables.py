"""The one table of fields: symbol, unit, names, location, packing, file and legend.

Writer, API, page, reports and tests read this table; no other place names a
field or its unit. Where CF has no standard name the attribute is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LegendClass:
    """One half-open interval [lower, upper) and how it is drawn; `upper` None is open."""

    lower: float
    upper: float | None
    colour: str
    label_de: str
    label_en: str


@dataclass(frozen=True)
class Packing:
    """Integers on disk: value = stored * scale; `fill` marks cells without a value."""

    dtype: Literal["uint16", "int16"]
    scale: float
    fill: int

    @property
    def largest(self) -> float:
        """Largest magnitude that fits, in the unit of the variable."""
        return {"uint16": 65534, "int16": 32767}[self.dtype] * self.scale


@dataclass(frozen=True)
class Variable:
    """One field of a result.

    `file` is the COG that carries it, `overview` how its overviews are pooled:
    by the largest (a thin flooded street survives zooming out), the smallest, or the
    value furthest from zero.
    """

    key: str
    symbol: str
    unit: str
    long_name: str
    label_de: str
    over_time: bool = False
    standard_name: str | None = None
    cell_methods: str | None = None
    packing: Packing | None = None
    file: str | None = None
    overview: Literal["max", "min", "extreme"] = "max"
    positive: str | None = None


DEPTH_MM = Packing("uint16", 0.001, 65535)
SPEED_MM_S = Packing("int16", 0.001, -32768)

VARIABLES: dict[str, Variable] = {
    v.key: v
    for v in (
        Variable("depth", "h", "m", "water depth above ground", "Wassertiefe", over_time=True,
                 standard_name="flood_water_thickness", cell_methods="area: mean time: point", packing=DEPTH_MM),
        Variable("velocity_x", "u", "m s-1", "depth-averaged velocity towards east", "Fließgeschwindigkeit nach Osten",
                 over_time=True, cell_methods="area: mean time: point", packing=SPEED_MM_S, positive="east"),
        Variable("velocity_y", "v", "m s-1", "depth-averaged velocity towards north", "Fließgeschwindigkeit nach Norden",
                 over_time=True, cell_methods="area: mean time: point", packing=SPEED_MM_S, positive="north"),
        Variable("ground", "z", "m", "height of the ground as computed", "Geländehöhe"),
        Variable("max_depth", "max h", "m", "maximum water depth", "Wassertiefe, Maximalwerte",
                 standard_name="flood_water_thickness", cell_methods="area: mean time: maximum", file="max_depth.tif"),
        Variable("time_of_max_depth", "t(max h)", "s", "time of maximum water depth after start of run",
                 "Zeitpunkt des Höchststands"),
        Variable("max_speed", "max |u|", "m s-1", "maximum speed of flow while at least 2 cm deep",
                 "Fließgeschwindigkeit, Maximalwerte", standard_name="flood_water_speed",
                 cell_methods="area: mean time: maximum", file="max_speed.tif"),
        Variable("max_unit_discharge", "max |q|", "m2 s-1", "maximum depth times speed", "Strömungsangriff (Tiefe × Geschwindigkeit)",
                 cell_methods="area: mean time: maximum", file="max_unit_discharge.tif"),
        Variable("direction_at_max", "φ", "degree", "direction towards which water flows when depth times speed is largest",
                 "Fließrichtung beim stärksten Strömungsangriff", positive="clockwise from grid north"),
        Variable("arrival_time", "t_a", "s", "time after start of run until the depth threshold is reached",
                 "Zeit bis zur Überflutung", file="arrival_time.tif", overview="min"),
        Variable("duration", "t_d", "s", "total time with the depth at or above the threshold", "Überflutungsdauer",
                 standard_name="flood_water_duration_above_threshold", cell_methods="time: sum", file="duration.tif"),
    )
}  # fmt: skip

DIFFERENCE = Variable(
    "difference", "Δ max h", "m", "maximum water depth with measures minus without", "Unterschied der Wassertiefe (mit − ohne)",
    file="difference.tif", overview="extreme",
)  # fmt: skip
"""Of two results, so it is no field of one."""

# BKG Hinweiskarte Starkregengefahren (GetLegendGraphic of sgx.geodatenzentrum.de/wms_starkregen)
DEPTH_CLASSES_BKG: tuple[LegendClass, ...] = (
    LegendClass(0.10, 0.30, "#CCECFF", "10 bis 30 cm", "10 to 30 cm"),
    LegendClass(0.30, 0.50, "#99CCFF", "30 bis 50 cm", "30 to 50 cm"),
    LegendClass(0.50, 1.00, "#6E99FF", "50 bis 100 cm", "50 to 100 cm"),
    LegendClass(1.00, 2.00, "#3D66FF", "1 bis 2 m", "1 to 2 m"),
    LegendClass(2.00, 4.00, "#0033CC", "2 bis 4 m", "2 to 4 m"),
    LegendClass(4.00, None, "#08306B", "über 4 m", "over 4 m"),
)
SPEED_CLASSES_BKG: tuple[LegendClass, ...] = (
    LegendClass(0.2, 0.5, "#FFFFB2", "0,2 bis 0,5 m/s", "0.2 to 0.5 m/s"),
    LegendClass(0.5, 1.0, "#FECC5C", "0,5 bis 1 m/s", "0.5 to 1 m/s"),
    LegendClass(1.0, 2.0, "#FD8D3C", "1 bis 2 m/s", "1 to 2 m/s"),
    LegendClass(2.0, None, "#E31A1C", "über 2 m/s", "over 2 m/s"),
)
# Own classes below: limits of depth times speed as in the hazard classes H1 to H5 (AIDR 7-3), times chosen for
# reading; colours from ColorBrewer (PuRd, YlGnBu, BuPu), lightness falls from class to class, also with colour blindness.
UNIT_DISCHARGE_CLASSES: tuple[LegendClass, ...] = (
    LegendClass(0.1, 0.3, "#D7B5D8", "0,1 bis 0,3 m²/s", "0.1 to 0.3 m²/s"),
    LegendClass(0.3, 0.6, "#DF65B0", "0,3 bis 0,6 m²/s", "0.3 to 0.6 m²/s"),
    LegendClass(0.6, 1.0, "#CE1256", "0,6 bis 1 m²/s", "0.6 to 1 m²/s"),
    LegendClass(1.0, 4.0, "#91003F", "1 bis 4 m²/s", "1 to 4 m²/s"),
    LegendClass(4.0, None, "#49001F", "über 4 m²/s", "over 4 m²/s"),
)
ARRIVAL_CLASSES: tuple[LegendClass, ...] = (
    LegendClass(0.0, 600.0, "#081D58", "bis 10 min", "up to 10 min"),
    LegendClass(600.0, 1200.0, "#225EA8", "10 bis 20 min", "10 to 20 min"),
    LegendClass(1200.0, 1800.0, "#1D91C0", "20 bis 30 min", "20 to 30 min"),
    LegendClass(1800.0, 3600.0, "#7FCDBB", "30 bis 60 min", "30 to 60 min"),
    LegendClass(3600.0, None, "#EDF8B1", "nach mehr als 60 min", "after more than 60 min"),
)
DURATION_CLASSES: tuple[LegendClass, ...] = (
    LegendClass(60.0, 900.0, "#D6E4F0", "1 bis 15 min", "1 to 15 min"),
    LegendClass(900.0, 1800.0, "#9EBCDA", "15 bis 30 min", "15 to 30 min"),
    LegendClass(1800.0, 3600.0, "#8C80BD", "30 bis 60 min", "30 to 60 min"),
    LegendClass(3600.0, 7200.0, "#88419D", "1 bis 2 Stunden", "1 to 2 hours"),
    LegendClass(7200.0, None, "#4D004B", "über 2 Stunden", "over 2 hours"),
)
# Own classes from 5 cm on, less is noise: blue less, orange more water (ColorBrewer Blues, Oranges).
DIFFERENCE_CLASSES: tuple[LegendClass, ...] = (
    LegendClass(-1e4, -0.50, "#08519C", "mehr als 50 cm weniger", "more than 50 cm less"),
    LegendClass(-0.50, -0.30, "#3182BD", "30 bis 50 cm weniger", "30 to 50 cm less"),
    LegendClass(-0.30, -0.10, "#6BAED6", "10 bis 30 cm weniger", "10 to 30 cm less"),
    LegendClass(-0.10, -0.05, "#BDD7E7", "5 bis 10 cm weniger", "5 to 10 cm less"),
    LegendClass(0.05, 0.10, "#FDBE85", "5 bis 10 cm mehr", "5 to 10 cm more"),
    LegendClass(0.10, 0.30, "#FD8D3C", "10 bis 30 cm mehr", "10 to 30 cm more"),
    LegendClass(0.30, 0.50, "#E6550D", "30 bis 50 cm mehr", "30 to 50 cm more"),
    LegendClass(0.50, None, "#A63603", "mehr als 50 cm mehr", "more than 50 cm more"),
)
LEGENDS: dict[str, tuple[LegendClass, ...]] = {
    "max_depth": DEPTH_CLASSES_BKG,
    "max_speed": SPEED_CLASSES_BKG,
    "max_unit_discharge": UNIT_DISCHARGE_CLASSES,
    "arrival_time": ARRIVAL_CLASSES,
    "duration": DURATION_CLASSES,
}

NOT_SHOWN_DE = "Das zeigt die Karte nicht: Rückstau aus dem Kanal, Keller, Bachhochwasser, verstopfte Durchlässe"
NOT_SHOWN_EN = "Not shown on this map: backflow from sewers, cellars, river floods, blocked culverts"
"""Stands beside every map (rule 17 of the wording)."""

MASK_SPEED_BELOW_DEPTH_M = 0.05
"""Speed is drawn only where the maximum depth reaches this (defaults: own film rule)."""


def cog_files() -> dict[str, Variable]:
    """File name of each COG of a result, with its variable."""
    return {v.file: v for v in VARIABLES.values() if v.file}
