"""`flood-sim dem`: fetch a terrain, look at a terrain file before computing on it, or make the town anew."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import typer

from flood_sim.cli import dem_fetch
from flood_sim.errors import TerrainError

app = typer.Typer(
    no_args_is_help=True, help="Terrain files: fetch open data, check a file, or make the shipped town anew."
)
app.command("fetch")(dem_fetch.fetch)

MARKS = {"error": "ERROR  ", "warning": "warning", "info": "note   "}


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A GeoTIFF or an ESRI ASCII grid.")],
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII grid, which cannot say it: EPSG:25832.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Say whether a DEM can be used, and if not, what is wrong and what to do.

    Looks at the CRS, the cell size, holes, absurd heights, spikes, units and the memory a run would need.
    Exit code 0: usable (warnings may stand beside it); 3: not usable.

    Example: `flood-sim dem check dgm1.asc --crs EPSG:25832`
    """
    from flood_sim.terrain.check import check_dem

    report = check_dem(file, crs=crs)
    if as_json:
        findings = [{"code": f.code, "severity": f.severity, "text": f.text, "hint": f.hint} for f in report.findings]
        facts = {"file": str(file), "usable": report.usable, "facts": report.facts, "findings": findings}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False, default=str))
    else:
        for line in described(report.facts):
            typer.echo(line)
        for finding in report.findings:
            text = f"{finding.text}. {finding.hint}" if finding.hint else finding.text
            typer.echo(f"{MARKS[finding.severity]} {text}{'' if text.endswith(('.', '?')) else '.'}")
        typer.echo(f"{file.name}: {'can be used' if report.usable else 'cannot be used as it is'}")
    if not report.usable:
        raise typer.Exit(TerrainError.exit_code)


def described(facts: dict[str, Any]) -> list[str]:
    """What could be learnt of the file, in sentences a person reads; what is unknown is left out."""
    digits = {"memory_gib": 2, "memory_available_gib": 2}
    known = {k: f"{v:.{digits.get(k, 5)}g}" if isinstance(v, float) else v for k, v in facts.items()}
    sentences = {
        "rows": "{cols} x {rows} cells of {cell_m} m, {driver} {dtype}",
        "crs": "{crs} (EPSG:{epsg})",
        "height_min_m": "heights {height_min_m} to {height_max_m} m, relief {relief_m} m",
        "holes": "{holes} holes with {hole_cells} cells",
        "memory_gib": "a run needs about {memory_gib} GiB of memory, {memory_available_gib} GiB are free",
        "run_cost": "and takes {run_cost} for {run_cost_of}",
    }
    return [sentence.format_map(defaultdict(lambda: "?", known)) for key, sentence in sentences.items() if key in facts]


@app.command("make-demo")
def make_demo(
    folder: Annotated[Path, typer.Argument(help="Folder for the files of the town; made if it is not there.")],
) -> None:
    """Make the invented town Musterstadt anew, always the same: terrain, buildings, land cover, places, Scenario.

    Example: `flood-sim dem make-demo my_town` and then `flood-sim run my_town/musterstadt.yaml -o my_result`
    """
    from flood_sim.terrain.town import make_town

    make_town(folder)
    typer.echo(f"Musterstadt (invented) lies in {folder}")
