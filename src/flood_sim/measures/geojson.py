"""Measures as GeoJSON: one feature each, its attributes the keys of the measure.

Coordinates are those of a `crs` member (`urn:ogc:def:crs:EPSG::25832`), else of
the CRS that the caller names, else longitude and latitude (RFC 7946); they are
brought to the CRS of the terrain.
"""

from __future__ import annotations

import difflib
import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
import shapely
from pydantic import BaseModel
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from flood_sim import geojson
from flood_sim.errors import ScenarioError
from flood_sim.measures.apply import check_ids
from flood_sim.measures.shape import drawn
from flood_sim.measures.words import LABELS
from flood_sim.scenario.measures import GreenRoof, Measure, Threshold
from flood_sim.terrain.crs import describe, horizontal, parse_crs, same_crs
from flood_sim.terrain.findings import Refusal, refusals_as_errors
from flood_sim.terrain.source import find_file

LARGEST_FILE = 32 << 20
MOST_FEATURES = 1000
MOST_CORNERS = 10_000
KINDS: dict[str, type[BaseModel]] = {m.model_fields["kind"].default: m for m in get_args(get_args(Measure)[0])}
OF_TOOLS = {"fid", "ogc_fid", "label_de", "label_en", "layer", "path"}
"""Attributes that map programs and `features` add; they are not read."""
STYLE = ("marker-", "stroke", "fill")
WORDS = {"LineString": "line", "Polygon": "polygon", "Point": "point"}


def read_measures(path: str | os.PathLike[str], terrain_crs: CRS, *, crs: str | None = None) -> tuple[Measure, ...]:
    """The measures of a GeoJSON file in the terrain's CRS; ScenarioError names the feature, the attribute and what is allowed."""
    with refusals_as_errors(path):
        file = find_file(path)
    where = file.name
    if file.stat().st_size > LARGEST_FILE:
        raise ScenarioError(
            "is too large for a file of measures", where=where, value=f"{file.stat().st_size:,} bytes", allowed=f"at most {LARGEST_FILE:,}"
        )  # fmt: skip
    try:
        data = json.loads(file.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"is not valid JSON: {' '.join(str(error).split())[:120]}", where=where) from None
    return from_features(data, terrain_crs, crs=crs, where=where)


def from_features(data: Any, terrain_crs: CRS, *, crs: str | None = None, where: str = "GeoJSON") -> tuple[Measure, ...]:  # fmt: skip
    """As `read_measures`, from a FeatureCollection or a Feature as plain data."""
    kind = data.get("type") if isinstance(data, dict) else None
    features = data.get("features") if kind == "FeatureCollection" else [data] if kind == "Feature" else None
    if not isinstance(features, list):
        raise ScenarioError("holds no measures", where=where, value=f"type {kind!r:.40}", allowed="a GeoJSON FeatureCollection")  # fmt: skip
    if len(features) > MOST_FEATURES:
        raise ScenarioError("holds too many features", where=where, value=len(features), allowed=f"at most {MOST_FEATURES}")  # fmt: skip
    to_terrain = _turner(data, terrain_crs, crs, where)
    measures = []
    for number, feature in enumerate(features, start=1):
        measures.append(_measure(feature, number, to_terrain, where))
    check_ids(measures)
    return tuple(measures)


def features(measures: Sequence[Measure], crs: CRS, site_polygons: Mapping[str, shapely.Geometry] | None = None) -> dict[str, Any]:  # fmt: skip
    """The measures for a map: a FeatureCollection in longitude and latitude, with labels in German and English.

    site_polygons: footprints by id, for measures that name buildings; a measure
    without any geometry is still listed, with geometry null.
    """
    shapes = [_shown(m, site_polygons or {}) for m in measures]
    attributes = [_attributes(m) for m in measures]
    placed = geojson.collection([s for s in shapes if s is not None], [a for a, s in zip(attributes, shapes, strict=True) if s is not None], crs)  # fmt: skip
    rest = [
        {"type": "Feature", "properties": a, "geometry": None} for a, s in zip(attributes, shapes, strict=True) if s is None
    ]  # fmt: skip
    return {**placed, "features": placed["features"] + rest}


def to_features(measures: Sequence[Measure], crs: CRS) -> dict[str, Any]:
    """The measures for editing: a FeatureCollection in `crs`, unrounded; `from_features` gives the same measures back."""
    code = horizontal(crs).to_epsg()
    if code is None:
        raise ScenarioError("GeoJSON names a CRS by its EPSG code, and this one has none", value=crs.name)
    items = []
    for measure in measures:
        shape = drawn(measure)
        geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
        items.append({"type": "Feature", "properties": _attributes(measure), "geometry": geometry})
    named = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
    return {"type": "FeatureCollection", "crs": named, "features": items}


def _attributes(measure: Measure) -> dict[str, Any]:
    data = measure.model_dump(mode="json", exclude={"line", "polygon", "point"}, exclude_defaults=True)
    if "inverts_m" in data:
        data["invert_up_m"], data["invert_down_m"] = data.pop("inverts_m")
    if "buildings" in data:
        data["buildings"] = ", ".join(data["buildings"])
    label_de, label_en = LABELS[measure.kind]
    return {"id": measure.id, "kind": measure.kind, "label_de": label_de, "label_en": label_en, **data}


def _grouped(given: dict[str, Any], where: str) -> dict[str, Any]:
    """Lists from the plain attributes that a map program can hold: ids in one text, inverts in two numbers."""
    if isinstance(given.get("buildings"), str):
        given["buildings"] = [b.strip() for b in given["buildings"].replace(";", ",").split(",") if b.strip()]
    up, down = (given.pop(name, None) for name in ("invert_up_m", "invert_down_m"))
    if (up is None) != (down is None):
        raise ScenarioError(f"invert_{'up' if up is None else 'down'}_m is missing", where=where, allowed="both inverts or none")  # fmt: skip
    return given if up is None else {**given, "inverts_m": (up, down)}


def _shown(measure: Measure, polygons: Mapping[str, shapely.Geometry]) -> shapely.Geometry | None:
    shape = drawn(measure)
    if shape is None and isinstance(measure, GreenRoof | Threshold):
        roofs = [polygons[name] for name in measure.buildings if name in polygons]
        return shapely.union_all(roofs) if roofs else None
    return shape


class _Turner:
    """Brings coordinates to the terrain's CRS."""

    def __init__(self, source: CRS, target: CRS, *, assumed: bool) -> None:
        self.source, self.target, self.assumed = source, target, assumed
        self.same = same_crs(source, target)
        self.transformer = None if self.same else Transformer.from_crs(horizontal(source), horizontal(target), always_xy=True)  # fmt: skip

    def turn(self, xy: np.ndarray, where: str) -> list[tuple[float, float]]:
        if self.source.is_geographic and ((np.abs(xy[:, 0]) > 180).any() or (np.abs(xy[:, 1]) > 90).any()):
            raise ScenarioError(
                "the coordinates are no longitude and latitude" + (", which GeoJSON has unless it names a CRS" if self.assumed else ""),
                where=where, value=f"{xy[0, 0]:.12g}, {xy[0, 1]:.12g}", allowed="-180 to 180 and -90 to 90",
                hint=f"Name their CRS: --crs, or a crs member; the terrain has {describe(self.target)}",
            )  # fmt: skip
        if self.transformer is not None:
            try:
                xy = np.column_stack(self.transformer.transform(xy[:, 0], xy[:, 1], errcheck=True))
            except ProjError:
                xy = np.full(xy.shape, np.nan)
        if not np.isfinite(xy).all():
            raise ScenarioError(f"cannot be brought from {describe(self.source)} to {describe(self.target)}", where=where)  # fmt: skip
        return [(float(x), float(y)) for x, y in xy]


def _turner(data: dict[str, Any], terrain_crs: CRS, crs: str | None, where: str) -> _Turner:
    member = data.get("crs")
    name = crs
    if member is not None:
        try:
            name = member["properties"]["name"]
        except (TypeError, KeyError):
            raise ScenarioError("its crs member names no CRS", where=where, allowed='{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}') from None  # fmt: skip
        if not isinstance(name, str) or not name.upper().startswith(("URN:OGC:DEF:CRS:", "EPSG:")):
            raise ScenarioError("unknown CRS", where=f"{where}, crs", value=f"{name!r:.60}", allowed="for example urn:ogc:def:crs:EPSG::25832")  # fmt: skip
    if name is None:
        return _Turner(CRS.from_epsg(4326), terrain_crs, assumed=True)
    try:
        return _Turner(parse_crs(name), terrain_crs, assumed=False)
    except (Refusal, CRSError):
        raise ScenarioError("unknown CRS", where=f"{where}, crs", value=f"{name:.60}", allowed="for example EPSG:25832") from None  # fmt: skip


def _measure(feature: Any, number: int, turner: _Turner, where: str) -> Measure:
    here = f"{where}: feature {number}"
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        raise ScenarioError("is no GeoJSON feature", where=here)
    given = {k: v for k, v in (feature.get("properties") or {}).items() if v is not None and v != ""}
    given = {k: v for k, v in given.items() if k not in OF_TOOLS and not k.startswith(STYLE)}
    kind = given.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        close = difflib.get_close_matches(str(kind), KINDS, n=1)
        said = "its attribute kind is missing" if kind is None else f"unknown kind {kind!r:.40}"
        hint = f"Did you mean {close[0]}?" if close else None
        raise ScenarioError(said, where=here, allowed=", ".join(KINDS), hint=hint)
    own = feature.get("id")
    given.setdefault("id", str(own) if isinstance(own, str | int) else f"{kind}-{number}")
    here = f"{here} ({given['id']}, {kind})"
    given = _grouped(given, here)
    given |= _geometry(feature.get("geometry"), model, given, turner, here)
    try:
        return model(**given)  # type: ignore[return-value]
    except ScenarioError as error:
        raise ScenarioError(error.what, where=here) from None


def _geometry(geometry: Any, model: type[BaseModel], given: Mapping[str, Any], turner: _Turner, where: str) -> dict[str, Any]:  # fmt: skip
    """The key of the measure that holds its geometry, and the points."""
    takes = [word for word in WORDS.values() if word in model.model_fields]
    if geometry is None and "buildings" in given:
        return {}
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    parts = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(kind, str) and kind.startswith("Multi") and isinstance(parts, list | tuple) and len(parts) == 1:
        kind, parts = kind.removeprefix("Multi"), parts[0]
    word = WORDS.get(kind) if isinstance(kind, str) else None
    if word not in takes:
        raise ScenarioError(
            f"is drawn as {kind or 'nothing'}", where=where, allowed=" or ".join(takes),
            hint="Draw each part as a measure of its own" if str(kind).startswith("Multi") else None,
        )  # fmt: skip
    if word == "polygon" and isinstance(parts, list | tuple):
        if len(parts) != 1:
            raise ScenarioError("its polygon has holes", where=where, value=f"{len(parts) - 1} holes", allowed="none", hint="Draw it as several polygons")  # fmt: skip
        parts = parts[0]
    xy = _points([parts] if word == "point" else parts, where)
    points = turner.turn(xy, where)
    if word == "polygon" and len(points) > 3 and points[0] == points[-1]:
        points = points[:-1]
    return {str(word): points[0] if word == "point" else tuple(points)}


def _points(parts: Any, where: str) -> np.ndarray:
    try:
        points = [(float(p[0]), float(p[1])) for p in parts]
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise ScenarioError("its coordinates are not pairs of numbers", where=where) from None
    if not points or not all(math.isfinite(v) for p in points for v in p):
        raise ScenarioError("its coordinates are empty or not finite", where=where)
    if len(points) > MOST_CORNERS:
        raise ScenarioError("has too many corners", where=where, value=len(points), allowed=f"at most {MOST_CORNERS:,}")
    return np.array(points)
