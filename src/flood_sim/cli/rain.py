"""`flood-sim rain`: rain statistics of a place, the Starkregenindex, published storms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flood_sim.cli import rain_observed
from flood_sim.errors import ScenarioError

if TYPE_CHECKING:
    from flood_sim.rain.statistics import RainStatistics

app = typer.Typer(
    no_args_is_help=True, help="Rain: statistics of a place (KOSTRA-DWD), Starkregenindex, published storms."
)
kostra_app = typer.Typer(no_args_is_help=True, help="DWD's archives of KOSTRA-DWD: take them in, list them.")
app.add_typer(kostra_app, name="kostra")
rain_observed.add_to(app)

Place = Annotated[
    tuple[float, float] | None, typer.Option("--at", metavar="X Y", help="Place: easting and northing, or longitude and latitude.")
]  # fmt: skip
Crs = Annotated[str, typer.Option(help="CRS of the place.")]
TableFile = Annotated[
    Path | None, typer.Option("--statistics", help="CSV with the statistics of an own gauge (docs/rain.md).")
]
EditionName = Annotated[str | None, typer.Option("--edition", help="2020 or 2010R; else the newest that was taken in.")]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="Where archives are kept, if not in the user's cache.")
]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@app.command("at")
def at(
    x: Annotated[float, typer.Argument(help="Easting, or longitude.")],
    y: Annotated[float, typer.Argument(help="Northing, or latitude.")],
    crs: Crs = "EPSG:25832",
    duration_min: Annotated[float | None, typer.Option(help="Only this duration, with the tolerance.")] = None,
    return_period_a: Annotated[float, typer.Option(help="Return period for --duration-min.")] = 100.0,
    edition: EditionName = None,
    folder: Folder = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table as CSV, to go with a project.")] = None,
    as_json: Json = False,
) -> None:
    """Rain statistics of the KOSTRA cell of a place: depth in mm by duration and return period, with tolerance.

    Works offline from the archives taken in with `flood-sim rain kostra add`; the cells of Wuppertal ship.

    Example: `flood-sim rain at 374000 5680000 --duration-min 60 --return-period-a 100`
    """
    from flood_sim.rain import kostra
    from flood_sim.rain.statistics_csv import statistics_as_csv

    found = kostra.statistics_at(x, y, crs, edition=edition, folder=folder)
    if csv is not None:
        _write(csv, statistics_as_csv(found))
        typer.echo(f"{found.name_en} written to {csv}")
    elif duration_min is not None:
        value = found.value(duration_min, return_period_a)
        facts = {"depth_mm": value.depth_mm, "tolerance_percent": value.tolerance_percent, "exact": value.exact}
        _say(as_json, value.text_en, {**facts, "statistics": value.statistics, "mark": value.mark})
    else:
        _say(as_json, _table(found), _facts(found))


@app.command("sri")
def sri(
    depth_mm: Annotated[float | None, typer.Option(help="Depth of rain: which index has it?")] = None,
    index: Annotated[int | None, typer.Option(help="Index 1 to 12: which depths have it?")] = None,
    duration_min: Annotated[float, typer.Option(help="Duration of the rain.")] = 60.0,
    place: Place = None,
    crs: Crs = "EPSG:25832",
    statistics: TableFile = None,
    edition: EditionName = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Starkregenindex after Schmitt 2018, from mm to index or from index to mm, by named rain statistics.

    Example: `flood-sim rain sri --depth-mm 90 --duration-min 60 --at 374000 5680000`
    """
    from dataclasses import asdict

    from flood_sim.rain.starkregenindex import depths_of, index_of

    chosen = _chosen(place, crs, statistics, edition, folder)
    if (depth_mm is None) == (index is None):
        raise ScenarioError("give either --depth-mm or --index", where="rain sri")
    if depth_mm is not None:
        found = index_of(depth_mm, duration_min, chosen)
        _say(as_json, found.text_en, asdict(found))
    elif index is not None:
        depths = depths_of(index, duration_min, chosen)
        low = f"{depths.lower_mm:.1f}"
        span = f"from {low} mm on" if depths.upper_mm is None else f"{low} to {depths.upper_mm:.1f} mm"
        text = f"SRI {index} in {duration_min:g} min: {span} (published anchor {depths.anchor_mm:.1f} mm)"
        _say(as_json, f"{text} by {depths.statistics_en} (Schmitt 2018)", asdict(depths))


@app.command("presets")
def presets(
    key: Annotated[str | None, typer.Argument(help="Print the storm of this preset for a scenario file.")] = None,
    place: Place = None,
    crs: Crs = "EPSG:25832",
    statistics: TableFile = None,
    edition: EditionName = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Published storms with source; with a place or a table, depths by return period are the local ones.

    Example: `flood-sim rain presets nrw-100a --at 374000 5680000`
    """
    import yaml

    from flood_sim.rain.presets import NOT_OFFERED, unreached
    from flood_sim.rain.presets import presets as published

    local = None if place is None and statistics is None else _chosen(place, crs, statistics, edition, folder)
    found = {p.key: p for p in published(local)}
    missing = NOT_OFFERED if local is None else (*unreached(local), *NOT_OFFERED)
    if key is not None and key not in found:
        reasons = {n.key: n.why_en for n in missing}
        raise ScenarioError(
            "no such preset", where="rain presets", value=key, allowed=", ".join(found), hint=reasons.get(key)
        )
    if key is not None:
        text = yaml.safe_dump({"storm": found[key].storm}, sort_keys=False, allow_unicode=True, default_flow_style=None)
        _say(as_json, f"# {found[key].label_en}\n# {found[key].source}\n{text}".rstrip(), found[key].as_dict())
        return
    lines = [f"{p.key:18} {p.label_en}" for p in found.values()]
    lines += [f"{n.key}: not offered. {n.why_en}" for n in missing]
    _say(as_json, "\n".join(lines), {"presets": [p.as_dict() for p in found.values()]})


@kostra_app.command("add")
def kostra_add(
    files: Annotated[list[Path], typer.Argument(help="Archives as downloaded from DWD, still packed.")],
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Take in archives of KOSTRA-DWD-2020 or 2010R, one a duration; all are checked before the first is kept.

    Example: `flood-sim rain kostra add StatRR_KOSTRA-DWD-2020_D*_ASC.zip`
    """
    from dataclasses import asdict

    from flood_sim.rain import kostra

    added = kostra.add(files, folder=folder)
    lines = [f"KOSTRA-DWD-{a.edition}: {a.duration_min} min, {a.cells:,} cells" for a in added]
    _say(as_json, "\n".join(lines), {"added": [asdict(a) for a in added]})


@kostra_app.command("fetch")
def kostra_fetch(
    edition: Annotated[str, typer.Option("--edition", help="2020 or 2010R.")] = "2020",
    folder: Folder = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            envvar="FLOOD_SIM_KOSTRA_URL", show_default="DWD's own server", help="A mirror with the same paths."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Download DWD's archives that are not at hand yet, and take them in; from then on no network is needed.

    Example: `flood-sim rain kostra fetch`
    """
    import sys
    from dataclasses import asdict

    from flood_sim.rain.kostra.fetching import fetch

    added = fetch(edition, folder=folder, base_url=base_url, told=lambda text: print(text, file=sys.stderr, flush=True))
    lines = [f"KOSTRA-DWD-{a.edition}: {a.duration_min} min, {a.cells:,} cells" for a in added]
    _say(as_json, "\n".join(lines or ["nothing new: all archives are at hand"]), {"added": [asdict(a) for a in added]})


@kostra_app.command("held")
def kostra_held(folder: Folder = None, as_json: Json = False) -> None:
    """Which editions and durations are at hand, and where they are kept."""
    from flood_sim.rain import kostra

    found = {key: kostra.held(key, folder=folder) for key in kostra.EDITIONS}
    where = folder or kostra.default_folder()
    lines = [f"KOSTRA-DWD-{k}: {', '.join(map(str, d)) + ' min' if d else 'nothing yet'}" for k, d in found.items()]
    _say(as_json, "\n".join([*lines, f"kept in {where}"]), {"held": found, "folder": str(where)})


@kostra_app.command("urls")
def kostra_urls(
    edition: Annotated[str, typer.Option("--edition", help="2020 or 2010R.")] = "2020",
) -> None:
    """Addresses of DWD's archives, one a line, to download by hand or with any tool."""
    from flood_sim.rain import kostra

    for url in kostra.edition_of(edition).archives():
        typer.echo(url)


def _chosen(
    place: tuple[float, float] | None, crs: str, table: Path | None, edition: str | None, folder: Path | None
) -> RainStatistics:
    from flood_sim.rain import kostra
    from flood_sim.rain.statistics_csv import read_statistics

    if (place is None) == (table is None):
        raise ScenarioError(
            "which rain statistics? An index or a return period means nothing without them",
            where="rain",
            allowed="--at X Y (KOSTRA-DWD at a place) or --statistics FILE (a table of your own)",
        )
    if table is not None:
        return read_statistics(table)
    assert place is not None
    return kostra.statistics_at(*place, crs, edition=edition, folder=folder)


def _table(statistics: RainStatistics) -> str:
    years = statistics.return_periods_a
    lines = [f"{statistics.name_en}: depth in mm (tolerance in %)", "   min  " + "".join(f"{f'T {t:g}':>13}" for t in years)]  # fmt: skip
    for d in statistics.durations_min:
        values = [statistics.value(d, t) for t in years]
        cells = [f"{v.depth_mm:.1f}" + (f" (±{v.tolerance_percent:.3g})" if v.tolerance_percent is not None else "") for v in values]  # fmt: skip
        lines.append(f"{d:6g}  " + "".join(f"{c:>13}" for c in cells))
    more = [f"Source: {statistics.source}. Licence: {statistics.licence}."]
    return "\n".join(lines + more + ([f"Mark: {statistics.mark}"] if statistics.mark else []))


def _facts(statistics: RainStatistics) -> dict[str, Any]:
    values = [[statistics.value(d, t) for t in statistics.return_periods_a] for d in statistics.durations_min]
    return {
        "statistics": statistics.name,
        "durations_min": statistics.durations_min,
        "return_periods_a": statistics.return_periods_a,
        "depths_mm": [[v.depth_mm for v in row] for row in values],
        "tolerance_percent": [[v.tolerance_percent for v in row] for row in values],
        "source": statistics.source,
        "licence": statistics.licence,
        "mark": statistics.mark,
    }


def _write(path: Path, text: str) -> None:
    """Beside the place first, so that a table that stood there is replaced as a whole or not at all."""
    from flood_sim.errors import StorageError

    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise StorageError("the table cannot be written", where=str(path), value=error.strerror) from None


def _say(as_json: bool, text: str, facts: dict[str, Any]) -> None:
    typer.echo(json.dumps(facts, indent=2, ensure_ascii=False) if as_json else text)
