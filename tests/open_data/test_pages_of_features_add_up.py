"""Every feature of the service arrives once, whole, with its attributes, or the fetch says what is wrong.

OGC 17-069r4: pages follow the link rel=next; numberReturned is that of the page,
numberMatched that of the whole answer. Truth: the list that the server pages.
"""

import numpy as np
import pyogrio
import pytest
import shapely

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data import NRW


@pytest.fixture
def paged(monkeypatch):
    """Pages of two features, so that three houses need two."""
    monkeypatch.setattr(NRW, "page", 2)


def columns(path):
    """id -> {attribute: value} and id -> geometry of a GeoPackage."""
    meta, _, wkb, values = pyogrio.raw.read(path)
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*values, strict=True)]
    return {r["id"]: r for r in rows}, dict(zip((r["id"] for r in rows), shapely.from_wkb(wkb), strict=True)), meta


def test_all_pages_all_attributes(server, get, paged):
    server.features["gebaeude_bauwerk"][1]["properties"] |= {
        "name": "Schule",
        "teile": [1, 2],
        "hoch": True,
        "hoehe_m": 3.5,
    }
    fetched = get()
    rows, shapes, meta = columns(fetched.buildings)
    assert list(rows) == ["DENW0", "DENW1", "DENW2"] and meta["crs"] == "EPSG:25832"
    assert pyogrio.list_layers(fetched.buildings)[0][0] == "buildings"
    assert [rows[k]["anzahlgs"] for k in rows] == [0, 1, 2] and {r["funktion"] for r in rows.values()} == {"Wohnhaus"}
    assert rows["DENW1"]["aktualit"] == "2023-02-15" and rows["DENW1"]["teile"] == "[1, 2]"
    assert rows["DENW1"]["name"] == "Schule" and rows["DENW0"]["name"] is None
    assert rows["DENW1"]["hoehe_m"] == 3.5 and np.isnan(rows["DENW0"]["hoehe_m"])
    for feature in server.features["gebaeude_bauwerk"]:
        assert shapes[feature["id"]].equals(shapely.geometry.shape(feature["geometry"]))
    facts = fetched.manifest["layers"]["buildings"]
    assert (facts["features"], facts["announced"], facts["pages"]) == (3, 3, 2)
    assert facts["dates"] == {"aktualit": ["2023-01-15", "2023-03-15"]}
    assert facts["licence_stated"] == "Datenlizenz Deutschland Zero https://www.govdata.de/dl-de/zero-2-0"
    uses, _, _ = columns(fetched.land_use)
    assert {r["nutzart"] for r in uses.values()} == {"Wohnbaufläche", "Straßenverkehr"}


def test_names_that_a_geopackage_has_for_itself(server, get):
    server.features["gebaeude_bauwerk"] = [
        {**f, "properties": {"id": 7, "fid": 8, "geom": "x", "Name": "a", "name": "b"}}
        for f in server.features["gebaeude_bauwerk"]
    ]
    rows, _, _ = columns(get().buildings)
    assert rows["DENW0"] == {"id": "DENW0", "id_": 7, "fid_": 8, "geom_": "x", "Name": "a", "name_": "b"}


def test_a_feature_on_two_pages_counts_once(server, get, paged):
    server.features["gebaeude_bauwerk"].insert(2, server.features["gebaeude_bauwerk"][0])
    fetched = get()
    assert list(columns(fetched.buildings)[0]) == ["DENW0", "DENW1", "DENW2"]
    assert any("1 features came on two pages and count once" in n for n in fetched.notes)


def test_features_without_an_id(server, get, paged):
    for f in server.features["gebaeude_bauwerk"]:
        del f["id"]
    server.features["gebaeude_bauwerk"].append(dict(server.features["gebaeude_bauwerk"][0]))
    assert len(columns(get().buildings)[0]) == 3


def test_crossing_edges_are_repaired_and_what_is_no_area_is_listed(server, get, make):
    bow = {
        "type": "Polygon",
        "coordinates": [
            [[372900, 5678900], [372910, 5678910], [372910, 5678900], [372900, 5678910], [372900, 5678900]]
        ],
    }
    line = {"type": "LineString", "coordinates": [[372900, 5678900], [372950, 5678950]]}
    open_ring = {"type": "Polygon", "coordinates": [[[372900, 5678900], [372910, 5678900]]]}
    high = {
        "type": "Polygon",
        "coordinates": [[[372900, 5678900, 99], [372910, 5678900, 99], [372910, 5678910, 99], [372900, 5678900, 99]]],
    }
    odd = {
        "bow": bow,
        "line": line,
        "ring": open_ring,
        "null": None,
        "words": {"type": "Polygon", "coordinates": "x"},
        "high": high,
    }
    server.features["gebaeude_bauwerk"] += [make.feature(k, g) for k, g in odd.items()]
    fetched = get()
    _, shapes, _ = columns(fetched.buildings)
    assert shapes["bow"].is_valid and shapes["bow"].area == pytest.approx(50.0) and not shapes["high"].has_z
    facts = fetched.manifest["layers"]["buildings"]
    assert facts["repaired"] == ["bow"] and facts["left_out"] == ["line", "ring", "null", "words"]
    assert any("1 features with crossing edges repaired: bow" in n for n in fetched.notes)
    assert any("4 features without an area left out: line, ring, null, words" in n for n in fetched.notes)


def test_an_empty_area_is_said(server, get):
    server.features["gebaeude_bauwerk"] = []
    fetched = get()
    assert fetched.buildings is None and not (fetched.folder / "buildings.gpkg").exists()
    assert (
        any("no buildings in this area" in n for n in fetched.notes)
        and "buildings:" not in fetched.scenario.read_text()
    )


def changed(**how):
    """A server that changes its first page of buildings."""

    def change(page, name, offset):
        return {**page, **how} if name == "gebaeude_bauwerk" and offset == 0 else page

    return change


def elsewhere(page, name, offset):
    return {**page, "links": [{"rel": "next", "href": "http://example.org/collections/x/items"}]}


def empty_page(page, name, offset):
    """The second page has no features, but another link."""
    return {**page, "features": [], "numberReturned": 0} if name == "gebaeude_bauwerk" and offset else page


FAULTY = {
    "an empty page before the end": (empty_page, r"announced 3 features, its 2 pages hold 2"),
    "fewer pages than announced": (changed(links=[]), r"announced 3 features, its 1 pages hold 2"),
    "a page short of what it says": (changed(numberReturned=99), r"says that it holds 99 features and holds 2"),
    "a problem document": (
        changed(type="Exception", title="Wartung", features=None),
        r"is not a page of features \(Wartung\)",
    ),
    "no features at all": (changed(features="x"), r"is not a page of features"),
    "a next page elsewhere": (elsewhere, r"names the next page and leads to another place \(http://example\.org\)"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_pages_that_do_not_add_up(server, get, paged, tmp_path, cached, case):
    server.change_page, reason = FAULTY[case]
    with pytest.raises(FetchError, match=reason) as caught:
        get()
    assert "\n" not in str(caught.value) and not (tmp_path / "city").exists()
    assert len(cached()) == 4  # the terrain is not fetched again
    server.change_page = None
    assert get().buildings.is_file()


def test_pages_in_a_circle(server, get, paged):
    """The second page names itself as the next."""

    def change(page, name, offset):
        if name == "gebaeude_bauwerk" and offset:
            page["links"] = [{"rel": "next", "href": server.asked[-1].path}]
        return page

    server.change_page = change
    with pytest.raises(FetchError, match="the pages lead in a circle"):
        get()


def test_another_crs_than_asked_for(server, get):
    server.content_crs = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    with pytest.raises(FetchError, match=r"gives its coordinates in .*CRS84; allowed: .*25832"):
        get()


def test_degrees_without_a_word(server, get, make):
    """A server that ignores crs= and says nothing is found out by where its features lie."""
    server.content_crs, server.by_bbox = None, False
    server.features["gebaeude_bauwerk"] = [make.feature("a", make.square(7.17, 51.24, 0.001))]
    with pytest.raises(FetchError, match=r"features lie elsewhere: 7\.17 .*look like degrees"):
        get()


@pytest.mark.parametrize(
    ("fault", "reason"), [("always html", r"web page \(HTML\)"), ("always 503", "503"), ("always cut 50", "broke off")]
)
def test_a_page_that_does_not_come(server, get, fault, reason):
    server.fault("gebaeude_bauwerk/items", fault)
    with pytest.raises(FetchError, match=reason):
        get()
    assert get(buildings=False).buildings is None


def test_a_page_that_comes_at_the_second_try(server, get):
    server.fault("gebaeude_bauwerk/items", "503 0", "cut 50")
    assert len(columns(get().buildings)[0]) == 3
