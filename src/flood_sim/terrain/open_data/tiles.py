"""All tiles of a plan, several at a time, each checked before it counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from flood_sim.errors import Cancelled, FetchError
from flood_sim.terrain.findings import Refusal
from flood_sim.terrain.open_data.cache import Kept, TileCache
from flood_sim.terrain.open_data.download import discard, download
from flood_sim.terrain.open_data.plan import Plan, Progress
from flood_sim.terrain.open_data.provider import Provider, Tile
from flood_sim.terrain.open_data.tile_check import BROKEN, check_tile
from flood_sim.terrain.open_data.web import Again, Missing, Unreachable, Web

MOST_UNREACHABLE = 3
"""After so many tiles that the server did not give in spite of all patience, the others are not asked for."""
LISTED = 8
_checking = threading.Lock()  # GDAL's cache size is one setting for all threads


@dataclass
class _Tally:
    """What came of the tiles so far."""

    kept: dict[str, Kept] = field(default_factory=dict)
    missing: list[Tile] = field(default_factory=list)
    failed: list[tuple[Tile, FetchError]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def fetch_tiles(
    web: Web,
    plan: Plan,
    cache: TileCache,
    *,
    parallel: int,
    told: Callable[[Progress], None],
    cancel: Callable[[], bool],
) -> tuple[dict[str, Kept], list[Tile], list[str]]:
    """Download what the plan lacks: (good tiles by name, tiles the server does not have, notes).

    FetchError names every tile that could not be had and why; the good ones stay
    in the cache. Cancelled where `cancel()` turns true.
    """
    tally, wanted = _Tally(), plan.to_fetch
    there = dict.fromkeys((t.name for t in wanted), 0)  # never grows: it is read while the threads write
    with ThreadPoolExecutor(max_workers=max(1, parallel), thread_name_prefix="fetch") as pool:
        running: dict[Future[Kept], Tile] = {}
        waiting = list(reversed(wanted))
        try:
            while waiting or running:
                while waiting and len(running) < parallel:
                    tile = waiting.pop()
                    running[pool.submit(_fetch, web, plan.provider, tile, cache, there, tally.notes)] = tile
                done, _ = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
                for future in done:
                    _book(future, running.pop(future), tally)
                told(Progress("tiles", sum(there.values()) / 1e6, plan.bytes / 1e6, "MB"))
                if cancel():
                    web.stop.set()
                    raise Cancelled(
                        "fetching was stopped", hint="What arrived so far is kept; the same command goes on"
                    )
                if sum(isinstance(e, Unreachable) for _, e in tally.failed) >= MOST_UNREACHABLE:
                    waiting.clear()
        except BaseException:
            web.stop.set()
            raise
    if tally.failed:
        raise _failure(tally, plan)
    return tally.kept, sorted(tally.missing, key=lambda t: (-t.south, t.west)), tally.notes


def _fetch(web: Web, provider: Provider, tile: Tile, cache: TileCache, there: dict[str, int], notes: list[str]) -> Kept:
    part = cache.part(tile)

    def told(size: int) -> None:
        there[tile.name] = size

    def once() -> Kept:
        received = download(web, tile.url, part, provider.most_tile_bytes, told)
        differs = tile.bytes is not None and received.bytes != tile.bytes
        if differs and received.announced is None:  # nobody vouches for the end of the file
            discard(part)
            raise Again(f"{received.bytes:,} bytes came, the index says {tile.bytes:,}")
        try:
            with _checking:
                heights = check_tile(part, tile, provider)
        except Refusal as refusal:
            discard(part)
            found = refusal.finding
            if found.code in BROKEN:
                raise Again(found.text) from None
            raise FetchError(found.text, where=tile.url, hint=found.hint) from None
        if differs:
            notes.append(
                f"{tile.name}: {received.bytes:,} bytes, the index says {tile.bytes:,}; it reads whole and is used"
            )
        return cache.accept(tile, part, received, heights)

    return web.tried(once, tile.url)


def _book(future: Future[Kept], tile: Tile, tally: _Tally) -> None:
    try:
        tally.kept[tile.name] = future.result()
    except Missing:
        tally.missing.append(tile)
    except FetchError as error:
        tally.failed.append((tile, error))


def _failure(tally: _Tally, plan: Plan) -> FetchError:
    """One line for all: the tiles by name, each reason once."""
    reasons: dict[str, list[str]] = {}
    for tile, error in tally.failed:
        reason = error.what if error.allowed is None else f"{error.what} (allowed: {error.allowed})"
        reasons.setdefault(reason, []).append(tile.name)
    texts = []
    for reason, names in reasons.items():
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        texts.append(f"{', '.join(names[:LISTED])}{more}: {reason}")
    hints = list(dict.fromkeys(e.hint for _, e in tally.failed if e.hint))
    good = len(plan.kept) + len(tally.kept)
    unreachable = all(isinstance(e, Unreachable) for _, e in tally.failed)
    return (Unreachable if unreachable else FetchError)(
        f"{good} of {len(plan.tiles)} tiles are here; not to be had: {'; '.join(texts)}",
        where=tally.failed[0][1].where if len(tally.failed) == 1 else plan.index.url, hint=". ".join(hints) or None,
    )  # fmt: skip
