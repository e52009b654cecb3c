"""Names of measures for people, and numbers as each language writes them."""

from __future__ import annotations

LABELS = {
    "ground": ("Gelände", "ground"),
    "basin": ("Rückhaltebecken", "retention basin"),
    "swale": ("Mulde", "swale"),
    "emergency_flow_path": ("Notwasserweg", "emergency flow path"),
    "wall": ("Mauer", "wall"),
    "embankment": ("Verwallung", "embankment"),
    "mobile_barrier": ("Mobiler Schutz", "mobile barrier"),
    "kerb": ("Bordstein", "kerb"),
    "unsealing": ("Entsiegelung", "unsealing"),
    "greening": ("Begrünung", "greening"),
    "green_roof": ("Dachbegrünung", "green roof"),
    "threshold": ("Schwelle am Gebäude", "threshold at a building"),
    "culvert": ("Durchlass", "culvert"),
    "storage": ("Speicher", "storage"),
}
"""Kind: German and English label."""


def de(value: float, digits: int = 0) -> str:
    """1234.5 as 1.234,5."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def en(value: float, digits: int = 0) -> str:
    """1234.5 as 1,234.5."""
    return f"{value:,.{digits}f}"
