"""`flood-sim demo`: the storm on the invented town, computed once, then shown on the map."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flood_sim.cli.options import DataDir, Host, Port, data_folder
from flood_sim.cli.serve import open_the_map
from flood_sim.errors import PortInUse

if TYPE_CHECKING:
    from flood_sim.results.dataset import Result
    from flood_sim.scenario import Scenario


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Show the map, or only compute.")] = True,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: DataDir = None,
) -> None:
    """Compute a storm on the invented town Musterstadt and show the map in the browser.

    The first time it computes for up to a minute; then it finds the Result and is up at once. Ctrl-C ends the service.

    Example: `flood-sim demo --port 8080`, or `flood-sim demo --no-serve` to compute only
    """
    data = data_folder(data_dir)
    running = _own_service(data, host, port) if serve else None
    result = town_result(data)
    typer.echo(f"Result: {result.path}")
    if running is not None:
        typer.echo(f"The service runs already. Open the map: {running}")
    elif serve:
        from flood_sim_api.serving import serve as serve_until_stopped

        serve_until_stopped(host=host, port=port, data_dir=data, on_ready=open_the_map)


def town_result(data: Path) -> Result:
    """The Result of the demo Scenario: found in the data folder, or computed into it."""
    from flood_sim import registry
    from flood_sim.cli.run import summary
    from flood_sim.compiled import engine_version
    from flood_sim.scenario import Scenario
    from flood_sim.terrain.shipped import town_folder

    meta = registry.register_town(data, town_folder())
    scenario = Scenario.parse(meta.scenario, "the demo scenario")
    content = scenario.content_id(lambda file_id: registry.get(data, file_id).sha256, engine_version())
    found = finished(data, content)
    if found is not None:
        typer.echo(f"reuses the result of {found.manifest.get('created', 'an earlier run')}: {scenario.title}")
        return found
    typer.echo(f"computing: {scenario.title}")
    result = _compute(data, scenario, run_id=f"demo-{content}")
    typer.echo(summary(result))
    return result


def finished(data: Path, content: str) -> Result | None:
    """A complete Result with this content id in the data folder, whoever computed it."""
    from flood_sim.errors import ResultError
    from flood_sim.results.dataset import open_result
    from flood_sim.results.manifest import read_manifest

    runs = data / "runs"
    own = runs / f"demo-{content}"
    others = (folder for folder in runs.glob("[!.]*") if folder.is_dir() and folder != own)
    for folder in (own, *others):
        try:
            if read_manifest(folder)["content_id"] == content:
                return open_result(folder)
        except ResultError:
            continue
    return None


def _compute(data: Path, scenario: Scenario, run_id: str) -> Result:
    from flood_sim import registry
    from flood_sim.cli.run import compute

    metas = {file_id: registry.get(data, file_id) for file_id in scenario.files().values()}
    paths = {file_id: str(registry.resolve(data, file_id)) for file_id in metas}
    return compute(
        scenario.with_files(paths.__getitem__),
        data / "runs" / run_id,
        overwrite=True,  # an older Result with this id is damaged, or `finished` had found it
        run_id=run_id,
        names={paths[file_id]: meta.name for file_id, meta in metas.items()},
    )


def _own_service(data: Path, host: str, port: int) -> str | None:
    """Address of our own service if it works on this data folder; PortInUse when somebody else has the port."""
    from flood_sim_api.services.folder import read_announcement
    from flood_sim_api.serving import probe

    about = read_announcement(data)
    if about is not None and (about["host"], about["port"]) != (host, port):
        with suppress(PortInUse):  # left behind by a service that was killed
            running = probe(about["host"], about["port"], data)
            if running is not None:
                return running.address
    running = probe(host, port, data)
    return running.address if running is not None else None
