"""GeoTIFF through GDAL, with every door closed that leads out of the one file."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.env import get_gdal_config, set_gdal_config
from rasterio.errors import RasterioError
from rasterio.windows import Window

from flood_sim.terrain.findings import refuse
from flood_sim.terrain.header import Header

NO_DATA_BEYOND = 1e37
"""Magnitudes beyond this are the lowest or highest float, written by many programs for "no data"."""

_GUARD = {
    # nothing beside the file counts: the checksum covers all that is read, and nothing is written beside it
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GTIFF_IGNORE_READ_ERRORS": "NO",
}

CACHE_BYTES = 64 * 2**20


@contextmanager
def small_cache() -> Iterator[None]:
    """For files that are read or written once from end to end.

    GDAL would keep their blocks in 5 % of the machine's memory, most of which
    never goes back to the system, and rasterio does not undo this setting by itself.
    """
    before = get_gdal_config("GDAL_CACHEMAX")
    set_gdal_config("GDAL_CACHEMAX", CACHE_BYTES)
    try:
        yield
    finally:
        set_gdal_config("GDAL_CACHEMAX", before)


def open_geotiff(file: Path) -> rasterio.DatasetReader:
    """A local file as GeoTIFF and as nothing else; silent on stderr. Raises RasterioError; the caller closes it."""
    with rasterio.Env(**_GUARD), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rasterio.open(file, driver="GTiff", sharing=False)


class GeoTiff:
    """One local GeoTIFF file (see `Raster`)."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            with closing(open_geotiff(file)) as dataset:
                self.header = _header(dataset, file)
                self._mask = MaskFlags.per_dataset in dataset.mask_flag_enums[0]
        except (RasterioError, CRSError, ValueError) as error:
            raise refuse(
                "damaged", f"the TIFF header is damaged or the file is truncated ({_short(error)})",
                "Copy or download the file again",
            ) from None  # fmt: skip

    def strips(
        self, rows: int, first: int = 0, stop: int | None = None
    ) -> Generator[tuple[int, np.ndarray], None, None]:
        """Values strip by strip, NaN where the file says "no data" (see `Raster`)."""
        stop = self.header.rows if stop is None else stop
        with small_cache(), closing(open_geotiff(self.file)) as dataset:
            for row in range(first, stop, rows):
                window = Window(0, row, self.header.cols, min(rows, stop - row))
                try:
                    raw = dataset.read(1, window=window)
                    mask = dataset.read_masks(1, window=window) == 0 if self._mask else None
                except RasterioError:
                    raise refuse(
                        "truncated",
                        f"cannot be read between row {row + 1} and row {row + window.height} of {self.header.rows}: "
                        "the file is truncated or damaged",
                        "Copy or download the file again",
                    ) from None
                yield row, self._values(raw, mask)

    def _values(self, raw: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
        head = self.header
        empty = np.zeros(raw.shape, dtype=bool) if mask is None else mask
        values = raw.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            if head.nodata is not None and _fits(head.nodata, raw.dtype):
                empty |= raw == np.asarray(head.nodata).astype(raw.dtype)
            if raw.dtype.kind == "f":
                empty |= (np.abs(values) > NO_DATA_BEYOND) & np.isfinite(values)
        if head.scale != 1.0 or head.offset != 0.0:
            values *= head.scale
            values += head.offset
        values[empty] = np.nan
        return values


def _header(dataset: rasterio.DatasetReader, file: Path) -> Header:
    wkt = dataset.crs.to_wkt() if dataset.crs else ""
    transform = dataset.transform
    block = dataset.block_shapes[0]
    return Header(
        driver="GTiff",
        rows=dataset.height,
        cols=dataset.width,
        dtype=dataset.dtypes[0],
        file_bytes=file.stat().st_size,
        transform=None if transform == Affine.identity() else transform,
        crs=CRS.from_wkt(wkt) if wkt else None,
        bands=dataset.count,
        images=max(1, len(dataset.subdatasets)),
        nodata=dataset.nodata,
        block=(int(block[0]), int(block[1])),
        scale=float(dataset.scales[0]),
        offset=float(dataset.offsets[0]),
        unit=dataset.units[0] or "",
        palette=dataset.colorinterp[0] == ColorInterp.palette,
        tags={k: v for k, v in dataset.tags().items() if len(v) <= 200},
    )


def _fits(value: float, dtype: np.dtype) -> bool:
    if dtype.kind not in "iu":
        return True
    info = np.iinfo(dtype)
    return float(value).is_integer() and info.min <= value <= info.max


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:117] + "..."
