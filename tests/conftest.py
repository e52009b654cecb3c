"""What every test shares: threads, an own data folder, and where a Chromium is."""

import os
import shutil
from pathlib import Path

# Before numba is imported: enough threads to compare one with many, whatever the machine has.
os.environ.setdefault("NUMBA_NUM_THREADS", str(max(4, os.cpu_count() or 1)))
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import pytest
from hypothesis import settings

settings.register_profile("flood_sim", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "flood_sim"))

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory, monkeypatch):
    """No test reads or writes the data folder of the person who runs it."""
    folder = tmp_path_factory.getbasetemp() / "data-folder"
    monkeypatch.setenv("FLOOD_SIM_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium: the system's, else playwright's; the test is skipped, and says so, without one."""
    named = os.environ.get("FLOOD_SIM_CHROMIUM")
    for name in [named] if named else CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).is_file():
        pytest.skip("BROWSER NOT TESTED: no Chromium found (apt install chromium, or set FLOOD_SIM_CHROMIUM)")
    return path
