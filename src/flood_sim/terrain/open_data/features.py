"""Features of an OGC API - Features service, page after page.

The standard: OGC 17-069r4 (paging by links with rel=next, numberMatched,
numberReturned) and 18-058r1 (crs and bbox-crs). A page that is short of what it
says, pages that are fewer than announced and coordinates in another CRS than
asked for are errors: a building that silently is not there is a wrong map.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely

from flood_sim.errors import FetchError
from flood_sim.terrain.open_data.address import follow, said
from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.open_data.provider import Collection
from flood_sim.terrain.open_data.table import Table
from flood_sim.terrain.open_data.web import LATER, Answer, Web

MOST_PAGE_BYTES = 128 << 20
MOST_FEATURES = 3_000_000
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass
class Features:
    """Valid areas with their attributes, and what happened on the way here.

    shapes: polygons in the collection's CRS. table: one row of attributes per
    shape. matched: how many the server announced (None: it did not say). pages,
    twice: pages read, and features met again on a later page. repaired, left_out:
    ids of features whose outline was made valid, or which are no area at all.
    """

    shapes: list[shapely.Geometry] = field(default_factory=list)
    table: Table = field(default_factory=Table)
    matched: int | None = None
    pages: int = 0
    twice: int = 0
    repaired: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_features(
    web: Web, collection: Collection, bbox: Bbox, told: Callable[[int, int | None], None] = lambda done, total: None
) -> Features:
    """All features that meet `bbox` (in the collection's CRS). FetchError where the server's pages do not add up."""
    found, seen, met = Features(), set[str](), 0
    query = {
        "f": "json",
        "crs": collection.crs_uri,
        "bbox": str(bbox),
        "bbox-crs": collection.crs_uri,
        "limit": collection.page,
    }
    url: str | None = f"{collection.url}/items?{urlencode(query, safe=',:/')}"
    been: set[str] = set()
    while url is not None:
        if url in been:
            raise FetchError("the pages lead in a circle", where=url, hint="Please report it to the provider")
        been.add(url)
        answer = web.json(url, MOST_PAGE_BYTES)
        page = _page(answer, url, collection)
        matched = answer.data.get("numberMatched")
        if isinstance(matched, int) and found.pages == 0:
            found.matched = matched
        found.pages += 1
        met += len(page)
        _add(found, page, seen, url, bbox)
        told(len(seen), found.matched)
        if len(seen) > MOST_FEATURES:
            raise FetchError(
                "more features than can be", where=url, allowed=f"{MOST_FEATURES:,}", hint="Take a smaller area"
            )
        url = _next(answer.data, url) if page else None
    if found.matched is not None and met < found.matched:
        raise FetchError(
            f"the server announced {found.matched:,} features, its {found.pages} pages hold {met:,}", where=collection.url,
            hint=LATER,
        )  # fmt: skip
    return found


def stated_licence(web: Web, collection: Collection) -> str | None:
    """What the service itself says of its licence (the link rel=license of the collection); None if it says nothing."""
    try:
        data = web.json(f"{collection.url}?f=json", MOST_PAGE_BYTES).data
    except FetchError:
        return None  # no reason to go without the features themselves
    links = data.get("links") if isinstance(data, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "license":
            return said(" ".join(str(link[k]) for k in ("title", "href") if link.get(k)), 300)
    return None


def _page(answer: Answer, url: str, collection: Collection) -> list[dict[str, Any]]:
    """The features of a page, if it is a whole one."""
    data = answer.data
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        told = (
            said(data.get("detail") or data.get("title") or data.get("type"))
            if isinstance(data, dict)
            else type(data).__name__
        )
        raise FetchError(
            f"the answer is not a page of features ({told})",
            where=url,
            allowed="a GeoJSON FeatureCollection",
            hint=LATER,
        )
    returned = data.get("numberReturned")
    if isinstance(returned, int) and returned != len(features):
        raise FetchError(
            f"the page says that it holds {returned:,} features and holds {len(features):,}", where=url, hint=LATER
        )
    used = answer.headers.get("content-crs", "").strip("<> ")
    if used and re.sub(r"^https?", "", used) != re.sub(r"^https?", "", collection.crs_uri):
        raise FetchError(f"the server gives its coordinates in {said(used)}", where=url, allowed=collection.crs_uri)
    return [f for f in features if isinstance(f, dict)]


def _add(found: Features, page: list[dict[str, Any]], seen: set[str], url: str, bbox: Bbox) -> None:
    shapes, rows, ids = [], [], []
    for feature in page:
        geometry, values = feature.get("geometry"), feature.get("properties")
        own = feature.get("id")
        text = json.dumps([geometry, values], sort_keys=True) if own is None else ""
        key = f"#{hashlib.sha256(text.encode()).hexdigest()[:16]}" if own is None else said(own, 80)
        if key in seen:
            found.twice += 1
            continue
        seen.add(key)
        shape = _shape(geometry)
        area = _area(shape)
        if area is None or area.is_empty:
            found.left_out.append(key)
            continue
        if area is not shape:
            found.repaired.append(key)
        shapes.append(area)
        ids.append(key)
        rows.append(values if isinstance(values, dict) else {})
    _check_lie_here(shapes, url, bbox)
    found.shapes += shapes
    for key, row in zip(ids, rows, strict=True):
        found.table.add(key, row)


def _check_lie_here(shapes: list[shapely.Geometry], url: str, bbox: Bbox) -> None:
    """FetchError where no feature of a page comes near the area: the server then used another CRS or no bbox.

    Compared by extents, as servers may do, and with a metre of slack for their rounding.
    """
    if not shapes:
        return
    west, south, east, north = shapely.bounds(np.array(shapes, object)).T
    near = (west < bbox.east + 1) & (east > bbox.west - 1) & (south < bbox.north + 1) & (north > bbox.south - 1)
    if near.any():
        return
    degrees = max(east.max(), north.max()) <= 180
    why = " (they look like degrees: the server did not use the CRS that was asked for)" if degrees else ""
    raise FetchError(
        f"the features lie elsewhere: {west.min():.9g} to {east.max():.9g}, {south.min():.9g} to {north.max():.9g}{why}",
        where=url, allowed=f"inside {bbox}",
    )  # fmt: skip


def _shape(geometry: Any) -> shapely.Geometry | None:
    """The geometry of a GeoJSON object in two dimensions; None where there is none that can be built."""
    if not isinstance(geometry, dict):
        return None
    try:
        shape = shapely.from_geojson(json.dumps(geometry), on_invalid="ignore")
    except (shapely.GEOSException, ValueError, TypeError):
        return None
    return None if shape is None else shapely.force_2d(shape)


def _area(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The shape itself where it is a valid area, else what make_valid makes of it, else None."""
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        return None
    if shapely.get_type_id(shape) not in _AREAS:
        return None
    if shape.is_valid:
        return shape
    parts = shapely.get_parts(shapely.make_valid(shape))
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), _AREAS)])


def _next(data: dict[str, Any], url: str) -> str | None:
    """The address of the next page, on the same host; None on the last."""
    links = [
        x
        for x in data.get("links") or ()
        if isinstance(x, dict) and x.get("rel") == "next" and isinstance(x.get("href"), str)
    ]
    if not links:
        return None
    best = next((x for x in links if "json" in str(x.get("type", "json"))), links[0])
    return follow(url, best["href"], "names the next page and leads")
