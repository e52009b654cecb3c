"""Storms on the first screen: published scenarios with their labels and sources.

A preset keeps its published label as text and is never re-labelled; a computed
index names its statistics (rain.starkregenindex). Presets that are defined by a
return period take their depth from the rain statistics of the place and say
which; without statistics that of one cell in Wuppertal stands in, and says so.
`storm` is the plain data that `Scenario.storm` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flood_sim.errors import ScenarioError
from flood_sim.rain.curves import STEP_MIN
from flood_sim.rain.shipped import buchenhofen, shipped_cell
from flood_sim.rain.starkregenindex import why_indices_differ
from flood_sim.rain.statistics import RainStatistics

RUN_OFF_MIN = 60.0
"""Suggested time of computing after the rain has stopped."""

_BUCHENHOFEN = buchenhofen()
_DIFFER_DE, _DIFFER_EN = why_indices_differ(_BUCHENHOFEN, shipped_cell(), 120, 100)
_SHAPE_DE = "Veröffentlicht ist die Summe; der Verlauf ist hier nach KOSTRA-DWD-2010R Zelle 51011, T 100, skaliert."
_SHAPE_EN = "The sum is published; its shape over time is scaled here from KOSTRA-DWD-2010R cell 51011, T 100."
_WUPPERTAL = "Stadt Wuppertal, WSW, cismet: Starkregengefahrenkarte, Simulation 2.1 (10/2022)"
_NRW = "Arbeitshilfe kommunales Starkregenrisikomanagement NRW (2018)"
_BKG = "BKG, Hinweiskarte Starkregengefahren"
_LUBW = (
    "LUBW, Leitfaden Kommunales Starkregenrisikomanagement in Baden-Württemberg (2020), nach starkregeninfo.de (Malsch)"
)


@dataclass(frozen=True)
class Preset:
    """A named storm; `duration_min` is the suggested length of the run.

    published: the label under which it was published, as text; statistics: whose depth it is (None: a fixed depth).
    """

    key: str
    label_de: str
    label_en: str
    storm: dict[str, Any] = field(hash=False)
    duration_min: float
    source: str
    note_de: str
    note_en: str
    published: str
    statistics: str | None = None
    return_period_a: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class NotOffered:
    """A published scenario that cannot be chosen as it is, and why."""

    key: str
    label_de: str
    label_en: str
    why_de: str
    why_en: str


NOT_OFFERED: tuple[NotOffered, ...] = (
    NotOffered(
        "wuppertal-2018-05-29",
        "Wuppertal: gemessener Regen vom 29.05.2018",
        "Wuppertal: measured rain of 29 May 2018",
        "Dieser Regen fiel räumlich sehr verschieden und liegt diesem Programm nicht bei. Wer die Reihen der Messstellen "
        "(CSV) oder die Radardaten des DWD lädt, kann ihn rechnen.",
        "This rain differed widely over the city and does not come with this program. Load the series of the gauges "
        "(CSV) or DWD's radar data to compute it.",
    ),
)


def presets(statistics: RainStatistics | None = None) -> tuple[Preset, ...]:
    """All presets, with depths of the given place where they are defined by a return period.

    Those that its statistics do not reach (see `unreached`) are left out; the published depths stay.
    """
    local = shipped_cell() if statistics is None else statistics
    found = (
        _by_return_period(
            "nrw-100a", "NRW außergewöhnlich", "NRW exceptional", 100.0, f"{_NRW}, Szenario 2", local, statistics is None
        ),
        _block("nrw-extreme", "NRW extrem", "NRW extreme", 90.0, f"{_NRW}, Szenario 3"),
        _wuppertal("wuppertal-sri-6", "SRI 6", 50.0),
        _wuppertal("wuppertal-sri-7", "SRI 7", 100.0),
        _block(
            "wuppertal-sri-10", "Wuppertal: Starkregen SRI 10", "Wuppertal: heavy rain SRI 10", 90.0, _WUPPERTAL,
            ("Bezeichnung wie von der Stadt veröffentlicht. ", "Label as published by the city. "),
        ),
        _by_return_period(
            "nrw-30a", "NRW selten", "NRW rare", 30.0, f"{_NRW}, Szenario 1 (freiwillig)", local, statistics is None
        ),
        _by_return_period(
            "bkg-100a", "BKG außergewöhnlich", "BKG exceptional", 100.0, f"{_BKG} (Länder außer NRW)", local,
            statistics is None,
        ),
        _block(
            "bkg-extreme", "BKG extrem", "BKG extreme", 100.0, _BKG,
            ("Gilt in den Ländern der Hinweiskarte außer NRW (dort 90 l/m²). ",
             "Used in the states of the BKG map except NRW (90 mm there). "),
        ),
        _BW_EXTREME,
    )  # fmt: skip
    return tuple(preset for preset in found if preset is not None)


def unreached(statistics: RainStatistics) -> tuple[NotOffered, ...]:
    """The presets that are missing because these statistics hold no depth for them, and why."""
    offered = {p.key for p in presets(statistics)}
    return tuple(
        NotOffered(
            p.key, p.published, p.label_en.split(":")[0],
            f"{statistics.name} nennt keine Regenmenge für 60 min und T {p.return_period_a:g}.",
            f"{statistics.name_en} holds no depth for 60 min and T {p.return_period_a:g} a.",
        )
        for p in PRESETS if p.key not in offered
    )  # fmt: skip


def observed(key: str, storm: Mapping[str, Any]) -> Preset:
    """The preset of a published event, from a storm of kind gauges or field whose file the user has.

    key: one of NOT_OFFERED. ScenarioError for another key, or for a storm that is not a measured one.
    """
    known = {n.key: n for n in NOT_OFFERED}
    if key not in known:
        raise ScenarioError("no such published event", where="presets", value=key, allowed=", ".join(known))
    if storm.get("kind") not in ("gauges", "field") or not storm.get("file") or not storm.get("duration_min"):
        raise ScenarioError(
            "a measured event needs a measured storm", where=f"preset {key}", value=f"kind {storm.get('kind')}",
            allowed="kind gauges or field with file and duration_min",
        )  # fmt: skip
    event = known[key]
    return Preset(
        key, event.label_de, event.label_en, {**storm, "label": event.label_de},
        float(storm["duration_min"]) + RUN_OFF_MIN, _WUPPERTAL,
        "Gemessener Regen aus der geladenen Datei, ohne Wiederkehrzeit; ob sie die Messung zeigt, die der Karte der "
        "Stadt zugrunde liegt, ist nicht geprüft.",
        "Measured rain of the loaded file, without a return period; whether it is the measurement behind the city's "
        "map is not checked.",
        event.label_de,
    )  # fmt: skip


def _by_return_period(
    key: str, de: str, en: str, years: float, source: str, local: RainStatistics, stands_in: bool
) -> Preset | None:
    """Model rain Euler type II of 1 h with the local depth of a return period; None where the statistics do not reach it."""
    if not local.reaches(60.0, years):
        return None
    value = local.value(60.0, years)
    if local.durations_min[0] <= STEP_MIN:
        storm = local.euler_ii(60.0, years, label=de)
    else:  # a table without 5 minutes has no peak of its own: the shipped curve is scaled, and the label says so
        storm = {**local.block(60.0, years, label=de), "kind": "euler_ii"}
    spread = value.tolerance_percent
    tolerance_de = "nicht angegeben" if spread is None else f"±{spread:.3g} %"
    tolerance_en = "not stated" if spread is None else f"±{spread:.3g} %"
    note_de = f"Regenmenge nach {local.name}, Toleranzbereich {tolerance_de}. "
    note_en = f"Depth by {local.name_en}, tolerance {tolerance_en}. "
    if stands_in:
        note_de += "Das ist ein Ort in Wuppertal: für einen anderen Ort dessen Regenstatistik (KOSTRA-DWD-2020) laden. "
        note_en += "That is a place in Wuppertal: for another place load its rain statistics (KOSTRA-DWD-2020). "
    if key.startswith("nrw"):
        note_de += "Euler Typ II ist für dieses Szenario verbreitet, aber nicht vorgeschrieben."
        note_en += "Euler type II is common for this scenario but not prescribed."
    else:
        note_de += "Euler Typ II mit der Spitze nach etwa 30 % der Zeit, wie für die Hinweiskarte angegeben."
        note_en += "Euler type II with the peak after about 30 % of the time, as stated for the BKG map."
    depth = f"{value.depth_mm:.1f}"
    return Preset(
        key,
        f"{de}: T {years:g}, 1 Stunde, {depth.replace('.', ',')} l/m² nach {local.name}",
        f"{en}: T {years:g}, 1 hour, {depth} mm by {local.name_en}",
        storm, 60.0 + RUN_OFF_MIN, f"{source}; Regenmenge: {local.source}", note_de.strip(), note_en.strip(),
        de, local.name, years,
    )  # fmt: skip


def _block(key: str, de: str, en: str, depth_mm: float, source: str, more: tuple[str, str] = ("", "")) -> Preset:
    storm = {"kind": "block", "depth_mm": depth_mm, "duration_min": 60.0, "label": de}
    return Preset(
        key, f"{de} ({depth_mm:g} l/m² in 1 Stunde)", f"{en} ({depth_mm:g} mm in 1 hour)", storm, 60.0 + RUN_OFF_MIN,
        source, f"{more[0]}Blockregen ohne Wiederkehrzeit.", f"{more[1]}Block rain without a return period.", de,
    )  # fmt: skip


def _wuppertal(key: str, sri: str, years: float) -> Preset:
    """The city's own model rains of 2 h: sum of its gauge, label as published."""
    depth = _BUCHENHOFEN.depth_mm(120, years)
    shown = f"{depth:g}".replace(".", ",")
    published = f"Wuppertal: Starkregen {sri}"
    storm = {
        "kind": "euler_ii", "depth_mm": depth, "duration_min": 120.0, "label": published,
        "statistics": _BUCHENHOFEN.name, "return_period_a": years,
    }  # fmt: skip
    return Preset(
        key, f"{published} ({shown} l/m² in 2 Stunden)", f"Wuppertal: heavy rain {sri} ({depth:g} mm in 2 hours)",
        storm, 120.0 + RUN_OFF_MIN, _WUPPERTAL,
        f"Bezeichnung wie von der Stadt veröffentlicht, dort mit T {years:g} nach {_BUCHENHOFEN.name}. "
        f"{_DIFFER_DE} {_SHAPE_DE}",
        f"Label as published by the city, there with T {years:g} by {_BUCHENHOFEN.name_en}. {_DIFFER_EN} {_SHAPE_EN}",
        published, _BUCHENHOFEN.name, years,
    )  # fmt: skip


_BW_EXTREME = Preset(
    "bw-extreme",
    "Baden-Württemberg extrem: Abflusswert 128 l/m² in 1 Stunde",
    "Baden-Württemberg extreme: run-off value 128 mm in 1 hour",
    {"kind": "runoff", "depth_mm": 128.0, "duration_min": 60.0, "label": "Baden-Württemberg extrem"},
    60.0 + RUN_OFF_MIN,
    _LUBW,
    "Abflusswert ohne Wiederkehrzeit: Versickerung, Anfangsverlust und Kanal sind schon abgezogen und werden nicht noch "
    "einmal gerechnet. Veröffentlicht als 128 mm/h; das Land stellt die Abflusswerte für jeden Ort bereit: für eine "
    "Gefahrenkarte diesen örtlichen Wert eintragen.",
    "Run-off value without a return period: infiltration, initial loss and sewer are already taken off and are not "
    "computed again. Published as 128 mm/h; the state supplies the run-off values of every place: enter the local one "
    "for a hazard map.",
    "Baden-Württemberg extrem",
)

PRESETS: tuple[Preset, ...] = presets()
"""The presets without local statistics."""
