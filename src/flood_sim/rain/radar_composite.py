"""One radar composite of the German weather service (DWD): what it says of itself, its grid, its depths.

Bytes and grid are read by wradlib (extra "radar"), which is imported when it is needed.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
from pyproj import CRS

from flood_sim.errors import ScenarioError
from flood_sim.terrain.grid import Grid

PRODUCTS = {"RW": 3600, "RY": 300, "YW": 300}
"""Seconds of an interval."""
GRIDS = ((900, 900), (1100, 900), (1200, 1100))
"""Rows and columns of the grids of 1 km: the old one, that of RADKLIM, DE1200."""
WGS84_FROM = 5
"""Format version from which the grid lies on the ellipsoid WGS 84, before on a sphere (wradlib's rule)."""
INSTALL = 'Install the extra: pip install "flood-sim[radar]"'
RADAR_FAULTS = (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, OverflowError, UnboundLocalError)
"""What the library raises for bytes that are no composite."""


@dataclass(frozen=True)
class Head:
    """What one composite says of itself."""

    name: str
    product: str
    time: datetime
    seconds: int
    rows: int
    cols: int
    version: int
    reanalysis: str

    @property
    def grid(self) -> tuple[int, int, bool]:
        return self.rows, self.cols, self.version >= WGS84_FROM


@cache
def native_grid(rows: int, cols: int, *, wgs84: bool) -> Grid:
    """Where the cells of a composite lie: polar stereographic, true at 60 degrees north, cells of 1 km (m)."""
    _, projection, rect = _library()
    crs = projection.create_crs("dwd-radolan-wgs84" if wgs84 else "dwd-radolan-sphere")
    x, y = rect.get_radolan_coordinates(rows, cols, crs=crs, mode="edge")
    cell = round(float(x[1] - x[0]), 6)
    return Grid(float(x[0]), float(y[0]) + rows * cell, cell, rows, cols, CRS.from_wkt(crs.to_wkt()))


@cache
def _library() -> tuple[Any, Any, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from wradlib.georef import projection, rect
            from wradlib.io import radolan
    except ImportError as error:
        raise ScenarioError(f"radar composites need wradlib ({error})", where="radar", hint=INSTALL) from None
    return radolan, projection, rect


def head_of(name: str, data: bytes) -> Head:
    radolan, _, _ = _library()
    if not data[:2].isalpha():
        raise _no_composite(name, "it does not begin with the two letters of a product")
    try:
        _, told = radolan.read_radolan_composite(io.BytesIO(data), loaddata=False)
        head = Head(
            name, told["producttype"], told["datetime"].replace(tzinfo=UTC), int(told["intervalseconds"]),
            int(told["nrow"]), int(told["ncol"]), int(told["formatversion"]), str(told.get("reanalysisversion", "")),
        )  # fmt: skip
    except RADAR_FAULTS as error:
        raise _no_composite(name, str(error) or type(error).__name__) from None
    if head.product not in PRODUCTS:
        raise ScenarioError(
            "is another product of the radar", where=name, value=head.product, allowed=", ".join(PRODUCTS),
            hint="RW: hourly sums, RY and YW: sums of 5 minutes",
        )  # fmt: skip
    if (head.rows, head.cols) not in GRIDS:
        raise ScenarioError(
            "lies on a grid that is not known", where=name, value=f"{head.rows} x {head.cols}",
            allowed=", ".join(f"{rows} x {cols}" for rows, cols in GRIDS),
        )  # fmt: skip
    if head.seconds != PRODUCTS[head.product]:
        raise _no_composite(name, f"{head.product} of {head.seconds} s instead of {PRODUCTS[head.product]} s")
    return head


def depths_of(name: str, data: bytes) -> np.ndarray:
    """Depths in mm (rows, cols), row 0 in the north, NaN where there is no measurement."""
    radolan, _, _ = _library()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values, _ = radolan.read_radolan_composite(io.BytesIO(data), missing=-9999)
    except RADAR_FAULTS as error:
        raise _no_composite(name, str(error) or type(error).__name__) from None
    values = np.asarray(values, np.float64)[::-1]
    return np.where(values < 0.0, np.nan, values)


def _no_composite(name: str, why: str) -> ScenarioError:
    return ScenarioError(
        f"is no radar composite that can be read: {' '.join(why.split())[:160]}", where=name,
        hint="Binary composites RW, RY or YW are read; download it again",
    )  # fmt: skip
