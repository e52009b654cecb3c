"""Culverts, inlets, manholes and storages of a scenario lie on the cells that were drawn, and act from there.

Placing is integers: no tolerance. Volumes of a run: 1e-6 relative, the float32 of time step and rate, as
in test_inflow_brings_its_volume.py.
"""

import numpy as np
import pytest

from flood_sim.build import build
from flood_sim.errors import ScenarioError
from flood_sim.scenario import Scenario
from flood_sim.solver.culverts import Culverts
from flood_sim.solver.points import Inlets, Manholes, Storages
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.surface import point_file

WEST, NORTH = 360_000.0, 6_040_000.0


def at(x, y):
    """m east and north of the north-west corner, as coordinates."""
    return [WEST + x, NORTH + y]


def built(dem, **surface):
    more = {key: surface.pop(key) for key in ("storm", "measures", "terrain") if key in surface}
    data = {"terrain": {"dem": dem} | more.pop("terrain", {}), "surface": surface, "numerics": {"duration_min": 10}}
    return build(Scenario.parse(data | more))


def law(built_, kind):
    found = [a for a in built_.domain.laws if isinstance(a, kind)]
    assert len(found) == 1
    return found[0]


def dam(rows=15, cols=21):
    """Level ground at 100 m, 101 m east of a dam of 104 m in columns 9 to 11."""
    ground = np.full((rows, cols), 100.0)
    ground[:, 9:12] = 104.0
    ground[:, 12:] = 99.5
    return ground


PIPE = {"id": "D1", "line": [at(8.5, -7.5), at(12.5, -7.5)], "width_m": 1.0}


def test_a_culvert_takes_as_many_cells_as_it_is_wide(write_raster):
    dem = write_raster(dam())
    for width, barrels, rows in ((1.0, 1, {7}), (1.2, 1, {6, 7, 8}), (3.0, 1, {6, 7, 8}), (1.0, 4, {5, 6, 7, 8, 9})):
        one = law(built(dem, culverts=[PIPE | {"width_m": width, "barrels": barrels}]), Culverts).links[0]
        for mouth, col in zip(one.mouths, (8, 12), strict=True):
            assert set(mouth.rows) == rows and set(mouth.cols) == {col}
        assert [m.invert_m for m in one.mouths] == [100.0, 99.5]
        assert one.length == pytest.approx(4.0) and one.height == width


def test_a_culvert_from_north_to_south_is_as_wide_from_west_to_east(write_raster):
    turned = {"id": "D1", "line": [at(7.5, -8.5), at(7.5, -12.5)], "width_m": 3.0}
    mouths = law(built(write_raster(dam().T), culverts=[turned]), Culverts).links[0].mouths
    assert [set(m.cols) for m in mouths] == [{6, 7, 8}] * 2
    assert [set(m.rows) for m in mouths] == [{8}, {12}]


def test_ends_round_a_bend_share_no_cell(write_raster):
    """A wide underpass that turns: its mouths would cross, and the first one keeps what it took."""
    bend = {"id": "D1", "line": [at(2.5, -5.5), at(6.5, -5.5), at(6.5, -8.5)], "width_m": 8.0, "height_m": 3.0}
    mouths = (
        law(built(write_raster(np.full((15, 20), 100.0)), culverts=[bend | {"shape": "box"}]), Culverts).links[0].mouths
    )
    first, second = (set(zip(m.rows.tolist(), m.cols.tolist(), strict=True)) for m in mouths)
    assert first and second and not first & second and (8, 6) in second


def test_an_end_takes_no_cell_of_the_bank(write_raster):
    """Cells above the crown are bank, and what lies beyond them is not the ditch."""
    ground = dam()
    ground[6, :9] = 101.5
    mouth = (
        law(built(write_raster(ground), culverts=[PIPE | {"width_m": 1.4, "barrels": 3}]), Culverts).links[0].mouths[0]
    )
    assert set(mouth.rows) == {7, 8, 9}


def test_what_is_unusual_of_a_culvert_is_said(write_raster):
    dem = write_raster(dam())
    perched = built(dem, culverts=[PIPE | {"inverts_m": [100.4, 99.5]}]).notes
    assert any("upstream end" in n and "0.40 m above the ground" in n for n in perched)
    deep = built(dem, culverts=[PIPE | {"inverts_m": [97.0, 96.9]}]).notes
    assert sum("below the ground" in n for n in deep) == 2
    assert not any("culvert" in n for n in built(dem, culverts=[PIPE]).notes)


def test_a_culvert_that_cannot_be_placed_is_refused(write_raster, write_footprints):
    dem, houses = write_raster(dam()), write_footprints((2, -9, 6, -6))
    cases = (
        ({"line": [at(8.2, -7.2), at(8.8, -7.9)]}, "culvert D1: both ends lie in one cell"),
        ({"line": [at(8.5, -7.5), at(22.5, -7.5)]}, "culvert D1, downstream end: the point lies outside the terrain"),
        ({"line": [at(3.5, -7.5), at(12.5, -7.5)]}, "culvert D1, upstream end: the point lies in a building"),
        ({"inverts_m": [1.5, 1.0]}, "culvert D1, upstream end: the invert lies far from the ground.*not a depth"),
    )
    for change, words in cases:
        with pytest.raises(ScenarioError, match=words):
            built(dem, culverts=[PIPE | change], terrain={"buildings": {"file": houses}})
    for entrance in ("mitred", "groove_end"):
        with pytest.raises(ScenarioError, match=f"no box with the entrance {entrance}"):
            built(dem, culverts=[PIPE | {"shape": "box", "height_m": 1, "entrance": entrance}])


INLETS = {"kind": "inlets", "depths_mm": [0, 50], "capacity_l_s": [0, 10]}


def test_points_stand_on_their_cells(write_raster, write_footprints, tmp_path):
    """Outside: left out and said; at the wall of a building: the next open cell; deep inside: left out and said."""
    houses = write_footprints((1, -14, 9, -1))
    (tmp_path / "inlets.csv").write_text(
        "# Export\nid;x;y;Typ\n"
        f"a;{WEST + 12.5};{NORTH - 3.5};Pult\nb;{str(WEST + 12.9).replace('.', ',')};{NORTH - 3.1};Pult\n"
        f"c;{WEST + 8.5};{NORTH - 5.5};Pult\nd;{WEST + 5.5};{NORTH - 7.5};Pult\ne;{WEST + 30};{NORTH - 7};Pult\n"
    )
    made = built(write_raster(np.zeros((15, 21))), terrain={"buildings": {"file": houses}},
                 sewer=INLETS | {"file": str(tmp_path / "inlets.csv"), "blocked_share": 0.25})  # fmt: skip
    inlets = law(made, Inlets)
    assert list(zip(inlets.rows, inlets.cols, strict=True)) == [(3, 12), (3, 12), (5, 9)]
    assert inlets.rates.tolist() == [0.0, 0.01] and inlets.depths.tolist() == [0.0, 0.05] and inlets.open_share == 0.75
    said = " ".join(made.notes)
    assert "1 of 5 inlets lie outside the terrain" in said and "1 inlets lie inside buildings" in said
    assert "1 inlets at the edge of buildings" in said


def test_water_of_manholes_outside_is_counted(write_raster, tmp_path):
    file = tmp_path / "schacht.csv"
    file.write_text(
        "id,x,y,time_min,discharge_m3s\n"
        f"in,{WEST + 3.5},{NORTH - 3.5},0,0\nin,,,2,0.3\nin,,,4,0\n"
        f"out,{WEST - 50},{NORTH},1,0.1\nout,,,3,0.1\n"
    )
    made = built(write_raster(np.zeros((15, 21))), manholes={"file": str(file)})
    manholes = law(made, Manholes)
    assert (manholes.rows.tolist(), manholes.cols.tolist()) == ([3], [3])
    assert any("12.0 m³ come up at manholes outside" in n for n in made.notes)
    sim = made.simulation()
    sim.advance(600.0)
    assert sim.balance().manholes_m3 == pytest.approx(0.3 * 120, rel=1e-6)
    assert sim.balance().relative_error <= 1e-6


def test_storages_and_roofs_of_a_scenario_act(write_raster, write_footprints):
    """Half of the roofs to the sewer by the scenario, one green by a measure; a storage below the street."""
    houses = write_footprints((2, -6, 6, -2), (10, -12, 14, -8))
    measures = [
        {"kind": "green_roof", "id": "g", "buildings": ["h1"], "storage_mm": 20},
        {"kind": "storage", "id": "r", "point": at(16.5, -7.5), "volume_m3": 0.05, "inflow_capacity_m3s": 0.001},
    ]
    made = built(write_raster(np.zeros((15, 21))), measures=measures, storm={"kind": "block", "depth_mm": 30, "duration_min": 5},
                 terrain={"buildings": {"file": houses, "roof": "sewer"}})  # fmt: skip
    assert law(made, SewerRoofs).rows.size == 16 and law(made, Storages).storages[0].volume == 0.05
    assert law(made, GreenRoofs).weight.sum() == pytest.approx(16)
    sim = made.simulation()
    sim.advance(600.0)
    b = sim.balance()
    assert b.relative_error <= 1e-6
    assert b.sewer_roofs_m3 == pytest.approx(16 * 0.030, rel=1e-6)
    assert b.green_roofs_m3 == pytest.approx(16 * 0.020, rel=1e-6)
    assert b.roof_m3 == pytest.approx(32 * 0.030, rel=1e-6)
    assert b.storages_m3 == pytest.approx(0.05, rel=1e-6)


def test_hydrographs_that_would_fill_the_memory_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "manholes.csv"
    file.write_text("id,x,y,time_min,discharge_m3s\na,1,1,0,1\na,,,2,1\nb,2,2,1,1\nb,,,3,1\n")
    assert point_file.read_hydrographs(file).discharge.shape == (3, 2, 2)
    monkeypatch.setattr(point_file, "LARGEST_IN_MEMORY", 16 * 3 * 2)
    with pytest.raises(ScenarioError, match=r"got 4 times of 2 manholes\); allowed: 3 times.*same times"):
        point_file.read_hydrographs(file)
