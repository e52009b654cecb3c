"""A Chromium for the browser tests: the system's, else playwright's, else say loudly that there is none."""

import contextlib
import os
import shutil
import subprocess
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ASK = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
PATIENCE_S = 300
TRY_AGAIN_AFTER_S = 24 * 3600


def system_chromium():
    """Path of the Chromium that FLOOD_SIM_CHROMIUM names or that is on PATH, or None."""
    named = os.environ.get("FLOOD_SIM_CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path and starts(path)), None)


def playwright_chromium(python):
    """Path of the Chromium that playwright has fetched before, or None."""
    try:
        done = subprocess.run([str(python), "-c", ASK], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    path = done.stdout.decode().strip()
    return path if done.returncode == 0 and starts(path) else None


def starts(path):
    """A fetched browser may lack libraries of the system: only one that tells its version counts."""
    try:
        done = subprocess.run([path, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def find_or_install(python, failed):
    """Look for a Chromium, else let playwright fetch one; failing is allowed, staying silent is not.

    The file `failed` holds the log of a failed attempt; while it is younger
    than a day, a machine without network does not wait for another one.
    """
    if system_chromium() or playwright_chromium(python):
        return
    if not failed.exists() or time.time() - failed.stat().st_mtime > TRY_AGAIN_AFTER_S:
        print("set-up: no Chromium on this machine: asking playwright to fetch one for the browser tests", flush=True)
        command = [str(python), "-m", "playwright", "install", "chromium"]
        with failed.open("wb") as log, contextlib.suppress(subprocess.SubprocessError):
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, timeout=PATIENCE_S)
        if playwright_chromium(python):
            failed.unlink()
            return
    print(
        "set-up: WARNING: no Chromium found and none could be fetched that starts: THE BROWSER TESTS WILL BE SKIPPED.\n"
        "set-up:          On Debian or Ubuntu: sudo apt install chromium (or set FLOOD_SIM_CHROMIUM to its path).",
        flush=True,
    )
