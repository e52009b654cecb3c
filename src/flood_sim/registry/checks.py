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

from flood_sim.errors import TerrainError
from flood_sim.terrain.check import check_dem
from flood_sim.terrain.crs import horizontal, parse_crs
from flood_sim.terrain.dem import SYNTHETIC_TAG
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.raster import open_raster
from flood_sim.terrain.source import read_head
from flood_sim.terrain.vector_file import FOOTPRINTS, check_kind

LONLAT = CRS.from_epsg(4326)


def for_kind(kind: str, crs: str | None) -> Callable[[Path], dict[str, Any]]:
    """The check of a kind of file: gives facts, raises TerrainError."""
    if kind == "dem":
        return partial(check_terrain, crs=crs)
    if kind == "raster":
        return partial(check_raster, crs=crs)
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
