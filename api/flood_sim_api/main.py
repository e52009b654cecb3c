"""The application: `create_app(settings)`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from flood_sim_api import errors
from flood_sim_api.deps import IMMUTABLE
from flood_sim_api.routers import (
    comparisons,
    docs,
    faults,
    files,
    health,
    hyetograph,
    maps,
    measures,
    note,
    previews,
    runs,
    storms,
    surface,
    terrains,
)
from flood_sim_api.schemas import Problem
from flood_sim_api.security import Gate
from flood_sim_api.services.service import Service
from flood_sim_api.settings import Settings

STATIC = Path(__file__).parent / "static"
"""The page as it was built from api/web."""

DESCRIPTION = """
Heavy-rain (Starkregen) simulation on this machine: register a terrain, start a run, look at the map.

A **Scenario** describes terrain, storm, surface and boundaries; its files are ids of registered files, never paths.
A **run** is one attempt to compute it: `POST /runs` answers 202 and an id, `GET /runs/{run_id}/events` follows it.
`POST /preview` answers before a run, in seconds, and says what it leaves out. `POST /comparisons` computes a scenario with
and without its **measures**.
A **result** is what a finished run leaves: maps, series, a CF dataset and a manifest.

Every error is `application/problem+json` (RFC 9457).
"""
TAGS = [
    {"name": "runs", "description": "Start, follow, cancel, download."},
    {"name": "maps", "description": "Tiles, values and outlines of a finished run."},
    {"name": "previews", "description": "First answers in seconds, before a run."},
    {"name": "measures", "description": "Drawn measures, read and checked."},
    {"name": "comparisons", "description": "With measures minus without."},
    {"name": "terrain doctor", "description": "Where a terrain is probably wrong, and what was decided about it."},
    {"name": "terrains", "description": "Registered DEMs and what is drawn of them."},
    {"name": "files", "description": "Registered input files, named by id."},
    {"name": "storms", "description": "Published storms to start from."},
    {"name": "scenarios", "description": "What a scenario is made of."},
    {"name": "service", "description": "Health and version."},
]


class Page(StaticFiles):
    """The built page: files with a hash in their name are kept for ever, the rest is asked for again."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        reply = super().file_response(full_path, stat_result, scope, status_code)
        hashed = Path(full_path).parent.name == "assets"
        reply.headers["cache-control"] = IMMUTABLE if hashed else "no-cache"
        return reply


def create_app(settings: Settings | None = None, service: Service | None = None) -> FastAPI:
    """The FastAPI application on one data folder.

    `service` is for callers that open the data folder themselves, to see its
    errors before anything listens; otherwise it is opened when the app starts.
    """
    settings = settings or Settings()
    behind = service or Service(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # who waits for a turn keeps a thread: the others' shall be as many as ever
        to_thread.current_default_thread_limiter().total_tokens += behind.most_waiting
        if not behind.ready:
            await to_thread.run_sync(behind.open)
        try:
            yield
        finally:
            await to_thread.run_sync(behind.close)

    problems: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "A problem (RFC 9457)"}}
    app = FastAPI(
        title="flood_sim", version=version("flood-sim"), description=DESCRIPTION, openapi_tags=TAGS, lifespan=lifespan,
        docs_url=None, redoc_url=None, responses=problems, license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    app.state.service = behind
    app.add_middleware(Gate, settings=settings)
    errors.install(app)
    plain = app.openapi
    app.openapi = lambda: errors.describe(plain())  # type: ignore[method-assign]
    for part in (
        runs,
        maps,
        previews,
        measures,
        comparisons,
        faults,
        terrains,
        files,
        storms,
        hyetograph,
        surface,
        health,
        docs,
    ):
        app.include_router(part.router)
    if (STATIC / "index.html").exists():
        app.mount("/", Page(directory=STATIC, html=True), name="page")
    else:
        app.include_router(note.router)
    return app
