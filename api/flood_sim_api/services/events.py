"""The state of a run as server-sent events, read from the table: no client can miss a change."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import anyio
from anyio import to_thread

from flood_sim_api.db.models import FINAL, RunRow
from flood_sim_api.services.service import Service

LOOK_S = 0.25
"""How often the row is looked at; the worker reports every half second."""


def final(row: RunRow) -> bool:
    return row.state in FINAL


def event_id(row: RunRow) -> str:
    """Tells the states of a run apart; the browser sends the last one when it reconnects."""
    return f"{row.state}-{row.steps}-{int(row.cancel_requested)}"


async def stream(service: Service, run_id: str, to_json: Callable[[RunRow], str]) -> AsyncIterator[str]:
    """Event `run` at connecting and at every change, a comment in long silence, end after a final state."""
    sent, spoke = None, time.monotonic()
    yield "retry: 2000\n\n"
    while not service.stopping.is_set():
        row = await to_thread.run_sync(service.get, run_id)
        seen = (event_id(row), row.wall_s, row.message)
        if seen != sent:
            data = await to_thread.run_sync(to_json, row)
            yield f"event: run\nid: {event_id(row)}\ndata: {data}\n\n"
            sent, spoke = seen, time.monotonic()
            if final(row):
                return
        elif time.monotonic() - spoke > service.settings.heartbeat_s:
            yield ": still here\n\n"
            spoke = time.monotonic()
        await anyio.sleep(LOOK_S)
