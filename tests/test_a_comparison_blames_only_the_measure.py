"""What a comparison says of a measure is the measure's doing: not that of other rain, another rung, or of its own cells.

Two results made by hand on 40 x 60 cells of 1 m, so that every area is a count of
cells: exact but for the rounding to 0.001 ha, which is 10 cells.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from pyproj import CRS
from shapely.geometry import box

from flood_sim.errors import ResultError
from flood_sim.measures.geojson import features
from flood_sim.results.comparison import Comparison
from flood_sim.results.dataset import Result
from flood_sim.results.measured import Measured
from flood_sim.results.vectors import write_geojson
from flood_sim.scenario.measures import Embankment, EmergencyFlowPath, FloodWall, Swale

ROWS, COLS, WEST, NORTH = 40, 60, 360_000.0, 6_040_000.0
UTM = CRS.from_epsg(25832)
ALL = slice(0, ROWS), slice(0, COLS)
GRID = {"west": WEST, "north": NORTH, "cell_m": 1.0, "rows": ROWS, "cols": COLS, "crs_wkt": UTM.to_wkt()}
AXIS = ((WEST + 10, NORTH - 20), (WEST + 50, NORTH - 20))


@pytest.fixture
def make(tmp_path):
    """A result: depth and ground in m (rows, cols), and what its manifest says besides the grid."""

    def make(name, depth=None, *, ground=None, measures=(), houses=(), **manifest) -> Result:
        folder = Path(tmp_path, name)
        folder.mkdir()
        (folder / "measures.geojson").write_text(json.dumps(features(measures, UTM)))
        write_geojson(folder / "footprints.geojson", [h for _, h in houses], [n for n, _ in houses], UTM)
        result = Result(folder, {"grid": GRID, "rung": "full", "scenario": {}, **manifest})
        fields = {"max_depth": 0.0 if depth is None else depth, "ground": 100.0 if ground is None else ground}
        filled = {k: np.broadcast_to(np.float32(v), (ROWS, COLS)) for k, v in fields.items()}
        vars(result)["dataset"] = xr.Dataset({k: (("y", "x"), v) for k, v in filled.items()})
        return result

    return make


def storm(sha, name="regen.csv"):
    return {
        "scenario": {"storm": {"kind": "gauge", "file": name}},
        "inputs": [
            {"place": "terrain.dem", "name": "dem.tif", "sha256": "d" * 64},
            {"place": "storm.file", "name": name, "sha256": sha * 64},
        ],
    }


@pytest.mark.parametrize("name", ["regen.csv", "anderer.csv"])
def test_another_file_of_rain_is_refused(make, name):
    with pytest.raises(ResultError, match=r"storm\.file: the two results answer different rain") as caught:
        Comparison(make("a", **storm("a")), make("b", **storm("b", name)))
    assert ("SHA-256 bbbbbbbb" if name == "regen.csv" else name) in str(caught.value)


def test_the_same_rain_under_another_name_is_taken(make):
    assert Comparison(make("a", **storm("a")), make("b", **storm("a", "kopie.csv"))).figures["more_water_ha"] == 0


QUICK = {"rung": "quick", "preview": {"factor": 4}}


@pytest.mark.parametrize("other", [QUICK, {"rung": "quick", "preview": {"factor": 8}}])
def test_other_measures_on_another_rung_are_refused(make, other):
    """A quick answer is off by more than most measures do, so their difference would be blamed on the measure."""
    first = {} if other is QUICK else QUICK
    other = {**other, "scenario": {"measures": [{"id": "m", "kind": "swale"}]}}
    with pytest.raises(ResultError, match="rung: the two results were computed in different ways") as caught:
        Comparison(make("a", **first), make("b", **other))
    assert f"cells {other['preview']['factor']} times as wide" in str(caught.value)


def test_two_rungs_of_the_same_measures_are_taken(make):
    """The ladder from the quick to the full answer: nothing is said of a measure then."""
    assert Comparison(make("a"), make("b", **QUICK)).figures["more_water_ha"] == 0


def surface(kind, sha="a", **more):
    """A scenario with this infiltration and a land cover of this content."""
    return {
        "scenario": {"surface": {"infiltration": {"kind": kind}, "land_cover": {"file": f"{sha}.tif"}}, **more},
        "inputs": [{"place": "surface.land_cover.file", "name": f"{sha}.tif", "sha256": sha * 64}],
    }


@pytest.mark.parametrize(
    ("other", "where"),
    [(surface("none"), r"surface\.infiltration\.kind"), (surface("horton", "b"), r"surface\.land_cover\.file")],
)
def test_a_measure_is_not_blamed_for_other_ground(make, other, where):
    other["scenario"]["measures"] = [{"id": "m", "kind": "swale"}]
    with pytest.raises(ResultError, match=f"{where}: the two results differ in more than their measures"):
        Comparison(make("a", **surface("horton")), make("b", **other))


def test_the_same_measures_on_another_surface_are_compared_without_a_verdict(make):
    said = Comparison(make("a", **surface("horton")), make("b", **surface("none"))).sentences()
    assert said["de"][0].endswith("derselben Maßnahmen mit anderen Angaben: Oberfläche.")
    assert not any("Nachteile" in s or "§" in s for s in said["de"])


def test_the_same_file_under_another_name_is_the_same_ground(make):
    other = surface("horton")
    other["scenario"]["surface"]["land_cover"]["file"] = other["inputs"][0]["name"] = "kopie.tif"
    said = Comparison(make("a", **surface("horton")), make("b", **other)).sentences()
    assert said["de"][0].startswith("Nachteile")


def test_equal_quick_answers_are_taken(make):
    assert Comparison(make("a", **QUICK), make("b", **QUICK)).figures["more_water_ha"] == 0


@pytest.mark.parametrize("kind", [Swale, EmergencyFlowPath])
def test_water_all_over_a_channel_is_no_disadvantage(make, kind):
    """6 m x 40 m of the strip get deeper by 20 cm, and 100 cells elsewhere."""
    depth = np.zeros((ROWS, COLS))
    depth[17:23, 10:50] = depth[0:5, 0:20] = 0.2
    drawn = kind(id="m", line=AXIS, width_m=6.0, depth_m=0.3)
    figures = Comparison(make("a"), make("b", depth, measures=[drawn])).figures
    assert (figures["more_water_in_measures_ha"], figures["more_water_ha"]) == (0.024, 0.01)


@pytest.mark.parametrize("top", [{"height_m": 1.0}, {"crest_m": 101.0}])
def test_an_embankment_is_as_wide_as_its_sides(make, top):
    """A crest of 2 m and sides 1 : 3 on both sides of 1 m: 8 m, as the ground says; with it one cell beside the crest."""
    drawn = Embankment(id="m", line=AXIS, crest_width_m=2.0, side_slope=3.0, **top)
    ground = np.full((ROWS, COLS), 100.0)
    ground[16:24, 10:50] = 100.5
    measured = Measured(make("a"), make("b", ground=ground, measures=[drawn]))[ALL]
    assert measured[16:24, 10:50].all() and not measured[:16].any() and not measured[24:].any()


def test_a_wall_is_a_cell_wide_and_no_more(make):
    wall = FloodWall(id="m", line=AXIS, height_m=1.0)
    measured = Measured(make("a"), make("b", measures=[wall]))
    assert measured[ALL][19:21, 10:50].all() and not measured[ALL][:18].any() and not measured[ALL][22:].any()
    assert np.array_equal(measured[slice(15, 25), slice(5, 30)], measured[ALL][15:25, 5:30])


def test_a_building_that_a_threshold_opens_is_no_disadvantage(make):
    """Closed without, 40 cm of water in it with: no difference on its cells, nor at the wall of its neighbour beside it."""
    houses = [("opened", box(WEST + 10, NORTH - 20, WEST + 20, NORTH - 10)), ("next", box(WEST + 21, NORTH - 20, WEST + 30, NORTH - 10))]  # fmt: skip
    closed = np.zeros((ROWS, COLS))
    closed[10:20, 10:20] = closed[10:20, 21:30] = np.nan
    opened = closed.copy()
    opened[10:20, 10:20] = 0.4
    comparison = Comparison(make("a", closed, houses=houses), make("b", opened, houses=houses))
    assert np.isnan(comparison[ALL][10:20, 10:20]).all() and np.nanmax(np.abs(comparison[ALL])) == 0.0
    figures = comparison.figures
    assert comparison.worse == [] and figures["buildings"] == 2
    assert figures["more_water_ha"] == figures["more_water_in_measures_ha"] == 0
    assert figures["ha_from_30_cm"] == {"without": 0.0, "with": 0.0}
