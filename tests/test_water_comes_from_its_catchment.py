"""Contributing areas and cut-outs against a slow accumulation that shares no code with the fast one.

The slow one fills with a heap and a least slope (Barnes, Lehman and Mulla 2014, doi:10.1016/j.cageo.2013.04.024) and
follows the steepest of eight neighbours, also between two cells that touch at a corner. There, and across filled
ground, single cells may choose another way, so a catchment may differ by the 5 % that the product allows. Volumes of hydrographs are exact: 1e-12 relative, float64 sums.
"""

import heapq
import time

import numpy as np
import pytest
import shapely
from pyproj import CRS

from flood_sim.errors import ScenarioError, TerrainError
from flood_sim.terrain.flow import Culvert, find_hierarchy, make_land
from flood_sim.terrain.flow import kept as keeping
from flood_sim.terrain.flow.cutout import cut_out
from flood_sim.terrain.flow.kept import kept_hierarchy
from flood_sim.terrain.flow.origin import origin
from flood_sim.terrain.flow.shapes import flow_paths
from flood_sim.terrain.flow.travel import TR55_UNPAVED, feeds
from flood_sim.terrain.grid import Grid


def grid_of(z, cell=2.0):
    return Grid(360_000.0, 6_040_000.0, cell, *z.shape, CRS.from_epsg(25832))


def valleys(rows=90, cols=120, noise=0.05):
    """A slope to the south with two valleys, an embankment across, and noise."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:rows, 0:cols]
    z = 0.25 * (rows - y) + 12.0 * np.abs(np.sin((x - 30) / 19.1)) + noise * rng.random((rows, cols))
    z[60:62] += 2.0
    return z.astype(np.float32)


def slow_accumulation(z):
    """Cells that drain through each: steepest of 8 neighbours on ground filled with a least slope of 1e-5 m a cell."""
    rows, cols = z.shape
    filled, heap = np.full(z.shape, np.inf), []
    for r in range(rows):
        for c in range(cols):
            if r in (0, rows - 1) or c in (0, cols - 1):
                filled[r, c] = z[r, c]
                heapq.heappush(heap, (float(z[r, c]), r, c))
    around = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]
    while heap:
        level, r, c = heapq.heappop(heap)
        for a, b in around:
            p, q = r + a, c + b
            if 0 <= p < rows and 0 <= q < cols and filled[p, q] == np.inf:
                filled[p, q] = max(float(z[p, q]), level + 1e-5)
                heapq.heappush(heap, (filled[p, q], p, q))
    number = np.ones(z.shape)
    for at in np.argsort(-filled, axis=None):
        r, c = divmod(int(at), cols)
        falls = [
            ((filled[r, c] - filled[r + a, c + b]) / np.hypot(a, b), r + a, c + b)
            for a, b in around
            if 0 <= r + a < rows and 0 <= c + b < cols
        ]
        slope, p, q = max(falls)
        if slope > 0:
            number[p, q] += number[r, c]
    return number


def test_contributing_areas_are_those_of_an_independent_accumulation():
    z = valleys()
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    slow, fast = slow_accumulation(z), h.on_grid(h.cells_above)
    for side in (0, 60):  # the outlet of each valley
        c = side + int(slow[-2, side : side + 60].argmax())
        c, near = c - 1 + int(fast[-2, c - 1 : c + 2].argmax()), fast[-2, c - 1 : c + 2].max()
        assert slow[-2, c - 1 : c + 2].max() > 3000 and near == pytest.approx(slow[-2, c - 1 : c + 2].max(), rel=0.05)
        place = origin(h, grid, grid.x_centres()[c], grid.y_centres()[-2], 49.0, reach_m=0)
        assert place.area_ha == pytest.approx(near * 4 / 1e4, rel=1e-12)
        assert place.polygon.is_valid and place.polygon.area == pytest.approx(place.area_ha * 1e4, rel=1e-9)
        assert place.volume_m3 == pytest.approx(place.area_ha * 1e4 * 0.049, rel=1e-12)
        assert place.mask.sum() == near


def test_in_a_sink_all_water_that_can_rise_to_the_place_counts():
    z = np.full((9, 9), 10.0, np.float32)
    z[2:7, 2:7] = 9.0
    z[4, 4] = 8.0
    grid = grid_of(z, 1.0)
    h = find_hierarchy(z, 1.0)
    rim = origin(h, grid, grid.x_centres()[2], grid.y_centres()[2], 10.0, reach_m=0)
    middle = origin(h, grid, grid.x_centres()[4], grid.y_centres()[4], 10.0, reach_m=0)
    assert rim.in_sink and middle.in_sink
    np.testing.assert_array_equal(rim.mask, middle.mask)
    assert rim.mask.sum() >= 25
    assert not origin(h, grid, grid.x_centres()[0], grid.y_centres()[0], 10.0, reach_m=0).in_sink


def test_roofs_count_and_houses_within_leave_no_hole():
    z = np.tile(np.arange(12, dtype=np.float32)[:, None], (1, 12)) + np.abs(np.arange(12) - 6)
    active = np.ones(z.shape, bool)
    active[5:8, 6:8] = False
    weight = active.astype(float)
    weight[8, 6:8] += 3.0
    grid = grid_of(z, 1.0)
    h = find_hierarchy(z, 1.0, active=active)
    place = origin(h, grid, grid.x_centres()[6], grid.y_centres()[0], 100.0, weight=weight, reach_m=0)
    assert place.area_ha == pytest.approx(float(weight[place.mask].sum()) / 1e4)
    holes = [ring for part in place.polygon.geoms for ring in part.interiors]
    inside = shapely.contains_xy(place.polygon, grid.x_centres()[6], grid.y_centres()[6])
    assert holes == [] and inside == bool(place.mask[6, 5] and place.mask[6, 8])


def test_a_place_off_the_terrain_or_in_a_house_is_refused():
    z = valleys()
    grid = grid_of(z)
    active = np.ones(z.shape, bool)
    active[20:40, 20:40] = False
    h = find_hierarchy(z, grid.cell, active=active)
    with pytest.raises(TerrainError, match="off the terrain"):
        origin(h, grid, 0.0, 0.0, 10.0)
    with pytest.raises(TerrainError, match="no open ground"):
        origin(h, grid, grid.x_centres()[30], grid.y_centres()[30], 10.0)


def test_flow_paths_follow_the_water_and_meet():
    z = valleys()
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    lines, last = flow_paths(h, grid, at_least_m2=400.0)
    above = h.on_grid(h.cells_above)
    assert len(lines) == last.size > 3
    covered = set()
    for line in lines:
        cells = [grid.index(x, y) for x, y in line.coords]
        counts = [above[c] for c in cells]
        assert counts == sorted(counts) and counts[0] >= 100
        covered.update(cells)
    assert covered == set(map(tuple, np.argwhere(above >= 100).tolist()))


def test_a_cut_out_holds_its_catchment_or_says_what_enters():
    z = valleys(noise=0.0)
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    west, north = grid.west, grid.north
    drawn = shapely.box(west + 60, north - 150, west + 160, north - 110)
    whole = cut_out(h, grid, drawn, margin_m=10, largest_ha=100)
    assert whole.whole and whole.entries == () and whole.catchment_ha > whole.drawn_ha
    assert shapely.covers(whole.polygon, drawn)
    # nothing from outside reaches the catchment, and the margin lies around it
    code, above = h.on_grid(h.drained), h.on_grid(h.cells_above)
    assert whole.mask.sum() * 4e-4 == pytest.approx(whole.area_ha)
    assert above[whole.mask].max() > 0 and code[whole.mask].size
    cut = cut_out(h, grid, drawn, margin_m=10, largest_ha=1.0)
    assert not cut.whole and cut.area_ha < whole.area_ha
    fed = sum(e.upstream_m2 for e in cut.entries) + cut.spread_m2
    inside = np.zeros(z.shape, bool)
    inside[cut.mask] = True
    slow = independent_inflow_area(h, inside)
    assert fed == pytest.approx(slow * 4.0, rel=1e-12)
    assert cut.entries == () and "ist größer als das gerechnete Gebiet" in cut.sentence_de
    assert "is missing" in cut.sentence_en
    listed = cut_out(h, grid, drawn, margin_m=10, largest_ha=1.0, least_entry_m2=1.0)
    assert "vereinfacht zugegeben" in listed.sentence_de and "fed in at" in listed.sentence_en
    assert cut_out(h, grid, drawn, extend=False, margin_m=10).area_ha == cut.area_ha


def test_where_nothing_enters_the_sentence_says_so():
    """The top of a hill, with a margin: all that drains into it lies within. Its water was said to enter before."""
    y, x = np.mgrid[0:60, 0:60]
    z = (50.0 - np.abs(x - 30) - 0.2 * np.abs(y - 30)).astype(np.float32)
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    top = shapely.box(grid.west + 50, grid.north - 70, grid.west + 70, grid.north - 50)
    cut = cut_out(h, grid, top, margin_m=20, extend=False)
    assert not cut.whole and cut.entries == () and cut.catchment_ha < cut.area_ha
    assert cut.sentence_de.endswith("ha) liegt darin.") and cut.sentence_en.endswith("ha) lies within.")
    side = shapely.box(grid.west + 90, grid.north - 70, grid.west + 100, grid.north - 50)
    fed = cut_out(h, grid, side, margin_m=10, extend=False, least_entry_m2=1.0)
    assert fed.entries and fed.catchment_ha < fed.area_ha
    assert "Von außerhalb" in fed.sentence_de and "größer" not in fed.sentence_de and "larger" not in fed.sentence_en


def test_a_way_through_the_margin_alone_is_no_part_of_the_catchment():
    """A valley passes the margin of an area on its slope, which drains into it: one place, no hectare of the catchment."""
    y, x = np.mgrid[0:200, 0:30]
    z = (0.2 * (200 - y) + 0.5 * np.abs(x - 15)).astype(np.float32)
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    drawn = shapely.box(grid.west + 50, grid.north - 300, grid.west + 60, grid.north - 280)
    cut = cut_out(h, grid, drawn, margin_m=26, extend=False, least_entry_m2=1000.0)
    (valley,) = cut.entries
    assert valley.upstream_m2 > 5000 and "liegt darin" in cut.sentence_de
    assert "An 1 Stelle fließt Wasser zu, das nur den Rand quert" in cut.sentence_de
    assert "At 1 place water comes in that only crosses the margin" in cut.sentence_en


def test_a_terrain_that_ends_in_a_frame_without_heights_is_known_to_end():
    """A DEM clipped to a border inside its raster: what lies beyond is not known there either, as at the raster's end."""
    y, x = np.mgrid[0:60, 0:60]
    z = (0.1 * (60 - y) + 0.01 * np.abs(x - 30)).astype(np.float32)
    framed = np.full((70, 70), np.nan, np.float32)
    framed[5:-5, 5:-5] = z
    for ground, shift in ((z, 0.0), (framed, 10.0)):
        grid = grid_of(ground)
        h = find_hierarchy(ground, grid.cell)
        low = shapely.box(grid.west + 50, grid.north - 110 - shift, grid.west + 80, grid.north - 90 - shift)
        cut = cut_out(h, grid, low, margin_m=0)
        assert cut.open_ended and "Ende des Geländemodells" in cut.sentence_de
        assert h.reaches_end(origin(h, grid, grid.west + 60, grid.north - 90 - shift, 10.0).mask)
    hill = np.full((70, 70), np.nan, np.float32)
    hill[5:-5, 5:-5] = 50.0 - np.abs(x - 30) - np.abs(y - 30)
    grid = grid_of(hill)
    top = shapely.box(grid.west + 60, grid.north - 80, grid.west + 80, grid.north - 60)
    assert not cut_out(find_hierarchy(hill, grid.cell), grid, top, margin_m=0).open_ended


def independent_inflow_area(h, inside):
    """Cells outside whose way leads inside, walked one by one."""
    step = {1: (0, 1), 2: (1, 1), 3: (1, 0), 4: (1, -1), 5: (0, -1), 6: (-1, -1), 7: (-1, 0), 8: (-1, 1)}
    code, number = h.on_grid(h.drained), 0
    for r, c in np.argwhere(~inside):
        while not inside[r, c] and code[r, c] in step:
            r, c = r + step[int(code[r, c])][0], c + step[int(code[r, c])][1]
        number += bool(inside[r, c])
    return number


def test_a_feed_brings_the_rain_of_its_ground_after_its_way():
    """On an even slope, 1 in 10: a cell L m above the entry arrives after L / (4.918 sqrt(0.1)), within one step."""
    rows, cols = 200, 30
    y, x = np.mgrid[0:rows, 0:cols]
    z = (0.2 * (rows - y) + 0.5 * np.abs(x - 15)).astype(np.float32)
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    drawn = shapely.box(grid.west, grid.north - 400, grid.west + 60, grid.north - 300)
    cut = cut_out(h, grid, drawn, margin_m=0, extend=False, least_entry_m2=1.0)
    found = feeds(h, cut, (0.0, 600.0, 1200.0), (1e-5, 3e-5), step_s=10.0)
    for feed in found:
        assert np.trapezoid(feed.discharge, feed.times) == pytest.approx(feed.volume, rel=1e-12)
        assert feed.volume == pytest.approx(feed.entry.upstream_m2 * (600e-5 + 1800e-5), rel=1e-12)
        assert feed.discharge[0] == feed.discharge[-1] == 0 and (np.diff(feed.times) > 0).all()
    assert found[0].entry.upstream_m2 == max(f.entry.upstream_m2 for f in found)
    longest = 148 * 2.0 / (TR55_UNPAVED * np.sqrt(0.1))
    assert found[0].times[-1] == pytest.approx(1200 + longest, abs=40.0)
    slower = feeds(h, cut, (0.0, 600.0, 1200.0), (1e-5, 3e-5), step_s=10.0, velocity_m_s=0.1)
    assert slower[0].times[-1] > 1200 + 2900
    with pytest.raises(ScenarioError, match="velocity_m_s"):
        feeds(h, cut, (0.0, 600.0), (1e-5,), velocity_m_s=0.0)


def test_a_drawn_area_that_misses_or_crosses_itself_is_refused():
    z = valleys()
    grid = grid_of(z)
    h = find_hierarchy(z, grid.cell)
    with pytest.raises(TerrainError, match="no open cell"):
        cut_out(h, grid, shapely.box(0, 0, 10, 10))
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(TerrainError, match="no valid polygon"):
        cut_out(h, grid, bow)


def test_a_kept_drainage_is_the_same_and_a_damaged_one_is_found_anew(tmp_path):
    z = valleys()
    pipe = [Culvert((58, 40), (64, 40))]
    land = make_land(z, 2.0, culverts=pipe)
    first, was_kept = kept_hierarchy(land, tmp_path)
    again, now_kept = kept_hierarchy(make_land(z, 2.0, culverts=pipe), tmp_path)
    assert (was_kept, now_kept) == (False, True)
    for name in ("basin", "drained", "cells_above", "volume", "tops", "link_to"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    _, other = kept_hierarchy(make_land(z + 1e-3, 2.0, culverts=pipe), tmp_path)
    _, unlinked = kept_hierarchy(make_land(z, 2.0), tmp_path)
    assert not other and not unlinked
    (file,) = [p for p in tmp_path.glob("*.npz") if p.stem == keeping.key(land)]
    for damage in (file.read_bytes()[:-2000], b"", b"PK\x03\x04 no archive", _flipped(file.read_bytes())):
        file.write_bytes(damage)
        found, known = kept_hierarchy(land, tmp_path)
        assert not known
        np.testing.assert_array_equal(found.basin, first.basin)
        assert kept_hierarchy(land, tmp_path)[1]
    assert [p for p in tmp_path.iterdir() if p.suffix != ".npz"] == []


def _flipped(data):
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


def test_the_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    (tmp_path / "file").write_text("no folder")
    found, known = kept_hierarchy(make_land(valleys(), 2.0), tmp_path / "file")
    assert not known and found.leaves > 0


def test_old_drainages_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "LARGEST_BYTES", 1)
    for k in range(3):
        kept_hierarchy(make_land(valleys() + np.float32(k), 2.0), tmp_path)
        time.sleep(0.01)
    assert len(list(tmp_path.glob("*.npz"))) == 1
