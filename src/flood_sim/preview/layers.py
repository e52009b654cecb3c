"""Vector layers of a preview as one GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import shapely
from pyproj import CRS

if TYPE_CHECKING:
    from flood_sim.preview.answer import Layer


def write_layers(path: Path, layers: Mapping[str, Layer], crs: CRS, words: Mapping[str, str]) -> None:
    """Write the layers, also empty ones, in `crs`; `words` become the metadata of each layer."""
    for name, layer in layers.items():
        columns = {key: np.asarray(list(values)) for key, values in layer.columns.items()}
        kinds = {shapely.get_type_id(g) for g in layer.geometries}
        kind = {0: "Point", 1: "LineString", 6: "MultiPolygon"}[kinds.pop()] if len(kinds) == 1 else "Unknown"
        pyogrio.raw.write(
            path, shapely.to_wkb(np.asarray(list(layer.geometries), dtype=object)), list(columns.values()), list(columns),
            layer=name, driver="GPKG", geometry_type=kind, crs=crs.to_wkt(), append=path.exists(),
            layer_metadata=dict(words),
        )  # fmt: skip
