"""Every cell of the model gets the numbers of its land-cover class, or the run is refused.

The table is the contract: codes 1 to 8 with the defaults of the project, each
number with a mark that says where it comes from. A code that nobody defined
must never become a silent default, in no legend.
"""

import json

import numpy as np
import pytest
import yaml
from pyproj import CRS

from flood_sim.errors import ScenarioError, StorageError, TerrainError
from flood_sim.surface.land_cover import GROUPS, class_codes, load_table, mappings, read_table, table_code, translation
from flood_sim.surface.rasterise import rasterise, write_codes
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.raster import read_aligned

DEEP = {1: 0.020, 2: 0.025, 3: 0.055, 4: 0.060, 5: 0.12, 6: 0.045, 7: 0.033, 8: 0.020}
GRID = Grid(360000.0, 6040040.0, 10.0, 4, 6, CRS.from_epsg(25832))


def entry(key):
    return next(c for c in load_table().classes if c.key == key)


def test_the_defaults_of_the_project_stand_in_the_table():
    """defaults: n deep of eight classes; shallow 1 x sealed, 2.5 x vegetation; Horton 20, 3, 2; initial loss 3 mm green, 1 mm sealed."""
    found = {c.code: c for c in load_table().classes}
    assert {code: found[code].n for code in DEEP} == DEEP
    for key in ("garden", "meadow", "forest"):
        c = entry(key)
        assert c.n_shallow == pytest.approx(2.5 * c.n) and c.sealed == 0 and c.initial_loss_mm == 3
        assert c.horton == (20, 3, 2) and c.constant_mm_h == 20
    for key in ("asphalt", "yard"):
        c = entry(key)
        assert c.n_shallow == c.n and c.sealed == 1 and c.initial_loss_mm == 1 and c.horton[0] == 0
    assert (entry("garden").cn, entry("meadow").cn, entry("forest").cn) == (61, 58, 55)


def test_every_number_says_where_it_comes_from():
    table = load_table()
    assert all(table.mark(c.key, group) for c in table.classes for group in GROUPS)
    assert "memory, unverified" in table.mark("garden", "horton") and "TR-55" in table.mark("garden", "cn")


def test_shallow_water_is_never_slowed_less_than_deep():
    assert all(c.n_shallow >= c.n for c in load_table().classes)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_each_code_stays_its_class(dtype):
    values = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], dtype)
    assert (class_codes(values, load_table()) == values).all()


def test_unknown_code_is_named_with_its_count_and_the_allowed_codes():
    values = np.array([[1, 77, 77], [1, 42, 1]], np.uint8)
    with pytest.raises(TerrainError, match=r"code 42 on 1 cell, 77 on 2 cells.*1 asphalt.*8 building"):
        class_codes(values, load_table())
    with pytest.raises(TerrainError, match=r"2\.5 on 1 cell"):
        class_codes(np.array([1, 2.5]), load_table())


def test_no_data_is_an_error_inside_and_nothing_outside_the_model():
    values = np.array([[1.0, np.nan], [0.0, 5.0]])
    outside = np.array([[False, True], [True, False]])
    assert class_codes(values, load_table(), outside=outside).tolist() == [[1, 0], [0, 5]]
    with pytest.raises(TerrainError, match=r"0 \(no data\) on 2 cells"):
        class_codes(values, load_table())


def test_worldcover_codes_are_translated_and_a_foreign_one_refused():
    table = load_table()
    values = np.array([10, 30, 50, 80])
    assert class_codes(values, table, scheme="worldcover").tolist() == [
        table.codes[k] for k in ("forest", "meadow", "residential", "water")
    ]
    with pytest.raises(TerrainError, match=r"code 11 on 1 cell.*10 forest"):
        class_codes(np.array([11]), table, scheme="worldcover")


def test_every_mapping_names_classes_that_exist():
    table = load_table()
    assert set(translation("worldcover", table)) == {10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100}
    for key in {*mappings()["alkis"].values(), *(k for _, _, k in mappings()["osm"])}:
        assert table_code(key, table, "mapping")


# --- an own table ---------------------------------------------------------------------


def edited(tmp_path, change):
    from importlib.resources import files

    data = yaml.safe_load(files("flood_sim.surface").joinpath("land_cover.yaml").read_text(encoding="utf-8"))
    change(data)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def test_an_edited_copy_is_read(tmp_path):
    def change(data):
        data["classes"][0]["n"] = 0.018

    assert read_table(edited(tmp_path, change)).classes[0].n == 0.018


WRONG_TABLES = {
    "n of zero": (lambda d: d["classes"][0].update(n=0), "above 0"),
    "shallow below deep": (
        lambda d: d["classes"][2].update(n_shallow=0.01),
        "garden: n_shallow = 0.01 is below n = 0.055",
    ),
    "f0 below fc": (lambda d: d["classes"][2].update(horton=[1, 3, 2]), "garden: horton: f0 = 1 is below fc = 3"),
    "sealed beyond one": (lambda d: d["classes"][0].update(sealed=1.5), "at most 1"),
    "a code twice": (lambda d: d["classes"][1].update(code=1), "code used twice: 1"),
    "a mark that nothing explains": (
        lambda d: d["classes"][0].update(marks={"n": "hearsay"}),
        "nothing explains: hearsay",
    ),
    "an unknown key": (lambda d: d["classes"][0].update(manning=1), "manning"),
    "no classes": (lambda d: d.pop("classes"), "classes"),
}


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_a_wrong_table_is_explained(tmp_path, case):
    change, message = WRONG_TABLES[case]
    with pytest.raises(ScenarioError, match=message) as caught:
        read_table(edited(tmp_path, change))
    assert caught.value.where == "own.yaml"


def test_a_table_that_is_none(tmp_path):
    path = tmp_path / "own.yaml"
    for text in ("- 1\n", "a: [", "", "a: 2001-13-45\n", "a: " + 5000 * "[" + "\n"):
        path.write_text(text)
        with pytest.raises(ScenarioError, match=r"own\.yaml"):
            read_table(path)


# --- from polygons --------------------------------------------------------------------


def square(x, y, size):
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def layer(tmp_path, features, epsg=25832):
    path = tmp_path / "use.geojson"
    rows = [
        {"type": "Feature", "properties": p, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring, p in features
    ]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": rows}))
    return path


def test_alkis_uses_become_classes_and_the_street_lies_on_top(tmp_path):
    """A street of 20 m across a wood of the whole terrain: two columns of cells are asphalt, all others wood."""
    street = [[360020, 6040000], [360040, 6040000], [360040, 6040040], [360020, 6040040], [360020, 6040000]]
    use = layer(tmp_path, [(street, {"nutzart": "Straßenverkehr"}), (square(360000, 6040000, 60), {"nutzart": "Wald"})])
    codes = rasterise(use, GRID, "alkis").codes
    assert codes.tolist() == [[5, 5, 1, 1, 5, 5]] * 4
    write_codes(codes, GRID, tmp_path / "cover.tif")
    assert (read_aligned(tmp_path / "cover.tif", GRID, what="land cover") == codes).all()


def test_osm_tags_become_classes_and_what_is_bare_is_counted(tmp_path):
    use = layer(
        tmp_path,
        [(square(360000, 6040000, 20), {"natural": "water"}), (square(360020, 6040000, 20), {"landuse": "forest"})],
    )
    found = rasterise(use, GRID, "osm")
    assert found.codes[3, :4].tolist() == [7, 7, 5, 5] and found.codes[0, 0] == 0
    assert "16 of 24 cells lie in no area" in found.notes[0]
    assert rasterise(use, GRID, "osm", fill="garden").codes[0, 0] == 3


def test_a_use_without_an_entry_is_named(tmp_path):
    use = layer(tmp_path, [(square(360000, 6040000, 60), {"nutzart": "Raumhafen"})])
    with pytest.raises(TerrainError, match=r"no class for the use Raumhafen.*wald"):
        rasterise(use, GRID, "alkis")
    with pytest.raises(TerrainError, match="no area says what covers the ground"):
        rasterise(use, GRID, "osm")


def test_what_cannot_be_made_or_written_is_said_and_leaves_nothing(tmp_path):
    use = layer(tmp_path, [(square(360000, 6040000, 60), {"nutzart": "Wald"})])
    with pytest.raises(TerrainError, match=r"fill: there is no such class to fill with \(got nix\); allowed: asphalt"):
        rasterise(use, GRID, "alkis", fill="nix")
    codes = rasterise(use, GRID, "alkis").codes
    for target in (tmp_path / "none" / "cover.tif", tmp_path):
        with pytest.raises(StorageError, match="the land cover cannot be written"):
            write_codes(codes, GRID, target)
    assert not list(tmp_path.parent.glob(".*.part"))
