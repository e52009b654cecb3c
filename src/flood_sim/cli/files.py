"""`flood-sim files`: single input files for the service, which takes ids and never paths."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flood_sim.cli.options import DataDir, data_folder

if TYPE_CHECKING:
    from flood_sim.registry import FileMeta

app = typer.Typer(no_args_is_help=True, help="Single input files of the service: rain, inlets, lines, areas, rasters.")


class KindName(enum.StrEnum):
    """Kinds of files; a DEM has a command of its own."""

    raster = "raster"
    buildings = "buildings"
    vector = "vector"
    table = "table"
    cover_table = "cover_table"
    rain = "rain"


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="The file; it is checked and copied into the data folder.")],
    kind: Annotated[KindName | None, typer.Option(help="What it is, where its name does not say so.")] = None,
    name: Annotated[str | None, typer.Option(help="How the page calls it; else the name of the file.")] = None,
    terrain: Annotated[str | None, typer.Option(help="Id of a terrain on which it must lie.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII grid: EPSG:25832.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Register one file, so that a Scenario over HTTP can name it by the id that is printed.

    Kinds: **rain** (readings of gauges as CSV, a rain field as GeoTIFF), **table** (inlets or manholes, CSV),
    **vector** (lines with heights or areas, GeoPackage or GeoJSON), **cover_table** (land-cover table, YAML),
    **buildings** (footprints), **raster** (land cover, roughness, depth at the start).

    Example: `flood-sim files add regen_2018.csv --kind rain`
    """
    from flood_sim import registry
    from flood_sim.registry.fit import check_fit

    data = data_folder(data_dir)
    ground = None if terrain is None else registry.get(data, terrain)
    known = {meta.id for meta in registry.list_files(data)}
    meta = registry.add_file(data, file, kind.value if kind else registry.kind_of(file), name, crs=crs)
    if ground is not None:
        try:
            check_fit(data, ground, meta)
        except BaseException:
            if meta.id not in known:
                registry.remove(data, meta.id)
            raise
    typer.echo(_line(meta))


@app.command("list")
def list_all(data_dir: DataDir = None) -> None:
    """List the registered files: id, name and what they hold.

    Example: `flood-sim files list`
    """
    from flood_sim.registry import list_files

    for meta in list_files(data_folder(data_dir)):
        typer.echo(_line(meta))


@app.command("remove")
def remove(
    file_id: Annotated[str, typer.Argument(help="Id of the file, as `files list` names it.")], data_dir: DataDir = None
) -> None:
    """Forget a registered file. Results that were computed with it stay; they cannot be computed again from here.

    Example: `flood-sim files remove rain-0123456789ab`
    """
    from flood_sim import registry

    meta = registry.remove(data_folder(data_dir), file_id)
    typer.echo(f"removed {_line(meta)}")


def _line(meta: FileMeta) -> str:
    held = ", ".join(f"{word} {meta.facts[key]:g}" for key, word in _FACTS.items() if meta.facts.get(key) is not None)
    form = meta.facts.get("form")
    return f"{meta.id}  {meta.name}" + (f"  ({', '.join(filter(None, (form, held)))})" if form or held else "")


_FACTS = {
    "stations": "stations",
    "points": "points",
    "classes": "classes",
    "features": "features",
    "duration_min": "minutes",
}
