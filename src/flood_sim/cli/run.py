"""`flood-sim run`: one Scenario to one Result."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flood_sim.cli.options import MeasuresFile, drawn

if TYPE_CHECKING:
    from flood_sim.results.dataset import Result
    from flood_sim.scenario import Scenario


def run(
    scenario: Annotated[
        Path, typer.Argument(help="The Scenario, a YAML or JSON file; its file names are relative to it.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the Result; made new.", metavar="DIR")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace DIR if it holds an older Result.")] = False,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Threads to compute with; the answer is the same for any number."),
    ] = None,
    checkpoint_every_min: Annotated[
        float, typer.Option(min=0, help="Minutes of computing between two checkpoints, at least; 0 writes none.")
    ] = 5.0,
    measures: MeasuresFile = None,
    anew: Annotated[bool, typer.Option("--anew", help="Begin at the start; checkpoints for DIR are removed.")] = False,
) -> None:
    """Compute a Scenario and write its Result.

    The folder then holds **max_depth.tif** and other maps for a GIS, **result.zarr** with the course over time,
    **gauges.csv**, **sections.csv** and **manifest.json** with the water balance. It appears only when it is complete.
    Ctrl-C stops the run (exit code 130). A run that was stopped, killed or cut off from power after its first checkpoint
    goes on from the last one when the same command is given again, and ends with the same Result; before, nothing stays.

    Example: `flood-sim run data/dem/musterstadt.yaml -o runs/musterstadt --threads 2`
    """
    from flood_sim.scenario import Scenario

    asked = drawn(Scenario.load(scenario), measures)
    if threads is not None:
        asked = asked.model_copy(update={"numerics": asked.numerics.model_copy(update={"threads": threads})})
    result = compute(asked, output, overwrite=overwrite, checkpoint_every_min=checkpoint_every_min, anew=anew)
    typer.echo(summary(result))
    for note in result.manifest["notes"]:
        typer.echo(f"note: {note}")
    typer.echo(f"Result: {result.path}  (the map: {result.cog('max_depth')})")


def compute(
    scenario: Scenario,
    output: Path,
    *,
    overwrite: bool = False,
    run_id: str | None = None,
    names: Mapping[str, str] | None = None,
    checkpoint_every_min: float = 5.0,
    anew: bool = False,
) -> Result:
    """Run with progress on stderr; Ctrl-C stops it between two steps. `names` are what the manifest calls the files."""
    from flood_sim import runner
    from flood_sim.checkpoint import Schedule
    from flood_sim.cli.interrupt import Interrupt
    from flood_sim.cli.progress import shown

    with Interrupt() as interrupt, shown() as progress:
        return runner.run(
            scenario,
            output,
            overwrite=overwrite,
            progress=progress,
            cancel=interrupt.asked,
            run_id=run_id,
            names=names,
            checkpoints=Schedule(checkpoint_every_min * 60) if checkpoint_every_min > 0 else None,
            anew=anew,
            say=_say,
        )


def _say(text: str) -> None:
    print(f"flood-sim: {text}", file=sys.stderr, flush=True)


def summary(result: Result) -> str:
    """Deepest water, water balance and speed of a finished run, in one line."""
    manifest = result.manifest
    speed, ledger = manifest["performance"], manifest["ledger"]
    return (
        f"deepest water {manifest['extremes']['max_depth_m']:.2f} m · mass error {ledger['relative_error']:.0e} · "
        f"{speed['steps']} steps in {speed['wall_s']:.1f} s · {speed['mcell_per_s']:.0f} Mcell/s on {speed['threads']} threads"
    )
