"""What README and docs say is so: the example runs, tables come from the code, names and links exist.

A document that nobody checks is wrong after a month. The tables of keys,
variables, legends and accuracy are written by tools/make_docs.py from the code.
"""

import ast
import itertools
import json
import re
import subprocess
import sys

import pytest

DOCUMENTS = ("README.md", "docs/accuracy.md", "docs/api.md", "docs/architecture.md", "docs/engine.md",
             "docs/kurzanleitung.md", "docs/result-format.md", "docs/scenario.md", "docs/security.md")  # fmt: skip
PICTURE_BYTES = 400_000


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def readme():
    from pathlib import Path

    return (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_example_runs_as_it_stands(readme, tmp_path):
    code = blocks(readme, "python")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10, "it should stay short"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<Result"), done.stdout
    manifest = json.loads((tmp_path / "my_result" / "manifest.json").read_text())
    assert manifest["ledger"]["relative_error"] < 1e-6


def test_generated_parts_are_those_of_the_code(root):
    done = subprocess.run(
        [sys.executable, "-m", "tools.make_docs", "--check"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}: run python -m tools.make_docs"


def test_the_accuracy_table_covers_every_case_with_its_present_test(root):
    """Measured figures are those of `make prove`; a case that was added, renamed or has failed makes the table stale."""
    from flood_sim.verify import CHECKS

    recorded = json.loads((root / "docs" / "proofs" / "accuracy.json").read_text())["cases"]
    assert set(recorded) == set(CHECKS), "run python -m tools.make_docs --measure"
    assert all(case["pass"] for case in recorded.values())
    assert all((root / case["test"]).is_file() for case in recorded.values())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(root, name):
    path = root / name
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [t for t in targets if not (path.parent / t).exists()] == []


def test_the_folder_map_is_true(root, readme):
    tree = next(block for block in blocks(readme, "text") if "src/flood_sim/" in block)
    inside = re.findall(r"(?:^  | {2,})([a-z]+(?:/|\.py))(?= )", tree.split("api/flood_sim_api/")[0], re.MULTILINE)
    assert len(inside) > 10
    assert [name for name in inside if not (root / "src" / "flood_sim" / name).exists()] == []
    units = {
        p.stem for p in (root / "src" / "flood_sim").iterdir() if not p.name.startswith("_") and p.suffix in ("", ".py")
    }
    small = {
        "compiled",
        "csv_lines",
        "errors",
        "geojson",
        "peak_memory",
        "placing",
        "provenance",
        "recording",
        "wording",
    }
    assert units - {name.removesuffix(".py").strip("/") for name in inside} <= small, (
        "a new part of the house is missing"
    )
    outside = re.findall(r"\b([a-z_]+(?:/[a-z_]+)?)/(?=\s|$)", tree.split("command line\n")[1])
    assert len(outside) >= 8
    assert [name for name in outside if not (root / name).is_dir()] == []


def test_the_arrows_point_up_the_floors(root, readme):
    """A <- B: B imports A, so A must stand on a lower floor of the architecture test."""
    tree = ast.parse((root / "tests" / "test_architecture.py").read_text(encoding="utf-8"))
    floors = next(n.value for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id == "FLOORS")
    floor = {unit: k for k, units in enumerate(ast.literal_eval(floors)) for unit in units}
    arrows = next(block for block in blocks(readme, "text") if "←" in block)
    assert arrows.count("←") > 8
    for line in arrows.splitlines():
        steps = [[unit.strip() for unit in step.split(",")] for step in line.split("←")]
        for low, high in itertools.pairwise(steps):
            assert max(floor[u] for u in low) < min(floor[u] for u in high), line


def test_commands_of_the_readme_exist_and_none_is_missing(root, readme):
    from typer.main import get_command

    from flood_sim.cli.app import app

    makefile = (root / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()) - {"help"}
    assert set(re.findall(r"^\| `make (\w+)", readme, re.MULTILINE)) == phony
    known = set()
    for name, command in get_command(app).commands.items():
        known |= {f"{name} {sub}" for sub in command.commands} if hasattr(command, "commands") else {name}
    told = set(re.findall(r"^\| `flood-sim ([a-z-]+(?: [a-z-]+)?)", readme, re.MULTILINE))
    assert told == known


def test_every_route_is_in_the_list(root):
    from flood_sim_api.main import create_app

    routes = {(m.upper(), path) for path, methods in create_app().openapi()["paths"].items() for m in methods}
    told = set(
        re.findall(r"`(GET|POST|DELETE|PATCH|PUT) (/[^`]*)`", (root / "docs" / "api.md").read_text(encoding="utf-8"))
    )
    assert told == routes


def test_settings_are_named(root):
    from flood_sim_api.settings import Settings

    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"FLOOD_SIM_{name.upper()}`" not in text] == []


def test_manifest_keys_are_those_of_a_run(root, tmp_path):
    from flood_sim.runner import run as compute
    from flood_sim.scenario import Scenario
    from flood_sim.terrain.shipped import town_folder

    scenario = Scenario.parse(
        {"terrain": {"dem": f"{town_folder()}/musterstadt_dem.tif", "cell_m": 40}, "numerics": {"duration_min": 0.1}}
    )
    manifest = compute(scenario, tmp_path / "r").manifest
    text = (root / "docs" / "result-format.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`(\w+)`", text))
    assert manifest.keys() - words == set()
    for part in ("ledger", "extremes", "performance", "grid"):
        assert manifest[part].keys() - words == set(), part
    files = {p.name for p in (tmp_path / "r").iterdir()}
    assert {name for name in files if f"`{name}`" not in text} == set()


def test_the_picture_is_there_and_light(root, readme):
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)
    assert len(pictures) == 1, "one picture, with words for those who do not see it"
    assert 50_000 < (root / pictures[0]).stat().st_size < PICTURE_BYTES


def test_german_texts_use_the_agreed_words(root, readme):
    """Words that mislead (legal terms, forecasts) or that are English where a German one is agreed."""
    german = (root / "docs" / "kurzanleitung.md").read_text(encoding="utf-8") + readme.split("# flood_sim")[1].split(
        "!["
    )[0]
    for word in (
        "Hochwassergefahrenkarte",
        "Prognose",
        "Vorhersage",
        "Siegel",
        "Layer",
        "Worst Case",
        "Überschwemmungsgebiet",
    ):
        assert word not in german
