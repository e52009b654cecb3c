"""The area that is asked for: a rectangle along the axes of the provider's CRS."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from pyproj import CRS
from pyproj.exceptions import ProjError
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from flood_sim.errors import TerrainError

ORDER = "west,south,east,north"


@dataclass(frozen=True)
class Bbox:
    """West, south, east, north in the metres of a projected CRS. TerrainError where that is no area."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        _check(astuple(self), f"in metres, {ORDER}")
        if max(abs(v) for v in astuple(self)) <= 180:
            raise TerrainError(
                "the numbers look like degrees", where="bbox", value=str(self), allowed=f"metres, {ORDER}",
                hint="Give degrees as --bbox-wgs84 (Python: Bbox.from_wgs84)",
            )  # fmt: skip

    @classmethod
    def of(cls, values: Bbox | Iterable[float]) -> Bbox:
        """A Bbox from itself or from four numbers."""
        if isinstance(values, Bbox):
            return values
        numbers = tuple(values)
        if len(numbers) != 4:
            raise _wrong(f"{len(numbers)} numbers instead of four", numbers, f"in metres, {ORDER}")
        return cls(*numbers)

    @classmethod
    def from_wgs84(cls, degrees: Iterable[float], crs: str) -> Bbox:
        """The rectangle in `crs` around one in degrees of longitude and latitude (WGS 84); it is a little larger."""
        west, south, east, north = degrees = tuple(degrees)
        _check(degrees, f"in degrees, {ORDER}")
        if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
            raise _wrong("no longitudes and latitudes", degrees, f"in degrees, {ORDER}")
        try:
            lonlat, target = CRS.from_epsg(4326).to_wkt(), CRS.from_user_input(crs).to_wkt()
            bounds = transform_bounds(lonlat, target, *degrees, densify_pts=21)
        except (RasterioError, ProjError) as error:
            raise _wrong(f"{crs} does not reach there ({error})", degrees, "an area of the provider") from None
        return cls(*(math.floor(v) if k < 2 else math.ceil(v) for k, v in enumerate(bounds)))

    def __str__(self) -> str:
        return ",".join(f"{v:.12g}" for v in astuple(self))

    def squares(self, size: float) -> list[tuple[float, float]]:
        """South-west corners of all squares of that size, on a lattice through (0, 0), that the area meets.

        From north to south and from west to east, as a map is read.
        """
        east = range(math.floor(self.west / size), math.ceil(self.east / size))
        north = range(math.floor(self.south / size), math.ceil(self.north / size))
        return [(e * size, n * size) for n in reversed(north) for e in east]


def _check(numbers: tuple[float, ...], allowed: str) -> None:
    if not all(math.isfinite(v) for v in numbers):
        raise _wrong("not four finite numbers", numbers, allowed)
    west, south, east, north = numbers
    if west >= east or south >= north:
        side = "west is not west of east" if west >= east else "south is not south of north"
        raise _wrong(side, numbers, allowed)


def _wrong(what: str, numbers: tuple[float, ...], allowed: str) -> TerrainError:
    return TerrainError(what, where="bbox", value=",".join(f"{v:.12g}" for v in numbers), allowed=allowed)
