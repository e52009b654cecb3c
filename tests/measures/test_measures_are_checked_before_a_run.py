"""Before a run, a person hears in plain German and English what is wrong with a measure, where, and by how much.

Each case draws one measure on a slope with two houses. Lengths and volumes of the
remarks are compared with what the drawing makes them by hand; gaps count whole
cells, so that they are exact.
"""

import json

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from flood_sim.cli.app import app
from flood_sim.measures.geojson import read_measures, to_features
from flood_sim.measures.linter import check
from flood_sim.measures.reading import read_site
from flood_sim.measures.remark import drawn_remarks
from flood_sim.scenario import Scenario
from flood_sim.scenario.measures import (
    Basin,
    CulvertMeasure,
    Embankment,
    EmergencyFlowPath,
    FloodWall,
    Greening,
    GreenRoof,
    GroundChange,
    Kerb,
    MobileBarrier,
    Storage,
    Swale,
    Threshold,
    Unsealing,
)


def said(remarks, code):
    """The remarks of a code."""
    return [r for r in remarks if r.code == code]


@pytest.fixture
def valley(site, grid):
    """A hollow that falls to the south by 0.5 %: flat for 10 m each side of its axis at 60 m, then rising 1 : 5."""
    y, x = np.mgrid[0 : grid.rows, 0 : grid.cols] + 0.5
    site.ground[:] = 100.0 - 0.005 * y + 0.2 * np.maximum(np.abs(x - 60.0) - 10.0, 0.0)
    site.labels[:], site.active[:] = 0, True
    site.building_ids, site.building_polygons = [], []
    return site


def test_a_wall_that_ends_before_higher_ground_shows_its_gap(valley, at):
    """1 m high across a flat 20 m wide: the flanks, 1 : 5, reach 1 m at 5 m beyond; it ends 4 cells before on the east."""
    wall = FloodWall(id="w", line=at((54.5, 50.5), (70.5, 50.5)), height_m=1.0)
    gaps = {r.text_de: r for r in said(check((wall,), valley), "gap")}
    level = valley.ground[50, 60] + 1.0
    high = np.flatnonzero(valley.ground[50] >= level - 0.01)
    east, west = high[high > 60][0] - 70 - 1, 54 - high[high < 60][-1] - 1
    assert {r.figures["gap_m"] for r in gaps.values()} == {float(east), float(west)}
    text = f"Mauer schließt am Ende nicht an höheres Gelände an: Lücke {east} m, durch die das Wasser vorbeiläuft."
    assert gaps[text].geometry.length == east and gaps[text].severity == "warning"
    assert gaps[text].geometry.geom_type == "LineString"
    assert gaps[text].xy[0] == pytest.approx(360_071 + east / 2)


def test_the_remark_disappears_when_the_end_is_dragged_up(valley, at):
    tied = FloodWall(id="w", line=at((44.5, 50.5), (75.5, 50.5)), height_m=1.0)
    assert not said(check((tied,), valley), "gap")


def test_a_wall_at_a_house_is_tied(site, at):
    """From house to house along the slope: both ends touch a wall that is there already."""
    wall = FloodWall(id="w", line=at((30.5, 24.5), (40, 40), (79.5, 62.5)), crest_m=site.ground.max() + 1)
    assert not said(check((wall,), site), "gap")
    short = FloodWall(id="w", line=at((33.5, 24.5), (40, 40), (79.5, 62.5)), crest_m=site.ground.max() + 1)
    (gap,) = said(check((short,), site), "gap")
    assert gap.figures["gap_m"] == 3.0


def test_a_wall_with_no_higher_ground_around_says_so(valley, at):
    valley.ground[:] = 100.0
    remarks = check((FloodWall(id="w", line=at((40, 80.5), (80, 80.5)), height_m=2.5),), valley)
    assert len(said(remarks, "no_higher_ground")) == 2
    assert "Im Umkreis von 100 m" in remarks[0].text_de


def test_two_walls_that_meet_tie_each_other(valley, at):
    """The second one stands on the first one's open end."""
    first = FloodWall(id="a", line=at((44.5, 50.5), (60.5, 50.5)), height_m=1.0)
    second = FloodWall(id="b", line=at((61.5, 50.5), (75.5, 50.5)), height_m=1.0)
    assert len(said(check((first,), valley), "gap")) == 1
    assert not said(check((first, second), valley), "gap")


CASES = {
    "a basin over a building": (lambda at, box: Basin(id="m", polygon=box(15, 15, 35, 35), volume_m3=50), "over_building", "error", "80 m² unter 1 Gebäude (school)"),
    "a culvert that rises": (lambda at, box: CulvertMeasure(id="m", line=at((50, 30), (50, 60)), width_m=1, inverts_m=(118.1, 118.6)), "culvert_rises", "error", "steigt um 0,50 m, von 118,10 auf 118,60 m"),
    "a culvert drawn the wrong way": (lambda at, box: CulvertMeasure(id="m", line=at((50, 60), (50, 30)), width_m=1), "culvert_rises", "error", "denn die der Sohle sind nicht angegeben"),
    "a culvert shorter than it can be": (lambda at, box: CulvertMeasure(id="m", line=at((50, 30), (50, 60)), width_m=1, length_m=20), "culvert_too_short", "error", "die Enden liegen aber 30,0 m auseinander"),
    "a culvert in one cell": (lambda at, box: CulvertMeasure(id="m", line=at((50.1, 30.1), (50.6, 30.6)), width_m=1), "one_cell", "error", "Beide Enden des Durchlasses liegen in derselben Rechenzelle"),
    "a culvert that ends in a house": (lambda at, box: CulvertMeasure(id="m", line=at((25, 10), (25, 24)), width_m=1), "end_in_building", "error", "Der Auslauf liegt in einem Gebäude"),
    "a culvert above its ground": (lambda at, box: CulvertMeasure(id="m", line=at((50, 30), (50, 60)), width_m=1, inverts_m=(121.0, 118.0)), "invert_above_ground", "warning", "über dem Gelände dort"),
    "a green roof larger than the roof": (lambda at, box: GreenRoof(id="m", buildings=("school",), storage_mm=30, area_m2=100), "larger_than_roof", "error", "100 m² sind mehr als das Dach hat (80 m²)"),
    "a green roof larger than both roofs": (lambda at, box: GreenRoof(id="m", polygon=box(0, 0, 119, 99), storage_mm=30, area_m2=200), "larger_than_roof", "error", "200 m² sind mehr als die Dächer haben (116 m²)"),
    "a green roof": (lambda at, box: GreenRoof(id="m", buildings=("school",), storage_mm=30), "holds", "note", "80 m² mit 30 mm halten 2,4 m³"),
    "wholly outside": (lambda at, box: Swale(id="m", line=at((200, 10), (220, 10)), width_m=3, depth_m=0.3), "outside_terrain", "error", "liegt außerhalb des Geländes"),
    "partly outside": (lambda at, box: Greening(id="m", polygon=box(100, 10, 140, 20)), "partly_outside", "warning", "50 % liegen außerhalb"),
    "a basin at the edge": (lambda at, box: Basin(id="m", polygon=box(0, 50, 20, 70), volume_m3=50), "edge_of_terrain", "error", "reicht bis an den Rand"),
    "a basin too small": (lambda at, box: Basin(id="m", polygon=box(40, 40, 50, 50), volume_m3=5000), "outline_too_small", "error", "Auch 20 m tief fasst sie nur 2.000 m³"),
    "a basin that is dug deep": (lambda at, box: Basin(id="m", polygon=box(40, 40, 50, 50), volume_m3=400), "very_deep", "warning", "4,0 m tief"),
    "a basin that is all digging": (lambda at, box: Basin(id="m", polygon=box(40, 30, 60, 80), volume_m3=50), "much_dug", "warning", "ein Damm auf der Talseite"),
    "a basin that needs a dam": (lambda at, box: Basin(id="m", polygon=box(40, 40, 60, 60), volume_m3=200, bottom_m=119.3), "needs_dam", "error", "Nötig ist ein Damm von ca."),
    "a basin as it will be": (lambda at, box: Basin(id="m", polygon=box(40, 40, 60, 60), volume_m3=200), "design", "note", "fasst 200 m³ auf 400 m²"),
    "a kerb": (lambda at, box: Kerb(id="m", line=at((50, 30), (50, 60)), height_m=0.1), "not_in_dem", "note", "Bordsteine stehen nicht im DGM1"),
    "a kerb in cm": (lambda at, box: Kerb(id="m", line=at((50, 30), (50, 60)), height_m=0.9), "very_high", "warning", "90 cm. Stimmt die Einheit?"),
    "a wall of 8 m": (lambda at, box: FloodWall(id="m", line=at((50, 30), (50, 60)), height_m=8), "very_high", "warning", "8,0 m über dem Gelände"),
    "a wall under the ground": (lambda at, box: FloodWall(id="m", line=at((50, 30), (50, 60)), crest_m=100), "below_ground", "error", "unter dem Gelände"),
    "a mobile barrier": (lambda at, box: MobileBarrier(id="m", line=at((50, 30), (50, 60)), height_m=1), "stands_from_start", "note", "von Regenbeginn an"),
    "a path that rises": (lambda at, box: EmergencyFlowPath(id="m", line=at((50, 60), (50, 30)), width_m=4, depth_m=0.1), "rises", "warning", "davor steht Wasser"),
    "a path into a hole": (lambda at, box: EmergencyFlowPath(id="m", line=at((50, 30), (50, 60)), width_m=4, depth_m=0.5), "dead_end", "warning", "das Wasser bleibt dort stehen"),
    "a path through a house": (lambda at, box: EmergencyFlowPath(id="m", line=at((25, 10), (25, 60)), width_m=4, depth_m=0.1), "over_building", "warning", "unter 1 Gebäude (school)"),
    "a narrow swale": (lambda at, box: Swale(id="m", line=at((50, 30), (50, 60)), width_m=0.4, depth_m=0.1), "narrower_than_a_cell", "warning", "gerechnet wird mit einer Zelle von 1,0 m"),
    "an unknown building": (lambda at, box: Threshold(id="m", buildings=("x",), threshold_m=0.2), "unknown_building", "error", "Es gibt kein Gebäude x"),
    "a threshold at a closed house": (lambda at, box: Threshold(id="m", buildings=("hut",), threshold_m=0.2), "closed_without_it", "warning", "ganz geschlossen"),
    "green already": (lambda at, box: Unsealing(id="m", polygon=box(40, 40, 50, 50), surface="yard"), "is_so_already", "warning", "100 % der Fläche sind schon heute"),
    "unsealing": (lambda at, box: Unsealing(id="m", polygon=box(40, 40, 50, 50)), "area", "note", "100 m² ändern sich"),
    "ground that stays": (lambda at, box: GroundChange(id="m", polygon=box(40, 40, 50, 50), level_m=100, only="raise"), "changes_nothing", "warning", "ändert keine Höhe"),
    "ground that is raised": (lambda at, box: GroundChange(id="m", polygon=box(40, 40, 50, 50), change_m=0.5), "earthworks", "note", "50 m³ Auftrag, 0 m³ Abtrag"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_said(site, at, box, case):
    make, code, severity, words = CASES[case]
    before = site.copy()
    found = said(check((make(at, box),), site), code)
    assert found, "nothing was said"
    one = found[0]
    assert one.severity == severity and words in one.text_de
    assert one.text_en and "\n" not in one.text_de + one.text_en and one.measure_id == "m"
    assert severity == "note" or code in ("unknown_building",) or one.geometry is not None
    assert (site.ground == before.ground).all() and (site.land_cover == before.land_cover).all()
    assert not site.storages and not site.green_roofs and not site.culverts


def test_every_sentence_is_german_and_english(site, at, box):
    """No figure of the German sentence with a decimal point, none of the banned words."""
    banned = ("Flut", "Überschwemmungsgebiet", "Prognose", "Vorhersage", "sicher", "Siegel", "Peak", "Layer", "Impact")
    measures = [make(at, box).model_copy(update={"id": f"m{k}"}) for k, (make, *_) in enumerate(CASES.values())]
    for r in check(measures, site):
        assert not any(word in r.text_de for word in banned), r.text_de
        assert r.text_de != r.text_en


@pytest.mark.parametrize(("volume", "severity"), [(9.9, "warning"), (10.1, "note")])
def test_a_storage_below_1_percent_of_its_inflow(site, at, volume, severity):
    """2 ha with 50 mm bring 1000 m³; one percent of them are 10 m³."""
    flow = np.full(site.ground.shape, 20_000.0)
    tank = Storage(id="s", point=at((50, 50))[0], volume_m3=volume, inflow_capacity_m3s=0.01)
    (share,) = said(check((tank,), site, flow=flow, storm_mm=50.0), "share_of_inflow")
    assert share.severity == severity and share.figures["inflow_m3"] == 1000.0
    assert "(1.000 m³ von 2,0 ha bei 50 mm)" in share.text_de
    assert not said(check((tank,), site), "share_of_inflow")


@pytest.mark.parametrize(
    ("flow_m2", "words"),
    [
        (1e6, "hält weniger als 0,1 % des Regens"),
        (1e5, "hält 0,2 % des Regens"),
        (400.0, "(20 m³ von 0,040 ha bei 50 mm)"),
    ],
)
def test_a_small_share_or_area_is_not_rounded_to_nothing(site, at, flow_m2, words):
    """8 m³ of 50,000, 5000 and 20 m³."""
    tank = Storage(id="s", point=at((50, 50))[0], volume_m3=8, inflow_capacity_m3s=0.01)
    (share,) = said(check((tank,), site, flow=np.full(site.ground.shape, flow_m2), storm_mm=50.0), "share_of_inflow")
    assert words in share.text_de


def test_measures_on_one_another_are_named(site, box):
    ground = GroundChange(id="fill", polygon=box(40, 40, 60, 60), change_m=0.5)
    basin = Basin(id="pond", polygon=box(50, 50, 70, 70), volume_m3=100)
    (one,) = said(check((basin, ground), site), "overlap")
    assert (
        one.text_de == "Rückhaltebecken überlagert fill auf 100 m²; dort wirkt zuletzt pond."
        and one.geometry.area == 100.0
    )


def test_two_green_roofs_on_one_building_are_named(site, box):
    """The last one acts alone, and neither would say so by itself; a threshold at the same house is another thing."""
    first = GreenRoof(id="thin", polygon=box(0, 0, 119, 99), storage_mm=20)
    second = GreenRoof(id="thick", buildings=("school",), storage_mm=60)
    step = Threshold(id="step", buildings=("school",), threshold_m=0.2)
    (one,) = said(check((first, second, step), site), "overlap")
    assert one.text_de == "Dachbegrünung meint dasselbe Gebäude wie thin (school); dort wirkt nur thick."
    assert not said(check((first, step), site), "overlap")


def test_one_bad_measure_does_not_hide_the_others(site, at, box):
    """Errors come first; an id used twice is said once, and the first of both is looked at."""
    kerb = Kerb(id="k", line=at((50, 30), (50, 60)), height_m=0.9)
    bad = Basin(id="b", polygon=box(40, 40, 50, 50), volume_m3=5000)
    remarks = check((kerb, bad, kerb), site)
    assert [r.severity for r in remarks] == sorted(
        (r.severity for r in remarks), key=["error", "warning", "note"].index
    )
    assert len(said(remarks, "id_twice")) == 1 and said(remarks, "very_high") and said(remarks, "outline_too_small")


def test_remarks_can_be_drawn(valley, at):
    wall = Embankment(id="w", line=at((54.5, 50.5), (70.5, 50.5)), height_m=1.0, crest_width_m=3.0, side_slope=1.5)
    drawn = drawn_remarks(check((wall,), valley), valley.grid.crs)
    assert {f["properties"]["code"] for f in drawn["features"]} == {"gap"}
    lon, lat = shapely.geometry.shape(drawn["features"][0]["geometry"]).coords[0]
    assert 6.8 < lon < 6.9 and 54.4 < lat < 54.6


@pytest.fixture
def files(tmp_path, write_raster, write_footprints, slope, grid, at, box):
    """A terrain with a house, and measures: a fine swale, a basin over the house."""
    write_footprints((20, -28, 30, -20), name="houses.geojson")
    measures = (
        Swale(id="fine", line=at((50, 30), (50, 60)), width_m=3, depth_m=0.3),
        Basin(id="bad", polygon=box(15, 15, 35, 35), volume_m3=50),
    )
    dem = write_raster(slope)
    for name, some in (("good", measures[:1]), ("bad", measures)):
        (tmp_path / f"{name}.geojson").write_text(json.dumps(to_features(some, grid.crs)))
    scenario = {
        "terrain": {"dem": dem, "buildings": {"file": str(tmp_path / "houses.geojson")}},
        "storm": {"kind": "block", "depth_mm": 50, "duration_min": 60}, "numerics": {"duration_min": 60},
        "measures": [m.model_dump(mode="json", exclude_none=True) for m in measures],
    }  # fmt: skip
    (tmp_path / "all.json").write_text(json.dumps(scenario))
    return tmp_path


def test_the_command_says_it_and_gives_exit_code_9(files):
    ask = ["measures", "check", "--dem", str(files / "dem.tif"), "--buildings", str(files / "houses.geojson")]
    good = CliRunner().invoke(app, [*ask, str(files / "good.geojson")])
    assert good.exit_code == 0 and "1 Maßnahme, rechenbar" in good.output
    bad = CliRunner().invoke(
        app, [*ask, str(files / "bad.geojson"), "--english", "--remarks", str(files / "places.geojson")]
    )
    assert bad.exit_code == 9
    assert "ERROR    bad: retention basin lies with 80 m² under 1 building (h0)" in bad.output
    assert json.loads((files / "places.geojson").read_text())["features"]


def test_the_command_reads_a_scenario_and_its_storm(files):
    """The storm of the scenario is what the basin is compared with."""
    found = CliRunner().invoke(app, ["measures", "check", str(files / "all.json"), "--json"])
    report = json.loads(found.output)
    assert found.exit_code == 9 and report["storm_mm"] == pytest.approx(50.0) and not report["possible"]
    assert {"over_building", "share_of_inflow"} <= {r["code"] for r in report["remarks"]}


def test_the_command_asks_for_a_terrain(files):
    assert CliRunner().invoke(app, ["measures", "check", str(files / "good.geojson")]).exit_code != 0


@pytest.mark.parametrize(("name", "kinds"), [("hang", ["basin", "embankment"]), ("notwasserweg", ["emergency_flow_path"]), ("schulhof", ["unsealing", "green_roof", "storage"])])  # fmt: skip
def test_the_measures_of_the_town_stand_on_its_terrain(root, name, kinds):
    """Nothing to warn of on the cells of the shipped DEM; the basin holds its 1500 m³."""
    town = Scenario.load(root / "data" / "dem" / "musterstadt.yaml")
    plain = town.model_copy(update={"terrain": town.terrain.model_copy(update={"cell_m": None})})
    site = read_site(plain)
    measures = read_measures(root / "data" / "dem" / f"musterstadt_measures_{name}.geojson", site.grid.crs)
    assert [m.kind for m in measures] == kinds
    remarks = check(measures, site)
    assert {r.severity for r in remarks} <= {"note"}, [r.text_de for r in remarks]
    if name == "hang":
        assert said(remarks, "design")[0].figures["volume_m3"] == pytest.approx(1500.0, abs=1e-4)
