"""A measure drawn in a map program comes back as it was; what is wrong with a feature is said by its name.

In the terrain's CRS coordinates come back to the bit. In longitude and latitude
with 7 decimals (1e-7 degree is 1.1 cm) they come back within 2 cm.
"""

import json

import numpy as np
import pytest
import shapely
from pydantic import TypeAdapter
from pyproj import CRS, Transformer

from flood_sim.errors import FloodSimError, ScenarioError
from flood_sim.measures.geojson import KINDS, features, from_features, read_measures, to_features
from flood_sim.measures.shape import drawn
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
    Measures,
    MobileBarrier,
    Storage,
    Swale,
    Threshold,
    Unsealing,
)

UTM = CRS.from_epsg(25832)


@pytest.fixture
def all_kinds(at, box):
    line, area, point = at((10.25, 10.5), (40, 12), (70, 20.125)), box(20, 20, 40, 40), at((33.3, 44.4))[0]
    return (
        FloodWall(id="w", title="Mauer am Bach", line=line, height_m=1.5),
        Embankment(id="e", line=line, crest_m=101.25, crest_width_m=2, side_slope=1.5),
        MobileBarrier(id="m", line=line, height_m=0.9),
        Basin(id="b", polygon=area, volume_m3=500, depth_m=0.5, dam=True),
        Swale(id="s", line=line, width_m=3, depth_m=0.3),
        EmergencyFlowPath(id="p", line=line, width_m=6, kerb_height_m=0.12, graded=True),
        Kerb(id="k", line=line, height_m=-0.1),
        GroundChange(id="g", polygon=area, level_m=100, only="lower"),
        Unsealing(id="u", polygon=area),
        Greening(id="v", polygon=area, surface="forest"),
        GreenRoof(id="r", buildings=("b 1", "b 2"), storage_mm=30),
        Threshold(id="t", point=point, threshold_m=0.2),
        CulvertMeasure(id="c", line=line, width_m=1.2, inverts_m=(100.5, 99.75), replaces="old"),
        Storage(id="z", point=point, volume_m3=80, inflow_capacity_m3s=0.05),
    )


def test_every_kind_comes_back_as_it_was(all_kinds):
    assert {m.kind for m in all_kinds} == set(KINDS)
    text = json.dumps(to_features(all_kinds, UTM))
    assert from_features(json.loads(text), UTM) == all_kinds
    attributes = [f["properties"] for f in json.loads(text)["features"]]
    assert all(not isinstance(v, list | dict) for a in attributes for v in a.values()), "plain attributes only"


def test_a_scenario_holds_every_kind(all_kinds):
    """The same measures as keys of a scenario: JSON and back."""
    plain = [m.model_dump(mode="json") for m in all_kinds]
    assert TypeAdapter(Measures).validate_python(json.loads(json.dumps(plain))) == all_kinds


def test_longitude_and_latitude_are_brought_to_the_terrain(all_kinds):
    on_map = json.loads(json.dumps(features(all_kinds, UTM, {"b 1": shapely.box(360000, 6039900, 360010, 6039910)})))
    assert "crs" not in on_map and len(on_map["features"]) == len(all_kinds)
    back = {
        m.id: m
        for m in from_features(
            {**on_map, "features": [f for f in on_map["features"] if f["properties"]["id"] != "r"]}, UTM
        )
    }
    for measure in all_kinds:
        if measure.id != "r":
            here, there = (shapely.get_coordinates(drawn(m)) for m in (measure, back[measure.id]))
            assert np.abs(here - there).max() < 0.02
            same = {"line", "polygon", "point"}
            assert back[measure.id].model_dump(exclude=same) == measure.model_dump(exclude=same)


def test_every_measure_is_visible_on_a_map(all_kinds):
    """One that names buildings shows their outlines; without them it is listed all the same."""
    shown = {f["properties"]["id"]: f for f in features(all_kinds, UTM, {"b 1": shapely.box(0, 0, 5, 5)})["features"]}
    bare = {f["properties"]["id"]: f for f in features(all_kinds, UTM)["features"]}
    assert set(shown) == set(bare) == {m.id for m in all_kinds}
    assert shown["r"]["geometry"]["type"] == "Polygon" and bare["r"]["geometry"] is None
    assert (shown["b"]["properties"]["label_de"], shown["b"]["properties"]["volume_m3"]) == ("Rückhaltebecken", 500.0)


def test_another_crs_is_reprojected(at):
    """Drawn in Gauß-Krüger zone 2 (EPSG:31466), as older city data are; and by the caller's word without a member."""
    to_gk = Transformer.from_crs(UTM, 31466, always_xy=True)
    line = [list(to_gk.transform(*p)) for p in at((10, 10), (40, 12))]
    wall = {
        "type": "Feature",
        "properties": {"kind": "wall", "height_m": 1},
        "geometry": {"type": "LineString", "coordinates": line},
    }
    named = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31466"}},
        "features": [wall],
    }
    for found in (from_features(named, UTM), from_features({**named, "crs": None}, UTM, crs="EPSG:31466")):
        assert np.abs(np.array(found[0].line) - at((10, 10), (40, 12))).max() < 1e-3


def test_what_map_programs_add_is_not_read(at):
    feature = {
        "type": "Feature", "id": 7,
        "properties": {"fid": 3, "kind": "kerb", "height_m": "0.1", "title": None, "width_m": None, "stroke": "#f00", "marker-color": "x", "label_de": "Bordstein"},
        "geometry": {"type": "MultiLineString", "coordinates": [[[*p, 99.0] for p in at((1, 1), (5, 5))]]},
    }  # fmt: skip
    (kerb,) = from_features(feature, UTM, crs="EPSG:25832")
    assert (kerb.id, kerb.height_m, kerb.line) == ("7", 0.1, at((1, 1), (5, 5)))


def line(at):
    return {"type": "LineString", "coordinates": [list(p) for p in at((10, 10), (40, 12))]}


def area(at, *corners):
    return {"type": "Polygon", "coordinates": [[list(p) for p in at(*corners, corners[0])]]}


BAD = {
    "unknown kind": (lambda at: ({"kind": "dyke"}, line(at)), r"feature 1: unknown kind 'dyke'; allowed: wall, embankment, .*storage"),
    "kind misspelt": (lambda at: ({"kind": "swail"}, line(at)), r"unknown kind 'swail'.*Did you mean swale\?"),
    "no kind": (lambda at: ({"id": "x"}, line(at)), r"its attribute kind is missing; allowed: wall"),
    "no height": (lambda at: ({"kind": "wall", "id": "w1"}, line(at)), r"feature 1 \(w1, wall\): .*exactly one of height_m, crest_m \(got none"),
    "both heights": (lambda at: ({"kind": "wall", "height_m": 1, "crest_m": 101}, line(at)), r"got height_m and crest_m"),
    "missing attribute": (lambda at: ({"kind": "swale", "id": "s1", "depth_m": 1}, line(at)), r"\(s1, swale\): width_m: is missing; allowed: above 0, at most 200"),
    "a decimal comma": (lambda at: ({"kind": "wall", "height_m": "0,5"}, line(at)), r"height_m: .*number.*got '0,5'"),
    "centimetres": (lambda at: ({"kind": "wall", "height_m": 80}, line(at)), r"height_m: is out of range \(got 80\); allowed: above 0, at most 20\. Give it in m; 30 cm are 0\.3"),
    "a misspelt attribute": (lambda at: ({"kind": "wall", "hight_m": 1}, line(at)), r"hight_m: unknown key, did you mean height_m\?"),
    "a wall as polygon": (lambda at: ({"kind": "wall", "height_m": 1}, area(at, (1, 1), (9, 1), (9, 9))), r"is drawn as Polygon; allowed: line"),
    "no geometry": (lambda at: ({"kind": "basin", "volume_m3": 5}, None), r"is drawn as nothing; allowed: polygon"),
    "several parts": (lambda at: ({"kind": "kerb", "height_m": 0.1}, {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]}), r"MultiLineString.*Draw each part as a measure of its own"),
    "a self-crossing polygon": (lambda at: ({"kind": "basin", "id": "b1", "volume_m3": 5}, area(at, (10, 10), (20, 20), (20, 10), (10, 20))), r"\(b1, basin\): polygon: the polygon crosses or touches itself at x 360015\.00, y 6039985\.00"),
    "a flat polygon": (lambda at: ({"kind": "basin", "volume_m3": 5}, area(at, (10, 10), (20, 20), (30, 30))), r"polygon: .*(encloses no area|crosses or touches itself)"),
    "a hole": (lambda at: ({"kind": "basin", "volume_m3": 5}, {"type": "Polygon", "coordinates": [area(at, (0, 0), (9, 0), (9, 9))["coordinates"][0]] * 2}), r"its polygon has holes \(got 1 holes\)"),
    "a line of no length": (lambda at: ({"kind": "kerb", "height_m": 0.1}, {"type": "LineString", "coordinates": [[360010, 6039990]] * 2}), r"line: the line has no length: all its points lie at x 360010\.00"),
    "one point": (lambda at: ({"kind": "kerb", "height_m": 0.1}, {"type": "LineString", "coordinates": [[360010, 6039990]]}), r"line"),
    "no numbers": (lambda at: ({"kind": "kerb", "height_m": 0.1}, {"type": "LineString", "coordinates": [["a", "b"], ["c", "d"]]}), r"its coordinates are not pairs of numbers"),
    "not finite": (lambda at: ({"kind": "kerb", "height_m": 0.1}, {"type": "LineString", "coordinates": [[float("nan"), 1], [2, 3]]}), r"empty or not finite"),
    "one invert": (lambda at: ({"kind": "culvert", "width_m": 1, "invert_up_m": 3}, line(at)), r"invert_down_m is missing"),
    "a green roof nowhere": (lambda at: ({"kind": "green_roof", "storage_mm": 30}, None), r"is drawn as nothing; allowed: polygon or point"),
    "a basin with three of three": (lambda at: ({"kind": "basin", "volume_m3": 5, "depth_m": 1, "bottom_m": 99}, area(at, (1, 1), (9, 1), (9, 9))), r"give one or two of volume_m3, depth_m, bottom_m \(got volume_m3 and depth_m and bottom_m\)"),
    "an id with a blank": (lambda at: ({"kind": "wall", "id": "my wall", "height_m": 1}, line(at)), r"id: must match"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_with_a_feature_is_said(at, case):
    make, words = BAD[case]
    properties, geometry = make(at)
    data = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": properties, "geometry": geometry}],
    }
    with pytest.raises(ScenarioError, match=words) as caught:
        from_features(data, UTM, crs="EPSG:25832", where="plan.geojson")
    message = str(caught.value)
    assert message.startswith("plan.geojson: feature 1") and "\n" not in message and len(message) < 600


FILES = {
    "not JSON": ("{", r"plan\.geojson: is not valid JSON"),
    "another JSON": ('{"type": "Topology"}', r"holds no measures \(got type 'Topology'\); allowed: a GeoJSON FeatureCollection"),
    "a list": ("[1]", r"holds no measures"),
    "too many": (json.dumps({"type": "FeatureCollection", "features": [{}] * 1001}), r"too many features \(got 1001\); allowed: at most 1000"),
    "an unknown CRS": (json.dumps({"type": "FeatureCollection", "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::99999"}}, "features": []}), r"crs: unknown CRS"),
    "a CRS as address": (json.dumps({"type": "FeatureCollection", "crs": {"properties": {"name": "http://example.org/crs"}}, "features": []}), r"crs: unknown CRS"),
    "a CRS without a name": (json.dumps({"type": "FeatureCollection", "crs": {"type": "link"}, "features": []}), r"its crs member names no CRS"),
    "metres without a CRS": (json.dumps({"type": "Feature", "properties": {"kind": "kerb", "height_m": 0.1}, "geometry": {"type": "LineString", "coordinates": [[360010, 6039990], [360020, 6039990]]}}), r"are no longitude and latitude, which GeoJSON has unless it names a CRS .*Name their CRS: --crs, or a crs member; the terrain has EPSG:25832"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_what_is_wrong_with_a_file_is_said(tmp_path, case):
    content, words = FILES[case]
    (tmp_path / "plan.geojson").write_text(content)
    with pytest.raises(ScenarioError, match=words):
        read_measures(tmp_path / "plan.geojson", UTM)


@pytest.mark.parametrize("name", ["https://example.org/plan.geojson", "/vsicurl/x", "missing.geojson"])
def test_only_a_local_file_is_read(tmp_path, name):
    with pytest.raises(FloodSimError, match="not a file on this machine|no such file"):
        read_measures(name, UTM)


def test_two_of_one_id_are_refused(all_kinds):
    twice = to_features((all_kinds[0], all_kinds[0]), UTM)
    with pytest.raises(ScenarioError, match="the id w is used twice"):
        from_features(twice, UTM)
