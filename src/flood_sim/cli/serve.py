"""`flood-sim serve`: the service and its page, in the foreground."""

from __future__ import annotations

import typer

from flood_sim.cli.options import DataDir, Host, Port, data_folder


def serve(host: Host = "127.0.0.1", port: Port = 8000, data_dir: DataDir = None) -> None:
    """Start the service: the map, the runs and the HTTP API, until Ctrl-C.

    One service works on one data folder. The API describes itself at /docs.

    Example: `flood-sim serve --port 8080 --data-dir /srv/flood`
    """
    from flood_sim_api.serving import serve as serve_until_stopped

    serve_until_stopped(host=host, port=port, data_dir=data_folder(data_dir), on_ready=open_the_map)


def open_the_map(address: str) -> None:
    """Said once the service answers."""
    typer.echo(f"Open the map: {address}  (Ctrl-C ends the service)")
