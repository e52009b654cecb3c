"""The worklist of a terrain in the shape of a reply."""

from __future__ import annotations

from typing import Any

import shapely
from pyproj import Transformer

from flood_sim import geojson
from flood_sim.terrain.doctor import CulvertProposal, Entry, Worklist, accepted
from flood_sim.terrain.doctor.fault import LABELS_DE, LABELS_EN, SUGGESTION_DE, SUGGESTION_EN
from flood_sim.terrain.doctor.worklist import STATE_DE, correction_id
from flood_sim_api.schemas import FaultOut, FaultsOut, ProposalOut


def listed(worklist: Worklist | None, about: dict[str, Any], *, only_accepted: bool = False) -> FaultsOut:
    """The list, or of it what was accepted; beside it the corrections for a scenario. None: nobody looked yet."""
    words = {"suggestion_de": SUGGESTION_DE, "suggestion_en": SUGGESTION_EN}
    if worklist is None:
        return FaultsOut(examined=False, faults=[], corrections=[], culverts=[], per_km2=None, notes=[], **words)
    cuts, culverts = accepted(worklist)
    turn = Transformer.from_crs(worklist.crs, 4326, always_xy=True)
    shown = [e for e in worklist.entries if e.state == "accepted" or not only_accepted]
    return FaultsOut(
        examined=True, faults=[_shape(e, worklist, turn) for e in shown], corrections=cuts, culverts=culverts,
        per_km2=about.get("per_km2"), notes=about.get("notes") or [], **words,
    )  # fmt: skip


def _shape(entry: Entry, worklist: Worklist, turn: Transformer) -> FaultOut:
    fault, proposal = entry.fault, entry.fault.proposal
    lon, lat = turn.transform(fault.x, fault.y)
    drawn = None
    if proposal is not None:
        line = _lonlat(shapely.LineString(proposal.line), worklist)
        kind = "culvert" if isinstance(proposal, CulvertProposal) else "cut"
        described = proposal.as_dict(correction_id(entry.number), entry.note)
        drawn = ProposalOut(kind=kind, entry=described, geometry=line or {})
    return FaultOut(
        number=entry.number, rank=entry.rank, found=entry.found, kind=fault.kind, label_de=LABELS_DE[fault.kind],
        label_en=LABELS_EN[fault.kind], sentence_de=fault.sentence_de, sentence_en=fault.sentence_en,
        water_held_m3=fault.water_held_m3, size_m=fault.size_m, ridge_width_m=fault.ridge_width_m,
        crossed_by=list(fault.crossed_by), evidence=fault.evidence, state=entry.state, state_de=STATE_DE[entry.state],
        who=entry.who, note=entry.note, date=entry.date, lon=round(lon, 7), lat=round(lat, 7),
        geometry=_lonlat(fault.geometry, worklist), proposal=drawn,
    )  # fmt: skip


def _lonlat(shape: shapely.Geometry, worklist: Worklist) -> dict[str, Any] | None:
    features = geojson.collection([shape], [{}], worklist.crs)["features"]
    return features[0]["geometry"] if features else None
