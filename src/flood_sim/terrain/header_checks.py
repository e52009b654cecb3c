"""What the header alone tells: form, size and place, before a single cell is read."""

from __future__ import annotations

import numpy as np
from pyproj import CRS

from flood_sim.terrain import hints, memory
from flood_sim.terrain.crs import check_crs, describe, same_crs
from flood_sim.terrain.findings import Finding, refuse
from flood_sim.terrain.header import Header

SMALLEST = 3
CELL_RANGE_M = (0.01, 1000.0)
COARSE_M = 5.0
BOMB_BYTES = 256 << 20
BOMB_RATIO = 2000
"""A file that declares more than this many times its own size is empty or an attack; deflate reaches 1,032."""
GIB = 1 << 30
NOT_METRES = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us survey foot": 12 / 39.37, "cm": 0.01, "mm": 0.001}
METRES = ("", "m", "metre", "metres", "meter", "meters", "mtr")


def check_form(header: Header) -> list[Finding]:
    """Bands, type and declared size: an error here means that the cells cannot or must not be read."""
    found = []
    if header.bands != 1 or header.images != 1:
        what = f"{header.bands} bands" if header.bands != 1 else f"{header.images} images"
        text = f"holds {what}; a DEM has one"
        found.append(Finding("bands", "error", text, hints.one_band()))
    if header.palette or np.dtype(header.dtype).kind not in "iuf" or np.dtype(header.dtype).itemsize == 1:
        what = "a picture with a colour table" if header.palette else f"values of type {header.dtype}"
        text = f"holds {what}, not heights (a picture or hillshade of the terrain?)"
        found.append(Finding("dtype", "error", text, "Use the raster of the heights themselves, as float32"))
    if header.rows < SMALLEST or header.cols < SMALLEST:
        text = f"is too small: {header.rows} rows x {header.cols} columns, at least {SMALLEST} x {SMALLEST} are needed"
        found.append(Finding("too_small", "error", text, "Use a larger part of the terrain"))
    return found + check_bomb(header)


def check_bomb(header: Header) -> list[Finding]:
    """A small file that declares a raster of many gigabytes is empty or an attack."""
    if header.declared_bytes <= max(BOMB_BYTES, BOMB_RATIO * header.file_bytes):
        return []
    text = (
        f"declares {header.cells:,} cells ({header.declared_bytes / GIB:,.1f} GiB) "
        f"in a file of {header.file_bytes:,} bytes: it is all but empty"
    )
    return [Finding("bomb", "error", text, "Cut it to the part that holds data")]


def check_pixels(header: Header) -> list[Finding]:
    """Placed on the map, north-up, square cells of a plausible size."""
    t = header.transform
    if t is None:
        text = "is not placed on the map: it has no coordinates (a world file beside a TIFF is not read)"
        return [Finding("no_georeference", "error", text, "Save it as GeoTIFF with its coordinates inside")]
    drift = max(header.rows, header.cols) / max(abs(t.a), abs(t.e), 1e-300)
    if max(abs(t.b), abs(t.d)) * drift > 0.1:
        text = f"its rows do not run from west to east: the raster is rotated (b = {t.b:g}, d = {t.d:g})"
        return [Finding("rotated", "error", text, hints.straighten(header, header.cell))]
    if t.e > 0 or t.a < 0:
        text = f"its first row is not the northernmost: the raster is stored south-up (cell {t.a:g} x {t.e:g})"
        return [Finding("south_up", "error", text, hints.straighten(header, header.cell))]
    if abs(t.a + t.e) * drift > 0.1:
        size = min(abs(t.a), abs(t.e))
        text = f"its cells are not square: {abs(t.a):g} wide, {abs(t.e):g} high"
        return [Finding("not_square", "error", text, hints.straighten(header, size))]
    return []


def check_cell_size(header: Header) -> list[Finding]:
    """Asked only where the CRS is metric."""
    low, high = CELL_RANGE_M
    if not low <= header.cell <= high:
        text = f"its cells are {header.cell:g} m wide; {low:g} to {high:g} m make sense"
        return [Finding("cell_size", "error", text, "The coordinates are probably not in the CRS that was given")]
    if header.cell > COARSE_M:
        text = f"its cells are {header.cell:g} m wide: streets and gaps between houses are not resolved"
        return [Finding("coarse", "warning", text, "Use a DEM of 1 or 2 m for a city")]
    return []


def check_place(header: Header, crs_given: CRS | None) -> tuple[CRS | None, list[Finding]]:
    """The CRS to use (the file's, or the one given where the file has none) and what is wrong with it."""
    crs = header.crs or crs_given
    if crs is None:
        return None, [_no_crs(header)]
    if header.crs is not None and crs_given is not None and not same_crs(header.crs, crs_given):
        text = f"the file says {describe(header.crs)}, but {describe(crs_given)} was given"
        hint = "Leave the CRS away, or correct the file: rio edit-info FILE --crs EPSG:..."
        return crs, [Finding("crs_contradiction", "error", text, hint)]
    return crs, check_crs(crs, header)


def check_unit(header: Header) -> list[Finding]:
    """The unit of heights that the file itself names."""
    if header.unit.strip().lower() in METRES:
        return []
    text = f"its heights are in {header.unit!r} by its own statement, not in metres"
    factor = NOT_METRES.get(header.unit.strip().lower())
    return [Finding("heights_not_metres", "error", text, hints.to_metres(header, factor))]


def coarsening(header: Header, cell_m: float | None) -> int:
    """Whole number of cells per coarse cell edge; Refusal that lists the possible sizes otherwise."""
    if cell_m is None:
        return 1
    ratio = cell_m / header.cell
    factor = round(ratio) if np.isfinite(ratio) else 0
    most = min(header.rows, header.cols) // SMALLEST
    if factor < 1 or abs(ratio - factor) > 1e-6 * factor or factor > max(most, 1):
        sizes = [header.cell * f for f in (1, 2, 3, 4, 5, 8, 10, 20, 50) if f <= max(most, 1)]
        raise refuse(
            "cell_m",
            f"a cell size of {cell_m:g} m cannot be made from cells of {header.cell:g} m",
            f"Possible are whole multiples: {', '.join(f'{s:g}' for s in sizes)} m",
        )
    return factor


def check_memory(header: Header, factor: int, beside: int) -> list[Finding]:
    """Will the run on this terrain fit into memory? Estimated from the header, and what a scenario adds per cell."""
    rows, cols = -(-header.rows // factor), -(-header.cols // factor)
    strip = memory.needed_bytes(0, header.strip_rows(factor) * header.cols)
    needed = memory.needed_bytes(rows * cols, 0, beside) + strip
    available = memory.available_bytes()
    if needed <= available:
        return []
    left = available - strip
    fits = memory.fitting_factor(header.rows, header.cols, left, beside) if left > 0 else factor
    text = (
        f"is too large for the memory available: {rows * cols:,} cells need {needed / GIB:,.1f} GiB, "
        f"{available / GIB:,.1f} GiB are free"
    )
    hint = f"cell_m = {header.cell * fits:g} would fit" if fits > factor else "A part of the terrain would fit"
    return [Finding("too_large", "error", text, f"{hint}; or cut the DEM to the area of interest")]


def check_strips(header: Header) -> list[Finding]:
    """Can the raster be read piece by piece? A file of one huge block cannot."""
    needed = memory.needed_bytes(0, header.strip_rows() * header.cols)
    available = memory.available_bytes()
    if needed <= available:
        return []
    text = (
        f"needs {needed / GIB:,.1f} GiB to be read ({header.cells:,} cells in blocks of {header.block[0]:,} rows), "
        f"{available / GIB:,.1f} GiB are free"
    )
    return [Finding("too_large", "error", text, "Cut it to the terrain, or save it in tiles")]


def _no_crs(header: Header) -> Finding:
    x, y = header.centre
    kind = "an ESRI ASCII grid carries no" if header.driver == "AAIGrid" else "the file names no"
    text = f"{kind} coordinate reference system (CRS)"
    hint = "Give it: --crs EPSG:25832 on the command line, terrain.crs in a scenario"
    if abs(x) <= 180 and abs(y) <= 90 and header.cell < 0.1:
        hint = f"Its coordinates (around {x:.4f}, {y:.4f}) look like degrees: project the DEM to UTM first"
    elif 2.0e5 < x < 9.5e5 and 5.0e6 < y < 6.3e6:
        hint += f" (its coordinates, around E {x:.0f} N {y:.0f}, would fit a UTM zone in Germany: 25832 or 25833)"
    return Finding("no_crs", "error", text, hint)
