"""The commands and their help."""

from __future__ import annotations

from typing import Annotated

import typer

from flood_sim.cli import compare, dem, demo, files, land_cover, measures, preview, rain, run, serve, terrain, verify

INTRO = """Heavy-rain (Starkregen) simulation: a DEM and a storm in, a flood-depth map out.

**First steps**

- `flood-sim demo` – compute a storm on the invented town Musterstadt and look at the map
- `flood-sim dem check my_dem.tif` – can this terrain be used, and if not, why?
- `flood-sim run my_scenario.yaml -o my_result` – compute your own Scenario
- `flood-sim terrain add my_dem.tif` and `flood-sim serve` – choose storms and start runs in the browser
"""

app = typer.Typer(
    help=INTRO,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("compare")(compare.compare)
app.command("preview")(preview.preview)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("verify")(verify.verify)
app.command("land-cover")(land_cover.land_cover)
app.add_typer(dem.app, name="dem")
app.add_typer(files.app, name="files")
app.add_typer(measures.app, name="measures")
app.add_typer(rain.app, name="rain")
app.add_typer(terrain.app, name="terrain")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"flood-sim {version('flood-sim')}")
        except PackageNotFoundError:
            typer.echo("flood-sim (not installed)")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass
