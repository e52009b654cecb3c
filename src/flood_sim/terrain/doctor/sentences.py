"""What was found, in sentences for people: German first, English beside it."""

from __future__ import annotations

from flood_sim.terrain.doctor.evidence import NAME_DE, NAME_EN, Crossing, called
from flood_sim.terrain.doctor.fault import SUGGESTION_DE, SUGGESTION_EN, CulvertProposal, Proposal
from flood_sim.terrain.doctor.ridge import Way

NARROW = "\u202f"


def number_de(value: float, digits: int = 0) -> str:
    """With decimal comma and narrow spaces between thousands."""
    return f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")


def dam(way: Way, depth: float, crossed: tuple[Crossing, ...], proposal: Proposal) -> tuple[str, str]:
    """A ridge that holds water back."""
    over_de = f" ({', '.join(called(crossed, NAME_DE))})" if crossed else ""
    over_en = f" ({', '.join(called(crossed, NAME_EN))})" if crossed else ""
    n, m = number_de, f"{NARROW}m"
    german = (
        f"Im Geländemodell stauen sich hier bis zu {n(way.volume)}{m}³, {n(depth, 1)}{m} tief, hinter einem "
        f"{n(way.width)}{m} breiten Rücken{over_de}; {n(way.length)}{m} weiter liegt das Gelände tiefer. "
        f"Vermutlich fehlt ein Durchlass oder eine Brücke. {SUGGESTION_DE}: {_proposal_de(proposal, way.length)}."
    )
    english = (
        f"In the terrain model up to {way.volume:,.0f} m³ stand here, {depth:.1f} m deep, behind a ridge "
        f"{way.width:.0f} m wide{over_en}; {way.length:.0f} m further on the ground lies lower. "
        f"Probably a culvert or a bridge is missing. {SUGGESTION_EN[0].upper()}{SUGGESTION_EN[1:]}: "
        f"{_proposal_en(proposal, way.length)}."
    )
    return german, english


def single(height: float, ground: float) -> tuple[str, str]:
    """A cell that stands out, up (height > 0) or down."""
    n, m = number_de, f"{NARROW}m"
    if height > 0:
        return (
            f"Eine einzelne Zelle steht {n(height, 1)}{m} über allen Nachbarn: Mast, Fahrzeug oder Messfehler? "
            f"{SUGGESTION_DE}: auf {n(ground, 2)}{m} ü. NHN absenken.",
            f"A single cell stands {height:.1f} m above all its neighbours: a mast, a vehicle, a fault of the survey? "
            f"{SUGGESTION_EN[0].upper()}{SUGGESTION_EN[1:]}: lower it to {ground:.2f} m.",
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


def _proposal_de(proposal: Proposal, length: float) -> str:
    n, m = number_de, f"{NARROW}m"
    if isinstance(proposal, CulvertProposal):
        up, down = proposal.inverts_m
        return (
            f"Durchlass DN{NARROW}{round(proposal.width_m * 1000)}, {n(length)}{m} lang, "
            f"Sohle {n(up, 2)} auf {n(down, 2)}{m} ü. NHN"
        )
    up, down = proposal.bottom_m
    return f"Durchstich {n(proposal.width_m, 1)}{m} breit, Sohle {n(up, 2)} auf {n(down, 2)}{m} ü. NHN"


def _proposal_en(proposal: Proposal, length: float) -> str:
    if isinstance(proposal, CulvertProposal):
        up, down = proposal.inverts_m
        return f"culvert DN {round(proposal.width_m * 1000)}, {length:.0f} m long, inverts {up:.2f} to {down:.2f} m"
    up, down = proposal.bottom_m
    return f"cut {proposal.width_m:.1f} m wide, bottom {up:.2f} to {down:.2f} m"
