"""Remove what can be made again: caches, build leftovers and the built page.

Never touched: data/, runs and results, the data folder of the service, .venv.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEEP = {".venv", ".git", "data", "runs", "node_modules"}
CACHES = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"}
BUILT = ("api/flood_sim_api/static", "api/web/build", "dist/*.whl", "dist/*.tar.gz")


def caches(folder):
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_dir() or path.name in KEEP:
            continue
        if path.name in CACHES or path.name.endswith(".egg-info"):
            yield path
        else:
            yield from caches(path)


def main():
    removed = 0
    for path in [*caches(ROOT), *(path for name in BUILT for path in ROOT.glob(name))]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()
        removed += 1
    print(f"clean: {removed} caches and built things removed; data, results and .venv are as they were")


if __name__ == "__main__":
    main()
