"""Tiles laid side by side into one Cloud Optimized GeoTIFF, strip by strip.

Every cell of the DEM is the cell of a tile, moved nowhere and averaged with
nothing: the lattice of the tiles is kept, and tiles on different lattices are
refused. Memory is that of a strip, whatever the size of the area.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.shutil import copy as gdal_copy
from rasterio.windows import Window

from flood_sim.errors import FetchError, StorageError
from flood_sim.terrain.crs import parse_crs
from flood_sim.terrain.findings import refusals_as_errors
from flood_sim.terrain.geotiff import small_cache
from flood_sim.terrain.grid import Grid
from flood_sim.terrain.open_data.bbox import Bbox
from flood_sim.terrain.raster import open_raster

NODATA = -9999.0
BLOCK = 512
_ALIGNED = 1e-3
"""Tiles whose cells are further apart than this share of a cell are on different lattices."""


@dataclass(frozen=True)
class _Piece:
    """A tile's file and where its cell (0, 0) lies in the mosaic."""

    file: Path
    row: int
    col: int
    rows: int
    cols: int


def write_mosaic(
    path: Path, files: Sequence[Path], bbox: Bbox, crs: str, cell: float, tags: dict[str, str],
    told: Callable[[float, float], None] = lambda done, total: None,
) -> Grid:  # fmt: skip
    """Write the DEM of `bbox` (widened to whole cells) to `path`; gives its grid.

    files: the tiles, checked before; they may not overlap. float32 in m, nodata
    -9999 where no tile has a height; tags: written into the file. told(done,
    total): rows so far. The file is read back and compared with the tiles,
    because GDAL does not report every failed write. FetchError for tiles that do
    not fit together, StorageError where writing failed.
    """
    grid, pieces = _laid_out(files, bbox, crs, cell)
    scratch = path.with_name(f".{path.stem}.scratch")
    scratch.mkdir()
    rows = sum(p.rows for p in pieces)
    try:
        with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="FALSE"), small_cache():
            base = scratch / "base.tif"
            with rasterio.open(
                base, "w", driver="GTiff", height=grid.rows, width=grid.cols, count=1, dtype="float32", nodata=NODATA,
                crs=crs, transform=grid.transform, tiled=True, blockxsize=BLOCK, blockysize=BLOCK, BIGTIFF="IF_SAFER",
                SPARSE_OK=True,
            ) as file:  # fmt: skip
                done = 0
                for window, values in _strips(pieces, grid):
                    file.write(values, 1, window=window)
                    done += window.height
                    told(done, 3 * rows)
                file.set_band_description(1, "height")
                file.units = ("m",)
                file.update_tags(**tags)
            gdal_copy(
                str(base), str(path), driver="COG", COMPRESS="DEFLATE", PREDICTOR="FLOATING_POINT", BLOCKSIZE=str(BLOCK),
                OVERVIEW_RESAMPLING="AVERAGE", BIGTIFF="IF_SAFER", NUM_THREADS="ALL_CPUS",
            )  # fmt: skip
        told(2 * rows, 3 * rows)
    except RasterioError as error:
        if shutil.disk_usage(scratch).free < 4 * grid.rows * grid.cols:  # GDAL keeps the reason for itself
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise StorageError(f"the DEM cannot be written: {error}", where=str(path)) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if not _reads_back(path, pieces, grid, lambda row: told(2 * rows + row, 3 * rows)):
        raise StorageError("does not read back as it was written", where=str(path), hint="Check the disk")
    return grid


def _laid_out(files: Sequence[Path], bbox: Bbox, crs: str, cell: float) -> tuple[Grid, list[_Piece]]:
    """The grid on the lattice of the first tile, and the place of every tile on it."""
    corners = []
    for file in files:
        with refusals_as_errors(file):
            header = open_raster(file).header
        corners.append((file, *header.at(0, 0), header.rows, header.cols))
    first_file, west0, north0, _, _ = corners[0]
    for file, west, north, _, _ in corners[1:]:
        off = max(abs(d - round(d)) for d in ((west - west0) / cell, (north - north0) / cell))
        if off > _ALIGNED:
            raise FetchError(
                f"its cells lie {off:.2g} of a cell beside those of {first_file.name}", where=file.name,
                hint="Tiles of two lattices cannot be joined without changing heights",
            )  # fmt: skip
    # a hair to the inside: a side that lies on the lattice stays there
    west = west0 + math.floor((bbox.west - west0) / cell + _ALIGNED) * cell
    north = north0 + math.ceil((bbox.north - north0) / cell - _ALIGNED) * cell
    cols, rows = math.ceil((bbox.east - west) / cell - _ALIGNED), math.ceil((north - bbox.south) / cell - _ALIGNED)
    grid = Grid(west, north, cell, rows, cols, parse_crs(crs))
    pieces = [
        _Piece(file, round((north - tile_north) / cell), round((tile_west - west) / cell), tile_rows, tile_cols)
        for file, tile_west, tile_north, tile_rows, tile_cols in corners
    ]
    return grid, pieces


def _strips(pieces: Sequence[_Piece], grid: Grid) -> Iterator[tuple[Window, np.ndarray]]:
    """Every part of every tile that lies on the grid: its window and its values, float32 with NODATA."""
    for piece in pieces:
        first, stop = max(0, -piece.row), min(piece.rows, grid.rows - piece.row)
        left, right = max(0, -piece.col), min(piece.cols, grid.cols - piece.col)
        if first >= stop or left >= right:
            continue
        with refusals_as_errors(piece.file):
            raster = open_raster(piece.file)
            with closing(raster.strips(raster.header.strip_rows(), first, stop)) as strips:
                for row, values in strips:
                    part = values[:, left:right]
                    known = np.where(np.isnan(part), NODATA, part).astype(np.float32)
                    yield Window(piece.col + left, piece.row + row, right - left, len(part)), known


def _reads_back(path: Path, pieces: Sequence[_Piece], grid: Grid, told: Callable[[int], None]) -> bool:
    done = 0
    with small_cache(), rasterio.open(path, driver="GTiff") as written:
        for window, values in _strips(pieces, grid):
            if not np.array_equal(written.read(1, window=window), values):
                return False
            done += window.height
            told(done)
    return True
