"""The page's forms, in a real browser on the real service: a rain, what the ground takes, a measure, a first answer, both runs.

An invented valley with two houses and land cover is registered. What the page
shows is held against the library where there is a figure: amount with
surcharge, index with its statistics, gap of a wall. After every step the
browser must have reported no error and must have asked nobody but the service.
"""

import re

import pytest

from flood_sim.rain.shipped import shipped_cell
from flood_sim.rain.starkregenindex import index_of
from flood_sim.results.comparison import WATER_LAW_DE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),  # screenshots have no place on Earth
]

WEST, NORTH = 360_000.0, 6_040_200.0
PIT = (WEST + 61.0, NORTH - 91.0)
WALL = [(WEST + 122, NORTH - 68), (WEST + 131, NORTH - 68)]
"""From inside the first house to 5 m before the second."""
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def first_visit(browser, two_houses, visitor):
    visit = visitor(browser, two_houses, viewport={"width": 1280, "height": 720})
    visit.open()
    visit.page.click("#tab-new")
    yield visit
    visit.context.close()


@pytest.fixture
def visit(first_visit):
    """The visitor of this module; whatever a test does, the browser must not complain."""
    yield first_visit
    assert first_visit.complaints == []


def unfold(page, part):
    if not page.locator(f"#part-{part}[open]").count():
        page.click(f"#part-{part} > summary")


def features(page, source):
    return page.evaluate(f"floodSim.map.querySourceFeatures('{source}').length")


def test_a_published_rain_keeps_its_name_and_takes_a_surcharge(visit):
    page = visit.page
    page.check("#storm-nrw-extreme")
    page.fill("#surcharge", "20")
    page.wait_for_selector(".amount:has-text('108')")
    assert "108 l/m² in 60" in page.inner_text(".amount")
    page.wait_for_selector(".index")
    found = index_of(108.0, 60.0, shipped_cell())
    words = page.inner_text(".index")
    assert f"SRI {found.index}" in words and found.statistics in words
    assert "108 mm/h" in page.get_attribute(".hyetograph svg", "aria-label")
    page.click("#about-storm > summary")
    assert "Veröffentlicht als: NRW extrem" in page.inner_text("#about-storm")
    page.click("#about-index > summary")
    assert "Messstelle der Stadt" in page.inner_text("#about-index")
    page.fill("#surcharge", "-70")
    assert "Von −50 bis 300" in page.inner_text("#surcharge-help")
    page.fill("#surcharge", "0")


def test_weak_rain_reminds_of_the_sewer_and_a_run_off_value_of_its_losses(visit):
    page = visit.page
    page.check("#storm-own")
    page.fill("#depth", "20")
    page.fill("#duration", "60")
    page.wait_for_selector("#sewer-note")
    assert "Kanal würde hier noch wirken" in page.inner_text("#sewer-note")
    page.click("#other-storms > summary")
    page.check("#storm-bw-extreme")
    page.wait_for_selector(".course .remark:has-text('Abflusswert')")
    assert page.locator("#surcharge").count() == 0
    page.check("#storm-nrw-extreme")


def test_the_surface_is_moderate_until_said_otherwise_and_the_sewer_counts_once(visit):
    page = visit.page
    unfold(page, "surface")
    assert page.is_checked("#losses-moderate")
    page.wait_for_selector("#about-losses")
    page.click("#about-losses > summary")
    assert "unverified" in page.inner_text("#about-losses"), "assumed values must say where they come from"
    page.check("#losses-none")
    page.check("#sewer-capacity")
    assert page.is_disabled("#roof-sewer") and "doppelt" in page.inner_text(".choice:has(#roof-sewer)")
    page.fill("#sewer-rate", "0")
    assert "Größer als 0" in page.inner_text("#sewer-rate-help")
    page.check("#sewer-none")
    page.check("#losses-moderate")
    page.click("#part-surface > summary")
    assert "Versickerung moderat" in page.inner_text("#part-surface .part-now")


def test_a_wall_with_a_gap_is_told_shown_and_mended(visit):
    page = visit.page
    page.click("#part-storm > summary")
    unfold(page, "measures")
    page.click("#measure-draw")
    for point in WALL:
        visit.click_at(*point)
    page.click("#sketch-done")
    page.wait_for_selector(".remarks .remark.warning")
    assert re.search(r"Mauer schließt am Ende nicht an höheres Gelände an: Lücke \d m", page.inner_text(".remarks"))
    visit.drawn()
    assert features(page, "gaps") > 0
    visit.drag(WALL[1], (WEST + 139, NORTH - 68))
    page.wait_for_selector(".fine")
    visit.drawn()
    assert features(page, "gaps") == 0 and page.locator(".remarks").count() == 0
    page.fill("#attr-height_m", "")
    assert "fehlt" in page.inner_text("#attr-height_m-help")
    page.click("#compute")
    assert page.evaluate("document.activeElement.id") == "measure-wall-1", "an unreadable measure must not be sent"
    page.fill("#attr-height_m", "0,8")


def test_the_quick_estimate_says_what_it_is(visit):
    page = visit.page
    page.click("#estimate")
    page.wait_for_selector("#about-estimate")
    words = page.inner_text(".estimate")
    assert "Senken und Fließwege, keine Simulation" in words
    page.click("#about-estimate > summary")
    assert "Nicht enthalten: Zeit" in page.inner_text("#about-estimate")
    visit.drawn()
    assert page.evaluate("Boolean(floodSim.map.getLayer('water'))") and features(page, "estimate-paths") > 0
    assert "Wassertiefe in Senken" in page.inner_text(".legend")


def test_a_click_tells_where_the_water_comes_from(visit):
    page = visit.page
    page.click("#tool-origin")
    visit.click_at(*PIT)
    page.wait_for_selector(".map-top .chip p:has-text(' ha')")
    visit.drawn()
    assert features(page, "origin") > 0
    page.click("#origin-close")
    assert features(page, "origin") == 0 or page.is_hidden("#origin-close")


def test_a_drawn_part_says_what_it_brings_with_it(visit):
    page = visit.page
    unfold(page, "area")
    page.click("#area-rectangle")
    visit.click_at(WEST + 40, NORTH - 100)
    visit.click_at(WEST + 80, NORTH - 70)
    page.wait_for_selector("#extent-sentence")
    assert re.search(r"gezeichnete Gebiet \(0,\d ha\)", page.inner_text("#extent-sentence"))
    visit.drawn()
    assert features(page, "area") >= 2, "the drawn part and what is computed of it"
    page.click("#area-remove")
    assert page.locator("#extent-sentence").count() == 0
    page.click("#part-area > summary")


def test_with_and_without_are_computed_and_disadvantages_come_first(visit):
    page = visit.page
    unfold(page, "storm")
    page.check("#storm-own")
    page.fill("#depth", "120")
    page.fill("#duration", "5")
    page.fill("#runoff", "3")
    assert page.inner_text("#compute") == "Mit und ohne Maßnahme rechnen"
    late = []

    def answer(route):
        """The first reply about both finished runs is from before, the second a failure: the page asks until it knows."""
        reply = route.fetch(timeout=PATIENCE_MS, max_retries=3)  # the service ends connections that rest
        told = reply.json()
        if told["state"] == "done":
            late.append(told["id"])
        if told["state"] == "done" and len(late) == 1:
            told |= {"state": "running", "figures": None, "sentences": None, "worse": [], "better": []}
        if len(late) == 2:
            route.fulfill(status=500, json={"type": "urn:flood-sim:problem:internal", "detail": "out of order"})
        else:
            route.fulfill(response=reply, json=told)

    page.route("**/comparisons/*", answer)
    page.click("#compute")
    # two runs, on a busy machine with a compilation
    page.wait_for_selector("#compare-retry, .trouble", timeout=3 * PATIENCE_MS)
    assert "out of order" in page.inner_text(".comparison")
    page.wait_for_timeout(6000)
    assert len(late) == 2, "after a failure the visitor decides when to ask again"
    page.click("#compare-retry")
    page.wait_for_selector("#worse", timeout=PATIENCE_MS)
    page.unroute("**/comparisons/*")
    assert [c for c in visit.complaints if "status of 500" not in c] == []
    visit.complaints.clear()
    said = page.inner_text(".comparison")
    assert said.index("Nachteile:") < said.index("Vorteile:") and WATER_LAW_DE in said
    visit.drawn()
    assert features(page, "measures") > 0, "measures must be on every map of a result that has them"
    legend = page.inner_text(".legend")
    assert "Unterschied (mit − ohne)" in legend and "weniger" in legend and "mehr" in legend
    visit.click_at(*PIT)
    page.wait_for_selector(".card dl")
    assert "Bestand" in page.inner_text(".card") and "mit Maßnahme" in page.inner_text(".card")
    page.keyboard.press("Escape")
    page.click("label:has(#compare-without)")
    page.wait_for_selector(".views")
    assert "Höchster Wert an jeder Stelle" in page.inner_text(".legend")
    page.click("#tab-runs")
    assert "Vergleich: mit Maßnahme" in page.inner_text(".runs")


def test_plans_are_drawn_on_the_state_without_measures(visit):
    page = visit.page
    page.click("#tab-result")
    page.click("label:has(#compare-with)")
    visit.click_at(*PIT)
    page.wait_for_selector(".card dl")
    page.click("#tab-new")
    assert page.is_hidden(".card"), "an estimate has no values of a run"
    page.click("#estimate")
    visit.drawn()
    with page.expect_request("**/value?*") as asked:
        visit.click_at(*PIT)
    without = page.evaluate("floodSim.map.getSource('water').tiles[0].match(/runs\\/([^/]+)/)[1]")
    assert f"/runs/{without}/value" in asked.value.url, "the card must read the run that the map shows"
    page.wait_for_selector(".card dl")
    assert "Bestand" in page.inner_text(".card h2") and "Bestand" in page.inner_text(".legend .sub")
    with page.expect_request("**/value?*") as asked:
        page.click("#tab-result")
    assert f"/runs/{without}/value" not in asked.value.url
    page.wait_for_selector(".card dl")
    page.focus("#card-close")
    page.keyboard.press("Enter")
    assert "maplibregl-canvas" in page.evaluate("document.activeElement.className")
    assert "Bestand" not in page.inner_text(".legend .sub")


def test_the_run_that_was_chosen_last_is_shown(visit):
    page, held = visit.page, []
    page.click("#tab-runs")
    first, second = (row.get_attribute("id").removeprefix("run-") for row in page.locator(".runs button").all()[:2])
    page.route(f"**/runs/{first}", lambda route: held.append(route))
    page.click(f"#run-{first}")
    page.click(f"#run-{second}")
    page.wait_for_function(f"() => location.hash.includes('{second}')")
    held[0].continue_()
    page.wait_for_timeout(1500)
    assert second in page.url, "a late answer must not take the place of a newer choice"
    page.unroute(f"**/runs/{first}")


def test_a_run_that_nobody_compared_misses_nothing(visit, browser, visitor):
    visit.page.click("label:has(#compare-with)")
    visit.page.wait_for_selector(".views")
    alone = visitor(browser, visit.address, viewport={"width": 1280, "height": 720})
    asked = []
    alone.page.on("request", lambda request: asked.append(request.url) if "/comparisons/" in request.url else None)
    alone.page.route("**/comparisons/*", lambda route: route.fulfill(status=404, json={"detail": "no such comparison"}))
    alone.open("#" + visit.page.url.partition("#")[2])
    alone.page.wait_for_selector(".views")
    alone.page.wait_for_timeout(6000)
    assert len(asked) == 1 and alone.page.is_hidden(".comparison")
    alone.context.close()


def test_the_forms_fit_a_phone_and_speak_english(visit, browser, visitor):
    phone = visitor(browser, visit.address, viewport={"width": 390, "height": 844})
    phone.open("#lang=en")
    phone.page.click("#tab-new")
    for part in ("surface", "area", "measures"):
        unfold(phone.page, part)
    assert "moderate" in phone.page.inner_text("#part-surface") and "Draw a rectangle" in phone.page.inner_text(
        "#part-area"
    )
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a phone would scroll sideways"
    assert phone.complaints == []
    phone.context.close()
