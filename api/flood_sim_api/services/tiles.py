"""Map tiles of a result: classes of the legend, transparent where nothing is drawn."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import morecantile
import numpy as np
import rasterio
from rio_tiler.errors import TileOutsideBounds
from rio_tiler.io import Reader
from rio_tiler.models import ImageData
from rio_tiler.utils import render as encode

from flood_sim.results.legend import interval_colormap
from flood_sim.variables import MASK_SPEED_BELOW_DEPTH_M, VARIABLES

SIZE = 256
MAX_ZOOM = 22
GRID = morecantile.tms.get("WebMercatorQuad")
"""The only tile matrix set served."""

FAST: dict[str, Any] = {"ZLEVEL": 1}
"""Little effort on compression: tiles travel inside this machine."""

GDAL = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}


def render(result: Path, key: str, z: int, x: int, y: int) -> bytes:
    """One PNG of a variable of a result folder, in the classes of its legend.

    Sampling is nearest, so no class appears that the run did not compute.
    Speed is drawn only where the maximum depth reaches 5 cm.
    """
    image = read(result / str(VARIABLES[key].file), z, x, y)
    if image is None:
        return empty()
    if key == "max_speed":
        depth = read(result / str(VARIABLES["max_depth"].file), z, x, y)
        if depth is not None:
            image.array.mask |= depth.array.mask | (depth.array.data < MASK_SPEED_BELOW_DEPTH_M)
    return _coloured(image, key)


def of_file(path: Path, key: str, z: int, x: int, y: int) -> bytes:
    """One PNG of a single COG in the classes of a legend."""
    image = read(path, z, x, y)
    return empty() if image is None else _coloured(image, key)


def _coloured(image: ImageData, key: str) -> bytes:
    return image.render(img_format="PNG", colormap=interval_colormap(key), **FAST)


def read(path: Path, z: int, x: int, y: int, *, buffer: int = 0, resampling: str = "nearest") -> ImageData | None:
    """The pixels of a tile, masked outside the data; None when the tile lies outside altogether."""
    level = overview_level(path, z)
    options = {} if level is None else {"overview_level": level}
    with rasterio.Env(**GDAL), rasterio.open(path, driver="GTiff", **options) as source:
        try:
            with Reader(None, dataset=source, tms=GRID) as reader:
                return reader.tile(
                    x,
                    y,
                    z,
                    tilesize=SIZE,
                    buffer=buffer or None,
                    resampling_method=resampling,
                    reproject_method=resampling,
                )
        except TileOutsideBounds:
            return None


def overview_level(path: Path, z: int) -> int | None:
    """The overview whose cells are at least as large as the pixels of zoom z; None for the full resolution.

    GDAL would take a finer one and skip cells of it; a flooded street one
    cell wide would break into dots.
    """
    cell, latitude, factors = _resolution(path, path.stat().st_mtime_ns)
    pixel = 2 * math.pi * 6378137.0 / (SIZE * 2**z) * math.cos(math.radians(latitude))
    for level, factor in enumerate(factors):
        if pixel <= cell * (factors[level - 1] if level else 1):
            return level - 1 if level else None
        if pixel <= cell * factor:
            return level
    return len(factors) - 1 if factors else None


@cache
def _resolution(path: Path, _changed: int) -> tuple[float, float, tuple[int, ...]]:
    """Cell size in m, latitude of the centre, and the factors of the overviews."""
    with rasterio.Env(**GDAL), rasterio.open(path, driver="GTiff") as source:
        with Reader(None, dataset=source) as reader:
            _, south, _, north = reader.get_geographic_bounds("epsg:4326")
        return abs(source.transform.a), (south + north) / 2, tuple(source.overviews(1))


@cache
def empty() -> bytes:
    """A transparent tile."""
    return png(np.zeros((1, SIZE, SIZE), np.uint8), np.zeros((SIZE, SIZE), np.uint8))


def png(bands: np.ndarray, alpha: np.ndarray) -> bytes:
    """PNG of uint8 bands (bands, rows, cols) with their opacity (rows, cols)."""
    return encode(bands, alpha, img_format="PNG", **FAST)
