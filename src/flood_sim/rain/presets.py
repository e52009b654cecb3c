"""Storms on the first screen: published scenarios with their labels and sources.

A preset keeps its published label as text and is never re-labelled; a computed
index would have to name its statistics. `storm` is the plain data that
`Scenario.storm` takes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

RUN_OFF_MIN = 60.0
"""Suggested time of computing after the rain has stopped."""

_BUCHENHOFEN_DE = (
    "Bezeichnung wie von der Stadt veröffentlicht, Statistik der Messstelle Wuppertal-Buchenhofen (seit 1960); "
    "die Summe liegt bei rund drei Vierteln des Werts nach KOSTRA-DWD-2010R. Veröffentlicht ist die Summe, "
    "der Verlauf ist hier nach KOSTRA-DWD-2010R Zelle 51011, T 100, skaliert."
)
_BUCHENHOFEN_EN = (
    "Label as published by the city, statistics of the rain gauge Wuppertal-Buchenhofen (since 1960); the sum is about "
    "three quarters of the value of KOSTRA-DWD-2010R. The sum is published; its shape over time is scaled here from "
    "KOSTRA-DWD-2010R cell 51011, T 100."
)
_WUPPERTAL = "Stadt Wuppertal, WSW, cismet: Starkregengefahrenkarte, Simulation 2.1 (10/2022)"


@dataclass(frozen=True)
class Preset:
    """A named storm; `duration_min` is the suggested length of the run."""

    key: str
    label_de: str
    label_en: str
    storm: dict[str, Any] = field(hash=False)
    duration_min: float
    source: str
    note_de: str
    note_en: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _block(depth_mm: float, duration_min: float) -> dict[str, Any]:
    return {"kind": "block", "depth_mm": depth_mm, "duration_min": duration_min}


def _euler(depth_mm: float, duration_min: float) -> dict[str, Any]:
    return {"kind": "euler_ii", "depth_mm": depth_mm, "duration_min": duration_min}


PRESETS: tuple[Preset, ...] = (
    Preset(
        "nrw-100a",
        "NRW außergewöhnlich: T 100, 1 Stunde, 49,2 l/m²",
        "NRW exceptional: T 100, 1 hour, 49.2 mm",
        _euler(49.2, 60.0),
        60.0 + RUN_OFF_MIN,
        "Arbeitshilfe kommunales Starkregenrisikomanagement NRW (2018), Szenario 2; Regenmenge: KOSTRA-DWD-2010R, "
        "Zelle 51011 (Wuppertal)",
        "Regenmenge einer Zelle in Wuppertal (KOSTRA-DWD-2010R, Toleranzbereich ±20 %): für einen anderen Ort den "
        "dortigen Wert nach KOSTRA-DWD-2020 eintragen. Euler Typ II für dieses Szenario ist verbreitet, aber nicht "
        "vorgeschrieben.",
        "Depth of one cell in Wuppertal (KOSTRA-DWD-2010R, tolerance ±20 %): for another place enter its value of "
        "KOSTRA-DWD-2020. Euler type II is common for this scenario but not prescribed.",
    ),
    Preset(
        "nrw-extreme",
        "NRW extrem: 90 l/m² in 1 Stunde",
        "NRW extreme: 90 mm in 1 hour",
        _block(90.0, 60.0),
        60.0 + RUN_OFF_MIN,
        "Arbeitshilfe kommunales Starkregenrisikomanagement NRW (2018), Szenario 3",
        "Blockregen ohne Wiederkehrzeit.",
        "Block rain without a return period.",
    ),
    Preset(
        "wuppertal-sri-6",
        "Wuppertal: Starkregen SRI 6 (38,5 l/m² in 2 Stunden)",
        "Wuppertal: heavy rain SRI 6 (38.5 mm in 2 hours)",
        _euler(38.5, 120.0),
        120.0 + RUN_OFF_MIN,
        _WUPPERTAL,
        f"Von der Stadt mit T 50 angegeben. {_BUCHENHOFEN_DE}",
        f"Stated by the city as T 50. {_BUCHENHOFEN_EN}",
    ),
    Preset(
        "wuppertal-sri-7",
        "Wuppertal: Starkregen SRI 7 (42 l/m² in 2 Stunden)",
        "Wuppertal: heavy rain SRI 7 (42 mm in 2 hours)",
        _euler(42.0, 120.0),
        120.0 + RUN_OFF_MIN,
        _WUPPERTAL,
        f"Von der Stadt mit T 100 angegeben. {_BUCHENHOFEN_DE}",
        f"Stated by the city as T 100. {_BUCHENHOFEN_EN}",
    ),
    Preset(
        "wuppertal-sri-10",
        "Wuppertal: Starkregen SRI 10 (90 l/m² in 1 Stunde)",
        "Wuppertal: heavy rain SRI 10 (90 mm in 1 hour)",
        _block(90.0, 60.0),
        60.0 + RUN_OFF_MIN,
        _WUPPERTAL,
        "Bezeichnung wie von der Stadt veröffentlicht; Blockregen ohne Wiederkehrzeit.",
        "Label as published by the city; block rain without a return period.",
    ),
    Preset(
        "bkg-extreme",
        "BKG extrem: 100 l/m² in 1 Stunde",
        "BKG extreme: 100 mm in 1 hour",
        _block(100.0, 60.0),
        60.0 + RUN_OFF_MIN,
        "BKG, Hinweiskarte Starkregengefahren",
        "Blockregen ohne Wiederkehrzeit; gilt in den Ländern der Hinweiskarte außer NRW (dort 90 l/m²).",
        "Block rain without a return period; used in the states of the BKG map except NRW (90 mm there).",
    ),
)
