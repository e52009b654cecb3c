"""Walls, kerbs and break lines of a layer stand on the grid as drawn: closed, at the height given, linear in between.

A wall is closed if no chain of eight-neighbours (a stronger claim than the four sides
over which the engine moves water) leads from one side to the other without
passing a wall cell; checked by labelling what is left open. Heights along a line
are linear: h(s) = h0 + (h1 - h0) s / L at the place where the line passes the cell's middle
part; a cell is at most sqrt(2) cells of path long, so that the rounding of coordinates
(1e-9 m) is all that differs.
"""

import json

import numpy as np
import pytest
from pyproj import CRS
from scipy import ndimage

from flood_sim.errors import TerrainError
from flood_sim.measures.reading import site_on
from flood_sim.scenario import Scenario
from flood_sim.terrain.cuts import burn_cut
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.line_file import burn_lines, read_lines

CELL = 2.0
GRID = Grid(360_000.0, 5_680_000.0, CELL, 40, 50, CRS.from_epsg(25832))


def layer(folder, *features, crs=25832, kind="LineString"):
    """GeoJSON of lines: (properties, points in m east and south of the grid's corner)."""
    made = []
    for values, points in features:
        shape = {"type": kind, "coordinates": [[GRID.west + p[0], GRID.north - p[1], *p[2:]] for p in points]}
        made.append({"type": "Feature", "properties": values, "geometry": shape})
    data = {"type": "FeatureCollection", "features": made}
    if crs:
        data["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    path = folder / "lines.geojson"
    path.write_text(json.dumps(data))
    return path


def burned(folder, ground, *features):
    read = read_lines(layer(folder, *features), GRID)
    notes = burn_lines(read, ground, GRID)
    return (*read.notes, *notes)


@pytest.mark.parametrize("angle", np.linspace(0.0, 170.0, 18))
def test_a_wall_in_any_direction_is_closed(angle, tmp_path):
    a = np.radians(angle)
    middle, reach = np.array([50.3, 40.7]), 200.0 * np.array([np.cos(a), np.sin(a)])
    ground = np.zeros(GRID.shape)
    burned(tmp_path, ground, ({"kind": "wall", "height_m": 1.5}, [middle - reach, middle + reach]))
    assert set(np.unique(ground)) == {0.0, 1.5}
    _, parts = ndimage.label(ground == 0.0, np.ones((3, 3)))
    assert parts == 2


def test_a_wall_through_the_corners_of_cells_is_closed(tmp_path):
    ground = np.zeros(GRID.shape)
    burned(tmp_path, ground, ({"kind": "wall", "height_m": 1.5}, [(-10, -10), (90, 90)]))
    assert ndimage.label(ground == 0.0, np.ones((3, 3)))[1] == 2


def test_a_bent_wall_holds_a_pool(tmp_path):
    ring = [(20, 20), (60, 24), (70, 50), (40, 66), (15, 45), (20, 20)]
    ground = np.zeros(GRID.shape)
    burned(tmp_path, ground, ({"kind": "wall", "height_m": 0.8}, ring))
    assert ndimage.label(ground == 0.0, np.ones((3, 3)))[1] == 2


def test_heights_are_above_the_ground_or_levels_linear_along_the_line(tmp_path):
    slope = np.broadcast_to(100 + 0.1 * np.arange(GRID.cols), GRID.shape)
    ground = slope.copy()
    burned(
        tmp_path, ground,
        ({"id": "k", "kind": "kerb", "height_m": 0.12}, [(0, 11), (100, 11)]),
        ({"id": "w", "kind": "wall", "top_m": 106.0, "top_end_m": 108.0}, [(0, 31), (100, 31)]),
        ({"id": "b", "kind": "break_line"}, [(0, 51, 103.0), (50, 51, 98.0), (100, 51, 99.0)]),
    )  # fmt: skip
    middle = (np.arange(GRID.cols) + 0.5) * CELL
    np.testing.assert_allclose(ground[5], slope[5] + 0.12, atol=1e-9)
    np.testing.assert_allclose(ground[15], 106 + 2 * middle / 100, atol=1e-9)
    np.testing.assert_allclose(ground[25], np.interp(middle, [0, 50, 100], [103.0, 98.0, 99.0]), atol=1e-9)
    rest = np.ones(GRID.rows, bool)
    rest[[5, 15, 25]] = False
    assert np.array_equal(ground[rest], slope[rest])


def test_crossing_walls_do_not_add_up_and_walls_stand_on_break_lines(tmp_path):
    ground = np.zeros(GRID.shape)
    burned(
        tmp_path, ground,
        ({"kind": "wall", "height_m": 1.0}, [(0, 11), (100, 11)]),
        ({"kind": "wall", "height_m": 1.0}, [(51, 0), (51, 80)]),
        ({"kind": "break_line", "top_m": -2.0}, [(0, 31), (100, 31)]),
    )  # fmt: skip
    assert ground[5, 25] == 1.0, "crossing"
    assert ground[15, 25] == -1.0, "one metre above the break line"
    assert ground[15, 24] == -2.0


def test_what_has_no_effect_is_said(tmp_path):
    ground = np.full(GRID.shape, 100.0)
    notes = burned(
        tmp_path, ground,
        ({"id": "low", "kind": "wall", "top_m": 99.5}, [(0, 11), (100, 11)]),
        ({"id": "far", "kind": "wall", "height_m": 1.0}, [(900, 11), (950, 11)]),
    )  # fmt: skip
    assert "line low (wall) lies nowhere above the ground and does nothing" in notes
    assert any("1 of 2 lines do not lie on the terrain" in note for note in notes)
    assert (ground == 100.0).all()


def test_cells_outside_the_model_stay(tmp_path):
    outside = np.zeros(GRID.shape, bool)
    outside[:, :10] = True
    ground = np.where(outside, 0.0, 100.0)
    read = read_lines(layer(tmp_path, ({"kind": "wall", "top_m": 101.0}, [(0, 11), (100, 11)])), GRID)
    burn_lines(read, ground, GRID, outside)
    assert (ground[outside] == 0.0).all() and (ground[5, 10:] == 101.0).all()


LINE = [(0, 11), (50, 11)]
WRONG = {
    "no height": ([({"id": "w3", "kind": "wall"}, LINE)], ["line w3 (wall) has no height", "height_m", "top_m"]),
    "no kind": ([({"id": "w3", "height_m": 1.0}, LINE)], ["line w3: no kind", "wall, kerb, break_line"]),
    "unknown kind": ([({"id": "w3", "kind": "hedge"}, LINE)], ["line w3: unknown kind 'hedge'"]),
    "both": ([({"id": "w3", "kind": "wall", "height_m": 1, "top_m": 100}, LINE)], ["has both height_m and top_m"]),
    "text": ([({"id": "w3", "kind": "wall", "height_m": "1,2"}, LINE)], ["height_m is not a number: '1,2'"]),
    "level as height": ([({"id": "w3", "kind": "wall", "height_m": 152.0}, LINE)], ["height_m is 152", "top_m"]),
    "height as level": ([({"id": "w3", "kind": "wall", "top_m": 1.2}, LINE)], ["top at 1.2 m", "100.00 m", "height_m"]),
    "negative": ([({"id": "w3", "kind": "kerb", "height_m": -0.1}, LINE)], ["height_m is -0.1", "above 0"]),
    "elsewhere": ([({"kind": "wall", "height_m": 1}, [(9000, 0), (9100, 0)])], ["no line lies on the terrain"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_bad_lines_are_explained(name, tmp_path):
    features, words = WRONG[name]
    with pytest.raises(TerrainError) as caught:
        burned(tmp_path, np.full(GRID.shape, 100.0), *features)
    assert str(caught.value).startswith(str(tmp_path)) and caught.value.hint
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(("crs", "word"), [(25833, "EPSG:25833"), (None, "EPSG:4326")])
def test_lines_in_another_crs_are_refused(crs, word, tmp_path):
    with pytest.raises(TerrainError, match=f"the lines are in {word}.*terrain is in EPSG:25832"):
        read_lines(layer(tmp_path, ({"kind": "wall", "height_m": 1}, LINE), crs=crs), GRID)


def test_polygons_are_no_lines(tmp_path):
    path = layer(tmp_path, ({"kind": "wall", "height_m": 1}, LINE))
    data = json.loads(path.read_text())
    ring = [[GRID.west, GRID.north], [GRID.west + 9, GRID.north], [GRID.west, GRID.north - 9], [GRID.west, GRID.north]]
    data["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    path.write_text(json.dumps(data))
    with pytest.raises(TerrainError, match="holds no layer of lines"):
        read_lines(path, GRID)


def test_json_that_is_no_geojson_is_said(tmp_path):
    for text in ('{"type": ["FeatureCollection"]}', '{"type": {}}', '{"features": []}'):
        (tmp_path / "x.geojson").write_text(text)
        with pytest.raises(TerrainError, match="is JSON, but not GeoJSON"):
            read_lines(tmp_path / "x.geojson", GRID)


# --- cuts ----------------------------------------------------------------------


def at(*points):
    return [(GRID.west + x, GRID.north - y) for x, y in points]


def test_a_cut_lowers_a_strip_to_a_straight_bottom():
    ground = np.full(GRID.shape, 10.0)
    ground[:, 30] = 3.0
    before = ground.copy()
    done = burn_cut(ground, GRID, at((10.5, 41), (91.5, 41)), 6.0, (8.0, 4.0))
    middle = (np.arange(GRID.cols) + 0.5) * CELL
    bottom = 8 - 4 * (middle - 10.5) / 81
    inside = slice(5, 46)
    for row in (19, 20, 21):  # centres 2 m beside the line and on it
        np.testing.assert_allclose(ground[row, inside], np.minimum(bottom, before[row])[inside], atol=1e-9)
    touched = ground != before
    assert not touched[[18, 22]].any() and not touched[:, :5].any() and not touched[:, 46:].any()
    assert (ground[:, 30] == 3.0).all(), "lower ground stays"
    assert done.cells == np.count_nonzero(touched)
    assert done.volume_m3 == pytest.approx((before - ground).sum() * CELL**2, rel=1e-12)


@pytest.mark.parametrize("angle", np.linspace(5.0, 175.0, 9))
def test_a_cut_narrower_than_a_cell_leads_through(angle):
    a = np.radians(angle)
    reach = 30.0 * np.array([np.cos(a), np.sin(a)])
    ground = np.full(GRID.shape, 10.0)
    burn_cut(ground, GRID, at(np.array([50, 40]) - reach, np.array([50, 40]) + reach), 0.3, (1.0, 1.0))
    labels, parts = ndimage.label(ground == 1.0)  # over sides only
    assert parts == 1
    rows, cols = np.nonzero(labels)
    assert np.hypot(np.ptp(rows), np.ptp(cols)) * CELL >= 60 - 2 * CELL


@pytest.mark.parametrize(
    ("line", "words"),
    [(at((10, 10), (10, 10)), "same point"), (at((900, 900), (950, 900)), "off the terrain")],
)
def test_a_cut_that_is_none_is_refused(line, words):
    with pytest.raises(TerrainError, match=words):
        burn_cut(np.zeros(GRID.shape), GRID, line, 2.0, (1.0, 1.0), where="terrain.corrections.0")


def test_a_correction_that_lowers_nothing_is_said():
    """The ground lies at 10 m: a bottom of 12 m changes nothing, one of 9 m lowers it; only the first is named."""
    line = [[GRID.west + 10, GRID.north - 41], [GRID.west + 91, GRID.north - 41]]
    cuts = [{"id": f"c{b}", "line": line, "width_m": 4.0, "bottom_m": [b, b]} for b in (12, 9)]
    asked = Scenario.parse({"terrain": {"dem": "a.tif", "corrections": cuts}, "numerics": {"duration_min": 1}})
    fresh = site_on(asked, GRID, np.full(GRID.shape, 10.0), np.zeros(GRID.shape, bool))
    (note,) = fresh.notes
    assert note == "correction c12 lowers nothing: the ground already lies at or below its bottom"


def test_a_depth_given_for_a_level_digs_no_canyon():
    ground = np.full(GRID.shape, 152.0)
    with pytest.raises(
        TerrainError, match=r"c7: .*absurdly deep \(got 1\.\d\d m where the ground lies at 152.00 m\).*levels"
    ):
        burn_cut(ground, GRID, at((10, 41), (91, 41)), 6.0, (1.2, 1.0), where="terrain.corrections c7")
    assert (ground == 152.0).all()
