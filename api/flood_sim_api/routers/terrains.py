"""Registered terrains: what a run can be started on, and what the page draws of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse

from flood_sim import registry
from flood_sim.registry.drawing import GROUND
from flood_sim_api.deps import Column, ServiceDep, TerrainDep, Zoom, cached, unchanged
from flood_sim_api.schemas import TerrainOut
from flood_sim_api.services import hillshade

router = APIRouter(prefix="/terrains", tags=["terrains"])
PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
GEOJSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/geo+json": {}}}}


@router.get("", summary="All registered terrains")
def terrains(service: ServiceDep) -> list[TerrainOut]:
    """Terrains are registered on this machine by `flood-sim terrain add`; over HTTP they are named by id."""
    return [_shape(meta) for meta in registry.list_files(service.folder.path, "dem")]


@router.get("/{terrain_id}", summary="One terrain")
def terrain(meta: TerrainDep) -> TerrainOut:
    """Where it lies, how fine it is, and a scenario to start from."""
    return _shape(meta)


@router.get(
    "/{terrain_id}/hillshade/{z}/{x}/{y}.png",
    summary="Tile of the shaded ground",
    response_class=Response,
    responses=PNG,
)
def shaded(request: Request, service: ServiceDep, meta: TerrainDep, z: Zoom, x: Column, y: Column) -> Response:
    """256 px, Web Mercator (XYZ), transparent outside the terrain."""
    etag = f'"{meta.id}-{z}-{x}-{y}"'
    if (known := unchanged(request, etag)) is not None:
        return known
    ground = registry.folder(service.folder.path, meta.id) / GROUND
    return Response(hillshade.tile(ground, z, x, y), media_type="image/png", headers=cached(etag))


@router.get(
    "/{terrain_id}/{layer}", summary="Footprints, places or streets", response_class=FileResponse, responses=GEOJSON
)
def layer(
    service: ServiceDep,
    meta: TerrainDep,
    layer: Annotated[Literal["footprints", "places", "streets"], Path(description="which layer")],
) -> FileResponse:
    """GeoJSON in EPSG:4326; an empty collection where nothing was registered."""
    path = registry.folder(service.folder.path, meta.id) / f"{layer}.geojson"
    return FileResponse(path, media_type="application/geo+json", headers={"cache-control": "no-cache"})


def _shape(meta: registry.FileMeta) -> TerrainOut:
    facts = meta.facts
    return TerrainOut(
        id=meta.id, name=meta.name, synthetic=meta.synthetic, bounds_wgs84=facts["bounds_wgs84"],
        cell_m=facts["cell_m"], rows=facts["rows"], cols=facts["cols"], epsg=facts["epsg"],
        buildings=meta.buildings, land_cover=meta.land_cover, land_cover_table=meta.land_cover_table, lines=meta.lines,
        scenario=meta.scenario,
    )  # fmt: skip
