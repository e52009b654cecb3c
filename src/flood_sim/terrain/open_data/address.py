"""Addresses: which may be fetched from, which belong together, and what of them may be shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from flood_sim.errors import FetchError, TerrainError


def checked_base(url: str) -> str:
    """An address to put paths behind: http(s), a host, nothing secret, no query. TerrainError otherwise."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.password or parts.query or parts.fragment:
        # the address itself is not repeated: it may hold a password
        raise TerrainError(
            "is not an address to fetch from", where="base URL", allowed="https://host/path, without user, password or query",
        )  # fmt: skip
    return url.strip().rstrip("/")


def follow(url: str, reference: str, does: str) -> str:
    """The address that `url` leads to, where it is on the same host and port; FetchError otherwise.

    From http to https may be stepped up, never down. `does` says how the server leads there.
    """
    try:
        target = urljoin(url, reference)
        old, new = urlsplit(url), urlsplit(target)
        kept = (old.scheme, _port(old)) == (new.scheme, _port(new))
        raised = (old.scheme, new.scheme, _port(old), _port(new)) == ("http", "https", 80, 443)
        here = old.hostname == new.hostname and not new.username and not new.password and (kept or raised)
        place = f"{new.scheme}://{new.hostname}"
    except ValueError:
        here, place = False, reference
    if not here:
        raise FetchError(
            f"the server {does} to another place ({said(place)})", where=url, allowed=f"addresses on {origin(url)}",
            hint="A log-in page or a moved service? Open it in a browser",
        )  # fmt: skip
    return target


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host(url: str) -> str:
    return urlsplit(url).netloc


def said(words: object, most: int = 120) -> str:
    """What a server said, fit for one line: printable, without line breaks, not endless."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(words)).split())
    return text if len(text) <= most else text[: most - 3] + "..."


def _port(parts: Any) -> int:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
