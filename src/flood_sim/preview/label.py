"""What each rung of the preview is, what it leaves out, and how far it was from the full run where that was measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Rung = Literal["sinks", "quick"]
THRESHOLDS_M = (0.1, 0.3)
"""Depths at which a preview is held against the full run."""


@dataclass(frozen=True)
class Label:
    """The words that stand beside every preview of a rung, German and English."""

    label_de: str
    label_en: str
    shows_de: str
    shows_en: str
    leaves_out_de: str
    leaves_out_en: str


LABELS: dict[Rung, Label] = {
    "sinks": Label(
        label_de="Schnellabschätzung: Senken und Fließwege, keine Simulation",
        label_en="Quick estimate: sinks and flow paths, not a simulation",
        shows_de="Zeigt, wo sich Wasser sammelt und welche Wege es nimmt, nicht wie tief es auf der Straße steht.",
        shows_en="Shows where water gathers and which ways it takes, not how deep it stands in the street.",
        leaves_out_de="Nicht enthalten: Zeit, Geschwindigkeit und Schwung des Wassers; alles Wasser ist abgeflossen, "
        "Durchlässe sind unbegrenzt leistungsfähig; Straßeneinläufe, Schächte und Speicher wirken nicht.",
        leaves_out_en="Left out: time, velocity and momentum of the water; all of it has run off, and culverts carry any "
        "discharge; inlets, manholes and storages do not act.",
    ),
    "quick": Label(
        label_de="Schnellrechnung: zeitlicher Ablauf auf gröberen Zellen, noch nicht die genaue Rechnung",
        label_en="Quick simulation: the course over time on coarser cells, not yet the full run",
        shows_de="Zeigt, wann und wo Wasser steht und fließt; Tiefen in engen Gassen und Höfen sind ungenau.",
        shows_en="Shows when and where water stands and flows; depths in narrow lanes and courtyards are rough.",
        leaves_out_de="Nicht enthalten: was kleiner ist als eine grobe Zelle, außer Mauern, Bordsteinen und Häuserreihen, "
        "die als Schwellen zwischen den Zellen stehen.",
        leaves_out_en="Left out: what is smaller than a coarse cell, but for walls, kerbs and rows of houses, which stand "
        "as sills between the cells.",
    ),
}


@dataclass(frozen=True)
class Distance:
    """How well a preview met the full run on one terrain: critical success index, hits / (hits + misses + false alarms).

    csi: for each of THRESHOLDS_M, None where the full run has no such depth.
    """

    case: str
    title_de: str
    title_en: str
    csi: tuple[float | None, ...]


@lru_cache(maxsize=1)
def _measured() -> dict[str, tuple[Distance, ...]]:
    text = files("flood_sim.preview").joinpath("distances.json").read_text(encoding="utf-8")
    return {
        rung: tuple(Distance(d["case"], d["title_de"], d["title_en"], tuple(d["csi"])) for d in found)
        for rung, found in json.loads(text).items()
    }


def distances(rung: Rung) -> tuple[Distance, ...]:
    """What was measured for a rung, by `python -m benchmarks preview`; empty where nothing was yet."""
    return _measured().get(rung, ())


def distance_de(rung: Rung) -> str:
    """One sentence: how far this rung was from the full run."""
    found = distances(rung)
    if not found:
        return "Der Abstand zur genauen Rechnung ist nicht gemessen."
    parts = "; ".join(f"{d.title_de} {_both(d, ',', 'keine')}" for d in found)
    return f"Übereinstimmung mit der genauen Rechnung (CSI, 1 = gleich) ab 10 cm und ab 30 cm: {parts}."


def distance_en(rung: Rung) -> str:
    """One sentence: how far this rung was from the full run."""
    found = distances(rung)
    if not found:
        return "How far it is from the full run has not been measured."
    parts = "; ".join(f"{d.title_en} {_both(d, '.', 'none')}" for d in found)
    return f"Agreement with the full run (critical success index, 1 = same) from 10 cm and from 30 cm: {parts}."


def _both(distance: Distance, point: str, none: str) -> str:
    words = (none if c is None else f"{c:.2f}".replace(".", point) for c in distance.csi)
    return " / ".join(words)
