"""Is the service there, and which one is it?"""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from flood_sim_api.deps import ServiceDep
from flood_sim_api.schemas import About, Status

router = APIRouter(tags=["service"])


@router.get("/health/live", summary="The process answers")
def live() -> Status:
    """Always 200 while the process can answer at all."""
    return Status(status="live")


@router.get("/health/ready", summary="The service takes requests")
def ready(service: ServiceDep) -> Status:
    """200 once the data folder and its database are open; 503 while the service ends."""
    if not service.ready:
        raise HTTPException(503, "The service is not ready.")
    return Status(status="ready")


@router.get("/about", summary="Name and version of the service")
def about(service: ServiceDep) -> About:
    """Tells another command on this machine whether it met this program, and on which data folder."""
    return About(version=version("flood-sim"), instance=service.folder.instance)
