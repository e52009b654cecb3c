"""A window of a Domain has its share of what enters and is stored, the walls it had, and the memory of its ground.

A discharge Q over n faces of a border (or into n cells of a storage, of volume V) gives a window with m of them Q m / n
(V m / n): the engine spreads it evenly, so each face and cell has what it had. Volumes to 1e-6, a rounding of the time
step in float32; shares of series and storages, and which face is open, exactly. What a state carries (what is left of the
initial loss, how worn the soil is, g n^2) is handed over as it is, bit by bit; n that is not carried over is that of the
depth, to 1e-6, the rounding of a float32.
"""

from dataclasses import replace

import numpy as np
import pytest

from flood_sim import cases
from flood_sim.kernels.constants import G
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, WALL, Part, border_faces
from flood_sim.solver.culverts import Culvert, Culverts, Mouth
from flood_sim.solver.cut import cut
from flood_sim.solver.domain import Domain
from flood_sim.solver.ground import Ground, Zones
from flood_sim.solver.points import Storage, Storages
from flood_sim.solver.series import Linear
from flood_sim.solver.simulation import Simulation
from flood_sim.solver.start import Start

WHOLE = slice(0, 20), slice(0, 30)
CUT = Part("cut", NORMAL, 0.01)


def plain(blocked=(), **more):
    """20 x 30 cells of 1 m, level; `blocked`: rows and columns of houses."""
    active = np.ones((20, 30), bool)
    for place in blocked:
        active[place] = False
    return Domain(
        np.zeros(active.shape), active, 1.0, np.full(active.shape, 0.03), outside=np.zeros_like(active), **more
    )


def fed():
    """10 m3/s enter through the 8 middle faces of the western border; the eastern one is a lake, the rest walls."""
    level, series = Part("lake", LEVEL, 1.0), Linear((0.0, 100.0), (10.0, 10.0))
    domain = plain()
    faces = border_faces(domain.active, domain.outside)
    west = (faces.axis == 0) & (faces.side < 0) & (faces.cell_row > 6) & (faces.cell_row <= 14)
    east = (faces.axis == 0) & (faces.side > 0)
    owner = np.where(west, 0, np.where(east, 1, WALL))
    return plain(parts=(Part("brook", DISCHARGE, series=series), level), owner=owner)


def entered(domain):
    sim = Simulation(domain, threads=1)
    sim.advance(10.0)
    return sim.border_volumes()[[p.name for p in domain.parts].index("brook"), 1]


@pytest.mark.parametrize("edge", [None, CUT], ids=["wall", "open"])
def test_a_border_that_feeds_is_shared(edge):
    domain = fed()
    assert entered(domain) == pytest.approx(100.0, rel=1e-6)
    part, lost = cut(domain, slice(0, 10), slice(0, 30), edge)
    assert lost == ("4 of 8 faces of inflow brook",)
    assert entered(part) == pytest.approx(50.0, rel=1e-6)
    whole, lost = cut(domain, *WHOLE, edge)
    assert not lost
    assert entered(whole) == pytest.approx(100.0, rel=1e-6)


@pytest.mark.parametrize("edge", [None, CUT], ids=["wall", "open"])
def test_a_window_beside_a_border_that_feeds_runs_without_it(edge):
    """What stays of the border keeps its faces, under its own name."""
    part, lost = cut(fed(), slice(0, 20), slice(10, 30), edge)
    assert lost == ("inflow brook",)
    assert [p.name for p in part.parts] == ["lake"] + ([] if edge is None else ["cut"])
    faces = border_faces(part.active, part.outside)
    east, west = ((faces.axis == 0) & (faces.side == side) for side in (1, -1))
    assert (part.owner[east] == 0).all()
    assert (part.owner[west] == (WALL if edge is None else 1)).all()
    assert (part.owner[~(east | west)] == WALL).all()
    Simulation(part, threads=1).advance(1.0)


@pytest.mark.parametrize("parts", [(), (Part("free", NORMAL, 0.02),)], ids=["walled domain", "free domain"])
def test_an_open_cut_opens_no_wall_of_a_house(parts):
    """Columns 4 to 15: 12 faces to the south, beyond 8 of which houses stand; those within are walls as ever."""
    houses = (slice(10, 14), slice(6, 14)), (slice(3, 6), slice(8, 10))
    domain = plain(houses, parts=parts)
    part, _ = cut(domain, slice(2, 10), slice(4, 16), CUT)
    faces = border_faces(part.active, part.outside)
    south = (faces.axis == 1) & (faces.side > 0) & (faces.cell_row == 8)
    closed = (faces.cell_col > 2) & (faces.cell_col <= 10)
    assert south.sum() == 12
    assert (part.owner[south & closed] == WALL).all()
    assert (part.owner[~(south & closed)] == len(parts)).all()


def test_a_storage_is_shared():
    storages = Storages(
        (
            Storage("half", np.repeat([9, 10], 4), np.tile(np.arange(4), 2), 80.0, 0.4),
            Storage("in", np.array([1]), np.array([1]), 3.0, 0.1),
            Storage("out", np.array([19]), np.array([1]), 3.0, 0.1),
        )
    )
    part, lost = cut(plain(laws=(storages,)), slice(0, 10), slice(2, 30))
    assert lost == ("6 of 8 cells of storage half", "storage in", "storage out")
    (half,) = part.laws[0].storages
    assert (half.volume, half.rate) == (20.0, 0.1)
    assert (half.rows.tolist(), half.cols.tolist()) == ([9, 9], [0, 1])


def test_ground_keeps_its_memory_in_a_window_that_leaves_other_laws_out():
    """The culvert comes first and reaches over the edge; what the ground remembers is its own, wherever it stands."""
    domain = cases.lossy_valley()
    ends = tuple(Mouth(np.array([r]), np.array([c]), float(domain.ground[r, c])) for r, c in ((2, 2), (50, 70)))
    pipe = Culvert("across", ends, shape="circular", width=0.3, height=0.3, length=150.0, manning=0.013)
    domain = replace(domain, laws=(Culverts((pipe,)), *domain.laws))
    whole = Simulation(domain, threads=1)
    whole.advance(300.0)
    rows, cols = slice(4, 40), slice(10, 60)
    part, lost = cut(domain, rows, cols, CUT)
    assert lost == ("culvert across",) and isinstance(part.laws[0], Ground)
    fresh, small = Simulation(part, threads=1), Simulation(part, threads=1)
    Start.of(whole).window(rows, cols).begin(small)
    (before,), (after,), (new,) = (
        [a.memory() for a in s.laws.acting if "left" in a.memory()] for s in (whole, small, fresh)
    )
    ghost = slice(rows.start, rows.stop + 2), slice(cols.start, cols.stop + 2)
    for name in ("left", "soil", "gn2"):
        inner = slice(1, -1), slice(1, -1)
        there = before[name][ghost][inner]
        assert np.array_equal(after[name][inner][part.active], there[part.active]), name
        assert not np.array_equal(new[name], after[name]), f"nothing was tested: {name} is that of the begin"
    # beyond the edge there is no water, so the roughness of the cell before it counts
    assert not after["gn2"][[0, -1]].any() and not after["gn2"][:, [0, -1]].any()


def grass(depth=None):
    zones = Zones.of(1, shallow=0.15, deep=0.06)
    law = Ground(np.zeros((20, 30), np.uint8), zones, depth_dependent=True)
    return replace(plain(laws=(law,)), depth=depth)


def test_roughness_is_that_of_the_water_from_the_first_step_on():
    """20 cm at 0.4 m/s on a dry Domain, as if the Domain had begun with that water."""
    depth = np.full((20, 30), 0.2)
    still = Start.still(depth)
    moving = replace(still, u=still.u + 0.4, qx=still.qx + 0.08)
    begun, wet = Simulation(grass(), threads=1), Simulation(grass(depth), threads=1)
    for sim in (begun, wet):
        moving.begin(sim)
    assert begun.state.gn2[1:-1, 1:-1] == pytest.approx(G * 0.06**2, rel=1e-6)
    for sim in (begun, wet):
        sim.advance(0.5)
    assert np.array_equal(begun.state.u, wet.state.u)
    assert begun.state.u[10, 15] > 0.37


def test_a_roughness_that_is_carried_over_is_kept():
    """Between two passes n is that of the last one; a state brings it along."""
    sim = Simulation(grass(np.full((20, 30), 0.2)), threads=1)
    start = Start.of(sim)
    shallower = replace(start, depth=np.full((20, 30), 0.05))
    again = Simulation(grass(), threads=1)
    shallower.begin(again)
    assert np.array_equal(again.state.gn2, sim.state.gn2)
