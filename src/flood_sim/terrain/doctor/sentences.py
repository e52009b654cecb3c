"""What was found, in sentences for people: German first, English beside it."""

from __future__ import annotations

import shapely

from flood_sim.terrain.doctor.evidence import NAME_DE, NAME_EN, Crossing, called
from flood_sim.terrain.doctor.proposal import CulvertProposal, Proposal
from flood_sim.terrain.doctor.ridge import Way

NARROW = "\u202f"


def number_de(value: float, digits: int = 0) -> str:
    """With decimal comma and narrow spaces between thousands."""
    return f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")


def dam(way: Way, depth: float, crossed: tuple[Crossing, ...]) -> tuple[str, str]:
    """A ridge that holds water back."""
    over_de = f" ({', '.join(called(crossed, NAME_DE))})" if crossed else ""
    over_en = f" ({', '.join(called(crossed, NAME_EN))})" if crossed else ""
    n, m = number_de, f"{NARROW}m"
    german = (
        f"Im Geländemodell stauen sich hier bis zu {n(way.volume)}{m}³, {n(depth, 1)}{m} tief, hinter einem "
        f"{n(way.width)}{m} breiten Rücken{over_de}; {n(way.length)}{m} weiter liegt das Gelände tiefer. "
        "Vermutlich fehlt ein Durchlass oder eine Brücke."
    )
    english = (
        f"In the terrain model up to {way.volume:,.0f} m³ stand here, {depth:.1f} m deep, behind a ridge "
        f"{way.width:.0f} m wide{over_en}; {way.length:.0f} m further on the ground lies lower. "
        "Probably a culvert or a bridge is missing."
    )
    return german, english


def single(height: float) -> tuple[str, str]:
    """A cell that stands out, up (height > 0) or down."""
    n, m = number_de, f"{NARROW}m"
    if height > 0:
        return (
            f"Eine einzelne Zelle steht {n(height, 1)}{m} über allen Nachbarn: Mast, Fahrzeug oder Messfehler?",
            f"A single cell stands {height:.1f} m above all its neighbours: a mast, a vehicle, a fault of the survey?",
        )
    return (
        f"Eine einzelne Zelle liegt {n(-height, 1)}{m} unter allen Nachbarn: Schacht, Lichtschacht oder Messfehler?",
        f"A single cell lies {-height:.1f} m below all its neighbours: a shaft, a light well, a fault of the survey?",
    )


def block(area: float, height: float) -> tuple[str, str]:
    """A raised block with steep sides on no footprint."""
    return (
        f"Ein Block von {number_de(area)}{NARROW}m² ragt {number_de(height, 1)}{NARROW}m auf, fast senkrecht und ohne "
        "Grundriss: Gebäude, das im Gebäudebestand fehlt, oder Oberfläche statt Gelände?",
        f"A block of {area:,.0f} m² rises {height:.1f} m, almost upright and on no footprint: a building missing "
        "from the footprints, or a surface model instead of the ground?",
    )


def newer(name: str, built: int, surveyed: int) -> tuple[str, str]:
    """A building that the survey of the terrain cannot know."""
    return (
        f"Gebäude {name} ist von {built}, das Geländemodell von {surveyed}: Das Gelände am Haus ist vermutlich verändert.",
        f"Building {name} is of {built}, the terrain model of {surveyed}: the ground at the house has probably changed.",
    )


def proposed(proposal: Proposal, *, lower: bool = False) -> tuple[str, str]:
    """What is proposed, with its full stop. lower: a single cell that is lowered."""
    n, m = number_de, f"{NARROW}m"
    if isinstance(proposal, CulvertProposal):
        (up, down), length = proposal.inverts_m, shapely.LineString(proposal.line).length
        width, height = (round(1000 * v) for v in (proposal.width_m, proposal.height_m or proposal.width_m))
        size_de = (
            f"DN{NARROW}{width}" if proposal.shape == "circular" else f"{width}{NARROW}×{NARROW}{height}{NARROW}mm"
        )
        size_en = f"DN {width}" if proposal.shape == "circular" else f"{width} x {height} mm"
        return (
            f"Durchlass {size_de}, {n(length)}{m} lang, Sohle {n(up, 2)} auf {n(down, 2)}{m} ü. NHN.",
            f"culvert {size_en}, {length:.0f} m long, inverts {up:.2f} to {down:.2f} m.",
        )
    up, down = proposal.bottom_m
    if lower:
        return f"auf {n(up, 2)}{m} ü. NHN absenken.", f"lower it to {up:.2f} m."
    return (
        f"Durchstich {n(proposal.width_m, 1)}{m} breit, Sohle {n(up, 2)} auf {n(down, 2)}{m} ü. NHN.",
        f"cut {proposal.width_m:.1f} m wide, bottom {up:.2f} to {down:.2f} m.",
    )
