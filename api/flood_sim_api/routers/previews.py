"""First answers in seconds, before a run: previews, where water comes from, what a drawn area brings with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse

from flood_sim import registry
from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario
from flood_sim_api.deps import Column, ServiceDep, Zoom, cached, unchanged
from flood_sim_api.schemas import ExtentAsk, ExtentOut, OriginAsk, OriginOut, PreviewAsk, PreviewOut
from flood_sim_api.services import tiles
from flood_sim_api.services.asked import Asked, asked
from flood_sim_api.services.polygons import in_terrain
from flood_sim_api.services.previews import DEPTH
from flood_sim_api.services.service import Service

router = APIRouter(tags=["previews"])
PreviewId = Annotated[str, Path(description="id of a preview")]
PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
GEOJSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/geo+json": {}}}}
TIFF = "image/tiff; application=geotiff; profile=cloud-optimized"


@router.post("/preview", summary="First answer in seconds")
def preview(service: ServiceDep, ask: PreviewAsk) -> PreviewOut:
    """`sinks`: where the rain gathers and which ways it takes; `quick`: the solver on coarser cells. Show `label`, `leaves_out`, `distance`.

    The answer is kept for a while under its id. The same question has the same
    id, and is answered from what is kept. 503 when too many wait, or when it takes too long.
    """
    aside = service.quicks if ask.rung == "quick" else service.sketches
    return _shape(service, service.previews.make(aside, _asked(service, ask.scenario), ask.rung))


@router.get("/previews/{preview_id}", summary="One preview")
def one(service: ServiceDep, preview_id: PreviewId) -> PreviewOut:
    """As it was answered; 404 when it is forgotten, only the last ones are kept."""
    return _shape(service, preview_id)


@router.get("/previews/{preview_id}/max_depth.tif", summary="Depth of a preview", response_class=FileResponse,
            responses={200: {"content": {"image/tiff": {}}}})  # fmt: skip
def depth(service: ServiceDep, preview_id: PreviewId) -> FileResponse:
    """GeoTIFF (COG) in the CRS of the terrain; its tags say what it is and what it leaves out."""
    path = service.previews.folder(preview_id) / DEPTH
    return FileResponse(path, media_type=TIFF, filename=f"{preview_id}_max_depth.tif")


@router.get("/previews/{preview_id}/tiles/max_depth/{z}/{x}/{y}.png", summary="Tile of a preview",
            response_class=Response, responses=PNG)  # fmt: skip
def tile(request: Request, service: ServiceDep, preview_id: PreviewId, z: Zoom, x: Column, y: Column) -> Response:
    """256 px, Web Mercator (XYZ), in the classes of `GET /legend` for max_depth."""
    etag = f'"{preview_id}-{z}-{x}-{y}"'
    if (known := unchanged(request, etag)) is not None:
        return known
    path = service.previews.folder(preview_id) / DEPTH
    return Response(tiles.of_file(path, "max_depth", z, x, y), media_type="image/png", headers=cached(etag))


@router.get("/previews/{preview_id}/{layer}", summary="Flow paths, catchments or spill points of a preview",
            response_class=FileResponse, responses=GEOJSON)  # fmt: skip
def layer(
    service: ServiceDep,
    preview_id: PreviewId,
    layer: Annotated[Literal["flow_paths", "catchments", "spill_points"], Path(description="which layer")],
) -> FileResponse:
    """GeoJSON in EPSG:4326, simplified to the size of a cell."""
    path = service.previews.layer(preview_id, layer)
    return FileResponse(path, media_type="application/geo+json")


@router.post("/origin", summary="Where the water of a place comes from")
def origin(service: ServiceDep, ask: OriginAsk) -> OriginOut:
    """Woher kommt das Wasser hier? The contributing area of a place, with hectares and what the storm brings there."""
    lonlat, xy = (ask.lon, ask.lat), (ask.x, ask.y)
    given = [pair for pair in (lonlat, xy) if None not in pair]
    if len(given) != 1 or sum(v is not None for v in (*lonlat, *xy)) != 2:
        raise ScenarioError("a place is lon and lat, or x and y", where="place", hint="Give one of both pairs")
    about = (_asked(service, _of(service, ask)), given[0], given[0] is lonlat, service.previews.drainages)
    found = service.sketches.ask("flood_sim_api.services.sketch:where_from", *about)
    return OriginOut.model_validate(found)


@router.post("/extent", summary="What a drawn area would compute")
def extent(service: ServiceDep, ask: ExtentAsk) -> ExtentOut:
    """The cut-out of `terrain.area` with its catchment, in hectares and as a sentence, before a run is started."""
    scenario = ask.scenario
    if ask.drawn is not None:
        scenario = in_terrain(service.folder.path, scenario, ask.drawn)
    return ExtentOut.model_validate(
        service.sketches.ask("flood_sim_api.services.drawing_board:extent", _asked(service, scenario))
    )


def _asked(service: Service, scenario: Scenario) -> Asked:
    return asked(service.folder, scenario, service.settings.threads)


def _of(service: Service, ask: OriginAsk) -> Scenario:
    """The scenario meant: the one given, or that of the terrain, with another depth of rain if there is one."""
    if (ask.scenario is None) == (ask.terrain is None):
        raise ScenarioError("give either scenario or terrain", where="scenario")
    scenario = ask.scenario
    if scenario is None:
        meta = registry.get_terrain(service.folder.path, str(ask.terrain))
        scenario = Scenario.parse(meta.scenario, meta.name)
    if ask.rain_mm is None:
        return scenario
    storm = {"kind": "block", "depth_mm": ask.rain_mm, "duration_min": min(60.0, scenario.numerics.duration_min)}
    return Scenario.parse({**scenario.model_dump(mode="json"), "storm": storm})


def _shape(service: Service, preview_id: str) -> PreviewOut:
    about, here = service.previews.about(preview_id), f"/previews/{preview_id}"
    links = {
        "self": here,
        "tiles": f"{here}/tiles/max_depth/{{z}}/{{x}}/{{y}}.png",
        "max_depth": f"{here}/max_depth.tif",
        "legend": "/legend",
        **{name: f"{here}/{name}" for name in about["layers"]},
    }
    return PreviewOut.model_validate({**about, "id": preview_id, "links": links})
