"""A Chromium for the browser tests: the system's, else playwright's, else say loudly that there is none."""

import os
import shutil
import subprocess
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ASK = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
PATIENCE_S = 300
TRY_AGAIN_AFTER_S = 24 * 3600


def system_chromium():
    """Path of the Chromium that FLOOD_SIM_CHROMIUM names or that is on PATH, or None."""
    named = os.environ.get("FLOOD_SIM_CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)


def playwright_chromium(python):
    """Path of the Chromium that playwright has fetched before, or None."""
    try:
        done = subprocess.run([str(python), "-c", ASK], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    path = Path(done.stdout.decode().strip() or ".")
    return str(path) if done.returncode == 0 and path.is_file() else None


def find_or_install(python, failed_before):
    """Look for a Chromium, else let playwright fetch one; failing is allowed, staying silent is not.

    `failed_before` is a file that remembers a failed attempt for a day, so that
    a machine without network does not wait for it every time.
    """
    if system_chromium() or playwright_chromium(python):
        return
    recent = failed_before.exists() and time.time() - failed_before.stat().st_mtime < TRY_AGAIN_AFTER_S
    if not recent:
        print("set-up: no Chromium on this machine: asking playwright to fetch one for the browser tests", flush=True)
        command = [str(python), "-m", "playwright", "install", "chromium"]
        try:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=PATIENCE_S).returncode
        except subprocess.TimeoutExpired:
            code = None
        if code == 0:
            return
        failed_before.touch()
    print(
        "set-up: WARNING: no Chromium found and none could be fetched: THE BROWSER TESTS WILL BE SKIPPED.\n"
        "set-up:          On Debian or Ubuntu: sudo apt install chromium (or set FLOOD_SIM_CHROMIUM to its path).",
        flush=True,
    )
