"""What the process beside the service computes while somebody draws: previews, origins, extents, remarks.

It remembers the drainage of the last terrains and the water of the last
scenarios, so that the next click on the same one costs milliseconds.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from pyproj import Transformer
from rasterio.warp import transform_bounds
from shapely.geometry.base import BaseGeometry

from flood_sim import geojson
from flood_sim.build import build
from flood_sim.errors import TerrainError
from flood_sim.measures.words import de, en
from flood_sim.preview import Preview, Rung, quick, sinks
from flood_sim.preview.pouring import Pouring, pour_scenario
from flood_sim.results.cog import write_cog
from flood_sim.results.manifest import write_json
from flood_sim.terrain.flow import Hierarchy, Land
from flood_sim.terrain.flow.kept import kept_hierarchy
from flood_sim.terrain.flow.kept import key as land_key
from flood_sim.terrain.flow.origin import origin
from flood_sim.terrain.grid import Grid
from flood_sim.variables import VARIABLES
from flood_sim_api.services.asked import Asked
from flood_sim_api.services.previews import ABOUT, DEPTH

ABOUT_WORDS = ("rund", "about")
MOST_CELLS = 20_000_000
"""Cells remembered of terrains and of scenarios each; a cell of a drainage has about 20 bytes."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """The values used last, as many as `MOST_CELLS` allow, at least one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, T]] = OrderedDict()

    def get(self, key: str, make: Callable[[], T], cells: Callable[[T], int]) -> T:
        if key not in self._kept:
            value = make()
            self._kept[key] = cells(value), value
            while len(self._kept) > 1 and sum(size for size, _ in self._kept.values()) > MOST_CELLS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key][1]


_drainages: Remembered[Hierarchy] = Remembered()
_pourings: Remembered[Pouring] = Remembered()


def ready() -> bool:
    """Nothing is asked: by now all that answers is loaded."""
    return True


def drainage(land: Land, folder: str) -> Hierarchy:
    """The drainage of a terrain: remembered, or kept on disk, or found now."""
    return _drainages.get(land_key(land), lambda: kept_hierarchy(land, Path(folder))[0], lambda h: h.z.size)


def preview(asked: Asked, rung: Rung, target: str, drainages: str) -> None:
    """Write the answer of a rung as the folder `target`: depth, vectors, and what it says of itself. It appears whole."""
    begin, place = time.perf_counter(), Path(target)
    if (place / ABOUT).exists():
        return  # somebody asked the same at the same time
    answer = _answer(asked, rung, drainages)
    work = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    try:
        write_cog(work / DEPTH, answer.depth, VARIABLES["max_depth"], answer.grid, answer.tags())
        for name, layer in answer.vectors.items():
            rows = [dict(zip(layer.columns, row, strict=True)) for row in zip(*layer.columns.values(), strict=True)]
            shapes = [_plain(shape, answer.grid.cell) for shape in layer.geometries]
            plain = [{k: v.item() if isinstance(v, np.generic) else v for k, v in row.items()} for row in rows]
            geojson.write(work / f"{name}.geojson", geojson.collection(shapes, plain, answer.grid.crs))
        write_json(work / ABOUT, _told(answer, time.perf_counter() - begin))
        shutil.rmtree(place, ignore_errors=True)  # what was only half removed
        os.replace(work, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _plain(shape: BaseGeometry, cell: float) -> BaseGeometry:
    """Without the stairs of the cells, which are no border that anyone means; a small area stays as it is."""
    small = 0 < shape.area < 100 * cell**2
    return shape if small else shape.simplify(0.75 * cell)


def _answer(asked: Asked, rung: Rung, drainages: str) -> Preview:
    if rung == "quick":
        return quick(asked.described()).preview
    pouring = _pouring(asked)
    return sinks(pouring, hierarchy=drainage(pouring.land, drainages), vectors=True).preview


def _pouring(asked: Asked) -> Pouring:
    return _pourings.get(asked.key, lambda: pour_scenario(build(asked.described())), lambda p: p.land.z.size)


def _told(answer: Preview, seconds: float) -> dict[str, Any]:
    grid, figures = answer.grid, asdict(answer.figures)
    bounds = transform_bounds(grid.crs.to_wkt(), "EPSG:4326", *grid.bounds, densify_pts=21)
    return {
        "rung": answer.rung,
        **asdict(answer.label),
        "distance_de": answer.distance_de,
        "distance_en": answer.distance_en,
        "figures": {k: v for k, v in figures.items() if k.endswith("_m3")},
        "title": answer.title,
        "synthetic": answer.synthetic,
        "notes": list(answer.notes),
        "bounds_wgs84": [round(float(v), 7) for v in bounds],
        "cell_m": grid.cell,
        "rows": grid.rows,
        "cols": grid.cols,
        "seconds": round(seconds, 3),
        "layers": list(answer.vectors),
    }


def where_from(asked: Asked, place: tuple[float, float], lonlat: bool, drainages: str) -> dict[str, Any]:
    """The contributing area of a place, with sentences; `lonlat`: given in degrees, else in the CRS of the terrain."""
    pouring = _pouring(asked)
    grid = pouring.grid
    x, y = _in_terrain(place, grid) if lonlat else place
    hierarchy = drainage(pouring.land, drainages)
    found = origin(hierarchy, grid, x, y, pouring.rain_mm, weight=pouring.weight)
    reaches_end = hierarchy.reaches_end(found.mask)
    lon, lat = Transformer.from_crs(grid.crs, 4326, always_xy=True).transform(found.x, found.y)
    outline = geojson.collection([_plain(found.polygon, grid.cell)], [{}], grid.crs)["features"]
    text_de, text_en = origin_sentences(
        found.area_ha, found.volume_m3, pouring.rain_mm, in_sink=found.in_sink, ends=reaches_end
    )
    return {
        "polygon": outline[0]["geometry"], "lon": round(lon, 7), "lat": round(lat, 7), "area_ha": found.area_ha,
        "volume_m3": found.volume_m3, "rain_mm": pouring.rain_mm, "in_sink": found.in_sink, "reaches_end": reaches_end,
        "text_de": text_de, "text_en": text_en,
    }  # fmt: skip


def origin_sentences(area_ha: float, volume_m3: float, rain_mm: float, *, in_sink: bool, ends: bool) -> tuple[str, str]:
    """What to say of an origin, German and English; two digits, as more would claim what no terrain model holds."""
    size = (
        ("unter 0,1", "less than 0.1")
        if area_ha < 0.1
        else tuple(f"{w} {n}" for w, n in zip(ABOUT_WORDS, _two(area_ha), strict=True))
    )
    cubic, litres, mm = _two(volume_m3), _litres(volume_m3 * 1000), f"{rain_mm:.3g}"
    text_de = (
        f"Hierher fließt das Wasser von {size[0]} ha. Bei {mm.replace('.', ',')} l/m² fallen dort rund {cubic[0]} m³ "
        f"(rund {litres[0]} Liter), bevor etwas versickert oder in den Kanal läuft."
    )
    text_en = (
        f"Water of {size[1]} ha runs here. With {mm} mm, about {cubic[1]} m³ (about {litres[1]} litres) fall "
        "there, before any of it seeps in or runs into the sewer."
    )
    if in_sink:
        text_de += " Der Ort liegt in einer Senke, in der sich das Wasser sammelt."
        text_en += " The place lies in a sink in which the water gathers."
    if ends:
        text_de += " Das Gebiet reicht bis an das Ende des Geländemodells; was von jenseits kommt, ist nicht bekannt."
        text_en += " The area reaches the end of the terrain; what comes from beyond is not known."
    return text_de, text_en


def _two(value: float) -> tuple[str, str]:
    """Two significant digits, as German and English write them."""
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 0
    rounded, shown = round(value, digits), max(digits, 0)
    return de(rounded, shown), en(rounded, shown)


def _litres(value: float) -> tuple[str, str]:
    if value < 1e6:
        return _two(value)
    millions = _two(value / 1e6)
    return f"{millions[0]} Mio.", f"{millions[1]} million"


def _in_terrain(lonlat: tuple[float, float], grid: Grid) -> tuple[float, float]:
    x, y = Transformer.from_crs(4326, grid.crs, always_xy=True).transform(*lonlat)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise TerrainError("the place lies off the terrain", value=f"lon {lonlat[0]:g}, lat {lonlat[1]:g}")
    return float(x), float(y)
