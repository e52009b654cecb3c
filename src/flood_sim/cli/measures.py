"""`flood-sim measures`: look at drawn measures before computing them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flood_sim.cli.failures import CHECK_FAILED
from flood_sim.errors import ScenarioError
from flood_sim.wording import counted

if TYPE_CHECKING:
    from flood_sim.measures.remark import Remark
    from flood_sim.measures.site import Site
    from flood_sim.scenario import Scenario
    from flood_sim.scenario.measures import Measure

app = typer.Typer(no_args_is_help=True, help="Measures: walls, basins, flow paths, roofs … – check them before a run.")

MARKS = {"error": "FEHLER  ", "warning": "Warnung ", "note": "Hinweis "}
MARKS_EN = {"error": "ERROR   ", "warning": "warning ", "note": "note    "}


@app.callback()
def _group() -> None:
    pass


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A Scenario (YAML, JSON) with measures, or measures as GeoJSON.")],
    scenario: Annotated[
        Path | None, typer.Option(help="For GeoJSON: the Scenario on whose terrain they are drawn.")
    ] = None,
    dem: Annotated[Path | None, typer.Option(help="For GeoJSON without a Scenario: the terrain.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="With --dem: footprints of buildings.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="CRS of the GeoJSON if it names none; else longitude and latitude.")
    ] = None,
    storm_mm: Annotated[
        float | None, typer.Option(min=0, help="Rain in mm that storages are compared with; else that of the Scenario.")
    ] = None,
    remarks: Annotated[Path | None, typer.Option(help="Write the places of the remarks as GeoJSON.")] = None,
    english: Annotated[bool, typer.Option("--english", help="Sentences in English.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Say of each measure what a run would make of it, and what is wrong: gaps beside a wall, a basin over a building …

    Exit code 0: nothing is in the way (warnings and notes may stand there); 9: a measure cannot be as it is drawn.

    Example: `flood-sim measures check measures.geojson --dem dgm1.tif --crs EPSG:25832`
    """
    from flood_sim import geojson
    from flood_sim.measures.inflow import contributing_m2
    from flood_sim.measures.linter import check as lint
    from flood_sim.measures.remark import drawn_remarks

    chosen, measures, site = _read(file, scenario, dem, buildings, crs)
    depth = storm_mm if storm_mm is not None else _storm_mm(chosen)
    flow = contributing_m2(site) if depth else None
    found = lint(measures, site, flow=flow, storm_mm=depth)
    if remarks is not None:
        geojson.write(remarks, drawn_remarks(found, site.grid.crs))
    failed = any(r.severity == "error" for r in found)
    if as_json:
        report = {
            "file": str(file), "possible": not failed, "measures": len(measures), "storm_mm": depth, "remarks": [r.as_dict() for r in found],
        }  # fmt: skip
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        for line in _lines(found, english):
            typer.echo(line)
        count = counted(len(measures), *(("measure", "measures") if english else ("Maßnahme", "Maßnahmen")))
        verdict = ("cannot be computed as drawn" if failed else "can be computed") if english else (
            "so nicht rechenbar" if failed else "rechenbar")  # fmt: skip
        typer.echo(f"{file.name}: {count}, {verdict}")
    if failed:
        raise typer.Exit(CHECK_FAILED)


def _lines(found: tuple[Remark, ...], english: bool) -> list[str]:
    marks = MARKS_EN if english else MARKS
    return [
        f"{marks[r.severity]} {r.measure_id}: {r.text_en if english else r.text_de}"
        + (f" (x {r.xy[0]:.1f}, y {r.xy[1]:.1f})" if r.xy is not None and r.severity != "note" else "")
        for r in found
    ]


def _read(
    file: Path, scenario: Path | None, dem: Path | None, buildings: Path | None, crs: str | None
) -> tuple[Scenario, tuple[Measure, ...], Site]:
    from flood_sim.measures.geojson import read_measures
    from flood_sim.measures.reading import read_site
    from flood_sim.scenario import Buildings, Numerics, Terrain
    from flood_sim.scenario import Scenario as Described

    if file.suffix.lower() in (".yaml", ".yml") or (file.suffix.lower() == ".json" and dem is None and scenario is None):  # fmt: skip
        described = Described.load(file)
        return described, described.measures, read_site(described)
    if scenario is not None:
        described = Described.load(scenario)
    elif dem is not None:
        footprints = Buildings(file=str(buildings)) if buildings is not None else None
        described = Described(
            terrain=Terrain(dem=str(dem), buildings=footprints), numerics=Numerics(duration_min=60)
        )  # fmt: skip
    else:
        raise ScenarioError("on which terrain?", where=file.name, hint="Give --scenario, or --dem")
    site = read_site(described)
    return described, read_measures(file, site.grid.crs, crs=crs), site


def _storm_mm(scenario: Scenario) -> float | None:
    """The sum of a storm that is the same everywhere; None for a measured one, or without a storm."""
    from flood_sim.rain.storms import hyetograph
    from flood_sim.scenario import FieldRain, GaugeRain

    if isinstance(scenario.storm, FieldRain | GaugeRain):
        return None
    return 1000.0 * hyetograph(scenario.storm).total_m or None
