"""Coordinate reference systems: only projected ones in metres carry a computation.

Heights and lengths share one unit, so a CRS in degrees or feet is refused and
the right UTM zone is offered instead.
"""

from __future__ import annotations

import math
import re
import warnings

from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError

from flood_sim.terrain import hints
from flood_sim.terrain.findings import Finding, Severity, refuse
from flood_sim.terrain.header import Header

EARTH_RADIUS_M = 6_371_000.0

DISTORTION_ERROR = 0.10
DISTORTION_WARNING = 0.01
"""How far a metre of the map may be from a metre on the ground (UTM: at most 0.001)."""


def parse_crs(text: str) -> CRS:
    """A CRS from what a user wrote (EPSG:25832, 25832, WKT); Refusal if it is not one."""
    try:
        return CRS.from_user_input(int(text) if re.fullmatch(r"\s*\d{4,6}\s*", text) else text)
    except CRSError:
        raise refuse(
            "crs_unknown", f"the coordinate reference system {text!r} is not known", "Write it like EPSG:25832"
        ) from None


def describe(crs: CRS) -> str:
    """Name and, where there is one, EPSG code."""
    code = crs.to_epsg()
    return f"EPSG:{code} ({crs.name})" if code else str(crs.name)


def horizontal(crs: CRS) -> CRS:
    """The part of a CRS that places points on the map: without height axis and without datum shift.

    Given back as the registered CRS where it is one, whatever a file called it.
    """
    if crs.is_bound and crs.source_crs is not None:
        return horizontal(crs.source_crs)
    if crs.is_compound:
        return horizontal(crs.sub_crs_list[0])
    flat = crs.to_2d() if len(crs.axis_info) == 3 and not crs.is_geocentric else crs
    code = flat.to_epsg()
    return CRS.from_epsg(code) if code else flat


def same_crs(one: CRS, other: CRS) -> bool:
    """Whether both place points alike (axis order and spelling of names do not count)."""
    one, other = horizontal(one), horizontal(other)
    return one.equals(other, ignore_axis_order=True)


def utm_for(longitude: float, latitude: float) -> str:
    """EPSG code of the UTM zone around a point: ETRS89 in Europe, WGS 84 elsewhere."""
    zone = min(60, max(1, int(math.floor((longitude + 180.0) / 6.0)) + 1))
    if 28 <= zone <= 38 and 34.0 <= latitude <= 72.0 and longitude <= 45.0:
        return f"EPSG:{25800 + zone}"
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"


def lon_lat(crs: CRS, x: float, y: float) -> tuple[float, float] | None:
    """Longitude and latitude in degrees (WGS 84) of a point, None where the CRS does not reach."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lon, lat = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True).transform(x, y)
    except (ProjError, CRSError):
        return None
    inside = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180.0 and abs(lat) <= 90.0
    return (lon, lat) if inside else None


def warp_hint(crs: CRS, header: Header) -> str:
    """How to bring a raster in this CRS into the right UTM zone."""
    point = lon_lat(crs, *header.centre)
    axis = crs.axis_info[0]
    metres = EARTH_RADIUS_M * axis.unit_conversion_factor if crs.is_geographic else axis.unit_conversion_factor
    return hints.project(header, utm_for(*point) if point else "EPSG:25832", metres)


def check_crs(crs: CRS, header: Header) -> list[Finding]:
    """Is it projected, in metres, undistorted at the centre of this raster and meant for this place?"""
    flat = horizontal(crs)
    if flat.is_geographic:
        text = f"the CRS {describe(flat)} is geographic: its cells are measured in degrees, not in metres"
        return [Finding("crs_geographic", "error", text, warp_hint(flat, header))]
    if not flat.is_projected:
        text = f"the CRS {describe(flat)} is not a projected one"
        return [Finding("crs_not_projected", "error", text, "Give the projected CRS of the data, like EPSG:25832")]
    found = _check_units(crs, flat, header)
    if crs.is_compound and not found:
        text = f"the CRS names a height system too ({crs.name}); only its horizontal part {describe(flat)} is used"
        found.append(Finding("crs_reduced", "info", text))
    return found + _check_place(flat, header)


def _check_units(crs: CRS, flat: CRS, header: Header) -> list[Finding]:
    factor, unit = flat.axis_info[0].unit_conversion_factor, flat.axis_info[0].unit_name
    if abs(factor - 1.0) > 1e-9:
        text = f"the CRS {describe(flat)} measures in {unit} ({factor:g} m), not in metres"
        return [Finding("crs_not_metres", "error", text, warp_hint(flat, header))]
    vertical = [a for a in crs.axis_info if a.direction.lower() in ("up", "down")]
    if vertical and abs(vertical[0].unit_conversion_factor - 1.0) > 1e-9:
        axis = vertical[0]
        text = f"the heights are in {axis.unit_name} ({axis.unit_conversion_factor:g} m) by the file's CRS ({crs.name})"
        return [Finding("heights_not_metres", "error", text, hints.to_metres(header, axis.unit_conversion_factor))]
    return []


def _check_place(flat: CRS, header: Header) -> list[Finding]:
    x, y = header.centre
    point = lon_lat(flat, x, y)
    area = flat.area_of_use
    here = f"E {x:.0f}, N {y:.0f}"
    outside = point is None or (
        area is not None
        and not (area.west - 1.5 <= point[0] <= area.east + 1.5 and area.south - 1 <= point[1] <= area.north + 1)
    )
    if outside and 1e6 <= x < 6.1e7:
        text = f"the eastings carry a zone number in front ({here}), which {describe(flat)} does not have"
        return [Finding("crs_zone_prefix", "error", text, "Data of zone 32 with a leading 32 is EPSG:4647")]
    if outside:
        where = f" (longitude {point[0]:.2f}, latitude {point[1]:.2f})" if point else ""
        text = f"the centre {here}{where} lies outside the area of {describe(flat)}: probably the wrong CRS"
        return [Finding("crs_wrong_place", "warning", text, "Check the CRS; a local test terrain may ignore this")]
    if point is None:
        return []
    return _check_distortion(flat, header, *point)


def _check_distortion(flat: CRS, header: Header, lon: float, lat: float) -> list[Finding]:
    try:
        factors = Proj(flat).get_factors(lon, lat)
    except (ProjError, CRSError):
        return []
    scales = (factors.meridional_scale, factors.parallel_scale)
    worst = max(scales, key=lambda s: abs(s - 1.0))
    if not math.isfinite(worst) or abs(worst - 1.0) <= DISTORTION_WARNING:
        return []
    text = (
        f"in {describe(flat)} a metre on the ground is {worst:.3f} m on the map here, so slopes and volumes are wrong"
    )
    severity: Severity = "error" if abs(worst - 1.0) > DISTORTION_ERROR else "warning"
    return [Finding("crs_distorts", severity, text, hints.project(header, utm_for(lon, lat), 1 / worst))]
