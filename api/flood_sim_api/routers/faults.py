"""The terrain doctor: where a terrain is probably wrong, and what people decided about it (Prüfliste Gelände)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse

from flood_sim_api.deps import ServiceDep, TerrainDep
from flood_sim_api.schemas import DecisionIn, ExamineIn, FaultsOut

router = APIRouter(prefix="/terrains/{terrain_id}", tags=["terrain doctor"])
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
GEOJSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/geo+json": {}}}}


@router.get("/faults", summary="Places where a terrain is probably wrong")
def faults(
    service: ServiceDep,
    meta: TerrainDep,
    accepted: Annotated[bool, Query(description="only those whose proposal was accepted")] = False,
    look: Annotated[bool, Query(description="false: the list as it is, in no time, even if nobody looked yet")] = True,
) -> FaultsOut:
    """Ranked by the water they hold back, each with a proposal where there is one: a suggestion, to be checked on site.

    The terrain is examined with the first request, unless `look` is false, and the list is kept beside
    it. `corrections` and `culverts` are what was accepted: put them into a scenario.
    """
    from flood_sim_api.services.faults import listed  # compiled code

    if not look and not service.worklists.examined(meta):
        return listed(None, {})
    return listed(*service.worklists.read(meta), only_accepted=accepted)


@router.post("/faults", summary="Examine a terrain again")
def look_again(service: ServiceDep, meta: TerrainDep, ask: ExamineIn) -> FaultsOut:
    """Decisions, notes and numbers stay with their places; what is not found any more leaves the list unless somebody worked on it."""
    from flood_sim_api.services.faults import listed

    service.worklists.look(meta, ask.year)
    return listed(*service.worklists.read(meta))


@router.patch("/faults/{number}", summary="Decide about a place")
def decide(
    service: ServiceDep, meta: TerrainDep, decision: DecisionIn, number: Annotated[int, Path(description="of the list")]
) -> FaultsOut:
    """Open, checked on site, accepted or rejected: who, and why. Gives the whole list, as accepted proposals change."""
    from flood_sim_api.services.faults import listed

    given = decision.model_dump(exclude={"state"})
    service.worklists.decide(meta, number, decision.state, **given)
    return listed(*service.worklists.read(meta))


@router.get("/faults.csv", summary="The list as a table", response_class=Response, responses=CSV)
def table(service: ServiceDep, meta: TerrainDep) -> Response:
    """For the site visit: semicolons and decimal commas, as spreadsheets in Germany read it."""
    from flood_sim.terrain.doctor.export import TABLE
    from flood_sim.terrain.doctor.export import table as written

    headers = {"content-disposition": f'attachment; filename="{TABLE}"'}
    text = written(service.worklists.read(meta)[0])
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/faults.geojson", summary="The list as points and lines", response_class=JSONResponse, responses=GEOJSON)
def points(service: ServiceDep, meta: TerrainDep) -> Response:
    """FeatureCollection in EPSG:4326: points of the places, lines of the proposals."""
    from flood_sim.terrain.doctor.export import points as drawn

    found = json.dumps(drawn(service.worklists.read(meta)[0]), ensure_ascii=False)
    return Response(found, media_type="application/geo+json")
