"""The CUDA backend computes what the CPU computes: every array, maximum and entry of the ledger.

On Numba's simulator, in a process of its own (tools/simulated_card.py says what
that shows and what not), the formulas are those compiled for the CPU, so that
only the order of sums may differ. Limits there: 1e-6 m of depth and 1e-5 m/s,
ten roundings of float32 at 1 m and 1 m/s in each of about 30 steps; times of
maxima and numbers of steps are the same. Lake at rest: velocities below 2e-5 m/s,
a hundredth of what one rounding of its level could drive, sqrt(2 g eps h). Going on
from a memory, and another cut into blocks: the same bits. A slope left out, taken
from a wrong neighbour, or from a cell that takes no water moves the depth by 1 cm.

On a real card divisions and roots are good to 2 units in the last place, and
products are fused in another way than on the CPU: depth within 1e-5 m after the
full length of the exact cases with flow or friction. (Formulas compiled with
against without fastmath on the CPU differ there by 5e-7 m at most.)
"""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import yaml

from flood_sim import Scenario, cases, run
from flood_sim.backends.cuda import device
from flood_sim.errors import DeviceError
from flood_sim.results.dataset import open_result
from flood_sim.solver.simulation import Simulation

SIMULATED = {"NUMBA_ENABLE_CUDASIM": "1"}
BITS = {"interrupted", "blocks"}


@pytest.fixture(scope="module")
def found(root):
    command = [sys.executable, str(root / "tools" / "simulated_card.py")]
    done = subprocess.run(command, env=os.environ | SIMULATED, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_everything_at_once_agrees(found):
    got = found["compared"]
    assert got["made"] > 20 and got["steps"] == 0 and got["shortest_step"] == 0
    for name in ("h", "max h", "residual", "qx", "qy", "max qx", "max qy"):
        assert got[name] <= 1e-6, name
    for name in ("u", "v", "max speed2"):
        assert got[name] <= 1e-5, name
    for name in ("max time_h", "max arrival", "max wet_s"):
        assert got[name] == 0, name
    assert all(value <= 1e-6 for name, value in got.items() if name.endswith("_m3")), got


def test_rain_that_varies_in_space_agrees(found):
    got = found["varied"]
    assert got["made"] > 5 and got["steps"] == 0 and got["rained"] > 0 and got["mass_error"] <= 1e-7
    for name in ("h", "max h", "residual", "qx", "qy"):
        assert got[name] <= 1e-6, name
    assert all(value <= 1e-6 for name, value in got.items() if name.endswith("_m3")), got


def test_no_water_is_lost(found):
    assert found["compared"]["mass_error"] <= 1e-7


def test_lake_at_rest_stays(found):
    assert found["at_rest"]["speed"] <= 2e-5 and found["at_rest"]["depth"] <= 1e-6


@pytest.mark.parametrize("case", sorted(BITS))
def test_bits_are_the_same(found, case):
    assert set(found[case].values()) == {0}


def test_a_value_that_is_no_number_is_found(found):
    assert "depth is not finite" in found["lost"]["said"] and "row 8, column 6" in found["lost"]["said"]
    assert found["lost"]["t"] < 5


def test_an_output_under_way_is_not_touched_by_later_steps(found):
    assert found["frozen"]["difference"] == 0 and found["frozen"]["moved"] > 0.01


def test_a_whole_run_publishes_the_same_result(write_raster, tmp_path):
    """Through the command line: recording, outputs written by a thread of their own, maxima, manifest."""
    random = np.random.default_rng(5)
    dem = write_raster(5.0 + random.random((7, 6)) - 0.3 * np.arange(7)[:, None])
    results = {}
    for name in ("cpu", "cuda"):
        asked = {
            "terrain": {"dem": dem},
            "storm": {"kind": "block", "depth_mm": 20, "duration_min": 0.1},
            "boundaries": [{"kind": "free", "where": {"edge": "south"}}],
            "gauges": [{"id": "g", "x": 360_002.5, "y": 6_039_997.5}],
            "outputs": {"every_min": 0.04, "series_every_s": 3},
            "numerics": {"duration_min": 0.1, "device": name},
        }
        if name == "cpu":
            results[name] = run(Scenario.parse(asked), tmp_path / name)
            continue
        scenario, out = tmp_path / f"{name}.yaml", tmp_path / name
        scenario.write_text(yaml.safe_dump(asked))
        command = [sys.executable, "-m", "flood_sim", "run", str(scenario), "-o", str(out)]
        done = subprocess.run(command, env=os.environ | SIMULATED, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        results[name] = open_result(out)
    cpu, card = results["cpu"], results["cuda"]
    assert card.manifest["performance"]["device"] == "cuda" and cpu.manifest["performance"]["device"] == "cpu"
    assert card.manifest["content_id"] == cpu.manifest["content_id"]
    assert card.manifest["performance"]["steps"] == cpu.manifest["performance"]["steps"]
    for key, values in cpu.dataset.data_vars.items():
        np.testing.assert_allclose(card.dataset[key], values, atol=2e-3, rtol=0, err_msg=str(key))  # packed to 1 mm
    assert (cpu.path / "gauges.csv").read_text().count("\n") == (card.path / "gauges.csv").read_text().count("\n")


def _real_card():
    if device.simulated():
        return "the simulator is not a card"
    try:
        device.find_card()
    except DeviceError as error:
        return str(error)
    return None


EXACT = {
    "Ritter": (cases.DamBreak().domain, 400, 8.0),
    "Stoker": (cases.DamBreak(right=0.5).domain, 400, 8.0),
    "rain on a plane": (cases.RainOnPlane().domain, 3, 3600.0),
    "steep valley": (cases.valley, 60, 900.0),
}


@pytest.mark.parametrize("case", EXACT)
def test_on_a_real_card_exact_cases_agree_after_their_full_length(case):
    if (why := _real_card()) is not None:
        pytest.skip(why)
    make, size, end = EXACT[case]
    cpu, card = Simulation(make(size)), Simulation(make(size), device="cuda")
    cpu.advance(end)
    card.advance(end)
    assert card.balance().relative_error <= 1e-6
    assert np.abs(card.depth - cpu.depth).max() <= 1e-5


def test_the_benchmark_says_when_there_is_no_card():
    from benchmarks import gpu
    from rich.console import Console

    if (why := _real_card()) is None:
        pytest.skip("there is a card: python -m benchmarks gpu")
    console = Console(record=True, width=200)
    gpu.show(gpu.measure(), console)
    assert f"no card: {why}" in " ".join(console.export_text().split())
