"""Drawn measures: read from GeoJSON, and checked before a run."""

from __future__ import annotations

from fastapi import APIRouter
from pyproj import CRS

from flood_sim import registry
from flood_sim_api.deps import ServiceDep
from flood_sim_api.schemas import Ask, MeasuresAsk, MeasuresChecked, MeasuresOut
from flood_sim_api.services.asked import asked

router = APIRouter(prefix="/measures", tags=["measures"])


@router.post("/parse", summary="Measures from GeoJSON")
def parse(service: ServiceDep, ask: MeasuresAsk) -> MeasuresOut:
    """Each feature one measure, its attributes the keys of the measure: for the `measures` of a scenario, in the terrain's CRS.

    The problem of a faulty feature names its number, its id and the attribute.
    """
    from flood_sim.measures.geojson import features, from_features  # slow to import

    terrain = registry.get_terrain(service.folder.path, ask.terrain)
    crs = CRS.from_wkt(terrain.facts["crs_wkt"])
    found = from_features(ask.geojson, crs)
    plain = [m.model_dump(mode="json", exclude_none=True) for m in found]
    return MeasuresOut(measures=plain, features=features(found, crs))


@router.post("/check", summary="Remarks on the measures of a scenario")
def check(service: ServiceDep, ask: Ask) -> MeasuresChecked:
    """What a run would make of each measure, and what is wrong: a wall with a gap, a basin over a building …"""
    question = asked(service.folder, ask.scenario, service.settings.threads)
    return MeasuresChecked.model_validate(
        service.sketches.ask("flood_sim_api.services.drawing_board:remarks", question, service.previews.drainages)
    )
