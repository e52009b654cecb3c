"""Every benchmark runs, on a tiny size, and what it divides by is counted rightly.

A benchmark that nobody runs rots. The work per cell (operations, bytes) is read
from the sources; here it is compared with a count by hand and with the arrays
that a step really changes. Figures of speed are not asserted: they belong to a
machine.
"""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

SIZE = 48


@pytest.fixture(autouse=True)
def importable(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root))


def test_kernel_rate_gives_every_figure():
    from benchmarks import kernel_rate

    figures = kernel_rate.measure((SIZE,), (1, 2), seconds=0.02, triad_elements=2**14, compile_time=False)
    assert [(row["maxima"], row["threads"]) for row in figures["rates"]] == [
        (False, 1),
        (False, 2),
        (True, 1),
        (True, 2),
    ]
    for row in figures["rates"]:
        assert row["cells"] == SIZE * SIZE
        assert row["wet_share"] == 1.0, "the benchmark promises that every cell is wet"
        for name in ("mcell_s", "mcell_cpu_s", "share_of_fma", "share_of_triad"):
            assert math.isfinite(row[name]) and row[name] > 0
    assert all(v > 0 for limit in figures["limits"].values() for v in limit.values())
    json.dumps(figures)


def test_memory_of_the_solver_with_all_maxima_is_at_most_72_bytes_per_cell():
    """16 arrays of 4 bytes, a ring of ghosts, and the working rows of each block of 32 rows.

    The ring weighs most on small grids, so a grid of a hundred thousand cells
    bounds larger ones.
    """
    from benchmarks import kernel_rate

    from flood_sim.solver.simulation import Simulation

    assert Simulation(kernel_rate.valley(320)).engine.bytes_per_cell <= 72


def test_operations_agree_with_a_count_by_hand():
    """outflow_share: 2 max, 2 min, 3 sums, then 2 products, 1 sum, 1 quotient, 1 min.

    limiter adds nothing of its own; a y-face does what an x-face does.
    """
    from benchmarks import count

    assert count._of_formula("outflow_share") == 12
    loops = {name: count._of_loop(count._functions(count.rows)[name]) for name in count.FLOW_LOOPS}
    assert loops["limiter"] == 12
    assert loops["x_faces"] == loops["y_faces"]
    assert sum(loops.values()) == count.operations(record_maxima=False) < count.operations(record_maxima=True)


def test_bytes_are_those_of_the_arrays_that_a_step_changes():
    from benchmarks import count, kernel_rate

    from flood_sim.solver.simulation import Simulation

    sim = Simulation(kernel_rate.valley(SIZE))
    before = [a.copy() for a in (*sim.state, *sim.maxima)]
    sim.advance(120.0)
    names = (*sim.state._fields, *(f"max {name}" for name in sim.maxima._fields))
    changed = {
        name
        for name, old, new in zip(names, before, (*sim.state, *sim.maxima), strict=True)
        if not np.array_equal(old, new)
    }
    # the rain is set once, when its intensity changes, not by the pass
    assert changed - {"source"} == count.CHANGED_STATE | {f"max {name}" for name in count.CHANGED_MAXIMA}


def test_the_command_runs_all_and_writes_its_figures(root, tmp_path):
    target = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny", "--json", str(target)], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(target.read_text())
    assert {"machine", "load", "limits", "rates", "town"} <= figures.keys()
    assert figures["machine"]["cpu"] and figures["machine"]["cores"] >= 1
    assert figures["town"]["mass_error"] < 1e-6
