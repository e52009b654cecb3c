"""The service in the foreground: one process, one data folder, until Ctrl-C."""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvicorn

from flood_sim.errors import PortInUse
from flood_sim_api.main import create_app
from flood_sim_api.services.folder import read_announcement
from flood_sim_api.services.service import Service
from flood_sim_api.settings import Settings

SKIPPED_DRIVERS = "WMS WCS WMTS MRF GTI HTTP OGCAPI STACTA STACIT PLMOSAIC"
"""GDAL drivers that read what a file points to; every open names its driver anyway, this is the second lock.

VRT stays: reading tiles warps through a virtual raster in memory.
"""

PROBE_S = 2.0
GRACE_S = 3
"""Seconds that open requests get when the service ends."""


@dataclass(frozen=True)
class Running:
    """A service of this program that answers at an address."""

    address: str
    version: str
    instance: str


def serve(
    host: str | None = None, port: int | None = None, data_dir: Path | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:  # fmt: skip
    """Run the service until Ctrl-C or SIGTERM; returns after everything has ended.

    `on_ready` is called with the address once it answers. Raises SettingError,
    PortInUse and StorageError (data folder in use or not writable) before
    anything listens.
    """
    os.environ.setdefault("GDAL_SKIP", SKIPPED_DRIVERS)
    given = {"host": host, "port": port, "data_dir": data_dir}
    settings = Settings.read(**{k: v for k, v in given.items() if v is not None})
    try:
        listener = _listen(settings)
    except PortInUse:
        ours = probe(settings.host, settings.port, settings.data_dir)
        if ours is None:
            raise
        raise PortInUse("the service on this data folder is running there already", where=ours.address) from None
    try:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        service = Service(settings).open()
        try:
            address = address_of(settings.host, settings.port)
            config = uvicorn.Config(
                create_app(settings, service), log_level=logging.WARNING, timeout_graceful_shutdown=GRACE_S,
                server_header=False, date_header=True, proxy_headers=False,
            )  # fmt: skip
            _Server(config, service, lambda: on_ready(address) if on_ready else None).run(sockets=[listener])
        finally:
            service.close()
    finally:
        listener.close()


def probe(host: str, port: int, data_dir: Path | None = None) -> Running | None:
    """Who is at this address: None if it is free, our own service, or PortInUse for anybody else.

    With `data_dir` our own service counts only if it works on that folder.
    """
    try:
        with socket.create_connection((_reachable(host), port), timeout=PROBE_S):
            pass
    except (OSError, UnicodeError):
        return None
    address = address_of(host, port)
    about = _ask(f"{address}about")
    if about is None or about.get("name") != "flood_sim":
        raise _in_use(host, port)
    running = Running(address, str(about.get("version")), str(about.get("instance")))
    if data_dir is not None and (read_announcement(data_dir) or {}).get("instance") != running.instance:
        raise PortInUse(
            "a flood-sim service on another data folder answers there", where=f"{host}:{port}",
            hint="Choose another port with --port",
        )  # fmt: skip
    return running


def address_of(host: str, port: int) -> str:
    """The address to open in a browser."""
    name = _reachable(host)
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, ends event streams first, and returns instead of raising the signal again."""

    def __init__(self, config: uvicorn.Config, service: Service, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            threading.Thread(target=self._service.warm_up, name="flood-sim-warm-up", daemon=True).start()
            self._ready()

    def handle_exit(self, sig: int, frame: object) -> None:
        self._service.stopping.set()
        self.force_exit = self.should_exit
        self.should_exit = True


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(128)
    except (OSError, OverflowError, UnicodeError) as error:
        listener.close()
        raise _in_use(settings.host, settings.port, error) from None
    return listener


def _in_use(host: str, port: int, error: BaseException | None = None) -> PortInUse:
    """By whom, as far as this user may see; or why this address is none to listen on."""
    if error is not None and getattr(error, "errno", None) != errno.EADDRINUSE:
        reason = getattr(error, "strerror", None) or str(error)
        return PortInUse(f"cannot listen: {reason}", where=f"{host}:{port}", hint="Choose another --host or --port")
    reason = getattr(error, "strerror", None) or "another program listens there"
    holder = _holder(port)
    return PortInUse(
        f"cannot listen: {reason}" + (f" ({holder})" if holder else ""), where=f"{host}:{port}",
        hint="Stop that program or choose another port with --port",
    )  # fmt: skip


def _holder(port: int) -> str | None:
    try:
        for entry in psutil.net_connections("tcp"):
            if entry.status == psutil.CONN_LISTEN and entry.laddr and entry.laddr.port == port:
                return f"{psutil.Process(entry.pid).name()}, process {entry.pid}" if entry.pid else None
    except (psutil.Error, OSError):
        return None
    return None


def _reachable(host: str) -> str:
    """A wildcard address is answered on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def _ask(url: str) -> dict | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy: it is this machine
    try:
        with opener.open(url, timeout=PROBE_S) as reply:
            found = json.loads(reply.read(10_000))
        return found if isinstance(found, dict) else None
    except (OSError, ValueError, urllib.error.URLError):
        return None
