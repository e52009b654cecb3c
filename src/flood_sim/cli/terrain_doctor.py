"""`flood-sim terrain doctor` and `flood-sim terrain worklist`: where the DEM probably lies, and what people decided about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from flood_sim.terrain.doctor.worklist import Entry, State

worklist_app = typer.Typer(no_args_is_help=True, help="The worklist of the terrain doctor (Prüfliste Gelände).")

List = Annotated[Path, typer.Argument(help="The worklist (.gpkg) that `terrain doctor` wrote.")]
Numbers = Annotated[list[int], typer.Argument(help="Numbers of the entries.")]
Who = Annotated[str, typer.Option("--who", help="Who decides; written into the list.")]
Note = Annotated[str | None, typer.Option("--note", help="A note; without it the old one stays.")]

Width = Annotated[float | None, typer.Option("--width-m", help="Measured width or diameter of the opening, in m.")]


def doctor(
    dem: Annotated[Path, typer.Argument(help="The DEM: a GeoTIFF or an ESRI ASCII grid.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Worklist (.gpkg); one that is there is brought up to date.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII grid: EPSG:25832.")] = None,
    roads: Annotated[str | None, typer.Option(help="Lines of roads: FILE or FILE|LAYER.")] = None,
    railways: Annotated[str | None, typer.Option(help="Lines of railways: FILE or FILE|LAYER.")] = None,
    streams: Annotated[str | None, typer.Option(help="Lines of streams: FILE or FILE|LAYER.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Footprints of buildings: GeoPackage or GeoJSON.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of the DEM's survey, to find newer buildings.")] = None,
    reach_m: Annotated[float, typer.Option(min=2, max=200, help="Longest way through a ridge.")] = 30.0,
    depth_m: Annotated[float, typer.Option(min=0.1, max=20, help="Least depth of water behind a dam.")] = 0.5,
    volume_m3: Annotated[float, typer.Option(min=0, help="Least water behind a dam.")] = 20.0,
    picture: Annotated[Path | None, typer.Option("--map", help="Draw the map into this PNG or PDF.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:  # fmt: skip
    """List the places where a DEM is probably wrong, those first that hold back most water.

    A bridge or an embankment that acts as a dam comes with a proposed culvert or cut. Decisions and notes
    of a worklist that is there already are kept.

    Example: `flood-sim terrain doctor dgm1.tif --roads roads.gpkg --buildings houses.gpkg -o pruefliste.gpkg`
    """
    from flood_sim.terrain.dem import read_dem
    from flood_sim.terrain.doctor import DamSearch, Search, Worklist, examine, merged, read_worklist, write_worklist
    from flood_sim.terrain.doctor.evidence import What, layer_of, read_network

    terrain = read_dem(dem, crs=crs)
    old = read_worklist(out, terrain.grid.crs) if out is not None and out.exists() else Worklist(terrain.grid.crs)
    given: dict[What, str | None] = {"road": roads, "railway": railways, "stream": streams}
    networks = []
    for what, text in given.items():
        if text is not None:
            file, layer = layer_of(text)
            networks.append(read_network(file, terrain.grid, what, layer))
    search = Search(dams=DamSearch(reach_m=reach_m, least_depth_m=depth_m, least_volume_m3=volume_m3))
    found = examine(terrain, search=search, networks=tuple(networks), buildings=buildings, surveyed=year)
    worklist = merged(old, found.faults)
    if out is not None:
        write_worklist(out, worklist)
    if picture is not None:
        from flood_sim.terrain.doctor.sheets import draw_map

        draw_map(terrain, worklist, picture)
    if as_json:
        from flood_sim.terrain.doctor.export import points

        facts = {"per_km2": round(found.per_km2, 2), "notes": found.notes, "faults": points(worklist)}
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for entry in worklist.entries:
        typer.echo(_line(entry))
    typer.echo(
        f"{_number(len(found.faults), 'place')}, {found.per_km2:.1f} per km²"
        + (f", in {out}" if out is not None else "")
    )
    for note in found.notes:
        typer.echo(f"note    {note}", err=True)


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _line(entry: Entry) -> str:
    from flood_sim.terrain.doctor.worklist import STATE_DE

    rank = f"{entry.rank:3d}." if entry.found else "   –"
    gone = "" if entry.found else " (nicht mehr gefunden)"
    note = f" – {entry.note}" if entry.note else ""
    return f"{rank} Nr. {entry.number}  [{STATE_DE[entry.state]}]{gone}  {entry.fault.sentence_de}{note}"


@worklist_app.command("show")
def show(worklist: List) -> None:
    """Print the list, most water first.

    Example: `flood-sim terrain worklist show pruefliste.gpkg`
    """
    from flood_sim.terrain.doctor import read_worklist

    for entry in read_worklist(worklist).entries:
        typer.echo(_line(entry))


@worklist_app.command("accept")
def accept(worklist: List, numbers: Numbers, who: Who, note: Note = None, width_m: Width = None) -> None:
    """Accept the proposals of entries (übernommen); `into` then writes them into a Scenario.

    Example: `flood-sim terrain worklist accept pruefliste.gpkg 1 --who "A. Beispiel" --width-m 0.8 --note "DN 800"`
    """
    _decide(worklist, numbers, "accepted", who, note, width_m)


@worklist_app.command("reject")
def reject(worklist: List, numbers: Numbers, who: Who, note: Note = None) -> None:
    """Reject entries: the terrain is right there (verworfen).

    Example: `flood-sim terrain worklist reject pruefliste.gpkg 2 --who "A. Beispiel" --note "Damm ohne Durchlass"`
    """
    _decide(worklist, numbers, "rejected", who, note)


@worklist_app.command("checked")
def checked(worklist: List, numbers: Numbers, who: Who, note: Note = None) -> None:
    """Mark entries as checked on site (vor Ort geprüft), still to be decided.

    Example: `flood-sim terrain worklist checked pruefliste.gpkg 3 --who "A. Beispiel" --note "DN 800"`
    """
    _decide(worklist, numbers, "checked", who, note)


@worklist_app.command("reopen")
def reopen(worklist: List, numbers: Numbers, who: Who, note: Note = None) -> None:
    """Open entries again (offen).

    Example: `flood-sim terrain worklist reopen pruefliste.gpkg 3 --who "A. Beispiel"`
    """
    _decide(worklist, numbers, "open", who, note)


@worklist_app.command("export")
def export_list(
    worklist: List,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the files; made if it is not there.")],
    dem: Annotated[Path | None, typer.Option(help="The DEM, for the map and the sheets.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of an ESRI ASCII grid: EPSG:25832.")] = None,
) -> None:
    """Write the list for the site visit: CSV, GeoJSON and, with the DEM, a map and a sheet for each place.

    Example: `flood-sim terrain worklist export pruefliste.gpkg --dem dgm1.tif -o ortstermin`
    """
    from flood_sim.terrain.dem import read_dem
    from flood_sim.terrain.doctor import read_worklist
    from flood_sim.terrain.doctor.export import export

    for path in export(read_worklist(worklist), out, None if dem is None else read_dem(dem, crs=crs)):
        typer.echo(str(path))


@worklist_app.command("into")
def into(
    worklist: List,
    scenario: Annotated[Path, typer.Argument(help="The Scenario (YAML or JSON).")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write it; may be the Scenario itself.")],
) -> None:
    """Write the accepted corrections into a Scenario.

    Corrections that this command wrote before are replaced, all others stay. Comments of a YAML file are not kept.

    Example: `flood-sim terrain worklist into pruefliste.gpkg my.yaml -o my_corrected.yaml`
    """
    from flood_sim.terrain.doctor import read_worklist
    from flood_sim.terrain.doctor.into_scenario import write_into

    cuts, culverts = write_into(read_worklist(worklist), scenario, out)
    typer.echo(f"{_number(culverts, 'culvert')} and {_number(cuts, 'cut')} in {out}")


def _decide(
    path: Path, numbers: list[int], state: State, who: str, note: str | None, width_m: float | None = None
) -> None:
    from datetime import date

    from flood_sim.terrain.doctor import decide, read_worklist, write_worklist

    today = date.today().isoformat()
    changed = decide(read_worklist(path), numbers, state, who=who, note=note, date=today, width_m=width_m)
    write_worklist(path, changed)
    for number in numbers:
        typer.echo(_line(changed.entry(number)))
