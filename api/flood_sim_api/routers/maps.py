"""Maps of a finished run: tiles, the value at a point, the footprints."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from flood_sim import geojson
from flood_sim_api.deps import Column, ResultDep, RunDep, Zoom, cached, unchanged
from flood_sim_api.schemas import ValueOut
from flood_sim_api.services import tiles, value

router = APIRouter(prefix="/runs/{run_id}", tags=["maps"])
Variable = Literal["max_depth", "max_speed", "max_unit_discharge", "arrival_time", "duration"]


@router.get(
    "/tiles/{variable}/{z}/{x}/{y}.png", summary="Tile of a map", response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)  # fmt: skip
def tile(
    request: Request, row: RunDep, result: ResultDep,
    variable: Annotated[Variable, Path(description="which map")], z: Zoom, x: Column, y: Column,
) -> Response:  # fmt: skip
    """256 px, Web Mercator (XYZ), coloured by `GET /legend`, transparent outside and below the first class."""
    etag = f'"{row.content_id}-{variable}-{z}-{x}-{y}"'
    if (known := unchanged(request, etag)) is not None:
        return known
    return Response(tiles.render(result, variable, z, x, y), media_type="image/png", headers=cached(etag))


@router.get("/value", summary="Depth, speed and times at a point")
def point(
    result: ResultDep,
    lon: Annotated[float, Query(ge=-180, le=180, description="degrees east (WGS 84)")],
    lat: Annotated[float, Query(ge=-90, le=90, description="degrees north (WGS 84)")],
) -> ValueOut:
    """Rounded for the public: depth to 10 cm up to "> 150 cm", speed to 0.1 m/s up to "> 6 m/s"."""
    return value.at(result, lon, lat)


@router.get(
    "/footprints", summary="Buildings of the run", response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}},
)  # fmt: skip
def footprints(result: ResultDep) -> Response:
    """GeoJSON in EPSG:4326; an empty collection for a run without buildings."""
    path = result / value.FOOTPRINTS
    if path.exists():
        return FileResponse(path, media_type="application/geo+json")
    return JSONResponse(geojson.EMPTY, media_type="application/geo+json")


@router.get(
    "/measures", summary="Measures of the run", response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}},
)  # fmt: skip
def measures(result: ResultDep) -> Response:
    """GeoJSON in EPSG:4326 with labels: belongs on every map of the run; an empty collection for a run without measures."""
    path = result / "measures.geojson"
    if path.exists():
        return FileResponse(path, media_type="application/geo+json")
    return JSONResponse(geojson.EMPTY, media_type="application/geo+json")
