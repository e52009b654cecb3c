"""Registered input files: what a scenario may name, by id; small ones can be sent."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response, status
from fastapi.concurrency import run_in_threadpool

from flood_sim import registry
from flood_sim_api.deps import ServiceDep
from flood_sim_api.schemas import RegisteredOut
from flood_sim_api.services import sent

router = APIRouter(prefix="/files", tags=["files"])


@router.get("", summary="All registered files")
def files(
    service: ServiceDep,
    kind: Annotated[registry.Kind | None, Query(description="only files of this kind")] = None,
) -> list[RegisteredOut]:
    """Oldest first. Rasters and terrains are registered on this machine, by `flood-sim files add` and `flood-sim terrain add`."""
    return [RegisteredOut.model_validate(meta) for meta in registry.list_files(service.folder.path, kind)]


@router.get("/{file_id}", summary="One registered file")
def file(service: ServiceDep, file_id: Annotated[str, Path(description="id of a file")]) -> RegisteredOut:
    """What is known of it; the file itself is not delivered."""
    return RegisteredOut.model_validate(registry.get(service.folder.path, file_id))


@router.post(
    "", status_code=status.HTTP_201_CREATED, summary="Send a small file",
    responses={200: {"model": RegisteredOut, "description": "The same file was registered before"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"text/csv": {"schema": {"type": "string"}}, "application/geo+json": {"schema": {"type": "object"}}},
        }
    },
)  # fmt: skip
async def send(
    request: Request,
    response: Response,
    service: ServiceDep,
    kind: Annotated[Literal["table", "rain", "vector"], Query(description="what it is")],
    name: Annotated[str, Query(min_length=1, max_length=100, description="how it is called")],
    terrain: Annotated[str | None, Query(description="id of a terrain on which it must lie")] = None,
) -> RegisteredOut:
    """The file is the body: CSV (readings of gauges, inlets, manholes) or GeoJSON (lines with heights, areas).

    It is checked as on the command line; what is wrong is told with its line or its feature. Rasters are not taken.
    """
    body = await request.body()
    meta, new = await run_in_threadpool(sent.register, service, body, kind, name, terrain)
    if not new:
        response.status_code = status.HTTP_200_OK
    response.headers["location"] = f"/files/{meta.id}"
    return RegisteredOut.model_validate(meta)
