"""What every request passes first: host, origin and size; and the headers of every reply."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flood_sim_api.errors import problem
from flood_sim_api.settings import Settings

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self' blob:",  # MapLibre draws in workers
        "child-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",  # MapLibre's markers and controls carry style attributes
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


class Gate:
    """Refuses foreign Host names (DNS rebinding), writes from foreign pages, and bodies that are too large."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = tuple(h.lower() for h in settings.hosts)
        self.limit = settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request = Request(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    reply.setdefault(name, value)
            await send(message)

        refused = None
        if not self._host_allowed(headers.get("host", "")):
            refused = problem(
                request, 421, "Unknown host", "This service does not answer under that name.", slug="host"
            )
        elif scope["method"] in CHANGING and not _same_origin(headers):
            refused = problem(request, 403, "Foreign origin", "Another page may not start or stop runs.", slug="origin")
        elif _declared(headers) > self.limit:
            refused = problem(request, 413, "The body is too large", self._too_large, slug="too-large")
        if refused is not None:
            await refused(scope, receive, send_guarded)
            return
        await self.app(scope, self._counted(receive), send_guarded)

    @property
    def _too_large(self) -> str:
        return f"At most {self.limit} bytes are accepted."

    def _host_allowed(self, host: str) -> bool:
        if "*" in self.hosts:
            return True
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name is not None and name.lower() in self.hosts

    def _counted(self, receive: Receive) -> Receive:
        """The same body, cut with 413 when more arrives than was declared or allowed."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limit:
                raise HTTPException(413, self._too_large)
            return message

        return counted


def _same_origin(headers: Headers) -> bool:
    """Browsers name the page a write comes from; programs send no Origin and pass."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
