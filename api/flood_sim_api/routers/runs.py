"""Runs: start, follow, cancel, download."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response, status
from fastapi.responses import FileResponse, StreamingResponse

from flood_sim.scenario import Scenario
from flood_sim_api.db.models import RunRow
from flood_sim_api.deps import ResultDep, RunDep, ServiceDep
from flood_sim_api.errors import kept_problem
from flood_sim_api.schemas import FileOut, RunDetail, RunOut, State
from flood_sim_api.services import events, files, summary

router = APIRouter(prefix="/runs", tags=["runs"])

EXAMPLE = {
    "title": "NRW extrem: 90 l/m² in 1 Stunde",
    "terrain": {"dem": "dem-0123456789ab", "cell_m": 4, "buildings": {"file": "buildings-0123456789ab"}},
    "storm": {"kind": "block", "depth_mm": 90, "duration_min": 60},
    "surface": {"land_cover": {"file": "raster-0123456789ab"}, "roughness": {"kind": "land_cover"}},
    "numerics": {"duration_min": 120},
}


@router.post(
    "", status_code=status.HTTP_202_ACCEPTED, summary="Start a run",
    responses={
        200: {"model": RunOut, "description": "The same content was computed before, or is being computed"},
        404: {"description": "An id that nobody registered"},
        413: {"description": "The body is too large"},
    },
)  # fmt: skip
def start(
    service: ServiceDep,
    response: Response,
    scenario: Annotated[Scenario, Body(openapi_examples={"block": {"value": EXAMPLE}})],
) -> RunOut:
    """A Scenario whose files are ids of registered files. The run is a job: 202, an id, and where to follow it.

    Everything that changes the answer is hashed into `content_id`. If a run with
    the same content exists (and has not failed), it is returned with 200.
    """
    row, new = service.start(scenario)
    if not new:
        response.status_code = status.HTTP_200_OK
    response.headers["location"] = f"/runs/{row.id}"
    return shape(row)


@router.get("", summary="All runs, newest first")
def runs(
    service: ServiceDep,
    limit: Annotated[int, Query(ge=1, le=500, description="at most so many")] = 100,
    state: Annotated[State | None, Query(description="only runs in this state")] = None,
) -> list[RunOut]:
    """Also the results that other commands left in the data folder."""
    service.look_for_results()
    return [shape(row) for row in service.runs.list(limit, state)]


@router.get("/{run_id}", summary="One run")
def run(service: ServiceDep, row: RunDep) -> RunDetail:
    """Its state and progress; the scenario; and, when it is done, what its manifest sums up."""
    return detail(service, row)


@router.get(
    "/{run_id}/events", summary="Follow a run (server-sent events)", response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 204: {"description": "The final state was sent before"}},
)  # fmt: skip
async def follow(request: Request, service: ServiceDep, row: RunDep) -> Response:
    """Event `run` with the same JSON as `GET /runs/{run_id}`: once at connecting, then at every change.

    The stream ends after a final state. A client that reconnects after that
    gets 204, which tells an EventSource to stop.
    """
    if request.headers.get("last-event-id", "") == events.event_id(row) and events.final(row):
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    stream = events.stream(service, row.id, lambda r: detail(service, r).model_dump_json())
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


@router.post("/{run_id}/cancel", status_code=status.HTTP_202_ACCEPTED, summary="Cancel a run")
def cancel(service: ServiceDep, row: RunDep) -> RunOut:
    """A waiting run is cancelled at once, a computing one stops within two seconds; a run that has ended stays."""
    return shape(service.cancel(row.id))


@router.get("/{run_id}/files", summary="Files of a finished run")
def listing(result: ResultDep) -> list[FileOut]:
    """Maps as GeoTIFF (COG), the dataset as zipped Zarr, series as CSV, scenario and manifest as JSON."""
    return files.listing(result)


@router.get(
    "/{run_id}/files/{name}", summary="Download a file", response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)  # fmt: skip
def download(row: RunDep, result: ResultDep, name: Annotated[str, Path(description="a name of the list")]) -> Response:
    """`result.zarr.zip` opens as it is: `xarray.open_zarr(zarr.storage.ZipStore("result.zarr.zip"))`."""
    path = files.one(result, name)
    saved_as = f"{row.id[:8]}_{name}"
    if name == files.ZARR_ZIP:
        headers = {"content-disposition": f'attachment; filename="{saved_as}"'}
        return StreamingResponse(files.zipped_zarr(result), media_type=files.MEDIA_TYPES[name], headers=headers)
    return FileResponse(path, media_type=files.MEDIA_TYPES[name], filename=saved_as)


def shape(row: RunRow) -> RunOut:
    return RunOut.model_validate({**_columns(row), "links": links(row.id)})


def detail(service: ServiceDep, row: RunRow) -> RunDetail:
    done = summary.of(service.folder.run(row.id)) if row.state == "done" else None
    why = kept_problem(row.problem, f"/runs/{row.id}") if row.problem else None
    return RunDetail.model_validate({**_columns(row), "links": links(row.id), "manifest": done, "problem": why})


def links(run_id: str) -> dict[str, str]:
    """Where everything about a run is found; {variable}, {z}, {x}, {y} are to be filled in."""
    here = f"/runs/{run_id}"
    return {
        "self": here,
        "events": f"{here}/events",
        "cancel": f"{here}/cancel",
        "files": f"{here}/files",
        "tiles": f"{here}/tiles/{{variable}}/{{z}}/{{x}}/{{y}}.png",
        "value": f"{here}/value",
        "footprints": f"{here}/footprints",
        "measures": f"{here}/measures",
    }


def _columns(row: RunRow) -> dict:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
