"""With minus without: what a wall does to water is what the difference says, in both directions, and noise counts for nothing.

A trough of 60 m x 20 m, closed all round, gets 100 mm of rain. A wall of 1 m
across it at two thirds, with the rain's water drawn to one side by a bottom that
falls 1 cm a metre, keeps on the high side what would have run to the low one.
The volumes held on both sides are known: each side keeps its own rain. A house
stands on either side.
"""

import json

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from shapely.geometry import box

from flood_sim.comparing import compare
from flood_sim.errors import ResultError, ScenarioError
from flood_sim.measures.geojson import features, to_features
from flood_sim.measures.reading import with_measures
from flood_sim.results.cog import pool
from flood_sim.results.comparison import Comparison
from flood_sim.results.dataset import open_result
from flood_sim.runner import run
from flood_sim.scenario import Scenario

CELL, ROWS, COLS = 1.0, 20, 60
WEST, NORTH = 360000.0, 6040000.0
WALL_AT = 40.5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("comparison")


@pytest.fixture(scope="module")
def scenario(folder):
    import json as js

    ground = np.broadcast_to(100.0 - 0.01 * (np.arange(COLS) + 0.5), (ROWS, COLS))
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=COLS, height=ROWS, count=1, dtype="float64", crs="EPSG:25832",
        transform=rasterio.transform.from_origin(WEST, NORTH, CELL, CELL),
    ) as file:  # fmt: skip
        file.write(ground, 1)
    houses = [box(WEST + x, NORTH - 12, WEST + x + 4, NORTH - 8) for x in (34, 52)]
    features = [
        {"type": "Feature", "properties": {"id": n}, "geometry": js.loads(js.dumps(h.__geo_interface__))}
        for n, h in zip(("high", "low"), houses, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    (folder / "houses.geojson").write_text(js.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    wall = {
        "kind": "wall",
        "id": "W",
        "height_m": 1.0,
        "line": [[WEST + WALL_AT, NORTH + 1], [WEST + WALL_AT, NORTH - ROWS - 1]],
    }
    return Scenario.parse(
        {
            "terrain": {"dem": str(folder / "dem.tif"), "buildings": {"file": str(folder / "houses.geojson")}},
            "storm": {"kind": "block", "depth_mm": 100, "duration_min": 2},
            "boundaries": [],
            "measures": [wall],
            "numerics": {"duration_min": 30, "threads": 1},
        }
    )


@pytest.fixture(scope="module")
def comparison(scenario, folder):
    return compare(scenario, folder / "out")


def test_water_stays_above_the_wall_and_is_missing_below_it(comparison):
    difference = comparison[slice(0, ROWS), slice(0, COLS)]
    assert (difference[:, 30:33] > 0).all() and (difference[:, 57:] < 0).all()
    above = 1000 * float(np.nansum(comparison.with_measures.dataset["depth"][-1][:, :40].values)) / (40 * ROWS)
    # 40 m of the trough, with the whole rain on its house and half of the wall's own column at most
    assert above == pytest.approx(100.0, rel=0.02)


def test_small_differences_count_for_nothing(comparison):
    difference = comparison[slice(0, ROWS), slice(0, COLS)]
    assert ((np.abs(difference) >= 0.05) | (difference == 0) | np.isnan(difference)).all()


def test_disadvantages_come_first_and_the_figures_are_those_of_the_map(comparison):
    assert [b.id for b in comparison.worse] == ["high"] and [b.id for b in comparison.better] == ["low"]
    difference = comparison[slice(0, ROWS), slice(0, COLS)]
    figures = comparison.figures
    more = figures["more_water_ha"] + figures["more_water_in_measures_ha"]
    assert more == pytest.approx((difference > 0).sum() / 1e4, abs=2e-3)
    assert figures["less_water_ha"] == pytest.approx((difference < 0).sum() / 1e4, abs=1e-3)
    german = comparison.sentences()["de"]
    assert (
        german[0].startswith("Nachteile: an 1 Gebäude steht")
        and german[1].startswith("Vorteile")
        and "§ 37 WHG" in german[2]
    )


def test_files_say_the_same(comparison, folder):
    out = folder / "out"
    with rasterio.open(out / "difference.tif", driver="GTiff") as file:
        written = file.read(1, masked=True).filled(np.nan)
    assert np.array_equal(written, comparison[slice(0, ROWS), slice(0, COLS)], equal_nan=True)
    told = json.loads((out / "comparison.json").read_text())
    assert told["figures"] == json.loads(json.dumps(comparison.figures)) and told["with"] != told["without"]
    assert (out / "buildings.csv").read_text().splitlines()[1].startswith("high,")
    assert json.loads((out / "with" / "measures.geojson").read_text())["features"][0]["properties"]["id"] == "W"
    assert not list(out.glob(".*"))


def test_a_result_that_answers_is_not_computed_again(comparison, scenario, folder):
    asked = []

    def counted(*args, **options):
        asked.append(args[1].name)
        return run(*args, **options)

    compare(scenario, folder / "out", run=counted)
    assert asked == []
    higher = scenario.model_dump(mode="json")
    higher["measures"][0]["height_m"] = 1.5
    compare(Scenario.parse(higher), folder / "out", run=counted)
    assert asked == ["with"]


def test_no_measures_is_said(scenario, tmp_path):
    with pytest.raises(ScenarioError, match="no measures, so there is nothing to compare"):
        compare(scenario.model_copy(update={"measures": ()}), tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_other_cells_cannot_be_compared(scenario, comparison, tmp_path):
    coarse = scenario.model_copy(
        update={"terrain": scenario.terrain.model_copy(update={"cell_m": 2.0, "buildings": None})}
    )
    other = run(coarse, tmp_path / "coarse")
    with pytest.raises(ResultError, match="cell_m: .*lie on different cells"):
        Comparison(open_result(comparison.without.path), other)


@pytest.mark.parametrize(
    ("change", "where"),
    [({"storm": {"depth_mm": 80}}, "storm.depth_mm"), ({"numerics": {"duration_min": 70}}, "numerics.duration_min")],
)
def test_results_of_other_rain_cannot_be_compared(scenario, comparison, tmp_path, change, where):
    data = scenario.model_dump(mode="json", exclude_none=True)
    for name, values in change.items():
        data[name] |= values
    other = run(Scenario.parse(data), tmp_path / "other")
    with pytest.raises(ResultError, match=f"{where}: the two results answer different rain"):
        Comparison(comparison.without, other)


def test_overviews_keep_the_difference_furthest_from_zero():
    level = pool(np.array([[0.0, -0.3, 0.2, 0.0], [0.1, 0.0, np.nan, -0.1]], np.float32), "extreme")
    assert level.tolist() == [[pytest.approx(-0.3), pytest.approx(0.2)]]


def test_measures_of_a_file_join_those_of_the_scenario(scenario, tmp_path):
    """The wall as GeoJSON in the terrain's CRS, and in longitude and latitude: the same line within a millimetre."""
    wall = scenario.measures[0]
    for name, crs in (("utm", CRS.from_epsg(25832)), ("lonlat", None)):
        data = features([wall], CRS.from_epsg(25832)) if crs is None else to_features([wall], crs)
        path = tmp_path / f"{name}.geojson"
        path.write_text(json.dumps(data))
        bare = scenario.model_copy(update={"measures": ()})
        (read,) = with_measures(bare, path).measures
        assert read.kind == "wall" and read.height_m == wall.height_m
        assert np.abs(np.array(read.line) - np.array(wall.line)).max() < (1e-6 if crs else 0.02)
    with pytest.raises(ScenarioError, match="id used twice: W"):
        compare(with_measures(scenario, tmp_path / "utm.geojson"), tmp_path / "twice")
