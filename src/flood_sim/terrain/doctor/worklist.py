"""Prüfliste Gelände: every fault with what people decided about it, kept when the doctor looks again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import shapely
from pyproj import CRS

from flood_sim.errors import TerrainError
from flood_sim.terrain.doctor.fault import BEFORE_DE, BEFORE_EN, Fault, Kind, ranked
from flood_sim.terrain.doctor.proposal import CulvertProposal, Proposal

State = Literal["open", "checked", "accepted", "rejected"]
STATE_DE: dict[State, str] = {
    "open": "offen",
    "checked": "vor Ort geprüft",
    "accepted": "übernommen",
    "rejected": "verworfen",
}
WIDEST_M = 50.0
SAME_PLACE_M = 10.0
"""A fault found again may lie so far from where it was (own proposal), or share half of its water with it."""


@dataclass(frozen=True)
class Entry:
    """One line of the list.

    number: given once and never again to another place. rank: 1 holds back most water; 0 for
    what the last look did not find any more (found is False). who, note, date
    (ISO, of the decision) and proposal belong to the people who work on the list: looking again never changes
    them. extra: columns that people added, kept as they are.
    """

    number: int
    rank: int
    fault: Fault
    state: State = "open"
    who: str = ""
    note: str = ""
    date: str = ""
    found: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def touched(self) -> bool:
        """Whether a person has worked on it."""
        return self.state != "open" or bool(self.who or self.note or any(v is not None for v in self.extra.values()))


@dataclass(frozen=True)
class Worklist:
    """All entries, by rank, what is no longer found last; crs of their places. columns: names of added columns.

    last_number: the highest that was ever given, also to an entry that has left the list.
    """

    crs: CRS
    entries: tuple[Entry, ...] = ()
    columns: tuple[str, ...] = ()
    last_number: int = 0

    def entry(self, number: int) -> Entry:
        """The entry of a number; TerrainError if there is none."""
        for entry in self.entries:
            if entry.number == number:
                return entry
        known = ", ".join(str(e.number) for e in self.entries[:20]) or "none"
        raise TerrainError("the worklist has no such number", value=number, allowed=known)


def merged(old: Worklist, faults: Sequence[Fault]) -> Worklist:
    """The list after another look: decisions, notes and proposals stay with their place.

    A fault found again gets new figures and a new rank. One that is not found any more stays if anybody worked
    on it, and leaves the list else. New ones get new numbers.
    """
    pairs = _pairs([e.fault for e in old.entries], faults)
    number = max((old.last_number, *(e.number for e in old.entries)))
    entries = []
    for rank, fault in enumerate(ranked(list(faults)), 1):
        known = next((old.entries[i] for i, j in pairs if faults[j] is fault), None)
        if known is None:
            number += 1
            entries.append(Entry(number, rank, fault))
            continue
        kept = replace(fault, proposal=known.fault.proposal, x=known.fault.x, y=known.fault.y)
        entries.append(replace(known, rank=rank, fault=kept, found=True))
    again = {i for i, _ in pairs}
    gone = [e for i, e in enumerate(old.entries) if i not in again and e.touched]
    entries += [replace(e, rank=0, found=False) for e in gone]
    return replace(old, entries=tuple(entries), last_number=number)


def decide(
    worklist: Worklist, numbers: Sequence[int], state: State, *, who: str, note: str | None, date: str,
    width_m: float | None = None,
) -> Worklist:  # fmt: skip
    """The list with a decision written down: who took it, when (ISO date) and why (None keeps the note).

    width_m: measured width or diameter of the opening, put into the proposal. Raises TerrainError for an
    unknown number, a missing name, and for accepting what has no proposal.
    """
    if state not in get_args(State):
        raise TerrainError("no such state", value=state, allowed=", ".join(get_args(State)))
    if not who.strip():
        raise TerrainError("the decision has no name", where="who", hint="Say who decides: --who NAME")
    if width_m is not None and not 0 < width_m <= WIDEST_M:
        raise TerrainError("no width of an opening", value=f"{width_m:g} m", allowed=f"above 0, at most {WIDEST_M:g} m")
    for number in numbers:
        entry = worklist.entry(number)
        if entry.fault.proposal is None and (state == "accepted" or width_m is not None):
            raise TerrainError(
                f"number {number} ({entry.fault.kind}) has no proposal that could be accepted", where="worklist",
                hint="Draw one in the layer proposals (QGIS), or mark it as checked",
            )  # fmt: skip
    entries = tuple(
        replace(_measured(e, width_m), state=state, who=who.strip(), date=date, note=e.note if note is None else note)
        if e.number in numbers
        else e
        for e in worklist.entries
    )
    return replace(worklist, entries=entries)


def _measured(entry: Entry, width_m: float | None) -> Entry:
    proposal = entry.fault.proposal
    if width_m is None or proposal is None:
        return entry
    if isinstance(proposal, CulvertProposal):
        height = None if proposal.shape == "circular" else proposal.height_m
        new: Proposal = replace(proposal, width_m=width_m, height_m=height)
    else:
        new = replace(proposal, width_m=width_m)
    return replace(entry, fault=replace(entry.fault, proposal=new))


def accepted(worklist: Worklist) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Accepted corrections as plain data: entries of `terrain.corrections` and of `surface.culverts` of a scenario."""
    cuts: list[dict[str, Any]] = []
    culverts: list[dict[str, Any]] = []
    for entry in worklist.entries:
        proposal = entry.fault.proposal
        if entry.state != "accepted" or proposal is None:
            continue
        name = correction_id(entry.number)
        said = f"Prüfliste {entry.number}, {entry.who} {entry.date}: {entry.note}".rstrip(": ")
        (culverts if isinstance(proposal, CulvertProposal) else cuts).append(proposal.as_dict(name, said[:200]))
    return cuts, culverts


PREFIX = "pruefliste-"


def correction_id(number: int) -> str:
    """How a correction from the list is called in a scenario."""
    return f"{PREFIX}{number}"


def _pairs(old: Sequence[Fault], new: Sequence[Fault]) -> list[tuple[int, int]]:
    """Which old fault is which new one: same kind and place, the nearest first, each once."""
    candidates = []
    for i, a in enumerate(old):
        for j, b in enumerate(new):
            if a.kind == b.kind:
                apart = float(np.hypot(a.x - b.x, a.y - b.y))
                if apart <= SAME_PLACE_M or _same_water(a, b):
                    candidates.append((apart, i, j))
    pairs, seen_old, seen_new = [], set(), set()
    for _, i, j in sorted(candidates):
        if i not in seen_old and j not in seen_new:
            pairs.append((i, j))
            seen_old.add(i)
            seen_new.add(j)
    return pairs


def _same_water(a: Fault, b: Fault) -> bool:
    if a.kind != "dam" or not a.geometry.intersects(b.geometry):
        return False
    return a.geometry.intersection(b.geometry).area >= 0.5 * max(a.geometry.area, b.geometry.area, 1e-9)


def restored(
    kind: Kind, place: shapely.Point, area: shapely.Geometry, proposal: Proposal | None, values: dict[str, Any]
) -> Fault:
    """A fault as it stands in a list; its sentences are without what was proposed when they were written."""
    names = tuple(part for part in (values["crossed_by"] or "").split("; ") if part)
    found_de, found_en = (values["text_de"] or "").split(BEFORE_DE)[0], (values["text_en"] or "").split(BEFORE_EN)[0]
    return Fault(
        kind, place.x, place.y, area, values["water_m3"] or 0.0, values["size_m"] or 0.0, found_de, found_en,
        values["ridge_width_m"], names, values["evidence"] or 0.0, proposal,
    )  # fmt: skip
