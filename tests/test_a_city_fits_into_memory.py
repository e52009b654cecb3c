"""A city at 1 m, 168 million cells, fits into 16 GB: solver and result need few bytes a cell, however many outputs.

16 GB are 95 bytes a cell. The state is 9 arrays of 4 bytes and the maxima are
7: 64; working rows bring 2, ground in float32 and two masks 6, the mask of the
result 1, the first overview of a map 1. Whatever else takes an array of the
model's size, for a moment only, takes 4 or 8 bytes more, and that is what
these limits find. Counted are allocations of Python and NumPy (tracemalloc: the
same on every machine); what GDAL and Zarr take of their own accord is bounded
by their caches and is in the last test, which reads the peak of a process from
the system.
"""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import rasterio

from flood_sim import Scenario, run
from flood_sim.results import cog, store
from flood_sim.solver.border import NORMAL, Part
from flood_sim.solver.domain import Domain
from flood_sim.solver.series import Steps
from flood_sim.solver.simulation import Simulation
from flood_sim.terrain import memory

ROWS, COLS = 1000, 1024
SOLVER = 72
"""Bytes a cell: the goal for the solver's own arrays with all maxima (measured: 66.5)."""
PEAK = 74.5
"""With the ground and the masks they were made from, and while they are made (measured: 73.3; a city: 72.5)."""
RUN = 78
"""As PEAK, with the mask of the result, an overview, and parts of 1/16 of the model (measured: 76.6; a city: 75)."""
STREAMED = 0.5
"""File names and clocks of some outputs; one whole output is 6 bytes a cell packed, 12 before."""


def heights(rows, cols):
    """A valley of float32 heights above 300 m, with a corner outside the model."""
    rng = np.random.default_rng(5)
    x = np.abs(np.arange(cols) - cols / 2)
    ground = (300 + 0.05 * x - 0.01 * np.arange(rows)[:, None] + 0.02 * rng.random((rows, cols))).astype(np.float32)
    ground[: rows // 25, : cols // 20] = -9999.0
    return ground


def scenario(folder, rows, cols, *, outputs):
    path = folder / f"dem_{rows}_{cols}.tif"
    if not path.exists():
        place = rasterio.Affine(1.0, 0, 360_000.0, 0, -1.0, 6_040_000.0)
        with rasterio.open(
            path, "w", driver="GTiff", dtype="float32", count=1, height=rows, width=cols, crs="EPSG:25832",
            transform=place, nodata=-9999.0, tiled=True,
        ) as file:  # fmt: skip
            file.write(heights(rows, cols), 1)
    minutes = 0.04
    return Scenario.parse({
        "terrain": {"dem": str(path)},
        "storm": {"kind": "block", "depth_mm": 2.0, "duration_min": minutes},
        "boundaries": [{"kind": "free", "where": {"edge": "all"}}],
        "outputs": {"every_min": minutes / outputs},
        "numerics": {"duration_min": minutes, "threads": 1, "device": "cpu"},
    })  # fmt: skip


def peak_bytes(work):
    """Most that Python and NumPy hold at once while `work` runs, above what they held before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def flow(rows, cols):
    ground = heights(rows, cols)
    active = ground > 0
    manning = np.broadcast_to(np.float64(0.03), ground.shape)
    parts = (Part("free", NORMAL, 0.01),)
    sim = Simulation(Domain(ground, active, 1.0, manning, rain=Steps((0.0, 1.0, 60.0), (1e-5, 2e-5)), parts=parts))
    sim.advance(2.0)
    sim.balance()
    return sim.engine.bytes_per_cell


def test_the_solver_takes_72_bytes_a_cell_with_all_maxima():
    assert flow(ROWS, COLS) <= SOLVER


def test_nothing_of_the_size_of_the_model_stands_beside_the_solver_from_its_building_to_its_steps():
    flow(50, 60)  # compiles
    assert peak_bytes(lambda: flow(ROWS, COLS)) <= PEAK * ROWS * COLS


@pytest.fixture(scope="module")
def peaks(tmp_path_factory):
    """Bytes a cell of a whole run, from the file to the published result, by the number of its intervals."""
    folder = tmp_path_factory.mktemp("memory")
    with pytest.MonkeyPatch.context() as patch:
        # parts as small against this model as 2048 x 2048 cells are against a city
        patch.setattr(store, "SHARD", 256)
        patch.setattr(cog, "AT_ONCE", 64)
        run(scenario(folder, 70, 80, outputs=2), folder / "small")  # imports and compiles
        found = {}
        for outputs in (1, 9):
            asked = scenario(folder, ROWS, COLS, outputs=outputs)
            found[outputs] = peak_bytes(lambda asked=asked, n=outputs: run(asked, folder / f"run-{n}")) / (ROWS * COLS)
    return found


def test_a_whole_run_takes_hardly_more_than_its_solver(peaks):
    assert peaks[1] <= RUN, peaks


def test_outputs_are_streamed(peaks):
    assert peaks[9] - peaks[1] <= STREAMED, peaks


CHILD = """
import sys
from pathlib import Path
from flood_sim import Scenario, run
folder = Path(sys.argv[1])
def bytes_of(name):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024
run(Scenario.load(folder / "small.yaml"), folder / "process-small")
before = bytes_of("VmRSS")
run(Scenario.load(folder / "large.yaml"), folder / "process-large")
print(bytes_of("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_that_a_run_is_told_to_need_is_what_it_takes(tmp_path):
    """The estimate before reading, against the system's peak of a process: enough, and not twice as much.

    It counts with heights that need float64, 4 bytes a cell, and with a part in the making, 72 as long as the model is one.
    """
    (tmp_path / "small.yaml").write_text(scenario(tmp_path, 70, 80, outputs=2).to_yaml())
    (tmp_path / "large.yaml").write_text(scenario(tmp_path, 1500, 1400, outputs=2).to_yaml())
    child = [sys.executable, "-c", CHILD, str(tmp_path)]
    done = subprocess.run(child, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    taken, told = int(done.stdout), memory.needed_bytes(1500 * 1400)
    assert 0.5 * told <= taken <= told, (taken / 2.1e6, told / 2.1e6)
