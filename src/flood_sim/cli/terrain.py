"""`flood-sim terrain`: make a DEM known to the service, which takes ids and never paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flood_sim.cli import terrain_doctor
from flood_sim.cli.options import DataDir, data_folder

if TYPE_CHECKING:
    from flood_sim.registry import FileMeta

app = typer.Typer(
    no_args_is_help=True, help="Terrains: register a DEM for the service, list what is there, find where one is wrong."
)
app.command("doctor")(terrain_doctor.doctor)
app.add_typer(terrain_doctor.worklist_app, name="worklist")


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="The DEM: a GeoTIFF or an ESRI ASCII grid.")],
    name: Annotated[str | None, typer.Option(help="How the page calls it; else the name of the file.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Footprints of buildings: GeoPackage or GeoJSON.")] = None,
    land_cover: Annotated[
        Path | None, typer.Option(help="Land-cover raster on the terrain's CRS, for roughness.")
    ] = None,
    land_cover_table: Annotated[
        Path | None, typer.Option(help="Edited copy of the land-cover table (YAML); else the shipped one.")
    ] = None,
    lines: Annotated[
        Path | None, typer.Option(help="Walls, kerbs and break lines with heights: GeoPackage or GeoJSON.")
    ] = None,
    places: Annotated[
        Path | None,
        typer.Option(
            help="Layers `places`, `streets`, `streams`, `railways` (GeoPackage), for map and terrain doctor."
        ),
    ] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII grid: EPSG:25832.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Register a DEM, with its buildings and land cover, so that runs can be started on it in the browser.

    The files are copied into the data folder and checked first; nothing is registered if one cannot be used.

    Example: `flood-sim terrain add dgm1.tif --name Tal --buildings houses.gpkg` and then `flood-sim serve`
    """
    from flood_sim.registry import add_terrain

    meta = add_terrain(
        data_folder(data_dir), file, name=name, crs=crs, buildings=buildings, land_cover=land_cover,
        land_cover_table=land_cover_table, lines=lines, places=places,
    )  # fmt: skip
    typer.echo(f"{meta.id}  {meta.name}")


@app.command("list")
def list_terrains(data_dir: DataDir = None) -> None:
    """List the registered terrains: id, name and what belongs to them.

    Example: `flood-sim terrain list`
    """
    from flood_sim.registry import list_files

    terrains = list_files(data_folder(data_dir), "dem")
    for meta in terrains:
        companions = [word for word, known in _companions(meta) if known]
        notes = [*companions, *(["invented"] if meta.synthetic else [])]
        typer.echo(f"{meta.id}  {meta.name}" + (f"  ({', '.join(notes)})" if notes else ""))
    if not terrains:
        typer.echo("no terrain is registered yet: flood-sim terrain add FILE", err=True)


def _companions(meta: FileMeta) -> list[tuple[str, str | None]]:
    return [("buildings", meta.buildings), ("land cover", meta.land_cover), ("lines", meta.lines)]
