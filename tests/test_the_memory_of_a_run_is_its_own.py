"""The manifest says how much memory a run took: not what the process, or the one that started it, held before."""

import subprocess
import sys

import numpy as np
import pytest

from flood_sim import Scenario, run
from flood_sim.peak_memory import forget, peak_bytes

LARGE = 400 * 2**20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a peak")


@pytest.fixture
def peak():
    """The peak of a process that has held LARGE, bytes."""
    np.ones(LARGE // 8).sum()
    return peak_bytes()


def test_a_large_array_counts_and_is_forgotten(peak):
    forget()
    assert peak - peak_bytes() >= 0.9 * LARGE
    np.ones(LARGE // 8).sum()
    assert peak_bytes() == pytest.approx(peak, rel=0.05)


def test_a_child_does_not_inherit_it(peak):
    said = subprocess.run(
        [sys.executable, "-c", "from flood_sim.peak_memory import peak_bytes; print(peak_bytes())"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert int(said) < LARGE


def test_a_small_run_after_something_large(tmp_path, write_raster, peak):
    scenario = Scenario.parse({
        "terrain": {"dem": str(write_raster(np.full((20, 20), 5.0)))}, "storm": {"kind": "none"},
        "numerics": {"duration_min": 1},
    })  # fmt: skip
    told = run(scenario, tmp_path / "out").manifest["performance"]["peak_mib"] * 2**20
    assert 0 < told < peak - 0.5 * LARGE
