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

    figures = kernel_rate.measure((SIZE,), (1, 2), seconds=0.02, triad_elements=2**14)
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
        # the roofline is the lower of the two limits, so the share of it is the larger
        assert row["share_of_roofline"] == pytest.approx(max(row["share_of_fma"], row["share_of_triad"]))
    assert all(v > 0 for limit in figures["limits"].values() for v in limit.values())
    json.dumps(figures)


def test_memory_of_the_solver_with_all_maxima_is_at_most_72_bytes_per_cell():
    """16 arrays of 4 bytes, a ring of ghosts, and the working rows of each block of 32 rows.

    The ring weighs most on small grids, so a grid of a hundred thousand cells
    bounds larger ones.
    """
    from benchmarks import kernel_rate

    from flood_sim.solver.simulation import Simulation

    assert Simulation(kernel_rate.gorge(320)).engine.bytes_per_cell <= 72


def test_operations_agree_with_a_count_by_hand():
    """outflow_share: 2 max, 2 min, 3 sums, then 2 products, 1 sum, 1 quotient, 1 min.

    limiter adds nothing of its own; a y-face does what an x-face does.
    """
    from benchmarks import count

    assert count._of_formula("outflow_share") == 12
    loops = {name: count._of_loop(count._loops()[name]) for name in count.FLOW_LOOPS}
    assert loops["limiter"] == 12
    assert loops["x_faces"] == loops["y_faces"]
    assert sum(loops.values()) == count.operations(record_maxima=False) < count.operations(record_maxima=True)


def test_bytes_are_those_of_the_arrays_that_a_step_changes():
    from benchmarks import count, kernel_rate

    from flood_sim.solver.simulation import Simulation

    sim = Simulation(kernel_rate.gorge(SIZE))
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


def test_the_cases_of_little_work_are_what_they_are_called():
    """Half of the array lies outside the city; the inflow has wetted a twentieth, before it spreads."""
    from benchmarks import cells

    ground, far = cells._valley(128)
    cases = cells._cases(ground, far)
    city = next(domain for name, domain in cases.items() if name.startswith("city"))
    assert city.cells / city.active.size == pytest.approx(0.5, abs=0.01)
    for fed in (cases[name] for name in cells.LARGE if name != cells.ALL_WET):
        assert (fed.depth > 0).mean() == pytest.approx(cells.WET_SHARE, abs=0.01)
        assert fed.inflows
    assert not cases[cells.ALL_WET].inflows


def test_the_command_runs_every_part_and_keeps_what_another_run_measured(root, tmp_path):
    target = tmp_path / "figures.json"
    target.write_text(json.dumps({"kept": 1}))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny", "--all", "--json", str(target)],
        cwd=root, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(target.read_text())
    parts = {"start", "scaling", "cells", "laws", "outputs", "town", "peers", "gpu", "city"}
    assert parts | {"machine", "load", "limits", "rates", "kept"} <= figures.keys()
    assert figures["parts"].keys() == parts | {"kernel"}
    assert figures["machine"]["cpu"] and figures["machine"]["cores"] >= 1
    assert figures["town"]["mass_error"] < 1e-6
    assert figures["city"]["mass_error"] < 1e-6
    entrants = {row["name"]: row for row in figures["peers"]["storms"][0]["entrants"]}
    assert entrants["flood_sim"]["status"] == "ok" and entrants["flood_sim"]["times_ours"] == 1.0
    assert {"itzi", "landlab", "anuga"} <= entrants.keys()
    for row in entrants.values():
        assert row["status"] == "ok" or row["install"], f"{row['name']}: {row['status']}"


def test_an_unknown_part_is_named(root):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "kernels"], cwd=root, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 2
    assert "no part is called kernels" in done.stderr and "peers" in done.stderr


def test_a_peer_that_made_water_has_no_time():
    """Nine tenths of the rain still on the terrain is a flood; nearly twice the rain, or NaN, is none."""
    from benchmarks.peers import race
    from benchmarks.peers.problem import steep_valley

    problem = steep_valley(32, 600.0)
    right = np.full(problem.ground.shape, problem.rain_m_s * problem.storm_s * 0.9)
    ran = {"steps": 10, "cells": right.size, "cpu_s": 1.0, "failure": None, "reached_s": 600.0}
    assert "status" not in race.judged(ran, right, problem, right)
    assert race.judged(ran, right, problem, right)["rms_from_ours_m"] == 0.0
    assert race.judged(ran, 2 * right, problem, right)["status"].startswith("blew up")
    assert race.judged(ran, np.where(right > 0, np.nan, 0), problem, right)["status"].startswith("blew up")
    assert race.judged({**ran, "failure": "DtError"}, right, problem, right)["status"].startswith("stopped itself")
    assert race.judged({**ran, "reached_s": 300.0}, right, problem, right)["status"].startswith("too slow")


def test_preview_gives_every_figure(tmp_path, monkeypatch, capsys):
    from benchmarks import preview

    monkeypatch.setattr(preview, "PROOF", tmp_path / "none.json")
    assert preview.main(["--tiny"]) == 0
    assert not (tmp_path / "none.json").exists()
    told = capsys.readouterr().out
    assert "Musterstadt" in told and "4,096" in told


def test_preview_quick_gives_every_figure(tmp_path, monkeypatch, capsys):
    from benchmarks import preview_quick

    monkeypatch.setattr(preview_quick, "PROOF", tmp_path / "none.json")
    assert preview_quick.main(["--tiny"]) == 0
    assert "CSI from 10 cm" in capsys.readouterr().out
    assert not (tmp_path / "none.json").exists()
