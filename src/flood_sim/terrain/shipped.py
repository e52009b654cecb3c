"""Where the shipped terrain lies: beside the sources in a checkout, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path

from flood_sim.errors import TerrainError

PACKAGE = Path(__file__).resolve().parents[1]
PLACES = (PACKAGE / "data" / "dem", PACKAGE.parents[1] / "data" / "dem")
SCENARIO = "musterstadt.yaml"


def town_folder() -> Path:
    """The folder of the invented town "Musterstadt"; TerrainError if this installation lacks it."""
    for folder in PLACES:
        if (folder / SCENARIO).is_file():
            return folder
    raise TerrainError(
        "the shipped town is missing from this installation",
        where=str(PLACES[-1]),
        hint="Make it anew with `flood-sim dem make-demo FOLDER`",
    )


def town_scenario() -> Path:
    """The demo Scenario; its file names are relative to it."""
    return town_folder() / SCENARIO
