"""What a file must be before it is registered, and the facts kept of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from pyproj import CRS
from rasterio.warp import transform_bounds

from flood_sim.errors import ScenarioError, TerrainError
from flood_sim.rain import field_file
from flood_sim.rain.gauge_file import read_gauges
from flood_sim.registry.kinds import Kind
from flood_sim.surface.land_cover import read_table
from flood_sim.surface.point_file import read_hydrographs, read_points
from flood_sim.terrain.check import check_dem
from flood_sim.terrain.crs import horizontal, parse_crs
from flood_sim.terrain.dem import SYNTHETIC_TAG
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.raster import open_raster
from flood_sim.terrain.source import read_head
from flood_sim.terrain.vector_file import FOOTPRINTS, check_kind

LONLAT = CRS.from_epsg(4326)


STAND_IN = CRS.from_epsg(25832)
"""Readings are checked before they belong to a terrain: where it lies changes none of their faults."""


def for_kind(kind: Kind, crs: str | None) -> Callable[[Path], dict[str, Any]]:
    """The check of a kind of file: gives facts, raises TerrainError or ScenarioError."""
    match kind:
        case "dem":
            return partial(check_terrain, crs=crs)
        case "raster":
            return partial(check_raster, crs=crs)
        case "table":
            return check_points
        case "cover_table":
            return check_cover_table
        case "rain":
            return check_rain
        case "vector":
            return check_shapes
        case _:
            return check_vector


def check_terrain(path: Path, crs: str | None = None) -> dict[str, Any]:
    """A DEM that a run would accept; all its faults in one message.

    Facts: rows, cols, cell_m, epsg, bounds_wgs84 (west, south, east, north),
    synthetic (TIFF tag FLOOD_SIM_SYNTHETIC), name (TIFF image description).
    """
    report = check_dem(path, crs=crs)
    faults = [f for f in report.findings if f.severity == "error"]
    if faults:
        hints = " ".join(dict.fromkeys(f.hint for f in faults if f.hint))
        raise TerrainError("; ".join(f.text.rstrip(".") for f in faults), hint=hints or None)
    return _raster_facts(path, crs)


def check_raster(path: Path, crs: str | None = None) -> dict[str, Any]:
    """Any one-band raster in a CRS: land cover, roughness, initial depth."""
    return _raster_facts(path, crs)


def check_vector(path: Path) -> dict[str, Any]:
    """A GeoPackage or GeoJSON with a CRS; facts: its layers and the number of features of the first."""
    with refusals_as_errors(path):
        check_kind(path, read_head(path), FOOTPRINTS)  # GDAL would open far more, a list of other files too
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        info = pyogrio.read_info(path, layer=layers[0])
    except Exception as error:  # pyogrio has no common base class for what GDAL reports
        raise TerrainError(
            f"is not a readable vector file ({type(error).__name__})", where=path.name, allowed="GeoPackage, GeoJSON"
        ) from None
    if not info["crs"]:
        raise TerrainError("has no coordinate reference system", where=path.name, hint="Set its CRS, e.g. EPSG:25832")
    return {"layers": layers, "features": int(info["features"]), "crs": str(info["crs"])}


def check_shapes(path: Path) -> dict[str, Any]:
    """As `check_vector`; `form` says whether it holds lines or areas, where the file itself says so."""
    facts = check_vector(path)
    kinds = [str(kind) for _, kind in pyogrio.list_layers(path)]
    held = [form for form, word in (("lines", "LineString"), ("areas", "Polygon")) if any(word in k for k in kinds)]
    if not held and not any(k.split(" ")[0] in ("Unknown", "GeometryCollection") for k in kinds):
        raise TerrainError("holds neither lines nor areas", where=path.name, value=", ".join(kinds)[:80])
    return {**facts, "form": held[0] if len(held) == 1 else None}


def check_points(path: Path) -> dict[str, Any]:
    """Inlets, or manholes where the file has a column `time_min`; facts: form, number and extent of the points."""
    head = next((line for line in _head(path) if line.strip() and not line.lstrip().startswith("#")), "")
    if "time_min" in head.lower():
        found = read_hydrographs(path)
        facts = {"form": "manholes", "volume_m3": round(float(found.volume.sum()), 3),
                 "duration_min": round(float(found.times[-1]) / 60, 3)}  # fmt: skip
        points = found.points
    else:
        points, facts = read_points(path), {"form": "inlets"}
    extent = [float(v) for v in (points.x.min(), points.y.min(), points.x.max(), points.y.max())]
    return {**facts, "points": len(points.ids), "bounds": extent}


def check_cover_table(path: Path) -> dict[str, Any]:
    """An edited land-cover table; facts: its number of classes."""
    return {"classes": len(read_table(path).classes)}


def check_rain(path: Path) -> dict[str, Any]:
    """Readings of gauges (CSV) or a rain field (GeoTIFF); facts: form, duration_min, and what it says of itself."""
    if path.suffix.lower() in (".csv", ".txt"):
        readings = read_gauges(path, STAND_IN)
        ends = [reading.end_s for station in readings.stations for reading in station.readings]
        begins = [r.end_s - r.lasting_s for s in readings.stations for r in s.readings if r.lasting_s is not None]
        begin = min([*ends, *begins])
        return {
            "form": "gauges",
            "stations": len(readings.stations),
            "begin": readings.time(begin),
            "duration_min": round((max(ends) - begin) / 60, 3),
        }
    field = field_file.read(path)
    return {
        "form": "field",
        "begin": None if field.start is None else field.start.isoformat(),
        "duration_min": round(field.edges_s[-1] / 60, 3),
        "largest_mm": round(float(np.nan_to_num(field.total_mm()).max()), 3),
        "bounds": [float(v) for v in field.grid.bounds],
        "crs": field.grid.crs.to_string(),
        "name": field.label or None,
        "source": field.source,
        "licence": field.licence,
    }


def _head(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(64 << 10).splitlines()
    except UnicodeDecodeError:
        raise ScenarioError("is no text in UTF-8", where=path.name, hint="Save it as CSV (UTF-8)") from None


def _raster_facts(path: Path, crs: str | None) -> dict[str, Any]:
    with refusals_as_errors(path):
        header = open_raster(path).header
        named = header.crs or (parse_crs(crs) if crs else None)
    if header.bands != 1:
        raise TerrainError("has more than one band", where=path.name, value=header.bands, allowed="one band")
    if named is None:
        raise TerrainError("has no coordinate reference system", where=path.name, hint="Give it, e.g. --crs EPSG:25832")
    system = horizontal(named)
    (west, north), (east, south) = header.at(0, 0), header.at(header.rows, header.cols)
    bounds = [west, south, east, north]
    lonlat = transform_bounds(system.to_wkt(), LONLAT.to_wkt(), *bounds, densify_pts=21)
    if not np.all(np.isfinite(lonlat)):
        raise TerrainError("lies outside its coordinate reference system", where=path.name, value=tuple(bounds))
    return {
        "rows": header.rows,
        "cols": header.cols,
        "cell_m": header.cell,
        "epsg": system.to_epsg(),
        "crs_wkt": system.to_wkt(),
        "bounds": bounds,
        "bounds_wgs84": [round(float(v), 7) for v in lonlat],
        "synthetic": header.tags.get(SYNTHETIC_TAG) == "1",
        "name": header.tags.get("TIFFTAG_IMAGEDESCRIPTION"),
    }
