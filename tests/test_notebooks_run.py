"""Every notebook runs from a fresh kernel, and the pair of script and notebook says the same.

A notebook is documentation that computes; it is read as a script in reviews and
opened as .ipynb by users, so both must hold the same cells, and the .ipynb no
outputs (they would be those of somebody's machine). The exact cases have tests of
their own; their notebook is run here with two of them, and must show each figure.
"""

import shutil
import warnings
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from flood_sim.verify import CHECKS

NOTEBOOKS = ("01_first_flood", "02_engine_checks", "03_city_storms_and_measures")
WHOLE, PART = 'only = ""', 'only = "Ritter"'


def cells(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_none_is_forgotten(root):
    found = {path.stem for path in (root / "notebooks").iterdir() if path.suffix in (".py", ".ipynb")}
    assert found == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_script_and_notebook_are_a_pair(root, name):
    script = jupytext.read(root / "notebooks" / f"{name}.py")
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", 4)
    assert cells(script) == cells(notebook), f"jupytext --sync notebooks/{name}.py"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def run(root, tmp_path, name, edit=lambda source: source):
    """Run a copy, so that the results it writes stay out of the checkout; its outputs, none of them a warning."""
    place = tmp_path / "notebooks"
    place.mkdir()
    shutil.copy(root / "notebooks" / f"{name}.ipynb", place)
    notebook = nbformat.read(place / f"{name}.ipynb", 4)
    for cell in notebook.cells:
        cell.source = edit(cell.source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own transport
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert not [o for o in outputs if o.get("name") == "stderr"], (
        "a notebook that warns teaches that warnings are normal"
    )
    return outputs


def pictures(outputs):
    return [o for o in outputs if "image/png" in o.get("data", {})]


def test_the_first_flood_draws_a_map(root, tmp_path):
    assert pictures(run(root, tmp_path, "01_first_flood"))
    assert (tmp_path / "runs").is_dir(), "its results go where git ignores them"


def test_the_engine_checks_show_every_figure_and_draw(root, tmp_path):
    source = (root / "notebooks" / "02_engine_checks.py").read_text()
    assert source.count(WHOLE) == 1, "as it is opened, it computes all cases"
    outputs = run(root, tmp_path, "02_engine_checks", lambda source: source.replace(WHOLE, PART))
    table = next(o["data"]["text/markdown"] for o in outputs if "text/markdown" in o.get("data", {}))
    check = CHECKS["Ritter dam break"]()
    rows = [[part.strip() for part in line.split("|")[1:-1]] for line in table.splitlines()]
    assert [row[0] for row in rows[2:] if row[0]] == ["Ritter dam break"]
    shown = {row[1]: (float(row[2]), row[3], row[4]) for row in rows[2:]}
    for figure, limit in check.limits.items():
        value, allowed, met = shown[figure.replace("l1", "L1")]
        assert value == pytest.approx(check.figures[figure], rel=1e-3)
        assert allowed == f"{'≥' if figure in check.at_least else '≤'} {limit:.4g}"
        assert met == "yes"
    assert rows[2][5] == f"[{Path(check.test).stem.removeprefix('test_').replace('_', ' ')}](../{check.test})"
    assert len(pictures(outputs)) == 6
