"""Storms that were measured, as a scenario asks for them: readings of gauges, or a rain field (radar), over a model."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

import numpy as np

from flood_sim.errors import ScenarioError
from flood_sim.rain.field import RainField
from flood_sim.rain.field_file import read as read_field
from flood_sim.rain.gauge_file import read_gauges
from flood_sim.rain.gauges import Series, interpolate, series
from flood_sim.rain.storms import NARROW, Hyetograph, hyetograph
from flood_sim.scenario import FieldRain, GaugeRain, Storm
from flood_sim.terrain.crs import describe, same_crs
from flood_sim.terrain.grid import Grid

FARTHEST_M = 200_000.0
"""From the model to the nearest gauge (own proposal); further away it is a slip of the coordinates."""
KINDS = {"gauges": ("Messstellen", "rain gauges"), "field": ("Regenfeld", "rain field")}


@dataclass(frozen=True)
class Observed:
    """hyetograph: the mean over the model. field: the rain in its CRS, None where it is the same everywhere.

    notes: what was assumed, in plain words.
    """

    hyetograph: Hyetograph
    field: RainField | None
    notes: tuple[str, ...]


def observed(storm: GaugeRain | FieldRain, model: Grid, active: np.ndarray | None = None) -> Observed:
    """The storm over a model, shifted and cut to its time; `active` (rows, cols): the cells that count for the mean.

    ScenarioError where a file cannot be read, has a gap, or does not cover the model or the time.
    """
    begin = 60.0 * storm.begin_min
    end = begin + 60.0 * storm.duration_min
    if isinstance(storm, FieldRain):
        whole = read_field(storm.file).between(begin, end)
        if storm.shift_east_m or storm.shift_north_m:
            whole = _moved(whole, model, storm.shift_east_m, storm.shift_north_m)
        field = whole.over(model)
    else:
        found = series(read_gauges(storm.file, model.crs), storm.file).between(begin, end)
        found = found.allowing(storm.allowed_gap_min)
        _refuse_far(storm, found, model)
        if len(found.stations) == 1:
            depths = np.nan_to_num(found.depth_mm[0])
            told = _hyetograph(storm, found.edges_s, depths, None, found.start, found.stations[0].id)
            unmoved = ("a single gauge holds for the whole model: the shift changes nothing",)
            return Observed(told, None, found.notes + (unmoved if storm.shift_east_m or storm.shift_north_m else ()))
        field = interpolate(
            found, model, storm.interpolation, shift_east_m=storm.shift_east_m, shift_north_m=storm.shift_north_m
        )
    highest = float(field.total_mm().max())
    told = _hyetograph(storm, field.edges_s, field.mean_mm(model, active), highest, field.start, field.label)
    named = "; ".join(text for text in (field.source, field.licence) if text)
    return Observed(told, field, (f"rain: {named}", *field.notes) if named else field.notes)


def labels(storm: Storm) -> tuple[str, str]:
    """What any storm is called, German and English, without a look into its file."""
    if isinstance(storm, GaugeRain | FieldRain):
        kind_de, kind_en = KINDS[storm.kind]
        return storm.label or f"Gemessener Regen ({kind_de})", storm.label or f"Observed rain ({kind_en})"
    found = hyetograph(storm)
    return found.label, found.label_en


def _refuse_far(storm: GaugeRain, found: Series, model: Grid) -> None:
    """ScenarioError where no station is anywhere near: its coordinates then are in another CRS, or degrees."""
    west, south, east, north = model.bounds
    x, y = 0.5 * (west + east) - storm.shift_east_m, 0.5 * (south + north) - storm.shift_north_m
    nearest = min(found.stations, key=lambda s: math.hypot(s.x - x, s.y - y))
    away = math.hypot(nearest.x - x, nearest.y - y)
    if away > FARTHEST_M:
        raise ScenarioError(
            "no gauge stands anywhere near the model", where=storm.file,
            value=f"the nearest, {nearest.id}, at x {nearest.x:.12g}, y {nearest.y:.12g}, is {away / 1000:,.0f} km away",
            allowed=f"up to {FARTHEST_M / 1000:g} km",
            hint=f"x and y count in {describe(model.crs)}; degrees belong into the columns lon and lat; shift_east_m and "
            "shift_north_m bring a storm from elsewhere",
        )  # fmt: skip


def _moved(field: RainField, model: Grid, east_m: float, north_m: float) -> RainField:
    """Shifted in the CRS of the model, where metres east and north are what the user means."""
    if same_crs(field.grid.crs, model.crs):
        return field.shifted(east_m, north_m)
    back = replace(model, west=model.west - east_m, north=model.north - north_m)
    return field.over(back).shifted(east_m, north_m)


def _hyetograph(
    storm: GaugeRain | FieldRain, edges_s: np.ndarray | tuple[float, ...], mean_mm: np.ndarray, highest: float | None,
    start: datetime | None, name: str,
) -> Hyetograph:  # fmt: skip
    edges = tuple(float(s) for s in edges_s)
    rates = tuple(float(d) / 1000.0 / (b - a) for d, (a, b) in zip(mean_mm, pairwise(edges), strict=True))
    total, minutes = f"{float(mean_mm.sum()):.4g}", f"{edges[-1] / 60:g}"
    label, label_en = (text + (f": {name}" if name and not storm.label else "") for text in labels(storm))
    if start is not None:
        label, label_en = f"{label}, ab {start:%d.%m.%Y %H:%M} UTC", f"{label_en}, from {start:%Y-%m-%d %H:%M} UTC"
    over, over_en = "", ""
    if highest is not None:
        over = f" im Gebietsmittel, höchstens {_german(f'{highest:.4g}')}{NARROW}l/m²"
        over_en = f" as mean over the area, at most {highest:.4g} mm"
    if storm.shift_east_m or storm.shift_north_m:
        label += f", verschoben um {_german(_km(storm, 'Osten', 'Norden'))}"
        label_en += f", shifted by {_km(storm, 'east', 'north')}"
    de = f"{_german(total)}{NARROW}l/m² in {_german(minutes)}{NARROW}min{over}, {label}"
    return Hyetograph(edges, rates, de, f"{total} mm in {minutes} min{over_en}, {label_en}")


def _km(storm: GaugeRain | FieldRain, east: str, north: str) -> str:
    return f"{storm.shift_east_m / 1000:+g} km ({east}), {storm.shift_north_m / 1000:+g} km ({north})"


def _german(number: str) -> str:
    return number.replace(".", ",")
