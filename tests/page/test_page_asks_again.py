"""What the page asks a service that is busy, late or refuses, in a real browser: replies of the real service, some of them put in their place.

Each visitor comes anew. A reply that is no success is written to the browser's
console, so here only other complaints count.
"""

import json

import pytest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),  # screenshots have no place on Earth
]

CULVERT = {"id": "doctor-1", "line": [[360050.0, 6040100.0], [360060.0, 6040100.0]], "width_m": 1.0}
FAULTS = {
    "examined": True, "faults": [], "corrections": [{"id": "doctor-2", "kind": "cut"}], "culverts": [CULVERT], "notes": [],
    "suggestion_de": "", "suggestion_en": "",
}  # fmt: skip
EXTENT = {
    "drawn_ha": 0.1, "catchment_ha": 0.2, "computed_ha": 0.3, "sentence_de": "Gerechnet wird mehr.", "sentence_en": "",
    "outline": None, "area": None,
}  # fmt: skip


def problem(status, slug):
    return {"status": status, "json": {"type": f"urn:flood-sim:problem:{slug}", "detail": slug}}


@pytest.fixture
def visit(browser, two_houses, visitor):
    visit = visitor(browser, two_houses, viewport={"width": 1280, "height": 720})
    yield visit
    visit.context.close()
    assert [c for c in visit.complaints if "Failed to load resource" not in c] == []


def plan(visit, part):
    visit.open()
    visit.page.click("#tab-new")
    visit.page.click("#part-storm > summary")
    visit.page.click(f"#part-{part} > summary")


def click(visit, *places):
    """Click the map at pixels that no box covers."""
    for place in places:
        visit.page.mouse.click(*place)


def test_the_page_starts_though_one_question_failed_first(visit):
    refused = []

    def legend(route):
        refused.append(route)
        route.fulfill(**problem(503, "busy")) if len(refused) == 1 else route.continue_()

    visit.page.route("**/legend", legend)
    visit.open()
    page = visit.page
    assert len(refused) > 1 and page.is_visible("#tab-new") and page.query_selector(".trouble") is None
    assert page.query_selector(".legend li"), "the second answer is drawn"


def test_accepted_places_of_the_terrain_enter_a_run_that_never_showed_them(visit):
    page = visit.page
    page.route("**/faults?look=false", lambda route: route.fulfill(json=FAULTS))
    page.route(
        "**/runs", lambda r: r.fulfill(**problem(422, "scenario")) if r.request.method == "POST" else r.continue_()
    )
    visit.open()
    page.click("#tab-new")
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/runs")) as sent:
        page.click("#compute")
    scenario = json.loads(sent.value.post_data)
    assert FAULTS["corrections"][0] in scenario["terrain"]["corrections"]
    assert CULVERT in scenario["surface"]["culverts"]
    page.wait_for_selector(".foot .trouble")


def test_a_terrain_that_nobody_examined_is_not_called_faultless(visit):
    visit.open()
    visit.page.click("#tab-new")
    visit.page.wait_for_timeout(1000)
    assert "nicht geprüft" in visit.page.inner_text("#part-faults summary")
    assert "Nichts gefunden" not in visit.page.text_content("#part-faults")


def test_a_measure_that_is_put_right_is_checked_anew(visit):
    page = visit.page
    plan(visit, "measures")
    page.click("#measure-draw")
    click(visit, (600, 300), (700, 300))
    page.keyboard.press("Control+f")
    assert page.is_visible("#sketch-done"), "keys of the browser do not end a drawing"
    page.focus("#sketch-done")
    page.keyboard.press("Enter")
    assert "maplibregl-canvas" in page.evaluate("document.activeElement.className")
    checked = ".measures .fine, .measures .remarks .remark"
    page.wait_for_selector(checked)
    page.fill("#attr-height_m", "0")
    page.wait_for_selector(".measures > li > .remark.error")
    page.fill("#attr-height_m", "1")
    page.wait_for_selector(".measures > li > .remark.error", state="detached")
    page.wait_for_selector(checked)
    page.fill("#attr-height_m", "1.500")
    assert "1500" in page.inner_text("#attr-height_m-help")
    page.focus("#measure-remove")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "measure-draw"


def test_a_measure_that_names_its_buildings_comes_back_from_a_file(visit, tmp_path):
    page, file = visit.page, tmp_path / "roofs.geojson"
    roof = {"id": "roof-1", "kind": "green_roof", "buildings": "h1, h2", "storage_mm": 30}
    file.write_text(
        json.dumps(
            {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": roof, "geometry": None}]}
        )
    )
    plan(visit, "measures")
    with page.expect_request("**/measures/check") as asked:
        page.set_input_files("#measure-file", file)
    (sent,) = json.loads(asked.value.post_data)["scenario"]["measures"]
    assert sent["buildings"] == ["h1", "h2"] and not sent.get("polygon")
    page.click("#measure-roof-1")
    assert "h1, h2" in page.inner_text(".measures .editor")


def test_the_keyboard_stays_with_the_place_that_was_decided(visit):
    page = visit.page
    fault = {
        "number": 7, "rank": 1, "kind": "dam", "label_de": "Damm", "label_en": "", "sentence_de": "Ein Damm.",
        "sentence_en": "", "water_held_m3": 100.0, "state": "open", "who": "", "note": "", "lon": 6.84, "lat": 54.4895,
        "geometry": None,
        "proposal": {"kind": "cut", "geometry": {"type": "LineString", "coordinates": [[6.84, 54.4895], [6.8401, 54.4895]]}},
    }  # fmt: skip
    page.route("**/faults?look=false", lambda route: route.fulfill(json=FAULTS | {"faults": [fault]}))
    page.route("**/faults/7", lambda route: route.fulfill(json=FAULTS | {"faults": [fault | {"state": "accepted"}]}))
    plan(visit, "faults")
    page.click("#fault-7")
    page.fill("#fault-who", "Amt")
    page.focus("#fault-accept")
    page.keyboard.press("Enter")
    page.wait_for_selector("#part-faults .accepted")
    assert page.evaluate("document.activeElement.id") == "fault-7"


@pytest.mark.parametrize(("slug", "status", "again"), [("terrain", 422, False), ("busy", 503, True)])
def test_only_what_passes_by_itself_is_asked_again(visit, slug, status, again):
    page, asked = visit.page, []

    def extent(route):
        asked.append(route)
        route.fulfill(**problem(status, slug)) if len(asked) < 3 else route.fulfill(json=EXTENT)

    page.route("**/extent", extent)
    plan(visit, "area")
    page.click("#area-rectangle")
    click(visit, (600, 300), (700, 400))
    page.wait_for_selector("#part-area .remark.error")
    if again:
        page.wait_for_selector("#extent-sentence")
    else:
        page.wait_for_timeout(3000)
        assert len(asked) == 1
