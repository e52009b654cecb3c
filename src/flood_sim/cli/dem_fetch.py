"""`flood-sim dem fetch`: terrain, buildings and land use of an area from the open data of a state."""

from __future__ import annotations

import json
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flood_sim.errors import FloodSimError

if TYPE_CHECKING:
    from flood_sim.terrain.open_data import Bbox, Fetched, Progress, Provider

SAY_EVERY_S = 5.0
WITH_COVER = "scenario_land_cover.yaml"
BASE_URL_ENV = "FLOOD_SIM_OPEN_DATA_URL"


def fetch(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the files; made if it is not there.", metavar="DIR")
    ],
    bbox: Annotated[
        str | None, typer.Option(help="The area in metres of the state's CRS (EPSG:25832).", metavar="W,S,E,N")
    ] = None,
    bbox_wgs84: Annotated[
        str | None,
        typer.Option("--bbox-wgs84", help="The area in degrees of longitude and latitude.", metavar="W,S,E,N"),
    ] = None,
    state: Annotated[str, typer.Option(help="Whose open data: nrw.")] = "nrw",
    buildings: Annotated[bool, typer.Option(help="Fetch footprints of buildings too.")] = True,
    land_use: Annotated[bool, typer.Option(help="Fetch land use too.")] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse an area that the tiles do not cover.")] = False,
    max_tiles: Annotated[int, typer.Option(min=1, max=100_000, help="The largest area, in tiles.")] = 500,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Downloads at a time.")] = 4,
    cache: Annotated[
        Path | None,
        typer.Option(
            envvar="FLOOD_SIM_CACHE_DIR", show_default="the user's cache folder", help="Where tiles are kept."
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(envvar=BASE_URL_ENV, show_default="the state's own servers", help="A mirror with the same paths."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier fetch left in DIR.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be fetched.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the manifest (or the plan) as JSON instead of text.")
    ] = False,
) -> None:
    """Fetch terrain (DGM1), buildings and land use (ALKIS) of an area, ready to run.

    DIR then holds **dem.tif**, **buildings.gpkg**, **land_use.gpkg**, **land_cover.tif** (from it), **manifest.json** (sources, licence, year and checksum
    of every tile), **scenario.yaml** and, with infiltration by land cover, **scenario_land_cover.yaml**. Tiles are kept in a cache; a fetch that broke off goes on when it is given again.

    Example: `flood-sim dem fetch --bbox 372000,5679000,374000,5681000 -o my_city` and then
    `flood-sim run my_city/scenario.yaml -o my_result`
    """
    provider = _provider(state, base_url)
    area = _area(bbox, bbox_wgs84, provider)
    if dry_run:
        _show_plan(provider, area, cache, max_tiles=max_tiles, strict=strict, as_json=as_json)
        return
    from flood_sim.cli.interrupt import Interrupt
    from flood_sim.terrain import open_data

    with Interrupt() as interrupt, _shown() as told:
        fetched = open_data.fetch(
            provider, area, output, buildings=buildings, land_use=land_use, cache=cache, strict=strict, max_tiles=max_tiles,
            parallel=parallel, overwrite=overwrite, progress=told, planned=lambda p: _say(p.summary()), cancel=interrupt.asked,
        )  # fmt: skip
    notes = _cover(fetched) if fetched.land_use is not None else []
    typer.echo(json.dumps(fetched.manifest, indent=2, ensure_ascii=False) if as_json else _summary(fetched, notes))


def _provider(state: str, base_url: str | None) -> Provider:
    from flood_sim.terrain.open_data import PROVIDERS

    if state not in PROVIDERS:
        raise typer.BadParameter(f"{state!r} is not known; there is {', '.join(PROVIDERS)}", param_hint="--state")
    return PROVIDERS[state](base_url)


def _area(bbox: str | None, degrees: str | None, provider: Provider) -> Bbox:
    from flood_sim.terrain.open_data import Bbox

    if (bbox is None) == (degrees is None):
        raise typer.BadParameter("give one of both", param_hint="--bbox / --bbox-wgs84")
    if bbox is not None:
        return Bbox.of(_numbers(bbox, "--bbox"))
    return Bbox.from_wgs84(_numbers(degrees or "", "--bbox-wgs84"), provider.crs)


def _numbers(text: str, option: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.replace(",", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise typer.BadParameter(f"{text!r} is not west,south,east,north: four numbers", param_hint=option)
    return numbers


def _show_plan(provider: Provider, area: Bbox, cache: Path | None, *, as_json: bool, **how: Any) -> None:
    from flood_sim.terrain.open_data import Web, plan
    from flood_sim.terrain.open_data.cache import TileCache, default_cache
    from flood_sim.terrain.open_data.plan import cache_folder

    with Web() as web:
        found = plan(provider, area, TileCache(cache_folder(cache or default_cache(), provider)), web, **how)
    if as_json:
        facts = {
            "tiles": [t.name for t in found.tiles], "in_cache": list(found.kept), "missing_tiles": list(found.missing),
            "years": found.years, "bytes_to_download": found.bytes, "cells": found.cells, "notes": list(found.notes),
        }  # fmt: skip
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    typer.echo(found.summary())
    for note in found.notes:
        typer.echo(f"note: {note}")


def _cover(fetched: Fetched) -> list[str]:
    """Lay the land use on the cells as land_cover.tif, and write a second scenario that uses it; gives notes.

    A use that the mapping does not know must not cost the download: it is a note.
    """
    from flood_sim.scenario import Scenario, text
    from flood_sim.surface.rasterise import rasterise, write_codes
    from flood_sim.terrain.dem import read_dem

    assert fetched.land_use is not None
    try:
        grid = read_dem(fetched.dem, holes="mask").grid
        found = rasterise(fetched.land_use, grid, "alkis", fill="garden")
    except FloodSimError as error:
        return [f"no land cover was made: {error}"]
    write_codes(found.codes, grid, fetched.folder / "land_cover.tif")
    data = text.read(fetched.scenario)
    data["surface"] = {
        "land_cover": {"file": "land_cover.tif"}, "roughness": {"kind": "land_cover"}, "infiltration": {"kind": "horton"},
        "initial_loss": {"kind": "land_cover"},
    }  # fmt: skip
    Scenario.parse(data)
    target = fetched.folder / WITH_COVER
    part = target.with_name(f".{WITH_COVER}.part")
    part.write_text(text.to_yaml(data), encoding="utf-8")
    part.replace(target)
    return [*found.notes, f"{WITH_COVER}: the same with roughness and moderate infiltration by land cover"]


def _summary(fetched: Fetched, notes: list[str]) -> str:
    made = fetched.manifest
    layers = [f"{facts['features']:,} {role.replace('_', ' ')}" for role, facts in made["layers"].items()]
    lines = [
        " · ".join((f"{len(made['tiles'])} tiles (years {', '.join(made['years'])})", *layers)),
        *(f"note: {note}" for note in (*fetched.notes, *notes)),
        f"Sources: {made['attribution']}",
        f"Next: flood-sim run {fetched.scenario} -o my_result",
    ]
    return "\n".join(lines)


def _say(text: str) -> None:
    print(f"flood-sim: {text}", file=sys.stderr, flush=True)


def _shown() -> _Bar | _Lines:
    """The bar where a person watches, lines where a file does."""
    return _Bar() if sys.stderr.isatty() else _Lines()


def _figures(state: Progress) -> str:
    total = "" if state.total is None else f" of {state.total:,.0f}"
    return f"{state.done:,.0f}{total} {state.unit}"


class _Lines(AbstractContextManager["_Lines"]):
    """One line per phase and then one every 5 s: for logs."""

    def __init__(self) -> None:
        self._phase, self._said = "", 0.0

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, state: Progress) -> None:
        now = time.monotonic()
        if state.phase != self._phase or now - self._said >= SAY_EVERY_S:
            self._phase, self._said = state.phase, now
            print(f"{state.phase}: {_figures(state)}", file=sys.stderr, flush=True)


class _Bar(AbstractContextManager["_Bar"]):
    """A bar per phase that fills."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=20),
            progress.TextColumn("{task.fields[figures]}"),
        )
        self._bar: Any = progress.Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("index", total=None, figures="")

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, state: Progress) -> None:
        self._bar.update(
            self._task, description=state.phase, completed=state.done, total=state.total, figures=_figures(state)
        )
