"""Every notebook runs from a fresh kernel, and the pair of script and notebook says the same.

A notebook is documentation that computes; it is read as a script in reviews and
opened as .ipynb by users, so both must hold the same cells, and the .ipynb no
outputs (they would be those of somebody's machine).
"""

import shutil
import warnings

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = ("01_first_flood",)


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


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_runs(root, tmp_path, name):
    """In a copy, so that the results it writes stay out of the checkout."""
    place = tmp_path / "notebooks"
    place.mkdir()
    shutil.copy(root / "notebooks" / f"{name}.ipynb", place)
    notebook = nbformat.read(place / f"{name}.ipynb", 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's own transport
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    assert not [o for o in outputs if o.get("name") == "stderr"], (
        "a notebook that warns teaches that warnings are normal"
    )
    assert [o for o in outputs if "image/png" in o.get("data", {})], "a map is drawn"
    assert (tmp_path / "runs").is_dir(), "its results go where git ignores them"
