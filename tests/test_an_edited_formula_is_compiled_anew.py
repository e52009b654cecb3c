"""The cache of compiled kernels notices an edited formula, wherever it stands.

Numba itself looks only at the file of the compiled loop. A copy of the package
runs one loop of the solver, one formula is changed, and the second run must
compute with the new one although the file of the loop is the same.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import flood_sim
from flood_sim import compiled
from flood_sim.compiled import _own_temporary

PROBE = """
import numpy as np
from flood_sim.backends.cpu.rows import x_faces
from flood_sim.backends.layout import Pace, allocate_state
state = allocate_state(1, 4, np.float64)
state.h[1] = 1.0, 0.4, 0.3, 0.2, 0.1, 0.1
state.gn2[:] = 9.81 * 0.05**2
rise, climb, speed, discharge = np.zeros((4, 6))
pace = Pace(*np.array([1.0, 0.1, 0.981, 0.1, 0.1, 0.1]))
for _ in range(2):  # friction acts on water that moves
    state.u[1] = speed
    x_faces(state, 1, 1, 5, rise, climb, speed, discharge, pace)
print(speed.tolist())
"""


def test_changed_friction_changes_the_flow(tmp_path):
    copy = tmp_path / "flood_sim"
    shutil.copytree(Path(flood_sim.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    first, again = _run(tmp_path), _run(tmp_path)
    assert first == again
    formula = copy / "kernels" / "friction.py"
    text = formula.read_text()
    assert "return gn2dt * y * y" in text
    formula.write_text(text.replace("return gn2dt * y * y", "return gn2dt * y * y * y"))
    assert _run(tmp_path) != first


def _run(folder):
    env = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(folder / "cache"), "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", PROBE], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "name",
    ["kernels/friction.py", "solver/series.py", "scenario/model.py", "recording.py", "restart.py", "variables.py",
     "results/packing.py", "results/store.py"],
)  # fmt: skip
def test_edited_code_is_another_engine(tmp_path, monkeypatch, name):
    """Else an old checkpoint would be finished by code that reads it in another way."""
    copy = tmp_path / "flood_sim"
    shutil.copytree(Path(flood_sim.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compiled, "_PACKAGE", copy)
    before = compiled.engine_version.__wrapped__()
    with (copy / name).open("a") as code:
        code.write("\n")
    assert compiled.engine_version.__wrapped__() != before


def test_all_code_that_the_engine_is_named_after_is_there():
    """A name that is spelt wrong would be no part of the sum, without a word."""
    assert [name for name in compiled._ANSWER if not (compiled._PACKAGE / name).exists()] == []


@pytest.mark.skipif(os.name == "nt", reason="folders for temporary files belong to one user there")
@pytest.mark.parametrize("trap", ["none", "open to all", "a file", "a link"])
def test_compiled_code_is_not_loaded_from_where_others_can_write(tmp_path, monkeypatch, trap):
    """Where the home cannot be written the cache lies among the temporary files, which everybody shares."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = tmp_path / f"flood_sim_cache-{os.getuid()}"
    if trap == "open to all":
        place.mkdir()
        place.chmod(0o777)
    elif trap == "a file":
        place.touch()
    elif trap == "a link":
        place.symlink_to(tmp_path)
    found = _own_temporary()
    assert found.is_dir() and not found.is_symlink() and found.stat().st_mode & 0o077 == 0
    assert (found == place) == (trap == "none") and (trap != "none" or _own_temporary() == place)
