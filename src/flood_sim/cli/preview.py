"""`flood-sim preview`: a first answer in seconds, labelled with what it leaves out."""

from __future__ import annotations

import enum
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flood_sim.errors import ScenarioError

if TYPE_CHECKING:
    from flood_sim.build import Build
    from flood_sim.preview import Preview
    from flood_sim.terrain.dem import Dem


class RungName(enum.StrEnum):
    """Rungs of the preview."""

    sinks = "sinks"
    quick = "quick"


def preview(
    output: Annotated[Path, typer.Option("--output", "-o", help="The map of depths, a GeoTIFF.", metavar="FILE.tif")],
    scenario: Annotated[Path | None, typer.Argument(help="The Scenario, a YAML or JSON file.")] = None,
    dem: Annotated[Path | None, typer.Option(help="Instead of a Scenario a DEM alone, with --rain-mm.")] = None,
    rain_mm: Annotated[float | None, typer.Option(help="Depth of the rain on the DEM, mm (= l/m²).")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII grid: EPSG:25832.")] = None,
    rung: Annotated[
        RungName, typer.Option(help="Which estimate: sinks and flow paths, or the course over time on coarser cells.")
    ] = RungName.sinks,
    factor: Annotated[
        int | None, typer.Option(help="Rung quick: how many times coarser (default 4 or 8).", metavar="2-16")
    ] = None,
    result: Annotated[
        Path | None, typer.Option(help="Rung quick: also a Result folder with all output times.", metavar="FOLDER")
    ] = None,
    vectors: Annotated[
        bool, typer.Option("--vectors/--no-vectors", help="Also catchments, flow paths and spill points (GeoPackage).")
    ] = True,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep the drainage of the terrain for the next storm on it.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Estimate in seconds where water gathers and which ways it takes, or how the storm runs.

    Rung **sinks**, not a simulation: writes the depth in the sinks, beside it the flow paths: **FILE.passing_volume.tif** (m³ that run through each cell)
    and **FILE.upstream_area.tif** (contributing area), and **FILE.gpkg** with catchments, flow paths and spill points.
    There is no time in it, no speed and no momentum: use `flood-sim run` for depths in the street.
    Rung **quick** computes on cells 4 or 8 times as long and lays the water back onto the fine terrain; a DEM alone
    gets its rain within 1 h, watched for 2 h, all edges open.

    Example: `flood-sim preview data/dem/musterstadt.yaml -o runs/sinks.tif` or
    `flood-sim preview --dem dgm1.tif --rain-mm 50 -o runs/sinks.tif` or
    `flood-sim preview data/dem/musterstadt.yaml --rung quick -o runs/quick.tif`
    """
    from flood_sim.preview import sinks

    _check_output(output, scenario, dem)
    _check_quick(rung, factor, result)
    begin = time.perf_counter()
    source, rain = _source(scenario, dem, rain_mm, crs, rung)
    read_s = time.perf_counter() - begin
    answer = (
        _quick(source, factor, result)
        if rung is RungName.quick
        else sinks(source, rain, keep=keep, vectors=vectors).preview
    )
    files = [*answer.write(output), *([] if result is None else [result])]
    if as_json:
        typer.echo(json.dumps(_facts(answer, files, read_s), indent=2, ensure_ascii=False))
        return
    for line in told(answer):
        typer.echo(line)
    for note in answer.notes:
        typer.echo(f"note: {note}")
    typer.echo(f"Files: {', '.join(str(f) for f in files)}")


def _check_output(output: Path, *inputs: Path | None) -> None:
    if output.suffix.lower() not in (".tif", ".tiff"):
        raise ScenarioError(
            "the map is a GeoTIFF", where="--output", value=output.name, allowed="a name that ends on .tif"
        )
    for given in inputs:
        if given is not None and output.resolve() == given.resolve():
            raise ScenarioError("would be written over the input", where="--output", value=str(output))


def _check_quick(rung: RungName, factor: int | None, result: Path | None) -> None:
    for name, given in (("--factor", factor), ("--result", result)):
        if given is not None and rung is not RungName.quick:
            raise ScenarioError("belongs to the rung quick", where=name, value=str(given), hint="Add --rung quick")


def _quick(source: Any, factor: int | None, result: Path | None) -> Preview:
    from flood_sim.preview import quick, write_result
    from flood_sim.results.folder import refuse_existing

    if result is not None:
        refuse_existing(result, overwrite=False)  # before anything is computed
    answer = quick(source, factor)
    if result is not None:
        write_result(answer, result)
    return answer.preview


def _source(
    scenario: Path | None, dem: Path | None, rain_mm: float | None, crs: str | None, rung: RungName
) -> tuple[Build | Dem, float | None]:
    from flood_sim.build import build
    from flood_sim.scenario import Scenario
    from flood_sim.terrain.dem import read_dem

    if (scenario is None) == (dem is None):
        raise ScenarioError("needs either a Scenario or --dem", where="preview", hint="See --help")
    if scenario is not None:
        if rain_mm is not None or crs is not None:
            raise ScenarioError("is said by the Scenario", where="--rain-mm" if rain_mm is not None else "--crs")
        return build(Scenario.load(scenario)), None
    if rain_mm is None:
        raise ScenarioError("is missing", where="--rain-mm", hint="Give the depth of the rain in mm, as --rain-mm 50")
    assert dem is not None
    if rung is RungName.quick:
        from flood_sim.preview.quick import scenario_of_dem

        return build(scenario_of_dem(dem, rain_mm, crs)), None
    return read_dem(dem, crs=crs), rain_mm


def _facts(answer: Preview, files: list[Path], read_s: float) -> dict[str, Any]:
    from flood_sim.preview import distances
    from flood_sim.preview.answer import relative_error

    return {
        "rung": answer.rung,
        **asdict(answer.label),
        "cells": answer.depth.size,
        "read_s": read_s,
        **asdict(answer.figures),
        "relative_error": relative_error(answer.figures),
        "distance_to_full_run": [asdict(d) for d in distances(answer.rung)],
        "distance_de": answer.distance_de,
        "distance_en": answer.distance_en,
        "notes": list(answer.notes),
        "files": [str(f) for f in files],
    }


def told(answer: Preview) -> list[str]:
    """The answer in sentences; what it is comes first."""
    f, words = answer.figures, answer.label
    seconds = f"{f.cached_s:.2f} s" + (
        "" if f.cold_s in (None, f.cached_s) else f" ({f.cold_s:.2f} s with the drainage of the terrain)"
    )
    return [
        words.label_en + ".",
        words.shows_en,
        words.leaves_out_en,
        answer.distance_en,
        f"{f.rain_m3:,.0f} m³ came, {f.taken_m3:,.0f} m³ the surface took, {f.stored_m3:,.0f} m³ stand, "
        f"{f.left_m3:,.0f} m³ left the area; {seconds}",
    ]
