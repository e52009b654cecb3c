"""What a run found at a point, and how it is said: rounded, capped, with "ca.".

Rounding as in the public maps of German cities: depth to 10 cm, nothing above
"> 150 cm", speed to 0.1 m/s, nothing above "> 6 m/s". More digits would claim
more than a terrain model of 15 to 20 cm accuracy can hold.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
import shapely
from pyproj import Transformer
from rasterio.windows import Window

from flood_sim.results.dataset import Result, open_result
from flood_sim.scenario import Scenario
from flood_sim.variables import MASK_SPEED_BELOW_DEPTH_M, VARIABLES
from flood_sim_api.schemas import Duration, Length, Speed, ValueOut

NARROW = "\u202f"
LEAST_DEPTH_CM, MOST_DEPTH_CM = 10, 150
LEAST_SPEED, MOST_SPEED = 0.2, 6.0
FOOTPRINTS = "footprints.geojson"


def at(folder: Path, lon: float, lat: float) -> ValueOut:
    """Depth, speed and times at a point given in degrees (EPSG:4326)."""
    result, footprints = _open(folder, (folder / "manifest.json").stat().st_mtime_ns)
    to_grid = Transformer.from_crs(4326, result.grid.crs, always_xy=True)
    x, y = to_grid.transform(lon, lat)
    cell = result.grid.index(x, y) if math.isfinite(x) and math.isfinite(y) else None
    if cell is None:
        return ValueOut(inside=False, blocked=False)
    centre = to_grid.transform(
        result.grid.west + (cell[1] + 0.5) * result.grid.cell,
        result.grid.north - (cell[0] + 0.5) * result.grid.cell,
        direction="INVERSE",
    )
    depth = _cell(result, "max_depth", cell)
    if _covered(footprints, lon, lat) or (depth is None and _covered(footprints, *centre)):
        return ValueOut(inside=True, blocked=True)
    if depth is None:
        return ValueOut(inside=False, blocked=False)
    speed = _cell(result, "max_speed", cell) if depth >= MASK_SPEED_BELOW_DEPTH_M else None
    wet = depth * 100 >= LEAST_DEPTH_CM
    end_s, last_depth = _end(result, cell)
    time_of_max = _time_of_max(result, cell) if wet else None
    since = _since(result.manifest["scenario"])
    return ValueOut(
        inside=True,
        blocked=False,
        max_depth=depth_text(depth),
        max_speed=speed_text(speed),
        time_of_max_depth=_rising(
            moment_text(time_of_max, since, DRY), time_of_max is not None and time_of_max >= end_s - 1
        ),
        arrival_time=moment_text(_cell(result, "arrival_time", cell), since, _never(result)),
        duration=span_text(_cell(result, "duration", cell), stands=last_depth >= _threshold(result)),
    )


def depth_text(depth_m: float) -> Length:
    """Depth in cm to the next 10, "unter 10 cm" below, "> 150 cm" above."""
    value, unit = round(depth_m, 2), f"{NARROW}cm"
    if depth_m * 100 < LEAST_DEPTH_CM:
        return Length(
            value_m=value, text_de=f"unter {LEAST_DEPTH_CM}{unit}", text_en=f"less than {LEAST_DEPTH_CM}{unit}"
        )
    if depth_m * 100 > MOST_DEPTH_CM:
        return Length(value_m=value, text_de=f"> {MOST_DEPTH_CM}{unit}", text_en=f"> {MOST_DEPTH_CM}{unit}")
    text = f"ca. {_half_up(depth_m * 10) * 10:d}{unit}"
    return Length(value_m=value, text_de=text, text_en=text)


def speed_text(speed: float | None) -> Speed:
    """Speed in m/s with one decimal; none where the water stays below 5 cm."""
    unit = f"{NARROW}m/s"
    if speed is None:
        return Speed(
            value_m_s=None,
            text_de=f"keine Angabe (Wasser unter 5{NARROW}cm)",
            text_en=f"not stated (water below 5{NARROW}cm)",
        )
    if speed < LEAST_SPEED:
        return Speed(value_m_s=round(speed, 2), text_de=f"unter 0,2{unit}", text_en=f"less than 0.2{unit}")
    if speed > MOST_SPEED:
        return Speed(value_m_s=round(speed, 2), text_de=f"> {MOST_SPEED:g}{unit}", text_en=f"> {MOST_SPEED:g}{unit}")
    text = f"ca. {_half_up(speed * 10) / 10:.1f}{unit}"
    return Speed(value_m_s=round(speed, 2), text_de=text.replace(".", ",").replace("ca,", "ca."), text_en=text)


DRY = ("–", "–")
AFTER_RAIN = ("nach Regenbeginn", "after the rain began")
AFTER_START = ("nach Beginn der Rechnung", "after the start of the run")


def moment_text(seconds: float | None, since: tuple[str, str], absent: tuple[str, str]) -> Duration:
    """A moment in whole minutes after the beginning."""
    if seconds is None:
        return Duration(value_s=None, text_de=absent[0], text_en=absent[1])
    minutes = f"ca. {_half_up(seconds / 60)}{NARROW}min"
    return Duration(value_s=round(seconds), text_de=f"{minutes} {since[0]}", text_en=f"{minutes} {since[1]}")


def _rising(moment: Duration, rising: bool) -> Duration:
    """Says so where the water was highest when the run ended: the true maximum may come later."""
    if not rising:
        return moment
    return moment.model_copy(
        update={
            "text_de": f"{moment.text_de} (Ende der Rechnung, Höchststand nicht erreicht)",
            "text_en": f"{moment.text_en} (end of the run, peak not reached)",
        }
    )


def span_text(seconds: float | None, *, stands: bool = False) -> Duration:
    """A span in whole minutes; "–" where the depth never reached the threshold.

    `stands`: the water was still there when the run ended, so the span is a least one.
    """
    if not seconds:
        return Duration(value_s=0 if seconds is not None else None, text_de=DRY[0], text_en=DRY[1])
    if seconds < 60:
        text = f"1{NARROW}min"
        return Duration(value_s=round(seconds), text_de=f"unter {text}", text_en=f"less than {text}")
    text = f"{_half_up(seconds / 60)}{NARROW}min"
    if stands:
        de = f"mindestens {text} (Wasser steht noch am Ende der Rechnung)"
        return Duration(value_s=round(seconds), text_de=de, text_en=f"at least {text} (water still stands at the end)")
    return Duration(value_s=round(seconds), text_de=f"ca. {text}", text_en=f"ca. {text}")


def _threshold(result: Result) -> float:
    """Depth that counts for arrival and duration, m."""
    return float(result.manifest.get("threshold_m") or 0.1)


def _end(result: Result, cell: tuple[int, int]) -> tuple[float, float]:
    """End of the run in s and the depth there in m."""
    return float(result.manifest["output_times_s"][-1]), float(result.dataset["depth"][(-1, *cell)].values)


def _never(result: Result) -> tuple[str, str]:
    threshold = f"{_threshold(result) * 100:g}{NARROW}cm"
    return f"{threshold} werden nicht erreicht".replace(".", ","), f"{threshold} are not reached"


def _half_up(value: float) -> int:
    """To the next whole number, halves up: people expect 25 cm to be 30, not 20."""
    return math.floor(value + 0.5 + 1e-9)


def _since(scenario: dict) -> tuple[str, str]:
    """Rain that begins with the run counts from the rain, all else from the run."""
    storm = Scenario.model_validate(scenario).storm
    begins = storm.kind in ("block", "euler_ii") or (storm.kind == "table" and storm.edges_min[0] == 0)
    return AFTER_RAIN if begins else AFTER_START


@lru_cache(maxsize=16)
def _open(folder: Path, _changed: int) -> tuple[Result, shapely.STRtree]:
    shapes = []
    if (folder / FOOTPRINTS).exists():
        collection = shapely.from_geojson((folder / FOOTPRINTS).read_text(encoding="utf-8"))
        shapes = list(getattr(collection, "geoms", [collection]))
    return open_result(folder), shapely.STRtree(shapes)


def _covered(footprints: shapely.STRtree, lon: float, lat: float) -> bool:
    return len(footprints.query(shapely.Point(lon, lat), predicate="intersects")) > 0


def _cell(result: Result, key: str, cell: tuple[int, int]) -> float | None:
    """One value of a map; None where it has none."""
    row, col = cell
    with rasterio.open(result.path / str(VARIABLES[key].file), driver="GTiff") as source:
        value = source.read(1, window=Window(col, row, 1, 1), masked=True)[0, 0]
    return None if value is np.ma.masked or not math.isfinite(value) else float(value)


def _time_of_max(result: Result, cell: tuple[int, int]) -> float | None:
    value = float(result.dataset["time_of_max_depth"][cell].values)
    return value if math.isfinite(value) else None
