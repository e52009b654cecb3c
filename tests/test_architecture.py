"""Imports point down, files stay short, and nothing private is named.

The floors are those of the house (README, folder map): a module may import from
lower floors only, not from its own floor in another unit, and never in a ring.
Read from the sources, so that the test needs nothing installed.
"""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"flood_sim": ROOT / "src" / "flood_sim", "flood_sim_api": ROOT / "api" / "flood_sim_api"}
SKIPPED = {".venv", ".git", ".setup", "node_modules", "static", "__pycache__", "dist"}
LONGEST = 300

FLOORS = (
    {"errors", "variables", "kernels", "compiled", "peak_memory", "wording"},
    {"backends"},
    {"solver"},
    {"cases"},
    {"verify"},
    {"scenario", "geojson", "csv_lines"},
    {"terrain"},
    {"rain", "surface", "placing"},
    {"measures"},
    {"build", "results"},
    {"reports", "recording", "provenance", "checkpoint"},
    {"restart"},
    {"runner"},
    {"preview", "comparing"},
    {"ensemble", "registry"},
    {"api"},
    {"cli"},
    {"__main__"},
)
"""From the ground up. `__init__` of the package only gives names away and has no floor."""

FLOOR = {unit: number for number, units in enumerate(FLOORS) for unit in units}
ENGINE = {"kernels", "backends", "solver"}
MAY_USE_ENGINE = ENGINE | {
    "cases", "verify", "placing", "measures", "build", "recording", "provenance", "restart", "runner", "preview"
}  # fmt: skip
KERNELS_MAY_IMPORT = {"__future__", "math", "numba", "numpy"}  # numpy for the scalar types that the compiler sees
NOT_IN_ENGINE = {
    "rasterio", "pyogrio", "pyproj", "shapely", "xarray", "zarr", "dask", "distributed", "fastapi", "starlette", "uvicorn",
    "httpx", "requests", "urllib", "http", "socket", "sqlalchemy", "json", "yaml", "csv", "pathlib", "tempfile", "shutil",
}  # fmt: skip


def modules() -> dict[str, Path]:
    """Dotted name of every module of both packages."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def unit(module: str) -> str:
    """The floor's resident that a module belongs to; the whole second package is one: api."""
    package, _, rest = module.partition(".")
    if package == "flood_sim_api":
        return "api"
    return rest.split(".")[0] or "__init__"


def imports(tree: ast.AST, *, at_import_time: bool = False) -> Iterator[tuple[str, int]]:
    """(module, line) of every import; `at_import_time` leaves out those in functions and for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in MODULES else str(node.module)), node.lineno
        elif at_import_time and not runs_at_import(node):
            continue
        else:
            yield from imports(node, at_import_time=at_import_time)


def runs_at_import(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" not in ast.unparse(node.test)
    return not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def parsed(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"), filename=str(MODULES[module]))


@pytest.mark.parametrize("module", sorted(m for m in MODULES if unit(m) != "__init__"))
def test_imports_point_down(module):
    here = unit(module)
    assert here in FLOOR, f"{here} has no floor yet: give it one in FLOORS of this test"
    for target, line in imports(parsed(module)):
        if target.partition(".")[0] not in PACKAGES:
            continue
        there = unit(target)
        where = f"{MODULES[module].relative_to(ROOT)}:{line} imports {target}"
        if there in (here, "__init__"):
            continue
        assert there in FLOOR, f"{where}: {there} has no floor"
        assert FLOOR[there] < FLOOR[here], f"{where}: an arrow that points up or sideways"
        assert there not in ENGINE or here in MAY_USE_ENGINE, f"{where}: only {sorted(MAY_USE_ENGINE)} use the engine"


@pytest.mark.parametrize("module", sorted(m for m in MODULES if unit(m) in ENGINE))
def test_engine_knows_no_files_no_network_no_dask(module):
    for target, line in imports(parsed(module)):
        top = target.partition(".")[0]
        where = f"{MODULES[module].relative_to(ROOT)}:{line} imports {target}"
        assert top not in NOT_IN_ENGINE, where
        if unit(module) == "kernels" and top not in PACKAGES:
            assert top in KERNELS_MAY_IMPORT, where


def test_only_the_command_line_imports_the_service_and_only_when_called():
    for module in (m for m in MODULES if m.partition(".")[0] == "flood_sim"):
        for target, line in imports(parsed(module), at_import_time=unit(module) == "cli"):
            assert not target.startswith("flood_sim_api"), f"{MODULES[module].relative_to(ROOT)}:{line}"


def test_no_rings():
    """No module can reach itself through what is imported at import time."""
    graph = {m: {t for t, _ in imports(parsed(m), at_import_time=True) if t in MODULES and t != m} for m in MODULES}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, "ring: " + " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for target in sorted(graph[module]):
                visit(target, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_files_stay_short():
    """Past 300 lines a file is split by noun."""
    sources = [p for top in ("src", "api") for end in ("py", "ts") for p in (ROOT / top).rglob(f"*.{end}")]
    lengths = {
        str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines())
        for p in sources
        if not SKIPPED & set(p.relative_to(ROOT).parts)
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_nothing_private_is_named():
    """No file names a package registry's host or a path of the machine it was written on."""
    words = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "registry." + "yarnpkg", "/wo" + "rk/",
             "shared/" + "reference", "shared/" + "cases", "shared/" + "prototypes"]  # fmt: skip
    found = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []


def committed() -> list[Path]:
    """Files that git knows or would take; without git, all but what is made by tools."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
        return [p for name in done.stdout.decode().split("\0") if name and (p := ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [p for p in ROOT.rglob("*") if p.is_file() and not SKIPPED & set(p.relative_to(ROOT).parts)]


def test_the_reader_of_imports_sees_what_it_must(monkeypatch):
    """The checks above are only worth something if an upward arrow is really seen."""
    source = (
        "import os\nif TYPE_CHECKING:\n    import c\ndef f():\n    from flood_sim import runner\nfrom a.b import d\n"
    )
    monkeypatch.setitem(MODULES, "flood_sim.runner", Path("runner.py"))
    assert [t for t, _ in imports(ast.parse(source))] == ["os", "c", "flood_sim.runner", "a.b"]
    assert [t for t, _ in imports(ast.parse(source), at_import_time=True)] == ["os", "a.b"]
    assert FLOOR["kernels"] < FLOOR["backends"] < FLOOR["solver"] < FLOOR["build"] < FLOOR["runner"] < FLOOR["cli"]
