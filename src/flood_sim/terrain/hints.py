"""Ways out of a bad DEM: commands of `rio`, which is installed with this program, ready to paste."""

from __future__ import annotations

from flood_sim.terrain.header import Header

QGIS = "in QGIS: Export > Save as"


def project(header: Header, target: str, metres_per_unit: float = 1.0) -> str:
    """Bring a raster into another CRS, north-up, with square cells of about the same size in metres."""
    if header.driver != "GTiff":
        return f"Project it to {target} first ({QGIS} > GeoTIFF)"
    size = header.cell * metres_per_unit
    size = float(f"{size:.1g}") if metres_per_unit != 1.0 else size
    return f"Project it to {target} first: {_warp(header, size)} --dst-crs {target} --resampling bilinear"


def straighten(header: Header, size: float) -> str:
    """Make a rotated, south-up or oblong raster regular."""
    target = header.crs.to_epsg() if header.crs is not None else None
    return f"Make it regular: {_warp(header, size)} --dst-crs EPSG:{target or 25832}"


def to_metres(header: Header, factor: float | None) -> str:
    """Multiply all heights; `factor` None where only the user can know it."""
    shown = "FACTOR" if factor is None else f"{factor:.10g}"
    masked = "" if header.nodata is not None else " --not-masked"
    return f"Convert the heights to metres: rio calc '(* {shown} (read 1))' IN.tif OUT.tif -t float32{masked}"


def mark_no_data(header: Header, value: float) -> str:
    """Say in the file that a value means "no height here"."""
    command = f"rio edit-info FILE --nodata {value:g}" if header.driver == "GTiff" else "in the header of the file"
    line = "" if header.driver == "GTiff" else f"NODATA_value {value:g} "
    return f"If {value:g} marks cells without a height, say so: {line}{command}"


def one_band() -> str:
    """Take the first band of several."""
    return "Pick the one with the heights: rio stack IN.tif --bidx 1 -o OUT.tif"


def _warp(header: Header, size: float) -> str:
    # without a no-data value the corners that turn up in warping would get the height 0
    blank = "" if header.nodata is not None else " --src-nodata -9999 --dst-nodata -9999"
    return f"rio warp IN.tif OUT.tif --res {size:.10g}{blank}"
