"""Prüfliste Gelände: decisions, notes and changed proposals outlive the doctor's next look, and no failure loses them.

Nothing here is measured; every claim is exact.
"""

import csv
import json
import shutil
import sqlite3
from dataclasses import replace

import numpy as np
import pyogrio
import pytest
import shapely
import yaml
from pyproj import CRS
from typer.testing import CliRunner

from flood_sim import Scenario
from flood_sim.cli.app import app
from flood_sim.errors import ScenarioError, StorageError, TerrainError
from flood_sim.terrain.dem import Dem
from flood_sim.terrain.doctor import (
    CulvertProposal,
    CutProposal,
    Fault,
    Worklist,
    accepted,
    decide,
    merged,
    read_worklist,
    write_worklist,
)
from flood_sim.terrain.doctor.export import export
from flood_sim.terrain.doctor.into_scenario import write_into
from flood_sim.terrain.grid import Grid

UTM = CRS.from_epsg(25832)
DAY = "2026-03-01"


def dam(x, y, water, *, proposal="culvert", size=40.0):
    line = ((x, y + 10.0), (x, y - 10.0))
    made = {
        "culvert": CulvertProposal(line, 0.6, (101.5, 101.2)), "cut": CutProposal(line, 6.0, (101.5, 101.2)), None: None,
    }[proposal]  # fmt: skip
    lake = shapely.box(x - size, y, x + size, y + size)
    return Fault("dam", x, y, lake, water, 2.0, f"Damm {water:g}", f"dam {water:g}", 12.0, ("Straße A",), 0.9, made)


def spike(x, y):
    return Fault("spike", x, y, shapely.box(x - 1, y - 1, x + 1, y + 1), 0.0, 3.0, "Spitze", "spike")


def sql(path, *statements):
    """Change a GeoPackage as a program does that knows its functions, which SQLite alone does not."""
    with sqlite3.connect(path) as file:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            file.create_function(name, 1, lambda geometry: 0)
        for statement in statements:
            file.execute(statement)


@pytest.fixture
def listed(tmp_path):
    """A list with two dams and a spike, and its path."""
    worklist = merged(Worklist(UTM), [dam(1000, 1000, 500), dam(3000, 1000, 900, proposal="cut"), spike(2000, 500)])
    path = tmp_path / "pruefliste.gpkg"
    write_worklist(path, worklist)
    return path, worklist


def same(one, other):
    """Two lists, but for the kind of area (a polygon of one part is written as a multipolygon)."""
    assert [replace(e, fault=replace(e.fault, geometry=None)) for e in one.entries] == [
        replace(e, fault=replace(e.fault, geometry=None)) for e in other.entries
    ]
    for a, b in zip(one.entries, other.entries, strict=True):
        assert a.fault.geometry.equals(b.fault.geometry)
    assert (one.columns, one.last_number) == (other.columns, other.last_number)


def test_the_list_is_ranked_by_water_and_comes_back_from_the_file(listed):
    path, worklist = listed
    assert [(e.rank, e.number, e.fault.water_held_m3) for e in worklist.entries] == [
        (1, 1, 900),
        (2, 2, 500),
        (3, 3, 0),
    ]
    found = read_worklist(path, UTM)
    # the height of a circle is written out
    circle = found.entries[1].fault.proposal
    assert circle == replace(worklist.entries[1].fault.proposal, height_m=0.6)
    bare = [replace(e, fault=replace(e.fault, proposal=None)) for e in found.entries]
    same(
        replace(found, entries=tuple(bare)),
        replace(worklist, entries=tuple(replace(e, fault=replace(e.fault, proposal=None)) for e in worklist.entries)),
    )


def test_looking_again_keeps_decisions_numbers_and_notes(listed):
    path, _ = listed
    worklist = decide(read_worklist(path), [2], "rejected", who="A. B.", note="Damm ist dicht", date=DAY)
    # the second dam moved a little and holds more now, the first is gone, one is new
    again = merged(worklist, [dam(1004, 1003, 2000), dam(5000, 0, 100), spike(2000, 500)])
    assert [(e.rank, e.number, e.state) for e in again.entries] == [(1, 2, "rejected"), (2, 4, "open"), (3, 3, "open")]
    first = again.entries[0]
    assert (first.who, first.note, first.date) == ("A. B.", "Damm ist dicht", DAY)
    assert first.fault.water_held_m3 == 2000 and first.fault.x == 1000


def test_a_number_is_never_given_to_another_place(listed):
    """Faults 1 to 3, then only the first is found, then a new one: it is number 4, also by way of the file."""
    path, _ = listed
    write_worklist(path, merged(read_worklist(path), [dam(3000, 1000, 900, proposal="cut")]))
    again = merged(read_worklist(path), [dam(3000, 1000, 900, proposal="cut"), dam(7000, 0, 100)])
    assert [e.number for e in again.entries] == [1, 4]
    write_worklist(path, merged(again, []))
    assert read_worklist(path).entries == ()
    assert [e.number for e in merged(read_worklist(path), [dam(1000, 1000, 500)]).entries] == [5]


def test_the_sentence_says_what_is_proposed_now(listed):
    """A measured width, and one changed in QGIS, stand in the sentence; the list of an earlier version had it written out."""
    path, worklist = listed
    said = worklist.entry(2).fault
    assert said.sentence_de.endswith("Vorschlag, vor Ort prüfen: Durchlass DN\u202f600, 20\u202fm lang, "
                                     "Sohle 101,50 auf 101,20\u202fm ü. NHN.")  # fmt: skip
    write_worklist(path, decide(worklist, [2], "accepted", who="A. B.", note=None, date=DAY, width_m=0.8))
    found = read_worklist(path).entry(2).fault
    assert "DN\u202f800" in found.sentence_de and "600" not in found.sentence_de and "DN 800" in found.sentence_en
    shown = CliRunner().invoke(app, ["terrain", "worklist", "show", str(path)]).output
    assert "DN\u202f800" in shown and "DN\u202f600" not in shown
    sql(path, "update proposals set width_m = 1.2, height_m = 1.2 where number = 2")
    assert read_worklist(path).entry(2).fault.sentence_de.count("Vorschlag") == 1
    assert "DN\u202f1200" in read_worklist(path).entry(2).fault.sentence_de


def test_what_somebody_worked_on_stays_when_it_is_not_found_any_more(listed):
    path, _ = listed
    worklist = decide(read_worklist(path), [1], "checked", who="A. B.", note="DN 800", date=DAY)
    again = merged(worklist, [])
    (kept,) = again.entries
    assert (kept.number, kept.rank, kept.found, kept.note) == (1, 0, False, "DN 800")
    write_worklist(path, again)
    (entry,) = read_worklist(path).entries
    assert not entry.found and entry.note == "DN 800"
    back = merged(read_worklist(path), [dam(3000, 1000, 900)])
    assert [(e.number, e.found) for e in back.entries] == [(1, True)]


def test_the_same_water_is_the_same_fault_even_if_the_way_through_moved(listed):
    path, _ = listed
    worklist = decide(read_worklist(path), [1], "checked", who="A. B.", note="hier", date=DAY)
    moved = replace(dam(3030, 1000, 900), geometry=shapely.box(2955, 1000, 3045, 1040))
    assert merged(worklist, [moved]).entries[0].note == "hier"
    assert [e.number for e in merged(worklist, [dam(3030, 1000, 900, size=5)]).entries] == [4, 1]


def test_changes_made_in_qgis_are_kept(listed):
    """States, notes, own columns, moved and resized proposals, and layers the doctor knows nothing of."""
    path, _ = listed
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([shapely.Point(1, 2)], object)), [np.array(["bild.jpg"], object)], ["photo"],
        layer="photos", geometry_type="Point", crs="EPSG:25832", driver="GPKG", append=True,
    )  # fmt: skip
    sql(
        path,
        "alter table faults add column urgency integer",
        "update faults set state = 'vor Ort geprüft', note = 'Gitter', urgency = 3 where number = 2",
        "update proposals set width_m = 0.8, height_m = 0.8 where number = 2",
    )
    faults = [dam(1000, 1000, 500), dam(3000, 1000, 900, proposal="cut"), spike(2000, 500)]
    for _ in range(2):
        write_worklist(path, merged(read_worklist(path), faults))
    entry = read_worklist(path).entry(2)
    assert entry.state == "checked" and entry.note == "Gitter" and entry.extra == {"urgency": 3}
    assert entry.fault.proposal.width_m == 0.8
    assert "photos" in {str(n) for n, _ in pyogrio.list_layers(path)}
    assert pyogrio.raw.read(path, layer="photos")[3][0].tolist() == ["bild.jpg"]


def test_a_failed_write_leaves_the_old_list(listed, monkeypatch):
    path, worklist = listed
    before = path.read_bytes()
    real, calls = pyogrio.raw.write, []

    def fails(*args, **kwargs):
        calls.append(kwargs["layer"])
        if kwargs["layer"] == "areas":
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    monkeypatch.setattr(pyogrio.raw, "write", fails)
    with pytest.raises(StorageError, match="cannot be written.*No space left"):
        write_worklist(path, decide(worklist, [1], "rejected", who="x", note="y", date=DAY))
    assert calls == ["faults", "proposals", "areas"]
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


def statement(text):
    return lambda path: sql(path, text)


def truncated(path):
    path.write_bytes(path.read_bytes()[:9000])


def in_use(path):
    path.with_name(path.name + "-wal").write_bytes(b"x")


def other(path):
    path.unlink()
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([shapely.Point(1, 2)], object)), [], [], layer="trees", geometry_type="Point",
        crs="EPSG:25832", driver="GPKG",
    )  # fmt: skip


DAMAGE = {
    "truncated": (truncated, ["damaged", "nothing was changed"]),
    "no database": (lambda path: path.write_text("{}"), ["no GeoPackage"]),
    "another file": (other, ["no worklist", "faults"]),
    "open elsewhere": (in_use, ["open in another program", "Close it"]),
    "unknown state": (
        statement("update faults set state = 'fertig' where number = 2"),
        ["number 2", "'fertig'", "verworfen"],
    ),
    "no number": (statement("update faults set number = null where number = 2"), ["layer faults has no number"]),
    "copied line": (statement("update faults set number = 1 where number = 2"), ["[1]", "more than once"]),
    "unknown kind": (statement("update faults set kind = 'x' where number = 2"), ["number 2", "unknown kind 'x'"]),
    "no width": (statement("update proposals set width_m = null where number = 2"), ["number 2 has no width_m"]),
    "no pipe": (statement("update proposals set kind = 'pipe' where number = 2"), ["number 2 is a 'pipe'"]),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_list_is_explained_and_left_alone(name, listed, write_raster):
    damage, words = DAMAGE[name]
    path, _ = listed
    damage(path)
    before = path.read_bytes()
    with pytest.raises(TerrainError) as caught:
        read_worklist(path, UTM)
    assert str(caught.value).startswith(str(path)) and caught.value.hint
    for word in words:
        assert word in str(caught.value)
    done = CliRunner().invoke(app, ["terrain", "doctor", write_raster(np.ones((5, 5))), "-o", str(path)])
    assert isinstance(done.exception, TerrainError)
    assert path.read_bytes() == before


def test_a_list_of_another_terrain_is_refused(listed):
    path, _ = listed
    with pytest.raises(TerrainError, match="worklist is in EPSG:25832.*terrain in EPSG:25833"):
        read_worklist(path, CRS.from_epsg(25833))


@pytest.mark.parametrize(
    ("numbers", "state", "who", "width", "words"),
    [
        ([9], "checked", "x", None, "no such number.*9.*1, 2, 3"),
        ([3], "accepted", "x", None, "number 3 .spike. has no proposal"),
        ([1], "checked", " ", None, "no name"),
        ([1], "done", "x", None, "no such state.*open, checked, accepted, rejected"),
        ([1], "accepted", "x", 80.0, "no width of an opening.*80 m.*at most 50"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(numbers, state, who, width, words, listed):
    with pytest.raises(TerrainError, match=words):
        decide(listed[1], numbers, state, who=who, note=None, date=DAY, width_m=width)


# --- into a scenario --------------------------------------------------------------


def decided(worklist):
    worklist = decide(worklist, [1], "accepted", who="A. B.", note="Brücke", date=DAY)
    return decide(worklist, [2], "accepted", who="A. B.", note="DN 800", date=DAY, width_m=0.8)


def test_accepted_corrections_are_what_a_scenario_takes(listed):
    path, worklist = listed
    write_worklist(path, decided(worklist))
    cuts, culverts = accepted(read_worklist(path))
    assert cuts == [{
        "id": "pruefliste-1", "note": f"Prüfliste 1, A. B. {DAY}: Brücke", "line": [[3000.0, 1010.0], [3000.0, 990.0]],
        "width_m": 6.0, "bottom_m": [101.5, 101.2],
    }]  # fmt: skip
    assert culverts == [{
        "id": "pruefliste-2", "title": f"Prüfliste 2, A. B. {DAY}: DN 800", "line": [[1000.0, 1010.0], [1000.0, 990.0]],
        "shape": "circular", "width_m": 0.8, "height_m": 0.8, "inverts_m": [101.5, 101.2], "length_m": 20.0,
        "roughness_n": 0.013, "blockage": 0.0,
    }]  # fmt: skip
    scenario = Scenario.parse({
        "terrain": {"dem": "a.tif", "corrections": cuts}, "surface": {"culverts": culverts},
        "numerics": {"duration_min": 60},
    })  # fmt: skip
    assert scenario.terrain.corrections[0].bottom_m == (101.5, 101.2)


def test_one_line_writes_them_and_a_second_one_replaces_them(listed, tmp_path):
    own = {"id": "mine", "line": [[0, 0], [9, 9]], "width_m": 1.0, "bottom_m": [1, 1]}
    source = tmp_path / "a.yaml"
    source.write_text(
        yaml.safe_dump({"terrain": {"dem": "dem/a.tif", "corrections": [own]}, "numerics": {"duration_min": 60}})
    )
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "elsewhere" / "b.yaml"
    worklist = decided(listed[1])
    assert write_into(worklist, source, out) == (1, 1)
    data = yaml.safe_load(out.read_text())
    assert data["terrain"]["dem"] == "../dem/a.tif", "names of files keep their meaning"
    assert [c["id"] for c in data["terrain"]["corrections"]] == ["mine", "pruefliste-1"]
    taken_back = decide(worklist, [1, 2], "rejected", who="x", note=None, date=DAY)
    assert write_into(taken_back, out, out) == (0, 0)
    data = yaml.safe_load(out.read_text())
    assert [c["id"] for c in data["terrain"]["corrections"]] == ["mine"] and "surface" not in data
    Scenario.load(out)


def test_no_scenario_is_written_that_would_not_be_valid(listed, tmp_path):
    source = tmp_path / "a.yaml"
    source.write_text("terrain: {dem: a.tif}\nnumerics: {duration_min: -1}\n")
    out = tmp_path / "b.yaml"
    with pytest.raises(ScenarioError, match="duration_min"):
        write_into(decided(listed[1]), source, out)
    assert not out.exists()


# --- for the site visit -------------------------------------------------------------


def ground():
    grid = Grid(0.0, 2000.0, 10.0, 200, 600, UTM)
    return Dem(grid, np.add.outer(np.linspace(10, 0, 200), np.zeros(600)), "Tal", "")


def test_the_export_has_a_table_points_a_map_and_sheets(listed, tmp_path):
    pytest.importorskip("matplotlib")
    worklist = decide(listed[1], [2], "checked", who="=1+1", note="Sohle; 2,3 m", date=DAY)
    files = export(worklist, tmp_path / "ort", ground())
    assert [f.name for f in files] == [
        "pruefliste.csv", "pruefliste.geojson", "pruefliste_blaetter.pdf", "pruefliste_karte.png",
    ]  # fmt: skip
    assert sorted(tmp_path.joinpath("ort").iterdir()) == files, "nothing half is left"
    with files[0].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert rows[1]["Stand"] == "vor Ort geprüft" and rows[1]["Notiz"] == "Sohle; 2,3 m" and rows[1]["wer"] == "'=1+1"
    assert rows[0]["Breite_m"] == "6" and rows[0]["Sohle_unten_m"] == "101,2" and rows[0]["Ost_m"] == "3000"
    features = json.loads(files[1].read_text())["features"]
    assert len(features) == 5 and all(
        abs(f["geometry"]["coordinates"][0]) < 180 for f in features if f["properties"]["role"] == "fault"
    )
    sheets = files[2].read_bytes()
    assert sheets.startswith(b"%PDF") and sheets.count(b"/Type /Page ") == 3
    assert files[3].read_bytes().startswith(b"\x89PNG")


def test_a_dem_in_another_crs_is_refused_for_the_map(listed, tmp_path):
    away = ground()
    away = replace(away, grid=replace(away.grid, crs=CRS.from_epsg(25833)))
    with pytest.raises(TerrainError, match="not in the CRS of the worklist"):
        export(listed[1], tmp_path / "ort", away)
    assert not (tmp_path / "ort").exists()


def test_the_command_line_goes_all_the_way(tmp_path, root):
    data = root / "data" / "dem"
    for name in ("musterstadt.yaml", "musterstadt_dem.tif", "musterstadt_buildings.gpkg", "musterstadt_landcover.tif"):
        shutil.copy(data / name, tmp_path)
    dem, path = str(tmp_path / "musterstadt_dem.tif"), str(tmp_path / "liste.gpkg")

    def call(*words, ok=True):
        done = CliRunner().invoke(app, ["terrain", *words])
        assert (done.exit_code == 0) == ok, done.output
        return done.output

    streets = f"{data / 'musterstadt_places.gpkg'}|streets"
    said = call(
        "doctor", dem, "-o", path, "--roads", streets, "--buildings", str(tmp_path / "musterstadt_buildings.gpkg")
    )
    assert "Nr. 1  [offen]" in said and "1 place," in said
    assert "[übernommen]" in call("worklist", "accept", path, "1", "--who", "A. B.", "--width-m", "1.0")
    assert "[übernommen]" in call("doctor", dem, "-o", path), "decided stays decided"
    assert "[übernommen]" in call("worklist", "show", path)
    call("worklist", "export", path, "-o", str(tmp_path / "ort"))
    new = tmp_path / "neu.yaml"
    assert "1 culvert and 0 cuts" in call("worklist", "into", path, str(tmp_path / "musterstadt.yaml"), "-o", str(new))
    assert Scenario.load(new).surface.culverts[0].width_m == 1.0
    for command, word in (("reject", "verworfen"), ("checked", "vor Ort geprüft"), ("reopen", "offen")):
        assert f"[{word}]" in call("worklist", command, path, "1", "--who", "A. B.")
    facts = json.loads(call("doctor", dem, "--json"))
    assert facts["faults"]["features"][0]["properties"]["kind"] == "dam"
