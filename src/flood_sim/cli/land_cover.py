"""`flood-sim land-cover`: a raster of land cover from polygons."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Scheme(StrEnum):
    ALKIS = "alkis"
    OSM = "osm"


def land_cover(
    file: Annotated[Path, typer.Argument(help="polygons of land use: GeoPackage or GeoJSON in the terrain's CRS")],
    dem: Annotated[Path, typer.Option(help="the terrain whose cells it is made for")],
    output: Annotated[Path, typer.Option("-o", "--output", help="GeoTIFF to write")],
    scheme: Annotated[
        Scheme, typer.Option(help="whose attributes: ALKIS nutzart, or OpenStreetMap tags")
    ] = Scheme.ALKIS,
    fill: Annotated[str | None, typer.Option(help="class where no polygon lies, e.g. garden")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII terrain")] = None,
) -> None:
    """Make the land-cover raster of a terrain from ALKIS land use or OpenStreetMap."""
    from flood_sim.surface.rasterise import rasterise, write_codes
    from flood_sim.terrain.dem import read_dem

    grid = read_dem(dem, crs=crs, holes="mask").grid
    found = rasterise(file, grid, "alkis" if scheme is Scheme.ALKIS else "osm", fill=fill)
    write_codes(found.codes, grid, output)
    for note in found.notes:
        typer.echo(note)
    typer.echo(f"{output}: {grid.rows} x {grid.cols} cells; name it as surface.land_cover.file")
