"""The rung quick conserves water from the storm to the last fine cell, keeps walls, and answers as a full run does.

Laid back water: each coarse cell's volume to 1e-6 (float32 depths of up to 64 cells round to 6e-8 each), none on closed
cells. On a plane a sheet stays the sheet it was (Manning: uniform flow; 1e-4 m) where a flat level would be wrong by
decimetres; a lake stays level (1e-5 m: float32 heights of 20 m). Rain on the coarse cells is that on the fine ones to 1e-7
(weights are read as float32). A way over a wall is found as by flooding every height in turn, exactly. The balance of the
coarse run closes as that of any (1e-6).
"""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from flood_sim import Scenario, cases, run
from flood_sim.build import build
from flood_sim.errors import ResultError, ScenarioError
from flood_sim.preview import blocks, coarse, critical_success_index, quick, write_result
from flood_sim.preview.coarse import coarsen
from flood_sim.results.comparison import Comparison
from flood_sim.results.dataset import open_result
from flood_sim.solver.border import DISCHARGE, NORMAL, Part, border_faces
from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground, Zones
from flood_sim.solver.points import Inlets, Manholes, Storage, Storages
from flood_sim.solver.roofs import GreenRoofs, SewerRoofs
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation
from flood_sim.terrain.shipped import town_scenario


def rough(rows: int = 53, cols: int = 70, **given) -> Domain:
    """Hills with houses, a shape that no factor divides."""
    rng = np.random.default_rng(1)
    ground = ndimage.gaussian_filter(rng.random((rows, cols)), 3) * 30 + 200
    active = rng.random((rows, cols)) > 0.1
    active[10:20, 10:20] = False
    return Domain(ground=ground, active=active, outside=np.zeros_like(active), cell=1.0,
                  manning=np.full(active.shape, 0.04), rain=Steps((0.0, 600.0), (2.5e-5,)), **given)  # fmt: skip


def blocks_of(values: np.ndarray, factor: int) -> np.ndarray:
    """Sum of each block."""
    r, c = values.shape
    padded = np.pad(values.astype(float), ((0, -r % factor), (0, -c % factor)))
    return padded.reshape(-(-r // factor), factor, -(-c // factor), factor).sum(axis=(1, 3))


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize("threads", [1, 2])
def test_laid_water_has_the_volume_of_its_coarse_cell(factor, threads):
    fine = rough()
    made = coarsen(fine, factor, threads)
    rng = np.random.default_rng(2)
    depth = np.where(made.domain.active, 10.0 ** rng.uniform(-5, 0.5, made.domain.active.shape), 0.0)
    laid = made.lay_back(depth)
    assert laid.shape == fine.active.shape
    assert not laid[~fine.active].any()
    assert np.isfinite(laid).all() and (laid >= 0).all()
    np.testing.assert_allclose(blocks_of(laid, factor), depth * factor**2, rtol=1e-6, atol=1e-12)


def plane(slope: float) -> Domain:
    x = np.arange(80.0)[None, :].repeat(48, axis=0)
    return Domain(ground=slope * x, active=np.ones((48, 80), bool), cell=1.0, manning=np.full((48, 80), 0.03))


def test_a_sheet_on_a_plane_stays_a_sheet():
    made = coarsen(plane(0.1), 8)
    laid = made.lay_back(np.full(made.domain.active.shape, 0.05))
    inside = laid[:, 8:-8]  # the first and the last cell of a slope have one neighbour only
    assert np.abs(inside - 0.05).max() < 1e-4
    flat = np.full(8, 0.0)  # for comparison: the same water under a flat level, in one row of a cell
    ground = 0.1 * np.arange(8)
    level = (8 * 0.05 + ground[:3].sum()) / 3
    flat = np.maximum(level - ground, 0)
    assert np.abs(flat - 0.05).max() > 0.15


def test_a_lake_stays_level():
    fine = rough()
    level = float(np.quantile(fine.ground[fine.active], 0.7))
    true = np.where(fine.active, np.maximum(level - fine.ground, 0.0), 0.0)
    made = coarsen(fine, 4)
    laid = made.lay_back(blocks_of(true, 4) / 16)
    assert np.abs(laid - true).max() < 1e-5


def test_rain_stays_what_it_is():
    fine = dataclasses.replace(rough(), rain_weight=rough().active * np.random.default_rng(3).uniform(1, 3, (53, 70)))
    made = coarsen(fine, 8)
    ours, theirs = made.domain.rain_weight.sum() * 64, fine.rain_weight.sum()
    assert ours == pytest.approx(theirs, rel=1e-7)


@pytest.mark.parametrize("south", [False, True])
def test_ways_between_blocks_are_the_lowest(south):
    """Reference: the lowest height at which both lowest cells lie in one connected patch of cells no higher than it."""
    fine, factor = rough(), 4
    z = fine.ground.astype(np.float32)
    crest = np.full((14, 18), blocks.BEHIND)
    blocks.crossings(z, fine.active, factor, south, 0, 14, crest)
    checked = closed = 0
    for i in range(13 if south else 14):
        for j in range(18 if south else 17):
            part = slice(i * 4, i * 4 + (8 if south else 4)), slice(j * 4, j * 4 + (4 if south else 8))
            here = np.where(fine.active[part], z[part], np.inf)
            halves = (here[:4], here[4:]) if south else (here[:, :4], here[:, 4:])
            if not all(np.isfinite(h).any() for h in halves):
                continue
            expected = np.inf
            one, other = (np.unravel_index(h.argmin(), h.shape) for h in halves)
            other = (other[0] + 4, other[1]) if south else (other[0], other[1] + 4)
            for height in np.unique(here[np.isfinite(here)]):
                patches, _ = ndimage.label(here <= height)
                if patches[one] and patches[one] == patches[other]:
                    expected = height
                    break
            assert crest[i, j] == expected, (i, j)
            checked += 1
            closed += np.isinf(expected)
    assert checked > 150 and closed > 0


def dammed() -> Domain:
    """A channel with a wall one cell wide and 1 m high, in the middle of a coarse cell; 60 mm of rain above it."""
    x = np.arange(96.0)[None, :].repeat(24, axis=0)
    ground = 10 - 0.005 * x
    ground[:, 44] += 1.0
    rain = np.where(x < 44, 1.0, 0.0)
    shape = ground.shape
    return Domain(ground=ground, active=np.ones(shape, bool), outside=np.zeros(shape, bool), cell=1.0,
                  manning=np.full(shape, 0.03), rain_weight=rain, rain=Steps((0.0, 600.0), (1e-4,)))  # fmt: skip


def beyond_the_wall() -> float:
    made = coarsen(dammed(), 8)
    sim = Simulation(made.domain, threads=1)
    sim.advance(1800.0)
    return float(made.lay_back(sim.depth)[:, 48:].sum())


def test_a_wall_narrower_than_a_coarse_cell_holds(monkeypatch):
    # the wall parts its own coarse cell, whose lowest ground lies below it: of that cell all rain gets there
    own = 60e-3 * 4 * 24
    assert beyond_the_wall() <= own
    monkeypatch.setattr(coarse, "WALL_M", np.inf)  # without sills most of the water is beyond
    assert beyond_the_wall() > 0.5 * 60e-3 * 44 * 24


def test_losses_are_mixed():
    rng = np.random.default_rng(4)
    zones = Zones.of(3, wetting=np.array([0.001, 0.002, 0.0]), unsealed=np.array([1.0, 0.5, 0.0]), shallow=0.1, deep=0.05,
                     a=np.array([1e-5, 4e-6, 7e-6]), b=np.array([1e-5, 4e-6, 7e-6]))  # fmt: skip
    zone = rng.integers(0, 3, (64, 64)).astype(np.uint8)
    law = Ground(zone, zones, "horton", depth_dependent=True)
    active = np.ones((64, 64), bool)
    fine = Domain(ground=np.zeros((64, 64)), active=active, cell=1.0, manning=np.full((64, 64), 0.05), laws=(law,))
    (found,) = coarsen(fine, 8).domain.laws
    for name, per_cell in (("wetting", zones.wetting[zone]), ("rate", (zones.unsealed * zones.a)[zone])):
        mixed = found.zones.wetting if name == "wetting" else found.zones.unsealed * found.zones.a
        # shares are counted in eighths: 1/16 of the range at most for one zone
        assert mixed[found.zone].mean() == pytest.approx(per_cell.mean(), rel=0.02), name


@pytest.mark.parametrize("kind", ["horton", "green_ampt"])
@pytest.mark.parametrize("size", [64, 60])  # 60: the last block is half beyond the grid
def test_houses_in_a_coarse_cell_take_nothing(kind, size):
    """A quarter of each block is open, the rest houses. Pools of 0.2 m, which sills part from each other, lose the same
    on coarse cells: all ground alike, so the mixture is exact (float32: 1e-4 of what is lost). Same steps, since losses
    are booked up to their last pass."""
    zones = Zones.of(1, wetting=0.002, unsealed=0.5, a=2e-5, b=0.01 if kind == "green_ampt" else 2e-5, capacity=1e-5)
    active = np.zeros((size, size), bool)
    active[(np.arange(size) % 8 < 4)[:, None] & (np.arange(size) % 8 < 4)] = True
    fine = Domain(ground=np.zeros((size, size)), active=active, cell=1.0, manning=np.full(active.shape, 0.05),
                  depth=np.where(active, 0.2, 0.0), laws=(Ground(np.zeros(active.shape, np.uint8), zones, kind),))  # fmt: skip
    made = coarsen(fine, 8)
    lost = []
    for domain in (fine, made.domain):
        sim = Simulation(domain, threads=1, max_step=0.25)
        sim.advance(300.0)
        lost.append([getattr(sim.balance(), name) for name in ("wetting_m3", "infiltration_m3", "sewer_capacity_m3")])
    assert lost[1] == pytest.approx(lost[0], rel=1e-4) and min(lost[0]) > 1.0


def test_a_river_beside_houses_is_a_river():
    active = np.zeros((8, 8), bool)
    active[:2] = True
    zone = np.zeros((8, 8), np.uint8)
    zone[0] = 1
    law = Ground(zone, Zones.of(2, river=np.array([0.0, 1.0])))
    fine = Domain(ground=np.zeros((8, 8)), active=active, cell=1.0, manning=np.full((8, 8), 0.05), laws=(law,))
    (found,) = coarsen(fine, 8).domain.laws
    assert found.zones.river[found.zone[0, 0]] == 1.0


def test_laws_and_borders_move_to_the_coarse_cells():
    fine = rough()
    free = np.argwhere(fine.active)

    def at(k: int) -> Mouth:
        row, col = free[k]
        return Mouth(np.array([row]), np.array([col]), float(fine.ground[row, col]))

    one = np.array([free[5][0]]), np.array([free[5][1]])
    pipe = {"shape": "circular", "width": 0.5, "height": 0.5, "length": 9.0, "manning": 0.013}
    laws = (
        Culverts((Culvert("long", (at(0), at(900)), **pipe), Culvert("short", (at(0), at(1)), **pipe))),
        Inlets(*one, np.array([0.0, 0.1]), np.array([0.0, 0.01])),
        Storages((Storage("tank", *one, 5.0, 0.1),)),
        Manholes(*one, np.array([0.0, 600.0]), np.full((1, 2, 1), 0.02)),
        SewerRoofs(np.zeros(640, np.int64), np.zeros(640, np.int64)),
        GreenRoofs(*one, np.array([64.0]), np.array([0.02])),
    )
    faces = border_faces(fine.active, fine.outside)
    owner = np.where(faces.side > 0, 0, 1)
    parts = (Part("out", NORMAL), Part("in", DISCHARGE, series=Linear((0.0, 600.0), (0.1, 0.1))))
    fine = dataclasses.replace(fine, laws=laws, parts=parts, owner=owner)
    made = coarsen(fine, 8)
    assert made.left_out == ("culvert short",)
    culverts, _, _, _, roofs, green = made.domain.laws
    assert [link.id for link in culverts.links] == ["long"]
    assert roofs.rows.size == 10
    assert green.weight[0] == 1.0
    ours = border_faces(made.domain.active, made.domain.outside)
    assert np.array_equal(made.domain.owner, np.where(ours.side > 0, 0, 1))
    sim = Simulation(made.domain, threads=1)
    sim.advance(600.0)
    balance = sim.balance()
    assert balance.relative_error < 1e-6
    assert balance.inflow_m3 == pytest.approx(60.0, rel=1e-6)
    assert balance.manholes_m3 == pytest.approx(12.0, rel=1e-6)


@pytest.fixture(scope="module")
def town():
    """Musterstadt on cells of 8 m, its first 20 minutes."""
    data = Scenario.load(town_scenario()).model_dump(mode="json")
    data["terrain"]["cell_m"] = 8.0
    data["storm"]["duration_min"], data["storm"]["depth_mm"] = 15.0, 40.0
    data["numerics"]["duration_min"], data["outputs"]["every_min"] = 20.0, 5.0
    return build(Scenario.parse(data))


@pytest.fixture(scope="module")
def answer(town):
    return quick(town, 4, threads=1)


def test_it_answers_as_a_full_run(town, answer, tmp_path):
    result = write_result(answer, tmp_path / "quick")
    assert open_result(tmp_path / "quick").manifest["rung"] == "quick"
    manifest = result.manifest
    assert manifest["preview"]["factor"] == 4 and "gröberen Zellen" in manifest["preview"]["label_de"]
    assert manifest["ledger"]["relative_error"] < 1e-6
    assert manifest["ledger"]["rain_m3"] + manifest["ledger"]["roof_m3"] == pytest.approx(
        answer.preview.figures.rain_m3
    )
    data = result.dataset
    assert data["depth"].shape == (5, *town.domain.active.shape)
    wet = data["max_depth"].values
    assert np.nanmax(data["depth"].values.max(axis=0) - wet) <= 1e-3  # packed in mm
    assert (np.isnan(wet) == ~town.domain.active).all()
    arrival, late = data["arrival_time"].values, data["duration"].values
    assert np.array_equal(np.isfinite(arrival), wet >= 0.1)
    assert np.nanmax(arrival) <= 1200 and np.nanmax(late) <= 1200
    assert list(result.gauges.columns) and list(result.sections.columns)
    full = run(town.scenario, tmp_path / "full")
    assert full.manifest["rung"] == "full"
    assert full.manifest["content_id"] != manifest["content_id"]
    both = Comparison(result, full)
    assert both.figures["buildings"] > 0
    assert (
        both.sentences()["de"][0].endswith("mal so breiten Zellen“ zu „volle Rechnung“.")
        and len(both.sentences()["en"]) == 2
    )
    other = dataclasses.replace(
        full, manifest=full.manifest | {"scenario": full.manifest["scenario"] | {"measures": [{"id": "w"}]}}
    )
    with pytest.raises(ResultError, match="rung: .*computed in different ways"):
        Comparison(result, other)
    index = critical_success_index(answer.preview.depth, full.dataset["max_depth"].values, 0.1)
    assert index > 0.2  # cells of 32 m for a town: only that it is no other place


def test_a_fine_run_starts_from_it(town, answer):
    start = answer.start(3)
    sim = Simulation(town.domain, threads=1, record=False)
    start.begin(sim)
    assert sim.t == 900.0
    stored = float(answer.coarse.domain.cell**2 * np.nansum(answer.snapshots[3].depth, dtype=float))
    assert sim.balance().initial_m3 == pytest.approx(stored, rel=1e-5)
    sim.advance(930.0)
    assert sim.balance().relative_error < 1e-6
    assert sim.shortest_step > 0.05


def test_the_same_whatever_the_threads(town, answer):
    again = quick(town, 4, threads=2)
    assert np.array_equal(again.preview.depth, answer.preview.depth, equal_nan=True)


@pytest.mark.parametrize("factor", [0, 1, 17, 2.5])
def test_other_factors_are_refused(town, factor):
    with pytest.raises(ScenarioError, match="times coarser"):
        quick(town, factor)


def test_a_town_valley_of_the_cases_runs(monkeypatch):
    """Also where the border has no part and nothing falls in an odd last block."""
    made = coarsen(cases.lossy_valley(), 7)
    sim = Simulation(made.domain, threads=1)
    sim.advance(300.0)
    assert sim.balance().relative_error < 1e-6
