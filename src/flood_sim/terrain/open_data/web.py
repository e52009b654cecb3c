"""Reading from a server that may be slow, busy, wrong or not what it says.

Every answer has a size limit, redirects stay on the host that was asked, and
what may pass (503, time-outs, a broken connection) is tried again, waiting as
the server asks (Retry-After) or twice as long each time.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import httpx

from flood_sim.errors import Cancelled, FetchError
from flood_sim.terrain.open_data.address import follow, host, said

MOST_REDIRECTS = 5
BUSY = {408, 425, 429, 500, 502, 503, 504}
GONE = {404, 410}
LATER = "Try again later; what arrived so far is kept"
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often.

    A wait asked for by the server that is longer than `longest_wait_s` is not
    waited. An answer that after `slow_after_s` brought less than `slow_bytes_per_s`
    on average counts as a time-out.
    """

    connect_s: float = 10.0
    read_s: float = 60.0
    tries: int = 5
    backoff_s: float = 1.0
    longest_wait_s: float = 120.0
    slow_after_s: float = 60.0
    slow_bytes_per_s: float = 1000.0


class Missing(FetchError):
    """The server says that there is no such file."""


class Unreachable(FetchError):
    """The server did not answer as it should although it was asked again and again."""


class Again(Exception):
    """Inside this package: this attempt failed, another may not. `wait_s` is what the server asked for."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait_s = reason, wait_s


@dataclass(frozen=True)
class Answer:
    """A JSON document, the headers it came with, and its size in bytes."""

    data: Any
    headers: Mapping[str, str]
    bytes: int


class Web:
    """A client for open data. Safe to use from several threads; `stop` makes all of them leave soon."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self.stop = threading.Event()
        timeout = httpx.Timeout(self.patience.read_s, connect=self.patience.connect_s)
        self._client = httpx.Client(
            timeout=timeout, follow_redirects=False, headers={"User-Agent": _agent()}, verify=_certificates()
        )

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._client.close()

    def json(self, url: str, most_bytes: int) -> Answer:
        """A JSON document; FetchError that says what came instead."""

        def once() -> Answer:
            with self.open(url, {"Accept": "application/geo+json, application/json"}) as response:
                body = b"".join(self.chunks(response, most_bytes))
                return Answer(_parsed(body, url), dict(response.headers), len(body))

        return self.tried(once, url)

    def tried(self, once: Callable[[], T], url: str) -> T:
        """`once()`, again after each `Again`, with growing waits; then Unreachable with the last reason."""
        reason, tries = "", max(1, self.patience.tries)
        for attempt in range(tries):
            self.check()
            try:
                return once()
            except Again as fault:
                reason = fault.reason
                wait = self.patience.backoff_s * 2**attempt if fault.wait_s is None else fault.wait_s
            if wait > self.patience.longest_wait_s:
                raise Unreachable(f"{reason} and asks to come back in {wait:.0f} s", where=url, hint=LATER)
            if attempt + 1 < tries:
                self.stop.wait(wait)
        number = "once" if tries == 1 else f"{tries} times"
        raise Unreachable(f"{reason} (asked {number})", where=url, hint=LATER)

    def check(self) -> None:
        if self.stop.is_set():
            raise Cancelled("fetching was stopped", hint="What arrived so far is kept; the same command goes on")

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str], fine: tuple[int, ...] = (200,)) -> Iterator[httpx.Response]:
        """The answer to GET, its body unread. Again, Missing or FetchError unless its status is one of `fine`."""
        try:
            response = self._followed(url, headers)
            try:
                _check_status(response, url, fine)
                yield response
            finally:
                response.close()
        except httpx.TimeoutException:
            raise Again(f"{host(url)} does not answer in time") from None
        except httpx.TransportError as error:
            if "CERTIFICATE" in str(error):
                raise FetchError(
                    f"the certificate of {host(url)} is not trusted ({said(error)})", where=url,
                    hint="Behind a proxy that opens TLS, name its certificates in SSL_CERT_FILE",
                ) from None  # fmt: skip
            broken = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
            what = "the connection broke off" if broken else "no connection"
            raise Again(f"{what} to {host(url)} ({said(error)})") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(f"the answer cannot be read ({said(error)})", where=url, hint=LATER) from None

    def chunks(self, response: httpx.Response, most_bytes: int) -> Iterator[bytes]:
        """The body piece by piece, as the server stored it; FetchError beyond `most_bytes`, Again when it only trickles."""
        got, start, url = 0, time.monotonic(), str(response.url)
        # pieces as they come: what waits in a buffer would be lost when the connection breaks
        for chunk in response.iter_bytes():
            self.check()
            got += len(chunk)
            if got > most_bytes:
                raise FetchError(
                    "the answer is larger than it can be", where=url, allowed=f"{most_bytes:,} bytes at most"
                )
            yield chunk
            passed = time.monotonic() - start
            if passed > self.patience.slow_after_s and got < passed * self.patience.slow_bytes_per_s:
                raise Again(f"{host(url)} sends only {got / passed:.0f} bytes/s")

    def _followed(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        here = url
        for _ in range(MOST_REDIRECTS + 1):
            response = self._client.send(self._client.build_request("GET", here, headers=dict(headers)), stream=True)
            if not response.has_redirect_location:
                return response
            response.close()
            here = follow(here, response.headers["location"], "sends us on")
        raise FetchError(f"more than {MOST_REDIRECTS} redirects", where=url, hint=LATER)


def _check_status(response: httpx.Response, url: str, fine: tuple[int, ...]) -> None:
    code = response.status_code
    if code in fine:
        return
    words = f"{host(url)} answers {code} {said(response.reason_phrase, 40)}".rstrip()
    if code in BUSY:
        raise Again(words, _retry_after(response.headers.get("retry-after")))
    if code in GONE:
        raise Missing(words, where=url)
    raise FetchError(words, where=url, hint="Does the address still exist, and may it be read without log-in?")


def _retry_after(text: str | None) -> float | None:
    """Seconds from a Retry-After header: a number or a date."""
    if not text:
        return None
    try:
        return max(0.0, float(int(text)))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _parsed(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if start.startswith((b"<!doctype html", b"<html")):
            raise FetchError(
                "the server answers with a web page (HTML) instead of data", where=url,
                hint="Maintenance, or a log-in page of your network? Open the address in a browser",
            ) from None  # fmt: skip
        what = "an XML document" if start.startswith(b"<") else "nothing" if not body else "something that is not JSON"
        raise FetchError(f"the server answers with {what} instead of JSON", where=url, hint=LATER) from None


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust: read once, as it takes longer than a small answer."""
    return httpx.create_ssl_context()


def _agent() -> str:
    try:
        return f"flood-sim/{version('flood-sim')}"
    except PackageNotFoundError:
        return "flood-sim"
