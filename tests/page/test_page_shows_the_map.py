"""The page, in a real browser on the real service: from an empty map to a computed flood and its values.

A small invented valley is registered, `flood-sim serve` runs as a process of
its own, and Chromium does what a visitor does. The pixels of the map are read
from screenshots: the worker of the map library can fail without a message,
and then only pixels and rendered features tell. After every step the browser
must have reported no error and must have asked nobody but the service.
"""

import re
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from flood_sim import registry
from flood_sim.variables import DEPTH_CLASSES_BKG, SPEED_CLASSES_BKG

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),  # screenshots have no place on Earth
]

WEST, NORTH, CELL, ROWS, COLS = 360_000.0, 6_040_200.0, 2.0, 60, 80
PIT = (WEST + 61.0, NORTH - 91.0)
HOUSE = shapely.box(WEST + 100, NORTH - 80, WEST + 124, NORTH - 56)
NOT_SHOWN = "Das zeigt die Karte nicht: Rückstau aus dem Kanal, Keller, Bachhochwasser, verstopfte Durchlässe"


def valley(folder: Path) -> tuple[Path, Path]:
    """Ground falling to the south-east with a pit that fills, and one house; 120 m x 160 m of open sea."""
    row, col = np.mgrid[0:ROWS, 0:COLS]
    ground = 60.0 - 0.05 * (row + col) - 3.0 * np.exp(-((np.hypot(row - 45, col - 30) / 7.0) ** 2))
    dem, houses = folder / "tal.tif", folder / "houses.gpkg"
    transform = rasterio.Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "width": COLS, "height": ROWS, "crs": "EPSG:25832"}
    with rasterio.open(dem, "w", transform=transform, **profile) as file:
        file.write(ground.astype(np.float32), 1)
        file.update_tags(FLOOD_SIM_SYNTHETIC="1", TIFFTAG_IMAGEDESCRIPTION="Testtal (erfunden)")
    pyogrio.raw.write(
        houses, shapely.to_wkb(np.array([HOUSE])), [np.array(["h1"], dtype=object)], ["id"],
        layer="buildings", driver="GPKG", geometry_type="Polygon", crs="EPSG:25832",
    )  # fmt: skip
    return dem, houses


@pytest.fixture(scope="module")
def address(tmp_path_factory, serve):
    """Where a service with the valley, but without any run, answers."""
    data, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("valley")
    dem, houses = valley(folder)
    registry.add_terrain(data, dem, name="Testtal (erfunden)", buildings=houses)
    with serve(data, folder / "serve.log") as where:
        yield where


@pytest.fixture(scope="module")
def first_visit(browser, address, visitor):
    visit = visitor(browser, address, viewport={"width": 1280, "height": 720})
    visit.open()
    yield visit
    visit.context.close()


@pytest.fixture
def visit(first_visit):
    """The visitor of this module; whatever a test does, the browser must not complain."""
    yield first_visit
    assert first_visit.complaints == []


@pytest.fixture(scope="module")
def run_id(first_visit):
    """Id of a run that the visitor started from the form and waited for: 120 mm in 5 minutes, 5 minutes after it."""
    page = first_visit.page
    page.click("#tab-new")
    page.check("#storm-own")
    page.fill("#depth", "120,0")
    page.fill("#duration", "5")
    page.fill("#runoff", "5")
    page.click("#compute")
    page.wait_for_selector(".views, .trouble", state="visible")
    first_visit.drawn()
    return re.search(r"run=([\w-]+)", page.url).group(1)


def test_an_empty_service_shows_the_relief_and_the_way_to_a_run(visit):
    page = visit.page
    assert page.title() == "Testtal (erfunden) · Starkregen-Simulation (Vorprüfung)"
    assert page.inner_text(".badge") == "Erfundene Stadt"
    assert "Noch kein Ergebnis" in page.inner_text(".empty")
    assert " ".join(page.inner_text(".not-shown").split()) == NOT_SHOWN
    grey = visit.pixels()
    relief = (np.ptp(grey, axis=0) <= 3) & (grey[0] > 60)
    assert len(np.unique(grey[0][relief])) > 20, "no relief: the hillshade tiles are not on the map"
    assert page.evaluate("floodSim.map.queryRenderedFeatures({layers: ['footprints']}).length") == 1
    page.click("#go")
    assert page.is_visible("#compute")


def test_the_form_says_what_is_wrong_before_anything_is_sent(visit):
    page = visit.page
    page.click("#tab-new")
    page.check("#storm-own")
    page.fill("#depth", "viel")
    page.click("#compute")
    assert "Bitte eine Zahl eingeben" in page.inner_text("#depth-help")
    assert page.evaluate("document.activeElement.id") == "depth"
    page.check("#kind-euler_ii")
    page.fill("#duration", "7")
    assert "Vielfaches von 5 min" in page.inner_text("#duration-help")
    page.check("#kind-block")


def test_a_run_started_from_the_form_reaches_the_map(visit, run_id):
    page = visit.page
    assert "120" in page.inner_text(".storm")
    page.evaluate("floodSim.map.setPaintProperty('water', 'raster-opacity', 1)")
    visit.drawn()
    assert sum(visit.coloured(c.colour) for c in DEPTH_CLASSES_BKG) > 2000, "no water in the colours of the legend"
    facts = page.inner_text(".facts")
    assert "größte Wassertiefe" in facts and "120 l/m²" in facts
    assert "Abweichung" in page.inner_text(".balance")
    assert page.locator(".files a").count() >= 5


def test_the_legend_has_every_class_in_words(visit, run_id):
    words = visit.page.inner_text(".legend")
    assert [c.label_de for c in DEPTH_CLASSES_BKG if c.label_de not in words] == []
    assert "unter 10 cm: nicht gezeichnet" in words and "Gebäude: kein Wert" in words


def test_a_click_tells_depth_and_speed_in_rounded_words(visit, run_id):
    page = visit.page
    visit.click_at(*PIT)
    page.wait_for_selector(".card dl")
    card = page.inner_text(".card")
    assert re.search(r"(ca\.\s\d+0\scm|> 150\scm)", card), card
    assert re.search(r"ca\.\s\d+\smin nach Regenbeginn", card), card
    assert page.evaluate("floodSim.map.querySourceFeatures('mark').length") > 0
    page.keyboard.press("Escape")
    assert page.is_hidden(".card")
    visit.click_at(HOUSE.centroid.x, HOUSE.centroid.y)
    page.wait_for_selector("text=Gebäude: hier rechnet das Programm keinen Wasserstand")
    page.keyboard.press("Escape")


def test_the_map_switches_to_speed(visit, run_id):
    visit.page.check("#view-max_speed")
    visit.page.evaluate("floodSim.map.setPaintProperty('water', 'raster-opacity', 1)")
    visit.drawn()
    assert sum(visit.coloured(c.colour) for c in SPEED_CLASSES_BKG) > 500
    assert SPEED_CLASSES_BKG[0].label_de in visit.page.inner_text(".legend")
    visit.page.check("#view-max_depth")


def test_the_page_speaks_english_and_its_address_brings_everything_back(visit, run_id, browser, visitor):
    page = visit.page
    page.check("#view-max_depth")
    page.click("#lang-en")
    assert page.inner_text(".badge") == "Invented town"
    assert "10 to 30 cm" in page.inner_text(".legend") and "flood_sim" in page.inner_text(".version")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.check("#view-max_speed")
    address = page.url
    second = visitor(browser, visit.address, viewport={"width": 390, "height": 844})
    second.open("#" + address.partition("#")[2])
    second.page.wait_for_function("() => floodSim.map.getLayer('water')")
    assert "Flow speed" in second.page.inner_text(".legend")
    assert second.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a phone would scroll sideways"
    assert second.page.evaluate("floodSim.map.getZoom()") == pytest.approx(
        page.evaluate("floodSim.map.getZoom()"), abs=0.01
    )
    assert second.complaints == []
    second.context.close()
    page.click("#lang-de")
