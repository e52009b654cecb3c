"""The two editions of KOSTRA-DWD in use: their grids, the durations they hold, and what their archives are called.

INDEX_RC, the number of a cell, is 1000 times its row from the north plus its
column from the west, in both editions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from flood_sim.errors import NoStatistics, ScenarioError
from flood_sim.rain.shipped import tolerance_2010r, tolerance_2010r_mark
from flood_sim.rain.statistics import STANDARD_MIN
from flood_sim.terrain.crs import parse_crs
from flood_sim.terrain.findings import refusals_as_errors

YEARS = (1, 2, 3, 5, 10, 20, 30, 50, 100)
WEST, SOUTH, EAST, NORTH = 5.8, 47.2, 15.1, 55.1
GERMANY = f"Germany: longitude {WEST:g} to {EAST:g}, latitude {SOUTH:g} to {NORTH:g}"
BASE = "https://opendata.dwd.de/climate_environment/CDC/grids_germany/return_periods/precipitation/KOSTRA/"


@dataclass(frozen=True)
class Edition:
    """One edition: `west` and `north` are the outer edges of the grid in its CRS [m], cells `width` by `height` [m]."""

    key: str
    name: str
    epsg: int
    west: float
    north: float
    width: float
    height: float
    rows: int
    cols: int
    durations_min: tuple[int, ...]
    folder: str
    archive: str
    doi: str | None
    source: str
    licence: str = "GeoNutzV, source Deutscher Wetterdienst"

    def cell(self, x: float, y: float, crs: str | int | CRS) -> int:
        """INDEX_RC of the cell in which a point lies (x: easting or longitude, y: northing or latitude in `crs`)."""
        lon, lat = _transformed(x, y, crs, 4326)
        east, north = _transformed(x, y, crs, self.epsg)
        row, col = math.floor((self.north - north) / self.height), math.floor((east - self.west) / self.width)
        here = WEST <= lon <= EAST and SOUTH <= lat <= NORTH
        if not (here and 0 <= row < self.rows and 0 <= col < self.cols):
            raise outside(x, y, self)
        return 1000 * row + col

    def tolerance_percent(self, years: Sequence[float]) -> list[float] | None:
        """Tolerances that this edition states once for all cells; None where it has one for each value."""
        return [tolerance_2010r(t) for t in years] if self.key == "2010R" else None

    @property
    def mark(self) -> str | None:
        return tolerance_2010r_mark() if self.key == "2010R" else None

    def archives(self) -> tuple[str, ...]:
        """Addresses of the archives to download, one a duration, for `add`."""
        return tuple(f"{BASE}{self.folder}/asc/{self.archive.format(d)}" for d in self.durations_min)


# EPSG:3035, 300 x 300 cells of 5 km; edges after the rule row = 759 - floor(y / 5000), col = floor(x / 5000) - 720.
KOSTRA_2020 = Edition(
    "2020", "KOSTRA-DWD-2020", 3035, 3_600_000.0, 3_800_000.0, 5000.0, 5000.0, 300, 300, STANDARD_MIN,
    "KOSTRA_DWD_2020", "StatRR_KOSTRA-DWD-2020_D{:05d}_ASC.zip", "10.5676/DWD/KOSTRA-DWD-2020",
    "Deutscher Wetterdienst, KOSTRA-DWD-2020, doi:10.5676/DWD/KOSTRA-DWD-2020",
)  # fmt: skip

# EPSG:3034, 79 x 107 cells of 8150 x 8200 m: the corners follow, to 0.1 m, from the centres in DWD's own
# KOSTRA-DWD-2010R_geog_Bezug.xlsx as printed to 1e-8 degrees by the public notebook larsbuntemeyer/py-kostra.
KOSTRA_2010R = Edition(
    "2010R", "KOSTRA-DWD-2010R", 3034, 3_710_675.0, 3_149_247.9, 8150.0, 8200.0, 107, 79,
    tuple(d for d in STANDARD_MIN if d <= 4320),
    "KOSTRA_DWD_2010R", "StatRR_KOSTRA-DWD-2010R_D{:04d}.csv.zip", None,
    "Deutscher Wetterdienst, KOSTRA-DWD-2010R (1951-2010)",
)  # fmt: skip

EDITIONS = {e.key: e for e in (KOSTRA_2020, KOSTRA_2010R)}
"""The newer one first."""

_NAMED = re.compile(r"KOSTRA-DWD-(2020|2010R)", re.IGNORECASE)


def edition_named(text: str) -> Edition | None:
    """The edition that the name of a file carries."""
    match = _NAMED.search(text)
    return EDITIONS[match[1].upper()] if match else None


def outside(x: float, y: float, edition: Edition) -> NoStatistics:
    return NoStatistics(
        "there are no rain statistics for this place",
        where=edition.name,
        value=f"{x:.10g}, {y:.10g}",
        allowed=GERMANY,
        hint="Check the coordinates and their CRS, or give a table of your own (CSV)",
    )


def _transformed(x: float, y: float, crs: str | int | CRS, epsg: int) -> tuple[float, float]:
    if isinstance(crs, CRS):
        known = crs
    else:
        with refusals_as_errors("place of the rain statistics"):
            known = parse_crs(str(crs))
    try:
        east, north = Transformer.from_crs(known, CRS.from_epsg(epsg), always_xy=True).transform(x, y)
    except (ProjError, CRSError):
        east = north = math.inf
    if not (math.isfinite(east) and math.isfinite(north)):
        raise ScenarioError(
            "the coordinates cannot be used", where="place", value=f"{x:.10g}, {y:.10g}", allowed=GERMANY,
            hint="x is the easting or longitude, y the northing or latitude; check the CRS",
        )  # fmt: skip
    return east, north
