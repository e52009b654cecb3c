"""A Scenario is the same after JSON and YAML, and its content id names exactly what changes the answer.

For any scenario: load(save(s)) == s, and equal content ids. Title, threads, the
folder of the files, the order of keys and the way a number is written leave the
id as it is; every other field, the bytes of every input file and the version of
the engine change it.
"""

import json
import random
import re
from hashlib import sha256

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario


def sums(name):
    return sha256(name.encode()).hexdigest()


def identity(scenario):
    return scenario.content_id(sums, "1.0")


# --- any scenario ----------------------------------------------------------------

number = st.floats(-1e6, 1e6)
positive = st.floats(1e-3, 1e3)
name = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
identifier = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,8}", fullmatch=True)
point = st.tuples(number, number)
line = st.lists(point, min_size=2, max_size=4)
increasing = st.lists(st.integers(0, 500), min_size=2, max_size=5, unique=True).map(sorted)


def kind(of, **fields):
    return st.fixed_dictionaries({"kind": st.just(of), **fields})


def some(**fields):
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def series(draw, of, column, values):
    times = draw(increasing)
    given_values = draw(st.lists(values, min_size=len(times), max_size=len(times)))
    return {"kind": of, "where": draw(where), "times_min": times, column: given_values}


@st.composite
def table_rain(draw):
    edges = draw(increasing)
    depths = draw(st.lists(st.floats(0, 100), min_size=len(edges) - 1, max_size=len(edges) - 1))
    return {"kind": "table", "edges_min": edges, "depths_mm": depths}


where = st.one_of(
    st.sampled_from(["north", "east", "south", "west", "all"]).map(lambda e: {"edge": e}),
    line.map(lambda p: {"line": p}),
    st.lists(point, min_size=3, max_size=5).map(lambda p: {"polygon": p}),
)
storms = st.one_of(
    kind("none"),
    kind("block", depth_mm=positive, duration_min=st.floats(1, 500)),
    table_rain(),
    kind("euler_ii", duration_min=st.sampled_from([5, 60, 120]), depth_mm=positive),
    kind("euler_ii", duration_min=st.just(10), curve=st.just([[5, 8.5], [15, 17], [60, 30.25]])),
)
roughness = st.one_of(kind("constant", n=st.floats(1e-3, 1)), kind("raster", file=name), kind("land_cover"))
initial = st.one_of(kind("dry"), kind("level", level_m=number), kind("depth", file=name))
boundaries = st.one_of(
    kind("wall", where=where),
    kind("free", where=where),
    kind("free", where=where, energy_slope=st.floats(1e-5, 1)),
    kind("level", where=where, level_m=number),
    series("level_series", "levels_m", number),
    series("inflow", "discharge_m3s", st.floats(0, 1e3)),
)
terrains = st.fixed_dictionaries(
    {"dem": name},
    optional={
        "crs": st.sampled_from(["EPSG:25832", "EPSG:27700"]), "cell_m": positive,
        "holes": st.sampled_from(["fill", "mask", "refuse"]),
        "buildings": st.fixed_dictionaries({"file": name}, optional={"mode": st.sampled_from(["blocked", "raised"])}),
    },
)  # fmt: skip
data = st.fixed_dictionaries(
    {"terrain": terrains, "numerics": st.just({"duration_min": 500})},
    optional={
        "title": st.text(st.characters(codec="utf-8"), max_size=30), "crs": st.just("EPSG:25832"), "storm": storms,
        "surface": st.fixed_dictionaries({"land_cover": st.fixed_dictionaries({"file": name}), "roughness": roughness}), "initial": initial,
        "boundaries": st.lists(boundaries, max_size=3),
        "gauges": st.lists(st.fixed_dictionaries({"id": identifier, "x": number, "y": number}), max_size=3, unique_by=lambda g: g["id"]),
        "sections": st.lists(st.fixed_dictionaries({"id": identifier, "line": line}), max_size=2, unique_by=lambda s: s["id"]),
        "outputs": some(every_min=st.floats(1, 60), series_every_s=st.floats(1, 600), threshold_cm=st.floats(1, 100)),
    },
)  # fmt: skip
scenarios = data.map(Scenario.parse)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scenarios")


@given(scenario=scenarios)
@example(
    scenario=Scenario.parse(
        {"terrain": {"dem": "a\x85\u2028b"}, "numerics": {"duration_min": 1}, "title": "\r\n\tü\ufeff"}
    )
)
def test_json_and_yaml_bring_the_same_scenario_back(folder, scenario):
    rooted = scenario.with_files(lambda name: str(folder / name))
    for suffix, text in ((".json", rooted.to_json()), (".yaml", rooted.to_yaml())):
        path = folder / f"s{suffix}"
        path.write_text(text, encoding="utf-8")
        again = Scenario.load(path)
        assert again == rooted
        assert identity(again) == identity(rooted)
    assert Scenario.parse(json.loads(scenario.to_json())) == scenario
    assert Scenario.parse(yaml.safe_load(scenario.to_yaml())) == scenario


def shuffled(node, rng):
    """The same data with keys in another order and whole numbers written as floats."""
    if isinstance(node, dict):
        keys = list(node)
        rng.shuffle(keys)
        return {k: shuffled(node[k], rng) for k in keys}
    if isinstance(node, list | tuple):
        return [shuffled(v, rng) for v in node]
    return float(node) if isinstance(node, int) and not isinstance(node, bool) else node


@given(data=data, seed=st.integers(0, 999))
def test_what_does_not_change_the_answer_does_not_change_the_id(data, seed):
    scenario = Scenario.parse(data)
    expected = identity(scenario)
    assert identity(Scenario.parse(shuffled(data, random.Random(seed)))) == expected
    assert identity(Scenario.parse(data | {"title": "another"})) == expected
    threads = {"numerics": data["numerics"] | {"threads": 7, "device": "cpu"}}
    assert identity(Scenario.parse(data | threads)) == expected
    elsewhere = scenario.with_files(lambda name: f"elsewhere/{name}")
    assert elsewhere.content_id(lambda name: sums(name.removeprefix("elsewhere/")), "1.0") == expected
    assert json.loads(scenario.to_json()).get("title", "") == scenario.title


# --- every field counts -------------------------------------------------------------

LINE, RING = [[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]
CULVERT = {
    "id": "c", "title": "t", "line": LINE, "shape": "box", "width_m": 2.0, "height_m": 2.0, "barrels": 2, "inverts_m": [3.0, 2.0],
    "length_m": 9.0, "roughness_n": 0.02, "entrance": "wingwalls", "blockage": 0.1,
}  # fmt: skip
PUBLISHED = {"surcharge_percent": 20.0, "label": "l", "statistics": "s", "return_period_a": 100.0}
FULL = {
    "title": "t",
    "crs": "EPSG:25832",
    "terrain": {"dem": "a", "crs": "EPSG:25832", "cell_m": 2.0, "holes": "fill", "lines": "l",
                "area": {"polygon": RING, "extend": "catchment", "margin_m": 50.0, "largest_ha": 100.0},
                "corrections": [{"id": "k", "note": "n", "line": LINE, "width_m": 2.0, "bottom_m": [3.0, 2.0]}],
                "buildings": {"file": "b", "mode": "raised", "raise_m": 5.0, "threshold_m": 0.2, "roof": "green",
                              "green_storage_mm": 40.0}},
    "storm": {"kind": "block", "depth_mm": 40.0, "duration_min": 60.0, **PUBLISHED},
    "surface": {"roughness": {"kind": "constant", "n": 0.05}, "manholes": {"file": "m"}, "river": {"file": "r"},
                "culverts": [CULVERT]},
    "measures": [
        {"kind": "wall", "id": "m1", "title": "t", "line": LINE, "height_m": 1.0},
        {"kind": "embankment", "id": "m2", "title": "t", "line": LINE, "crest_m": 9.0, "crest_width_m": 2.0, "side_slope": 2.0},
        {"kind": "mobile_barrier", "id": "m3", "title": "t", "line": LINE, "height_m": 1.0},
        {"kind": "basin", "id": "m4", "title": "t", "polygon": RING, "volume_m3": 500.0, "depth_m": 1.0, "side_slope": 2.0, "dam": True},
        {"kind": "swale", "id": "m5", "title": "t", "line": LINE, "width_m": 2.0, "depth_m": 0.5, "side_slope": 2.0, "graded": True},
        {"kind": "emergency_flow_path", "id": "m6", "title": "t", "line": LINE, "width_m": 5.0, "depth_m": 0.2, "kerb_height_m": 0.1,
         "graded": True},
        {"kind": "kerb", "id": "m7", "title": "t", "line": LINE, "height_m": 0.1},
        {"kind": "ground", "id": "m8", "title": "t", "polygon": RING, "level_m": 9.0, "only": "raise"},
        {"kind": "ground", "id": "m9", "title": "t", "polygon": RING, "change_m": -0.5},
        {"kind": "unsealing", "id": "m10", "title": "t", "polygon": RING, "surface": "garden"},
        {"kind": "greening", "id": "m11", "title": "t", "polygon": RING, "surface": "meadow"},
        {"kind": "green_roof", "id": "m12", "title": "t", "buildings": ["b"], "storage_mm": 30.0, "area_m2": 20.0},
        {"kind": "green_roof", "id": "m13", "title": "t", "polygon": RING, "storage_mm": 30.0},
        {"kind": "green_roof", "id": "m14", "title": "t", "point": [1.0, 2.0], "storage_mm": 30.0},
        {"kind": "threshold", "id": "m15", "title": "t", "buildings": ["b"], "threshold_m": 0.2},
        {"kind": "threshold", "id": "m16", "title": "t", "polygon": RING, "threshold_m": 0.2},
        {"kind": "threshold", "id": "m17", "title": "t", "point": [1.0, 2.0], "threshold_m": 0.2},
        {**CULVERT, "kind": "culvert", "id": "m18", "replaces": "c"},
        {"kind": "storage", "id": "m19", "title": "t", "point": [1.0, 2.0], "volume_m3": 50.0, "inflow_capacity_m3s": 0.1},
        {"kind": "storage", "id": "m20", "title": "t", "polygon": RING, "volume_m3": 50.0, "inflow_capacity_m3s": 0.1},
        {"kind": "embankment", "id": "m21", "title": "t", "line": LINE, "height_m": 1.0},
        {"kind": "wall", "id": "m22", "title": "t", "line": LINE, "crest_m": 9.0},
        {"kind": "mobile_barrier", "id": "m23", "title": "t", "line": LINE, "crest_m": 9.0},
        {"kind": "basin", "id": "m24", "title": "t", "polygon": RING, "bottom_m": 3.0},
    ],
    "initial": {"kind": "level", "level_m": 3.0},
    "boundaries": [
        {"kind": "free", "where": {"edge": "north"}, "energy_slope": 0.01},
        {"kind": "wall", "where": {"line": LINE}},
        {"kind": "level", "where": {"polygon": RING}, "level_m": 2.0},
        {"kind": "level_series", "where": {"edge": "west"}, "times_min": [1.0, 2.0], "levels_m": [3.0, 4.0]},
        {"kind": "inflow", "where": {"edge": "east"}, "times_min": [1.0, 2.0], "discharge_m3s": [3.0, 4.0]},
    ],
    "gauges": [{"id": "g", "x": 1.0, "y": 2.0}],
    "sections": [{"id": "s", "line": LINE}],
    "outputs": {"every_min": 5.0, "series_every_s": 60.0, "threshold_cm": 10.0},
    "numerics": {"duration_min": 90.0, "courant": 0.5, "max_step_s": 5.0, "threads": 2, "device": "cpu"},
}  # fmt: skip
COVER = {"file": "n", "scheme": "worldcover", "table": "t"}
OBSERVED = {
    "file": "f",
    "duration_min": 30.0,
    "begin_min": 5.0,
    "shift_east_m": 100.0,
    "shift_north_m": 50.0,
    "label": "l",
}
VARIANTS = [
    {"storm": s} for s in (
        {"kind": "none"},
        {"kind": "table", "edges_min": [0.0, 5.0, 60.0], "depths_mm": [3.0, 4.0], **PUBLISHED},
        {"kind": "euler_ii", "duration_min": 60.0, "depth_mm": 40.0, **PUBLISHED},
        {"kind": "euler_ii", "duration_min": 60.0, "curve": [[5.0, 8.0], [120.0, 20.0]]},
        {"kind": "runoff", "depth_mm": 128.0, "duration_min": 60.0, "label": "l"},
        {"kind": "gauges", **OBSERVED, "interpolation": "nearest", "allowed_gap_min": 10.0},
        {"kind": "field", **OBSERVED},
    )
] + [
    {"surface": s} for s in (
        {"roughness": {"kind": "raster", "file": "n"}, "infiltration": {"kind": "none"}},
        {"land_cover": COVER, "roughness": {"kind": "land_cover", "depth_dependent": False}},
        {"infiltration": {"kind": "constant", "rate_mm_h": 20.0}, "initial_loss": {"kind": "none"}},
        {"infiltration": {"kind": "horton", "f0_mm_h": 20.0, "fc_mm_h": 3.0, "k_per_h": 2.0}},
        {"infiltration": {"kind": "green_ampt", "conductivity_mm_h": 3.0, "suction_mm": 89.0, "moisture_deficit": 0.2}},
        {"infiltration": {"kind": "curve_number", "cn": 61.0, "initial_abstraction_ratio": 0.1}},
        {"land_cover": COVER, "initial_loss": {"kind": "land_cover"}},
        {"initial_loss": {"kind": "constant", "depth_mm": 2.0}, "sewer": {"kind": "none"}},
        {"sewer": {"kind": "flat", "rate_mm_h": 10.0, "sealed_only": False, "areas": {"file": "s"}}, "land_cover": {"file": "c"}},
        {"land_cover": {"file": "c"}, "sewer": {"kind": "capacity", "rate_mm_h": 25.0, "threshold_mm": 3.0, "sealed_only": False, "areas": {"polygons": [RING]}}},
        {"sewer": {"kind": "inlets", "file": "i", "depths_mm": [0.0, 50.0], "capacity_l_s": [0.0, 20.0], "blocked_share": 0.5}},
    )
] + [
    {"initial": {"kind": "dry"}},
    {"initial": {"kind": "depth", "file": "d"}},
]  # fmt: skip
ONE_VALUE = {("surface", "sewer", "depths_mm", 0), ("surface", "sewer", "capacity_l_s", 0)}
LEFT_OUT = {("title",), ("numerics", "threads"), ("numerics", "device")}


def everything(annotation, seen=None):
    """Every model below an annotation."""
    seen = set() if seen is None else seen
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for field in annotation.model_fields.values():
                everything(field.annotation, seen)
    else:
        for part in getattr(annotation, "__args__", ()):
            everything(part, seen)
    return seen


WORDS = sorted(set(re.findall(r"'([A-Za-z_]+)'", " ".join(str(m.model_fields) for m in everything(Scenario)))))
"""Every word that some field allows."""


def leaves(node, place=()):
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield place, node
    else:
        for key, value in items:
            yield from leaves(value, (*place, key))


def changed(data, place, value):
    data = json.loads(json.dumps(data))
    node = data
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    return data


def other(data, place, value):
    """The data with another value at a place, the first that is allowed there."""
    if isinstance(value, bool):
        candidates = [not value]
    elif isinstance(value, str):
        candidates = ["EPSG:25833", f"{value}2", "a", *(w for w in WORDS if w != value)]
    else:
        candidates = [value + 1 if isinstance(value, int) else value * 1.001, value + 1, value + 5, 0.5 * value]
    for candidate in (c for c in candidates if c != value):
        new = changed(data, place, candidate)
        try:
            Scenario.parse(new)
        except ScenarioError:
            continue
        return new
    raise AssertionError(f"{place}: nothing else is allowed")


@pytest.mark.parametrize("variant", [{}, *VARIANTS], ids=lambda v: "-".join(map(str, next(iter(leaves(v)), ("full",)))))
def test_every_field_that_changes_the_answer_changes_the_id(variant):
    data = FULL | variant
    base = identity(Scenario.parse(data))
    if variant:
        assert base != identity(Scenario.parse(FULL))
    for place, value in leaves({key: data[key] for key in variant or FULL}):
        if place[-1] == "kind" or place in ONE_VALUE:
            continue
        new = other(data, place, value)
        assert (identity(Scenario.parse(new)) == base) == (place in LEFT_OUT), place


def test_the_full_example_leaves_no_field_out():
    """Every field of every model is named above, so that a new one cannot be forgotten here."""
    used = set()

    def visit(model):
        for key in type(model).model_fields:
            value = getattr(model, key)
            if value is not None:
                used.add((type(model).__name__, key))
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, BaseModel):
                    visit(item)

    for variant in ({}, *VARIANTS):
        visit(Scenario.parse(FULL | variant))
    models = everything(Scenario)
    assert len(models) > 20
    assert {(m.__name__, key) for m in models for key in m.model_fields} <= used


def test_the_bytes_of_every_file_and_the_engine_count():
    scenario = Scenario.parse(
        FULL | {"surface": {"roughness": {"kind": "raster", "file": "n"}}, "initial": {"kind": "depth", "file": "d"}}
    )
    assert scenario.files() == {
        "terrain.dem": "a", "terrain.buildings.file": "b", "terrain.lines": "l", "surface.roughness.file": "n",
        "initial.file": "d",
    }  # fmt: skip
    base = identity(scenario)
    for name in scenario.files().values():
        assert scenario.content_id(lambda n, odd=name: sums(n) if n != odd else sums("other"), "1.0") != base
    assert scenario.content_id(sums, "1.1") != base
    assert len(base) == 16 and int(base, 16) >= 0


def test_relative_names_start_at_the_scenario(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "s.yaml").write_text("terrain: {dem: ../dem.tif}\nnumerics: {duration_min: 1}\n")
    loaded = Scenario.load(tmp_path / "deep" / "s.yaml")
    assert loaded.terrain.dem == str(tmp_path / "deep" / "../dem.tif")
    (tmp_path / "deep" / "s.yaml").write_text("terrain: {dem: /abs/dem.tif}\nnumerics: {duration_min: 1}\n")
    assert Scenario.load(tmp_path / "deep" / "s.yaml").terrain.dem == "/abs/dem.tif"
