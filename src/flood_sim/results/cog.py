"""Maps of the maxima as Cloud Optimized GeoTIFF with overviews by maximum.

GDAL has no overview by maximum, and by average a flooded street one cell wide
fades away when one zooms out. So the levels are pooled here, handed to GDAL as
external overviews, and the COG driver is told to use what exists.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.shutil import copy as gdal_copy
from rasterio.windows import Window

from flood_sim.errors import StorageError
from flood_sim.results.parts import Part, Values, parts
from flood_sim.terrain.geotiff import small_cache
from flood_sim.terrain.grid import Grid
from flood_sim.variables import Variable

NODATA = -9999.0
BLOCK = 256
AT_ONCE = 2 * BLOCK
"""Rows that are held at a time."""
SMALLEST_OVERVIEW = 32
"""Overviews go on until both sides are at most this many cells: a whole city fits one tile."""


def pool(values: Values, how: Literal["max", "min", "extreme"]) -> np.ndarray:
    """The next overview level: half the size (rounded up), NaN only where all is NaN.

    A cell takes the largest (or smallest, or furthest from zero) value of every cell that it touches.
    With an odd number of cells GDAL stretches the level over the same extent,
    so cells may touch three of the level below; taking only two would shift
    the picture.
    """
    pooling: dict[str, Callable[..., np.ndarray]] = {"max": np.fmax, "min": np.fmin, "extreme": _further}
    reduce = pooling[how]
    rows, cols = values.shape
    level = np.empty(((rows + 1) // 2, (cols + 1) // 2), values[0:1, 0:1].dtype)
    for part, _ in parts(level.shape, AT_ONCE // 2):
        above = _touched(np.arange(part.start, part.stop), rows)
        first, last = int(above[0][0]), int(above[2][-1])
        pooled = values[first : last + 1, 0:cols]
        for axis, touched in ((0, [index - first for index in above]), (1, _touched(np.arange((cols + 1) // 2), cols))):
            a, b, c = (np.take(pooled, index, axis=axis) for index in touched)
            pooled = reduce(reduce(a, b), c)
        level[part] = pooled
    return level


def _further(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The value further from zero; NaN only where both are."""
    return np.where(np.isnan(b) | (np.abs(a) >= np.abs(b)), a, b)


def _touched(cells: np.ndarray, below: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First, middle and last of the cells that those of a level touch in the level below, which has so many."""
    half = (below + 1) // 2
    first = cells * below // half
    last = -(-(cells + 1) * below // half) - 1
    return first, np.minimum(first + 1, last), last


def write_cog(path: Path, values: Values, variable: Variable, grid: Grid, tags: dict[str, str]) -> None:
    """Write one field (rows, cols) in the unit of `variable`, rows by rows; NaN becomes nodata.

    float32, DEFLATE with floating-point predictor, CRS of the grid. The file is
    read back and compared, because GDAL does not report every failed write.
    """
    scratch = path.with_name(f".{path.stem}.scratch")
    scratch.mkdir()
    try:
        # the service tells GDAL not to look at neighbours of a file; here the overviews are neighbours
        with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="FALSE"), small_cache():
            base = scratch / "base.tif"
            level, name, overviews = values, base, 0
            while True:
                _write_level(name, level, variable, grid, tags)
                if max(level.shape) <= SMALLEST_OVERVIEW:
                    break
                level, name = pool(level, variable.overview), name.with_name(f"{name.name}.ovr")
                overviews += 1
            gdal_copy(
                str(base), str(path), driver="COG", COMPRESS="DEFLATE", PREDICTOR="FLOATING_POINT", BLOCKSIZE=str(BLOCK),
                OVERVIEWS="FORCE_USE_EXISTING", BIGTIFF="IF_SAFER",
            )  # fmt: skip
    except RasterioError as error:
        if shutil.disk_usage(scratch).free < 2 * grid.rows * grid.cols * 4:  # GDAL keeps the reason for itself
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if not _reads_back(path, values, overviews):
        raise StorageError("does not read back as it was written", where=str(path), hint="Check the disk")


def _reads_back(path: Path, values: Values, overviews: int) -> bool:
    with small_cache(), rasterio.open(path, driver="GTiff") as written:
        return len(written.overviews(1)) == overviews and all(
            np.array_equal(written.read(1, window=_window(part)), _filled(values[part]))
            for part in parts(values.shape, AT_ONCE)
        )


def _window(part: Part) -> Window:
    return Window.from_slices(*part)


def _write_level(path: Path, values: Values, variable: Variable, grid: Grid, tags: dict[str, str]) -> None:
    rows, cols = values.shape
    width, height = grid.cell * grid.cols / cols, grid.cell * grid.rows / rows
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=cols, count=1, dtype="float32", nodata=NODATA,
        crs=CRS.from_wkt(grid.crs.to_wkt()), transform=Affine(width, 0.0, grid.west, 0.0, -height, grid.north),
        tiled=True, blockxsize=BLOCK, blockysize=BLOCK, BIGTIFF="IF_SAFER",
    ) as file:  # fmt: skip
        for part in parts(values.shape, AT_ONCE):
            file.write(_filled(values[part]), 1, window=_window(part))
        file.set_band_description(1, variable.long_name)
        file.units = (variable.unit,)
        file.update_tags(**tags)


def _filled(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.float32(NODATA), values).astype(np.float32)
