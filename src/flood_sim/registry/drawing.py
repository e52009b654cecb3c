"""What the page draws of a terrain, made once at registration and kept beside the DEM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from pyproj import CRS
from rasterio.io import MemoryFile

from flood_sim import geojson
from flood_sim.errors import StorageError
from flood_sim.registry.store import FileMeta, folder, resolve
from flood_sim.terrain.crs import same_crs
from flood_sim.terrain.dem import Dem, read_dem

GROUND = "ground.tif"
LAYERS = ("footprints", "places", "streets")


def draw(data: Path, meta: FileMeta, *, buildings: str | None, places: str | None) -> None:
    """Write ground.tif and the GeoJSON layers of a registered DEM; absent companions give empty layers."""
    target = folder(data, meta.id)
    layers = {
        "footprints": geojson.read_layer(resolve(data, buildings)) if buildings else geojson.EMPTY,
        "places": geojson.read_layer(resolve(data, places), "places") if places else geojson.EMPTY,
        "streets": geojson.read_layer(resolve(data, places), "streets") if places else geojson.EMPTY,
    }
    try:
        for name, features in layers.items():
            geojson.write(target / f"{name}.geojson", features)
        if not _drawn(target / GROUND, CRS.from_wkt(meta.facts["crs_wkt"])):
            write_ground(read_dem(resolve(data, meta.id), crs=meta.crs), target / GROUND)
    except (OSError, rasterio.errors.RasterioError) as error:
        raise StorageError(f"the layers to draw cannot be written ({type(error).__name__})", where=meta.id) from None


def _drawn(path: Path, crs: CRS) -> bool:
    """Whether the ground is there already, and where its DEM is now said to lie."""
    if not path.exists():
        return False
    with rasterio.open(path, driver="GTiff") as ground:
        return same_crs(CRS.from_wkt(ground.crs.to_wkt()), crs)


def write_ground(dem: Dem, path: Path) -> None:
    """The ground as COG (float32, nodata NaN) with averaged overviews: what the hillshade is made of."""
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "width": dem.grid.cols, "height": dem.grid.rows,
        "crs": rasterio.crs.CRS.from_wkt(dem.grid.crs.to_wkt()), "transform": dem.grid.transform, "nodata": np.nan,
    }  # fmt: skip
    part = path.with_name(f".{path.name}.part")
    try:
        with MemoryFile() as memory:
            with memory.open(**profile) as sink:
                sink.write(dem.height.astype(np.float32), 1)
            with memory.open(driver="GTiff") as source:
                rasterio.shutil.copy(source, part, driver="COG", COMPRESS="DEFLATE", PREDICTOR="YES",
                                     BLOCKSIZE=256, RESAMPLING="AVERAGE")  # fmt: skip
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
