"""An analyst who makes a Domain and a Simulation by hand gets the same clear words as who writes a Scenario.

Each case changes one thing of a Domain that runs. It must be refused before the first step, with the place, the value
and what is allowed. Without the refusal most of these ran: a Courant number of 0.7, a cell size of -1 m and a source in
a wall gave a depth, silently wrong.

Two things are allowed here that a Scenario may not say, because exact solutions need them: no friction, and a discharge
that is zero all the time through a border that has no face.
"""

import math

import numpy as np
import pytest

from flood_sim.backends.cuda import device
from flood_sim.errors import CheckpointError, DeviceError, FloodSimError, ScenarioError
from flood_sim.solver.border import DISCHARGE, LEVEL, NORMAL, Faces, Part
from flood_sim.solver.domain import AreaInflow, Domain
from flood_sim.solver.series import Linear, Steps
from flood_sim.solver.simulation import Simulation

NAN, INF = math.nan, math.inf
GROUND = 50.0 + 0.1 * np.add.outer(np.arange(6), np.arange(8))
MASK = np.ones(GROUND.shape, bool)
WALLED = MASK.copy()
WALLED[:, 0] = False
ROUGH = np.full(GROUND.shape, 0.03)
STEADY = Linear((0.0, 9.0), (1.0, 1.0))


def domain(**changes):
    plain = {"ground": GROUND, "active": MASK, "cell": 1.0, "manning": ROUGH, "rain": Steps((0.0, 60.0), (1e-5,))}
    return Domain(**plain | changes)


def spring(rows, cols, discharge=STEADY, **changes):
    return domain(inflows=(AreaInflow("spring", np.array(rows, int), np.array(cols, int), discharge),), **changes)


def border(kind, value=None, series=None, **changes):
    return domain(parts=(Part("sea", kind, value, series),), **changes)


def one(values, bad):
    """The array with one cell changed, in the last row but one."""
    changed = np.array(values, float)
    changed[4, 5] = bad
    return changed


HERE = r"first at row 4, column 5 \(got {}\); allowed: "
DOMAINS = {
    "cell size 0": (lambda: domain(cell=0.0), r"Domain\.cell: .*\(got 0\.0 m\); allowed: above 0"),
    "cell size below 0": (lambda: domain(cell=-1.0), r"Domain\.cell: .*\(got -1\.0 m\)"),
    "cell size not a number": (lambda: domain(cell=NAN), r"Domain\.cell: .*\(got nan m\)"),
    "cell size without end": (lambda: domain(cell=INF), r"Domain\.cell: .*\(got inf m\)"),
    "a mask with no cell": (lambda: domain(active=~MASK), r"Domain\.active: .*nothing to compute \(got 0 of 48 cells\); allowed: at least one"),
    "a mask of numbers": (lambda: domain(active=MASK.astype(int)), r"Domain\.active: .*\(got int64 \(6, 8\)\); allowed: bool"),
    "a mask of lists": (lambda: domain(active=MASK.tolist()), r"Domain\.active: .*\(got list\); allowed: bool"),
    "another shape": (lambda: domain(manning=ROUGH[:3]), r"Domain\.manning: .*\(got \(3, 8\)\); allowed: \(6, 8\)"),
    "ground not a number": (lambda: domain(ground=one(GROUND, NAN)), r"Domain\.ground: .*" + HERE.format("nan")),
    "ground beyond single precision": (lambda: domain(ground=one(GROUND, 1e39)), r"Domain\.ground: .*" + HERE.format(r"1e\+39")),
    "roughness below 0": (lambda: domain(manning=one(ROUGH, -0.1)), r"Domain\.manning: .*" + HERE.format(r"-0\.1")),
    "roughness not a number": (lambda: domain(manning=one(ROUGH, NAN)), r"Domain\.manning: .*" + HERE.format("nan")),
    "depth below 0": (lambda: domain(depth=one(0 * ROUGH, -0.5)), r"Domain\.depth: .*" + HERE.format(r"-0\.5")),
    "a weight below 0": (lambda: domain(rain_weight=one(MASK, -1.0)), r"Domain\.rain_weight: .*" + HERE.format(r"-1\.0")),
    "rain into a wall": (lambda: domain(active=WALLED, rain_weight=MASK.astype(float)), r"Domain\.rain_weight: .*no water can be, first at row 0, column 0"),
    "active and outside": (lambda: domain(outside=MASK), r"Domain\.outside: holds an active cell, first at row 0, column 0"),
    "rain without end": (lambda: domain(rain=Steps((0.0, 60.0), (INF,))), r"Steps: .*finite \(got inf\)"),
    "rain beyond single precision": (lambda: domain(rain=Steps((0.0, 60.0), (1e39,))), r"Steps: .*finite \(got 1e\+39\)"),
    "rain that is no number": (lambda: domain(rain=Steps((0.0, 60.0), (NAN,))), r"Steps: .*finite \(got nan\)"),
    "rain below 0": (lambda: domain(rain=Steps((0.0, 60.0), (-1e-5,))), r"Domain\.rain: .*\(got -1e-05 m/s\); allowed: 0 or more"),
    "rain with a missing edge": (lambda: Steps((0.0, 60.0), (1e-5, 1e-5)), r"Steps: n values need n\+1 edges \(got 2 edges, 2 values\)"),
    "rain that goes back": (lambda: Steps((0.0, 60.0, 30.0), (1e-5, 1e-5)), r"Steps: times must increase \(got 30\.0 after 60\.0\)"),
    "a series without values": (lambda: Linear((), ()), r"Linear: each time needs a value \(got 0 times, 0 values\)"),
    "inflow into a wall": (lambda: spring([2, 3], [1, 0], active=WALLED, outside=~MASK), r"inflow spring: pours into a wall: 1 of its 2 cells.*\(got row 3, column 0\); allowed: active cells"),
    "inflow beyond the grid": (lambda: spring([99], [0]), r"inflow spring: .*\(got row 99, column 0\); allowed: rows 0 to 5"),
    "inflow into no cell": (lambda: spring([], []), r"inflow spring: .*\(got 0 rows, 0 columns\)"),
    "inflow into a cell twice": (lambda: spring([2, 2], [3, 3]), r"inflow spring: names a cell twice"),
    "inflow without end": (lambda: spring([2], [3], Linear((0.0, 9.0), (1.0, INF))), r"Linear: .*finite \(got inf\)"),
    "inflow below 0": (lambda: spring([2], [3], Linear((0.0, 9.0), (1.0, -1.0))), r"inflow spring: .*\(got -1 m3/s\); allowed: 0 or more"),
}  # fmt: skip


def refused(make, words, kind=ScenarioError):
    with pytest.raises(FloodSimError, match=words) as caught:
        make()
    assert type(caught.value) is kind and "\n" not in str(caught.value)


@pytest.mark.parametrize("case", DOMAINS)
def test_a_domain(case):
    refused(*DOMAINS[case])


FACES = 2 * (6 + 8)
BORDERS = {
    "a level below the ground": (lambda: border(LEVEL, 3.0), r"sea: .*along all of this border.*\(got 3 m\); allowed: at least 50\.000 m.*not depths"),
    "a tide below the ground": (lambda: border(LEVEL, series=Linear((0.0, 9.0), (-1.0, 2.0))), r"sea: .*\(got -1 to 2 m\); allowed: at least 50"),
    "a level that is no number": (lambda: border(LEVEL, NAN), r"sea: needs a water level \(got nan\)"),
    "a level beyond single precision": (lambda: border(LEVEL, 1e300), r"sea: needs a water level \(got 1e\+300\)"),
    "no level": (lambda: border(LEVEL), r"sea: needs a water level; allowed: a finite value in m"),
    "no discharge": (lambda: border(DISCHARGE), r"sea: needs a discharge; allowed: a series in m3/s"),
    "a discharge below 0": (lambda: border(DISCHARGE, series=Linear((0.0, 9.0), (1.0, -2.0))), r"sea: needs a discharge \(got -2 m3/s\)"),
    "a slope of 0": (lambda: border(NORMAL, 0.0), r"sea: the energy slope is out of range \(got 0\.0\)"),
    "another kind": (lambda: border(7), r"sea: is no kind of border \(got 7\)"),
    "inflow into a wall": (lambda: border(DISCHARGE, series=STEADY, owner=np.full(FACES, -1)), r"sea: has no open face.*no water would enter"),
    "too few owners": (lambda: border(NORMAL, owner=np.zeros(3, int)), r"Domain\.owner: .*\(got \(3,\)\); allowed: \(28,\)"),
    "an owner that there is not": (lambda: border(NORMAL, owner=np.full(FACES, 1)), r"Domain\.owner: .*\(got 1\); allowed: -1 for a wall, else 0 to 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", BORDERS)
def test_a_border(case):
    make, words = BORDERS[case]
    refused(lambda: Simulation(make()), words)


SETTINGS = {
    "Courant number 0": ({"courant": 0.0}, r"courant: .*\(got 0\.0\); allowed: above 0, at most 0\.6\. Leave it out"),
    "Courant number above 0.6": ({"courant": 0.61}, r"courant: .*\(got 0\.61\)"),
    "Courant number not a number": ({"courant": NAN}, r"courant: .*\(got nan\)"),
    "a step of 0": ({"max_step": 0.0}, r"max_step: .*\(got 0\.0\); allowed: above 0 and finite"),
    "a threshold that is no number": ({"threshold": NAN}, r"threshold: .*\(got nan\)"),
    "no thread": ({"threads": 0}, r"threads: .*\(got 0\); allowed: 1 or more"),
    "whole numbers": ({"dtype": np.int32}, r"dtype: .*allowed: float32, float64"),
    "another device": ({"device": "gpu"}, r"device: is no device \(got gpu\); allowed: cpu, cuda"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_a_setting(case):
    change, words = SETTINGS[case]
    refused(lambda: Simulation(domain(), **change), words)


def test_a_card_where_there_is_none(monkeypatch):
    monkeypatch.setattr(device, "has_driver", lambda: False)
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    refused(lambda: Simulation(domain(), device="cuda"), "no CUDA card", DeviceError)


OTHERS = {
    "another size": lambda: Domain(GROUND[:4], MASK[:4], 1.0, ROUGH[:4]),
    "another cell": lambda: domain(cell=2.0),
    "another ground": lambda: domain(ground=one(GROUND, 50.000001)),
    "another height above the sea": lambda: domain(ground=GROUND + 1000.0),
    "another roughness": lambda: domain(manning=one(ROUGH, 0.031)),
    "another mask": lambda: domain(active=WALLED),
    "another border": lambda: border(NORMAL, 0.01),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_memory_of_another_domain_leaves_everything_as_it_was(case):
    sim, other = Simulation(domain(depth=0.1 * MASK)), Simulation(OTHERS[case]())
    before = {name: np.array(values) for name, values in sim.memory().items()}
    words = r"memory: belongs to another Domain; nothing was taken over.*\(got \d+ x \d+ cells.*\); allowed: 6 x 8 cells of 1 m"
    refused(lambda: sim.restore(other.memory()), words, CheckpointError)
    for name, values in sim.memory().items():
        assert np.asarray(values).tobytes() == before[name].tobytes(), name


def metered(row):
    """With a section over some x-faces of one row of cells."""
    at = np.arange(1, 5)
    return Simulation(domain(), sections=(Faces(0 * at, 0 * at + row, at, 0 * at + 1, 0 * at + row, at),))


def two_borders(first_part_of):
    """Normal outflow in two parts; the first owns so many faces."""
    parts = tuple(Part(name, NORMAL, slope) for name, slope in (("a", 0.01), ("b", 0.02)))
    return Simulation(domain(parts=parts, owner=(np.arange(FACES) >= first_part_of).astype(int)))


SEA, RISING = Linear((0.0, 9.0), (51.0, 51.0)), Linear((0.0, 9.0), (51.0, 52.0))
ALIKE = {
    "kind of border": (lambda: Simulation(border(NORMAL)), lambda: Simulation(border(LEVEL, 53.0)), "border"),
    "slope": (lambda: Simulation(border(NORMAL, 0.01)), lambda: Simulation(border(NORMAL, 0.02)), "border"),
    "tide": (lambda: Simulation(border(LEVEL, None, SEA)), lambda: Simulation(border(LEVEL, None, RISING)), "border"),
    "owner": (lambda: two_borders(10), lambda: two_borders(11), "metered faces"),
    "section": (lambda: metered(2), lambda: metered(3), "metered faces"),
    "threshold": (lambda: Simulation(domain()), lambda: Simulation(domain(), threshold=0.5), "threshold"),
    "roof": (lambda: Simulation(domain()), lambda: Simulation(domain(rain_weight=one(MASK, 2.0))), "rain weights"),
}  # fmt: skip


@pytest.mark.parametrize("case", ALIKE)
def test_a_memory_of_the_same_ground_but_another(case):
    """Ground, roughness and sizes of all arrays are the same; each would go on as a flow that nobody asked for."""
    make, other, word = ALIKE[case]
    memory = make().memory()
    words = rf"another Domain; nothing was taken over from it: differs in {word} \("
    refused(lambda: other().restore(memory), words, CheckpointError)
    make().restore(memory)


def test_weights_of_a_mask_are_those_of_ones():
    Simulation(domain(rain_weight=1.0 * MASK)).restore(Simulation(domain()).memory())


def test_another_precision_or_a_stranger_is_no_memory_either():
    sim = Simulation(domain())
    refused(lambda: sim.restore(Simulation(domain(), dtype=np.float64).memory()), "another Domain", CheckpointError)
    refused(lambda: sim.restore({"h": np.zeros(3)}), "got nothing that says which", CheckpointError)


def test_a_memory_of_the_same_domain_is_taken_whatever_the_rain():
    sim, other = Simulation(domain(rain=Steps())), Simulation(domain())
    other.advance(5.0)
    sim.restore(other.memory())
    assert sim.t == 5.0 and sim.depth.tobytes() == other.depth.tobytes()


ALLOWED = {
    "no friction": lambda: domain(manning=0.0 * ROUGH),
    "nothing that enters nowhere": lambda: border(
        DISCHARGE, series=Linear((0.0, 9.0), (0.0, 0.0)), owner=np.full(FACES, -1)
    ),
    "a level at the lowest ground": lambda: border(LEVEL, 50.0),
    "values that no number is, where nothing is computed": lambda: domain(
        ground=np.where(WALLED, GROUND, NAN), manning=np.where(WALLED, ROUGH, NAN), active=WALLED
    ),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_allowed_runs(case):
    sim = Simulation(ALLOWED[case]())
    sim.advance(2.0)
    assert sim.balance().relative_error <= 1e-6
