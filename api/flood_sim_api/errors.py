"""Every error as RFC 9457 problem+json, from one table: the exception classes themselves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import ErrorDetails
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from flood_sim.errors import FloodSimError, StorageError
from flood_sim.scenario import Scenario, text

TYPE = "urn:flood-sim:problem:"
MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


def problem(
    request: Request, status: int, title: str, detail: str, *, slug: str | None = None,
    headers: dict[str, str] | None = None, **more: Any,
) -> JSONResponse:  # fmt: skip
    """One problem as a reply."""
    return Told(_body(request.url.path, status, title, detail, slug=slug, **more), status, headers, MEDIA_TYPE)


class Told(JSONResponse):
    """A problem may quote what was sent, and that may be no text (half of a surrogate pair)."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _body(instance: str, status: int, title: str, detail: str, *, slug: str | None, **more: Any) -> dict[str, Any]:
    """Type, title, status, detail, instance, and whatever else helps."""
    return {
        "type": f"{TYPE}{slug}" if slug else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        **{k: v for k, v in more.items() if v is not None},
    }


def kept_error(kept: dict[str, Any]) -> FloodSimError:
    """Why a run failed, as its row keeps it: the error of the engine, to be told again."""
    parts = {key: kept[key] for key in ("where", "value", "allowed", "hint")}
    error = FloodSimError(kept["what"], **parts)
    error.slug, error.title, error.status = kept["slug"], kept["title"], kept["status"]
    return error


def kept_problem(kept: dict[str, Any], instance: str) -> dict[str, Any]:
    """The problem of a failed run, for the reply about that run."""
    error = kept_error(kept)
    return _body(instance, error.status, error.title, **_told(error, lambda text: text))


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the media type that problems really have; FastAPI knows JSON only."""
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation["responses"]["default"]["content"]
            if "application/json" in content:
                content[MEDIA_TYPE] = content.pop("application/json")
    return document


def install(app: FastAPI) -> None:
    """Register the handlers; no reply of the service leaves this form."""
    app.add_exception_handler(FloodSimError, _known)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http)  # type: ignore[arg-type]
    app.add_exception_handler(OperationalError, _database)  # type: ignore[arg-type]
    app.add_exception_handler(UnicodeEncodeError, _no_text)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _unknown)


def _known(request: Request, error: FloodSimError) -> JSONResponse:
    """A FloodSimError carries its own status; its words lose every path of this machine."""
    told = _told(error, request.app.state.service.folder.scrub)
    return problem(request, error.status, error.title, **told)


def _told(error: FloodSimError, clean: Callable[[str], str]) -> dict[str, Any]:
    fault = {"place": clean(error.where), "message": clean(error.what)} if error.where else None
    return {
        "detail": clean(str(error)),
        "slug": error.slug,
        "errors": [fault] if fault and error.status == 422 else None,
        "allowed": error.allowed and clean(error.allowed),
        "hint": error.hint and clean(error.hint),
    }


def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    """Every fault of a request with its place, in the words of the command line; `pointer` (RFC 6901) is for programs."""
    faults = cast(list[ErrorDetails], error.errors())
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(request, 422, "The body is not valid JSON", faults[0]["msg"], slug="json")
    errors = []
    for fault in faults:
        part, *inside = fault["loc"]
        place = text.place({**fault, "loc": tuple(inside)}, error.body)
        below = inside[1:] if inside[:1] == ["scenario"] else inside  # of routes that take more than a scenario
        entry = {"place": ".".join(place), "message": text.words({**fault, "loc": tuple(below)}, Scenario)}
        if part == "body":
            entry["pointer"] = "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in place)
        errors.append(entry)
    detail = "; ".join(f"{e['place'] or 'body'}: {e['message']}" for e in errors[:5])
    return problem(request, 422, "The request is not valid", detail, slug="validation", errors=errors)


def _http(request: Request, error: HTTPException) -> JSONResponse:
    if error.status_code == 400:  # FastAPI's word for a body that is not even text
        return problem(request, 422, "The body is not valid JSON", str(error.detail), slug="json")
    title = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers) if error.headers else None
    return problem(request, error.status_code, title, str(error.detail), headers=headers)


def _no_text(request: Request, _error: UnicodeEncodeError) -> JSONResponse:
    """JSON can name half of a surrogate pair, which no file, no database and no reply can hold."""
    return problem(request, 422, "The request is not valid", "it holds characters that are no text", slug="json")


def _database(request: Request, error: OperationalError) -> JSONResponse:
    """SQLite could not write or read: the disk is full, or the file was taken away."""
    return _known(request, StorageError(f"the table of runs cannot be used: {error.orig}"))


def _unknown(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(
        request, 500, "Internal error", "The service failed on this request; its log says why.", slug="internal"
    )
