"""What scenarios are made of: their JSON Schema, and the land-cover table."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from flood_sim import registry
from flood_sim.errors import NotFound
from flood_sim.scenario import Scenario
from flood_sim.surface.land_cover import GROUPS, load_table, read_table
from flood_sim_api.deps import ServiceDep
from flood_sim_api.schemas import LandCoverClassOut, LandCoverOut

router = APIRouter(tags=["scenarios"])


@router.get("/schema/scenario", summary="JSON Schema of a Scenario")
def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `POST /runs` takes; units stand in the names of the keys."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}


@router.get("/surface/land-cover", summary="Land-cover table")
def land_cover(
    service: ServiceDep,
    table: Annotated[str | None, Query(description="id of an edited table; else the shipped one")] = None,
) -> LandCoverOut:
    """Roughness, losses and sealed share of each class; `marks` say where every group of numbers comes from."""
    if table is not None and not table.startswith("cover_table-"):
        raise NotFound("no such land-cover table", value=table[:60])
    found = load_table() if table is None else read_table(registry.resolve(service.folder.path, table))
    classes = [
        LandCoverClassOut.model_validate(
            {**c.model_dump(), "marks": {**{group: found.defaults[group] for group in GROUPS}, **c.marks}}
        )
        for c in found.classes
    ]
    return LandCoverOut(classes=classes, marks=found.marks, groups=list(GROUPS))
