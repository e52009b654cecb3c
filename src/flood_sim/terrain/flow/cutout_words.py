"""What a result says of its area, in sentences: German and English."""

from __future__ import annotations

from dataclasses import dataclass

from flood_sim.wording import counted, hectares_de, hectares_en


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
            f"Gerechnet wird das gezeichnete Gebiet ({hectares_de(e.drawn)}) mit seinem Einzugsgebiet und Rand, "
            f"zusammen {hectares_de(e.area)}."
        )
        en = f"Computed is the drawn area ({hectares_en(e.drawn)}) with its catchment and a margin, {hectares_en(e.area)} in all."
    elif e.fed == 0:
        de = (
            f"Gerechnet wird das gezeichnete Gebiet ({hectares_de(e.drawn)}) mit Rand, zusammen {hectares_de(e.area)}; "
            f"sein Einzugsgebiet ({hectares_de(e.catchment)}) liegt darin."
        )
        en = (
            f"Computed is the drawn area ({hectares_en(e.drawn)}) with a margin, {hectares_en(e.area)} in all; its catchment "
            f"({hectares_en(e.catchment)}) lies within."
        )
    else:
        de, en = _fed(e)
    if e.crossing:
        de += f" An {counted(e.crossing, 'Stelle', 'Stellen')} fließt Wasser zu, das nur den Rand quert."
        en += f" At {counted(e.crossing, 'place', 'places')} water comes in that only crosses the margin."
    if e.reaches_end:
        de += " Das Einzugsgebiet reicht bis an das Ende des Geländemodells; was von jenseits kommt, ist nicht bekannt."
        en += " The catchment reaches the end of the terrain; what comes from beyond is not known."
    return de, en


def _fed(e: Facts) -> tuple[str, str]:
    """Where water of the catchment comes in from outside."""
    if e.catchment > e.area:
        de = f"Das Einzugsgebiet ({hectares_de(e.catchment)}) ist größer als das gerechnete Gebiet ({hectares_de(e.area)}): "
        en = f"The catchment ({hectares_en(e.catchment)}) is larger than the computed area ({hectares_en(e.area)}): "
    else:
        de = f"Von außerhalb des gerechneten Gebiets ({hectares_de(e.area)}) fließt Wasser seines Einzugsgebiets ({hectares_de(e.catchment)}) zu: "
        en = f"Into the computed area ({hectares_en(e.area)}) runs water of its catchment ({hectares_en(e.catchment)}) from outside: "
    if not e.places:
        de += f"Wasser von {hectares_de(e.fed)} außerhalb kommt in kleinen Wegen und fehlt."
        en += f"water of {hectares_en(e.fed)} outside comes in small ways and is missing."
        return de, en
    de += (
        f"Wasser von {hectares_de(e.fed)} außerhalb wird am Rand an {counted(e.places, 'Stelle', 'Stellen')} "
        "vereinfacht zugegeben"
    )
    en += (
        f"water of {hectares_en(e.fed)} outside is fed in at {counted(e.places, 'place', 'places')} of the edge "
        "in a simple way"
    )
    small_de, small_en = (
        f", {hectares_de(e.small)} davon in kleinen Wegen fehlen.",
        f", {hectares_en(e.small)} of it in small ways are missing.",
    )
    return (de + small_de, en + small_en) if e.small > 0 else (f"{de}.", f"{en}.")
