"""`flood-sim rain radar | gauges | field`: measured rain, made into a rain field, or looked at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flood_sim.errors import ScenarioError

if TYPE_CHECKING:
    from flood_sim.rain.field import RainField
    from flood_sim.terrain.grid import Grid

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Dem = Annotated[Path | None, typer.Option(help="The DEM of the model: its area and CRS.")]
Box = Annotated[
    tuple[float, float, float, float] | None,
    typer.Option("--bbox", metavar="WEST SOUTH EAST NORTH", help="The area, instead of --dem."),
]
Crs = Annotated[str, typer.Option(help="CRS of --bbox.")]
Out = Annotated[Path | None, typer.Option("--output", "-o", help="The rain field to write (GeoTIFF).")]
Gap = Annotated[float, typer.Option(min=0, max=1440, help="Longest gap that may be taken as dry; it is named.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands of this file commands of another."""
    for command in (radar, gauges, field):
        app.command(command.__name__)(command)


def radar(
    files: Annotated[list[Path], typer.Argument(help="Composites RW, RY or YW: files, folders, tar archives.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The rain field to write (GeoTIFF).")],
    dem: Dem = None,
    bbox: Box = None,
    crs: Crs = "EPSG:25832",
    begin: Annotated[str | None, typer.Option("--from", help="Begin, UTC: 2018-05-29T14:00.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="End, UTC.")] = None,
    margin_km: Annotated[float, typer.Option(min=0, max=200, help="Rain kept around it, to shift the storm.")] = 15.0,
    cell_m: Annotated[float, typer.Option(min=50, max=5000, help="Cells of the rain field.")] = 250.0,
    allowed_gap_min: Gap = 0.0,
    missing: Annotated[str, typer.Option(help="keep or dry: cells that the radar did not see.")] = "keep",
    time_is: Annotated[
        str, typer.Option(help="end or begin: what the time in a composite says of its interval.")
    ] = "end",
    as_json: Json = False,
) -> None:
    """Make a rain field from radar composites of the DWD: RADOLAN RW and RY, RADKLIM YW (binary).

    Needs the extra "radar". How to get the data: docs/observed-rain.md.

    Example: `flood-sim rain radar YW2017.002_20180529.tar.gz --dem dgm1.tif --from 2018-05-29T14:00 --to 2018-05-29T18:00 -o storm.tif`
    """
    from flood_sim.rain.field import around
    from flood_sim.rain.radar import read_radar

    for name, given, allowed in (("--missing", missing, ("keep", "dry")), ("--time-is", time_is, ("end", "begin"))):
        if given not in allowed:
            raise ScenarioError("is unknown", where=name, value=given, allowed=" or ".join(allowed))
    model = _area(dem, bbox, crs)
    target = around(model.bounds, model.crs, cell_m, 1000.0 * margin_km)
    found = read_radar(
        files, target, begin=_time("--from", begin), end=_time("--to", end), allowed_gap_min=allowed_gap_min,
        missing=missing, time_is=time_is,  # type: ignore[arg-type]
    )  # fmt: skip
    found.write(output)
    _tell(found, model, as_json, output)


def gauges(
    file: Annotated[Path, typer.Argument(help="CSV with station, x, y, time, depth_mm (docs/observed-rain.md).")],
    dem: Dem = None,
    bbox: Box = None,
    crs: Crs = "EPSG:25832",
    interpolation: Annotated[str, typer.Option(help="inverse_distance or nearest.")] = "inverse_distance",
    allowed_gap_min: Gap = 0.0,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Look at readings of rain gauges: stations, sums, gaps; with -o, interpolate them to a rain field.

    A scenario reads the CSV itself (storm: kind gauges); the field is for a look, or to change it.

    Example: `flood-sim rain gauges stations.csv --dem dgm1.tif`
    """
    import numpy as np

    from flood_sim.rain.gauge_file import read_gauges
    from flood_sim.rain.gauges import interpolate, series

    if interpolation not in ("inverse_distance", "nearest"):
        raise ScenarioError(
            "is unknown", where="--interpolation", value=interpolation, allowed="inverse_distance, nearest"
        )
    model = _area(dem, bbox, crs)
    found = series(read_gauges(file, model.crs), str(file))
    time = found.readings.time
    sums = np.nansum(found.depth_mm, axis=1)
    gaps: list[dict[str, Any]] = [
        {"station": s.id, "from": time(found.begin + a), "to": time(found.begin + b), "minutes": (b - a) / 60}
        for s, a, b in found.gaps()
    ]
    facts: dict[str, Any] = {
        "stations": [
            {"id": s.id, "x": s.x, "y": s.y, "readings": len(s.readings), "sum_mm": float(mm)}
            for s, mm in zip(found.stations, sums, strict=True)
        ],
        "begin": time(found.begin), "minutes": float(found.edges_s[-1]) / 60, "gaps": gaps,
    }  # fmt: skip
    if output is not None:
        made = interpolate(found.allowing(allowed_gap_min), model, interpolation)  # type: ignore[arg-type]
        made.write(output)
        facts["written"] = str(output)
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for station in facts["stations"]:
        typer.echo("{id}: {sum_mm:.1f} mm in {readings} readings at E {x:.0f}, N {y:.0f}".format(**station))
    typer.echo(f"from {facts['begin']}, {facts['minutes']:g} min; {len(gaps)} gaps")
    for gap in gaps:
        typer.echo("gap: {station} measured nothing from {from} to {to} ({minutes:g} min)".format(**gap))
    if output is not None:
        typer.echo(f"rain field written to {output}")


def field(
    file: Annotated[Path, typer.Argument(help="A rain field, as flood-sim rain radar writes it.")],
    dem: Dem = None,
    bbox: Box = None,
    crs: Crs = "EPSG:25832",
    as_json: Json = False,
) -> None:
    """Look at a rain field: time, sums, where most fell, and the shift that brings it over a DEM.

    Example: `flood-sim rain field storm.tif --dem dgm1.tif`
    """
    from flood_sim.rain.field import RainField

    model = _area(dem, bbox, crs) if dem is not None or bbox is not None else None
    _tell(RainField.read(file), model, as_json)


def _area(dem: Path | None, bbox: tuple[float, float, float, float] | None, crs: str) -> Grid:
    """Where the model lies: only the header of a DEM is read."""
    from flood_sim.rain.field_file import refusals_as_scenario_errors
    from flood_sim.terrain.crs import parse_crs
    from flood_sim.terrain.grid import Grid
    from flood_sim.terrain.header_checks import check_pixels
    from flood_sim.terrain.raster import open_raster

    if (dem is None) == (bbox is None):
        raise ScenarioError("name the area", where="--dem or --bbox", allowed="one of them")
    with refusals_as_scenario_errors(dem or "--crs"):
        if dem is not None:
            head = open_raster(dem).header
            faults = check_pixels(head)
            if faults:
                raise ScenarioError(faults[0].text, where=str(dem), hint=faults[0].hint)
            west, north = head.at(0, 0)
            return Grid(west, north, head.cell, head.rows, head.cols, head.crs or parse_crs(crs))
        known = parse_crs(crs)
    assert bbox is not None
    west, south, east, north = bbox
    if not (known.is_projected and west < east and south < north):
        raise ScenarioError(
            "is no area in metres", where="--bbox", value=" ".join(f"{v:g}" for v in bbox),
            allowed="west < east, south < north in a projected CRS",
        )  # fmt: skip
    cell = min(east - west, north - south) / 10
    return Grid(west, north, cell, round((north - south) / cell), round((east - west) / cell), known)


def _time(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ScenarioError(
            "is no time", where=name, value=text, allowed="ISO 8601, like 2018-05-29T14:00 (UTC)"
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _tell(found: RainField, model: Grid | None, as_json: bool, written: Path | None = None) -> None:
    import numpy as np

    from flood_sim.terrain.crs import same_crs

    total = found.total_mm()
    facts: dict[str, Any] = {
        "source": found.source, "intervals": found.intervals, "minutes": found.edges_s[-1] / 60,
        "start": None if found.start is None else f"{found.start:%Y-%m-%dT%H:%MZ}", "notes": list(found.notes),
    }  # fmt: skip
    if not np.isnan(total).all():
        row, col = (int(k) for k in np.unravel_index(np.nanargmax(total), total.shape))
        x, y = float(found.grid.x_centres()[col]), float(found.grid.y_centres()[row])
        facts |= {"most_mm": float(total[row, col]), "most_x": x, "most_y": y}
        if model is not None and same_crs(model.crs, found.grid.crs):
            west, south, east, north = model.bounds
            facts["shift_east_m"], facts["shift_north_m"] = round((west + east) / 2 - x), round((south + north) / 2 - y)
    if as_json:
        typer.echo(json.dumps(facts | ({"written": str(written)} if written else {}), indent=2, ensure_ascii=False))
        return
    typer.echo(
        f"{found.source or 'rain field'}: {facts['intervals']} intervals, {facts['minutes']:g} min from {facts['start']}"
    )
    for note in found.notes:
        typer.echo(f"note: {note}")
    if "most_mm" in facts:
        typer.echo(f"most rain: {facts['most_mm']:.1f} mm at E {facts['most_x']:.0f}, N {facts['most_y']:.0f}")
    if "shift_east_m" in facts:
        typer.echo(
            "to bring it over the middle of the model: "
            f"shift_east_m: {facts['shift_east_m']}, shift_north_m: {facts['shift_north_m']}"
        )
    if written is not None:
        typer.echo(f"rain field written to {written}; in a scenario: storm: {{kind: field, file: {written}, "
                   f"duration_min: {facts['minutes']:g}}}")  # fmt: skip
