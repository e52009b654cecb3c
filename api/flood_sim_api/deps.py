"""What routes share: the service, and ids that are checked before anything touches the disk."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import Depends, Path, Request, Response

from flood_sim import registry
from flood_sim.errors import ResultError
from flood_sim_api.db.models import RunRow
from flood_sim_api.errors import kept_error
from flood_sim_api.services.service import Service
from flood_sim_api.services.tiles import MAX_ZOOM

IMMUTABLE = "public, max-age=31536000, immutable"


def get_service(request: Request) -> Service:
    return request.app.state.service


ServiceDep = Annotated[Service, Depends(get_service)]


def get_run(service: ServiceDep, run_id: Annotated[str, Path(description="id of a run")]) -> RunRow:
    return service.get(run_id)


RunDep = Annotated[RunRow, Depends(get_run)]


def get_result(service: ServiceDep, row: RunDep) -> FilePath:
    """The folder of a finished run; 409 as long as it is not done, the problem of a run that failed."""
    if row.state == "failed" and row.problem is not None:
        raise kept_error(row.problem)
    if row.state != "done":
        raise ResultError("this run has no result", value=f"state {row.state}", allowed="state done")
    return service.folder.run(row.id)


ResultDep = Annotated[FilePath, Depends(get_result)]


def get_terrain(
    service: ServiceDep, terrain_id: Annotated[str, Path(description="id of a terrain")]
) -> registry.FileMeta:
    return registry.get_terrain(service.folder.path, terrain_id)


TerrainDep = Annotated[registry.FileMeta, Depends(get_terrain)]
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM)]
Column = Annotated[int, Path(ge=0, lt=2**MAX_ZOOM)]


def unchanged(request: Request, etag: str) -> Response | None:
    """304 when the browser has this very answer already."""
    known = request.headers.get("if-none-match", "")
    if etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(status_code=304, headers=cached(etag))
    return None


def cached(etag: str) -> dict[str, str]:
    return {"etag": etag, "cache-control": IMMUTABLE}
