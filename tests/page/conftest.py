"""The real service as a process of its own, and a visitor in Chromium who complains when the browser does."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.io import MemoryFile

from flood_sim import registry

ROOT = Path(__file__).resolve().parent.parent.parent
ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run", "--metrics-recording-only",
]  # fmt: skip
WEST, NORTH, CELL, ROWS, COLS = 360_000.0, 6_040_200.0, 2.0, 60, 80
HOUSES = [
    shapely.box(WEST + 100, NORTH - 80, WEST + 124, NORTH - 56),
    shapely.box(WEST + 136, NORTH - 80, WEST + 152, NORTH - 56),
]
GARDEN = 3
PATIENCE_MS = 120_000  # a machine that is busy compiles the solver first; only a hanging page waits that long


@pytest.fixture(scope="session")
def serve():
    """Gives a context: where a service on a data folder answers."""
    page = ROOT / "api" / "flood_sim_api" / "static" / "index.html"
    assert page.exists(), "the page is not built: make setup, or python hatch_build.py"
    return _serving


@contextmanager
def _serving(data: Path, log_file: Path) -> Iterator[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "api")]),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "flood_sim", "serve", "--port", str(free_port()), "--data-dir", str(data)]
    with log_file.open("w+") as log:
        service = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            yield listening(service, log_file)
        finally:
            service.terminate()
            try:
                service.wait(30)
            except subprocess.TimeoutExpired:
                service.kill()


@pytest.fixture(scope="session")
def two_houses(tmp_path_factory, serve):
    """Where a service with an invented valley answers: a pit that fills, two houses, gardens all over."""
    data, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("valley")
    row, col = np.mgrid[0:ROWS, 0:COLS]
    ground = 60.0 - 0.05 * (row + col) - 3.0 * np.exp(-((np.hypot(row - 45, col - 30) / 7.0) ** 2))
    houses = folder / "houses.gpkg"
    pyogrio.raw.write(
        houses, shapely.to_wkb(np.array(HOUSES)), [np.array(["h1", "h2"], dtype=object)], ["id"],
        layer="buildings", driver="GPKG", geometry_type="Polygon", crs="EPSG:25832",
    )  # fmt: skip
    registry.add_terrain(
        data, raster(folder / "tal.tif", ground, "float32"), name="Zweihaus (erfunden)", buildings=houses,
        land_cover=raster(folder / "cover.tif", np.full((ROWS, COLS), GARDEN), "uint8"),
    )  # fmt: skip
    with serve(data, folder / "serve.log") as where:
        yield where


def raster(path, values, dtype):
    transform = rasterio.Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    profile = {"driver": "GTiff", "dtype": dtype, "count": 1, "width": COLS, "height": ROWS, "crs": "EPSG:25832"}
    with rasterio.open(path, "w", transform=transform, **profile) as file:
        file.write(values.astype(dtype), 1)
        file.update_tags(FLOOD_SIM_SYNTHETIC="1", TIFFTAG_IMAGEDESCRIPTION="Zweihaus (erfunden)")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(service: subprocess.Popen, log: Path) -> str:
    ends = time.monotonic() + 90
    while time.monotonic() < ends and service.poll() is None:
        if found := re.search(r"http://[\w.:]+", log.read_text()):
            return found.group()
        time.sleep(0.1)
    raise AssertionError(f"the service did not start:\n{log.read_text()}")


class Visit:
    """One browser tab, and everything it complained about or asked from elsewhere."""

    def __init__(self, browser, address: str, **context) -> None:
        self.address = address
        self.context = browser.new_context(locale="de-DE", **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", self._asked)

    def _asked(self, request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"request to {request.url}")

    def open(self, hash_: str = "") -> None:
        self.page.goto(f"{self.address}/{hash_}")
        self.page.wait_for_function("() => window.floodSim?.map?.getLayer('footprints')")
        self.drawn()

    def drawn(self) -> None:
        """Wait until every tile in view is there and on the screen."""
        self.page.wait_for_function("() => floodSim.map.loaded() && floodSim.map.areTilesLoaded()")
        self.page.evaluate("new Promise(done => { floodSim.map.once('render', done); floodSim.map.triggerRepaint(); })")

    def pixels(self) -> np.ndarray:
        """RGB (3, rows, cols) of the part of the map that no box covers."""
        clip = {"x": 400, "y": 60, "width": 480, "height": 580}
        with MemoryFile(self.page.screenshot(clip=clip)) as memory, memory.open(driver="PNG") as image:
            return image.read()[:3].astype(int)

    def coloured(self, colour: str) -> int:
        """Pixels of one legend colour, drawn opaque; the edge and the shades of the relief do not count."""
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        return int((np.abs(self.pixels() - wanted[:, None, None]).max(axis=0) <= 2).sum())

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point of the terrain (EPSG:25832)."""
        from pyproj import Transformer

        lon, lat = Transformer.from_crs(25832, 4326, always_xy=True).transform(x, y)
        place = "([lon, lat]) => { const p = floodSim.map.project([lon, lat]); return [p.x, p.y] }"
        return tuple(self.page.evaluate(place, [lon, lat]))

    def click_at(self, x: float, y: float) -> None:
        """Click the map where a point of the terrain is."""
        self.page.mouse.click(*self.at(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag what lies at a point of the terrain to another one."""
        self.drawn()
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=4)
        self.page.mouse.up()


@pytest.fixture(scope="session")
def browser(chromium):
    playwright = pytest.importorskip("playwright.sync_api", reason="BROWSER NOT TESTED: playwright is not installed")
    with playwright.sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visitor():
    """The class of visitors: `visitor(browser, address, viewport=...)`."""
    return Visit
