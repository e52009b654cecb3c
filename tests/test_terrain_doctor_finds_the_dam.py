"""The terrain doctor finds the ridge that holds water back, and no natural sink.

A valley z = 100 + 0.04 y + 0.1 |x - x0| with a dam of known crest, width and place has one
answer: the way through it starts at the upstream toe, its inverts are the ground at both ends
(exact: they are cells of the DEM, rounded to a centimetre), and what it lets go is
V = sum of crest - max(z, z_start) over the cells below the crest, computed here by hand from the
definition (float32 heights of the flow package: 1e-5 relative). The town has one pipe that its DEM does not know.
"""

import json
import os
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from pyproj import CRS

from flood_sim.errors import TerrainError
from flood_sim.terrain.cuts import burn_cut
from flood_sim.terrain.dem import Dem, read_dem
from flood_sim.terrain.doctor import (
    CulvertProposal,
    CutProposal,
    DamSearch,
    Search,
    examine,
    read_network,
)
from flood_sim.terrain.doctor.evidence import layer_of
from flood_sim.terrain.flow import fill, find_hierarchy
from flood_sim.terrain.grid import Grid

ROWS, COLS, AXIS = 160, 120, 60
GRID = Grid(360_000.0, 5_680_000.0, 1.0, ROWS, COLS, CRS.from_epsg(25832))
CREST, DAM, TOP, FOOT = 106.0, 110, 3, 9
"""Dam: m; its row, half its width at the top and at the foot, in cells."""
CASES = Path(os.environ.get("FLOOD_SIM_CASES", Path(__file__).parents[2] / "shared" / "cases"))


def valley(*dams):
    """Falling to the south; dams from east to west: (row, crest in m)."""
    rows, cols = np.mgrid[0:ROWS, 0:COLS]
    z = 100 + 0.04 * (ROWS - rows) + 0.1 * np.abs(cols - AXIS)
    for at, crest in dams:
        away = np.abs(rows - at)
        height = np.interp(away, [0, TOP, FOOT, FOOT + 1], [1, 1, 0, 0])
        z = np.where(height > 0, np.maximum(z, z + height * (crest - z)), z)
    return z


def dem(z, grid=GRID):
    return Dem(grid, np.array(z, float), "valley", "0" * 64)


def dams(diagnosis):
    return [f for f in diagnosis.faults if f.kind == "dam"]


def line_file(folder, *lines, crs=25832, **values):
    features = [
        {
            "type": "Feature",
            "properties": values,
            "geometry": {"type": "LineString", "coordinates": [list(p) for p in points]},
        }
        for points in lines
    ]
    named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    path = folder / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": named, "features": features}))
    return path


def at(row, col):
    return GRID.west + col + 0.5, GRID.north - row - 0.5


def test_a_dam_in_a_valley_gets_a_pipe_through_its_lowest_place():
    z = valley((DAM, CREST))
    before = z.copy()
    found = examine(dem(z))
    assert np.array_equal(z, before), "looking changes nothing"
    (fault,) = found.faults
    pipe = fault.proposal
    assert isinstance(pipe, CulvertProposal)
    start, end = GRID.index(*pipe.line[0]), GRID.index(*pipe.line[1])
    assert abs(start[1] - AXIS) <= 1 and abs(end[1] - AXIS) <= 1
    assert start[0] <= DAM - FOOT and end[0] >= DAM + FOOT
    assert pipe.inverts_m == (round(z[start], 2), round(z[end], 2))
    upstream = z[: DAM - TOP]
    held = np.maximum(CREST - np.maximum(upstream, z[start]), 0.0).sum()
    assert fault.water_held_m3 == pytest.approx(held, rel=1e-5)
    assert fault.size_m == pytest.approx(CREST - z[start], abs=1e-4)
    # half height of the dam: 3 + 3 cells beside the middle, to a cell at either side
    assert fault.ridge_width_m == pytest.approx(2 * (TOP + (FOOT - TOP) / 2), abs=2.0)
    assert "Vorschlag, vor Ort prüfen" in fault.sentence_de and "Durchlass DN" in fault.sentence_de
    assert found.per_km2 == pytest.approx(1e6 / (ROWS * COLS))


def test_the_proposal_empties_the_sink():
    z = valley((DAM, CREST))
    (fault,) = examine(dem(z)).faults
    burn_cut(z, GRID, fault.proposal.line, 1.0, fault.proposal.inverts_m)
    assert sum(s.volume for s in fill(find_hierarchy(z, 1.0)).sinks) < 0.005 * fault.water_held_m3


def test_behind_one_dam_stands_the_next():
    """The upper dam is drowned by the lower one and shows only once that is open."""
    found = dams(examine(dem(valley((60, 105.5), (DAM, CREST)))))
    assert sorted(GRID.index(f.x, f.y)[0] for f in found) == pytest.approx([60, DAM], abs=4)


@pytest.mark.parametrize(
    "ground",
    [
        valley(),
        valley() - 3.0 * np.exp(-(np.hypot(*np.mgrid[-80:80, -60:60]) ** 2) / 1500),  # a hollow, wide rim
        valley((DAM, 102.3)),  # 0.3 m of water
    ],
    ids=["open valley", "hollow", "low sill"],
)
def test_what_is_no_dam_is_not_listed(ground):
    assert examine(dem(ground)).faults == ()


def test_a_broad_ridge_is_none_and_the_reach_can_be_changed():
    ground = valley()
    ground[90:135] = np.maximum(ground[90:135], CREST)
    assert dams(examine(dem(ground))) == []
    wider = Search(dams=DamSearch(reach_m=60))
    (fault,) = dams(examine(dem(ground), search=wider))
    assert fault.ridge_width_m == pytest.approx(45, abs=1.5)


def test_lines_that_cross_make_a_fault_likelier_and_shape_the_proposal(tmp_path):
    z = dem(valley((DAM, CREST)))
    bare = examine(z).faults[0]
    over = read_network(line_file(tmp_path, (at(DAM, 0), at(DAM, 119)), name="Dammweg"), GRID, "road")
    aside = read_network(line_file(tmp_path, (at(140, 0), at(140, 119))), GRID, "road")
    stream = read_network(line_file(tmp_path, (at(0, AXIS), at(159, AXIS)), name="Siefen"), GRID, "stream")
    street = read_network(line_file(tmp_path, (at(0, AXIS), at(159, AXIS)), name="Hohlweg", width_m=5.5), GRID, "road")
    crossed = examine(z, networks=(over,)).faults[0]
    assert crossed.crossed_by == ("Straße Dammweg",) and "(Straße Dammweg)" in crossed.sentence_de
    assert examine(z, networks=(aside,)).faults[0].evidence < bare.evidence < crossed.evidence <= 1
    assert crossed.score == crossed.water_held_m3 * crossed.evidence
    assert isinstance(crossed.proposal, CulvertProposal) and crossed.proposal.width_m == 0.6
    assert examine(z, networks=(stream,)).faults[0].proposal.width_m == 1.0
    through = examine(z, networks=(over, street)).faults[0]
    assert through.proposal == CutProposal(through.proposal.line, 5.5, crossed.proposal.inverts_m)
    assert set(through.crossed_by) == {"Straße Dammweg", "Straße Hohlweg"}


def test_no_way_leads_through_a_house(tmp_path):
    house = shapely.box(GRID.west + 20, GRID.north - DAM - 10, GRID.west + 100, GRID.north - DAM + 10)
    path = tmp_path / "houses.gpkg"
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([house], object)), [], [], geometry_type="Polygon", crs="EPSG:25832", layer="b"
    )
    found = dams(examine(dem(valley((DAM, CREST))), buildings=path))
    for fault in found:
        assert not shapely.LineString(fault.proposal.line).crosses(house)


def test_spikes_and_pits_are_single_cells():
    z = valley()
    z[40, 30] += 2.5
    z[50, 90] -= 1.5
    z[100:102, 40:42] += 2.0  # a block of four: not a single cell
    found = {f.kind: f for f in examine(dem(z)).faults}
    assert set(found) == {"spike", "pit"}
    spike = found["spike"]
    assert GRID.index(spike.x, spike.y) == (40, 30) and spike.size_m == pytest.approx(2.5 - 0.14, abs=0.01)
    burn_cut(z, GRID, spike.proposal.line, spike.proposal.width_m, spike.proposal.bottom_m)
    assert abs(z[40, 30] - valley()[40, 30]) < 0.02 and z[40, 29] == valley()[40, 29]
    assert found["pit"].proposal is None and "Schacht" in found["pit"].sentence_de


def blocks(z, **kwargs):
    return [f for f in examine(dem(z), **kwargs).faults if f.kind == "block"]


def test_a_block_without_footprint_is_a_building_that_is_missing(tmp_path):
    z = valley()
    z[30:42, 20:35] += 6.0
    rows, cols = np.mgrid[0:ROWS, 0:COLS]
    z += 8 * np.exp(-((rows - 120) ** 2 + (cols - 80) ** 2) / 200)  # a mound
    (block,) = blocks(z)
    assert block.geometry.equals(shapely.box(GRID.west + 20, GRID.north - 42, GRID.west + 35, GRID.north - 30))
    assert block.size_m == pytest.approx(6.0, abs=0.6)
    path = tmp_path / "houses.gpkg"
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([block.geometry], object)), [], [], geometry_type="Polygon", crs="EPSG:25832", layer="b"
    )  # fmt: skip
    assert blocks(z, buildings=path) == []


def test_buildings_newer_than_the_survey_are_named(tmp_path):
    boxes = [shapely.box(GRID.west + x, GRID.north - 20, GRID.west + x + 8, GRID.north - 10) for x in (10, 30, 50, 70)]
    path = tmp_path / "houses.gpkg"
    columns = [np.array(["a", "b", "c", "d"], object), np.array(["2019-04-01", "1970", None, "01.05.2021"], object)]
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(boxes, object)), columns, ["id", "Baujahr"], geometry_type="Polygon",
        crs="EPSG:25832", layer="b",
    )  # fmt: skip
    found = examine(dem(valley()), buildings=path, surveyed=2015)
    assert [f.sentence_de.split()[1] for f in found.faults] == ["d", "a"]
    assert any("1 of 4 footprints name no year" in n for n in found.notes)
    assert any("the year of the DEM is not given" in n for n in examine(dem(valley()), buildings=path).notes)


# --- the town ------------------------------------------------------------------


@pytest.fixture(scope="module")
def town(root_folder):
    return read_dem(root_folder / "musterstadt_dem.tif")


@pytest.fixture(scope="module")
def root_folder():
    return Path(__file__).resolve().parent.parent / "data" / "dem"


def test_the_town_has_one_pipe_that_its_dem_does_not_know(town, root_folder):
    """One true finding, no false one, where the pipe really is.

    The school's basin (a sink, but with no lower ground behind a narrow rim) and the underpass (open in the DEM) are right
    as they are, and not listed.
    """
    streets = read_network(root_folder / "musterstadt_places.gpkg", town.grid, "road", "streets")
    found = examine(town, networks=(streets,), buildings=root_folder / "musterstadt_buildings.gpkg")
    pipe = shapely.LineString([(360_471, 6_040_655), (360_471, 6_040_611)])
    (fault,) = found.faults
    assert fault.kind == "dam" and isinstance(fault.proposal, CulvertProposal)
    assert pipe.buffer(1.0).contains(shapely.LineString(fault.proposal.line)), (
        "on the axis of the true pipe, 1 m at most beside"
    )
    assert fault.water_held_m3 == pytest.approx(5165, abs=1.0), "all that stands behind the railway"


def test_a_bridge_over_the_underpass_is_found_and_opened_again(town, root_folder):
    """The street below the railway closed up to the height of the track, as an airborne survey of the bridge would show it."""
    height = town.height.copy()
    grid = town.grid
    row, col = grid.index(361_040.0, 6_040_650.0)
    track = height[row - 2 : row + 3, col - 15].max()
    deck = slice(row - 3, row + 4), slice(col - 6, col + 7)
    height[deck] = np.maximum(height[deck], track)
    streets = read_network(root_folder / "musterstadt_places.gpkg", grid, "road", "streets")
    found = examine(Dem(grid, height, "bridge", ""), networks=(streets,)).faults
    fault = next(f for f in found if np.hypot(f.x - 361_040, f.y - 6_040_650) < 15)
    assert fault.crossed_by == ("Straße Siefenstraße",)
    assert isinstance(fault.proposal, CutProposal) and fault.proposal.width_m == 9.0
    assert len(found) == 2


@pytest.mark.skipif(not CASES.is_dir(), reason="real terrain is not there (set FLOOD_SIM_CASES)")
@pytest.mark.parametrize(
    ("name", "counts"),
    [("lidar_minnesota/dem_1m.tif", {}), ("newcastle_rain/dem_2m.tif", {"block": 30, "dam": 19, "pit": 4})],
)
def test_real_terrain_is_examined(name, counts, record_property):
    """A prairie without buildings has nothing to report; a city's surface model is told to be one. Counts as found, not as true."""
    found = examine(read_dem(CASES / name))
    kinds = [f.kind for f in found.faults]
    record_property("faults", kinds)
    assert {k: kinds.count(k) for k in set(kinds)} == counts
    assert ("is this a surface model" in "; ".join(found.notes)) == bool(counts)


# --- bad input -------------------------------------------------------------------


def test_a_network_in_another_crs_is_refused(tmp_path):
    path = line_file(tmp_path, (at(DAM, 0), at(DAM, 119)), crs=25833)
    with pytest.raises(TerrainError, match="the lines are in EPSG:25833.*terrain is in EPSG:25832"):
        read_network(path, GRID, "road")


def test_a_layer_that_is_not_there_is_named(root_folder):
    file, layer = layer_of(f"{root_folder / 'musterstadt_places.gpkg'}|layername=roads")
    with rasterio.open(root_folder / "musterstadt_dem.tif") as raster:
        grid = Grid(raster.bounds.left, raster.bounds.top, 2.0, raster.height, raster.width, CRS.from_epsg(25832))
    with pytest.raises(TerrainError, match="no layer of lines named 'roads', only .*streets"):
        read_network(file, grid, "road", layer)


def test_lines_elsewhere_are_refused(tmp_path):
    path = line_file(tmp_path, ((500_000, 5_600_000), (500_100, 5_600_000)))
    with pytest.raises(TerrainError, match="no road lies on the terrain"):
        read_network(path, GRID, "road")


def test_a_wrong_year_is_refused():
    with pytest.raises(TerrainError, match="no year of a survey.*15.*1900 to 2200"):
        examine(dem(valley()), surveyed=15)
