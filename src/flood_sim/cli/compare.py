"""`flood-sim compare`: a scenario with its measures and without them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flood_sim.cli.options import MeasuresFile, drawn
from flood_sim.cli.run import compute


def compare(
    scenario: Annotated[Path, typer.Argument(help="A Scenario with measures, YAML or JSON.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for both Results and the Comparison.", metavar="DIR")
    ],
    measures: MeasuresFile = None,
    english: Annotated[bool, typer.Option("--english", help="Sentences in English.")] = False,
) -> None:
    """Compute a Scenario without and with its measures, and compare.

    DIR then holds **without/** and **with/** (Results), **difference.tif** (m, with minus without; differences below 5 cm
    count as none), **buildings.csv** (those with more water first) and **comparison.json**. A Result that is there and
    answers the same question is not computed again.

    Example: `flood-sim compare data/dem/musterstadt.yaml --measures data/dem/musterstadt_measures_hang.geojson -o runs/hang`
    """
    from flood_sim.comparing import compare as computed
    from flood_sim.scenario import Scenario

    found = computed(drawn(Scenario.load(scenario), measures), output, run=compute)
    for sentence in found.sentences()["en" if english else "de"]:
        typer.echo(sentence)
    typer.echo(f"Comparison: {output}  (the map: {output / 'difference.tif'})")
