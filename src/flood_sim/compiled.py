"""Where compiled kernels are kept, and how their threads wait.

Numba checks only the file of the compiled loop itself: after an edit of a
formula in another file it would go on with the old physics. So the cache lives
in a folder named by a hash over the sources of kernels and backends and the
versions of the compiler: another formula, another folder.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

_PACKAGE = Path(__file__).parent
_COMPILED = ("kernels", "backends", "terrain/flow")
_READ = ("scenario", "csv_lines.py", "terrain", "rain", "surface", "measures", "build", "placing.py")
_TAKEN_DOWN = ("recording.py", "restart.py", "variables.py")
_WRITTEN = tuple(f"results/{name}.py" for name in ("cog", "kept", "packing", "parts", "series", "store", "writer"))
_ANSWER = (*_COMPILED, "solver", *_READ, *_TAKEN_DOWN, *_WRITTEN)
"""Whatever turns a scenario into numbers, in a result or in a checkpoint that a result is finished from."""


def source_hash(*names: str) -> str:
    """SHA-256 over Python files, and folders with data tables beside them, of the package."""
    digest = hashlib.sha256()
    for name in names:
        place = _PACKAGE / name
        files = [place] if place.is_file() else [p for p in place.rglob("*") if p.suffix in (".py", ".yaml")]
        for path in sorted(files):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=1)
def engine_version() -> str:
    """Names the code that computes; part of every content id."""
    return f"{version('flood-sim')}+{source_hash(*_ANSWER)[:12]}"


def use_own_cache() -> None:
    """Point Numba at the folder for these sources. Called before the first kernel is compiled."""
    # waiting threads sleep, after a few µs: spinning ones take the core from another run
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "300")
    os.environ.setdefault("NUMBA_THREADING_LAYER_PRIORITY", "omp tbb workqueue")
    cuda = version("numba-cuda") if find_spec("numba_cuda") else ""
    tag = hashlib.sha256(
        f"{source_hash(*_COMPILED)} {version('numba')} {cuda} {version('numpy')} {sys.version}".encode()
    ).hexdigest()[:16]
    base = os.environ.get("NUMBA_CACHE_DIR")
    if base and Path(base).name.startswith("flood_sim-"):  # inherited from a parent process
        base = str(Path(base).parent)
    folder = (Path(base) if base else user_cache_path("flood_sim")) / f"flood_sim-{tag}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError
    except OSError:
        folder = _own_temporary() / f"flood_sim-{tag}"
        folder.mkdir(exist_ok=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:  # somebody imported it before us
        sys.modules["numba"].config.CACHE_DIR = str(folder)


def _own_temporary() -> Path:
    """A folder for temporary files in which nobody else can write: compiled code is loaded from it."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"flood_sim_cache-{user}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_mode & 0o022 == 0)
    return folder if private and found.st_uid == user else Path(tempfile.mkdtemp(prefix="flood_sim_cache-"))
