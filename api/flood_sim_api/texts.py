"""Sentences about runs, German first; what the engine says follows as it is."""

from __future__ import annotations

from flood_sim_api.services.worker import Outcome

STOPPED = ("Der Dienst wurde beendet; bitte erneut starten", "The service was stopped; please start again")
CANCELLED = ("Vom Benutzer abgebrochen", "Cancelled by the user")
CANCELLING = ("Wird abgebrochen …", "Being cancelled …")
LOST = ("Das Ergebnis wurde aus dem Datenordner entfernt", "The result was removed from the data folder")
WAITING = ("Wartet auf freie Rechenzeit", "Waiting for its turn")
PREPARING = (
    "Gelände und Rechenkern werden vorbereitet", "The terrain and the solver are being prepared",
)  # fmt: skip

FAILURES: dict[str, tuple[str, str]] = {
    "scenario": ("Das Szenario ist so nicht möglich", "The scenario is not possible like this"),
    "terrain": ("Das Gelände kann nicht verwendet werden", "The terrain cannot be used"),
    "unstable": ("Die Rechnung wurde instabil", "The run became unstable"),
    "mass-balance": ("Die Wasserbilanz geht nicht auf", "The water balance does not close"),
    "storage": ("Das Ergebnis konnte nicht gespeichert werden", "The result could not be stored"),
    "result": ("Das Ergebnis konnte nicht angelegt werden", "The result could not be created"),
    "device": (
        "Die verlangte Grafikkarte kann nicht verwendet werden",
        "The device that was asked for cannot be used",
    ),
    "checkpoint": (
        "Der Zwischenstand gehört zu einer anderen Rechnung",
        "The checkpoint belongs to another computation",
    ),
    "memory": (
        "Der Arbeitsspeicher reicht nicht; gröbere Zellen oder ein kleineres Gebiet wählen",
        "Not enough memory; choose coarser cells or a smaller area",
    ),
    "killed": (
        "Der Rechenprozess wurde von außen beendet, häufig wegen zu wenig Arbeitsspeicher; bitte erneut starten",
        "The worker process was killed, often for lack of memory; please start again",
    ),
    "executor": ("Der Rechenprozess konnte nicht gestartet werden", "The worker process could not be started"),
    "stopped": STOPPED,
    "internal": (
        "Interner Fehler; das Protokoll des Dienstes nennt ihn",
        "Internal error; the log of the service names it",
    ),
}


def of_outcome(outcome: Outcome) -> tuple[str | None, str | None]:
    """The German and English message of a run that ended."""
    if outcome.state == "done":
        return None, None
    if outcome.state == "cancelled":
        return CANCELLED
    german, english = FAILURES.get(outcome.slug or "", FAILURES["internal"])
    if outcome.detail:
        return f"{german}: {outcome.detail}", f"{english}: {outcome.detail}"
    return german, english
