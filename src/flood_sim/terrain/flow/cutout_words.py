"""What a result says of its area, in sentences: German and English."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Areas in ha and what crosses the edge.

    drawn, catchment, area: drawn, what drains into it, what is computed. fed: of the catchment outside, whose water comes
    in at `places`; small: of it in ways too small to be fed. crossing: further places whose water only crosses the margin.
    """

    drawn: float
    catchment: float
    area: float
    whole: bool
    fed: float
    small: float
    places: int
    crossing: int
    reaches_end: bool


def sentences(e: Facts) -> tuple[str, str]:
    """German and English."""
    if e.whole:
        de = (
            f"Gerechnet wird das gezeichnete Gebiet ({_de(e.drawn)} ha) mit seinem Einzugsgebiet und Rand, "
            f"zusammen {_de(e.area)} ha."
        )
        en = f"Computed is the drawn area ({_en(e.drawn)} ha) with its catchment and a margin, {_en(e.area)} ha in all."
    elif e.fed == 0:
        de = (
            f"Gerechnet wird das gezeichnete Gebiet ({_de(e.drawn)} ha) mit Rand, zusammen {_de(e.area)} ha; "
            f"sein Einzugsgebiet ({_de(e.catchment)} ha) liegt darin."
        )
        en = (
            f"Computed is the drawn area ({_en(e.drawn)} ha) with a margin, {_en(e.area)} ha in all; its catchment "
            f"({_en(e.catchment)} ha) lies within."
        )
    else:
        de, en = _fed(e)
    if e.crossing:
        de += f" An {e.crossing} {'Stelle' if e.crossing == 1 else 'Stellen'} fließt Wasser zu, das nur den Rand quert."
        en += (
            f" At {e.crossing} {'place' if e.crossing == 1 else 'places'} water comes in that only crosses the margin."
        )
    if e.reaches_end:
        de += " Das Einzugsgebiet reicht bis an das Ende des Geländemodells; was von jenseits kommt, ist nicht bekannt."
        en += " The catchment reaches the end of the terrain; what comes from beyond is not known."
    return de, en


def _fed(e: Facts) -> tuple[str, str]:
    """Where water of the catchment comes in from outside."""
    if e.catchment > e.area:
        de = f"Das Einzugsgebiet ({_de(e.catchment)} ha) ist größer als das gerechnete Gebiet ({_de(e.area)} ha): "
        en = f"The catchment ({_en(e.catchment)} ha) is larger than the computed area ({_en(e.area)} ha): "
    else:
        de = f"Von außerhalb des gerechneten Gebiets ({_de(e.area)} ha) fließt Wasser seines Einzugsgebiets ({_de(e.catchment)} ha) zu: "
        en = f"Into the computed area ({_en(e.area)} ha) runs water of its catchment ({_en(e.catchment)} ha) from outside: "
    if not e.places:
        de += f"Wasser von {_de(e.fed)} ha außerhalb kommt in kleinen Wegen und fehlt."
        en += f"water of {_en(e.fed)} ha outside comes in small ways and is missing."
        return de, en
    de += (
        f"Wasser von {_de(e.fed)} ha außerhalb wird am Rand an {e.places} {'Stelle' if e.places == 1 else 'Stellen'} "
        "vereinfacht zugegeben"
    )
    en += (
        f"water of {_en(e.fed)} ha outside is fed in at {e.places} {'place' if e.places == 1 else 'places'} of the edge "
        "in a simple way"
    )
    small_de, small_en = (
        f", {_de(e.small)} ha davon in kleinen Wegen fehlen.",
        f", {_en(e.small)} ha of it in small ways are missing.",
    )
    return (de + small_de, en + small_en) if e.small > 0 else (f"{de}.", f"{en}.")


def _de(hectares: float) -> str:
    return _en(hectares).replace("less than", "weniger als").replace(".", ",")


def _en(hectares: float) -> str:
    """With one decimal; nothing that is there is said to be 0.0."""
    if not math.isfinite(hectares):
        return "?"
    return "less than 0.1" if 0 < hectares < 0.05 else f"{hectares:.1f}"
