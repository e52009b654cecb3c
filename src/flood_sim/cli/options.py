"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="FLOOD_SIM_DATA_DIR",
        show_default="the user's data folder",
        help="Where registered files, runs and results live.",
        file_okay=False,
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen on; 127.0.0.1 is reachable from this machine only.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


def data_folder(chosen: Path | None) -> Path:
    """The data folder as given, else the user's own."""
    if chosen is not None:
        return chosen.expanduser().absolute()
    from flood_sim.registry import default_data_folder

    return default_data_folder()
