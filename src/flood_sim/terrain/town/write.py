"""Write Musterstadt as files: DEM, footprints, land cover, places, scenario."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import rasterio.shutil
import shapely
from pyogrio.errors import DataSourceError
from rasterio.errors import RasterioError
from rasterio.transform import from_origin

from flood_sim.errors import StorageError
from flood_sim.terrain.town import places
from flood_sim.terrain.town.assemble import Town, build_town
from flood_sim.terrain.town.frame import CELL, COLS, DEPTH, EPSG, NORTH, ROWS, WEST, WIDTH, to_map
from flood_sim.terrain.town.places import Feature
from flood_sim.terrain.town.template import scenario_text

FILES = {
    "dem": "musterstadt_dem.tif",
    "buildings": "musterstadt_buildings.gpkg",
    "land_cover": "musterstadt_landcover.tif",
    "places": "musterstadt_places.gpkg",
    "scenario": "musterstadt.yaml",
}
NAME = "Musterstadt (erfunden)"
# GeoPackages carry a date; a fixed one keeps their bytes, and so their checksums, the same.
FIXED_DATE = "2026-01-01T00:00:00.000Z"


def make_town(folder: str | Path, *, overwrite: bool = False) -> dict[str, Path]:
    """Make the invented town and write its files into `folder`, which is created if missing.

    Returns the paths by role: dem, buildings, land_cover, places, scenario.
    Everything is written beside the folder first and moved in when complete.
    Raises StorageError if a file exists already (unless `overwrite`) or cannot
    be written.
    """
    folder = Path(folder)
    there = [name for name in FILES.values() if (folder / name).exists()]
    if there and not overwrite:
        raise StorageError(
            "the town is there already",
            where=str(folder),
            value=", ".join(there),
            hint="Choose another folder or overwrite",
        )
    partial = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
        _write(build_town(), partial)
        folder.mkdir(exist_ok=True)
        for name in FILES.values():
            os.replace(partial / name, folder / name)
    except (OSError, RasterioError, DataSourceError) as error:
        raise StorageError(f"the town cannot be written: {error}", where=str(folder)) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
    return {role: folder / name for role, name in FILES.items()}


def _write(town: Town, folder: Path) -> None:
    tags = {"FLOOD_SIM_SYNTHETIC": "1", "TIFFTAG_IMAGEDESCRIPTION": NAME}
    _cog(folder / FILES["dem"], town.height.astype(np.float32), tags, nodata=-9999.0, predictor=3, overviews="AVERAGE")
    _cog(folder / FILES["land_cover"], town.cover, tags, nodata=0, predictor=2, overviews="MODE")
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        houses = [Feature(b.polygon, {"id": b.id, "use": b.use, "name": b.name}) for b in town.buildings]
        _layers(folder / FILES["buildings"], {"buildings": houses})
        land = shapely.box(0.0, 0.0, WIDTH, DEPTH)
        roads = [
            Feature(
                shapely.LineString(s.line.xy).simplify(0.2).intersection(land),
                {"name": s.plan.name, "width_m": float(s.plan.width)},
            )
            for s in town.streets
        ]
        layers = {
            "places": places.points(town.buildings, town.railway),
            "streets": roads,
            "culverts": places.culverts(town.height, town.stream, town.brooks, town.railway),
            "sites": places.sites(),
        }
        _layers(folder / FILES["places"], layers)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    (folder / FILES["scenario"]).write_text(scenario_text(town, FILES), encoding="utf-8")


def _cog(path: Path, data: np.ndarray, tags: dict[str, str], *, nodata: float, predictor: int, overviews: str) -> None:
    profile = {
        "driver": "GTiff", "width": COLS, "height": ROWS, "count": 1, "dtype": data.dtype, "nodata": nodata,
        "crs": f"EPSG:{EPSG}", "transform": from_origin(WEST, NORTH, CELL, CELL),
    }  # fmt: skip
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as image:
            image.write(data, 1)
            image.update_tags(**tags)
        rasterio.shutil.copy(
            memory.name,
            path,
            driver="COG",
            compress="DEFLATE",
            level=9,
            predictor=predictor,
            overview_resampling=overviews,
        )


def _layers(path: Path, layers: Mapping[str, Sequence[Feature]]) -> None:
    for layer, features in layers.items():
        kinds = {f.geometry.geom_type for f in features}
        geometry = [shapely.transform(f.geometry, lambda p: np.round(to_map(p), 2)) for f in features]
        keys = list(features[0].values)
        columns: list[np.ndarray] = [
            np.array([f.values[k] for f in features], dtype=_dtype(features[0].values[k])) for k in keys
        ]
        pyogrio.raw.write(
            path, shapely.to_wkb(np.array(geometry, object)), columns, keys, layer=layer, driver="GPKG",
            geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown", crs=f"EPSG:{EPSG}", append=path.exists(),
        )  # fmt: skip


def _dtype(value: str | float) -> type:
    return float if isinstance(value, float) else object
