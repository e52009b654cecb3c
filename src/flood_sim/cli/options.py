"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from flood_sim.scenario import Scenario

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

MeasuresFile = Annotated[
    Path | None,
    typer.Option("--measures", help="Measures as GeoJSON, added to those of the Scenario.", metavar="FILE.geojson"),
]


def drawn(scenario: Scenario, measures: Path | None) -> Scenario:
    """The scenario with the measures of a file."""
    if measures is None:
        return scenario
    from flood_sim.measures.reading import with_measures

    return with_measures(scenario, measures)


def data_folder(chosen: Path | None) -> Path:
    """The data folder as given, else the user's own."""
    if chosen is not None:
        return chosen.expanduser().absolute()
    from flood_sim.registry import default_data_folder

    return default_data_folder()
